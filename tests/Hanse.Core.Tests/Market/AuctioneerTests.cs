using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>A market under random sequences of what can happen to it, in and out of turn.</summary>
public sealed class AuctioneerTests
{
    private enum Act
    {
        Open,
        Adopt,
        Honour,
        Recount,
        Bid,
        BidAgain,
        Wake,
        WakeAtAlarm,
        Accept,
        Release,
        Weigh,
        WeighAgain,
        Promise,
        Hear,
        Extend,
        Reduce,
        Stop,
        Replay,
        Restore,
    }

    private static readonly Gen<(Act Act, int Choice)[]> _acts =
        Gen.Select(
            Gen.OneOf(
                Act.Open, Act.Open, Act.Bid, Act.Bid, Act.Bid, Act.BidAgain, Act.Wake, Act.WakeAtAlarm,
                Act.WakeAtAlarm, Act.WakeAtAlarm, Act.Accept, Act.Release, Act.Weigh, Act.Weigh,
                Act.WeighAgain, Act.Promise, Act.Promise, Act.Promise, Act.Hear, Act.Hear, Act.Extend,
                Act.Adopt, Act.Honour, Act.Honour, Act.Recount, Act.Reduce, Act.Reduce, Act.Stop, Act.Stop,
                Act.Stop, Act.Stop,
                Act.Replay, Act.Restore),
            Gen.Int[0, 719],
            (act, choice) => (act, choice))
        .Array[0, 120];

    [Fact]
    public void Work_and_money_are_conserved_whatever_happens() =>
        _acts.Sample(
            acts =>
            {
                var model = new MarketModel { HasJoints = acts.Length % 3 > 0 };
                foreach ((Act act, int choice) in acts)
                {
                    Carry(model, act, choice);
                    model.Check();
                }

                model.Replay();
                model.Restore();
            },
            iter: 2_000);

    [Fact]
    public void Every_bounty_is_over_in_the_end()
    {
        // Safety alone would be kept by a market that does nothing.
        _acts.Sample(
            acts =>
            {
                var model = new MarketModel { HasJoints = acts.Length % 3 > 0 };
                foreach ((Act act, int choice) in acts)
                {
                    Carry(model, act, choice);
                }

                for (int cycle = 0; cycle < 30; cycle++)
                {
                    Wake(model, Instant.Max(model.Now, model.Market.NextWake));
                    model.Check();
                }

                Assert.Empty(model.Market.Bounties);
                Assert.Equal(0, model.Market.LiveContracts);
                Assert.All(model.Awards, award => Assert.Null(model.Market.Find(award.Contract)));
            },
            iter: 500);
    }

    [Fact]
    public void Random_sequences_reach_every_end_of_a_contract_and_of_a_bounty()
    {
        // The check of the checker: a model that is never late, for one, proves nothing about lateness.
        var seen = new HashSet<string>();
        _acts.Sample(
            acts =>
            {
                var model = new MarketModel { HasJoints = acts.Length % 3 > 0 };
                foreach ((Act act, int choice) in acts)
                {
                    string verdict = Carry(model, act, choice);
                    lock (seen)
                    {
                        _ = seen.Add(verdict);
                        _ = seen.Add(model.HasRanked ? "ranked" : "as asked");
                        _ = seen.Add(model.LeftOut > 0 ? "left out" : "none left out");
                        _ = seen.Add(model.Whole > 0 ? "whole" : "none whole");
                        _ = seen.Add(model.Broken > 0 ? "broken" : "none broken");
                    }
                }
            },
            iter: 4_000);
        Assert.Empty(
            Enum.GetNames<SheetVerdict>().Except([nameof(SheetVerdict.Immobile)]) // Nothing breaks here.
                .Concat(Enum.GetNames<WeighingVerdict>())
                .Concat(["accepted", "not accepted", "released", "not released"])
                .Concat(["ranked", "missed", "held again", "over", "not missing", "extended", "not extended"])
                .Concat(["honoured", "not honoured", "recounted", "not recounted"])
                .Concat(["left out", "whole", "broken"])
                .Concat(["reduced", "not reduced", "stopped", "stopped for nothing", "kept", "not asked"])
                .Except(seen));
    }

