using System;

namespace Hanse.Core.Reconcile;

/// <summary>Sums of numbers that a liar chose: they stop at a bound instead of overflowing.</summary>
internal static class Sum
{
    /// <summary>Larger than anything a mission holds, and far enough from the end of a word to add
    /// to.</summary>
    public const long Max = 1_000_000_000_000_000_000;

    /// <summary>The sum, within the bound.</summary>
    public static long Of(long a, long b) => (long)Int128.Clamp((Int128)a + b, -Max, Max);

    /// <summary>A share of an amount, within the bound.</summary>
    public static long Share(long amount, int ppm) =>
        (long)Int128.Clamp((Int128)amount * ppm / 1_000_000, -Max, Max);
}
