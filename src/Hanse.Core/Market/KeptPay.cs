using System;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>A survey that was paid in part, and the rest that waits for what extractions say.</summary>
/// <param name="Bounty">Whose escrow holds the rest.</param>
/// <param name="Node">Whose it is when the time is over.</param>
/// <param name="Epoch">The contract's.</param>
/// <param name="Quantity">What it counts for.</param>
/// <param name="Kept">The rest.</param>
/// <param name="Until">Until when it may be contradicted.</param>
/// <param name="Finding">What it said.</param>
public sealed record KeptPay(
    BountyId Bounty, NodeId Node, Epoch Epoch, Grams Quantity, Credits Kept, Instant Until, Finding Finding)
    : IShaped<KeptPay>
{
    /// <summary>How seldom an honest survey may be taken for a false one, by one honest extraction.</summary>
    public const Significance Alpha = Significance.OneInTenThousand;

    /// <summary>Whether what was dug there cannot be explained by the errors of both.</summary>
    public bool IsContradictedBy(Finding dug)
    {
        if (dug.Site != Finding.Site || dug.Commodity != Finding.Commodity)
        {
            return false;
        }

        Int128 apart = Finding.Grade.Value - dug.Grade.Value;
        Int128 variance = ((Int128)Finding.Sigma.Value * Finding.Sigma.Value)
            + ((Int128)dug.Sigma.Value * dug.Sigma.Value);
        return apart * apart * 1_000 > ChiSquare.Bound(1, Alpha) * variance;
    }

    /// <inheritdoc/>
    public static KeptPay Shape<TCodec>(ref TCodec codec, KeptPay? value)
        where TCodec : struct, ICodec
    {
        codec.Open("keptPay", 7);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits kept = codec.Money("kept", value?.Kept ?? default);
        Instant until = codec.Moment("until", value?.Until ?? default);
        Finding finding = Finding.Shape(ref codec, value?.Finding);
        codec.Close();
        return value ?? new KeptPay(bounty, node, epoch, quantity, kept, until, finding);
    }
}
