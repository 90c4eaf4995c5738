using System;

namespace Hanse.Core.Clearing;

/// <summary>Amounts of divisible tasks: how many units each task wants and each node can do. Costs and
/// reserves of the problem are then per unit.</summary>
public sealed class LotTerms
{
    /// <summary>The most units of a task or node.</summary>
    public const long UnitsMax = 1_000_000_000_000;

    private readonly long[] _supplies;
    private readonly long[] _demands;

    /// <summary>Takes over two arrays.</summary>
    /// <param name="supplies">Units each node can do, from 0 to <see cref="UnitsMax"/>.</param>
    /// <param name="demands">Units each task wants, from 0 to <see cref="UnitsMax"/>.</param>
    public LotTerms(long[] supplies, long[] demands)
    {
        ClearingProblem.InRange(supplies, UnitsMax);
        ClearingProblem.InRange(demands, UnitsMax);
        _supplies = supplies;
        _demands = demands;
    }

    /// <summary>Units, one a node.</summary>
    public ReadOnlySpan<long> Supplies => _supplies;

    /// <summary>Units, one a task.</summary>
    public ReadOnlySpan<long> Demands => _demands;
}
