using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Reconcile;

namespace Hanse.Core.Strategy;

/// <summary>What the strategic layer is built with.</summary>
public sealed record StrategySpec
{
    /// <summary>The mission's rules.</summary>
    public required MissionRules Rules { get; init; }

    /// <summary>How lots of a demand are divided among regions.</summary>
    public SplitRule Split { get; init; } = SplitRule.Curves;

    /// <summary>Who may order rollouts.</summary>
    public OperatorKeys Operators { get; init; } = OperatorKeys.None;

    /// <summary>When a region whose hub is silent is given up without an order.</summary>
    public AdoptionRule Adoption { get; init; } = AdoptionRule.Never;

    /// <summary>The regions and their hubs.</summary>
    public required ImmutableSortedDictionary<RegionId, RegionSpec> Regions { get; init; }

    /// <summary>How the journals of hubs are judged. Of the deadlines none is kept: a region is dark for
    /// weeks, and its upload goes on where it stopped.</summary>
    public required ReturnRules Returns { get; init; }

    /// <summary>Software that hubs may run.</summary>
    public required ImmutableArray<Approval> Approvals { get; init; }
}

/// <summary>A region, as the strategic layer knows it from the beginning.</summary>
public sealed record RegionSpec
{
    /// <summary>When its hub calls.</summary>
    public required ContactPlan Contacts { get; init; }

    /// <summary>The hub's Ed25519 public key, 32 bytes.</summary>
    public required byte[] PublicKey { get; init; }
}
