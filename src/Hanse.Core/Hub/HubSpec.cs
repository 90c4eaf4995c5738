using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Reconcile;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <summary>What a hub is built with: its region, its mission's rules and its contact plans.</summary>
public sealed record HubSpec
{
    /// <summary>The region.</summary>
    public required RegionId Region { get; init; }

    /// <summary>Its Ed25519 public key, 32 bytes: of the one that signs its own journal.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Measured digest of the core it runs.</summary>
    public required Digest Core { get; init; }

    /// <summary>The depots it keeps the scales of.</summary>
    public required ImmutableSortedSet<DepotId> Depots { get; init; }

    /// <summary>The mission's rules.</summary>
    public required MissionRules Rules { get; init; }

    /// <summary>When its nodes can talk to it.</summary>
    public required ContactRule NodeContacts { get; init; }

    /// <summary>When nodes of other regions can talk to it, should it take them over.</summary>
    public required ContactRule NeighbourContacts { get; init; }

    /// <summary>Depots of other regions, which it may be charged with.</summary>
    public required ImmutableSortedSet<DepotId> NeighbourDepots { get; init; }

    /// <summary>How long it waits for the holders of work when it takes over a bounty; after that the work is
    /// asked for again.</summary>
    public required TimeSpan AdoptionGrace { get; init; }

    /// <summary>When it can talk to the strategic layer.</summary>
    public required ContactPlan StrategyContacts { get; init; }

    /// <summary>How much of a core goes into validating returns, and in which order.</summary>
    public required IntakeRules Intake { get; init; }

    /// <summary>What validation costs, as measured.</summary>
    public required ValidationCost ValidationCost { get; init; }

    /// <summary>How returns are judged.</summary>
    public required ReturnRules Returns { get; init; }

    /// <summary>Software that the region's nodes may run.</summary>
    public required ImmutableArray<Approval> Approvals { get; init; }

    /// <summary>One sigma of a depot's scale, as a share of what it weighs; positive.</summary>
    public required PartsPerMillion ScaleSigma { get; init; }

    /// <summary>Berths of each depot, and what one unloads in an hour; of use where berths are
    /// priced.</summary>
    public (int Count, Grams PerHour) Berths { get; init; }

    /// <summary>Sites of its rock, numbered from 1, and faces of each; of use where faces are
    /// priced.</summary>
    public (int Sites, int Count) Faces { get; init; }

    /// <summary>Most nodes it enrols; a further one is refused.</summary>
    public required int RosterMax { get; init; }
}
