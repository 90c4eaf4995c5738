using System;
using System.Diagnostics;
using System.Globalization;

namespace Hanse.Bench.Clearing;

/// <summary>How figures are taken and shown.</summary>
internal static class Measure
{
    /// <summary>The least wall time of some rounds, in milliseconds, and what the last returned. The machine
    /// may be shared: the least round was disturbed the least, and ratios within one run are what to
    /// use.</summary>
    public static (double Least, T Result) Least<T>(int rounds, Func<T> what)
    {
        double least = double.MaxValue;
        T? result = default;
        for (int round = 0; round < rounds; round++)
        {
            long began = Stopwatch.GetTimestamp();
            result = what();
            least = Math.Min(least, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return (least, result!);
    }

    /// <summary>A share of a whole, for people.</summary>
    public static string Share(double part, double whole) =>
        (100 * part / whole).ToString("0.000", CultureInfo.InvariantCulture) + " %";

    /// <summary>A number, for people.</summary>
    public static string Show(double value, string form = "#,##0.0") =>
        value.ToString(form, CultureInfo.InvariantCulture);
}
