using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>Winner determination against every other assignment, on few values near the borders: ties are
/// common.</summary>
public sealed class WinnerDeterminationTests
{
    private const int Nodes = 5;
    private const int Tick = 1_000_000;

    private static readonly Gen<ImmutableArray<Request>> _requests =
        Gen.Select(Gen.Long[1, 4], Gen.Long[0, 3], Gen.Int[1, 3]).Array[0, 3].Select(drawn =>
            drawn.Select((request, i) => Ask(i + 1, request.Item1, request.Item2, request.Item3))
                .ToImmutableArray());

    private static readonly Gen<BidStep[]> _steps =
        Gen.Select(Gen.Long[1, 3], Gen.Long[0, 4], Gen.Int[1, 4]).Array[1, 3].Select(drawn =>
            drawn.DistinctBy(step => step.Item1).OrderBy(step => step.Item1)
                .Select(step => Step(step.Item1, step.Item2, step.Item3)).ToArray());

    private static readonly Gen<Bid[]> _bids = Gen.Select(Gen.Int[0, 5], _steps).Array[4].Select(drawn =>
        drawn.Select((bid, i) => bid.Item1 < 4
            ? new Bid(new BountyId((ulong)i + 1), NoBidReason.None, [.. bid.Item2])
            : new Bid(new BountyId((ulong)i + 1), NoBidReason.NoProfit, [bid.Item2[^1]])).ToArray());

    private static readonly Gen<Batch> _batches = Gen.Select(
        Gen.UInt[1, 40],
        _requests,
        _bids.Array[0, Nodes],
        (cycle, requests, sheets) => new Batch(cycle, requests, Sheets(cycle, sheets)));

    // Everybody brings one gram at the same time, and everything is as urgent.
    private static readonly Gen<Batch> _unitBatches = Gen.Select(
        Gen.UInt[1, 40],
        Gen.Select(Gen.Long[1, 3], Gen.Long[1, 9]).Array[1, 3],
        Gen.Long[0, 9].Array[3].Array[1, Nodes],
        (cycle, requests, costs) => new Batch(
            cycle,
            [.. requests.Select((request, i) => Ask(i + 1, request.Item1, request.Item2, 4))],
            Sheets(cycle, [.. costs.Select(row => row
                .Select((cost, i) => new Bid(
                    new BountyId((ulong)i + 1), NoBidReason.None, [Step(1, cost, 2)])).ToArray())])));

    // The first wins parts of two requests, and is held to the greater part; of those who were outbid at the
    // other, the one that gains most has what that leaves open.
    [Fact]
    public void Who_wins_parts_of_two_is_held_to_the_greater_and_the_next_best_has_the_other()
    {
        Assert.Equal([(1, 3, 1), (2, 1, 3)], Divided(cycle: 1, second: 9, third: 8));
    }

    [Fact]
    public void Who_has_what_is_left_open_is_drawn_among_equals()
    {
        int second = 0;
        for (uint cycle = 1; cycle <= 100; cycle++)
        {
            (ulong Bounty, uint Node, long)[] won = Divided(cycle, second: 8, third: 8);
            second += won.Count(winner => winner is { Bounty: 1, Node: 2 });
        }

        // Four standard deviations of a hundred even draws.
        Assert.InRange(second, 30, 70);
    }

    // The first node wins a gram of the first request and three of the second; two more want the first.
    private static (ulong Bounty, uint Node, long Quantity)[] Divided(uint cycle, long second, long third)
    {
        Bid[][] sheets =
        [
            [Offer(1, Step(1, 1, 2)), Offer(2, Step(3, 1, 2)), Offer(3, Step(4, 9, 2))],
            [Offer(1, Step(1, second, 2))],
            [Offer(1, Step(1, third, 2))],
        ];
        var batch = new Batch(
            cycle, [Ask(1, 1, 9, 4), Ask(2, 3, 9, 4), Ask(3, 4, 9, 4)], Sheets(cycle, sheets));
        return
        [
            .. batch.Clear().Winners.Select(winner =>
                (winner.Bounty.Value, winner.Node.Value, winner.Quantity.Value)),
        ];
    }

