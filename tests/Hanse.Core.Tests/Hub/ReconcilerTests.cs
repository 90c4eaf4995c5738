using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>Returns as a hub takes them: its memory, and what an operator's word does.</summary>
public sealed class ReconcilerTests
{
    private const int Uploads = 4;
    private const long Room = 8 << 20;

    /// <summary>What a node shows of its raw log.</summary>
    public enum Showing
    {
        /// <summary>What it sealed.</summary>
        Whole,

        /// <summary>Something else.</summary>
        Spoiled,

        /// <summary>Nothing: it has it no more.</summary>
        Lost,
    }

    private static readonly Instant _start = new(1_000_000_000_000);

    [Fact]
    public void A_hub_holds_no_more_bytes_than_its_rules_say()
    {
        // Nodes that offer as much as is allowed, send most of it, and never end.
        const int nodes = 40;
        var desk = new Desk(nodes);
        Instant now = _start;
        long peak = 0;
        for (int round = 0; round < 10; round++)
        {
            for (uint node = 1; node <= nodes; node++)
            {
                now += TimeSpan.FromSeconds(1);
                Message? answer = desk.Offer(now, node, Offered(5, Room));
                long from = answer is ReturnAdmitted admitted ? admitted.From : 0;
                for (int part = 0; answer is ReturnAdmitted && part < 6; part++)
                {
                    answer = desk.Send(now, node, new JournalPart(5, from, new byte[JournalPart.BytesMax]));
                    from = answer is ReturnAdmitted next ? next.From : from;
                    peak = Math.Max(peak, desk.Held);
                }
            }

            now += TimeSpan.FromDays(1); // The windows of all have closed.
            desk.Wake(now);
        }

        Assert.InRange(peak, 1, 2 * Uploads * Room);
        Assert.InRange(desk.Holding, 1, 2 * Uploads);
        desk.IsRebuilt();
    }

    [Fact]
    public void An_offer_of_more_than_there_is_room_for_is_refused_and_nothing_of_it_kept()
    {
        var desk = new Desk(1);
        Assert.IsType<ReturnDeferred>(desk.Offer(_start, 1, Offered(5, Room + 1)));
        Assert.Contains(desk.Effects, effect => effect is HubEffect.Refuse { Reason: Refusal.TooMuch });
        Assert.Null(desk.Machine.Receptions[new NodeId(1)].Offer);
        Assert.Null(desk.Send(_start, 1, new JournalPart(5, 0, new byte[100])));
        Assert.Equal(0, desk.Held);
    }

