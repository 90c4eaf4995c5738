using System;
using System.Diagnostics;
using System.Globalization;

namespace Hanse.Bench.Clearing;

/// <summary>Processor time of what is called, for the machine may be shared.</summary>
internal static class Measure
{
    /// <summary>The least of some rounds, in milliseconds, and what the last returned.</summary>
    public static (double Least, T Result) Least<T>(int rounds, Func<T> what)
    {
        double least = double.MaxValue;
        T? result = default;
        for (int round = 0; round < rounds; round++)
        {
            TimeSpan began = Now();
            result = what();
            least = Math.Min(least, (Now() - began).TotalMilliseconds);
        }

        return (least, result!);
    }

    /// <summary>The share of a whole, for people.</summary>
    public static string Share(double part, double whole) =>
        (100 * part / whole).ToString("0.000", CultureInfo.InvariantCulture) + " %";

    // The clock of processor time steps by 10 ms here; what is shorter is measured by the wall.
    private static TimeSpan Now() => TimeSpan.FromSeconds(
        (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency);
}
