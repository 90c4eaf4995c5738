using System;
using System.Linq;
using CsCheck;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class OreModelTests
{
    [Fact]
    public void Metallic_ground_holds_nickel_and_iron_and_no_water()
    {
        OreExpectation metallic = World.Ores.Expect(World.Catalogue.Find("Lutetia")!);
        Assert.False(metallic.IsAssumed);
        Assert.Equal(new OreGrade(66_400, 755_300, 0, 170_000), metallic.Mean);
        Assert.Equal(755_300, metallic.Mean[Ore.Iron]);
    }

    [Fact]
    public void Carbonaceous_ground_holds_water_and_no_nickel() =>
        Assert.Equal(
            new OreGrade(0, 38_100, 130_000, 780_000),
            World.Ores.Expect(World.Catalogue.Find("Ceres")!).Mean);

    [Theory]
    [InlineData(Taxon.P, 0.05, Taxon.C)]
    [InlineData(Taxon.D, 0.50, Taxon.C)]
    [InlineData(Taxon.Z, 0.05, Taxon.C)]
    [InlineData(Taxon.R, 0.05, Taxon.A)]
    [InlineData(Taxon.X, 0.31, Taxon.E)]
    [InlineData(Taxon.X, 0.30, Taxon.M)]
    [InlineData(Taxon.X, 0.10, Taxon.M)]
    [InlineData(Taxon.X, 0.09, Taxon.C)]
    [InlineData(Taxon.Unknown, 0.09, Taxon.C)]
    [InlineData(Taxon.Unknown, 0.10, Taxon.S)]
    [InlineData(Taxon.Unknown, 0.50, Taxon.S)]
    public void A_class_without_a_row_borrows_one_by_albedo(Taxon taxon, double albedo, Taxon analogue)
    {
        Asteroid body = World.Catalogue.Find("Ceres")! with { Taxon = taxon, Albedo = albedo };
        OreExpectation expected = World.Ores.Expect(body);
        Assert.Equal(analogue, expected.Analogue);
        Assert.True(expected.IsAssumed);
    }

    [Theory]
    [InlineData(2.7, Taxon.S)]
    [InlineData(2.9, Taxon.C)]
    public void Without_an_albedo_the_distance_from_the_Sun_decides(double a, Taxon analogue)
    {
        foreach (Taxon taxon in (Taxon[])[Taxon.X, Taxon.Unknown])
        {
            Asteroid body = World.Catalogue.Find("Ceres")! with
            {
                Taxon = taxon,
                Orbit = World.Orbit(a, 0),
                Estimated = Estimates.Albedo,
            };
            Assert.Equal(analogue, World.Ores.Expect(body).Analogue);
        }
    }

    [Fact]
    public void Grades_are_never_negative_and_never_above_the_whole() =>
        Gen.Select(Gen.Int[0, World.Catalogue.All.Count - 1], Gen.ULong).Sample((i, seed) =>
        {
            OreExpectation expected = World.Ores.Expect(World.Catalogue.All[i]);
            SiteOre site = OreModel.Draw(expected, new SplitMix64(seed));
            foreach (OreGrade grade in (OreGrade[])[site.Assay, site.True])
            {
                Assert.InRange(grade.TotalPpm, 0, 1_000_000);
                Assert.All(Enum.GetValues<Ore>(), ore => Assert.True(grade[ore] >= 0));
            }
        });

    [Fact]
    public void The_truth_scatters_round_the_assay_by_the_stated_sigma()
    {
        // Water of Ceres: too small a part to be touched by the limit of a million often.
        OreExpectation expected = World.Ores.Expect(World.Catalogue.Find("Ceres")!);
        Assert.Equal(OreModel.AssaySigma, Scatter(expected), tolerance: 0.02);

        OreExpectation assumed = expected with { IsAssumed = true };
        Assert.Equal(OreModel.AssumedDoubt * OreModel.AssaySigma, Scatter(assumed), tolerance: 0.05);
    }

    [Fact]
    public void An_exact_assay_is_the_truth_and_the_same_assay_as_any_other() =>
        Gen.Select(Gen.Int[0, World.Catalogue.All.Count - 1], Gen.ULong).Sample((i, seed) =>
        {
            OreExpectation expected = World.Ores.Expect(World.Catalogue.All[i]);
            SiteOre doubtful = OreModel.Draw(expected, new SplitMix64(seed));
            SiteOre exact = OreModel.Draw(expected, new SplitMix64(seed), assaySigma: 0);
            Assert.Equal(doubtful.Assay, exact.Assay);
            Assert.Equal(exact.Assay, exact.True);
        });

    private static double Scatter(OreExpectation expected)
    {
        var numbers = new SplitMix64(11);
        double[] logs =
        [
            .. Enumerable.Range(0, 4_000)
                .Select(_ => OreModel.Draw(expected with { Mean = new OreGrade(0, 0, 130_000, 0) }, numbers))
                .Select(site => Math.Log((double)site.True.WaterPpm / site.Assay.WaterPpm)),
        ];
        double mean = logs.Average();
        return Math.Sqrt(logs.Average(x => (x - mean) * (x - mean)));
    }
}
