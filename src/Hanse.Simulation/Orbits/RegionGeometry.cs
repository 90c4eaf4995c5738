using System;
using System.Collections.Generic;

namespace Hanse.Simulation.Orbits;

/// <summary>Builds a region: depots in orbit, mines on the ground, and the flights between them.</summary>
/// <remarks>
/// <para>
/// The problem: a miner's day is ruled by how long a flight takes, what it costs and when it may start.
/// Invented numbers would favour whichever protocol they were invented for. The idea: let one asteroid's
/// size, density and spin decide them, by textbook physics that fits on two pages, and round the results to
/// whole units, after which the world is exact.
/// </para>
/// <para>
/// The model. The body is a sphere that turns prograde about the pole of the depots' orbits. Depots circle
/// over the equator, the lowest at about 3 radii, each next one a third higher. Sites lie evenly over the
/// ground within 60 degrees of the equator. <see cref="Transfers"/> has the flights; docking and landing take
/// a fixed time more.
/// </para>
/// <para>
/// Windows. Seen from the depot, a site comes round once in the synodic period 1/|1/T_spin - 1/T_orbit|. A
/// window is a stated share of it, centred where the flight ends at its goal: a Hohmann flight must find it
/// half a turn ahead, a hop straight below. Where the synodic period is under half an hour, departure is
/// always open: the wait disappears in the approach. A depot whose orbit nearly keeps pace with the ground is
/// moved outward until its windows come at least every three days.
/// </para>
/// <para>
/// Invariants: equal seed, anchor and options give an equal plan, in any process on one kind of machine;
/// adding depots moves no site, and adding sites moves no depot nor earlier site. Costs are equal both ways.
/// Absent on purpose: oblateness and lumpy gravity, sunlight pressure (which rules orbits round bodies below
/// some hundred metres), the slow drift of planes, terrain. What the hop needs of gravity is within its
/// allowance.
/// </para>
/// <para>
/// Units: inside this room numbers are plain doubles with the unit in the name, as in any numeric kernel.
/// What leaves it for the simulated world is whole: mm/s, seconds, microseconds, parts per million.
/// </para>
/// </remarks>
public static class RegionGeometry
{
    /// <summary>Share of the synodic period in which a craft may leave on an ellipse: 30 degrees either
    /// side.</summary>
    /// <remarks>An estimate: what the allowance for trim and a little loitering at the goal can
    /// absorb.</remarks>
    public const double WindowShare = 1.0 / 6;

    /// <summary>Rendezvous and docking at a depot, seconds; an estimate.</summary>
    public const double DockingSeconds = 2700;

    /// <summary>Last approach, hover and landing, seconds; an estimate.</summary>
    public const double LandingSeconds = 1800;

    private const double DepotRadiiMin = 3;
    private const double DepotSpacing = 4.0 / 3;
    private const double DepotRadiiFloor = 1.5;

    // Prograde satellites stay within about half the Hill radius (Hamilton and Burns 1991); less a margin.
    private const double HillShareMax = 0.4;

    private const double LatitudeMax = Math.PI / 3;
    private const double SynodicSecondsMin = 1800;
    private const double SynodicSecondsMax = 3 * 86_400;

    /// <summary>Builds the region; some 10 µs for eight sites.</summary>
    /// <param name="anchor">The asteroid.</param>
    /// <param name="ores">What its ground may hold.</param>
    /// <param name="seed">Decides places and grades, together with the anchor's designation.</param>
    /// <param name="options">How much to build, and from when.</param>
    /// <exception cref="ArgumentException">The Hill sphere has no room for so many depots.</exception>
    public static RegionPlan Build(Asteroid anchor, OreModel ores, ulong seed, RegionOptions options)
    {
        SplitMix64 numbers = new SplitMix64(seed).Fork(Fnv1A(anchor.Designation));
        Depot[] depots = Depots(anchor, numbers.Fork(1), options.Depots);

        OreExpectation expectation = ores.Expect(anchor);
        SplitMix64 ground = numbers.Fork(2);
        var sites = new MiningSite[options.Sites];
        for (int i = 0; i < sites.Length; i++)
        {
            sites[i] = Site(i, expectation, ground.Fork((ulong)i), options.AssaySigma);
        }

        return new RegionPlan(anchor, options.Epoch, expectation, depots, sites, Legs(anchor, depots, sites));
    }

    private static Depot[] Depots(Asteroid anchor, SplitMix64 numbers, int count)
    {
        double radius = anchor.RadiusMetres;
        double limit = HillShareMax * anchor.HillRadiusMetres;
        double floor = DepotRadiiFloor * radius;
        var depots = new Depot[count];
        for (int i = 0; i < count; i++)
        {
            // Three per cent either way, so that regions of one body differ.
            double wanted = i == 0
                ? DepotRadiiMin * radius * numbers.NextBetween(0.97, 1.03)
                : floor * numbers.NextBetween(1, 1.03);
            double orbit = PacedRadius(anchor, Math.Min(wanted, Math.Max(limit, floor)), limit);
            if (orbit > limit)
            {
                throw new ArgumentException($"no room for {count} depots round {anchor}", nameof(count));
            }

            depots[i] = new Depot(i, orbit, numbers.NextUnit() * Math.Tau, OrbitSeconds(anchor, orbit));
            floor = orbit * DepotSpacing;
        }

        return depots;
    }

