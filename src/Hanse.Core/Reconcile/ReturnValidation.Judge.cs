using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

// The end, and the state as bytes.
public sealed partial class ReturnValidation
{
    private void Judge(ICollection<ReturnEffect> effects)
    {
        var all = new Findings();
        all.Add(_walk.Findings);
        all.Add(_findings);
        bool isTaken = !all.IsGrave;
        Verdict = new ReturnVerdict(
            all.Gravest switch
            {
                Severity.Noted => ReturnOutcome.Accepted,
                Severity.Corrected => ReturnOutcome.Corrected,
                _ => ReturnOutcome.Quarantined,
            },
            [.. all.Reasons],
            isTaken ? Corrections() : [],
            Bound(),
            new ReturnCost(
                _hashed, _walk.Blocks, _walk.Entries, _walk.Plausible.Observations, _signed, _walk.Decisions,
                _replayed, _leaves),
            isTaken ? AcceptedNow() : _accepted with { CleanReturns = 0 },
            isTaken ? _walk.Claims : ReturnClaims.None,
            ValidSize,
            all.IsGrave ? _evidence : [],
            isTaken || !IsOnlyDoubted(all) ? null
                : new ContestedReturn(AcceptedNow() with { CleanReturns = 0 }, _walk.Claims));
        _phase = Phase.Judged;
        _replays.Clear();
        effects.Add(new ReturnEffect.Judge(Verdict));
    }

    // Whether the journal is the node's own up to the signed end, and only what it says is held against it.
    private bool IsOnlyDoubted(Findings all)
    {
        bool isDoubted = _notes is not null && _walk.NextNote == _notes.Count;
        foreach (Reason reason in all.Reasons)
        {
            isDoubted &= reason.Severity != Severity.Quarantined || reason.Layer > Layer.Authentic;
        }

        return isDoubted;
    }

    private ImmutableArray<Correction> Corrections()
    {
        ImmutableArray<Correction>.Builder corrections = ImmutableArray.CreateBuilder<Correction>();
        for (Resource resource = Resource.Cargo; resource <= Resource.Energy; resource++)
        {
            if (_walk.Plausible.Correct(resource, _walk.Books.Level(resource)) is { } correction)
            {
                corrections.Add(correction);
            }
        }

        return corrections.ToImmutable();
    }

    private AuditBound Bound()
    {
        long leaves = _walk.Segments.Leaves;
        int share = _rules.Unproven.SpoiledShare.Value;
        bool isAll = leaves > 0 && _audit.Drawn == leaves;
        int escape = isAll ? 0 : AuditMath.EscapePpb(share, _audit.Drawn);
        return new AuditBound(leaves, _audit.Drawn, _audit.Cited, _audit.Bad, share, escape);
    }

    private AcceptedState AcceptedNow() => new()
    {
        Peaks = _walk.Continuous.Frontier.Peaks,
        Head = _walk.Continuous.Head,
        Note = _offer.Notes[^1].Text,
        Key = _walk.Keys.Current.PublicKey,
        FormerKeys = [.. _walk.Keys.Former],
        Boot = _walk.Continuous.Boot,
        At = _walk.Continuous.At,
        Core = _walk.Software.Core,
        Skills = _walk.Software.Skills,
        Levels = _walk.Books.Levels,
        Segment = _walk.Continuous.Segment,
        CleanReturns = Math.Min(int.MaxValue - 1, _accepted.CleanReturns) + (_walk.Blocks > 0 ? 1 : 0),
        Sensors = _walk.Plausible.Sensors,
    };

    /// <summary>Walks the whole state, for snapshots; read into an instance fresh from its constructor.
    /// Bounded by the limits of <see cref="ReturnRules"/> and <see cref="Offer"/>.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("returnValidation", 23);
        _phase = (Phase)codec.Integer("phase", (long)_phase, 1, 6);
        _offer = Offer.Shape(ref codec, codec.IsReading ? null : _offer);
        _nonce = Digest.Field(ref codec, "nonce", _nonce);
        _offeredAt = codec.Moment("offeredAt", _offeredAt);
        _until = codec.Moment("until", _until);
        if (codec.IsReading && !codec.Failed)
        {
            _notes = OfferedNotes.Read(Author, _offer, out _, out _);
            _walk = NewWalk();
        }

        _walk.Shape(ref codec);
        _replays.Shape(ref codec);
        _audit.Shape(ref codec);
        _signatures.Shape(ref codec);
        _findings.Shape(ref codec);
        byte[] partial = codec.Bytes("partial", _partial.Written.ToArray(), LengthBytes + Block.BytesMax);
        _nextRequest = (ulong)codec.Integer("nextRequest", (long)_nextRequest, 0, long.MaxValue);
        _accusation = (ReasonCode)codec.Integer("accusation", (long)_accusation, 0, 899);
        _evidence = codec.List("evidence", _evidence, ReturnVerdict.EvidenceMax);
        Cursor = codec.Integer("cursor", Cursor, 0, long.MaxValue);
        ValidSize = (ulong)codec.Integer("validSize", (long)ValidSize, 0, long.MaxValue);
        _mark = codec.Bytes("mark", _mark, StateBytesMax);
        _markCursor = codec.Integer("markCursor", _markCursor, 0, long.MaxValue);
        _isMarkDue = codec.Flag("isMarkDue", _isMarkDue);
        _resends = codec.Number("resends", _resends);
        _refused = Digest.Field(ref codec, "refused", _refused);
        codec.Open("work", 4);
        _hashed = codec.Integer("hashed", _hashed, 0, long.MaxValue);
        _signed = codec.Integer("signed", _signed, 0, long.MaxValue);
        _replayed = codec.Integer("replayed", _replayed, 0, long.MaxValue);
        _leaves = codec.Integer("leaves", _leaves, 0, long.MaxValue);
        codec.Close();
        Verdict = codec.Optional("verdict", Verdict);
        codec.Close();
        if (codec.IsReading)
        {
            _partial.Clear();
            _partial.Add(partial);
        }
    }
}
