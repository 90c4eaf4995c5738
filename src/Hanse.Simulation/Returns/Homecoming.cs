using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;

namespace Hanse.Simulation.Returns;

/// <summary>The driver of one return's validation: it carries bytes, verifies signatures, takes decisions
/// again and shows raw blocks, as a hub's shell does.</summary>
/// <remarks>It measures what each part costs the hub; what the node spends on showing raw blocks is not
/// counted. Time passes only when nothing else can happen: then the alarm rings.</remarks>
internal sealed class Homecoming
{
    // Far more than any course of a return; a machine that goes on for ever is our bug.
    private const int WakesMax = 64;

    private readonly ReturnValidation _validation;
    private readonly Showing _showing;
    private readonly ISignatures _signatures;
    private readonly List<ReturnEffect> _asked = [];
    private readonly Queue<ReturnEffect> _due = [];
    private Instant _now;
    private long _at = -1;
    private long _sent;
    private TimeSpan _mark;

    private Homecoming(ReturnValidation validation, Showing showing, ISignatures signatures, Instant now)
    {
        _validation = validation;
        _showing = showing;
        _signatures = signatures;
        _now = now;
    }

    /// <summary>What it cost.</summary>
    public HomecomingCost Cost { get; } = new();

    /// <summary>Plays a return to its verdict.</summary>
    /// <exception cref="BrokenInvariantException">There is no verdict and nothing left to wait
    /// for.</exception>
    public static (ReturnVerdict Verdict, HomecomingCost Cost) Play(
        ReturnValidation validation, Showing showing, ISignatures signatures, Instant now, ulong seed)
    {
        var course = new Homecoming(validation, showing, signatures, now);
        var prng = Prng.For(seed, "nonce");
        var nonce = new Digest(prng.NextBits(), prng.NextBits(), prng.NextBits(), prng.NextBits());
        course.Give(HomecomingStage.Heads, new ReturnInput.Offered(showing.Offer, nonce));
        course.Run();
        return (validation.Verdict!, course.Cost);
    }

    private void Run()
    {
        int wakes = 0;
        while (_validation.Verdict is null)
        {
            if (_due.TryDequeue(out ReturnEffect? effect))
            {
                CarryOut(effect);
            }
            else if (_at >= 0 && _showing.Bytes.Read(_at) is { Length: > 0 } piece)
            {
                Send(piece);
            }
            else
            {
                Invariant.Holds(_validation.NextWake is not null && ++wakes < WakesMax);
                _now = Instant.Max(_now, _validation.NextWake!.Value);
                Give(HomecomingStage.Heads, new ReturnInput.Woken());
            }
        }
    }

    private void Send(ReadOnlyMemory<byte> piece)
    {
        long at = _at;
        _at += piece.Length;
        Cost.JournalBytes += piece.Length;
        if (at >= _sent && _showing.LinkErrors.Any(bit => bit / 8 >= at && bit / 8 < _at))
        {
            byte[] broken = piece.ToArray();
            foreach (long bit in _showing.LinkErrors.Where(bit => bit / 8 >= at && bit / 8 < _at))
            {
                broken[bit / 8 - at] ^= (byte)(1 << (int)(bit % 8));
            }

            piece = broken;
        }

        _sent = Math.Max(_sent, _at);
        Give(HomecomingStage.Journal, new ReturnInput.BytesArrived(at, piece));
    }

    private void CarryOut(ReturnEffect effect)
    {
        switch (effect)
        {
            case ReturnEffect.VerifySignature verify:
                Begin();
                bool isGood = _signatures.Verify(verify.PublicKey, verify.Message, verify.Signature);
                End(HomecomingStage.Signatures);
                Cost.Signatures++;
                Give(HomecomingStage.Heads, new ReturnInput.SignatureJudged(verify.Request, isGood));
                break;
            case ReturnEffect.ReplayDecision replay:
                Begin();
                bool isKnown = BuiltInDecisions.TryDecide(replay.Skill, replay.Input, out byte[]? output);
                ReturnInput answer = isKnown
                    ? new ReturnInput.Replayed(replay.Request, output!)
                    : new ReturnInput.ReplayUnavailable(replay.Request);
                End(HomecomingStage.Decisions);
                Give(HomecomingStage.Decisions, answer);
                break;
            case ReturnEffect.SendFrom send:
                _at = send.Offset;
                break;
            case ReturnEffect.AskBlocks ask:
                foreach (AuditPlace place in ask.Places)
                {
                    Give(HomecomingStage.Audit, Answer(place));
                }

                break;
            default:
                break;
        }
    }

    private ReturnInput Answer(AuditPlace place)
    {
        if (!_showing.Raw.Has(place.Place.Cite))
        {
            return new ReturnInput.LeafMissing(place.Request);
        }

        (byte[] shown, byte[] path) = _showing.Segments.Show(_showing.Raw, place.Place, place.Unit);
        Cost.AuditBytes += shown.Length;
        Cost.ProofBytes += path.Length;
        return new ReturnInput.LeafShown(place.Request, shown, path);
    }

    private void Give(HomecomingStage stage, ReturnInput input)
    {
        Begin();
        _asked.Clear();
        _validation.Step(_now, input, _asked);
        End(stage);
        foreach (ReturnEffect effect in _asked)
        {
            _due.Enqueue(effect);
        }
    }

    private void Begin() => _mark = ProcessorClock.Now();

    private void End(HomecomingStage stage) => Cost.Add(stage, ProcessorClock.Now() - _mark);
}

/// <summary>Where the processor time of a return goes.</summary>
public enum HomecomingStage
{
    /// <summary>Notes, keys, proofs of consistency, and the verdict.</summary>
    Heads,

    /// <summary>The upload: hashing, decoding, balances, gates.</summary>
    Journal,

    /// <summary>Ed25519.</summary>
    Signatures,

    /// <summary>Decisions taken again.</summary>
    Decisions,

    /// <summary>Raw blocks and their paths.</summary>
    Audit,
}

/// <summary>What one return cost its hub.</summary>
internal sealed class HomecomingCost
{
    private readonly TimeSpan[] _spent = new TimeSpan[Enum.GetValues<HomecomingStage>().Length];

    /// <summary>Bytes of the upload, with those sent again.</summary>
    public long JournalBytes { get; set; }

    /// <summary>Bytes of raw blocks or leaves shown.</summary>
    public long AuditBytes { get; set; }

    /// <summary>Bytes of their paths.</summary>
    public long ProofBytes { get; set; }

    /// <summary>Signatures verified.</summary>
    public int Signatures { get; set; }

    /// <summary>Processor time of all stages.</summary>
    public TimeSpan Total => _spent.Aggregate(TimeSpan.Zero, (sum, part) => sum + part);

    /// <summary>Processor time of a stage.</summary>
    public TimeSpan Of(HomecomingStage stage) => _spent[(int)stage];

    /// <summary>Adds to a stage.</summary>
    public void Add(HomecomingStage stage, TimeSpan spent) => _spent[(int)stage] += spent;
}
