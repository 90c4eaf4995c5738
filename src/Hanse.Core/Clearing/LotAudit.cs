using System;
using System.Globalization;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>Judges a clear of divisible tasks by its result alone, in release builds too.</summary>
internal sealed class LotAudit
{
    private long[] _open = [];

    /// <summary>Surplus of the clear judged last, in microcredits.</summary>
    public Int128 Surplus { get; private set; }

    /// <summary>Units won in it.</summary>
    public Int128 Filled { get; private set; }

    /// <summary>Judges a clear. Cost: O(bids).</summary>
    /// <exception cref="BrokenInvariantException">Something does not hold; the text has the
    /// numbers.</exception>
    public void Judge(
        ClearingProblem problem, LotTerms terms, ReadOnlySpan<long> units, ReadOnlySpan<long> prices,
        long slack)
    {
        if (_open.Length < problem.TaskCount)
        {
            _open = new long[problem.TaskCount];
        }

        terms.Demands.CopyTo(_open);
        Surplus = 0;
        Filled = 0;
        for (int node = 0; node < problem.Nodes; node++)
        {
            JudgeNode(problem, node, terms, units, prices, slack);
        }

        for (int task = 0; task < problem.TaskCount; task++)
        {
            Claim(_open[task] >= 0, "task {0} was given {1} units too many of {2}", task, -_open[task],
                terms.Demands[task]);
            Claim(_open[task] == 0 || prices[task] == problem.Reserves[task],
                "task {0} has {1} units open and the price {2}", task, _open[task], prices[task]);
            Claim(prices[task] <= problem.Reserves[task], "task {0} is paid {1}, more than its reserve {2}",
                task, prices[task], problem.Reserves[task]);
        }
    }

    private static void Claim(bool holds, string text, long a, long b, long c)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(string.Format(CultureInfo.InvariantCulture, text, a, b, c));
        }
    }

    private void JudgeNode(
        ClearingProblem problem, int node, LotTerms terms, ReadOnlySpan<long> units,
        ReadOnlySpan<long> prices, long slack)
    {
        long left = terms.Supplies[node];
        long best = 0;
        long least = long.MaxValue;
        for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
        {
            int task = problem.Tasks[bid];
            long gain = prices[task] - problem.Costs[bid];
            if (terms.Demands[task] > 0)
            {
                best = Math.Max(best, gain);
            }

            if (units[bid] > 0)
            {
                Claim(gain >= 0, "node {0} is paid {1} a unit of task {2}, less than its claim", node,
                    prices[task], task);
                least = Math.Min(least, gain);
                left -= units[bid];
                _open[task] -= units[bid];
                Filled += units[bid];
                Surplus += (Int128)units[bid] * (problem.Reserves[task] - problem.Costs[bid]);
            }
        }

        Claim(left >= 0, "node {0} won {1} units more than the {2} it has", node, -left,
            terms.Supplies[node]);
        long rent = left > 0 ? Math.Min(least, 0) : least;
        Claim(terms.Supplies[node] == 0 || rent >= best - slack,
            "node {0} gains {1} a unit and would gain more than the slack besides: {2}", node, rent, best);
    }
}
