using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>Takes the journals of returning nodes: admits, receives, has them validated, and tells the
/// nodes.</summary>
/// <remarks>
/// The problem: a hub must not act on what a node says it did while nobody watched before it has found out
/// whether that can be so, and it has one processor and many nodes. The idea: <see cref="IntakeQueue"/>
/// decides who may come when, a <see cref="Reception"/> holds what has come of one return, and
/// <see cref="ReturnValidation"/> judges it; here they are only put together.
/// <code>
///   offer --> admitted --> bytes --> complete --> begun --> asked, answered ... --> judged --> receipt
///     |                                              |
///     +--> deferred: come back then                  +--> a nonce is drawn after the bytes are here
/// </code>
/// <para>
/// Invariants. A return is judged once; the receipt is queued with the fact. Bytes are remembered as they
/// come, so a window may close at any of them. A quarantined node is not judged again until an operator has
/// looked; it is told to come back later, and loses nothing that it was allotted. Memory is bounded: an
/// offer of more than <see cref="IntakeRules.UploadBytesMax"/> is refused, no more than was offered is
/// taken, and of uploads that their windows cut off at most <see cref="IntakeRules.AdmittedMax"/> are kept;
/// the least of them is dropped, and begins again. Deliberately absent: the merge of claims, which has a
/// book of its own.
/// </para>
/// </remarks>
public sealed class Reconciler
{
    /// <summary>How long a node whose offers are not taken is told to wait before it offers
    /// again.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromDays(1);

    private readonly HubSpec _spec;
    private readonly Action<ReconcileFact> _record;
    private readonly Action<HubEffect> _emit;
    private readonly Func<NodeId, Instant> _heard;
    private readonly Func<NodeId, Digest, ReadOnlyMemory<byte>, byte[]?> _decide;
    private readonly Func<NodeId, ImmutableArray<Approval>> _approvals;
    private readonly Func<NodeId, bool> _isYoung;
    private readonly SortedDictionary<NodeId, Reception> _receptions = [];

    // Whose validation has begun and is not over, and of whom there are bytes; both follow from the
    // receptions.
    private readonly SortedSet<NodeId> _validating = [];
    private readonly SortedSet<NodeId> _holding = [];

    internal Reconciler(
        HubSpec spec, Action<ReconcileFact> record, Action<HubEffect> emit, Func<NodeId, Instant> heard,
        Func<NodeId, Digest, ReadOnlyMemory<byte>, byte[]?> decide,
        Func<NodeId, ImmutableArray<Approval>> approvals, Func<NodeId, bool> isYoung)
    {
        Invariant.Holds(spec.Approvals.Length + RolloutTold.RolloutsMax <= HubRecords.ApprovalsMax);
        Invariant.Holds(spec.Intake.UploadBytesMax >= Logbook.OfferBytesMax);
        Invariant.Holds(spec.Returns.AuditUnit == AuditUnit.Block); // A leaf fits no frame.
        _spec = spec;
        _record = record;
        _emit = emit;
        _heard = heard;
        _decide = decide;
        _approvals = approvals;
        _isYoung = isYoung;
        Queue = new IntakeQueue(
            spec.Intake, spec.ValidationCost, fact => record(new ReconcileFact.Queue(fact)));
    }

    /// <summary>Who waits, and for how long: the storm, to look at.</summary>
    public IntakeQueue Queue { get; }

    /// <summary>What is known of each node's journal.</summary>
    public IReadOnlyDictionary<NodeId, Reception> Receptions => _receptions;

    /// <summary>When something is due.</summary>
    internal Instant NextWake
    {
        get
        {
            Instant wake = Queue.NextWake ?? Instant.Never;
            foreach (NodeId node in _validating)
            {
                wake = Instant.Min(wake, GivesUpAt(node));
            }

            return wake;
        }
    }

    /// <summary>A node was enrolled.</summary>
    internal void Enrol(NodeId node, Enrol enrol) =>
        _receptions.Add(node, NewReception(node, AcceptedState.Enrolled(enrol)));

    /// <summary>A node was taken over from another hub.</summary>
    internal void Adopt(NodeId node, AcceptedState accepted) =>
        _receptions[node] = NewReception(node, accepted);

    /// <summary>It has arrived: what it did at depots before is not known here.</summary>
    internal void Arrive(NodeId node, Instant at) => _receptions[node].Since = at;

