using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Hanse.Simulation.Orbits;

/// <summary>The asteroids we know: where the simulator's regions come from.</summary>
/// <remarks>
/// <para>
/// The problem: an invented world hides its author's wishes. Real asteroids bring their own spread of
/// distances, days, sizes and ores, and anyone can look them up. The catalogue joins two files of JPL's
/// Small-Body Database, main belt (2022) and near-Earth (2020), described in data/asteroids/PROVENANCE.md.
/// </para>
/// <para>
/// Invariants: every body has an orbit, a size, a mass, a day and a class, measured or estimated by a stated
/// rule (<see cref="BodyEstimates"/>); keys are unique, and where both files know a body the main-belt row
/// wins; every order that a caller sees is fixed by the data, never by a hash.
/// </para>
/// <para>
/// A malformed row stops the load with its file and line: a world with a silent hole in it is not
/// reproducible. Absent on purpose: binaries, shapes, pole directions, and orbits more eccentric than 0.99.
/// </para>
/// </remarks>
public sealed class Catalogue
{
    private readonly Dictionary<string, Asteroid> _byKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Asteroid> _all = [];

    private Catalogue()
    {
    }

    /// <summary>Where the data files lie beside the program.</summary>
    public static string DirectoryDefault => Path.Combine(AppContext.BaseDirectory, "data", "asteroids");

    /// <summary>Every asteroid: the main belt by number, then the near-Earth bodies as JPL lists
    /// them.</summary>
    public IReadOnlyList<Asteroid> All => _all;

    /// <summary>Loads the files from <see cref="DirectoryDefault"/>; about 4,700 bodies in some tens of
    /// ms.</summary>
    /// <exception cref="InvalidDataException">A row is malformed: file(line) and reason.</exception>
    public static Catalogue Load() => Load(DirectoryDefault);

    /// <summary>Loads mainbelt_sbdb_2022.csv and neo_fullprecision_2020.csv from a directory.</summary>
    /// <exception cref="InvalidDataException">A row is malformed: file(line) and reason.</exception>
    public static Catalogue Load(string directory)
    {
        var catalogue = new Catalogue();
        foreach (CsvRow row in CsvTable.Read(Path.Combine(directory, "mainbelt_sbdb_2022.csv")))
        {
            catalogue.Add(row, MainBelt(row));
        }

        foreach (CsvRow row in CsvTable.Read(Path.Combine(directory, "neo_fullprecision_2020.csv")))
        {
            Asteroid asteroid = NearEarth(row);
            if (!catalogue._byKey.ContainsKey(asteroid.Designation))
            {
                catalogue.Add(row, asteroid);
            }
        }

        return catalogue;
    }

    /// <summary>Finds by number ("21"), provisional designation ("2020 AY1") or name ("Lutetia"), in any
    /// case.</summary>
    public Asteroid? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Finds by permanent number.</summary>
    public Asteroid? Find(int number) => Find(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>All bodies of the class, the largest first; ties go to the lower designation.</summary>
    public IReadOnlyList<Asteroid> ByTaxon(Taxon taxon) =>
        [.. _all.Where(a => a.Taxon == taxon)
            .OrderByDescending(a => a.DiameterMetres)
            .ThenBy(a => a.Designation, StringComparer.Ordinal)];

    /// <summary>Draws bodies to build regions on: no body twice, the same draw for the same seed.</summary>
    /// <param name="count">How many; at most as many as qualify.</param>
    /// <param name="seed">Decides the draw.</param>
    /// <param name="diameterMin">Metres; rocks smaller than this are nobody's region. 50 m is a day's
    /// digging.</param>
    /// <param name="taxa">The classes wanted, or none for all.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer bodies qualify than are asked for.</exception>
    public IReadOnlyList<Asteroid> ChooseAnchors(
        int count, ulong seed, double diameterMin = 50, params IReadOnlyCollection<Taxon> taxa)
    {
        Asteroid[] candidates =
        [
            .. _all.Where(a => a.DiameterMetres >= diameterMin)
                .Where(a => taxa.Count == 0 || taxa.Contains(a.Taxon)),
        ];
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, candidates.Length);

        // The first rounds of a Fisher-Yates shuffle over an order that the files decide.
        var numbers = new SplitMix64(seed);
        for (int i = 0; i < count; i++)
        {
            int j = i + (int)(numbers.NextUnit() * (candidates.Length - i));
            (candidates[i], candidates[j]) = (candidates[j], candidates[i]);
        }

        return candidates[..count];
    }

