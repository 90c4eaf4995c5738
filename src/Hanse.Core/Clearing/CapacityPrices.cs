using System;

namespace Hanse.Core.Clearing;

/// <summary>A price for each unit of each node's capacity, at which no node wants to be given more than it
/// has room for, nearly.</summary>
/// <remarks>
/// Lagrangian relaxation of the capacities (Fisher 1981): every task goes where its cost and the capacity it
/// takes cost least; nodes that get too much become dearer, nodes with room cheaper (subgradient steps with
/// the length of Polyak 1969, towards a target a little above the best bound so far). Every round also yields
/// a lower bound of the cost of any allocation.
/// </remarks>
internal sealed class CapacityPrices
{
    private const int RoundsMax = 200;
    private const int PatienceRounds = 8;
    private const long TargetPpmFirst = 40_000;
    private const long TargetPpmLast = 20;

    private long[] _prices = [];
    private long[] _trial = [];
    private long[] _excess = [];

    /// <summary>Prices, one a node, in scaled microcredits a unit.</summary>
    public ReadOnlySpan<long> Prices => _prices;

    /// <summary>No allocation costs less, what it leaves unplaced counted at the reserve; scaled
    /// microcredits.</summary>
    public long Bound { get; private set; }

    /// <summary>Finds prices. Cost: O(bids) a round.</summary>
    /// <param name="problem">What is to be cleared.</param>
    /// <param name="terms">Loads and capacities.</param>
    /// <param name="columns">Its bids by task.</param>
    /// <param name="scaleBits">Costs are multiplied by two to this.</param>
    /// <param name="priceMax">The greatest price, so that no product overflows.</param>
    public void Find(
        ClearingProblem problem, BundleTerms terms, Transposed columns, int scaleBits, long priceMax)
    {
        if (_prices.Length != problem.Nodes)
        {
            _prices = new long[problem.Nodes];
            _trial = new long[problem.Nodes];
            _excess = new long[problem.Nodes];
        }

        Array.Clear(_prices);
        Array.Clear(_trial);
        long targetPpm = TargetPpmFirst;
        Bound = long.MinValue;
        int stale = 0;
        for (int round = 0; round < RoundsMax && targetPpm >= TargetPpmLast; round++)
        {
            long bound = Relax(problem, terms, columns, scaleBits);
            bool isWorthIt = Bound == long.MinValue || bound - Bound > Math.Abs(Bound) / 10_000;
            stale = isWorthIt ? 0 : stale + 1;
            if (bound > Bound)
            {
                Bound = bound;
                _trial.CopyTo(_prices, 0);
            }

            if (stale == PatienceRounds)
            {
                stale = 0;
                targetPpm = targetPpm * 2 / 3;
                _prices.CopyTo(_trial, 0);
                continue;
            }

            Int128 ahead = (Int128)(Bound - bound) + ((Int128)Math.Abs(Bound) * targetPpm / 1_000_000);
            if (!TryStep(ahead, priceMax))
            {
                return;
            }
        }
    }

    // Sends every task to where it is cheapest at the trial prices.
    private long Relax(ClearingProblem problem, BundleTerms terms, Transposed columns, int scaleBits)
    {
        Int128 total = 0;
        for (int node = 0; node < problem.Nodes; node++)
        {
            _excess[node] = -terms.Capacities[node];
            total -= (Int128)_trial[node] * terms.Capacities[node];
        }

        for (int task = 0; task < problem.TaskCount; task++)
        {
            long least = problem.Reserves[task] << scaleBits;
            int chosen = -1;
            for (int at = columns.Starts[task]; at < columns.Starts[task + 1]; at++)
            {
                int node = columns.Nodes[at];
                long load = terms.Loads[columns.Bids[at]];
                long full = unchecked((columns.Costs[at] << scaleBits) + (_trial[node] * load));
                if (full < least && load <= terms.Capacities[node])
                {
                    least = full;
                    chosen = at;
                }
            }

            total += least;
            if (chosen >= 0)
            {
                _excess[columns.Nodes[chosen]] += terms.Loads[columns.Bids[chosen]];
            }
        }

        return (long)total;
    }

    private bool TryStep(Int128 ahead, long priceMax)
    {
        Int128 norm = 0;
        for (int node = 0; node < _excess.Length; node++)
        {
            bool isFree = _excess[node] <= 0 && _trial[node] == 0;
            _excess[node] = isFree ? 0 : _excess[node];
            norm += (Int128)_excess[node] * _excess[node];
        }

        for (int node = 0; node < _excess.Length && norm > 0; node++)
        {
            Int128 price = _trial[node] + (ahead * _excess[node] / norm);
            _trial[node] = (long)Int128.Clamp(price, 0, priceMax);
        }

        return norm > 0;
    }
}
