using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>A hub as a whole: what dockings and returns become, and what an operator's word does.</summary>
public sealed class RegionalHubTests
{
    private static readonly NodeId _node = new(1);
    private static readonly Instant _start = new(1_000_000_000_000);

    [Fact]
    public void A_docking_is_settled_at_once_and_a_second_one_for_its_contract_is_a_case()
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Dock(1, work, 4_000);
        Assert.Equal(20_000_000, region.Balance);
        Assert.Empty(region.Hub.Reviews.Open);

        // A third of the bounty is open. What came on top is not counted, until somebody says so.
        region.Dock(2, work, 3_000);
        Assert.Equal(20_000_000, region.Balance);
        ReviewCase known = Assert.Single(region.Hub.Reviews.Open);
        Assert.Equal("CountedTwice", CaseView.Of(new RegionId(1), known).Kind);
        region.Review(known.Number, isAccepted: false);
        Assert.Equal(30_000_000, region.Balance); // Two of the three tonnes were open.
        Assert.Empty(region.Hub.Reviews.Open);
        Assert.Empty(region.Hub.Market.Bounties); // And now it is filled.
        region.IsRebuilt();
    }

    [Fact]
    public void Where_a_rule_stands_nothing_is_paid()
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Dock(1, work, 4_000);
        region.Dock(2, work, 3_000);
        region.Review(1, isAccepted: true);
        region.Review(1, isAccepted: false);
        region.Review(9, isAccepted: false);
        Assert.Equal(20_000_000, region.Balance);
        region.IsRebuilt();
    }

    [Fact]
    public void The_claims_of_a_return_are_merged_with_what_the_fleet_decided()
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Dock(1, work, 40);
        TestJournal journal = new TestJournal { Node = _node }.Start().Write(
            new Entry.LeaseTaken(Core.Journal.LeaseKind.Contract, work.Id.Value, work.Epoch, work.Due),
            new Entry.Moved(Resource.Cargo, Cause.Extracted, 40_000, 1),
            new Entry.Unloaded(
                new DepotId(1), 1, work.Id, work.Epoch, Commodity.Nickel, new Grams(40_000)),
            new Entry.Moved(Resource.Propellant, Cause.Taken, 0, 1),
            new Entry.LeaseLeft(Core.Journal.LeaseKind.Contract, work.Id.Value, work.Epoch),
            new Entry.Sighted(5, 2, 700, 10)).Check();
        region.Return(journal);
        Assert.Equal(journal.Size, region.Hub.Merged.Of(_node).Size);
        Assert.Equal(40_000, region.Hub.Merged.Deliveries.Outflow(_node, Commodity.Nickel).Value);
        Assert.Equal(0, region.Hub.Merged.Deliveries.Count);
        Assert.Equal(700, region.Hub.Merged.Maps.Fused((5 << 6) | 2)!.Belief.Value[0]);
        Assert.Empty(region.Hub.Reviews.Open);

        // A contract that was never given is nobody's.
        ulong never = ContractId.After(TestHub.Spec.Region, 76).Value;
        _ = journal.Write(
            new Entry.LeaseTaken(Core.Journal.LeaseKind.Contract, never, new Epoch(1), work.Due),
            new Entry.LeaseLeft(Core.Journal.LeaseKind.Contract, never, new Epoch(1))).Check();
        region.Return(journal);
        var stale = Assert.IsType<ReviewMatter.Contradiction>(Assert.Single(region.Hub.Reviews.Open).Matter);
        Assert.Equal((ConflictKind.StaleLease, never), (stale.Conflict.Kind, stale.Conflict.Subject));
        region.IsRebuilt();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_quarantined_node_delivers_and_is_paid_bids_not_and_comes_back_by_an_operators_word(
        bool isAccepted)
    {
        var region = new Region();
        Contract work = region.Award(4);
        TestJournal journal = new TestJournal { Node = _node }.Start()
            .Write(
                new Entry.Moved(Resource.Propellant, Cause.Used, 900_000, 0),
                new Entry.LeaseTaken(Core.Journal.LeaseKind.Contract, work.Id.Value, work.Epoch, work.Due))
            .Check();
        region.Return(journal);
        ReviewCase known = Assert.Single(region.Hub.Reviews.Open);
        var doubt = Assert.IsType<ReviewMatter.Doubt>(known.Matter);
        Assert.Equal((_node, true), (doubt.Node, doubt.CanBeTaken));
        Assert.Equal(Standing.Quarantined, region.Hub.Merged.Of(_node).Standing);

        // It keeps what it was allotted, and is paid for it.
        region.Dock(1, work, 4_000);
        Assert.Equal(20_000_000, region.Balance);
        region.Review(known.Number, isAccepted: false);
        Assert.Equal(CaseStatus.Rejected, Assert.Single(region.Hub.Reviews.Open).Status);
        Assert.Equal(Standing.Quarantined, region.Hub.Merged.Of(_node).Standing);
        if (isAccepted)
        {
            region.Review(known.Number, isAccepted: true);
            Assert.Empty(region.Hub.Reviews.Open);
            NodeLine line = region.Hub.Merged.Of(_node);
            Assert.Equal((Standing.Corrected, journal.Size), (line.Standing, line.Size));
            Assert.Null(region.Hub.Reconciler.Receptions[_node].Quarantine);
        }

        region.IsRebuilt();
    }

    [Fact]
    public void A_sealed_bid_of_a_node_that_falls_into_quarantine_leaves_the_batch()
    {
        var region = new Region();
        region.Bid();
        Assert.True(region.Hub.Market.HasBid(_node));
        region.Return(new TestJournal { Node = _node }.Start()
            .Write(new Entry.Moved(Resource.Propellant, Cause.Used, 900_000, 0)).Check());
        Assert.False(region.Hub.Market.HasBid(_node));
        region.Bid();
        Assert.False(region.Hub.Market.HasBid(_node));
        region.IsRebuilt();
    }

    [Fact]
    public void A_call_for_help_sets_aside_what_its_patient_owns_and_gives_it_back()
    {
        var region = new Region();
        region.Own(30);
        region.Call(1, new Credits(Credits.MicroMax));
        BountyId call = BountyId.Help(_node, 1);
        Assert.Equal((0, 30_000_000), (region.Balance, region.Aside(call)));
        region.Call(1, Credits.FromWhole(9));
        region.Call(2, Credits.FromWhole(9));
        Assert.Equal(call, Assert.Single(region.Hub.Market.Helps).Value.Bounty);
        region.Mended(ContractId.After(TestHub.Spec.Region, 5)); // By nobody.
        Assert.Equal(HelpState.Open, region.Hub.Market.Helps[_node].State);
        region.Bid();
        Assert.False(region.Hub.Market.HasBid(_node));
        region.IsRebuilt();
        region.Withdraw(1);
        Assert.Equal((30_000_000, 0), (region.Balance, region.Aside(call)));
        Assert.Empty(region.Hub.Market.Helps);
        Assert.Equal(0, region.InTransit);
        region.IsRebuilt();
    }

    [Fact]
    public void Who_holds_work_or_owns_nothing_or_is_in_quarantine_calls_for_nothing()
    {
        var holder = new Region();
        holder.Own(30);
        _ = holder.Award(4);
        holder.Call(1, Credits.FromWhole(9));
        Assert.Empty(holder.Hub.Market.Helps);
        var poor = new Region();
        poor.Call(1, Credits.FromWhole(9));
        Assert.Empty(poor.Hub.Market.Helps);
        var doubted = new Region();
        doubted.Own(30);
        doubted.Return(new TestJournal { Node = _node }.Start()
            .Write(new Entry.Moved(Resource.Propellant, Cause.Used, 900_000, 0)).Check());
        doubted.Call(1, Credits.FromWhole(9));
        Assert.Empty(doubted.Hub.Market.Helps);
        Assert.Equal(30_000_000, doubted.Balance);
    }

    // By the plan the node leaves on day 100, digs from day 300 to day 500 and is unloaded on day 1,000; the
    // price is 20 credits. Before it leaves the days until then are spent, and a quarter of the rest is paid
    // on top; on its way all but the digging.
    [Theory]
    [InlineData(50, CancelAnswer.Waiting, 5_750_000)]
    [InlineData(50, CancelAnswer.Stopped, 5_750_000)] // The plan says that it has not left.
    [InlineData(200, CancelAnswer.Stopped, 17_000_000)]
    [InlineData(200, CancelAnswer.Waiting, 8_000_000)] // It says so itself.
    [InlineData(200, CancelAnswer.NotHeld, 0)]
    public void Who_stops_is_paid_what_is_spent_and_a_share_of_the_rest_once(
        int day, CancelAnswer answer, long micro)
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Accept(work);
        region.Pass(day);
        region.Reduce(0);
        Assert.Equal(CancelState.Asked, region.Hub.Market.Find(work.Id)!.Cancel);
        Assert.Equal(0, region.Balance);
        region.IsRebuilt();

        // Nobody else's word, or an older one, ends it.
        region.Answer(work with { Epoch = new Epoch(7) }, answer);
        Assert.Equal(0, region.Balance);
        region.Answer(work, answer);
        region.Answer(work, answer);
        Assert.Equal(micro, region.Balance);
        Assert.Equal(ContractStatus.Cancelled, region.Hub.Market.Find(work.Id)!.Status);
        Assert.Empty(region.Hub.Market.Bounties);
        Assert.Equal(60_000_000, region.Balance + region.InTransit); // The rest is on its way home.

        // What it brings all the same is weighed and not paid.
        region.Dock(1, work, 4_000);
        Assert.Equal(micro, region.Balance);
        Assert.Equal(ContractStatus.DeliveredLate, region.Hub.Market.Find(work.Id)!.Status);
        region.IsRebuilt();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_has_cargo_aboard_or_never_hears_delivers_and_is_paid_in_full(bool hasCargo)
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Accept(work);
        region.Pass(hasCargo ? 400 : 200);
        region.Reduce(0);
        CancelState state = hasCargo ? CancelState.None : CancelState.Asked;
        Assert.Equal(state, region.Hub.Market.Find(work.Id)!.Cancel);
        region.Answer(work, CancelAnswer.Kept); // Of one that was not asked it means nothing.
        region.Dock(1, work, 4_000);
        Assert.Equal(20_000_000, region.Balance);
        Assert.Empty(region.Hub.Market.Bounties);
        region.Answer(work, CancelAnswer.Stopped);
        Assert.Equal(20_000_000, region.Balance);
        Assert.Equal(60_000_000, region.Balance + region.InTransit);
        region.IsRebuilt();
    }

    [Fact]
    public void Who_does_not_answer_holds_the_contract_until_its_lease_is_over()
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Accept(work);
        region.Pass(200);
        region.Reduce(0);
        region.Pass(799);
        Assert.True(region.Hub.Market.IsHeldBy(_node));
        Assert.Single(region.Hub.Market.Bounties);
        region.Pass(3);
        Assert.Equal(ContractStatus.Expired, region.Hub.Market.Find(work.Id)!.Status);
        region.Pass(20); // Until the next batch.
        Assert.Empty(region.Hub.Market.Bounties);
        Assert.Equal((0, 60_000_000), (region.Balance, region.InTransit));
        region.Answer(work, CancelAnswer.Stopped);
        Assert.Equal(0, region.Balance);
        region.IsRebuilt();
    }

    [Fact]
    public void Only_what_is_in_excess_is_stopped_and_what_is_missing_is_asked_for_again()
    {
        var region = new Region();
        Contract work = region.Award(4);
        region.Accept(work);
        region.Reduce(3); // Of four tonnes under contract one is in excess: less than a contract.
        Assert.Equal(CancelState.None, region.Hub.Market.Find(work.Id)!.Cancel);
        region.Reduce(5); // No order makes it more.
        OpenBounty bounty = Assert.Single(region.Hub.Market.Bounties).Value;
        Assert.Equal((3_000_000, 0), (bounty.Wanted.Value, bounty.Open.Value));
        region.Dock(1, work, 1_000);
        bounty = Assert.Single(region.Hub.Market.Bounties).Value;
        Assert.Equal(2_000_000, bounty.Open.Value);
        region.IsRebuilt();
    }

    /// <summary>A chartered hub with one node and one bounty of six tonnes at ten credits, and whoever
    /// verifies signatures and draws nonces.</summary>
    private sealed class Region
    {
        private readonly List<HubFact> _facts = [];
        private readonly LinkEnd _link;
        private readonly LinkEnd _above;
        private Instant _now = _start;

        public Region()
        {
            Hub = new RegionalHub(TestHub.Spec);
            _link = new LinkEnd(
                Party.Of(_node), Party.Of(new RegionId(1)), TestHub.Contacts.PlanFor(_node), TimeSpan.Zero,
                fact => _link!.Apply(fact));
            _above = new LinkEnd(
                Party.Strategy, Party.Of(new RegionId(1)), TestHub.Spec.StrategyContacts, TimeSpan.Zero,
                fact => _above!.Apply(fact));
            var escrow = new AccountId(AccountKind.Escrow, 1);
            Put(new HubFact.CharterAsked());
            Put(new HubFact.Chartered(new Epoch(1)));
            Put(new HubFact.Posted(
                new Posting(new AccountId(AccountKind.Correspondent, 0), escrow, Credits.FromWhole(60))));
            Put(new HubFact.Market(new MarketFact.BountyOpened(new Bounty(
                new BountyId(1), Commodity.Nickel, new DepotId(1), Grams.FromTonnes(6), Grams.FromTonnes(1),
                Credits.FromWhole(10), _start.CeilingSecond + TimeSpan.FromDays(3_000)), _start)));
            var tank = new Track(Variable.Propellant, [new Knot(Instant.Epoch, 500_000)]);
            Say(new Enrol(
                TestJournal.KeyOf(1), 1, 1, new Grams(1_000), new Plan(1, default, Instant.Epoch, [tank])));
            Assert.Single(Hub.Roster);
        }

        private static ContractId First => ContractId.After(TestHub.Spec.Region, 0);

        public RegionalHub Hub { get; }

        public long Balance => Hub.Books[new AccountId(AccountKind.Balance, _node.Value)].Micro;

        public Contract Award(long tonnes)
        {
            Instant due = _now.CeilingSecond + TimeSpan.FromDays(1_000);
            var winner = new Winner(
                new BountyId(1), _node, Grams.FromTonnes(tonnes), Credits.FromWhole(5), due, TimeSpan.Zero,
                Credits.FromWhole(4));
            Put(new HubFact.Market(
                new MarketFact.Awarded(First, new Epoch(1), winner, due, due)));
            return Hub.Market.Find(First)!;
        }

        public long InTransit => Hub.Books.Accounts
            .Where(account => account.Key.Kind == AccountKind.Transit).Sum(account => account.Value.Micro);

        /// <summary>Takes the work, with a plan: leaves on day 100, digs from day 300 to 500, is home on day
        /// 900.</summary>
        public void Accept(Contract work)
        {
            Instant Day(int day) => _now.FloorSecond + TimeSpan.FromDays(day);
            Say(new AwardAccepted(work.Id, work.Epoch, [], new Plan(
                2, work.Id, work.Due,
                [
                    new Track(Variable.Cargo, [
                        new Knot(_now.FloorSecond, 0), new Knot(Day(300), 0), new Knot(Day(500), 4_000_000),
                        new Knot(work.Due, 4_000_000)]),
                    new Track(Variable.Position, [
                        new Knot(_now.FloorSecond, 0), new Knot(Day(100), 0), new Knot(Day(300), 9_000_000),
                        new Knot(Day(600), 9_000_000), new Knot(Day(900), 1)]),
                ])));
            Assert.True(Hub.Market.Find(work.Id)!.IsTaken);
        }

        public void Answer(Contract work, CancelAnswer answer) =>
            Say(new CancelAnswered(work.Id, work.Epoch, answer));

        public void Reduce(long tonnes)
        {
            Assert.True(_above.Queue(
                new BountyReduced(new BountyId(1), Grams.FromTonnes(tonnes)), Priority.Contract,
                Instant.Never));
            Step(new HubInput.FrameArrived(_above.Compose(_now, hail: false, owesAnswer: true)!));
        }

        public void Pass(int days)
        {
            _now += TimeSpan.FromDays(days);
            Step(new HubInput.Woken());
        }

        public void Dock(uint docking, Contract work, long kilograms) => Step(new HubInput.Docked(
            new DepotId(1), _node, docking, work.Id, work.Epoch, Commodity.Nickel,
            new Grams(kilograms * 1_000), default, default, _now));

        public void Review(ulong number, bool isAccepted) =>
            Step(new HubInput.Reviewed(number, isAccepted));

        public void Bid() => Say(new BidSheet(
            Hub.Market.Cycle, NoBidReason.None,
            [
                new Bid(
                    new BountyId(1), NoBidReason.None,
                    [
                        new BidStep(
                            Grams.FromTonnes(1), Credits.FromWhole(1), _now + TimeSpan.FromDays(50),
                            TimeSpan.FromHours(1)),
                    ]),
            ]));

        public void Own(long credits) => Put(new HubFact.Posted(new Posting(
            new AccountId(AccountKind.Correspondent, 0), new AccountId(AccountKind.Balance, _node.Value),
            Credits.FromWhole(credits))));

        public long Aside(BountyId call) => Hub.Books[new AccountId(AccountKind.Escrow, call.Value)].Micro;

        public void Call(uint number, Credits offer) => Say(new HelpAsked(
            number, FaultClass.Power, new DepotId(1), new SiteId(2), Commodity.Nickel, new Grams(1), default,
            offer, _now.CeilingSecond + TimeSpan.FromDays(200)));

        public void Withdraw(uint number) => Say(new HelpEnded(number, HelpOutcome.Withdrawn, default));

        public void Mended(ContractId contract) =>
            Say(new Mended(contract, new Epoch(1), new PartsPerMillion(200_000), default));

        public void Return(TestJournal journal)
        {
            _now += TimeSpan.FromDays(2);
            ulong accepted = Hub.Reconciler.Receptions[_node].Accepted.Head.Size;
            Core.Reconcile.Offer offer = journal.Offer(accepted);
            Say(new ReturnOffered(
                journal.Size, accepted, offer.Bytes, _start, 0, offer.Notes[^1].Text, offer.Consistency));
            Say(new JournalPart(journal.Size, 0, journal.Upload(accepted)));
            Assert.Null(Hub.Reconciler.Receptions[_node].Offer);
        }

        /// <summary>Demands that a hub made of the facts, and one made of a snapshot, are the same to the
        /// byte.</summary>
        public void IsRebuilt()
        {
            byte[] bytes = Snapshot.Of(Hub.Shape);
            var replayed = new RegionalHub(TestHub.Spec);
            _facts.ForEach(fact => replayed.Apply(Snapshot.Read<HubFact>(Snapshot.Of(fact))));
            Assert.Equal(bytes, Snapshot.Of(replayed.Shape));
            var restored = new RegionalHub(TestHub.Spec);
            Snapshot.Into(bytes, restored.Shape);
            Assert.Equal(bytes, Snapshot.Of(restored.Shape));
        }

        private void Say(Message message)
        {
            Frame frame = message is ReturnOffered or JournalPart or BidSheet
                ? _link.Compose(_now, hail: true, owesAnswer: false, message)!
                : Queued(message);
            Step(new HubInput.FrameArrived(frame));
        }

        private Frame Queued(Message message)
        {
            Assert.True(_link.Queue(message, Priority.Contract, Instant.Never));
            return _link.Compose(_now, hail: true, owesAnswer: false)!;
        }

        private void Step(HubInput input)
        {
            var inputs = new Queue<HubInput>([input]);
            while (inputs.TryDequeue(out HubInput? next))
            {
                var outbox = new Outbox<HubFact, HubEffect>();
                Hub.Step(_now, next, outbox);
                _facts.AddRange(outbox.Facts);
                foreach (HubEffect effect in outbox.Effects)
                {
                    switch (effect)
                    {
                        case HubEffect.DrawNonce(var node, var blocks):
                            inputs.Enqueue(new HubInput.NonceDrawn(node, blocks, Digest.Of([7])));
                            break;
                        case HubEffect.Verify ask:
                            byte[] signature = TestJournal.Sign(ask.PublicKey, ask.Message);
                            inputs.Enqueue(new HubInput.Verified(
                                ask.Node, ask.Request, signature.SequenceEqual(ask.Signature)));
                            break;
                        case HubEffect.Transmit(var frame) when frame.To == Party.Of(_node):
                            _ = _link.Take(_now, frame);
                            break;
                        default:
                            break;
                    }
                }
            }
        }

        private void Put(HubFact fact)
        {
            Hub.Apply(fact);
            _facts.Add(fact);
        }
    }
}
