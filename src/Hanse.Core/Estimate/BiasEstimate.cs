using System;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Estimate;

/// <summary>What is believed of one sensor of one node: how much it reads too high, how surely, and how much
/// it scatters.</summary>
/// <remarks>
/// A scalar Kalman filter (Bar-Shalom, Li and Kirubarajan, 2001, section 5.2) for a bias that wanders
/// slowly: between sightings the variance grows with time, which is exponential forgetting with a reason. The
/// scatter of the node's own readings is not known beforehand and is learned from how large innovations turn
/// out against what they should be (covariance matching; Mehra, IEEE Trans. Automatic Control 17, 1972),
/// within bounds, with the weight of sixteen sightings. An innovation beyond three sigma counts as three, so
/// that one gross error moves little. Whole numbers; every rounding of a variance is upwards, so that
/// nothing is believed too surely.
/// </remarks>
public sealed record BiasEstimate : IShaped<BiasEstimate>
{
    /// <summary>Most sightings counted.</summary>
    public const int CountMax = 1_000_000;

    private const long VarianceMax = (long)Residual.Max * Residual.Max;

    // How many sightings the learned scatter remembers.
    private const int ScatterMemory = 16;

    /// <summary>Expected relative error of a claim, in parts per million of the truth.</summary>
    public required int Mean { get; init; }

    /// <summary>Variance of <see cref="Mean"/>, in squared parts per million.</summary>
    public required long Variance { get; init; }

    /// <summary>Variance of one claim about that mean, in squared parts per million.</summary>
    public required long Scatter { get; init; }

    /// <summary>Sightings learned from.</summary>
    public required int Count { get; init; }

    /// <summary>The newest of them; the epoch when there was none.</summary>
    public required Instant At { get; init; }

    /// <summary>One sigma of a corrected claim, as parts per million of it.</summary>
    public int Sigma => (int)Math.Min(Whole.RootUp((Int128)Variance + Scatter), Residual.Max);

    /// <summary>What is believed of a node that was never seen.</summary>
    public static BiasEstimate Prior(CalibrationRules rules) => new()
    {
        Mean = 0,
        Variance = rules.PriorVariance,
        Scatter = rules.PriorScatter,
        Count = 0,
        At = Instant.Epoch,
    };

    /// <summary>A claim as it would have been without the bias.</summary>
    /// <param name="claimed">Not negative, up to 10^15.</param>
    /// <returns>The corrected value and one sigma of it, rounded up.</returns>
    public (long Value, long Sigma) Correct(long claimed)
    {
        // A sensor that reads nothing at all cannot be corrected by a factor: a tenth is the least.
        int factor = Math.Max(1_000_000 + Mean, 100_000);
        long value = (long)Whole.Nearest((Int128)claimed * 1_000_000, factor);
        return (value, (long)Whole.Up((Int128)value * Sigma, 1_000_000));
    }

    /// <summary>The belief after one more sighting.</summary>
    public BiasEstimate Updated(Residual residual, Instant at, CalibrationRules rules)
    {
        long variance = Grown(at, rules);
        Int128 noise = (Int128)Scatter + residual.Variance;
        Int128 total = variance + noise;
        long innovation = residual.Error - Mean;
        long most = 3 * Whole.RootUp(total);
        innovation = Math.Clamp(innovation, -most, most);

        // The scatter learns as much as the innovation is due to it: an uncertain mean explains the rest.
        Int128 surplus = ((Int128)innovation * innovation) - total;
        Int128 share = noise * 1_000 / total;
        Int128 scatter = Scatter + (surplus * share * share / 1_000_000 / ScatterMemory);
        return new BiasEstimate
        {
            Mean = Mean + (int)Whole.Nearest(innovation * (Int128)variance, total),
            Variance = (long)Whole.Up(variance * noise, total),
            Scatter = (long)Int128.Clamp(scatter, rules.ScatterMin, rules.ScatterMax),
            Count = Math.Min(Count + 1, CountMax),
            At = Instant.Max(At, at),
        };
    }

    /// <summary>A belief begun anew from some residuals: the bias has changed, the scatter has not.</summary>
    internal BiasEstimate Rebased(ReadOnlySpan<Residual> window, Instant at)
    {
        (int middle, Int128 variance) = InnovationGate.Middle(window, Scatter);
        return this with
        {
            Mean = middle,
            Variance = (long)Int128.Min(variance, VarianceMax),
            Count = Math.Min(Count + 1, CountMax),
            At = Instant.Max(At, at),
        };
    }

    /// <summary>Variance of the mean once time has passed; never above that of a node never seen.</summary>
    internal long Grown(Instant at, CalibrationRules rules)
    {
        long elapsed = Count == 0 || at <= At ? 0 : at.Micros - At.Micros;
        Int128 grown = Variance + ((Int128)rules.DriftPerDay * elapsed / CalibrationRules.MicrosPerDay);
        return (long)Int128.Min(grown, Math.Max(Variance, rules.PriorVariance));
    }

    /// <inheritdoc/>
    public static BiasEstimate Shape<TCodec>(ref TCodec codec, BiasEstimate? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bias", 5);
        int mean = (int)codec.Integer("mean", value?.Mean ?? 0, -Residual.Max, Residual.Max);
        long variance = codec.Integer("variance", value?.Variance ?? 0, 0, VarianceMax);
        long scatter = codec.Integer("scatter", value?.Scatter ?? 0, 0, VarianceMax);
        int count = (int)codec.Integer("count", value?.Count ?? 0, 0, CountMax);
        Instant at = codec.Moment("at", value?.At ?? default);
        codec.Close();
        return value ?? new BiasEstimate
        {
            Mean = mean,
            Variance = variance,
            Scatter = scatter,
            Count = count,
            At = at,
        };
    }
}
