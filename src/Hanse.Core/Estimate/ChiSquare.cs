using System;
using System.Collections.Immutable;
using Hanse.Core.Machine;

namespace Hanse.Core.Estimate;

/// <summary>How often a gate may be wrong about what is as stated: the alpha of a test. The numbers are in
/// snapshots of rules.</summary>
public enum Significance
{
    /// <summary>Once in 10^2.</summary>
    OneInHundred = 1,

    /// <summary>Once in 10^3.</summary>
    OneInThousand = 2,

    /// <summary>Once in 10^4.</summary>
    OneInTenThousand = 3,

    /// <summary>Once in 10^5.</summary>
    OneInHundredThousand = 4,

    /// <summary>Once in 10^6.</summary>
    OneInMillion = 5,
}

/// <summary>Quantiles of the chi-square distribution: how large a sum of squares of honest residuals
/// gets.</summary>
/// <remarks>
/// Upper quantiles for 1 to 16 degrees of freedom in thousandths, rounded up, so that a gate is never
/// stricter than it says. From the regularised incomplete gamma function (NIST DLMF, 8.2.4) inverted by
/// bisection; a test computes them again. Thousandths: 3,841 would be the 3.841 of the textbooks.
/// </remarks>
public static class ChiSquare
{
    /// <summary>Most degrees of freedom in the table.</summary>
    public const int FreedomMax = 16;

    private static readonly ImmutableArray<int> _thousandths =
    [
        6_635, 9_211, 11_345, 13_277, 15_087, 16_812, 18_476, 20_091,
        21_666, 23_210, 24_725, 26_217, 27_689, 29_142, 30_578, 32_000,
        10_828, 13_816, 16_267, 18_467, 20_516, 22_458, 24_322, 26_125,
        27_878, 29_589, 31_265, 32_910, 34_529, 36_124, 37_698, 39_253,
        15_137, 18_421, 21_108, 23_513, 25_745, 27_857, 29_878, 31_828,
        33_720, 35_565, 37_367, 39_135, 40_871, 42_580, 44_264, 45_925,
        19_512, 23_026, 25_902, 28_474, 30_857, 33_108, 35_259, 37_332,
        39_341, 41_297, 43_206, 45_077, 46_912, 48_717, 50_494, 52_245,
        23_929, 27_632, 30_665, 33_377, 35_889, 38_259, 40_522, 42_701,
        44_811, 46_864, 48_866, 50_826, 52_748, 54_636, 56_494, 58_325,
    ];

    /// <summary>What a sum of <paramref name="freedom"/> squares exceeds by chance as seldom as
    /// stated.</summary>
    /// <param name="freedom">1 to <see cref="FreedomMax"/>.</param>
    /// <param name="alpha">How seldom.</param>
    /// <returns>Thousandths.</returns>
    public static int Bound(int freedom, Significance alpha)
    {
        Invariant.Holds(freedom is > 0 and <= FreedomMax);
        return _thousandths[(((int)alpha - 1) * FreedomMax) + freedom - 1];
    }

    /// <summary>The two-sided bound of one normal residual, in thousandths of a sigma, rounded up.</summary>
    public static int Sigmas(Significance alpha) => (int)Whole.RootUp((Int128)Bound(1, alpha) * 1_000);
}