    /// <summary>Its return waits no longer: it is another hub's to judge.</summary>
    internal void Withdraw(NodeId node) => _ = Queue.Withdraw(node);

    /// <summary>It belongs to another region.</summary>
    internal void Forget(NodeId node)
    {
        _ = _receptions.Remove(node);
        _ = _validating.Remove(node);
        _ = _holding.Remove(node);
    }

    /// <summary>A depot measured a transfer.</summary>
    internal void Measure(NodeId node, DockingRecord record) =>
        _record(new ReconcileFact.Measured(node, record));

    /// <summary>Wear of a node was undone, or may have been: what its journal says of that is held against
    /// it. Called while a fact is applied.</summary>
    internal void Note(NodeId node, RepairRecord repair) => _receptions[node].Note(repair);

    /// <summary>Takes an offer.</summary>
    /// <returns>What to answer; null when there is nothing to say, or the receipt is on its way.</returns>
    internal Message? Take(Instant now, NodeId node, ReturnOffered offer, ContactPlan contacts, Epoch epoch,
        Credits worth)
    {
        Reception reception = _receptions[node];
        if (offer.Accepted < reception.Accepted.Head.Size)
        {
            return null; // It has not heard how its last return was judged.
        }

        bool isTooMuch = offer.Bytes > _spec.Intake.UploadBytesMax;
        if (isTooMuch)
        {
            _emit(new HubEffect.Refuse(Party.Of(node), offer.Kind, Refusal.TooMuch));
        }

        if (isTooMuch || reception.Quarantine is not null)
        {
            return new ReturnDeferred(offer.Blocks, (now + _pause).CeilingSecond);
        }

        if (reception.IsValidating)
        {
            return Missing(node) ?? Cursor(reception);
        }

        if (reception.Offer?.IsSame(offer) != true)
        {
            _record(new ReconcileFact.Offered(node, offer));
        }

        ReturnSummary summary = Summary(node, offer, reception, epoch, worth);
        switch (Queue.Offer(now, summary, contacts))
        {
            case IntakeVerdict.Admitted:
                return Cursor(reception);
            case IntakeVerdict.Deferred(var notBefore, _):
                return new ReturnDeferred(offer.Blocks, notBefore.CeilingSecond);
            default:
                return new ReturnDeferred(offer.Blocks, contacts.NextOpening(now).CeilingSecond);
        }
    }

    /// <summary>Takes a part of an upload. What does not begin at the cursor is asked for again.</summary>
    internal Message? Take(Instant now, NodeId node, JournalPart part)
    {
        Reception reception = _receptions[node];
        if (reception.Offer is null || reception.Offer.Blocks != part.Blocks || !IsExpected(node, reception))
        {
            return null;
        }

        long skip = reception.Cursor - part.Offset;
        if (skip >= 0 && skip < part.Bytes.Length && !reception.IsComplete)
        {
            int end = (int)Math.Min(part.Bytes.Length, reception.Offer.Bytes - part.Offset);
            byte[] bytes = part.Bytes[(int)skip..end];
            MakeRoom(node);
            _record(new ReconcileFact.PartTaken(node, now, bytes));
            Answer(now, node);
            if (reception.IsComplete && !reception.IsValidating)
            {
                _ = Queue.Arrive(now, node, reception.Cursor);
            }
        }

        return reception.Offer is null ? null : Cursor(reception);
    }

    /// <summary>Takes a block of a raw log. One that nobody waits for is an old story.</summary>
    internal Message? Take(Instant now, NodeId node, BlockShown shown)
    {
        Reception reception = _receptions[node];
        if (reception.Offer?.Blocks != shown.Blocks)
        {
            return null;
        }

        bool isAsked = false;
        foreach (AuditPlace place in reception.Challenge)
        {
            isAsked |= place.Request == shown.Request;
        }

        if (isAsked)
        {
            _record(new ReconcileFact.Shown(node, now, shown.Request, shown.Bytes, shown.Proof));
            Answer(now, node);
        }

        return Missing(node);
    }

    /// <summary>What a node should send whose return is being judged: what was damaged on the way, which it
    /// thinks is here, or blocks of its raw log.</summary>
    internal Message? Missing(NodeId node)
    {
        Reception reception = _receptions[node];
        if (reception.IsValidating && !reception.IsComplete)
        {
            return Cursor(reception);
        }

        ImmutableArray<AuditPlace> challenge = reception.Challenge;
        return challenge.IsEmpty ? null : new BlocksAsked(reception.Offer!.Blocks,
        [
            .. ImmutableArray.CreateRange(challenge, static ask => new BlockAsk(
                ask.Request, ask.Place.Segment, ask.Place.Leaf, ask.Place.Block)),
        ]);
    }

