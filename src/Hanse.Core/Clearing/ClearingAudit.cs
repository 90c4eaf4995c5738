using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>Judges a clear by its result alone, in release builds too.</summary>
/// <remarks>
/// It trusts nothing of the auction's own: who has what is read from the owners, costs from the problem. What
/// holds here implies that the surplus is within the slack, times the winners, of the best there is; with no
/// slack it is the proof that there is none better (complementary slackness).
/// </remarks>
internal sealed class ClearingAudit
{
    private int[] _taskOf = [];

    /// <summary>Surplus of the clear judged last, in microcredits.</summary>
    public long Surplus { get; private set; }

    /// <summary>Tasks with an owner in it.</summary>
    public int Filled { get; private set; }

    /// <summary>Judges a clear. Cost: O(bids).</summary>
    /// <param name="problem">What was cleared.</param>
    /// <param name="owners">Who won each task.</param>
    /// <param name="prices">What each is paid.</param>
    /// <param name="slack">By how much a node may be discontent.</param>
    /// <param name="locked">Contracts that took no part; empty when there are none.</param>
    /// <exception cref="BrokenInvariantException">Something does not hold; the text has the
    /// numbers.</exception>
    public void Judge(
        ClearingProblem problem, ReadOnlySpan<int> owners, ReadOnlySpan<long> prices, long slack,
        ReadOnlySpan<bool> locked)
    {
        if (_taskOf.Length < problem.Nodes)
        {
            _taskOf = new int[problem.Nodes];
        }

        Span<int> taskOf = _taskOf.AsSpan(0, problem.Nodes);
        taskOf.Fill(StandingContracts.None);
        Filled = 0;
        Surplus = 0;
        for (int task = 0; task < owners.Length; task++)
        {
            int owner = owners[task];
            long reserve = problem.Reserves[task];
            if (owner == StandingContracts.None)
            {
                Claim(prices[task] == reserve,
                    "task {0} has no owner and the price {1} instead of its reserve {2}", task, prices[task],
                    reserve);
                continue;
            }

            Claim(taskOf[owner] == StandingContracts.None, "node {0} is paid for task {1} and for task {2}",
                owner, taskOf[owner], task);
            taskOf[owner] = task;
            Filled++;
        }

        for (int node = 0; node < taskOf.Length; node++)
        {
            JudgeNode(problem, node, taskOf[node], prices, slack, locked);
        }
    }

    private static void Claim(bool holds, string text, long a, long b, long c)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(string.Format(
                System.Globalization.CultureInfo.InvariantCulture, text, a, b, c));
        }
    }

    private void JudgeNode(
        ClearingProblem problem, int node, int held, ReadOnlySpan<long> prices, long slack,
        ReadOnlySpan<bool> locked)
    {
        int start = problem.RowStarts[node];
        int length = problem.RowStarts[node + 1] - start;
        ReadOnlySpan<int> tasks = problem.Tasks.Slice(start, length);
        ReadOnlySpan<long> costs = problem.Costs.Slice(start, length);
        long best = 0;
        long cost = -1;
        int wanted = held;
        for (int i = 0; i < tasks.Length && i < costs.Length; i++)
        {
            int task = tasks[i];
            long gain = unchecked(prices[task] - costs[i]);
            if (gain > best && (locked.IsEmpty || !locked[task]))
            {
                best = gain;
                wanted = task;
            }

            if (task == held)
            {
                cost = costs[i];
            }
        }

        bool isLocked = held != StandingContracts.None && !locked.IsEmpty && locked[held];
        if (isLocked)
        {
            Surplus += cost < 0 ? 0 : problem.Reserves[held] - cost;
            return;
        }

        long rent = 0;
        if (held != StandingContracts.None)
        {
            Claim(cost >= 0, "node {0} has task {1}, on which it did not bid; price {2}", node, held,
                prices[held]);
            Claim(prices[held] >= cost, "node {0} is paid {1}, less than its claim {2}", node, prices[held],
                cost);
            Claim(prices[held] <= problem.Reserves[held], "task {0} is paid {1}, more than its reserve {2}",
                held, prices[held], problem.Reserves[held]);
            rent = prices[held] - cost;
            Surplus += problem.Reserves[held] - cost;
        }

        Claim(rent >= best - slack, "node {0} gains {1} and would gain more than the slack besides: {2}",
            node, rent, best);
        Claim(wanted >= StandingContracts.None, "node {0} wants task {1}, gains {2}", node, wanted, best);
    }
}
