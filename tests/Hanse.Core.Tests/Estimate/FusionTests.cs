using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using CsCheck;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Xunit;

namespace Hanse.Core.Tests.Estimate;

/// <summary>Beliefs of many, fused.</summary>
public sealed class FusionTests(ITestOutputHelper output)
{
    private const int Sources = 9;
    private const int Runs = 20_000;

    // One sigma, fine enough that rounding does not show.
    private const double Unit = 10_000;

    private static readonly long[] _values = [-1_000_000, -3, 0, 1, 2, 1_000_000, Belief.ValueMax];
    private static readonly long[] _sigmas = [1, 2, 3, 1_000, Belief.SigmaMax];

    private static readonly Gen<Belief> _plane = Gen.Select(
        Gen.Int[0, 6], Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[0, 4],
        (x, y, a, b) => new Belief([_values[x], _values[y]], [_sigmas[a], _sigmas[b]]));

    [Fact]
    public void The_search_finds_the_best_weight_of_the_grid() =>
        Gen.Select(Gen.Long[1, 40], Gen.Long[1, 40], Gen.Long[1, 40], Gen.Long[1, 40]).Sample((a, b, c, d) =>
        {
            var first = new Belief([0, 0], [a, b]);
            var second = new Belief([0, 0], [c, d]);
            UInt128 best = Enumerable.Range(0, 6_766)
                .Max(weight => CovarianceIntersection.Information(first, second, weight));
            int found = CovarianceIntersection.BestWeight(first, second);
            UInt128 reached = CovarianceIntersection.Information(first, second, found);
            Assert.True(best - reached <= best / 10_000_000, $"{found}: {reached} of {best}");
        },
        iter: 300);

    [Fact]
    public void Two_beliefs_alike_on_one_axis_gain_nothing_from_each_other()
    {
        Belief fused = CovarianceIntersection.Fuse(Belief.Of(10, 5), Belief.Of(20, 5));
        Assert.Equal(5, fused.Sigma[0]);
        Assert.InRange(fused.Value[0], 10, 20);
    }

    [Fact]
    public void Of_crossed_ellipses_each_gives_the_axis_it_knows()
    {
        // Equal weights: each axis has information (1 / 1 + 1 / 10^4) / 2, a variance just below 2.
        Belief fused = CovarianceIntersection.Fuse(
            new Belief([0, 0], [1_000, 100_000]), new Belief([0, 5_000], [100_000, 1_000]));
        Assert.Equal(1_414.0, fused.Sigma[0], 1.0);
        Assert.Equal(1_414.0, fused.Sigma[1], 1.0);
        Assert.InRange(fused.Value[1], 4_990, 5_000);
    }

    [Fact]
    public void Intersection_never_fails_at_the_borders_and_keeps_between_its_sources() =>
        Gen.Select(_plane, _plane).Sample((a, b) =>
        {
            Belief fused = CovarianceIntersection.Fuse(a, b);
            for (int axis = 0; axis < 2; axis++)
            {
                Assert.InRange(fused.Value[axis],
                    Math.Min(a.Value[axis], b.Value[axis]), Math.Max(a.Value[axis], b.Value[axis]));
                Assert.InRange(fused.Sigma[axis], Math.Min(a.Sigma[axis], b.Sigma[axis]),
                    Math.Max(a.Sigma[axis], b.Sigma[axis]) + 1);
            }
        });

    [Fact]
    public void The_order_of_beliefs_changes_nothing() =>
        Gen.Select(_plane.Array[1, 9], Gen.Int[0, 1_000]).Sample((beliefs, seed) =>
        {
            SourcedBelief[] sources =
                [.. beliefs.Select((belief, i) => new SourcedBelief(new NodeId((uint)i), belief))];
            SourcedBelief[] shuffled = [.. sources.OrderBy(source => (source.Source.Value * 7919 + seed) % 11)];
            FusedBelief one = Fusion.Of(sources);
            FusedBelief other = Fusion.Of(shuffled);
            Assert.Equal(one.Belief, other.Belief);
            Assert.Equal(one.Verdict, other.Verdict);
            Assert.Equal(one.Outliers, other.Outliers);
        });

    [Fact]
    public void Two_that_contradict_ask_for_a_survey_and_one_alone_is_believed()
    {
        Assert.Equal(FusionVerdict.Contradicting, Fuse((0, 1), (100, 1)).Verdict);
        Assert.Equal(FusionVerdict.Fused, Fuse((0, 1), (2, 1)).Verdict);
        FusedBelief alone = Fuse((7, 3));
        Assert.Equal((FusionVerdict.Fused, 7, 3), (alone.Verdict, alone.Belief.Value[0], alone.Belief.Sigma[0]));
    }

