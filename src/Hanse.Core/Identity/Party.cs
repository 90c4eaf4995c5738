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
/// <remarks>
/// The problem: things are spoken of on both sides of a link that may be down for weeks, so a name must mean
/// the same to both for ever, with nobody to ask. The idea: every kind of thing has a type of its own around
/// a plain number, and one machine gives the numbers of a kind, in increasing order, and never one twice. A
/// contract of one region and a bounty cannot be mixed up, since they do not compile; names sort, so they can
/// break ties.
/// <para>
/// Deliberately absent: random identities, which a replay would draw anew, and names for people, which belong
/// to the scenario. A number says nothing of its bearer: what a node can do is in its enrolment.
/// </para>
/// </remarks>
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
