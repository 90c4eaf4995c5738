using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;

namespace Hanse.Core.Strategy;

/// <summary>What the strategic layer is built with.</summary>
public sealed record StrategySpec
{
    /// <summary>The mission's rules.</summary>
    public required MissionRules Rules { get; init; }

    /// <summary>The regions, each with the contact plan of its hub.</summary>
    public required ImmutableSortedDictionary<RegionId, ContactPlan> Regions { get; init; }
}
