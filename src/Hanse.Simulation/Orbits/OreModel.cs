using System;
using System.Collections.Generic;
using System.IO;

namespace Hanse.Simulation.Orbits;

/// <summary>What is in the ground, by spectral class, and how far the chart may be trusted.</summary>
/// <remarks>
/// <para>
/// The problem: a market needs goods that differ from place to place, and a survey that is good but not
/// right. The idea: the class gives the mean (composition_by_class_estimates.csv, from meteorite analogues),
/// each site varies around it, and the truth varies around what was assayed. All variations are lognormal
/// with mean one: grades are positive and rich tails are longer than poor ones (Ahrens, "The lognormal
/// distribution of the elements", 1954).
/// </para>
/// <para>
/// From phases to ores, estimates of ours: metal is 8 % nickel (irons hold 5 to 25 %, most 7 to 10 %) and 91
/// % iron; troilite, FeS, is 63.5 % iron by its atomic weights; water and silicate count as they are;
/// organics are of no use. Nickel outside the metal is left aside, so that carbonaceous ground has none.
/// </para>
/// <para>
/// Classes without a row follow a rule, and are marked as assumed with three times the doubt. P, D and Z: as
/// C, being dark and primitive. R: as A. X: by measured albedo after Tholen (1984): above 0.30 E, 0.10 to
/// 0.30 M, below 0.10 as P, hence C; without an albedo, as Unknown. Unknown: by measured albedo, below 0.10
/// C, else S; without one, C beyond 2.8 AU and S within (Gradie and Tedesco, Science 216, 1982).
/// </para>
/// <para>
/// Invariant: no grade is negative and together they never exceed a million; where the draws do, all shrink
/// alike. Absent on purpose: veins, depth, and any correlation between neighbouring sites.
/// </para>
/// </remarks>
public sealed class OreModel
{
    /// <summary>Spread of the assays among the sites of one body, as the sigma of the logarithm; an
    /// estimate.</summary>
    public const double SiteSigma = 0.20;

    /// <summary>Spread of the truth around an assay where the class has a row; an estimate.</summary>
    public const double AssaySigma = 0.10;

    /// <summary>How many times as wide that spread is where the class is assumed; an estimate.</summary>
    public const double AssumedDoubt = 3;

    private const string FileName = "composition_by_class_estimates.csv";
    private const double MetalNickelShare = 0.08;
    private const double MetalIronShare = 0.91;
    private const double TroiliteIronShare = 0.635;

    private readonly Dictionary<Taxon, OreGrade> _means = [];

    private OreModel()
    {
    }

    /// <summary>Loads the table from <see cref="Catalogue.DirectoryDefault"/>.</summary>
    /// <exception cref="InvalidDataException">A row is malformed: file(line) and reason.</exception>
    public static OreModel Load() => Load(Catalogue.DirectoryDefault);

    /// <summary>Loads composition_by_class_estimates.csv from a directory.</summary>
    /// <exception cref="InvalidDataException">A row is malformed, or a class does not add up to
    /// one.</exception>
    public static OreModel Load(string directory)
    {
        var model = new OreModel();
        var phases = new SortedDictionary<Taxon, Phases>();
        foreach (CsvRow row in CsvTable.Read(Path.Combine(directory, FileName)))
        {
            Taxon taxon = Taxonomy.Read(row.Text("taxon"));
            double share = row.Number("mass_fraction");
            if (taxon == Taxon.Unknown || share is < 0 or > 1)
            {
                throw row.Refusal("the class is unheard of, or the fraction is not between 0 and 1");
            }

            Phases known = phases.GetValueOrDefault(taxon);
            phases[taxon] = row.Text("component") switch
            {
                "metal" => known with { Metal = known.Metal + share },
                "sulfide" => known with { Sulfide = known.Sulfide + share },
                "silicate" => known with { Silicate = known.Silicate + share },
                "water" => known with { Water = known.Water + share },
                "organic" => known with { Organic = known.Organic + share },
                _ => throw row.Refusal("the component is unheard of"),
            };
        }

        foreach ((Taxon taxon, Phases found) in phases)
        {
            model._means[taxon] = found.Total is > 0.999 and < 1.001
                ? Mean(found)
                : throw new InvalidDataException($"{FileName}: {taxon} is not 1 in all");
        }

        return model;
    }

