using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;

namespace Hanse.Core.Estimate;

/// <summary>What came of fusing what several nodes say of one thing.</summary>
public enum FusionVerdict
{
    /// <summary>There is a common belief.</summary>
    Fused = 1,

    /// <summary>More than a third contradict it: ask for a survey.</summary>
    Contradicting = 2,
}

/// <summary>One node's belief.</summary>
/// <param name="Source">Whose.</param>
/// <param name="Belief">What it believes.</param>
public readonly record struct SourcedBelief(NodeId Source, Belief Belief);

/// <summary>A fused belief.</summary>
/// <param name="Verdict">Whether it may be used.</param>
/// <param name="Belief">The common belief; a mere description of the middle when contradicted.</param>
/// <param name="Outliers">Who lies outside the gate around it, in order.</param>
public sealed record FusedBelief(
    FusionVerdict Verdict, Belief Belief, ImmutableArray<NodeId> Outliers);

/// <summary>Fuses what many nodes say of one place or quantity, some of them grossly wrong, and none of them
/// independent of the others.</summary>
/// <remarks>
/// The problem: neighbours share maps, so their errors are correlated, and a sum of informations grows far
/// too sure; and one in ten is off by ten sigma. Covariance intersection answers the first and falls to the
/// second; robust estimators the other way round. The idea: the location is the median on each axis, and
/// its variance the mean of the variances. For beliefs alike that is the variance of covariance
/// intersection, which for them is the same under all weights. For beliefs unlike, that of the best
/// intersection is the variance of the best belief, which is right for its own location and far too sure for
/// a median; the mean is safe for any correlation, since the median is beyond t only where half of all are,
/// and so with at most twice the mean chance of one (Markov). Beliefs vaguer than three times the middle
/// sigma would only spoil it and are left out.
/// <para>
/// Invariants: the order of beliefs changes nothing; one node counts once (the caller's tables see to that);
/// when more than a third lie outside the gate around the middle, no belief is good enough and a survey is
/// asked for. Two that contradict each other are such a case; one alone is taken at its word.
/// </para>
/// </remarks>
public static class Fusion
{
    /// <summary>Most beliefs fused.</summary>
    public const int SourcesMax = 64;

    /// <summary>How seldom the gate around the middle calls an honest belief an outlier.</summary>
    private const Significance Gate = Significance.OneInThousand;

    /// <summary>Fuses one to <see cref="SourcesMax"/> beliefs on the same axes.</summary>
    public static FusedBelief Of(ReadOnlySpan<SourcedBelief> beliefs)
    {
        Invariant.Holds(beliefs.Length is > 0 and <= SourcesMax);
        int axes = beliefs[0].Belief.Value.Length;
        ImmutableArray<long>.Builder value = ImmutableArray.CreateBuilder<long>(axes);
        ImmutableArray<long>.Builder sigma = ImmutableArray.CreateBuilder<long>(axes);
        for (int axis = 0; axis < axes; axis++)
        {
            (long middle, long spread) = Middle(beliefs, axis);
            value.Add(middle);
            sigma.Add(spread);
        }

        var fused = new Belief(value.ToImmutable(), sigma.ToImmutable());
        var outliers = new SortedSet<NodeId>();
        foreach (SourcedBelief belief in beliefs)
        {
            if (belief.Belief.Distance(fused) > ChiSquare.Bound(axes, Gate))
            {
                _ = outliers.Add(belief.Source);
            }
        }

        bool isContradicted = outliers.Count * 3 > beliefs.Length;
        return new FusedBelief(
            isContradicted ? FusionVerdict.Contradicting : FusionVerdict.Fused, fused, [.. outliers]);
    }

    private static (long Middle, long Sigma) Middle(ReadOnlySpan<SourcedBelief> beliefs, int axis)
    {
        Span<long> sigmas = stackalloc long[beliefs.Length];
        for (int i = 0; i < beliefs.Length; i++)
        {
            sigmas[i] = beliefs[i].Belief.Sigma[axis];
        }

        sigmas.Sort();
        long vaguest = sigmas[(sigmas.Length - 1) / 2] * 3;
        Span<long> values = stackalloc long[beliefs.Length];
        int count = 0;
        Int128 variance = 0;
        foreach (SourcedBelief belief in beliefs)
        {
            if (belief.Belief.Sigma[axis] <= vaguest)
            {
                values[count++] = belief.Belief.Value[axis];
                variance += belief.Belief.Variance(axis);
            }
        }

        values = values[..count];
        values.Sort();

        // Both middles of an even number, so that neither side is favoured; rounded towards minus infinity.
        long middle = (long)(((Int128)values[(count - 1) / 2] + values[count / 2]) >> 1);
        return (middle, Whole.RootUp(Whole.Up(variance, count)));
    }
}
