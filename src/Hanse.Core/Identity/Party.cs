using System;

namespace Hanse.Core.Identity;

/// <summary>The kinds of machine that speak the protocol. The numbers are on the wire.</summary>
public enum PartyKind
{
    /// <summary>The one strategic layer.</summary>
    Strategy = 1,

    /// <summary>A regional hub; its number is a <see cref="RegionId"/>.</summary>
    Hub = 2,

    /// <summary>A node; its number is a <see cref="NodeId"/>.</summary>
    Node = 3,
}

/// <summary>An address: who sends or receives a frame.</summary>
public readonly record struct Party(PartyKind Kind, uint Number) : IComparable<Party>
{
    /// <summary>The strategic layer.</summary>
    public static Party Strategy => new(PartyKind.Strategy, 0);

    /// <summary>The hub of a region.</summary>
    public static Party Of(RegionId region) => new(PartyKind.Hub, region.Value);

    /// <summary>A node.</summary>
    public static Party Of(NodeId node) => new(PartyKind.Node, node.Value);

    /// <inheritdoc/>
    public int CompareTo(Party other) =>
        Kind != other.Kind ? Kind.CompareTo(other.Kind) : Number.CompareTo(other.Number);

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        PartyKind.Strategy => "strategy",
        PartyKind.Hub => string.Create(null, $"hub-{Number}"),
        _ => string.Create(null, $"node-{Number}"),
    };
}
