using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.Simulation.Returns;

/// <summary>A depot's scale: the other half of an unloading.</summary>
internal sealed record Weighed(
    DepotId Depot, uint Docking, Instant At, Commodity Commodity, long Grams, long Claimed, double Truth);

/// <summary>A depot's pump: the other half of a refuelling.</summary>
internal sealed record Pumped(DepotId Depot, uint Docking, Instant At, long Grams, double Truth);

/// <summary>Spares that a depot sold: the other half of a repair.</summary>
internal sealed record Sold(uint Docking, Instant At, long Wear);

/// <summary>What a depot or a tracking station saw of a variable, and what the node said of it
/// then.</summary>
internal sealed record Seen(
    Variable Variable, Instant At, long Claimed, long Value, double Sigma, double Truth);

/// <summary>What a hub has about a node that the node did not write.</summary>
internal sealed class Sightings
{
    /// <summary>Weighings, in order.</summary>
    public List<Weighed> Weighings { get; } = [];

    /// <summary>Repairs at depots, in order.</summary>
    public List<Sold> Repairs { get; } = [];

    /// <summary>Refuellings, in order.</summary>
    public List<Pumped> Refuellings { get; } = [];

    /// <summary>Sightings, in order.</summary>
    public List<Seen> Seen { get; } = [];
}
