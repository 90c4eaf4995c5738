using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>Which decisions by a release a hub accepts: those of a rollout it was told of, of the node's
/// class, since it was ordered, until the node knew that it was called back.</summary>
public sealed class RolloutApprovalTests
{
    private const int Ordered = 12;

    private static readonly Digest _release = Digest.Of([4, 4]);
    private static readonly NodeId _native = new(1);
    private static readonly NodeId _stranger = new(9);

    private readonly Station _hub = new();

    [Fact]
    public void What_was_never_told_of_is_not_approved()
    {
        Assert.Equal(ReturnOutcome.Quarantined, _hub.Return(_hub.DecidesOn(13)));
        Assert.Contains(_hub.Reasons, reason => reason.Code == ReasonCode.SkillUnapproved);
    }

    [Theory]
    [InlineData(Ordered + 1, 1, ReturnOutcome.Accepted)]
    [InlineData(Ordered - 1, 1, ReturnOutcome.Quarantined)] // Nobody can have had it then.
    [InlineData(Ordered + 1, 2, ReturnOutcome.Quarantined)] // It is for others.
    public void A_rollout_approves_its_release_for_its_class_from_when_it_was_ordered(
        int decided, int capability, ReturnOutcome outcome)
    {
        _hub.Pass(to: 30);
        _hub.Tell(1, ClassState.Running, capability); // A hub may hear of it later than others.
        Assert.Equal(outcome, _hub.Return(_hub.DecidesOn(decided)));
        _hub.IsRebuilt();
    }

