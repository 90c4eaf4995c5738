using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class CatalogueTests
{
    [Fact]
    public void Both_files_are_loaded_whole()
    {
        Assert.Equal(1_852 + 2_849, World.Catalogue.All.Count);
        Assert.Equal("(1) Ceres", World.Catalogue.All[0].ToString());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("Ceres")]
    [InlineData("ceres")]
    public void An_asteroid_is_found_by_number_and_by_name_in_any_case(string key) =>
        Assert.Equal(1, World.Catalogue.Find(key)!.Number);

    [Fact]
    public void An_unknown_key_finds_nothing() => Assert.Null(World.Catalogue.Find("Erewhon"));

    [Fact]
    public void Every_body_is_complete_and_physical() => Assert.All(World.Catalogue.All, body =>
    {
        Assert.InRange(body.DiameterMetres, 0.5, 1e6);
        Assert.InRange(body.Albedo, 0.005, 1);
        Assert.InRange(body.RotationHours, 0.003, 3_000);
        Assert.InRange(body.DensityKgPerCubicMetre, 1_000, 5_000);
    });

    [Fact]
    public void Measured_sizes_agree_with_brightness_within_a_quarter_for_nine_of_ten()
    {
        double[] ratios =
        [
            .. World.Catalogue.All
                .Where(a => (a.Estimated & (Estimates.Diameter | Estimates.Albedo)) == Estimates.None)
                .Select(a => a.DiameterMetres / BodyEstimates.DiameterMetres(a.AbsoluteMagnitude, a.Albedo)),
        ];
        Assert.True(ratios.Length > 1_000);
        Assert.True(ratios.Count(r => r is > 0.75 and < 1.25) >= 0.9 * ratios.Length);
    }

    [Fact]
    public void What_was_estimated_is_said()
    {
        Assert.Equal(Estimates.None, World.Catalogue.Find("Ceres")!.Estimated);
        Assert.Equal(Estimates.Density, World.Catalogue.Find("Pallas")!.Estimated);
        Asteroid ryugu = World.Catalogue.Find("Ryugu")!;
        Assert.Equal(Estimates.Diameter | Estimates.Albedo, ryugu.Estimated);
    }

    [Theory]
    [InlineData("Ch", Taxon.Ch)]
    [InlineData("Cgh", Taxon.Ch)]
    [InlineData("Mk", Taxon.M)]
    [InlineData("S:", Taxon.S)]
    [InlineData("Xc", Taxon.X)]
    [InlineData("U", Taxon.Unknown)]
    [InlineData(null, Taxon.Unknown)]
    public void Labels_of_all_surveys_are_read(string? label, Taxon expected) =>
        Assert.Equal(expected, Taxonomy.Read(label));

    [Fact]
    public void A_class_is_listed_from_the_largest_down()
    {
        IReadOnlyList<Asteroid> metallic = World.Catalogue.ByTaxon(Taxon.M);
        Assert.Equal("(22) Kalliope", metallic[0].ToString());
        Assert.Equal(metallic.OrderByDescending(a => a.DiameterMetres), metallic);
    }

    [Fact]
    public void Anchors_are_drawn_alike_for_one_seed_and_never_twice()
    {
        IReadOnlyList<Asteroid> drawn = World.Catalogue.ChooseAnchors(60, seed: 7, taxa: [Taxon.M, Taxon.C]);
        Assert.Equal(drawn, World.Catalogue.ChooseAnchors(60, seed: 7, taxa: [Taxon.M, Taxon.C]));
        Assert.NotEqual(drawn, World.Catalogue.ChooseAnchors(60, seed: 8, taxa: [Taxon.M, Taxon.C]));
        Assert.Equal(60, drawn.Distinct().Count());
        Assert.All(drawn, a => Assert.True(a.Taxon is Taxon.M or Taxon.C && a.DiameterMetres >= 50));
    }

    [Fact]
    public void More_anchors_than_there_are_cannot_be_drawn()
    {
        int all = World.Catalogue.All.Count;
        Assert.Equal(all, World.Catalogue.ChooseAnchors(all, 1, diameterMin: 0).Count);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => World.Catalogue.ChooseAnchors(all + 1, 1, diameterMin: 0));
    }

    [Theory]
    [InlineData(",2.766619044655007,", ",far,", "mainbelt_sbdb_2022.csv(2): a_au is not a number: far")]
    [InlineData(",2.766619044655007,", ",,", "mainbelt_sbdb_2022.csv(2): a_au is empty")]
    [InlineData(",2.766619044655007,", ",", "mainbelt_sbdb_2022.csv(2): 19 fields where the header has 20")]
    [InlineData(",.07863575691875528,", ",1.2,", "mainbelt_sbdb_2022.csv(2): eccentricity must be 0 to 0.99")]
    [InlineData(",939.4,", ",-939.4,", "mainbelt_sbdb_2022.csv(2): diameter_km must be above 0: -939.4")]
    [InlineData(",939.4,", ",NaN,", "mainbelt_sbdb_2022.csv(2): diameter_km is not a number: NaN")]
    [InlineData("Ceres", "\"Ceres\"", "mainbelt_sbdb_2022.csv(2): quoted fields are not supported")]
    [InlineData("\n2,Pallas", "\n1,Pallas", "mainbelt_sbdb_2022.csv(3): 1 appears twice")]
    [InlineData("a_au", "a_km", "mainbelt_sbdb_2022.csv(2): column a_au is missing")]
    public void A_malformed_row_is_refused_with_file_and_line(string good, string bad, string complaint)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("hanse-orbits-");
        try
        {
            foreach (string file in (string[])["mainbelt_sbdb_2022.csv", "neo_fullprecision_2020.csv"])
            {
                string text = File.ReadAllText(Path.Combine(Catalogue.DirectoryDefault, file));
                int at = text.IndexOf(good, StringComparison.Ordinal);
                text = at < 0 ? text : string.Concat(text.AsSpan(0, at), bad, text.AsSpan(at + good.Length));
                File.WriteAllText(Path.Combine(directory.FullName, file), text);
            }

            var refusal = Assert.Throws<InvalidDataException>(() => Catalogue.Load(directory.FullName));
            Assert.StartsWith(complaint, refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
