using System.Collections.Immutable;
using Hanse.Core.Messages;

namespace Hanse.Simulation.Runs;

/// <summary>What became of a demand.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Tonnes">What is wanted.</param>
/// <param name="Delivered">What counted, in tonnes.</param>
/// <param name="Paid">What nodes were paid, in credits.</param>
/// <param name="Value">What was delivered is worth where it is needed, less freight, in credits.</param>
/// <param name="Cost">What it truly cost nodes, failures included, in credits.</param>
/// <param name="Surplus">Value less cost.</param>
/// <param name="LotsPlaced">Lots that were given to regions, each time anew.</param>
/// <param name="LotsReturned">Lots that came back, whatever for.</param>
/// <param name="LotsRecalled">Of those, lots that were called back.</param>
/// <param name="Outcome">How it ended; null while it is open.</param>
/// <param name="ByRegion">What counted in each region that brought any.</param>
public sealed record DemandFigures(
    string Name,
    double Tonnes,
    double Delivered,
    double Paid,
    double Value,
    double Cost,
    double Surplus,
    long LotsPlaced,
    long LotsReturned,
    long LotsRecalled,
    BountyOutcome? Outcome,
    ImmutableArray<RegionTonnes> ByRegion);

/// <summary>A region's part.</summary>
/// <param name="Region">Its number.</param>
/// <param name="Tonnes">What counted there.</param>
public sealed record RegionTonnes(int Region, double Tonnes);
