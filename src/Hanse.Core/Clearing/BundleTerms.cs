using System;

namespace Hanse.Core.Clearing;

/// <summary>How much of a node a task takes, when a node may have several.</summary>
public sealed class BundleTerms
{
    /// <summary>The greatest load and capacity.</summary>
    public const long CapacityMax = 1L << 40;

    private readonly long[] _loads;
    private readonly long[] _capacities;

    /// <summary>Takes over two arrays.</summary>
    /// <param name="loads">Per bid of the problem, what the task takes of the node, from 0 to
    /// <see cref="CapacityMax"/>. A bid that takes more than the node has is passed over.</param>
    /// <param name="capacities">What each node has, from 0 to <see cref="CapacityMax"/>.</param>
    public BundleTerms(long[] loads, long[] capacities)
    {
        ClearingProblem.InRange(loads, CapacityMax);
        ClearingProblem.InRange(capacities, CapacityMax);
        _loads = loads;
        _capacities = capacities;
    }

    /// <summary>Loads, one a bid.</summary>
    public ReadOnlySpan<long> Loads => _loads;

    /// <summary>Capacities, one a node.</summary>
    public ReadOnlySpan<long> Capacities => _capacities;
}
