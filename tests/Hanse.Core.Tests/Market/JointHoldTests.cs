using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>Nodes that are held back for joint work: for a while, when it is worth it, and for one work after
/// the other. The market is rebuilt after every batch, by turns from its facts and from a snapshot.</summary>
public sealed class JointHoldTests
{
    private static readonly JointWork _work = new(7, 2);
    private static readonly JointWork _other = new(8, 2);

    [Theory]
    [InlineData(0, false)]
    [InlineData(100, true)]
    public void A_work_that_needs_more_nodes_than_are_free_begins_when_others_have_finished(
        int share, bool begins)
    {
        JointTrial trial = Lacking(share, 4);
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextCycle();
        Assert.Equal(begins ? [(7U, 1U)] : [], trial.Held.Select(held => (held.Work, held.Nodes.Single())));
        Assert.Equal(!begins, trial.Market.IsHeldBy(new NodeId(1)));

        trial.Deliver(11);
        trial.Deliver(12);
        if (begins)
        {
            trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 1)); // It has to wait.
        }

        trial.Bid(11, (1, 10, 100), (2, 10, 100));
        trial.Bid(12, (1, 10, 100), (2, 10, 100));
        trial.NextCycle();
        Assert.Equal(begins, trial.Awards.Any(award => award.Bounty == 2));
        Assert.Equal(!begins, trial.Awards.Contains((3UL, 1U)));
        Assert.Equal(begins ? 3 : 0, trial.Awards.Count(award => award.Bounty is 1 or 2));
        Assert.Null(trial.Market.JointHold);
        Assert.Empty(trial.HoldsEnded);
    }

    [Fact]
    public void A_turn_lapses_by_itself_and_who_was_held_has_other_work_in_that_batch()
    {
        JointTrial trial = Lacking(100, 3, isBusy: false);
        for (int batch = 0; batch < 3; batch++)
        {
            trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
            trial.NextBusy();
            Assert.Equal(batch + 1, trial.Held.Count);
        }

        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextBusy();
        Assert.Equal(3, trial.Held.Count);
        Assert.Equal([7U], trial.HoldsEnded);
        Assert.Contains((3UL, 1U), trial.Awards);
    }

    [Fact]
    public void No_work_has_more_than_its_turns()
    {
        JointTrial trial = Lacking(100, 3, isBusy: false);
        for (int batch = 0; batch < 20; batch++)
        {
            trial.Bid(1, (1, 10, 100), (2, 10, 100));
            trial.NextBusy();
        }

        Assert.Equal(3 * Auctioneer.TurnsMax, trial.Held.Count);
        Assert.Equal([7U, 7U], trial.HoldsEnded);
    }

    [Fact]
    public void Works_take_turns_and_none_waits_for_nodes_that_another_holds()
    {
        JointTrial trial = Lacking(100, 2, isBusy: false);
        trial.Open(5, 20, _other, seconds: 3_000);
        trial.Open(6, 10, _other, seconds: 3_000);
        trial.NextBusy();
        for (int batch = 0; batch < 12; batch++)
        {
            trial.Bid(1, (1, 10, 100), (5, 10, 200));
            trial.Bid(2, (2, 10, 100), (6, 10, 200));
            trial.NextBusy();
        }

        // Each has its first turn before any has its second, and no batch holds for two.
        Assert.Equal([7U, 7, 8, 8, 7, 7, 8, 8], trial.Held.Select(held => held.Work));
        Assert.All(trial.Held, held => Assert.Equal([1U, 2], held.Nodes));
    }

    [Fact]
    public void The_second_work_begins_in_its_turn_though_the_first_never_does()
    {
        JointTrial trial = Lacking(100, 2, isBusy: false);
        trial.Open(5, 20, _other, seconds: 3_000);
        trial.Open(6, 10, _other, seconds: 3_000);
        trial.NextBusy();
        for (uint batch = 0; batch < 6; batch++)
        {
            trial.Bid(1, (1, 10, 100), (2, 10, 100), (5, 10, 200), (6, 10, 200));
            if (batch % 2 == 1)
            {
                trial.Bid(30 + batch, (5, 10, 200)); // One more, for the second only, and only now and then.
            }

            trial.NextBusy();
            if (trial.Market.JointHold?.Work == 8)
            {
                trial.Bid(50, (6, 10, 200));
            }
        }

        Assert.Contains(trial.Awards, award => award.Bounty == 6);
        Assert.DoesNotContain(trial.Awards, award => award.Bounty is 1 or 2);
    }

    [Theory]
    [InlineData(20, 10, 1_000, 100, true)]
    [InlineData(200, 10, 1_000, 100, false)] // More nodes than there are.
    [InlineData(20, 10, 1_000, 30, false)] // More than a share of them: three of three are wanted.
    [InlineData(25, 10, 1_000, 100, false)] // Loads of ten never make twenty-five.
    [InlineData(20, 10, 640, 100, false)] // The wait would be over after the deadline.
    public void Nobody_is_held_back_for_what_cannot_be_whole(
        long first, long second, int seconds, int share, bool isHeld)
    {
        JointTrial trial = Lacking(share, 4, first, second, seconds);
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextCycle();
        Assert.Equal(isHeld ? 1 : 0, trial.Held.Count);
        Assert.Equal(!isHeld, trial.Awards.Contains((3UL, 1U)));
    }

    [Theory]
    [InlineData(70, 520, true)]
    [InlineData(70, 960, false)] // An hour of a short trip is worth more than one of the wait and the work.
    [InlineData(250, 520, false)] // The wait is four batches.
    public void The_hours_of_the_wait_count_for_what_they_would_earn_elsewhere(
        int until, long value, bool isHeld)
    {
        JointTrial trial = Lacking(100, 6, until: until, value: value);
        trial.BidFor(100, 1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextCycle();
        Assert.Equal(isHeld ? 1 : 0, trial.Held.Count);
        Assert.Equal(!isHeld, trial.Awards.Contains((3UL, 1U)));
    }

    [Fact]
    public void Who_has_nothing_else_to_do_may_wait_for_long()
    {
        JointTrial trial = Lacking(100, 6, until: 250);
        trial.BidFor(100, 1, (1, 10, 100), (2, 10, 100));
        trial.NextCycle();
        Assert.Single(trial.Held);
    }

    [Fact]
    public void Who_dies_or_may_not_bid_any_more_is_held_no_longer()
    {
        JointTrial trial = Lacking(100, 4, isBusy: false, first: 30);
        foreach (uint node in (uint[])[1, 2, 3])
        {
            trial.Bid(node, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        }

        trial.NextBusy();
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.Bid(2, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.Market.Withdraw(new NodeId(2)); // In quarantine, or on its way to another region.
        trial.NextBusy(); // And the third is silent.
        Assert.Equal([[1U, 2, 3], [1U]], trial.Held.Select(held => held.Nodes));
        trial.NextBusy(); // Nobody is left.
        Assert.Equal([7U], trial.HoldsEnded);
    }

    [Fact]
    public void What_is_withdrawn_holds_nobody()
    {
        JointTrial trial = Lacking(100, 4);
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextCycle();
        Assert.NotNull(trial.Market.JointHold);
        Assert.True(trial.Market.Reduce(trial.Now, new BountyId(2), Grams.Zero));
        Assert.Null(trial.Market.JointHold);
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextCycle();
        Assert.Contains((3UL, 1U), trial.Awards);
    }

    [Fact]
    public void A_hub_whose_authority_is_over_holds_nobody()
    {
        JointTrial trial = Lacking(100, 4);
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.NextCycle();
        trial.Market.IsWindingDown = true;
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        trial.Market.Wake(trial.Market.Closes);
        trial.Market.Wake(trial.Market.Closes); // Nothing is asked for any more.
        Assert.Null(trial.Market.JointHold);
    }

    [Fact]
    public void Whoever_the_work_waits_for_hears_of_it()
    {
        JointTrial trial = Lacking(100, 4);
        trial.Bid(1, (1, 10, 100), (2, 10, 100), (3, 10, 100));
        for (ulong id = 100; id < 140; id++)
        {
            trial.Open(id, 10, default, seconds: 700); // More urgent than the work.
        }

        trial.NextCycle();
        Assert.NotNull(trial.Market.JointHold);
        Assert.True(trial.Market.Requests.Length > RequestForProposals.RequestsMax);
        for (uint node = 1; node < 50; node++)
        {
            IEnumerable<ulong> heard = trial.Market.RequestsFor(new NodeId(node)).Select(r => r.Bounty.Value);
            Assert.Empty(((ulong[])[1, 2]).Except(heard));
        }
    }

    // The bookkeeper of random sequences, with fleets in which nodes come and go, die, and are wanted by
    // several works at once: it sees that turns end, that one work holds at a time, and that who is held
    // back is given its work or none.
    [Fact]
    public void Whatever_happens_a_hold_is_bounded_and_holds_for_one_work()
    {
        (int held, int whole, int silent) = (0, 0, 0);
        for (int seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var model = new MarketModel { HasJoints = true };
            var dead = new HashSet<uint>();
            model.Market.Wake(model.Now);
            ulong id = 0;
            for (int cycle = 0; cycle < 25; cycle++)
            {
                for (int parts = random.Next(3) == 0 ? random.Next(2, 4) : 0, part = parts; part > 0; part--)
                {
                    Open(model, random, ++id, new JointWork((uint)cycle + 1, parts));
                }

                Open(model, random, ++id, default);
                foreach (uint node in Enumerable.Range(1, 10).Select(n => (uint)n).Except(dead))
                {
                    Act(model, random, node);
                    _ = random.Next(60) == 0 && dead.Add(node);
                }

                model.Check();
                if (random.Next(4) == 0)
                {
                    model.Replay();
                    model.Restore();
                }

                while (model.Market.NextWake < model.Market.Closes)
                {
                    Wake(model, model.Market.NextWake);
                }

                bool wasHeld = model.Market.JointHold is not null;
                Wake(model, model.Market.Closes);
                silent += wasHeld && model.Market.JointHold is null ? 1 : 0;
            }

            held += model.Held;
            whole += model.Whole;
        }

        Assert.True(held > 100 && whole > 100 && silent > 50, $"{held} held, {whole} whole, {silent} over");
    }

    private static void Wake(MarketModel model, Instant at)
    {
        model.Now = Instant.Max(model.Now, at);
        model.Market.Wake(model.Now);
        model.Check();
    }

    private static void Open(MarketModel model, Random random, ulong id, JointWork joint) => model.Open(
        new Bounty(
            new BountyId(id), Commodity.Nickel, new DepotId(1), new Grams(10 * random.Next(1, 5)),
            new Grams(10), new Credits(random.Next(100, 300)),
            (model.Now + TimeSpan.FromSeconds(random.Next(300, 900))).CeilingSecond)
        {
            Joint = joint,
        });

    private static void Act(MarketModel model, Random random, uint number)
    {
        var node = new NodeId(number);
        model.Hear(node);
        Auctioneer market = model.Market;
        if (market.IsHeldBy(node))
        {
            MarketFact.Awarded award = model.Awards.Last(one => one.Winner.Node == node);
            if (award.Winner.Arrives <= model.Now)
            {
                _ = market.Weigh(
                    node, award.Contract, award.Epoch, Commodity.Nickel, award.Winner.Quantity);
                market.CloseBounties(model.Now);
            }

            return;
        }

        Instant arrives = (market.Closes + TimeSpan.FromSeconds(random.Next(40, 200))).CeilingSecond;
        _ = market.Take(model.Now, node, new BidSheet(market.Cycle, NoBidReason.None,
        [
            .. market.RequestsFor(node).Where(_ => random.Next(5) > 0).Select(request => new Bid(
                request.Bounty, NoBidReason.None,
                [new BidStep(new Grams(10), new Credits(random.Next(20, 150)), arrives, TimeSpan.Zero)])),
        ]));
    }

    // A work of two parts and another bounty are asked for; two nodes, or three in every cycle, are at work
    // meanwhile.
    private static JointTrial Lacking(
        int share, int batches, long first = 20, long second = 10, int seconds = 3_000, int until = 70,
        long value = 500, bool isBusy = true)
    {
        var trial = new JointTrial(share, batches);
        trial.Open(4, 1_000, default, seconds: 3_000);
        trial.NextCycle();
        if (isBusy)
        {
            trial.BidFor(until, 11, (4, 10, 100));
            trial.BidFor(until, 12, (4, 10, 100));
        }

        trial.Open(1, first, _work, seconds: seconds);
        trial.Open(2, second, _work, seconds: seconds);
        trial.Open(3, 10, default, value, seconds: 3_000);
        if (isBusy)
        {
            trial.NextCycle();
        }
        else
        {
            trial.NextBusy();
        }

        return trial;
    }
}
