using System;

namespace Hanse.Core.Estimate;

/// <summary>A two-sided cumulative sum of normalised residuals: it notices a small change that
/// stays.</summary>
/// <remarks>
/// Page (Biometrika 41, 1954). Each side adds what a residual exceeds the slack k by, and never falls below
/// zero; it alarms above h. With k = 0.5 sigma it is tuned to a shift of one sigma. The mean number of honest
/// residuals between false alarms of one side is about (e^2kb - 2kb - 1) / 2k^2 with b = h + 1.166
/// (Siegmund, Sequential Analysis, 1985, section 2.6): with k = 0.5, 938 at h = 5 (half of it for both sides,
/// as in Montgomery's tables: 465) and 4,250 at h = 6.5. A residual counts for at most
/// <see cref="ResidualMax"/>, so that one gross error alone does not alarm.
/// </remarks>
/// <param name="Above">How far residuals have stayed above, in thousandths of a sigma; not negative.</param>
/// <param name="Below">How far they have stayed below.</param>
public readonly record struct Cusum(int Above, int Below)
{
    /// <summary>The slack k: half a sigma.</summary>
    public const int Slack = 500;

    /// <summary>The most one residual counts: three sigma.</summary>
    public const int ResidualMax = 3_000;

    /// <summary>Where either side stops counting: far above any alarm.</summary>
    public const int SumMax = 1_000_000;

    /// <summary>The sums after one more residual, in thousandths of its sigma.</summary>
    public Cusum Next(long residual)
    {
        int counted = (int)Math.Clamp(residual, -ResidualMax, ResidualMax);
        return new Cusum(
            Math.Clamp(Above + counted - Slack, 0, SumMax),
            Math.Clamp(Below - counted - Slack, 0, SumMax));
    }

    /// <summary>Whether either side is above <paramref name="bound"/>, in thousandths of a sigma.</summary>
    public bool IsAbove(int bound) => Above > bound || Below > bound;
}