    [Fact]
    public void No_more_is_taken_of_a_return_than_was_offered()
    {
        var desk = new Desk(1);
        Assert.IsType<ReturnAdmitted>(desk.Offer(_start, 1, Offered(5, 1_000)));
        _ = desk.Send(_start, 1, new JournalPart(5, 0, new byte[900]));
        _ = desk.Send(_start, 1, new JournalPart(5, 900, new byte[9_000]));
        Assert.Equal(1_000, desk.Held);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_operator_who_accepts_a_quarantined_return_takes_over_what_it_says(bool isAccepted)
    {
        var node = new NodeId(1);
        TestJournal journal = Impossible(node);
        var desk = new Desk(1);
        desk.Return(_start, journal);
        Reception reception = desk.Machine.Receptions[node];
        ReturnVerdict verdict = reception.Quarantine!;
        Assert.Equal(ReturnOutcome.Quarantined, reception.LastOutcome);
        Assert.Equal(0UL, reception.Accepted.Head.Size);
        Assert.NotNull(verdict.Contested);

        desk.Machine.Review(node, isAccepted);
        Assert.Equal(isAccepted, reception.Quarantine is null);
        Assert.Equal(isAccepted ? journal.Size : 0, reception.Accepted.Head.Size);
        desk.IsRebuilt();
        if (!isAccepted)
        {
            return;
        }

        // What it does next is judged from there.
        Assert.Equal(0, reception.Accepted.CleanReturns);
        _ = journal.Write(new Entry.Moved(Resource.Wear, Cause.Accrued, 10, 0)).Check();
        desk.Return(_start + TimeSpan.FromDays(2), journal);
        Assert.Null(reception.Quarantine);
        Assert.Equal(journal.Size, reception.Accepted.Head.Size);
        desk.IsRebuilt();
    }

    [Fact]
    public void A_return_that_is_not_the_nodes_own_cannot_be_taken_over()
    {
        TestJournal journal = new TestJournal { Node = new NodeId(1) }.Start().Check(TestJournal.KeyOf(2));
        var desk = new Desk(1);
        desk.Return(_start, journal);
        Reception reception = desk.Machine.Receptions[journal.Node];
        Assert.Null(reception.Quarantine!.Contested);

        // It is judged anew when it comes again.
        desk.Machine.Review(journal.Node, isAccepted: true);
        Assert.Null(reception.Quarantine);
        desk.Return(_start + TimeSpan.FromDays(2), journal);
        Assert.NotNull(reception.Quarantine);
    }

    [Theory]
    [InlineData(Showing.Whole, ReturnOutcome.Accepted)]
    [InlineData(Showing.Spoiled, ReturnOutcome.Quarantined)]
    [InlineData(Showing.Lost, ReturnOutcome.Quarantined)]
    public void Raw_logs_are_audited_a_few_blocks_at_a_time(Showing showing, ReturnOutcome outcome)
    {
        TestJournal journal = Sealed();
        var desk = new Desk(1);
        desk.Upload(_start, journal);
        int asked = 0;
        while (desk.Machine.Missing(journal.Node) is BlocksAsked ask)
        {
            Assert.InRange(ask.Places.Length, 1, BlocksAsked.PlacesMax);
            asked += ask.Places.Length;
            foreach (BlockAsk place in ask.Places)
            {
                _ = desk.Show(_start, journal, place, showing);
                _ = desk.Show(_start, journal, place, showing); // An old story now.
            }
        }

        Assert.InRange(asked, 6, 12);
        Assert.Equal(outcome, desk.Machine.Receptions[journal.Node].LastOutcome);
        desk.IsRebuilt();
    }

    [Fact]
    public void A_node_that_falls_silent_in_an_audit_is_not_quarantined_and_is_judged_when_it_comes_back()
    {
        TestJournal journal = Sealed();
        var desk = new Desk(1);
        desk.Upload(_start, journal);
        Assert.IsType<BlocksAsked>(desk.Machine.Missing(journal.Node));
        Instant later = _start + CaseRules.Rules.AuditTime + TimeSpan.FromHours(1);
        desk.Wake(later);
        Reception reception = desk.Machine.Receptions[journal.Node];
        Assert.Null(reception.Quarantine);
        Assert.Null(reception.Offer);
        Assert.Equal(0, desk.Held);
        desk.IsRebuilt();

        // It is heard again, and keeps quiet about its raw log.
        desk.Heard = later;
        desk.Upload(later, journal);
        desk.Heard = later + CaseRules.Rules.AuditTime;
        desk.Wake(later + CaseRules.Rules.AuditTime + TimeSpan.FromHours(1));
        Assert.Contains(reception.Quarantine!.Reasons, reason => reason.Code == ReasonCode.LeafLate);
        desk.IsRebuilt();
    }

    private static TestJournal Sealed() =>
        new TestJournal { Node = new NodeId(1) }.Start().Seal(4).Seal(2).Check();

    // More was used than there was.
    private static TestJournal Impossible(NodeId node) => new TestJournal { Node = node }
        .Start()
        .Write(new Entry.Moved(Resource.Propellant, Cause.Used, 900_000, 0))
        .Check();

    private static ReturnOffered Offered(ulong blocks, long bytes) =>
        new(blocks, 0, bytes, _start, 0, [1, 2, 3], []);

    /// <summary>A reconciler, its facts, and whoever verifies signatures and draws nonces.</summary>
    private sealed class Desk
    {
        private static readonly ContactPlan _contacts = new()
        {
            Phase = Instant.Epoch,
            Period = TimeSpan.FromDays(1),
            Length = TimeSpan.FromHours(20),
            BytesPerSecond = 10_000,
            LightTime = TimeSpan.FromSeconds(1),
        };

        private readonly List<ReconcileFact> _facts = [];
        private readonly uint _nodes;

        public Desk(uint nodes)
        {
            _nodes = nodes;
            Machine = Fresh(fact =>
            {
                Machine!.Apply(fact);
                _facts.Add(fact);
            });
        }

        public Reconciler Machine { get; }

        public List<HubEffect> Effects { get; } = [];

        /// <summary>When the nodes were last heard.</summary>
        public Instant Heard { get; set; } = _start;

        public long Held => Machine.Receptions.Values.Sum(reception => reception.Cursor);

        public int Holding => Machine.Receptions.Values.Count(reception => reception.Cursor > 0);

        public Message? Offer(Instant now, uint node, ReturnOffered offer) => Machine.Take(
            now, new NodeId(node), offer, _contacts, new Epoch(1), Credits.Zero);

        public Message? Send(Instant now, uint node, JournalPart part) =>
            Machine.Take(now, new NodeId(node), part);

        public void Wake(Instant now)
        {
            Machine.Wake(now);
            while (Effects.Count > 0)
            {
                HubEffect effect = Effects[0];
                Effects.RemoveAt(0);
                switch (effect)
                {
                    case HubEffect.DrawNonce(var node, var blocks):
                        Machine.Begin(now, node, blocks, Digest.Of([7]));
                        break;
                    case HubEffect.Verify ask:
                        byte[] signature = TestJournal.Sign(ask.PublicKey, ask.Message);
                        bool isGood = signature.SequenceEqual(ask.Signature);
                        Machine.Judge(now, ask.Node, ask.Request, isGood);
                        break;
                    default:
                        break;
                }
            }
        }

        /// <summary>A whole return, to its verdict.</summary>
        public void Return(Instant now, TestJournal journal)
        {
            Upload(now, journal);
            Assert.Null(Machine.Receptions[journal.Node].Offer);
        }

        /// <summary>A whole return, as far as it gets without an audit.</summary>
        public void Upload(Instant now, TestJournal journal)
        {
            ulong accepted = Machine.Receptions[journal.Node].Accepted.Head.Size;
            Core.Reconcile.Offer offer = journal.Offer(accepted);
            var offered = new ReturnOffered(
                journal.Size, accepted, offer.Bytes, _start, 0, offer.Notes[^1].Text, offer.Consistency);
            Assert.IsType<ReturnAdmitted>(Offer(now, journal.Node.Value, offered));
            byte[] upload = journal.Upload(accepted);
            _ = Send(now, journal.Node.Value, new JournalPart(journal.Size, 0, upload));
            Wake(now);
        }

        public Message? Show(Instant now, TestJournal journal, BlockAsk ask, Showing showing)
        {
            var place = new AuditPlace(
                ask.Request, new RawPlace(ask.Segment, ask.Leaf, ask.Block), AuditUnit.Block);
            (byte[] bytes, byte[] proof) = journal.Show(place);
            bytes = showing switch
            {
                Showing.Spoiled => new byte[bytes.Length],
                Showing.Lost => [],
                _ => bytes,
            };
            return Machine.Take(
                now, journal.Node, new BlockShown(journal.Size, ask.Request, bytes, proof));
        }

        /// <summary>Demands that a reconciler made of the facts is the same to the byte.</summary>
        public void IsRebuilt()
        {
            Reconciler other = Fresh(_ => throw new InvalidOperationException("nothing is decided here"));
            _facts.ForEach(other.Apply);
            Assert.Equal(Snapshot.Of(Machine.Shape), Snapshot.Of(other.Shape));
        }

        private Reconciler Fresh(Action<ReconcileFact> record)
        {
            var machine = new Reconciler(
                Spec(), record, Effects.Add, _ => Heard, (_, _, _) => null, _ => Spec().Approvals,
                _ => false);
            var tank = new Track(Variable.Propellant, [new Knot(Instant.Epoch, 500_000)]);
            for (uint node = 1; node <= _nodes; node++)
            {
                machine.Enrol(new NodeId(node), new Enrol(
                    TestJournal.KeyOf(1), 1, 1, new Grams(1_000),
                    new Plan(1, default, Instant.Epoch, [tank])));
            }

            return machine;
        }

        private static HubSpec Spec() => TestHub.Spec with
        {
            Intake = TestHub.Spec.Intake with { AdmittedMax = Uploads, UploadBytesMax = Room },
        };
    }
}
