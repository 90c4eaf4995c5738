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

    /// <summary>The greatest and the second greatest; equal when two are greatest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (long Best, long Second) TopTwo(ReadOnlySpan<long> gains)
    {
        ReadOnlySpan<Vector256<long>> vectors = MemoryMarshal.Cast<long, Vector256<long>>(gains);
        Vector256<long> best = Vector256.Create(Hidden);
        Vector256<long> second = best;
        foreach (Vector256<long> gain in vectors)
        {
            second = Vector256.Max(second, Vector256.Min(best, gain));
            best = Vector256.Max(best, gain);
        }

        // Each lane has its two; the halves, then the quarters, fight it out.
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
}
