using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Hanse.Core.Clearing;

/// <summary>What is asked of a row of gains, four lanes at a time.</summary>
/// <remarks>Which of them is greatest cannot be predicted, so a branch on it costs more than all the rest;
/// the lanes have none. Spans are padded with <see cref="Hidden"/> to whole vectors.</remarks>
internal static class Gains
{
    /// <summary>Below every gain, and far enough from the end to be added to.</summary>
    public const long Hidden = -(1L << 61);

    /// <summary>Lanes of a vector: lengths of spans are multiples of it.</summary>
    public const int Lanes = 4;

    /// <summary>A length in whole vectors.</summary>
    public static int Padded(int length) => (length + Lanes - 1) & -Lanes;

    /// <summary>Reads gains from prices and costs, and finds the greatest and the second greatest; equal when
    /// two are greatest.</summary>
    /// <param name="prices">Prices, one a task.</param>
    /// <param name="tasks">The tasks of the bids.</param>
    /// <param name="costs">Their costs.</param>
    /// <param name="scale">What costs are multiplied with.</param>
    /// <param name="gains">Takes the gains; of the padded length.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (long Best, long Second) Read(
        long[] prices, ReadOnlySpan<int> tasks, ReadOnlySpan<long> costs, long scale, Span<long> gains)
    {
        unchecked
        {
            Vector256<long> best = Vector256.Create(Hidden);
            Vector256<long> second = best;
            int i = 0;
            for (; i + Lanes <= tasks.Length; i += Lanes)
            {
                // Put together in registers: lanes that go through memory one by one stall when read as one.
                ReadOnlySpan<int> four = tasks.Slice(i, Lanes);
                Vector256<long> gain = Vector256.Create(
                    prices[four[0]], prices[four[1]], prices[four[2]], prices[four[3]])
                    - (Vector256.Create(costs.Slice(i, Lanes)) * scale);
                gain.CopyTo(gains[i..]);
                second = Vector256.Max(second, Vector256.Min(best, gain));
                best = Vector256.Max(best, gain);
            }

            if (i < tasks.Length)
            {
                Span<long> last = gains.Slice(i, Lanes);
                last.Fill(Hidden);
                for (; i < tasks.Length; i++)
                {
                    gains[i] = prices[tasks[i]] - (costs[i] * scale);
                }

                Vector256<long> gain = Vector256.Create((ReadOnlySpan<long>)last);
                second = Vector256.Max(second, Vector256.Min(best, gain));
                best = Vector256.Max(best, gain);
            }

            return Across(best, second);
        }
    }

    /// <summary>How many are at least so great.</summary>
    public static int Count(ReadOnlySpan<long> gains, long least)
    {
        Vector256<long> bound = Vector256.Create(least);
        Vector256<long> count = Vector256<long>.Zero;
        foreach (Vector256<long> gain in MemoryMarshal.Cast<long, Vector256<long>>(gains))
        {
            count -= Vector256.GreaterThanOrEqual(gain, bound);
        }

        return (int)Vector256.Sum(count);
    }

    /// <summary>The places of those that are at least so great, in order, as far as there is room.</summary>
    public static int Select(ReadOnlySpan<long> gains, long least, Span<int> places)
    {
        Vector256<long> bound = Vector256.Create(least);
        int used = 0;
        int start = 0;
        foreach (Vector256<long> gain in MemoryMarshal.Cast<long, Vector256<long>>(gains))
        {
            uint mask = Vector256.GreaterThanOrEqual(gain, bound).ExtractMostSignificantBits();
            while (mask != 0)
            {
                if (used == places.Length)
                {
                    return used;
                }

                places[used++] = start + BitOperations.TrailingZeroCount(mask);
                mask &= mask - 1;
            }

            start += Lanes;
        }

        return used;
    }

    // Each lane has its two; the halves, then the quarters, fight it out.
    private static (long Best, long Second) Across(Vector256<long> best, Vector256<long> second)
    {
        Vector256<long> other = Vector256.Shuffle(best, Vector256.Create(2L, 3, 0, 1));
        second = Vector256.Max(
            Vector256.Max(second, Vector256.Shuffle(second, Vector256.Create(2L, 3, 0, 1))),
            Vector256.Min(best, other));
        best = Vector256.Max(best, other);
        other = Vector256.Shuffle(best, Vector256.Create(1L, 0, 3, 2));
        second = Vector256.Max(
            Vector256.Max(second, Vector256.Shuffle(second, Vector256.Create(1L, 0, 3, 2))),
            Vector256.Min(best, other));
        best = Vector256.Max(best, other);
        return (best.ToScalar(), second.ToScalar());
    }
}
