using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using CsCheck;
using Hanse.Simulation.Orbits;

namespace Hanse.Simulation.Tests.Orbits;

/// <summary>The real catalogue, loaded once, and random orbits, for the tests of this room.</summary>
internal static class World
{
    public static Catalogue Catalogue { get; } = Catalogue.Load();

    public static OreModel Ores { get; } = OreModel.Load();

    /// <summary>2026-01-01.</summary>
    public static Mjd Epoch { get; } = new(61_041);

    /// <summary>Ellipses of every shape the room admits, borders included.</summary>
    public static Gen<KeplerOrbit> Orbits { get; } =
        Gen.Select(
            Gen.Double[0.3, 6],
            Gen.OneOf(Gen.Double[0, 0.99], Gen.Const(0.0), Gen.Const(0.99)),
            Gen.Double[0, 180],
            Gen.Double[0, 360],
            Gen.Double[0, 360],
            Gen.Double[0, 360],
            (a, e, i, node, peri, m) => Orbit(a, e, i, node, peri, m));

    public static KeplerOrbit Orbit(
        double a, double e, double i = 0, double node = 0, double peri = 0, double m = 0) =>
        new(new OrbitalElements
        {
            Epoch = Epoch,
            SemiMajorAxisAu = a,
            Eccentricity = e,
            InclinationDegrees = i,
            AscendingNodeDegrees = node,
            PerihelionArgumentDegrees = peri,
            MeanAnomalyDegrees = m,
        });

    public static RegionPlan Region(string anchor, ulong seed = 1, int sites = 8, int depots = 1) =>
        Build(Catalogue.Find(anchor)!, seed, sites, depots);

    public static RegionPlan Build(Asteroid anchor, ulong seed = 1, int sites = 8, int depots = 1) =>
        RegionGeometry.Build(
            anchor, Ores, seed, new RegionOptions { Epoch = Epoch, Sites = sites, Depots = depots });

    /// <summary>The rows of a data file as numbers or text by column name; a reader apart from the
    /// library's.</summary>
    public static IEnumerable<Dictionary<string, string>> Rows(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Catalogue.DirectoryDefault, file));
        string[] header = lines[0].Split(',');
        return lines.Skip(1)
            .Select(line => header.Zip(line.Split(',')).ToDictionary(p => p.First, p => p.Second));
    }

    public static double Number(this Dictionary<string, string> row, string column) =>
        double.Parse(row[column], CultureInfo.InvariantCulture);

    /// <summary>An angle as its distance from a whole number of turns, radians.</summary>
    public static double OffTurn(double radians) => Math.Abs(Math.IEEERemainder(radians, Math.Tau));
}
