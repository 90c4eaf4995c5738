using System;
using System.Collections.Generic;

namespace Hanse.Core.Series;

/// <summary>Chooses the levels in which a series is told.</summary>
/// <remarks>
/// Two kinds of tables compete. An even grid suits what moves smoothly. Greedy covering, the level that
/// serves most samples first, suits what jumps between few values, and needs a level only where samples are.
/// The winner is the one whose cheapest way costs least when its levels must be learned too.
/// </remarks>
internal static class LevelChoice
{
    // An even grid of more levels than this is not tried.
    private const int GridMax = 4096;

    // Offsets of an even grid that are tried, in steps.
    private const int OffsetCount = 8;

    // Levels chosen by what they serve; further ones just follow each other upwards.
    private const int GreedyMax = 256;

    // A level in a list: two bytes or less. A grid: origin, step and number.
    private const int ListedLevelCost = 10 * Logistic.Bit;

    private const int GridCost = 24 * Logistic.Bit;

    /// <summary>The best table found, with its way.</summary>
    public static (LevelTable Levels, LevelPath Path) Choose(ReadOnlySpan<long> samples, long band)
    {
        List<long> covering = Cover(samples, new LevelTable(band));
        (LevelTable Levels, LevelPath Path) best = Make(samples, band, covering);
        long bestCost = best.Path.LearnedCost() + ((long)ListedLevelCost * covering.Count);
        foreach (List<long> grid in Grids(samples, band))
        {
            (LevelTable Levels, LevelPath Path) made = Make(samples, band, grid);
            long cost = made.Path.LearnedCost() + GridCost;
            if (cost < bestCost)
            {
                (best, bestCost) = (made, cost);
            }
        }

        return best;
    }

    /// <summary>Levels, in ticks, ascending, that serve every sample the table does not serve yet.</summary>
    public static List<long> Cover(ReadOnlySpan<long> samples, LevelTable levels)
    {
        var left = new List<long>();
        foreach (long sample in samples)
        {
            (int first, int last) = levels.Within(sample);
            if (last < first)
            {
                left.Add(sample);
            }
        }

        left.Sort();
        var chosen = new List<long>();
        while (left.Count > 0)
        {
            (int start, int end) = chosen.Count < GreedyMax
                ? MostServed(left, levels)
                : (0, ServedFrom(left, 0, levels));
            long tick = FloorDivide(left[start] + ((left[end - 1] - left[start]) / 2), levels.Tick);
            chosen.Add(tick);

            // The middle was rounded to a tick, and may serve more than was counted.
            long value = tick * levels.Tick;
            _ = left.RemoveAll(sample => Math.Abs(sample - value) <= levels.Band);
        }

        chosen.Sort();
        return chosen;
    }

    private static (LevelTable Levels, LevelPath Path) Make(ReadOnlySpan<long> samples, long band,
        List<long> ticks)
    {
        var levels = new LevelTable(band);
        _ = levels.Insert(ticks);
        return (levels, LevelPath.Find(samples, levels));
    }

    private static IEnumerable<List<long>> Grids(ReadOnlySpan<long> samples, long band)
    {
        long least = long.MaxValue;
        long most = long.MinValue;
        foreach (long sample in samples)
        {
            least = Math.Min(least, sample);
            most = Math.Max(most, sample);
        }

        return Grids(least, most, band / LevelTable.TicksPerBand);
    }

    private static IEnumerable<List<long>> Grids(long least, long most, long unit)
    {
        foreach (long step in new long[] { 2 * LevelTable.TicksPerBand, LevelTable.TicksPerBand })
        {
            long origin = FloorDivide(least, unit);
            long count = ((most - least) / unit / step) + 3;
            for (int offset = 0; offset < OffsetCount && count <= GridMax; offset++)
            {
                var ticks = new List<long>((int)count);
                for (long i = 0; i < count; i++)
                {
                    ticks.Add(origin - step + (offset * step / OffsetCount) + (i * step));
                }

                yield return ticks;
            }
        }
    }

    private static (int Start, int End) MostServed(List<long> sorted, LevelTable levels)
    {
        (int Start, int End) best = (0, 0);
        int end = 0;
        for (int start = 0; start < sorted.Count; start++)
        {
            while (end < sorted.Count && sorted[end] - sorted[start] <= Reach(levels))
            {
                end++;
            }

            best = end - start > best.End - best.Start ? (start, end) : best;
        }

        return best;
    }

    private static int ServedFrom(List<long> sorted, int start, LevelTable levels)
    {
        int end = start;
        while (end < sorted.Count && sorted[end] - sorted[start] <= Reach(levels))
        {
            end++;
        }

        return end;
    }

    // Two bands, less what rounding to a tick may take.
    private static long Reach(LevelTable levels) => 2 * (levels.Band - levels.Tick);

    private static long FloorDivide(long value, long by)
    {
        (long quotient, long rest) = Math.DivRem(value, by);
        return rest < 0 ? quotient - 1 : quotient;
    }
}