    [Fact]
    public void Who_was_out_of_reach_decided_in_good_faith_and_who_knows_better_does_not()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Running);
        _hub.Call();
        Assert.False(_hub.Errand.Order.IsWithdrawn);

        // Called back on day 20. The node decides by it for another three weeks, and says so.
        _hub.Pass(to: 20);
        _hub.Tell(2, ClassState.Stopped);
        _hub.Pass(to: 44);
        TestJournal journal = _hub.DecidesOn(14, 22, 30, 43);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(journal));
        Assert.True(_hub.Errand.Order.IsWithdrawn);

        // It has heard now, and has no excuse.
        _hub.Call();
        _hub.Pass(to: 48);
        Assert.Equal(ReturnOutcome.Quarantined, _hub.Return(_hub.Decide(journal, 47)));
        Assert.Contains(_hub.Reasons, reason => reason.Code == ReasonCode.SkillUnapproved);
        _hub.IsRebuilt();
    }

    [Fact]
    public void What_it_did_before_it_heard_is_accepted_however_late_it_is_told()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Running);
        _hub.Call();
        _hub.Tell(2, ClassState.Stopped);
        _hub.Pass(to: 30);
        _hub.Call(); // It hears,
        _hub.Call(); // and says so.
        _hub.Pass(to: 60);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(_hub.DecidesOn(14, 29)));
        _hub.IsRebuilt();
    }

    [Fact]
    public void What_a_node_has_let_go_by_itself_is_its_own_no_more()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Running);
        _hub.Call();
        _hub.Pass(to: 20);
        _hub.Say(_native, new SkillReport(
            1, _hub.Now.FloorSecond, SkillState.RolledBack, SkillReason.NoAnswer, Day(19), 3));
        _hub.Pass(to: 25);
        TestJournal journal = _hub.DecidesOn(15);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(journal));
        Assert.Equal(ReturnOutcome.Quarantined, _hub.Return(_hub.Decide(journal, 24)));
    }

    [Fact]
    public void What_was_not_confirmed_in_time_may_come_again()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Running);
        _hub.Call();
        _hub.Pass(to: 70);
        _hub.Say(_native, new SkillReport(
            1, _hub.Now.FloorSecond, SkillState.RolledBack, SkillReason.Lapsed, Day(60), 3));
        _hub.Call();
        _hub.Pass(to: 80);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(_hub.DecidesOn(20, 75)));
    }

    [Fact]
    public void What_was_over_and_is_ordered_again_is_approved_again()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Running);
        _hub.Call();
        _hub.Say(_native, new SkillReport(
            1, _hub.Now.FloorSecond, SkillState.RolledBack, SkillReason.NoAnswer, Day(13), 3));
        _hub.Tell(1, ClassState.Running, rollout: 2, release: 9);
        _hub.Call();
        _hub.Tell(2, ClassState.Stopped, rollout: 2, release: 9);
        _hub.Call();
        _hub.Call();
        _hub.Call();
        Assert.Equal((1U, false), (_hub.Errand.Order.Rollout, _hub.Errand.Order.IsWithdrawn));
        _hub.Pass(to: 20);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(_hub.DecidesOn(14, 19)));
        _hub.IsRebuilt();
    }

    [Fact]
    public void What_was_called_back_before_it_was_offered_is_approved_for_nobody_who_was_always_here()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Stopped);
        _hub.Call();
        _hub.Pass(to: 30);
        Assert.Equal(ReturnOutcome.Quarantined, _hub.Return(_hub.DecidesOn(14)));
    }

    [Theory]
    [InlineData(ClassState.Running)]
    [InlineData(ClassState.Stopped)]
    public void A_node_of_another_region_brings_what_all_hubs_were_told_of(ClassState state)
    {
        _hub.Pass(to: 30);
        _hub.Tell(1, state);
        _hub.Adopt(_stranger);
        _hub.Pass(to: 40);

        // Nobody here has ordered it anything. It is called back, since its journal says that it runs it.
        TestJournal journal = _hub.DecidesOn(_stranger, 15, 31);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(journal));
        _hub.Call(_stranger);
        SkillErrand errand = _hub.Hub.Errands[(_stranger, SkillFunction.Extraction)];
        Assert.Equal(state == ClassState.Stopped, errand.Order.IsWithdrawn);
        _hub.Call(_stranger);
        _hub.Pass(to: 50);
        ReturnOutcome outcome = _hub.Return(_hub.Decide(journal, 49));
        Assert.Equal(state == ClassState.Stopped, outcome == ReturnOutcome.Quarantined);
        _hub.IsRebuilt();
    }

    // What is told while a return is judged changes nothing of how it is judged.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_return_is_judged_by_what_was_known_when_that_began(bool isRestored)
    {
        _hub.Pass(to: 30);
        _hub.Tell(1, ClassState.Running);
        _hub.IsHoldingBack = true;
        TestJournal journal = _hub.DecidesOn(14);
        Assert.Equal(default, _hub.Return(journal));
        Assert.True(_hub.Hub.Reconciler.Receptions[_native].IsValidating);
        _hub.Say(_native, new SkillReport(
            1, Day(13), SkillState.RolledBack, SkillReason.NoAnswer, Day(13), 3));
        _hub.Tell(2, ClassState.Stopped);
        if (isRestored)
        {
            _hub.Restore();
        }

        _hub.IsHoldingBack = false;
        _hub.Pass(to: 30);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Hub.Reconciler.Receptions[_native].LastOutcome);
        _hub.IsRebuilt();
    }

    [Fact]
    public void An_image_of_the_core_is_approved_for_its_class_and_as_a_core_only()
    {
        var untold = new Station();
        untold.Pass(to: 15);
        Assert.Equal(ReturnOutcome.Quarantined, untold.Return(untold.RunsOn(_release, 14)));
        Assert.Contains(untold.Reasons, reason => reason.Code == ReasonCode.CoreUnapproved);
        _hub.Tell(1, ClassState.Running, function: SkillFunction.Core);
        _hub.Pass(to: 15);
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(_hub.RunsOn(_release, 14)));
        _hub.Call();
        Assert.Equal(
            _release.ToArray(),
            _hub.Hub.Errands[(_native, SkillFunction.Core)].Order.Release);
        _hub.IsRebuilt();

        // The same number is no function that may decide.
        var other = new Station();
        other.Pass(to: 15);
        other.Tell(1, ClassState.Running, function: SkillFunction.Core);
        Assert.Equal(ReturnOutcome.Quarantined, other.Return(other.DecidesOn(14)));
        Assert.Contains(other.Reasons, reason => reason.Code == ReasonCode.SkillUnapproved);
    }

    [Fact]
    public void What_runs_a_core_as_its_accepted_journal_says_is_proven_to_run_it()
    {
        _hub.Pass(to: 13);
        _hub.Tell(1, ClassState.Running, function: SkillFunction.Core);
        _hub.Call();
        Assert.Equal(0, _hub.Report().Proven);
        _hub.Say(_native, new SkillReport(
            1, Day(13), SkillState.Active, SkillReason.None, Day(13), 0));
        Assert.Equal((1, 0), (_hub.Report().Active, _hub.Report().Proven));
        Assert.Equal(ReturnOutcome.Accepted, _hub.Return(_hub.RunsOn(_release, 13)));
        Assert.Equal((1, 1), (_hub.Report().Active, _hub.Report().Proven));
    }

    [Fact]
    public void A_later_order_waits_until_a_call_back_was_heard()
    {
        _hub.Pass(to: 13);
        _hub.Tell(2, ClassState.Running, rollout: 5);
        _hub.Call();
        _hub.Tell(3, ClassState.Stopped, rollout: 5);
        _hub.Tell(1, ClassState.Running, rollout: 4, release: 9);
        _hub.Pass(to: 14);
        _hub.IsDeaf = true; // What the hub says is lost.
        _hub.Call();
        _hub.Call();
        Assert.Equal((5U, true), (_hub.Errand.Order.Rollout, _hub.Errand.Order.IsWithdrawn));
        _hub.IsDeaf = false;
        _hub.Call();
        Assert.Equal(5U, _hub.Errand.Order.Rollout);
        _hub.Call();
        Assert.Equal((4U, false), (_hub.Errand.Order.Rollout, _hub.Errand.Order.IsWithdrawn));
        _hub.IsRebuilt();
    }

    [Fact]
    public void What_was_ordered_cannot_become_something_else_and_there_is_an_end_to_how_many()
    {
        _hub.Tell(1, ClassState.Running);
        _hub.Tell(2, ClassState.Running, release: 9);
        Assert.Equal(1, _hub.Refused);
        _hub.Tell(2, ClassState.Running);
        Assert.Equal(1, _hub.Refused);
        for (uint rollout = 2; rollout <= RolloutTold.RolloutsMax + 1; rollout++)
        {
            _hub.Tell(1, ClassState.Running, rollout: rollout, release: 9);
        }

        Assert.Equal(2, _hub.Refused);
        _hub.IsRebuilt();
    }

    private static Instant Day(int day) => Instant.Epoch + TimeSpan.FromDays(day);

    /// <summary>A hub, two nodes and the strategic layer, always in contact.</summary>
    private sealed class Station
    {
        private static readonly SkillTrial _trial = new(
            4, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6));

        private readonly List<HubFact> _facts = [];
        private readonly List<HubEffect.Verify> _heldBack = [];
        private readonly SortedDictionary<NodeId, LinkEnd> _links = [];
        private readonly LinkEnd _above;
        private NodeId _last;

        public Station()
        {
            Hub = New();
            Now = Day(Ordered);
            _above = new LinkEnd(
                Party.Strategy, Party.Of(new RegionId(1)), TestHub.Spec.StrategyContacts, TimeSpan.Zero,
                fact => _above!.Apply(fact));
            Put(new HubFact.CharterAsked());
            Put(new HubFact.Chartered(new Epoch(1)));
            var tank = new Track(Variable.Propellant, [new Knot(Instant.Epoch, 500_000)]);
            Enrol = new Enrol(
                TestJournal.KeyOf(1), 1, 1, new Grams(1_000), new Plan(1, default, Instant.Epoch, [tank]));
            Say(_native, Enrol);
        }

        public RegionalHub Hub { get; private set; }

        public Instant Now { get; private set; }

        public SkillErrand Errand => Hub.Errands[(_native, SkillFunction.Extraction)];

        public ImmutableArray<Reason> Reasons => Hub.Reconciler.Receptions[_last].Quarantine!.Reasons;

        public int Refused { get; private set; }

        /// <summary>Whether signatures are verified later.</summary>
        public bool IsHoldingBack { get; set; }

        /// <summary>Whether nodes hear nothing.</summary>
        public bool IsDeaf { get; set; }

        private Enrol Enrol { get; }

        public void Pass(int to)
        {
            Now = Instant.Max(Now, Day(to));
            Step(new HubInput.Woken());
            foreach (HubEffect.Verify ask in (HubEffect.Verify[])[.. _heldBack])
            {
                Step(Answer(ask));
            }
        }

        public void Tell(
            uint sequence, ClassState state, int capability = 1, uint rollout = 1, byte release = 4,
            SkillFunction function = SkillFunction.Extraction)
        {
            Assert.True(_above.Queue(
                new RolloutTold(
                    rollout, sequence, Day(Ordered), function, 1,
                    Digest.Of([release, release]).ToArray(), 100, TimeSpan.FromDays(45),
                    PartsPerMillion.FromPercent(100), _trial,
                    [new RolloutClass(capability, uint.MaxValue, state)]),
                Priority.Contract, Instant.Never));
            Above();
        }

        public void Adopt(NodeId node)
        {
            Assert.True(_above.Queue(
                new NodeAssigned(
                    node, new Epoch(2), 1, 1, CborWriter.Bytes(AcceptedState.Enrolled(Enrol)),
                    new TransferId(3), Credits.Zero, null),
                Priority.Contract, Instant.Never));
            Above();
            Say(node, new Arrived(new Epoch(2), Enrol.Plan, null));
            Assert.True(Hub.Roster[node].HasArrived);
        }

        public void Call() => Call(_native);

        public void Call(NodeId node)
        {
            Now += TimeSpan.FromMinutes(2);
            Step(new HubInput.FrameArrived(LinkOf(node).Compose(Now, hail: true, owesAnswer: false)!));
        }

        public void Say(NodeId node, Message message)
        {
            Now += TimeSpan.FromMinutes(2);
            LinkEnd link = LinkOf(node);
            if (message is ReturnOffered or JournalPart)
            {
                Step(new HubInput.FrameArrived(link.Compose(Now, hail: true, owesAnswer: false, message)!));
                return;
            }

            Assert.True(link.Queue(message, Priority.Contract, Instant.Never));
            Step(new HubInput.FrameArrived(link.Compose(Now, hail: true, owesAnswer: false)!));
        }

        /// <summary>A journal in which the release decides on some days.</summary>
        public TestJournal DecidesOn(params int[] days) => DecidesOn(_native, days);

        public TestJournal DecidesOn(NodeId node, params int[] days)
        {
            var journal = new TestJournal { Node = node };
            _ = journal.Write(
                new Entry.Booted(0, CaseRules.CoreDigest, [.. BuiltInDecisions.All, _release]));
            foreach (int day in days)
            {
                journal.Clock = Day(day);
                _ = journal.Write(Decided());
            }

            return journal.Check();
        }

        /// <summary>A journal of a machine that was started on an image of the core.</summary>
        public TestJournal RunsOn(Digest core, int day)
        {
            var journal = new TestJournal { Node = _native };
            _ = journal.Write(new Entry.Booted(0, CaseRules.CoreDigest, BuiltInDecisions.All));
            journal.Clock = Day(day);
            journal.Boot = 1;
            return journal.Write(new Entry.Booted(1, core, BuiltInDecisions.All)).Check();
        }

        /// <summary>What the hub would tell of its first class.</summary>
        public ClassReport Report()
        {
            Now += TimeSpan.FromDays(1);
            Step(new HubInput.Woken());
            RolloutReport? last = null;
            foreach (HubFact fact in _facts)
            {
                last = fact is HubFact.StrategyLink(LinkFact.Queued { Message: RolloutReport told })
                    ? told : last;
            }

            return last!.Classes[0];
        }

        public TestJournal Decide(TestJournal journal, int day)
        {
            journal.Clock = Day(day);
            return journal.Write(Decided()).Check();
        }

        public ReturnOutcome Return(TestJournal journal)
        {
            _last = journal.Node;
            ulong accepted = Hub.Reconciler.Receptions[_last].Accepted.Head.Size;
            Core.Reconcile.Offer offer = journal.Offer(accepted);
            Say(_last, new ReturnOffered(
                journal.Size, accepted, offer.Bytes, Now.FloorSecond, 0, offer.Notes[^1].Text,
                offer.Consistency));
            Say(_last, new JournalPart(journal.Size, 0, journal.Upload(accepted)));
            return Hub.Reconciler.Receptions[_last].LastOutcome;
        }

        /// <summary>Goes on with a hub made of a snapshot.</summary>
        public void Restore()
        {
            byte[] bytes = Snapshot.Of(Hub.Shape);
            Hub = New();
            Snapshot.Into(bytes, Hub.Shape);
            Assert.Equal(bytes, Snapshot.Of(Hub.Shape));
        }

        /// <summary>Demands that a hub made of the facts is the same to the byte.</summary>
        public void IsRebuilt()
        {
            RegionalHub replayed = New();
            _facts.ForEach(fact => replayed.Apply(Snapshot.Read<HubFact>(Snapshot.Of(fact))));
            Assert.Equal(Snapshot.Of(Hub.Shape), Snapshot.Of(replayed.Shape));
        }

        private static RegionalHub New() => new(TestHub.Spec, new Right());

        private static Entry.Decided Decided()
        {
            byte[] input = CborWriter.Bytes(new ExtractionQuestion(new Grams(100), new Grams(100), 0, 0));
            return new Entry.Decided(
                DecisionClass.Routine, BuiltInDecisions.All.Length, input,
                SkillContract.Own(SkillFunction.Extraction, input), []);
        }

        private static HubInput.Verified Answer(HubEffect.Verify ask) => new(
            ask.Node, ask.Request,
            TestJournal.Sign(ask.PublicKey, ask.Message).AsSpan().SequenceEqual(ask.Signature));

        private LinkEnd LinkOf(NodeId node)
        {
            if (!_links.TryGetValue(node, out LinkEnd? link))
            {
                LinkEnd? made = null;
                made = new LinkEnd(
                    Party.Of(node), Party.Of(new RegionId(1)), TestHub.Contacts.PlanFor(node), TimeSpan.Zero,
                    fact => made!.Apply(fact));
                _links.Add(node, link = made);
            }

            return link;
        }

        private void Above() =>
            Step(new HubInput.FrameArrived(_above.Compose(Now, hail: false, owesAnswer: true)!));

        private void Step(HubInput input)
        {
            var inputs = new Queue<HubInput>([input]);
            while (inputs.TryDequeue(out HubInput? next))
            {
                var outbox = new Outbox<HubFact, HubEffect>();
                Hub.Step(Now, next, outbox);
                _facts.AddRange(outbox.Facts);
                foreach (HubEffect effect in outbox.Effects)
                {
                    switch (effect)
                    {
                        case HubEffect.DrawNonce(var node, var blocks):
                            inputs.Enqueue(new HubInput.NonceDrawn(node, blocks, Digest.Of([7])));
                            break;
                        case HubEffect.Verify ask when IsHoldingBack:
                            _heldBack.Add(ask);
                            break;
                        case HubEffect.Verify ask:
                            inputs.Enqueue(Answer(ask));
                            break;
                        case HubEffect.Transmit(var frame) when frame.To == Party.Strategy:
                            _ = _above.Take(Now, frame);
                            break;
                        case HubEffect.Transmit(var frame) when !IsDeaf:
                            _ = LinkOf(new NodeId(frame.To.Number)).Take(Now, frame);
                            break;
                        case HubEffect.Refuse { Reason: Refusal.RolloutNotTaken }:
                            Refused++;
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

    // A release that answers as the core does.
    private sealed class Right : ISkills
    {
        public int Abi => 1;

        public SkillAnswer Run(
            Digest release, SkillFunction function, MachineKind kind, ReadOnlyMemory<byte> question) =>
            new(SkillOutcome.Answered, SkillContract.Own(function, question));
    }
}
