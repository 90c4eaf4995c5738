using System;
using System.Collections.Generic;
using System.Linq;

namespace Hanse.Simulation.Orbits;

/// <summary>What to build round an anchor.</summary>
public sealed record RegionOptions
{
    /// <summary>Microsecond 0 of the region's clock; the site at longitude 0 then faces inertial longitude
    /// 0.</summary>
    public required Mjd Epoch { get; init; }

    /// <summary>Mining sites on the ground; above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not above 0.</exception>
    public required int Sites
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Spread of the true grades around their assays, as <see cref="OreModel.Draw"/> takes
    /// it.</summary>
    public double AssaySigma { get; init; } = OreModel.AssaySigma;

    /// <summary>Depots in orbit, above 0; one unless stated.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not above 0.</exception>
    public int Depots
    {
        get;
        init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    } = 1;
}

/// <summary>A store on a circular equatorial orbit, prograde.</summary>
/// <param name="Index">From 0, the lowest first.</param>
/// <param name="OrbitRadiusMetres">From the body's centre.</param>
/// <param name="LongitudeRadians">Inertial longitude at the region's epoch.</param>
/// <param name="PeriodSeconds">One revolution.</param>
public sealed record Depot(
    int Index, double OrbitRadiusMetres, double LongitudeRadians, double PeriodSeconds);

/// <summary>A place on the ground to dig at.</summary>
/// <param name="Index">From 0.</param>
/// <param name="LatitudeRadians">North positive; within 60 degrees of the equator.</param>
/// <param name="LongitudeRadians">East, turning with the body; inertial at the region's epoch.</param>
/// <param name="Ore">Chart and truth.</param>
public sealed record MiningSite(int Index, double LatitudeRadians, double LongitudeRadians, SiteOre Ore);

/// <summary>Silence between a region and Earth, microseconds since the region's epoch.</summary>
public readonly record struct Blackout(long BeginMicros, long EndMicros);

/// <summary>One region of the world: an asteroid, what is built there, and the ways between.</summary>
public sealed class RegionPlan
{
    private readonly Leg[] _legs;

    internal RegionPlan(
        Asteroid anchor, Mjd epoch, OreExpectation ores, Depot[] depots, MiningSite[] sites, Leg[] legs)
    {
        Anchor = anchor;
        Epoch = epoch;
        Ores = ores;
        Depots = depots;
        Sites = sites;
        _legs = legs;
    }

    /// <summary>The asteroid.</summary>
    public Asteroid Anchor { get; }

    /// <summary>Microsecond 0 of all windows.</summary>
    public Mjd Epoch { get; }

    /// <summary>What the anchor's class lets one expect.</summary>
    public OreExpectation Ores { get; }

    /// <summary>Depots by index, the lowest orbit first.</summary>
    public IReadOnlyList<Depot> Depots { get; }

    /// <summary>Sites by index.</summary>
    public IReadOnlyList<MiningSite> Sites { get; }

    /// <summary>Every leg: from each site to each depot, back, then from each depot to each other.</summary>
    public IReadOnlyList<Leg> Legs => _legs;

    /// <summary>The leg between two places; O(1).</summary>
    /// <exception cref="ArgumentException">There is none: both are sites, both are the same, or out of
    /// range.</exception>
    public Leg Leg(Place from, Place to)
    {
        int pairs = Sites.Count * Depots.Count;
        int index = (from.Kind, to.Kind) switch
        {
            (PlaceKind.Site, PlaceKind.Depot) => (from.Index * Depots.Count) + to.Index,
            (PlaceKind.Depot, PlaceKind.Site) => pairs + (to.Index * Depots.Count) + from.Index,
            (PlaceKind.Depot, PlaceKind.Depot) =>
                (2 * pairs) + (from.Index * (Depots.Count - 1)) + to.Index - (to.Index > from.Index ? 1 : 0),
            _ => -1,
        };
        return index >= 0 && index < _legs.Length && _legs[index].From == from && _legs[index].To == to
            ? _legs[index]
            : throw new ArgumentException($"no leg from {from} to {to}", nameof(to));
    }

    /// <summary>That microsecond of the region's clock as a date.</summary>
    public Mjd MomentAt(long micros) => Epoch.PlusMicros(micros);

    /// <summary>Distance to Earth, AU.</summary>
    public double DistanceAu(Mjd moment) => Orbits.LightTime.DistanceAu(Anchor.Orbit, moment);

    /// <summary>One-way light time to Earth, microseconds, for a signal sent at that moment.</summary>
    public long LightTimeMicros(Mjd moment) => Orbits.LightTime.Micros(Anchor.Orbit, moment);

    /// <summary>The same, for a moment of the region's clock.</summary>
    public long LightTimeMicros(long micros) => LightTimeMicros(MomentAt(micros));

    /// <summary>When the Sun silences the link to Earth within so many days of the epoch, in order.</summary>
    public IReadOnlyList<Blackout> Blackouts(
        double days, double limitDegrees = Conjunction.LimitDegreesDefault) =>
        [.. Conjunction.Windows(Anchor.Orbit, Epoch, days, limitDegrees)
            .Select(w => new Blackout(MicrosAt(w.Begin), MicrosAt(w.End)))];

    private long MicrosAt(Mjd moment) => (long)Math.Round(moment.DaysSince(Epoch) * 86_400e6);
}
