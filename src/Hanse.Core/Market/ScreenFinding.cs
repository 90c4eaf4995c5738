using System.Collections.Immutable;
using Hanse.Core.Identity;

namespace Hanse.Core.Market;

/// <summary>By what a node was flagged.</summary>
public enum ScreenReason
{
    /// <summary>Its claims are far above what its model says, compared with its class.</summary>
    ClaimsAboveClass = 1,

    /// <summary>It loses with bids that are alike and far from the last winner: cover bids.</summary>
    CoverBids = 2,

    /// <summary>It and another bid together and hardly ever win together, as if by turns.</summary>
    WinsInTurns = 3,

    /// <summary>It and another at the same place never win, though by their models they would.</summary>
    LosesTogether = 4,
}

/// <summary>One node that a screen has flagged: a reason to look, not a proof.</summary>
/// <param name="Node">Who.</param>
/// <param name="Reason">By what.</param>
/// <param name="Depot">The depot it can serve most cheaply, where its ring would be.</param>
/// <param name="Measure">In millionths. Of <see cref="ScreenReason.ClaimsAboveClass"/> its ratio over its
/// class's; of the others the share of batches, or the number of partners times a million.</param>
/// <param name="Batches">On how many batches that rests.</param>
public sealed record ScreenFinding(
    NodeId Node, ScreenReason Reason, DepotId Depot, long Measure, int Batches);

/// <summary>Flagged nodes at one depot: a ring, if they know of each other.</summary>
/// <param name="Depot">Where.</param>
/// <param name="Reason">By what.</param>
/// <param name="Nodes">In order, at least <see cref="CollusionScreen.GroupMin"/>.</param>
public sealed record ScreenGroup(DepotId Depot, ScreenReason Reason, ImmutableArray<NodeId> Nodes);