    // Does one thing to the market and says what came of it.
    private static string Carry(MarketModel model, Act act, int choice)
    {
        Auctioneer market = model.Market;
        switch (act)
        {
            case Act.Open:
                model.Open(Bounty(model, choice));
                return "opened";
            case Act.Adopt:
                model.Adopt(Bounty(model, choice), choice);
                return "adopted";
            case Act.Honour:
                model.Hear(new NodeId((uint)(choice % 4)));
                return market.Honour(model.Now, new NodeId((uint)(choice % 4)), Terms(choice))
                    ? "honoured" : "not honoured";
            case Act.Recount:
                ContractTerms terms = Terms(choice);
                int before = model.Recounted;
                for (int times = 0; times < 2; times++)
                {
                    market.Recount(
                        model.Now, new NodeId((uint)(choice % 4)), terms, Commodity.Nickel,
                        new Grams(choice % 9));
                }

                market.CloseBounties(model.Now);
                Assert.InRange(model.Recounted - before, 0, 1);
                return model.Recounted > before ? "recounted" : "not recounted";
            case Act.Reduce:
                var less = new Grams(choice / 6 % 3 == 0 ? 0 : choice / 6 % 29);
                BountyId whose = Enumerable.Range(choice % 6, 6).Select(n => new BountyId((ulong)(n % 6)))
                    .OrderByDescending(id => market.Bounties.GetValueOrDefault(id)?.Contracts ?? 0).First();
                return model.Reduce(whose, less) ? "reduced" : "not reduced";
            case Act.Bid or Act.BidAgain:
                var cycle = new CycleNumber(act == Act.Bid || choice % 4 > 0 ? market.Cycle.Value : 1);
                model.Hear(new NodeId((uint)(choice % 4)));
                var sheet = new BidSheet(cycle, NoBidReason.None, [.. market.Requests.Select(request =>
                    Offer(model.Now, request, choice))]);
                SheetVerdict verdict = market.Take(model.Now, new NodeId((uint)(choice % 4)), sheet);
                Assert.NotEqual(SheetVerdict.Taken, market.Take(model.Now, new NodeId((uint)(choice % 4)),
                    sheet));
                return verdict.ToString();
            case Act.Wake or Act.WakeAtAlarm:
                int missed = model.Missed;
                Wake(model, act == Act.Wake ? model.Now + TimeSpan.FromSeconds(choice % 5 * 8)
                    : Instant.Max(model.Now, market.NextWake) + TimeSpan.FromSeconds(choice % 2));
                return model.Missed > missed ? "missed" : "woken";
            case Act.Hear:
                // One of whom nothing was heard, if there is one: else few would come back in time.
                NodeId heard = Enumerable.Range(choice % 4, 4).Select(n => new NodeId((uint)(n % 4)))
                    .OrderByDescending(market.IsMissing).First();
                bool wasMissing = market.IsMissing(heard);
                int held = model.Resumed;
                model.Hear(heard);
                market.Heard(model.Now, heard);
                Assert.False(market.IsMissing(heard));
                return !wasMissing ? "not missing" : model.Resumed > held ? "held again" : "over";
            case Act.Replay:
                model.Replay();
                return "replayed";
            case Act.Restore:
                model.Restore();
                return "restored";
            default:
                return model.Awards.Count == 0 ? "nothing to do it to" : Perform(model, act, choice);
        }
    }

