using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>Parts that a depot handed to a node, and that are not put in place yet.</summary>
/// <param name="Node">Who has them.</param>
/// <param name="Depot">Whose they were.</param>
/// <param name="Commodity">What they are made of.</param>
/// <param name="Mass">How much, by the depot's scale.</param>
public sealed record PartsOut(NodeId Node, DepotId Depot, Commodity Commodity, Grams Mass) : IShaped<PartsOut>
{
    /// <inheritdoc/>
    public static PartsOut Shape<TCodec>(ref TCodec codec, PartsOut? value)
        where TCodec : struct, ICodec
    {
        codec.Open("partsOut", 4);
        NodeId node = codec.Node("node", value?.Node ?? default);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams mass = codec.Mass("mass", value?.Mass ?? default);
        codec.Close();
        return value ?? new PartsOut(node, depot, commodity, mass);
    }
}
