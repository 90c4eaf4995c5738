using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>A mining site as the chart has it: the assay, which the rock need not honour.</summary>
/// <param name="Site">Which.</param>
/// <param name="Assay">Mass fraction of each commodity in the ore, in order of
/// <see cref="Commodity"/>.</param>
public sealed record ChartSite(SiteId Site, ImmutableArray<PartsPerMillion> Assay)
{
    /// <summary>The assayed grade of a commodity.</summary>
    public PartsPerMillion Grade(Commodity commodity) => Assay[(int)commodity - 1];
}

/// <summary>A transfer between two places, and when it can begin.</summary>
/// <param name="From">Where from.</param>
/// <param name="To">Where to.</param>
/// <param name="Cost">What it asks of the engine.</param>
/// <param name="Duration">Flight, capture and docking.</param>
/// <param name="LengthMetres">Length of the path.</param>
/// <param name="WindowPhase">When a departure window opens.</param>
/// <param name="WindowPeriod">From one opening to the next; zero when departure is always possible.</param>
/// <param name="WindowLength">How long it stays open.</param>
public sealed record ChartLeg(
    Place From,
    Place To,
    DeltaV Cost,
    TimeSpan Duration,
    long LengthMetres,
    Instant WindowPhase,
    TimeSpan WindowPeriod,
    TimeSpan WindowLength)
{
    /// <summary>To a machine that lies at the same place: no way to speak of.</summary>
    public static ChartLeg Approach(Place at) => new(
        at, at, default, TimeSpan.FromMinutes(10), 0, Instant.Epoch, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>The first instant, not before <paramref name="from"/>, at which the transfer can
    /// begin.</summary>
    public Instant NextDeparture(Instant from)
    {
        if (WindowPeriod <= TimeSpan.Zero)
        {
            return from;
        }

        long period = WindowPeriod.Ticks / TimeSpan.TicksPerMicrosecond;
        long since = (from.Micros - WindowPhase.Micros) % period;
        long into = since < 0 ? since + period : since;
        return TimeSpan.FromMicroseconds(into) < WindowLength
            ? from : new Instant(from.Micros + period - into);
    }
}

/// <summary>What a node knows of its region: sites with their assays, and the legs between places.</summary>
/// <remarks>
/// Loaded when the node is commissioned and shared by all nodes of a region. The numbers are results of
/// orbital mechanics, which lives outside Core; a fleet of gliders would bring legs computed from currents
/// instead.
/// </remarks>
public sealed class Chart
{
    private readonly Lookup<(Place From, Place To), ChartLeg> _legs = new();

    /// <summary>A chart.</summary>
    public Chart(ImmutableArray<ChartSite> sites, ImmutableArray<ChartLeg> legs)
    {
        Sites = sites;
        foreach (ChartLeg leg in legs)
        {
            _legs[(leg.From, leg.To)] = leg;
        }
    }

    /// <summary>All sites, in order.</summary>
    public ImmutableArray<ChartSite> Sites { get; }

    /// <summary>The assayed grade of a commodity at a site; zero at an unknown site.</summary>
    public PartsPerMillion Grade(SiteId site, Commodity commodity)
    {
        foreach (ChartSite known in Sites)
        {
            if (known.Site == site)
            {
                return known.Grade(commodity);
            }
        }

        return default;
    }

    /// <summary>The leg between two places; null when there is none. From a place to itself it is a short
    /// approach.</summary>
    public ChartLeg? Leg(Place from, Place to) =>
        from == to ? ChartLeg.Approach(from)
        : _legs.TryGet((from, to), out ChartLeg? leg) ? leg : null;
}
