using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Time;

namespace Hanse.Core.Reconcile;

/// <summary>What the validation of one return asks of its driver. All are safe to repeat.</summary>
public abstract record ReturnEffect
{
    private ReturnEffect()
    {
    }

    /// <summary>Verify an Ed25519 signature and answer with
    /// <see cref="ReturnInput.SignatureJudged"/>.</summary>
    /// <param name="Request">Number to answer under; never used twice.</param>
    /// <param name="PublicKey">32 bytes.</param>
    /// <param name="Message">The bytes that were signed.</param>
    /// <param name="Signature">64 bytes.</param>
    public sealed record VerifySignature(ulong Request, byte[] PublicKey, byte[] Message, byte[] Signature)
        : ReturnEffect;

    /// <summary>Take a decision again and answer with <see cref="ReturnInput.Replayed"/>.</summary>
    /// <param name="Request">Number to answer under; never used twice.</param>
    /// <param name="Skill">Digest of the function or module to run.</param>
    /// <param name="Input">What it was recorded to have read.</param>
    public sealed record ReplayDecision(ulong Request, Digest Skill, byte[] Input) : ReturnEffect;

    /// <summary>Ask the node for its upload from this byte on. Earlier bytes need not be kept by the node for
    /// this return, unless a later <see cref="SendFrom"/> goes back behind them.</summary>
    public sealed record SendFrom(long Offset) : ReturnEffect;

    /// <summary>Challenge the node: show these parts of the raw log, with their paths, by the
    /// deadline.</summary>
    /// <param name="Nonce">Anyone who knows it and the head can draw the same places again.</param>
    /// <param name="Places">What to show; in order of their requests.</param>
    /// <param name="Until">Later answers count as missing; by the hub's clock.</param>
    public sealed record AskBlocks(Digest Nonce, ImmutableArray<AuditPlace> Places, Instant Until)
        : ReturnEffect;

    /// <summary>The end: what the return is found to be.</summary>
    public sealed record Judge(ReturnVerdict Verdict) : ReturnEffect;
}

/// <summary>What the node is challenged to show.</summary>
/// <param name="Request">Number to answer under.</param>
/// <param name="Place">Which block; of a whole leaf, its first.</param>
/// <param name="Unit">A block, or the leaf.</param>
public readonly record struct AuditPlace(ulong Request, RawPlace Place, AuditUnit Unit);