    private static string Perform(MarketModel model, Act act, int choice)
    {
        MarketFact.Awarded award = model.Awards.Reverse().ElementAt(choice / 6 % Math.Min(4,
            model.Awards.Count));
        bool isStranger = choice % 6 == 0;
        NodeId node = isStranger ? new NodeId(99) : award.Winner.Node;
        Epoch epoch = choice % 6 == 1 ? award.Epoch.Next : award.Epoch;
        Auctioneer market = model.Market;
        if (act == Act.Stop && choice % 5 > 0 && model.Stopping.Count > 0)
        {
            // One that was asked, if there is one.
            award = model.Awards.First(a => a.Contract == model.Stopping.Last());
            node = isStranger ? node : award.Winner.Node;
            epoch = choice % 6 == 1 ? award.Epoch.Next : award.Epoch;
        }

        if (act != Act.Promise)
        {
            model.Hear(node);
        }

        switch (act)
        {
            case Act.Promise when market.Find(award.Contract) is { } contract:
                Instant first = model.Now + TimeSpan.FromSeconds(1 + (choice % 20));
                Instant ends = first + TimeSpan.FromSeconds(1 + (choice / 20 % 20));
                model.Promise(
                    contract,
                    new Watch(ContractStage.Outbound, first, ends),
                    new Watch(
                        ContractStage.Unloading, ends,
                        ends + TimeSpan.FromSeconds(1 + (choice / 9 % 30))));
                return "promised";
            case Act.Promise:
                return "forgotten";
            case Act.Extend:
                Instant? due = market.Find(award.Contract)?.Due;
                Instant asked = (due ?? model.Now) + TimeSpan.FromSeconds((choice / 6 % 40) - 4);
                return market.Extend(model.Now, node, award.Contract, epoch, asked) is { } now && now > due
                    ? "extended" : "not extended";
            case Act.Stop:
                (int stopped, int forNothing) = (model.Stopped, model.StoppedForNothing);
                var answer = (CancelAnswer)(1 + (choice / 6 % 4));
                bool isHeard = market.Answer(model.Now, node, award.Contract, epoch, answer);
                Assert.False(isHeard && (isStranger || choice % 6 == 1));
                return !isHeard ? "not asked" : model.StoppedForNothing > forNothing ? "stopped for nothing"
                    : model.Stopped > stopped ? "stopped" : "kept";
            case Act.Accept:
                return market.Accept(model.Now, node, award.Contract, epoch) ? "accepted" : "not accepted";
            case Act.Release:
                return market.Release(node, award.Contract, epoch) ? "released" : "not released";
            default:
                long weighed = Math.Max(0, award.Winner.Quantity.Value + (choice % 5) - 2);
                Commodity commodity = choice % 30 == 3 ? Commodity.Water : Commodity.Nickel;
                WeighingVerdict verdict = Weigh();
                if (verdict is WeighingVerdict.Settled or WeighingVerdict.Late && act == Act.WeighAgain)
                {
                    Assert.Equal(WeighingVerdict.AlreadyDelivered, Weigh());
                }

                market.CloseBounties(model.Now);
                model.CheckBackups();
                return verdict.ToString();

                WeighingVerdict Weigh() =>
                    market.Weigh(node, award.Contract, epoch, commodity, new Grams(weighed)).Verdict;
        }
    }

    private static void Wake(MarketModel model, Instant now)
    {
        model.Now = now;
        model.Market.Wake(now);
        model.CheckSilence();

        // Repeated wakes are harmless.
        byte[] once = Snapshot.Of(model.Market.Shape);
        model.Market.Wake(now);
        Assert.Equal(once, Snapshot.Of(model.Market.Shape));
    }

    private static Bounty Bounty(MarketModel model, int choice) => new(
        new BountyId((ulong)(choice % 6)),
        Commodity.Nickel,
        new DepotId(1),
        new Grams(1 + (choice / 6 % 5 * 7)),
        new Grams(10),
        new Credits(choice / 30 % 4 * 7),
        (model.Now + TimeSpan.FromSeconds(choice / 120 * 60)).CeilingSecond)
    {
        Backup = new Grams(choice % 4 == 0 ? choice / 6 % 5 * 2 : 0),
        Joint = model.HasJoints && choice % 6 is > 0 and < 5
            ? new JointWork((uint)((choice % 6) + 1) / 2, 2) : default,
    };

    // Of few contracts that another region's hub gave, on terms that fit now and then. When one was due is no
    // matter of who asks.
    private static ContractTerms Terms(int choice) => new(
        ContractId.After(new RegionId(choice % 11 == 0 ? 0U : 1U), (ulong)(choice / 4 % 5)),
        new Epoch((uint)(choice / 20 % 3)),
        new BountyId((ulong)(choice % 6)),
        new Grams(1 + (choice / 6 % 4 * 5)),
        new Credits(choice / 24 % 4 * 7),
        Instant.Epoch + TimeSpan.FromSeconds(60 + (choice / 4 % 5 * 50)));

    private static Bid Offer(Instant now, Request request, int choice) => choice % 7 == 0
        ? Bid.None(request.Bounty, NoBidReason.NoTime)
        : new Bid(
            request.Bounty,
            NoBidReason.None,
            [
                new BidStep(
                    new Grams(1 + (choice / 4 % 4 * 5)),
                    new Credits(choice / 16 % 5 * 5),
                    (now + TimeSpan.FromSeconds(choice / 80 * 15)).CeilingSecond,
                    TimeSpan.FromSeconds(choice / 80 % 2)),
            ]);
}