    /// <summary>The nonce of a validation was drawn.</summary>
    internal void Begin(Instant now, NodeId node, ulong blocks, Digest nonce)
    {
        if (_receptions.TryGetValue(node, out Reception? reception)
            && !reception.IsValidating && reception.Offer?.Blocks == blocks
            && StageOf(node) == ReturnStage.Validating)
        {
            _record(new ReconcileFact.Begun(node, now, nonce));
            Answer(now, node);
        }
    }

    /// <summary>A signature was verified.</summary>
    internal void Judge(Instant now, NodeId node, ulong request, bool isGood)
    {
        if (_receptions.TryGetValue(node, out Reception? reception)
            && reception.IsAsked(request))
        {
            _record(new ReconcileFact.SignatureJudged(node, now, request, isGood));
            Answer(now, node);
        }
    }

    /// <summary>An operator has looked at a quarantined return.</summary>
    internal void Review(NodeId node, bool isAccepted)
    {
        if (_receptions.TryGetValue(node, out Reception? reception) && reception.Quarantine is not null)
        {
            _record(new ReconcileFact.Reviewed(node, isAccepted));
        }
    }

    /// <summary>Begins what the budget allows, and wakes validations whose deadlines have passed.</summary>
    internal void Wake(Instant now)
    {
        Queue.Wake(now);
        while (Queue.Next(now) is { } node && Queue.Begin(now, node))
        {
            Draw(node);
        }

        foreach (NodeId node in (NodeId[])[.. _validating])
        {
            if (GivesUpAt(node) <= now && SilentAt(node) <= now)
            {
                _record(new ReconcileFact.Dropped(node));
                _ = Queue.Withdraw(node);
            }
            else if (GivesUpAt(node) <= now)
            {
                _record(new ReconcileFact.Waited(node, now));
                Answer(now, node);
            }
        }
    }

    // A node that is out of reach, or dead, has not refused to show anything: its return is dropped, and
    // begins anew, with all its time, when it calls again.
    private Instant SilentAt(NodeId node) => _heard(node) + (_spec.Returns.AuditTime / 2);

    // When a validation that waits for its node waits no longer; never when it waits for none.
    private Instant GivesUpAt(NodeId node) => _receptions[node].NextWake is { } deadline
        ? Instant.Min(deadline, SilentAt(node)) : Instant.Never;

    /// <summary>Asks again for what may have been lost with a crash.</summary>
    internal void Repeat()
    {
        foreach (Return known in Queue.Returns.Values)
        {
            if (known.Stage != ReturnStage.Validating)
            {
                continue;
            }

            Reception reception = _receptions[known.Node];
            if (!reception.IsValidating)
            {
                Draw(known.Node);
            }

            foreach (ReturnEffect.VerifySignature ask in reception.Unverified)
            {
                Verify(known.Node, ask);
            }
        }
    }

