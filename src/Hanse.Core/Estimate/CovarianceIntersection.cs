using System;
using System.Collections.Immutable;
using Hanse.Core.Machine;

namespace Hanse.Core.Estimate;

/// <summary>Fuses two beliefs whose errors may depend on each other in any way.</summary>
/// <remarks>
/// Julier and Uhlmann (American Control Conference, 1997): with weights w and 1 - w on the two informations
/// the fused covariance is consistent for every correlation, whereas the usual sum of informations counts
/// twice what both had from a common source. The weight is the one with the least determinant, found by
/// Fibonacci search (Kiefer, Proc. AMS 4, 1953), the golden section of whole numbers: the logarithm of a
/// product of functions linear in w is concave, so there is one optimum. A grid of 1 / 6,765 costs under
/// 10^-7 of the determinant near it. For two that are trusted, such as the maps of two hubs: it has no
/// defence against a belief that is simply wrong; see <see cref="Fusion"/>.
/// </remarks>
public static class CovarianceIntersection
{
    // The twentieth Fibonacci number: the grid of weights, and nineteen steps of search.
    private const int Grid = 6_765;

    private const int ScaleBits = 30;

    /// <summary>The fused belief; sigmas are rounded up.</summary>
    /// <param name="a">A belief.</param>
    /// <param name="b">Another, on the same axes.</param>
    public static Belief Fuse(Belief a, Belief b)
    {
        Invariant.Holds(a.Value.Length == b.Value.Length);
        int axes = a.Value.Length;
        int weight = BestWeight(a, b);
        ImmutableArray<long>.Builder value = ImmutableArray.CreateBuilder<long>(axes);
        ImmutableArray<long>.Builder sigma = ImmutableArray.CreateBuilder<long>(axes);
        for (int axis = 0; axis < axes; axis++)
        {
            // In units of the larger variance: information is (w b + (1 - w) a) / a b.
            (long va, long vb, Int128 unit) = Scaled(a, b, axis);
            Int128 mixed = Mixed(weight, va, vb);
            Int128 apart = (Int128)b.Value[axis] - a.Value[axis];
            value.Add(a.Value[axis] + (long)Whole.Nearest(apart * (Grid - weight) * va, mixed));
            Int128 share = Whole.Up((Int128)va * vb * Grid, mixed);
            sigma.Add(Whole.RootUp(Whole.Up(share * unit, Int128.One << ScaleBits)));
        }

        return new Belief(value.ToImmutable(), sigma.ToImmutable());
    }

    /// <summary>The weight of the first belief with the least determinant, from 0 to 6,765.</summary>
    internal static int BestWeight(Belief a, Belief b)
    {
        // Fibonacci numbers: the bracket is always `longer`, and shrinks to the one before.
        int low = 0;
        int longer = Grid;
        int shorter = 4_181;
        while (longer > 2)
        {
            int step = longer - shorter;
            if (Information(a, b, low + step) < Information(a, b, low + shorter))
            {
                low += step;
            }

            (longer, shorter) = (shorter, step);
        }

        int best = low;
        for (int weight = low; weight <= low + longer; weight++)
        {
            best = Information(a, b, weight) > Information(a, b, best) ? weight : best;
        }

        return best;
    }

    /// <summary>What the weight has to make large: the determinant of the information, up to a
    /// factor.</summary>
    internal static UInt128 Information(Belief a, Belief b, int weight)
    {
        UInt128 product = 1;
        for (int axis = 0; axis < a.Value.Length; axis++)
        {
            (long va, long vb, _) = Scaled(a, b, axis);
            product *= (UInt128)(Mixed(weight, va, vb) >> 2);
        }

        return product;
    }

    private static Int128 Mixed(int weight, long va, long vb) =>
        ((Int128)weight * vb) + ((Int128)(Grid - weight) * va);

    // Both variances in 2^-30 of the larger one, at least one part: in three axes of 41 bits each, 123.
    private static (long A, long B, Int128 Unit) Scaled(Belief a, Belief b, int axis)
    {
        Int128 va = a.Variance(axis);
        Int128 vb = b.Variance(axis);
        Int128 unit = Int128.Max(va, vb);
        return (Part(va, unit), Part(vb, unit), unit);
    }

    private static long Part(Int128 variance, Int128 unit) =>
        (long)Int128.Max(1, (variance << ScaleBits) / unit);
}
