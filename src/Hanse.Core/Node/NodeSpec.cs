using System;
using System.Collections.Immutable;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>What a node is built with: its machine as designed, its chart, its mission's rules.</summary>
/// <remarks>The machine as built differs; the node learns of that through its readings only.</remarks>
public sealed record NodeSpec
{
    /// <summary>Its identity.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The region whose hub it calls at first.</summary>
    public required RegionId Region { get; init; }

    /// <summary>The depot it waits at first.</summary>
    public required DepotId Home { get; init; }

    /// <summary>Its Ed25519 public key, 32 bytes.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Measured digest of the core it runs.</summary>
    public required Digest Core { get; init; }

    /// <summary>Digests of the skills it runs; decisions name them by their place.</summary>
    public required ImmutableArray<Digest> Skills { get; init; }

    /// <summary>The machine as designed.</summary>
    public required MachineDesign Design { get; init; }

    /// <summary>What it knows of the region.</summary>
    public required Chart Chart { get; init; }

    /// <summary>The mission's rules.</summary>
    public required MissionRules Rules { get; init; }

    /// <summary>When it can talk to the hub of that region.</summary>
    public required ContactPlan Contacts { get; init; }

    /// <summary>The other hubs that it may come to belong to, in the order in which it calls them when its
    /// own is lost.</summary>
    public required ImmutableArray<HubContact> Neighbours { get; init; }

    /// <summary>How long its hub may be silent before it calls others; longer than any silence that is
    /// planned.</summary>
    public required TimeSpan HubSilenceMax { get; init; }

    /// <summary>Seed of its random choices.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>A machine as designed: one per capability class and generation.</summary>
public sealed record MachineDesign
{
    /// <summary>Capability class.</summary>
    public required int Class { get; init; }

    /// <summary>Hardware generation.</summary>
    public required int Generation { get; init; }

    /// <summary>Mass without cargo and propellant.</summary>
    public required Grams DryMass { get; init; }

    /// <summary>Largest cargo.</summary>
    public required Grams CargoMax { get; init; }

    /// <summary>Full tanks.</summary>
    public required Grams PropellantMax { get; init; }

    /// <summary>Propellant that stays aboard for the unexpected.</summary>
    public required Grams PropellantReserve { get; init; }

    /// <summary>Effective exhaust velocity.</summary>
    public required DeltaV Exhaust { get; init; }

    /// <summary>Power for extraction.</summary>
    public required Watts Power { get; init; }

    /// <summary>Energy to dig, crush and refine a tonne of ore.</summary>
    public required Joules ExtractionPerTonne { get; init; }

    /// <summary>Mass unloaded in an hour at a berth.</summary>
    public required Grams UnloadPerHour { get; init; }

    /// <summary>Wear of an hour of extraction.</summary>
    public required PartsPerMillion WearPerHour { get; init; }

    /// <summary>Wear of one transfer.</summary>
    public required PartsPerMillion WearPerLeg { get; init; }

    /// <summary>Wear at which the machine asks for spares when it docks.</summary>
    public required PartsPerMillion WearForSpares { get; init; }

    /// <summary>Wear above which it takes no work.</summary>
    public required PartsPerMillion WearMax { get; init; }

    /// <summary>How wear may lose it.</summary>
    public required HazardLaw Hazard { get; init; }

    /// <summary>How long extraction of a refined mass takes at a grade.</summary>
    public TimeSpan ExtractionTime(Grams refined, PartsPerMillion grade)
    {
        Int128 ore = (Int128)refined.Value * 1_000_000 / grade.Value;
        var energy = new Joules((long)(ore * ExtractionPerTonne.Value / 1_000_000));
        return energy.At(Power);
    }

    /// <summary>How long unloading takes.</summary>
    public TimeSpan UnloadTime(Grams cargo) =>
        TimeSpan.FromSeconds((long)((Int128)cargo.Value * 3600 / UnloadPerHour.Value) + 1);
}

/// <summary>A hub, and when a node can talk to it.</summary>
public sealed record HubContact(RegionId Region, ContactPlan Contacts);
