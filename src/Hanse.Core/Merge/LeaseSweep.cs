using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Time;

namespace Hanse.Core.Merge;

/// <summary>Two holders of one subject at one time.</summary>
/// <param name="First">The one that sorts first.</param>
/// <param name="Second">The other.</param>
public readonly record struct Overlap(Lease First, Lease Second);

/// <summary>Finds every pair of leases with two holders of one subject at one time.</summary>
/// <remarks>
/// For leases that no single book has kept apart: two hubs' after a split, or what nodes say they used. A
/// sweep over leases sorted by subject and time (Shamos and Hoey, FOCS 1976): each meets only those that
/// have not ended, in O(n log n + k) for k pairs. More pairs than are asked for are cut off, the first in
/// order are kept. The result does not depend on the order of the input.
/// </remarks>
public static class LeaseSweep
{
    /// <summary>Overlapping pairs in order of their first and then their second lease's begin.</summary>
    /// <param name="leases">In any order; one that is there twice counts once.</param>
    /// <param name="pairsMax">Most pairs wanted.</param>
    public static ImmutableArray<Overlap> Overlaps(ReadOnlySpan<Lease> leases, int pairsMax)
    {
        Lease[] sorted = leases.ToArray();
        Array.Sort(sorted);
        var live = new SortedSet<(Instant Until, int Index)>();
        ImmutableArray<Overlap>.Builder pairs = ImmutableArray.CreateBuilder<Overlap>();
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i > 0 && sorted[i].CompareTo(sorted[i - 1]) == 0)
            {
                continue;
            }

            if (i > 0 && sorted[i].Subject != sorted[i - 1].Subject)
            {
                live.Clear();
            }

            while (live.Count > 0 && live.Min.Until <= sorted[i].From)
            {
                _ = live.Remove(live.Min);
            }

            foreach ((_, int other) in live)
            {
                if (sorted[other].Holder != sorted[i].Holder)
                {
                    if (pairs.Count == pairsMax)
                    {
                        return pairs.ToImmutable();
                    }

                    pairs.Add(new Overlap(sorted[other], sorted[i]));
                }
            }

            _ = live.Add((sorted[i].Until, i));
        }

        return pairs.ToImmutable();
    }
}
