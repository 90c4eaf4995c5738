using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>One node's return as far as its hub has got with it, and what was accepted of the node
/// before.</summary>
/// <remarks>What the validation asks for is in <see cref="Asked"/> after a fact was applied; while facts are
/// replayed nobody looks, and what was asked and not answered is asked again after a restart.</remarks>
public sealed class Reception
{
    private readonly NodeId _node;
    private readonly ReturnRules _rules;
    private readonly Func<NodeId, ImmutableArray<Approval>> _approvals;
    private readonly Func<NodeId, bool> _isYoung;
    private readonly List<ReturnEffect> _asked = [];
    private readonly List<DockingRecord> _dockings = [];
    private readonly List<RepairRecord> _repairs = [];
    private readonly SortedDictionary<ulong, ReturnEffect.VerifySignature> _unverified = [];

    private ByteBuffer _bytes = new();
    private HubRecords? _records;
    private ReturnValidation? _validation;

    internal Reception(
        NodeId node, ReturnRules rules, Func<NodeId, ImmutableArray<Approval>> approvals,
        AcceptedState accepted, Func<NodeId, bool> isYoung)
    {
        _isYoung = isYoung;
        _node = node;
        _rules = rules;
        _approvals = approvals;
        Accepted = accepted;
    }

    /// <summary>The node as it was last accepted.</summary>
    public AcceptedState Accepted { get; private set; }

    /// <summary>When the node came to this hub from another, which has the records of its dockings until
    /// then; the epoch if it never was another's.</summary>
    public Instant Since { get; internal set; }

    /// <summary>The verdict that an operator has to look at; null while the node's word counts.</summary>
    public ReturnVerdict? Quarantine { get; private set; }

    /// <summary>The last verdict's outcome; zero before the first.</summary>
    public ReturnOutcome LastOutcome { get; private set; }

    /// <summary>The return on offer, until it is judged.</summary>
    public ReturnOffered? Offer { get; private set; }

    /// <summary>Bytes of it that are here.</summary>
    public long Cursor => _bytes.Length;

    /// <summary>Whether all of it is here.</summary>
    public bool IsComplete => Offer is not null && Cursor >= Offer.Bytes;

    /// <summary>Whether it is being validated.</summary>
    public bool IsValidating => _validation is not null;

    /// <summary>What the validation asked for when a fact was applied last.</summary>
    internal IReadOnlyList<ReturnEffect> Asked => _asked;

    /// <summary>The next places of the raw log to ask the node for; none unless a challenge is
    /// open.</summary>
    internal ImmutableArray<AuditPlace> Challenge => _validation?.Challenge(BlocksAsked.PlacesMax) ?? [];

    /// <summary>When the validation wants to be woken.</summary>
    internal Instant? NextWake => _validation?.NextWake;

    /// <summary>Signatures asked for and not answered.</summary>
    internal IEnumerable<ReturnEffect.VerifySignature> Unverified => _unverified.Values;

    /// <summary>Whether a signature was asked for and not answered.</summary>
    internal bool IsAsked(ulong request) => _unverified.ContainsKey(request);

    /// <summary>Wear was undone, or may have been. What undid none is no news; beyond the most that is kept
    /// nothing is, as with dockings.</summary>
    internal void Note(RepairRecord repair)
    {
        if (repair.Most > 0 && _repairs.Count < HubRecords.RepairsMax)
        {
            _repairs.Add(repair);
        }
    }