    private static Bid Offer(int bounty, BidStep step) =>
        new(new BountyId((ulong)bounty), NoBidReason.None, [step]);

    // Three offer the same, two of them side by side and one after many that want something else. Over the
    // cycles each wins a third.
    [Fact]
    public void Nobody_wins_a_tie_for_its_number_or_for_whom_it_comes_after()
    {
        int[] equals = [1, 2, 50];
        var wins = new SortedDictionary<uint, int>();
        for (uint cycle = 1; cycle <= 300; cycle++)
        {
            Bid[][] sheets = [.. Enumerable.Range(1, 50).Select(node => new[]
            {
                new Bid(new BountyId(equals.Contains(node) ? 1UL : 2UL), NoBidReason.None, [Step(1, 2, 2)]),
            })];
            var batch = new Batch(cycle, [Ask(1, 1, 5, 4), Ask(2, 90, 5, 4)], Sheets(cycle, sheets));
            uint winner = batch.Clear().Winners.Single(w => w.Bounty == new BountyId(1)).Node.Value;
            wins[winner] = wins.GetValueOrDefault(winner) + 1;
        }

        // Four standard deviations.
        Assert.Equal(3, wins.Count);
        Assert.All(wins, node => Assert.InRange(node.Value, 67, 133));
    }

    [Fact]
    public void Of_equal_loads_no_assignment_is_better_by_more_than_the_increment() =>
        _unitBatches.Sample(
            batch =>
            {
                // Half of the time left is needed by everybody: a quarter of two mean reserves.
                long mean = (long)batch.Requests.Average(request => (decimal)request.Reserve.Micro);
                long bonus = mean / 2;
                ImmutableArray<Winner> winners = batch.Clear().Winners;
                long surplus = winners.Sum(winner =>
                    (batch.Of(winner).Reserve.Micro + bonus - batch.Asked(winner).PricePerLot.Micro)
                    * winner.Quantity.Value);
                long best = BestAssignment.Surplus(batch.Requests, [.. batch.Sheets.Values], bonus);
                decimal slack = 0.005m * (mean + bonus);
                Assert.InRange(surplus, (long)(best - (slack * Nodes)) - (2 * Nodes), best);
            },
            iter: 10_000);

    [Fact]
    public void Of_unequal_loads_next_to_nothing_is_lost()
    {
        long surplus = 0;
        long bound = 0;
        _batches.Sample(
            batch =>
            {
                ImmutableArray<Request> even = [.. batch.Requests.Select(r => r with { Deadline = At(3) })];
                Batch alike = batch with { Requests = even };
                surplus += alike.Clear().Winners.Sum(winner =>
                    (alike.Of(winner).Reserve.Micro - alike.Asked(winner).PricePerLot.Micro)
                    * winner.Quantity.Value);
                bound += BestAssignment.Surplus(alike.Requests, [.. alike.Sheets.Values]);
            },
            iter: 2_000,
            threads: 1);

        // The bound takes parts of a load for the unit price of all of it; the loads here are of one to three
        // grams, so that every other one is cut.
        Assert.InRange(surplus, bound * 0.85, bound);
    }

    [Fact]
    public void Every_winner_is_paid_at_least_what_it_asked_and_at_most_the_reserve() =>
        _batches.Sample(batch => Assert.All(batch.Clear().Winners, winner =>
        {
            BidStep asked = batch.Asked(winner);
            Assert.InRange(
                winner.PricePerLot.Micro, asked.PricePerLot.Micro, batch.Of(winner).Reserve.Micro);
            Assert.Equal(asked.Arrives, winner.Arrives);
            Assert.True(winner.Arrives <= batch.Of(winner).Deadline);
        }));

    [Fact]
    public void A_node_wins_at_most_once_and_no_more_is_awarded_than_is_open() =>
        _batches.Sample(batch =>
        {
            ClearingResult result = batch.Clear();
            Assert.Distinct(result.Winners.Select(winner => winner.Node));
            Assert.All(batch.Requests, request => Assert.True(
                result.Winners.Where(w => w.Bounty == request.Bounty).Sum(w => w.Quantity.Value)
                <= request.Open.Value));
        });

