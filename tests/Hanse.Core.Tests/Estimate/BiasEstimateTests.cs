using System;
using System.Linq;
using CsCheck;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Estimate;

/// <summary>A bias learned in whole numbers, against the same filter in floating point.</summary>
public sealed class BiasEstimateTests
{
    private const long Day = 86_400_000_000;

    private static readonly CalibrationRules _rules = CalibrationRules.Measured;

    private static readonly int[] _errors = [-10_000_000, -60_000, -1, 0, 1, 50_000, 100_000, 10_000_000];
    private static readonly int[] _sigmas = [1, 5_000, 20_000, 1_000_000];

    private static readonly Gen<(int Error, int Sigma, int Days)[]> _histories =
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 3], Gen.Int[0, 40],
            (error, sigma, days) => (_errors[error], _sigmas[sigma], days)).Array[0, 30];

    [Fact]
    public void Whole_numbers_follow_the_floating_filter() =>
        _histories.Sample(history =>
        {
            BiasEstimate bias = BiasEstimate.Prior(_rules);
            (double mean, double variance, double scatter) = (0, 70_000.0 * 70_000, 20_000.0 * 20_000);
            long at = 0;
            foreach ((int error, int sigma, int days) in history)
            {
                double elapsed = at == 0 ? 0 : days;
                at += (days * Day) + (at == 0 ? 1 : 0);
                bias = bias.Updated(new Residual(error, sigma), new Instant(at), _rules);
                variance = Math.Min(variance + (500.0 * 500 * elapsed), 70_000.0 * 70_000);
                double noise = scatter + ((double)sigma * sigma);
                double total = variance + noise;
                double innovation =
                    Math.Clamp(error - mean, -3 * Math.Sqrt(total), 3 * Math.Sqrt(total));
                double share = noise / total;
                mean += innovation * variance / total;
                variance = variance * noise / total;
                scatter = Math.Clamp(
                    scatter + (((innovation * innovation) - total) * share * share / 16),
                    20_000.0 * 20_000 / 16, 40_000.0 * 40_000);
            }

            Assert.Equal(mean, bias.Mean, 2_000 + (Math.Abs(mean) / 100));
            Assert.InRange(bias.Variance, (variance * 0.97) - 2, (variance * 1.03) + history.Length + 2);
            Assert.InRange(bias.Scatter, scatter * 0.95, scatter * 1.05);
        });

    [Theory]
    [InlineData(100_000, 1_100_000, 1_000_000)]
    [InlineData(-100_000, 900_000, 1_000_000)]
    [InlineData(0, 7, 7)]
    [InlineData(-10_000_000, 7, 70)] // A sensor that reads next to nothing is stretched tenfold and no more.
    public void A_claim_is_corrected_by_what_the_sensor_reads_too_much(int mean, long claimed, long value)
    {
        BiasEstimate bias = BiasEstimate.Prior(_rules) with { Mean = mean };
        Assert.Equal(value, bias.Correct(claimed).Value);
    }

    [Fact]
    public void A_node_never_seen_has_the_prior_error() =>
        Assert.Equal((1_000_000, 72_802), BiasEstimate.Prior(_rules).Correct(1_000_000)); // 7 % and 2 %

    [Fact]
    public void A_belief_that_is_not_renewed_fades_to_the_prior()
    {
        BiasEstimate bias = BiasEstimate.Prior(_rules);
        for (int i = 0; i < 16; i++)
        {
            bias = bias.Updated(new Residual(50_000, 5_000), new Instant(i), _rules);
        }

        Assert.Equal(50_000, bias.Mean, 500.0);
        long now = bias.Grown(new Instant(15), _rules);
        long later = bias.Grown(new Instant(30 * Day), _rules);
        Assert.True(later > now);
        Assert.Equal(_rules.PriorVariance, bias.Grown(new Instant(100_000 * Day), _rules));
    }

    [Fact]
    public void A_residual_is_a_share_of_what_was_seen_and_never_overflows()
    {
        Assert.Equal(100_000, Seen(1_100, 1_000).Error);
        Assert.Equal(-1_000_000, Seen(0, 1_000).Error);
        Assert.Equal(Residual.Max, Seen(Knot.ValueMax, 1_000).Error);
    }

    [Fact]
    public void A_book_restored_from_a_snapshot_learns_on_as_before() =>
        Gen.Select(Gen.UInt[1, 3], Gen.Int[1, 4], Gen.Int[0, 7]).Array[0, 60].Sample(sightings =>
        {
            var book = new CalibrationBook(_rules);
            var restored = new CalibrationBook(_rules);
            for (int i = 0; i < sightings.Length; i++)
            {
                (uint node, int variable, int error) = sightings[i];
                Sighting sighting = Seen(
                    Math.Max(0, 1_000_000 + Math.Min(_errors[error], 1_000_000)), 1_000_000, node,
                    (Variable)variable, i);
                book.Apply(sighting);
                if (i == sightings.Length / 2)
                {
                    Snapshot.Into(Snapshot.Of(book.Shape), restored.Shape);
                }
                else if (i > sightings.Length / 2)
                {
                    restored.Apply(sighting);
                }
            }

            Assert.True(sightings.Length == 0
                || Snapshot.Of(book.Shape).SequenceEqual(Snapshot.Of(restored.Shape)));
            foreach (uint node in new uint[] { 1, 2, 3 })
            {
                book.Forget(new NodeId(node));
                Assert.Equal(GateVerdict.Consistent, book.WorstOf(new NodeId(node)));
            }

            Assert.Equal(0, book.Count);
        });

    private static Residual Seen(long claimed, long seen) =>
        Seen(claimed, seen, 1, Variable.Cargo, 0).Residual;

    private static Sighting Seen(long claimed, long seen, uint node, Variable variable, long at) => new()
    {
        Node = new NodeId(node),
        Variable = variable,
        At = new Instant(at),
        Claimed = claimed,
        Seen = seen,
        Sigma = new PartsPerMillion(5_000),
    };
}
