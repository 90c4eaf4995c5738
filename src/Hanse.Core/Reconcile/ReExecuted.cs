using System;
using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>A decision that is to be taken again.</summary>
/// <param name="Spot">Where it was recorded.</param>
/// <param name="Skill">Digest of what decided.</param>
/// <param name="Input">Recorded input.</param>
/// <param name="Output">Recorded output.</param>
internal sealed record Replay(Spot Spot, Digest Skill, byte[] Input, byte[] Output);

/// <summary>Which decisions are taken again: all that somebody could come to harm by, and a random share of
/// the others.</summary>
/// <remarks>The draws follow from the nonce, which the node did not know when it signed.</remarks>
internal sealed class DecisionSample(Digest nonce, int sharePpm)
{
    private Prng _draws = new(StableHash.Of(nonce.A, nonce.B, nonce.C));

    /// <summary>Whether the next decision is one.</summary>
    public bool Takes(DecisionClass weight)
    {
        // Drawn for every decision, so that a safety decision more does not shift the others.
        bool isDrawn = _draws.Below(1_000_000) < sharePpm;
        return isDrawn || weight == DecisionClass.Safety;
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec =>
        _draws = new Prng(unchecked(
            (ulong)codec.Integer("draws", (long)_draws.State, long.MinValue, long.MaxValue)));
}

/// <summary>Layer 7: the same decision when taken again, to the bit.</summary>
/// <remarks>
/// Running a skill is the driver's; what waits for its answer is here. Limit: <see cref="WaitingMax"/> and
/// what one block adds to that; beyond, the upload is not taken further until answers have come.
/// </remarks>
internal sealed class ReExecuted
{
    /// <summary>Decisions waiting for their answers before the upload has to wait too.</summary>
    public const int WaitingMax = 256;

    private readonly SortedDictionary<ulong, Replay> _waiting = [];

    /// <summary>Whether no more should be asked for now.</summary>
    public bool IsFull => _waiting.Count >= WaitingMax;

    /// <summary>Whether nothing waits.</summary>
    public bool IsIdle => _waiting.Count == 0;

    /// <summary>Asks for one.</summary>
    public ReturnEffect Ask(ulong request, Replay replay)
    {
        _waiting.Add(request, replay);
        return Effect(request, replay);
    }

    /// <summary>Asks for all that wait once more: the questions may have been lost.</summary>
    public IEnumerable<ReturnEffect> AskAgain()
    {
        foreach ((ulong request, Replay replay) in _waiting)
        {
            yield return Effect(request, replay);
        }
    }

    /// <summary>Takes an answer; null when the decision could not be taken again here.</summary>
    /// <returns>False when nothing was asked under that number, or it was answered before.</returns>
    public bool Answer(ulong request, byte[]? output, Findings findings)
    {
        if (!_waiting.Remove(request, out Replay? replay))
        {
            return false;
        }

        if (output is null)
        {
            findings.Add(ReasonCode.ReplayUnavailable, replay.Spot, 0, 0);
        }
        else if (!replay.Output.AsSpan().SequenceEqual(output))
        {
            findings.Add(ReasonCode.OutputDiffers, replay.Spot, replay.Output.Length, output.Length);
        }

        return true;
    }

    /// <summary>Forgets what waits: the claims are quarantined already, or the blocks come again.</summary>
    public void Clear() => _waiting.Clear();

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec =>
        codec.Table(
            "replays",
            _waiting,
            static (ref TCodec c, ulong request) =>
                (ulong)c.Integer("request", (long)request, 0, long.MaxValue),
            static (ref TCodec c, Replay replay) =>
            {
                c.Open("replay", 5);
                ulong block = (ulong)c.Integer("block", (long)(replay?.Spot.Block ?? 0), 0, long.MaxValue);
                int entry = (int)c.Integer("entry", replay?.Spot.Entry ?? 0, 0, int.MaxValue);
                Digest skill = Digest.Field(ref c, "skill", replay?.Skill ?? default);
                byte[] input = c.Bytes("input", replay?.Input ?? [], Entry.DecisionBytesMax);
                byte[] output = c.Bytes("output", replay?.Output ?? [], Entry.DecisionBytesMax);
                c.Close();
                return new Replay(new Spot(block, entry), skill, input, output);
            });

    private static ReturnEffect.ReplayDecision Effect(ulong request, Replay replay) =>
        new ReturnEffect.ReplayDecision(request, replay.Skill, replay.Input);
}