    [Fact]
    public void All_winners_of_a_bounty_are_paid_the_same_and_the_reserve_while_idle_nodes_lack() =>
        _batches.Sample(batch =>
        {
            ImmutableArray<Winner> all = batch.Clear().Winners;
            HashSet<NodeId> busy = [.. all.Select(winner => winner.Node)];
            Assert.All(all.GroupBy(winner => winner.Bounty), winners =>
            {
                Credits price = Assert.Single(winners.Select(winner => winner.PricePerLot).Distinct());
                Request request = batch.Requests.Single(r => r.Bounty == winners.Key);
                Assert.True(winners.Sum(winner => winner.Quantity.Value) == request.Open.Value
                    || price == request.Reserve
                    || batch.Sheets.Any(sheet => !busy.Contains(sheet.Key)
                        && sheet.Value.Bids.Any(bid => bid.Bounty == winners.Key && bid.IsOffer)));
            });
        });

    [Fact]
    public void A_crumb_that_is_too_small_for_those_who_wait_does_not_make_it_scarce()
    {
        Bid[][] bids = [.. Enumerable.Range(1, 3).Select(ask => new[]
        {
            new Bid(new BountyId(1), NoBidReason.None, [Step(2, ask, 2)]),
        })];
        ImmutableArray<Winner> winners = new Batch(1, [Ask(1, 5, 9, 4)], Sheets(1, bids)).Clear().Winners;
        Assert.Equal(4, winners.Sum(winner => winner.Quantity.Value));

        // The third would have come for 3 a gram; without it two would have been paid the reserve of 9.
        Assert.All(winners, winner => Assert.Equal(3 * Tick, winner.PricePerLot.Micro));
        Assert.All(
            new Batch(1, [Ask(1, 5, 9, 4)], Sheets(1, bids[..2])).Clear().Winners,
            winner => Assert.Equal(9 * Tick, winner.PricePerLot.Micro));
    }

    [Fact]
    public void Of_equal_loads_nobody_without_work_would_have_come_for_less() =>
        _unitBatches.Sample(batch =>
        {
            ClearingResult result = batch.Clear();
            HashSet<NodeId> winners = [.. result.Winners.Select(winner => winner.Node)];
            foreach (Winner winner in result.Winners)
            {
                Assert.All(
                    batch.Sheets.Where(sheet => !winners.Contains(sheet.Key)),
                    sheet => Assert.All(
                        sheet.Value.Bids.Where(bid => bid.Bounty == winner.Bounty),
                        bid => Assert.True(bid.Steps[0].PricePerLot >= winner.PricePerLot
                            || winner.PricePerLot == batch.Asked(winner).PricePerLot)));
            }
        });

    [Fact]
    public void What_a_lone_bounty_pays_a_winner_does_not_depend_on_what_it_asked() =>
        _unitBatches.Where(batch => batch.Requests.Length == 1).Sample(batch =>
        {
            foreach (Winner winner in batch.Clear().Winners)
            {
                var lower = new SortedDictionary<NodeId, BidSheet>(batch.Sheets)
                {
                    [winner.Node] = new BidSheet(
                        new CycleNumber(batch.Cycle), NoBidReason.None,
                        [new Bid(winner.Bounty, NoBidReason.None, [Step(1, 0, 2)])]),
                };
                Winner again = Assert.Single(
                    (batch with { Sheets = lower }).Clear().Winners, w => w.Node == winner.Node);
                Assert.Equal(winner.PricePerLot, again.PricePerLot);
            }
        });

    [Fact]
    public void One_who_is_wanted_twice_goes_where_it_is_urgent()
    {
        Bid[] bids = [.. Enumerable.Range(1, 2).Select(bounty => new Bid(
            new BountyId((ulong)bounty), NoBidReason.None, [Step(1, 2, 3)]))];
        Winner winner = Assert.Single(
            new Batch(1, [Ask(1, 1, 5, 30), Ask(2, 1, 4, 4)], Sheets(1, [bids])).Clear().Winners);
        Assert.Equal(2UL, winner.Bounty.Value);
    }