    /// <summary>What to expect of this body; the rule for classes without a row is in the remarks
    /// above.</summary>
    public OreExpectation Expect(Asteroid asteroid)
    {
        if (_means.TryGetValue(asteroid.Taxon, out OreGrade mean))
        {
            return new OreExpectation(mean, asteroid.Taxon, IsAssumed: false);
        }

        Taxon analogue = Analogue(asteroid);
        return new OreExpectation(_means[analogue], analogue, IsAssumed: true);
    }

    /// <summary>Draws one site: eight normal numbers from the stream, always.</summary>
    /// <param name="expectation">What its body lets one expect.</param>
    /// <param name="numbers">The stream.</param>
    /// <param name="assaySigma">Spread of the truth around an assay, as the sigma of the logarithm, where the
    /// class has a row; three times as much where it is assumed. Zero makes the truth what was
    /// assayed.</param>
    public static SiteOre Draw(
        OreExpectation expectation, SplitMix64 numbers, double assaySigma = AssaySigma)
    {
        OreGrade assay = Vary(expectation.Mean, SiteSigma, numbers);
        double doubt = assaySigma * (expectation.IsAssumed ? AssumedDoubt : 1);
        return new SiteOre(assay, Vary(assay, doubt, numbers));
    }

    private static Taxon Analogue(Asteroid asteroid)
    {
        double? albedo = asteroid.Estimated.HasFlag(Estimates.Albedo) ? null : asteroid.Albedo;
        return (asteroid.Taxon, albedo) switch
        {
            (Taxon.P or Taxon.D or Taxon.Z, _) => Taxon.C,
            (Taxon.R, _) => Taxon.A,
            (Taxon.X, > 0.30) => Taxon.E,
            (Taxon.X, >= 0.10) => Taxon.M,
            (_, < 0.10) => Taxon.C,
            (_, >= 0.10) => Taxon.S,
            _ => asteroid.Orbit.Elements.SemiMajorAxisAu > 2.8 ? Taxon.C : Taxon.S,
        };
    }

    private static OreGrade Mean(Phases phases) => Grade(
        MetalNickelShare * phases.Metal,
        (MetalIronShare * phases.Metal) + (TroiliteIronShare * phases.Sulfide),
        phases.Water,
        phases.Silicate);

    private static OreGrade Vary(OreGrade mean, double sigma, SplitMix64 numbers)
    {
        // Minus half the variance: the mean of the factor, not its median, is one.
        double Factor() => Math.Exp((sigma * numbers.NextNormal()) - (sigma * sigma / 2));
        double nickel = mean.NickelPpm * Factor();
        double iron = mean.IronPpm * Factor();
        double water = mean.WaterPpm * Factor();
        double silicate = mean.SilicatePpm * Factor();
        double scale = 1 / Math.Max(nickel + iron + water + silicate, 1e6);
        return Grade(nickel * scale, iron * scale, water * scale, silicate * scale);
    }

    // Downwards, so that four roundings cannot exceed a million; the hair saves 0.85 from becoming 849,999
    // ppm.
    private static OreGrade Grade(double nickel, double iron, double water, double silicate)
    {
        static int Ppm(double share) => (int)Math.Floor((share * 1e6) + 1e-6);
        return new OreGrade(Ppm(nickel), Ppm(iron), Ppm(water), Ppm(silicate));
    }

    private readonly record struct Phases(
        double Metal, double Sulfide, double Silicate, double Water, double Organic)
    {
        public double Total => Metal + Sulfide + Silicate + Water + Organic;
    }
}
