using System;
using System.Collections.Immutable;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.IO.Journal;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.IO.Plane;

/// <summary>What a control plane is built with.</summary>
public sealed record PlaneParts
{
    /// <summary>The strategic layer.</summary>
    public required StrategySpec Strategy { get; init; }

    /// <summary>The hubs.</summary>
    public required ImmutableArray<HubSpec> Hubs { get; init; }

    /// <summary>What each hub signs with.</summary>
    public required Func<RegionId, Ed25519Keys> KeyOf { get; init; }

    /// <summary>Where their memories are.</summary>
    public required IStreamStore Store { get; init; }

    /// <summary>The mission's clock.</summary>
    public required IMissionClock Clock { get; init; }

    /// <summary>The rest of the world.</summary>
    public required IPlanePorts Ports { get; init; }

    /// <summary>Runs releases, to take decisions of nodes again; null where no node runs any.</summary>
    public ISkills? Skills { get; init; }
}