    [Fact]
    public void Nobody_is_sent_for_a_crumb_below_its_first_step()
    {
        Bid[] bids = [new Bid(new BountyId(1), NoBidReason.None, [Step(2, 3, 2), Step(4, 2, 2)])];
        ClearingResult result = new Batch(1, [Ask(1, 5, 9, 4)], Sheets(1, [bids, bids])).Clear();
        Assert.Equal(4, Assert.Single(result.Winners).Quantity.Value);
        Assert.Equal(2 * Tick, result.LowestAsks[0].Micro);
    }

    [Fact]
    public void A_part_of_a_load_is_paid_what_it_costs()
    {
        Bid[] bids = [new Bid(new BountyId(1), NoBidReason.None, [Step(1, 5, 2), Step(4, 2, 3)])];
        Winner[] winners =
            [.. new Batch(1, [Ask(1, 6, 5, 4)], Sheets(1, [bids, bids])).Clear().Winners];
        Assert.Equal([4, 2], winners.Select(winner => winner.Quantity.Value).OrderDescending());
        Assert.All(winners, winner => Assert.Equal(5 * Tick, winner.PricePerLot.Micro));
        Assert.Equal(
            4,
            Assert.Single(new Batch(1, [Ask(1, 6, 4, 4)], Sheets(1, [bids, bids])).Clear().Winners)
                .Quantity.Value);
    }

    [Fact]
    public void Ties_are_broken_by_the_cycle_so_that_no_node_is_favoured_for_its_name()
    {
        var first = new int[Nodes + 1];
        Bid bid = new(new BountyId(1), NoBidReason.None, [Step(1, 3, 2)]);
        for (uint cycle = 1; cycle <= 1_000; cycle++)
        {
            Bid[][] equal = [.. Enumerable.Repeat<Bid[]>([bid], Nodes)];
            Winner winner = Assert.Single(
                new Batch(cycle, [Ask(1, 1, 9, 5)], Sheets(cycle, equal)).Clear().Winners);
            first[winner.Node.Value]++;
        }

        // 200 each; the standard deviation is 13.
        Assert.All(first[1..], wins => Assert.InRange(wins, 140, 260));
    }

    private static Request Ask(int bounty, long open, long reserve, int deadline) => new(
        new BountyId((ulong)bounty),
        Commodity.Nickel,
        new DepotId(1),
        new Grams(open),
        new Grams(1),
        new Credits(reserve * Tick),
        At(deadline));

    private static BidStep Step(long quantity, long price, int arrives) =>
        new(new Grams(quantity), new Credits(price * Tick), At(arrives), TimeSpan.FromSeconds(1));

    private static Instant At(int second) => Instant.Epoch + TimeSpan.FromSeconds(second);

    private static SortedDictionary<NodeId, BidSheet> Sheets(uint cycle, Bid[][] bids)
    {
        var sheets = new SortedDictionary<NodeId, BidSheet>();
        for (int i = 0; i < bids.Length; i++)
        {
            sheets[new NodeId((uint)i + 1)] = new BidSheet(new CycleNumber(cycle), NoBidReason.None,
                [.. bids[i]]);
        }

        return sheets;
    }

    private sealed record Batch(
        uint Cycle, ImmutableArray<Request> Requests, SortedDictionary<NodeId, BidSheet> Sheets)
    {
        public ClearingResult Clear() =>
            new WinnerDetermination().Run(new CycleNumber(Cycle), Instant.Epoch, Requests, Sheets);

        public Request Of(Winner winner) => Requests.Single(r => r.Bounty == winner.Bounty);

        public BidStep Asked(Winner winner) =>
            Sheets[winner.Node].Bids.Single(b => b.Bounty == winner.Bounty).For(winner.Quantity)
            ?? throw new InvalidOperationException("it does not come for that");
    }
}
