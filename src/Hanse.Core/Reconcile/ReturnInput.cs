using System;
using Hanse.Core.Journal;

namespace Hanse.Core.Reconcile;

/// <summary>What happens to one return while it is validated.</summary>
public abstract record ReturnInput
{
    private ReturnInput()
    {
    }

    /// <summary>The node showed its signed heads. A repeated offer of the same head is ignored.</summary>
    /// <param name="Offer">As it came over the link.</param>
    /// <param name="Nonce">32 unpredictable bytes, drawn by the driver after the offer arrived and never
    /// before: they choose what is audited, and a node that knew them could spoil the rest.</param>
    public sealed record Offered(Offer Offer, Digest Nonce) : ReturnInput;

    /// <summary>A piece of the upload. Bytes before the cursor are skipped; a piece that begins after it is
    /// ignored, and <see cref="ReturnEffect.SendFrom"/> says where to go on.</summary>
    /// <param name="Offset">Of its first byte in the upload.</param>
    /// <param name="Bytes">Valid during the step only.</param>
    public sealed record BytesArrived(long Offset, ReadOnlyMemory<byte> Bytes) : ReturnInput;

    /// <summary>The answer to <see cref="ReturnEffect.VerifySignature"/>.</summary>
    public sealed record SignatureJudged(ulong Request, bool IsGood) : ReturnInput;

    /// <summary>The answer to <see cref="ReturnEffect.ReplayDecision"/>: the output of the re-execution, at
    /// most <see cref="Entry.DecisionBytesMax"/> bytes; a longer one counts as different.</summary>
    public sealed record Replayed(ulong Request, byte[] Output) : ReturnInput;

    /// <summary>The decision could not be taken again here, for instance because the skill is not on this
    /// machine. Says nothing against the node, and is stated in the verdict.</summary>
    public sealed record ReplayUnavailable(ulong Request) : ReturnInput;

    /// <summary>The node showed a part of its raw log that was asked for.</summary>
    /// <param name="Request">The number it was asked under.</param>
    /// <param name="Bytes">The block or the leaf.</param>
    /// <param name="Proof">Canonical bytes of a <see cref="RawProof"/> for a block, of an
    /// <see cref="InclusionProof"/> in the segment for a whole leaf.</param>
    public sealed record LeafShown(ulong Request, byte[] Bytes, byte[] Proof) : ReturnInput;

    /// <summary>The node said that it does not have it any more.</summary>
    public sealed record LeafMissing(ulong Request) : ReturnInput;

    /// <summary>The alarm that <see cref="ReturnValidation.NextWake"/> asked for: a deadline may have passed.
    /// Early and repeated ones do nothing.</summary>
    public sealed record Woken : ReturnInput;

    /// <summary>The driver restored a snapshot: whatever was asked before may have been lost.</summary>
    public sealed record Restarted : ReturnInput;
}
