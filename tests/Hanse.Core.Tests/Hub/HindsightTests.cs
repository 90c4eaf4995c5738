using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>What a hub learns of claims, by a node whose costs are known.</summary>
public sealed class HindsightTests
{
    private static readonly DepotId _home = new(1);
    private static readonly Grams _lot = Grams.FromTonnes(5);
    private static readonly Grams _load = Grams.FromTonnes(2);

    // An hour is worth a credit, a tonne of propellant ten, a machine's life a thousand; ten per cent of
    // margin.
    private static readonly MissionRules _rules = TestHub.Spec.Rules with
    {
        PropellantPerTonne = Credits.FromWhole(10),
        SparesPerLife = Credits.FromWhole(1_000),
        HourlyCost = Credits.FromWhole(1),
        Margin = PartsPerMillion.FromPercent(10),
    };

    [Theory]
    [InlineData(100)]
    [InlineData(70)]
    [InlineData(130)]
    public void A_node_is_believed_to_claim_as_it_did(int percent)
    {
        var fleet = new Fleet();
        for (int trip = 0; trip < 16; trip++)
        {
            fleet.Deliver(1, percent);
        }

        // Sixteen deliveries of its own count beside four of its class, which are the same.
        int ratio = fleet.Hindsight.RatioOf(new NodeId(1)).Value;
        int shrunk = 1_000_000 + ((100_000_000 / percent) - 1_000_000) * 9 / 10;
        Assert.InRange(ratio, shrunk - 20_000, shrunk + 20_000);
        BidSheet sheet = Fleet.Sheet(Credits.FromWhole(80));
        BidSheet ranked = ClaimBias.Ranked(sheet, new PartsPerMillion(ratio));
        Credits ask = ranked.Bids[0].Steps[0].PricePerLot;
        Assert.InRange(
            ask.Micro, 80_000_000, percent < 100 ? 80_000_000L * ratio / 1_000_000 + 1 : 80_010_000);
        Assert.Equal(percent < 100, ask > Credits.FromWhole(80));
    }

    // What hours are worth is asked by everybody, and is no claim about what the work costs: who asks its
    // cost and that is ranked as it asked, and who leaves it out as if it had asked it.
    [Theory]
    [InlineData(true, 1_000_000)]
    [InlineData(false, 1_714_000)]
    public void What_hours_are_worth_is_no_bias(bool isAsked, int believed)
    {
        var fleet = new Fleet { HourWorth = Credits.FromWhole(1), AsksForHours = isAsked };
        for (int trip = 0; trip < 40; trip++)
        {
            fleet.Deliver(1, 100);
        }

        Assert.InRange(
            fleet.Hindsight.RatioOf(new NodeId(1)).Value, believed - 30_000, believed + 30_000);
    }

    [Theory]
    [InlineData(Spoiling.Quarantined)]
    [InlineData(Spoiling.GivenBack)]
    [InlineData(Spoiling.LostToSilence)]
    [InlineData(Spoiling.EmptyDocking)]
    public void Nothing_is_learnt_of_what_is_not_known_to_the_end(Spoiling spoiling)
    {
        var fleet = new Fleet();
        fleet.Deliver(1, 50, spoiling);
        Assert.Equal(0, fleet.Hindsight.Count);
        fleet.Deliver(1, 50);
        Assert.Equal(1, fleet.Hindsight.Count);
    }

    [Fact]
    public void Who_leaves_is_forgotten()
    {
        var fleet = new Fleet();
        fleet.Deliver(1, 50);
        Assert.Equal(1, fleet.Hindsight.Count);
        fleet.Put(new HubFact.NodeReleased(new NodeId(1), Credits.Zero));
        Assert.Equal(0, fleet.Hindsight.Count);
    }

    [Fact]
    public void A_snapshot_at_any_fact_learns_alike() =>
        Gen.Select(Gen.UInt[1, 3], Gen.Int[50, 150], Gen.Enum<Spoiling>()).Array[1, 12].Sample(trips =>
        {
            var fleet = new Fleet { TakesSnapshots = true };
            foreach ((uint node, int percent, Spoiling spoiling) in trips)
            {
                fleet.Deliver(node, percent, spoiling);
            }

            var again = new Hindsight(_rules);
            foreach (HubFact fact in fleet.Facts)
            {
                again.Apply(fact);
            }

            Assert.Equal(Snapshot.Of(again.Shape), Snapshot.Of(fleet.Hindsight.Shape));
        });

    /// <summary>What becomes of a trip besides its delivery.</summary>
    public enum Spoiling
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>Its journal is not believed.</summary>
        Quarantined,

        /// <summary>It had given other work back before.</summary>
        GivenBack,

        /// <summary>Other work of it had been lost to silence before, and was over.</summary>
        LostToSilence,

