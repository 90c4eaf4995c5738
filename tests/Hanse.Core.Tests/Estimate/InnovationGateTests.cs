using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using Hanse.Core.Estimate;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Estimate;

/// <summary>What a gate finds and what it leaves in peace, over many simulated sensors.</summary>
public sealed class InnovationGateTests(ITestOutputHelper output)
{
    private static readonly CalibrationRules _rules = CalibrationRules.Measured;

    // Known to read right, with a scatter of its own of nothing: then the instrument's 2 % is all there is.
    private static readonly BiasEstimate _exact = new()
    {
        Mean = 0,
        Variance = 0,
        Scatter = 0,
        Count = 1,
        At = Instant.Epoch,
    };

    [Theory]
    [InlineData(1, 0.05, 0.20, 0.23)] // 21 %
    [InlineData(4, 0.05, 0.945, 0.97)] // 96 %
    [InlineData(9, 0.05, 0.9999, 1)]
    [InlineData(16, 0.05, 0.9999, 1)]
    [InlineData(1, 0.10, 0.95, 0.965)] // 96 %
    [InlineData(4, 0.02, 0.085, 0.11)]
    [InlineData(9, 0.02, 0.36, 0.41)]
    [InlineData(16, 0.02, 0.74, 0.78)]
    public void A_bias_shows_in_windows_as_the_normal_law_says(
        int length, double bias, double least, double most)
    {
        const int Runs = 20_000;
        var noise = new Noise(1);
        int found = 0;
        for (int run = 0; run < Runs; run++)
        {
            Residual[] window = [.. Enumerable.Range(0, length).Select(_ =>
                new Residual((int)Math.Round((bias + (0.02 * noise.Normal())) * 1e6), 20_000))];
            found += InnovationGate.Innovation(_exact, window)
                > ChiSquare.Bound(1, Significance.OneInThousand) ? 1 : 0;
        }

        double share = (double)found / Runs;
        Print($"window {length,2}, bias {bias:P0}: {share:P1}");
        Assert.InRange(share, least, most);
    }

    [Fact]
    public void An_exact_sensor_is_called_inconsistent_once_in_a_thousand()
    {
        const int Runs = 200_000;
        var noise = new Noise(2);
        int found = Enumerable.Range(0, Runs).Count(_ =>
            InnovationGate.Innovation(
                _exact, [new Residual((int)Math.Round(0.02 * noise.Normal() * 1e6), 20_000)])
                > ChiSquare.Bound(1, Significance.OneInThousand));
        Assert.InRange(found, 150, 250);
    }

    [Fact]
    public void Honest_nodes_with_a_constant_error_are_corrected_and_not_doubted()
    {
        // A return brings sixteen sightings, each judged as it comes; one doubt among them is a false
        // quarantine. Bias uniform up to 10 %, scatter 2 %, 3 % of readings three times as wide.
        const int Returns = 100_000;
        var noise = new Noise(3);
        int doubted = 0;
        int rebased = 0;
        double before = 0;
        double after = 0;
        double inside = 0;
        for (int node = 0; node < Returns; node++)
        {
            double bias = noise.Between(-0.10, 0.10);
            Calibration sensor = Calibration.Fresh(_rules);
            bool isRebased = false;
            bool isDoubted = false;
            for (int i = 0; i < 16; i++)
            {
                sensor = sensor.After(
                    noise.Residual(bias + (0.02 * noise.Heavy(0.03))), new Instant(i), _rules);
                isDoubted |= sensor.Judgement.Verdict == GateVerdict.Doubt;
                isRebased |= sensor.Judgement.Verdict == GateVerdict.Rebase;
            }

            doubted += isDoubted ? 1 : 0;
            rebased += isRebased ? 1 : 0;
            double left = bias - (sensor.Bias.Mean / 1e6);
            before += bias * bias;
            after += left * left;
            inside += Math.Abs(left) < 1.96 * Math.Sqrt(sensor.Bias.Variance) / 1e6 ? 1 : 0;
        }

        Print($"doubted {doubted} of {Returns}, rebased {rebased}");
        Print($"rms bias {Math.Sqrt(before / Returns):P2}, left {Math.Sqrt(after / Returns):P2}");
        Print($"inside 95 %: {inside / Returns:P1}");
        Assert.InRange(doubted, 0, 5); // The aim is 10^-4, which would be 10.
        Assert.InRange(Math.Sqrt(after / Returns), 0, 0.008);
        Assert.InRange(inside / Returns, 0.9, 1);
    }