    private void Add(CsvRow row, Asteroid asteroid)
    {
        if (!_byKey.TryAdd(asteroid.Designation, asteroid))
        {
            throw row.Refusal($"{asteroid.Designation} appears twice");
        }

        _all.Add(asteroid);
        if (asteroid.Name is { } name)
        {
            _byKey.TryAdd(name, asteroid);
        }
    }

    private static Asteroid MainBelt(CsvRow row)
    {
        OrbitalElements elements = Elements(row, () => new OrbitalElements
        {
            Epoch = new Mjd(row.Number("epoch_mjd")),
            SemiMajorAxisAu = row.Number("a_au"),
            Eccentricity = row.Number("e"),
            InclinationDegrees = row.Number("i_deg"),
            AscendingNodeDegrees = row.Number("node_deg"),
            PerihelionArgumentDegrees = row.Number("argperi_deg"),
            MeanAnomalyDegrees = row.Number("mean_anomaly_deg"),
        });
        string key = row.Text("number") ?? row.Text("designation") ?? throw row.Refusal("number is empty");
        Taxon taxon = Taxonomy.Read(row.Text("taxon_mahlke2022"));
        return Complete(key, row.Text("name"), taxon, elements, new Measured(
            row.Number("h_mag"),
            row.PositiveOrNull("diameter_km") * 1000,
            row.PositiveOrNull("albedo"),
            row.PositiveOrNull("rotation_h")));
    }

    private static Asteroid NearEarth(CsvRow row)
    {
        OrbitalElements elements = Elements(row, () => new OrbitalElements
        {
            Epoch = new Mjd(row.Number("epoch_mjd")),
            SemiMajorAxisAu = row.Number("a"),
            Eccentricity = row.Number("e"),
            InclinationDegrees = row.Number("i"),
            AscendingNodeDegrees = row.Number("om"),
            PerihelionArgumentDegrees = row.Number("w"),
            MeanAnomalyDegrees = row.Number("ma"),
        });
        string key = row.Text("pdes") ?? throw row.Refusal("pdes is empty");
        Taxon taxon = Taxonomy.Read(row.Text("spec_B") ?? row.Text("spec_T"));
        return Complete(key, row.Text("name"), taxon, elements, new Measured(
            row.Number("H"),
            row.PositiveOrNull("diameter") * 1000,
            row.PositiveOrNull("albedo"),
            row.PositiveOrNull("rot_per")));
    }

    private static OrbitalElements Elements(CsvRow row, Func<OrbitalElements> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentOutOfRangeException refusal)
        {
            throw row.Refusal(refusal.Message, refusal);
        }
    }

    private static Asteroid Complete(
        string key, string? name, Taxon taxon, OrbitalElements elements, Measured measured)
    {
        bool isNumbered = int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed);
        int? number = isNumbered ? parsed : null;
        double albedo = measured.Albedo
            ?? (measured.DiameterMetres is { } known
                ? BodyEstimates.AlbedoFromDiameter(measured.AbsoluteMagnitude, known)
                : BodyEstimates.Albedo(taxon));
        double diameter = measured.DiameterMetres
            ?? BodyEstimates.DiameterMetres(measured.AbsoluteMagnitude, albedo);
        double? density = BodyEstimates.MeasuredDensity(number);
        return new Asteroid
        {
            Designation = key,
            Number = number,
            Name = name,
            Taxon = taxon,
            Orbit = new KeplerOrbit(elements),
            AbsoluteMagnitude = measured.AbsoluteMagnitude,
            DiameterMetres = diameter,
            Albedo = albedo,
            RotationHours = measured.RotationHours ?? BodyEstimates.RotationHours(diameter),
            DensityKgPerCubicMetre = density ?? BodyEstimates.DensityKgPerCubicMetre(taxon),
            Estimated = (measured.DiameterMetres is null ? Estimates.Diameter : Estimates.None)
                | (measured.Albedo is null ? Estimates.Albedo : Estimates.None)
                | (measured.RotationHours is null ? Estimates.Rotation : Estimates.None)
                | (density is null ? Estimates.Density : Estimates.None),
        };
    }

    private readonly record struct Measured(
        double AbsoluteMagnitude, double? DiameterMetres, double? Albedo, double? RotationHours);
}