    [Fact]
    public void A_third_of_liars_is_the_most_that_is_borne()
    {
        (long, long)[] honest = [.. Enumerable.Repeat((0L, 1L), 6)];
        FusedBelief borne = Fuse([.. honest, (100, 1), (100, 1), (100, 1)]);
        Assert.Equal(FusionVerdict.Fused, borne.Verdict);
        Assert.Equal([6u, 7u, 8u], borne.Outliers.Select(outlier => outlier.Value));
        Assert.Equal(FusionVerdict.Contradicting,
            Fuse([.. honest, (100, 1), (100, 1), (100, 1), (100, 1)]).Verdict);
    }

    [Theory]
    [InlineData(0, false, 0.02)]
    [InlineData(10, false, 0.025)] // Intersection alone is far outside; see the table printed.
    [InlineData(20, false, 0.04)]
    [InlineData(40, false, 0.05)]
    [InlineData(0, true, 0.03)]
    [InlineData(10, true, 0.03)]
    public void The_median_is_as_sure_as_it_says(int gross, bool isUnlike, double most)
    {
        // Nine estimates with a shared prior, correlation 0.5; some are off by ten sigma. Unlike: sigmas are
        // 1, 2 and 3 in turn, and each error is as large as its sigma says.
        var noise = new Noise(5);
        (double Square, double Normal, int Outside) median = default;
        (double Square, double Normal, int Outside) intersection = default;
        (double Square, double Normal, int Outside) fitted = default;
        int surveys = 0;
        for (int run = 0; run < Runs; run++)
        {
            double shared = noise.Normal();
            var beliefs = new SourcedBelief[Sources];
            for (int i = 0; i < Sources; i++)
            {
                double sigma = isUnlike ? (i % 3) + 1 : 1;
                double error = sigma * Math.Sqrt(0.5) * (shared + noise.Normal());
                error += noise.Uniform() * 100 < gross ? 10 * sigma * (noise.Uniform() < 0.5 ? -1 : 1) : 0;
                beliefs[i] = new SourcedBelief(
                    new NodeId((uint)i), Belief.Of((long)(error * Unit), (long)(sigma * Unit)));
            }

            FusedBelief fused = Fusion.Of(beliefs);
            surveys += fused.Verdict == FusionVerdict.Contradicting ? 1 : 0;

            // For beliefs alike every weight is the best; the mean is that of equal ones.
            Belief best = beliefs.MinBy(source => source.Belief.Sigma[0]).Belief;
            double mean = beliefs.Where(source => source.Belief.Sigma[0] == best.Sigma[0])
                .Average(source => (double)source.Belief.Value[0]);
            Add(ref intersection, mean / Unit, best.Sigma[0] / Unit);
            Add(ref fitted, fused.Belief.Value[0] / Unit, best.Sigma[0] / Unit);
            if (fused.Verdict == FusionVerdict.Fused)
            {
                Add(ref median, fused.Belief.Value[0] / Unit, fused.Belief.Sigma[0] / Unit);
            }
        }

        int used = Runs - surveys;
        string what = $"{gross,2} % gross{(isUnlike ? ", sigmas 1 to 3" : "")}";
        Print(what, "intersection", intersection, Runs);
        Print(what, "median, variance of intersection", fitted, Runs);
        Print(what, "median, mean variance, surveys left out", median, used);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: asks for a survey {(double)surveys / Runs:P1}"));
        Assert.InRange((double)median.Outside / used, 0, most);
    }

    private void Print(string what, string rule, (double Square, double Normal, int Outside) sum, int runs) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {rule}: RMSE {Math.Sqrt(sum.Square / runs):F2}, NEES {sum.Normal / runs:F2}, "
            + $"outside 95 % {(double)sum.Outside / runs:P1}"));

    private static void Add(
        ref (double Square, double Normal, int Outside) sum, double error, double sigma)
    {
        sum.Square += error * error;
        sum.Normal += error * error / (sigma * sigma);
        sum.Outside += Math.Abs(error) > 1.96 * sigma ? 1 : 0;
    }

    private static FusedBelief Fuse(params (long Value, long Sigma)[] beliefs) => Fusion.Of(
        [.. beliefs.Select((belief, i) =>
            new SourcedBelief(new NodeId((uint)i), Belief.Of(belief.Value, belief.Sigma)))]);
}