    /// <summary>Applies one remembered fact.</summary>
    internal void Apply(ReconcileFact fact)
    {
        _asked.Clear();
        switch (fact)
        {
            case ReconcileFact.Measured(_, var record):
                if (_dockings.Count < HubRecords.DockingsMax)
                {
                    _dockings.Add(record);
                }

                break;
            case ReconcileFact.Offered(_, var offer):
                Forget();
                Offer = offer;
                break;
            case ReconcileFact.PartTaken(_, var at, var bytes):
                long from = Cursor;
                _bytes.Add(bytes);
                if (_validation is not null)
                {
                    Run(at, new ReturnInput.BytesArrived(from, bytes));
                }

                break;
            case ReconcileFact.Begun(_, var at, var nonce):
                Begin(at, nonce);
                break;
            case ReconcileFact.SignatureJudged(_, var at, var request, var isGood):
                _ = _unverified.Remove(request);
                Run(at, new ReturnInput.SignatureJudged(request, isGood));
                break;
            case ReconcileFact.Replayed(_, var at, var request, var output, var isAvailable):
                Run(at, isAvailable
                    ? new ReturnInput.Replayed(request, output) : new ReturnInput.ReplayUnavailable(request));
                break;
            case ReconcileFact.Shown(_, var at, var request, var bytes, var proof):
                Run(at, bytes.Length > 0
                    ? new ReturnInput.LeafShown(request, bytes, proof)
                    : new ReturnInput.LeafMissing(request));
                break;
            case ReconcileFact.Waited(_, var at):
                Run(at, new ReturnInput.Woken());
                break;
            case ReconcileFact.Judged(_, _, var verdict):
                Judge(verdict);
                break;
            case ReconcileFact.Dropped:
                Forget();
                break;
            case ReconcileFact.Reviewed(_, var isAccepted):
                Review(isAccepted);
                break;
            default:
                throw new UnreachableException($"no rule for {fact}");
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("reception", 11);
        Accepted = AcceptedState.Shape(ref codec, codec.IsReading ? null : Accepted);
        Since = codec.Moment("since", Since);
        Quarantine = codec.Optional("quarantine", Quarantine);
        LastOutcome = (ReturnOutcome)codec.Integer("lastOutcome", (long)LastOutcome, 0, 3);
        Offer = codec.Optional("offer", Offer);
        byte[] bytes = codec.Bytes("bytes", codec.IsReading ? [] : _bytes.Written.ToArray(), int.MaxValue);
        ImmutableArray<DockingRecord> dockings =
            codec.List("dockings", [.. _dockings], HubRecords.DockingsMax);
        ImmutableArray<RepairRecord> repairs = codec.List("repairs", [.. _repairs], HubRecords.RepairsMax);
        _records = codec.Optional("records", _records);
        int validating = codec.OpenList("validation", _validation is null ? 0 : 1, 1);
        if (codec.IsReading)
        {
            _bytes.Clear();
            _bytes.Add(bytes);
            _dockings.Clear();
            _dockings.AddRange(dockings);
            _repairs.Clear();
            _repairs.AddRange(repairs);
            _validation = validating == 1 ? Validation() : null;
        }

        _validation?.Shape(ref codec);
        codec.CloseList();
        ShapeUnverified(ref codec);
        codec.Close();
    }

    private void ShapeUnverified<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec =>
        codec.Table(
            "unverified",
            _unverified,
            static (ref TCodec c, ulong key) => c.Count("request", key),
            static (ref TCodec c, ReturnEffect.VerifySignature value) => new ReturnEffect.VerifySignature(
                c.Count("number", value?.Request ?? 0),
                c.Bytes("key", value?.PublicKey ?? [], NoteKey.Ed25519Length),
                c.Bytes("message", value?.Message ?? [], SignedNote.BytesMax),
                c.Bytes("signature", value?.Signature ?? [], SignedNote.SignatureBytesMax)));

    private void Begin(Instant at, Digest nonce)
    {
        Invariant.Holds(Offer is not null && _validation is null);

        // What is known when it begins is what it is judged by, whatever is told meanwhile.
        _records = new HubRecords
        {
            Approvals = _approvals(_node),
            Dockings = [.. _dockings],
            Repairs = [.. _repairs],
            Since = Since,
            Readings = [],
            Witnessed = [],
            // Of one on probation all counts: it is looked at as closely as one that has proven nothing.
            AtStake = _isYoung(_node) ? _rules.HighStake : Credits.Zero,
        };
        _validation = Validation();
        var offer = new Offer([new NoteText(Offer.Note)], Offer.Consistency, Offer.Bytes);
        Run(at, new ReturnInput.Offered(offer, nonce));
        Run(at, new ReturnInput.BytesArrived(0, _bytes.Written.ToArray()));
    }

    private ReturnValidation Validation()
    {
        Invariant.Holds(_records is not null);
        return new ReturnValidation(Party.Of(_node), _rules, Accepted, _records);
    }

    // Effects add up over the inputs of one fact.
    private void Run(Instant at, ReturnInput input)
    {
        if (_validation is null)
        {
            return; // An answer to a question of a return that is over.
        }

        int before = _asked.Count;
        _validation.Step(at, input, _asked);
        for (int i = before; i < _asked.Count; i++)
        {
            if (_asked[i] is ReturnEffect.VerifySignature ask)
            {
                _unverified[ask.Request] = ask;
            }
        }

        // Bytes that were damaged are asked for again.
        if (_validation.Verdict is null && _validation.Cursor < Cursor && input is ReturnInput.BytesArrived)
        {
            byte[] good = _bytes.Written[..(int)_validation.Cursor].ToArray();
            _bytes.Clear();
            _bytes.Add(good);
        }
    }

    private void Judge(ReturnVerdict verdict)
    {
        LastOutcome = verdict.Outcome;
        if (verdict.Outcome == ReturnOutcome.Quarantined)
        {
            Quarantine = verdict;
        }
        else
        {
            Accepted = verdict.Accepted;
            Settle(verdict.Claims);
        }

        Forget();
    }

    // Rejected: the node stays as it is. Accepted: the node's word counts, the contested return with it; one
    // that cannot be taken over, since it is not the node's own or not whole, is judged anew when it comes
    // again.
    private void Review(bool isAccepted)
    {
        if (!isAccepted)
        {
            return;
        }

        if (Quarantine?.Contested is { } contested)
        {
            Accepted = contested.Accepted;
            LastOutcome = ReturnOutcome.Corrected;
            Settle(contested.Claims);
        }

        Quarantine = null;
    }

    // Dockings and repairs that the journal has told are not held against the next stretch of it.
    private void Settle(ReturnClaims claims)
    {
        uint last = 0;
        foreach (Claim claim in claims.Items)
        {
            if (claim.Entry is Entry.Moved { Resource: Resource.Wear } undone)
            {
                _ = _repairs.RemoveAll(repair => repair.IsField && repair.Reference == undone.Reference);
                continue;
            }

            last = claim.Entry switch
            {
                Entry.Unloaded unloaded => Math.Max(last, unloaded.Docking),
                Entry.Moved parts => Math.Max(last, (uint)Math.Min(parts.Reference, uint.MaxValue)),
                _ => last,
            };
        }

        _ = _dockings.RemoveAll(record => record.Docking <= last);
        _ = _repairs.RemoveAll(repair => !repair.IsField && repair.Reference <= last);
    }

    private void Forget()
    {
        Offer = null;
        _validation = null;
        _records = null;
        _bytes = new ByteBuffer(); // And gives its room back.
        _unverified.Clear();
    }
}
