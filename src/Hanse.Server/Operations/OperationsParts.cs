using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Strategy;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Server.Operations;

/// <summary>What the operators' side of a server is built with.</summary>
public sealed record OperationsParts
{
    /// <summary>What people call the mission.</summary>
    public required string Title { get; init; }

    /// <summary>The hubs and the strategic layer.</summary>
    public required IControlPlane Plane { get; init; }

    /// <summary>The mission's clock.</summary>
    public required IMissionClock Clock { get; init; }

    /// <summary>Mission seconds a second.</summary>
    public required double Pace { get; init; }

    /// <summary>Where the audit trail is.</summary>
    public required IStreamStore Store { get; init; }

    /// <summary>Who may what.</summary>
    public required OperatorBook Operators { get; init; }

    /// <summary>Who may what by the word of somebody else; null for nobody.</summary>
    public OpenIdBook? OpenId { get; init; }

    /// <summary>Gives bounties their numbers; the same one that a plan's bounties go through.</summary>
    public required Func<PostingDesk?> Postings { get; init; }

    /// <summary>What happens, for whoever looks on.</summary>
    public required LiveFeed Feed { get; init; }

    /// <summary>How long a release is that hubs hand out; null when they have it not.</summary>
    public Func<Digest, int?> Release { get; init; } = _ => null;

    /// <summary>Who signs orders of rollouts; with nobody, none is taken here.</summary>
    public OperatorKeys Signers { get; init; } = OperatorKeys.None;

    /// <summary>What people call regions, and the depots that they have; of a region that is not here any
    /// depot is taken.</summary>
    public ImmutableSortedDictionary<RegionId, RegionCard> Regions { get; init; } =
        ImmutableSortedDictionary<RegionId, RegionCard>.Empty;

    /// <summary>The clock of this machine.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A region for people.</summary>
/// <param name="Name">What they call it.</param>
/// <param name="Depots">Its depots.</param>
public sealed record RegionCard(string Name, ImmutableSortedSet<DepotId> Depots);