        /// <summary>It had docked without cargo before.</summary>
        EmptyDocking,
    }

    /// <summary>Nodes that deliver two tonnes in a hundred hours each time, for a tonne of propellant and a
    /// hundredth of their life: at a cost of 120.</summary>
    private sealed class Fleet
    {
        private readonly SortedDictionary<uint, (ulong Wear, uint Docking)> _nodes = [];
        private Instant _now = Instant.Epoch + TimeSpan.FromDays(30);
        private uint _cycle;
        private ulong _contract;

        /// <summary>What a truthful node asks per lot: cost and margin of two tonnes, for five.</summary>
        public static Credits TrueAsk { get; } = Credits.FromWhole(330);

        public Hindsight Hindsight { get; private set; } = new(_rules);

        public List<HubFact> Facts { get; } = [];

        public bool TakesSnapshots { get; init; }

        /// <summary>What is posted for an hour, and whether nodes ask for it: a hundred of them for five
        /// halves of what they bring.</summary>
        public Credits HourWorth { get; init; }

        public bool AsksForHours { get; init; }

        public static BidSheet Sheet(Credits ask) => new(new CycleNumber(1), NoBidReason.None,
            [new Bid(new BountyId(1), NoBidReason.None,
                [new BidStep(_load, ask, Instant.Epoch, TimeSpan.Zero)])]);

        public void Deliver(uint number, int percent, Spoiling spoiling = Spoiling.None)
        {
            var node = new NodeId(number);
            if (_nodes.TryAdd(number, default))
            {
                var enrol = new Enrol(new byte[32], 1, 1, _load, new Plan(1, default, _now, []));
                Put(new HubFact.NodeEnrolled(node, new Epoch(1), enrol));
            }

            if (spoiling == Spoiling.GivenBack)
            {
                ContractId given = Award(node, percent);
                Put(Of(new MarketFact.Returned(given, ContractOutcome.Released)));
            }

            if (spoiling == Spoiling.LostToSilence)
            {
                ContractId lost = Award(node, percent);
                Put(Of(new MarketFact.Missed(lost, ContractStage.Outbound)));
                Put(Of(new MarketFact.SilenceEnded(lost, IsHolder: false)));
            }

            if (spoiling == Spoiling.EmptyDocking)
            {
                Dock(node);
            }

            ContractId contract = Award(node, percent);
            (ulong before, _) = _nodes[number];
            _now += TimeSpan.FromHours(50);
            if (spoiling != Spoiling.EmptyDocking)
            {
                Judge(node, before + 5_000, ReturnOutcome.Accepted); // On the way.
            }

            _now += TimeSpan.FromHours(50);
            Put(Of(new MarketFact.Delivered(
                contract, ContractOutcome.Settled, _load, _load, Credits.FromWhole(200))));
            Dock(node);
            (ulong wear, uint docking) = _nodes[number];
            _nodes[number] = (wear + 10_000, docking);
            Judge(
                node, wear + 10_000,
                spoiling == Spoiling.Quarantined ? ReturnOutcome.Quarantined : ReturnOutcome.Accepted);
        }

        public void Put(HubFact fact)
        {
            Facts.Add(fact);
            Hindsight.Apply(fact);
            if (TakesSnapshots)
            {
                byte[] bytes = Snapshot.Of(Hindsight.Shape);
                Hindsight = new Hindsight(_rules);
                Snapshot.Into(bytes, Hindsight.Shape);
                Assert.Equal(bytes, Snapshot.Of(Hindsight.Shape));
            }
        }

        private static Request Asked() => Auctioneer.Ask(
            new Bounty(new BountyId(1), Commodity.Water, _home, Grams.FromTonnes(90), _lot,
                Credits.FromWhole(900), Instant.Epoch + TimeSpan.FromDays(1_000)),
            Grams.FromTonnes(90),
            Credits.FromWhole(900));

        private static HubFact Of(MarketFact fact) => new HubFact.Market(fact);

        private ContractId Award(NodeId node, int percent)
        {
            Put(Of(new MarketFact.HourPosted(HourWorth)));
            Put(Of(new MarketFact.CycleOpened(new CycleNumber(++_cycle), _now, [Asked()])));
            long hours = AsksForHours ? HourWorth.Micro * 250 : 0;
            var ask = new Credits((TrueAsk.Micro + hours) * percent / 100);
            var winner = new Winner(
                new BountyId(1), node, _load, Credits.FromWhole(900), _now, TimeSpan.Zero, ask);
            ContractId contract = ContractId.After(new RegionId(1), _contract++);
            Put(Of(new MarketFact.Awarded(
                contract, new Epoch(1), winner, _now + _rules.AcceptDelayMax, _now)));
            return contract;
        }

        private void Dock(NodeId node)
        {
            (ulong wear, uint docking) = _nodes[node.Value];
            _nodes[node.Value] = (wear, docking + 1);
            Put(new HubFact.Served(node, docking + 1, Grams.FromTonnes(1), default));
            foreach ((Resource resource, Cause cause) in
                new[] { (Resource.Cargo, Cause.Given), (Resource.Propellant, Cause.Taken) })
            {
                Put(new HubFact.Reconcile(new ReconcileFact.Measured(node, new DockingRecord(
                    _home, docking + 1, resource, cause, _now, Grams.FromTonnes(1).Value, 1))));
            }
        }

        private void Judge(NodeId node, ulong wear, ReturnOutcome outcome)
        {
            AcceptedState accepted =
                AcceptedState.Enrolled(new byte[32], [0, 0, wear, 0]) with { At = _now };
            var verdict = new ReturnVerdict(
                outcome, [], [], new AuditBound(0, 0, 0, 0, 0, 0), new ReturnCost(0, 0, 0, 0, 0, 0, 0, 0),
                accepted, ReturnClaims.None, 1, [], null);
            Put(new HubFact.Reconcile(new ReconcileFact.Judged(node, _now, verdict)));
        }
    }
}
