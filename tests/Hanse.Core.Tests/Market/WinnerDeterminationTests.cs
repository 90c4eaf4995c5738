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

/// <summary>Winner determination against a dumb twin, on few values near the borders: ties are
/// common.</summary>
public sealed class WinnerDeterminationTests
{
    private const int Nodes = 5;

    private static readonly Gen<ImmutableArray<Request>> _requests =
        Gen.Select(Gen.Long[1, 4], Gen.Long[0, 3], Gen.Int[1, 3]).Array[0, 3].Select(drawn =>
            drawn.Select((request, i) => new Request(
                new BountyId((ulong)i + 1),
                Commodity.Nickel,
                new DepotId(1),
                new Grams(request.Item1),
                new Grams(10),
                new Credits(request.Item2),
                Second(request.Item3))).ToImmutableArray());

    private static readonly Gen<Bid[]> _bids =
        Gen.Select(Gen.Int[0, 5], Gen.Long[1, 3], Gen.Long[0, 4], Gen.Int[1, 4]).Array[4].Select(drawn =>
            drawn.Select((bid, i) => bid.Item1 < 3
                ? new Bid(
                    new BountyId((ulong)i + 1),
                    NoBidReason.None,
                    new Grams(bid.Item2),
                    new Credits(bid.Item3),
                    Second(bid.Item4),
                    TimeSpan.FromSeconds(bid.Item1))
                : Bid.None(new BountyId((ulong)i + 1), NoBidReason.NoProfit)).ToArray());

    private static readonly Gen<Batch> _batches = Gen.Select(
        Gen.UInt[1, 40],
        _requests,
        _bids.Array[0, Nodes],
        (cycle, requests, sheets) => new Batch(new CycleNumber(cycle), requests, Sheets(cycle, sheets)));

    [Fact]
    public void It_is_what_the_dumb_twin_says() =>
        _batches.Sample(
            batch =>
            {
                ClearingResult expected = DumbClearing.Run(batch.Cycle, batch.Requests, batch.Sheets);
                ClearingResult actual = batch.Clear();
                Assert.Equal(expected.Winners, actual.Winners);
                Assert.Equal(expected.LowestAsks, actual.LowestAsks);
            },
            iter: 10_000);

    [Fact]
    public void Every_winner_is_paid_at_least_its_bid_and_at_most_the_reserve() =>
        _batches.Sample(batch => Assert.All(batch.Clear().Winners, winner =>
        {
            Request request = batch.Requests.Single(r => r.Bounty == winner.Bounty);
            Bid bid = batch.Sheets[winner.Node].Bids.Single(b => b.Bounty == winner.Bounty);
            Assert.InRange(winner.PricePerLot.Micro, bid.PricePerLot.Micro, request.Reserve.Micro);
            Assert.InRange(winner.Quantity.Value, 1, bid.Quantity.Value);
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
    public void All_winners_of_a_bounty_are_paid_the_same() =>
        _batches.Sample(batch => Assert.All(
            batch.Clear().Winners.GroupBy(winner => winner.Bounty),
            winners => Assert.Single(winners.Select(winner => winner.PricePerLot).Distinct())));

    [Fact]
    public void Who_was_turned_away_asked_no_less_than_the_price() =>
        _batches.Sample(batch =>
        {
            ClearingResult result = batch.Clear();
            HashSet<NodeId> winners = [.. result.Winners.Select(winner => winner.Node)];
            foreach (Winner winner in result.Winners)
            {
                Assert.All(batch.Sheets.Where(sheet => !winners.Contains(sheet.Key)), sheet => Assert.All(
                    sheet.Value.Bids.Where(bid => bid.Bounty == winner.Bounty
                        && bid.Reason == NoBidReason.None),
                    bid => Assert.True(
                        bid.PricePerLot >= winner.PricePerLot
                        || bid.Arrives > batch.Requests.Single(r => r.Bounty == bid.Bounty).Deadline)));
            }
        });

    [Fact]
    public void A_lower_bid_of_a_winner_changes_neither_its_price_nor_its_winning() =>
        _batches.Where(batch => batch.Requests.Length == 1).Sample(batch =>
        {
            ClearingResult result = batch.Clear();
            foreach (Winner winner in result.Winners)
            {
                var lower = new SortedDictionary<NodeId, BidSheet>(batch.Sheets);
                BidSheet sheet = lower[winner.Node];
                lower[winner.Node] = sheet with
                {
                    Bids = [.. sheet.Bids.Select(bid =>
                        bid.Bounty == winner.Bounty ? bid with { PricePerLot = Credits.Zero } : bid)],
                };
                ClearingResult after = WinnerDetermination.Run(batch.Cycle, batch.Requests, lower);
                Winner again = Assert.Single(after.Winners, w => w.Node == winner.Node);

                // The last winner's quantity may have been cut; ranked earlier, it gets more, and the price
                // may fall on somebody else. What it offered in full it keeps at the same price.
                Assert.True(again.Quantity >= winner.Quantity);
                if (winner.Quantity == sheet.Bids.Single(bid => bid.Bounty == winner.Bounty).Quantity)
                {
                    Assert.Equal(winner.PricePerLot, again.PricePerLot);
                }
            }
        });

    [Fact]
    public void Ties_are_broken_by_the_cycle_so_that_no_node_is_favoured_for_its_name()
    {
        var first = new int[Nodes + 1];
        Request request = new(
            new BountyId(1), Commodity.Iron, new DepotId(1), new Grams(1), new Grams(1), new Credits(9),
                Second(5));
        Bid bid = new(new BountyId(1), NoBidReason.None, new Grams(1), new Credits(3), Second(5),
            TimeSpan.Zero);
        for (uint cycle = 1; cycle <= 1_000; cycle++)
        {
            Bid[][] equal = [.. Enumerable.Repeat<Bid[]>([bid], Nodes)];
            Winner winner = Assert.Single(
                WinnerDetermination.Run(new CycleNumber(cycle), [request], Sheets(cycle, equal)).Winners);
            first[winner.Node.Value]++;
        }

        // 200 each; the standard deviation is 13.
        Assert.All(first[1..], wins => Assert.InRange(wins, 140, 260));
    }

    private static Instant Second(int second) => Instant.Epoch + TimeSpan.FromSeconds(second);

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
        CycleNumber Cycle, ImmutableArray<Request> Requests, SortedDictionary<NodeId, BidSheet> Sheets)
    {
        public ClearingResult Clear() => WinnerDetermination.Run(Cycle, Requests, Sheets);
    }
}
