using System;
using System.Collections.Generic;
using Hanse.Core.Wire;

namespace Hanse.Core.Series;

/// <summary>Levels as evenly spaced runs: an even grid takes one, a level by itself one too.</summary>
internal static class LevelRuns
{
    // A level serves a sample, so it is not far beyond the greatest of them.
    private const long LevelMax = 2 * SeriesWindow.ValueMax;

    /// <summary>Writes levels in ticks.</summary>
    /// <param name="into">Gets the number of runs; and for each the distance from the last level before it,
    /// the number of levels after its first, and if there are any their distance.</param>
    /// <param name="ticks">Ascending.</param>
    public static void Write(ByteBuffer into, IReadOnlyList<long> ticks)
    {
        var runs = new List<(int Start, int Length)>();
        for (int start = 0; start < ticks.Count;)
        {
            int length = Length(ticks, start);
            runs.Add((start, length));
            start += length;
        }

        Varint.Write(into, (ulong)runs.Count);
        long before = 0;
        foreach ((int start, int length) in runs)
        {
            Varint.WriteSigned(into, ticks[start] - before);
            Varint.Write(into, (ulong)length - 1);
            if (length > 1)
            {
                Varint.Write(into, (ulong)(ticks[start + 1] - ticks[start]));
            }

            before = ticks[start + length - 1];
        }
    }

    /// <summary>Reads levels.</summary>
    /// <returns>Null, or why they are refused.</returns>
    public static string? Read(ReadOnlySpan<byte> bytes, ref int position, LevelTable known,
        List<long> ticks)
    {
        if (!Varint.TryRead(bytes, ref position, out ulong runs))
        {
            return "the number of levels is cut off";
        }

        Int128 last = 0;
        for (ulong i = 0; i < runs; i++)
        {
            ulong step = 0;
            if (!Varint.TryReadSigned(bytes, ref position, out long first)
                || !Varint.TryRead(bytes, ref position, out ulong more)
                || (more > 0 && !Varint.TryRead(bytes, ref position, out step)))
            {
                return "a level is cut off";
            }

            if (known.Count + (Int128)ticks.Count + more + 1 > LevelTable.CountMax)
            {
                return "there are too many levels";
            }

            if ((ticks.Count > 0 && first <= 0) || (more > 0 && step == 0))
            {
                return "levels must ascend";
            }

            last += first;
            for (ulong k = 0; k <= more; k++)
            {
                last += k == 0 ? 0 : step;
                if (Int128.Abs(last * known.Tick) > LevelMax)
                {
                    return "a level is out of range";
                }

                if (known.Contains((long)last))
                {
                    return "a level is there already";
                }

                ticks.Add((long)last);
            }
        }

        return null;
    }

    // A run of two takes more bytes than two runs of one.
    private static int Length(IReadOnlyList<long> ticks, int start)
    {
        int end = start + 1;
        while (end + 1 < ticks.Count && ticks[end + 1] - ticks[end] == ticks[start + 1] - ticks[start])
        {
            end++;
        }

        int length = end - start + 1;
        return start + 1 < ticks.Count && length > 2 ? length : 1;
    }
}
