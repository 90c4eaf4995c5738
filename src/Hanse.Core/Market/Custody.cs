using System;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>Goods that a depot handed to a node, which answers for them until a scale has them
/// again.</summary>
/// <param name="Node">Who has them.</param>
/// <param name="From">Whose they were.</param>
/// <param name="Commodity">What they are.</param>
/// <param name="Mass">How much, by that depot's scale.</param>
/// <param name="Lot">The lot that the charge refers to; positive.</param>
/// <param name="ChargePerLot">What a lot is charged at that is lost.</param>
public sealed record Custody(
    NodeId Node, DepotId From, Commodity Commodity, Grams Mass, Grams Lot, Credits ChargePerLot)
    : IShaped<Custody>
{
    /// <summary>What is lost when a scale shows so much: nothing while both scales together may err by what
    /// is missing, else all that is missing.</summary>
    /// <param name="weighed">What came to a scale; zero for nothing.</param>
    /// <param name="tolerance">How far both may err, as a share of what was handed out.</param>
    public Grams Lost(Grams weighed, PartsPerMillion tolerance)
    {
        Grams missing = Grams.Max(Grams.Zero, Mass - weighed);
        return missing > Mass.Share(tolerance) ? missing : Grams.Zero;
    }

    /// <summary>What is charged for so much of it.</summary>
    public Credits ChargeFor(Grams lost) => new((long)Int128.Min(
        (Int128)ChargePerLot.Micro * lost.Value / Lot.Value, Credits.MicroMax));

    /// <inheritdoc/>
    public static Custody Shape<TCodec>(ref TCodec codec, Custody? value)
        where TCodec : struct, ICodec
    {
        codec.Open("custody", 6);
        NodeId node = codec.Node("node", value?.Node ?? default);
        DepotId from = codec.Depot("from", value?.From ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams mass = codec.Mass("mass", value?.Mass ?? default);
        Grams lot = new(codec.Integer("lot", value?.Lot.Value ?? 0, 1, Grams.ValueMax));
        Credits charge = codec.Money("chargePerLot", value?.ChargePerLot ?? default);
        codec.Close();
        return value ?? new Custody(node, from, commodity, mass, lot, charge);
    }
}