    [Theory]
    [InlineData("over-claims by 30 % from the first", 0.99)]
    [InlineData("over-claims by 25 % from the first", 0.9)]
    [InlineData("over-claims by 20 % from the first", 0.5)]
    [InlineData("over-claims by 30 % after sixteen honest readings", 0.99)]
    [InlineData("over-claims by 2 % more each time", 0.99)]
    [InlineData("over-claims by 1 % more each time", 0.9)]
    [InlineData("scatters by 10 %", 0.6)]
    public void A_plausible_lie_is_doubted_within_sixteen_readings(string lie, double least)
    {
        const int Runs = 5_000;
        var noise = new Noise(4);
        int found = 0;
        int readings = 0;
        for (int run = 0; run < Runs; run++)
        {
            double bias = noise.Between(-0.05, 0.05);
            Calibration sensor = Calibration.Fresh(_rules);
            for (int i = -16; i < 16; i++)
            {
                double own = bias + (0.02 * noise.Heavy(0.03));
                bool isNew = lie.EndsWith("first", StringComparison.Ordinal);
                if (i < 0 && isNew)
                {
                    continue;
                }

                double error = i < 0 ? own
                    : lie.Contains("scatters", StringComparison.Ordinal) ? bias + (0.1 * noise.Normal())
                    : lie.Contains("each time", StringComparison.Ordinal) ? own + (Size(lie) * (i + 1))
                    : own + Size(lie);
                sensor = sensor.After(noise.Residual(error), new Instant(i + 16), _rules);
                if (i >= 0 && sensor.Judgement.Verdict == GateVerdict.Doubt)
                {
                    found++;
                    readings += i + 1;
                    break;
                }
            }
        }

        double share = (double)found / Runs;
        Print($"{lie}: doubted {share:P1}, after {(double)readings / Math.Max(found, 1):F1} readings");
        Assert.InRange(share, least, 1);
    }

    [Fact]
    public void Three_wild_residuals_are_no_reason_to_doubt()
    {
        Calibration sensor = Calibration.Fresh(_rules);
        for (int i = 0; i < 3; i++)
        {
            sensor = sensor.After(new Residual(5_000_000, 5_000), new Instant(i), _rules);
            Assert.NotEqual(GateVerdict.Doubt, sensor.Judgement.Verdict);
        }

        sensor = sensor.After(new Residual(5_000_000, 5_000), new Instant(3), _rules);
        Assert.Equal(new Judgement(GateVerdict.Doubt, GateReason.TooFar, 4), sensor.Judgement);
    }

    [Fact]
    public void The_middle_follows_no_single_residual()
    {
        ImmutableArray<Residual> calm = [.. Enumerable.Range(-3, 7).Select(i => new Residual(i * 1_000, 5_000))];
        (int middle, _) = InnovationGate.Middle(calm.AsSpan(), 0);
        (int pulled, _) = InnovationGate.Middle(calm.SetItem(0, new Residual(9_000_000, 5_000)).AsSpan(), 0);
        Assert.Equal(0, middle);
        Assert.InRange(pulled, 0, 4_000);
    }

    private static double Size(string lie) =>
        int.Parse(lie.Split(' ')[2], CultureInfo.InvariantCulture) / 100.0;

    private void Print(FormattableString line) =>
        output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