    // The first radius outward from the wanted one, in steps of 5 %, whose windows come often enough. Below
    // the limit only: next to it a slow window is better than a lost depot.
    private static double PacedRadius(Asteroid anchor, double wanted, double limit)
    {
        double spin = anchor.RotationHours * 3600;
        double orbit = wanted;
        while (orbit <= limit && SynodicSeconds(spin, OrbitSeconds(anchor, orbit)) > SynodicSecondsMax)
        {
            orbit *= 1.05;
        }

        return orbit <= limit ? orbit : wanted;
    }

    private static MiningSite Site(
        int index, OreExpectation expectation, SplitMix64 numbers, double assaySigma)
    {
        // Even over the area: the sine of the latitude is what is uniform.
        double latitude = Math.Asin(numbers.NextBetween(-1, 1) * Math.Sin(LatitudeMax));
        double longitude = numbers.NextUnit() * Math.Tau;
        return new MiningSite(
            index, latitude, longitude, OreModel.Draw(expectation, numbers, assaySigma));
    }

    private static Leg[] Legs(Asteroid anchor, Depot[] depots, MiningSite[] sites)
    {
        var up = new List<Leg>();
        var down = new List<Leg>();
        var across = new List<Leg>();
        foreach (MiningSite site in sites)
        {
            var ground = new Circling(
                Place.Site(site.Index), site.LongitudeRadians, anchor.RotationHours * 3600, LandingSeconds);
            foreach (Depot depot in depots)
            {
                Circling high = Orbiting(depot);
                Transfer transfer =
                    Transfers.SurfaceToOrbit(anchor, site.LatitudeRadians, depot.OrbitRadiusMetres);

                // A hop may start while the depot stands above the horizon.
                double share = transfer.Mode == LegMode.Hop
                    ? Math.Acos(anchor.RadiusMetres / depot.OrbitRadiusMetres) / Math.PI
                    : WindowShare;
                up.Add(Flight(ground, high, transfer, share));
                down.Add(Flight(high, ground, transfer, share));
            }
        }

        foreach (Depot from in depots)
        {
            foreach (Depot to in depots)
            {
                if (from.Index != to.Index)
                {
                    Transfer transfer =
                        Transfers.OrbitToOrbit(anchor, from.OrbitRadiusMetres, to.OrbitRadiusMetres);
                    across.Add(Flight(Orbiting(from), Orbiting(to), transfer, WindowShare));
                }
            }
        }

        return [.. up, .. down, .. across];
    }

    private static Circling Orbiting(Depot depot) =>
        new(Place.Depot(depot.Index), depot.LongitudeRadians, depot.PeriodSeconds, DockingSeconds);

    private static Leg Flight(Circling from, Circling to, Transfer transfer, double share) => new()
    {
        From = from.Place,
        To = to.Place,
        Mode = transfer.Mode,
        DeltaVMillimetresPerSecond = (long)Math.Ceiling((transfer.DeltaV * 1000) - 1e-6),
        FlightSeconds = (long)Math.Ceiling(transfer.CoastSeconds + to.ArrivalSeconds),
        Windows = Windows(from, to, transfer, share),
    };

    // The angle of the goal ahead of the start changes at the difference of their rates. An ellipse arrives
    // half a turn from its start; a hop is centred on the moment when both stand in line halfway through.
    private static DepartureWindows Windows(Circling from, Circling to, Transfer transfer, double share)
    {
        double synodic = SynodicSeconds(from.PeriodSeconds, to.PeriodSeconds);
        double closing = from.Rate - to.Rate;
        double ahead = to.Longitude - from.Longitude;
        double centre = transfer.Mode == LegMode.Hohmann
            ? (ahead + (to.Rate * transfer.CoastSeconds) - Math.PI) / closing
            : (ahead / closing) - (transfer.CoastSeconds / 2);

        long period = (long)Math.Round(synodic * 1e6);
        double openShare = synodic < SynodicSecondsMin ? 1 : share;
        double opening = centre - (openShare * synodic / 2);
        double phase = opening - (Math.Floor(opening / synodic) * synodic);
        long length = Math.Max(1, (long)Math.Floor(openShare * period));
        return new DepartureWindows((long)Math.Ceiling(phase * 1e6), period, length);
    }

    private static double SynodicSeconds(double onePeriod, double otherPeriod) =>
        1 / Math.Abs((1 / onePeriod) - (1 / otherPeriod));

    private static double OrbitSeconds(Asteroid anchor, double radius) =>
        Math.Tau * Math.Sqrt(Math.Pow(radius, 3) / anchor.Mu);

    // Fowler, Noll and Vo: a hash of the key that is the same in every process.
    private static ulong Fnv1A(string key)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char letter in key)
        {
            hash = unchecked((hash ^ letter) * 0x100000001B3);
        }

        return hash;
    }

    // A place that goes round: on the ground with the body's spin, in orbit with its own.
    private readonly record struct Circling(
        Place Place, double Longitude, double PeriodSeconds, double ArrivalSeconds)
    {
        public double Rate => Math.Tau / PeriodSeconds;
    }
}