    /// <summary>Applies one remembered fact.</summary>
    internal void Apply(ReconcileFact fact)
    {
        switch (fact)
        {
            case ReconcileFact.Queue(var queue):
                Queue.Apply(queue);
                break;
            case ReconcileFact.IOfNode { Node: var node }:
                Reception reception = _receptions[node];
                reception.Apply(fact);
                Index(node, reception);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("reconciler", 2);
        int count = codec.OpenList("receptions", _receptions.Count, int.MaxValue);
        if (codec.IsReading)
        {
            for (int i = 0; i < count && !codec.Failed; i++)
            {
                codec.Open("entry", 2);
                NodeId node = codec.Node("node", default);
                Reception reception =
                    NewReception(node, AcceptedState.Enrolled(new byte[32], [0, 0, 0, 0]));
                reception.Shape(ref codec);
                codec.Close();
                _receptions[node] = reception;
                Index(node, reception);
            }
        }
        else
        {
            foreach (KeyValuePair<NodeId, Reception> entry in _receptions)
            {
                codec.Open("entry", 2);
                _ = codec.Node("node", entry.Key);
                entry.Value.Shape(ref codec);
                codec.Close();
            }
        }

        codec.CloseList();
        Queue.Shape(ref codec);
        codec.Close();
    }

    private void Index(NodeId node, Reception reception)
    {
        _ = reception.IsValidating ? _validating.Add(node) : _validating.Remove(node);
        _ = reception.Cursor > 0 ? _holding.Add(node) : _holding.Remove(node);
    }

    // Admitted uploads are bounded by the queue. Of those that were cut off, the least is the cheapest to
    // send again.
    private void MakeRoom(NodeId newcomer)
    {
        if (_holding.Count < 2 * _spec.Intake.AdmittedMax || _holding.Contains(newcomer))
        {
            return;
        }

        NodeId? least = null;
        foreach (NodeId node in _holding)
        {
            bool isCutOff = StageOf(node) is null or ReturnStage.Waiting && !_receptions[node].IsValidating;
            if (isCutOff && (least is not { } other || _receptions[node].Cursor < _receptions[other].Cursor))
            {
                least = node;
            }
        }

        if (least is { } dropped)
        {
            _record(new ReconcileFact.Dropped(dropped));
        }
    }

    // Carries out what a validation asked for when its last fact was applied; answers may ask for more.
    private void Answer(Instant now, NodeId node)
    {
        Reception reception = _receptions[node];
        foreach (ReturnEffect effect in (ReturnEffect[])[.. reception.Asked])
        {
            switch (effect)
            {
                case ReturnEffect.VerifySignature ask:
                    Verify(node, ask);
                    break;
                case ReturnEffect.ReplayDecision(var request, var skill, var input):
                    byte[]? output = BuiltInDecisions.TryDecide(skill, input, out byte[]? own)
                        ? own : _decide(node, skill, input);
                    _record(new ReconcileFact.Replayed(
                        node, now, request, output ?? [], IsAvailable: output is not null));
                    Answer(now, node);
                    break;
                case ReturnEffect.Judge(var verdict):
                    Close(now, node, verdict);
                    break;
                default:
                    break; // Cursor and challenge go out with every answer to the node.
            }
        }
    }

    private void Close(Instant now, NodeId node, ReturnVerdict verdict)
    {
        ReturnOffered offer = _receptions[node].Offer!;
        _record(new ReconcileFact.Judged(node, now, verdict));
        _ = Queue.Finish(now, node, Spent(verdict.Cost), (long)offer.Blocks);
    }

    private Reception NewReception(NodeId node, AcceptedState accepted) =>
        new(node, _spec.Returns, _approvals, accepted, _isYoung);

    private static ReturnSummary Summary(
        NodeId node, ReturnOffered offer, Reception reception, Epoch epoch, Credits worth) => new()
        {
            Node = node,
            Epoch = epoch,
            JournalSize = (long)offer.Blocks,
            AcceptedSize = (long)reception.Accepted.Head.Size,
            BytesToCome = offer.Bytes,
            // A guess: nodes write about two entries a block.
            Records = 2 * (long)Math.Min(offer.Blocks - offer.Accepted, ReturnSummary.CountMax / 2),
            Checkpoints = 1,
            Decisions = Math.Min(offer.Decisions, ReturnSummary.CountMax),
            Leaves = 0,
            OldestUnaccepted = reception.Accepted.At,
            Contracts = worth,
            Claims = Credits.Zero,
            Trust = reception.LastOutcome switch
            {
                ReturnOutcome.Accepted => TrustClass.Proven,
                ReturnOutcome.Quarantined => TrustClass.Doubted,
                _ => TrustClass.Ordinary,
            },
        };

    private ProcessorTime Spent(ReturnCost cost) => _spec.ValidationCost.Of(
        cost.BytesHashed, cost.Entries + cost.Observations, cost.Signatures, cost.DecisionsReplayed,
        cost.LeavesAudited);

    private static ReturnAdmitted Cursor(Reception reception) =>
        new(reception.Offer!.Blocks, reception.Cursor);

    private bool IsExpected(NodeId node, Reception reception) =>
        reception.IsValidating || StageOf(node) == ReturnStage.Uploading;

    private ReturnStage? StageOf(NodeId node) =>
        Queue.Returns.TryGetValue(node, out Return? known) ? known.Stage : null;

    private void Draw(NodeId node) =>
        _emit(new HubEffect.DrawNonce(node, _receptions[node].Offer!.Blocks));

    private void Verify(NodeId node, ReturnEffect.VerifySignature ask) =>
        _emit(new HubEffect.Verify(node, ask.Request, ask.PublicKey, ask.Message, ask.Signature));
}
