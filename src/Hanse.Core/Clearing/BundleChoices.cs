using System;

namespace Hanse.Core.Clearing;

/// <summary>For each task the few nodes that are cheapest at the prices of their capacity, and at the end of
/// them nobody. Whatever else bids is hardly ever part of a good allocation.</summary>
internal sealed class BundleChoices
{
    /// <summary>Nodes kept for a task.</summary>
    public const int NodesMax = 10;

    /// <summary>Where each task's choices begin; one more than there are tasks.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary>The node of each choice; the number of nodes for nobody.</summary>
    public int[] Nodes { get; private set; } = [];

    /// <summary>The scaled cost of each choice; for nobody, the reserve.</summary>
    public long[] Costs { get; private set; } = [];

    /// <summary>What each choice takes of its node.</summary>
    public long[] Loads { get; private set; } = [];

    /// <summary>How much dearer, on the mean, the second choice is than the first; at least one.</summary>
    public long MeanGap { get; private set; }

    /// <summary>Chooses. Cost: O(bids).</summary>
    public void Choose(
        ClearingProblem problem, BundleTerms terms, Transposed columns, ReadOnlySpan<long> prices,
        int scaleBits)
    {
        int most = problem.TaskCount * (NodesMax + 1);
        if (Nodes.Length < most || Starts.Length < problem.TaskCount + 1)
        {
            Starts = new int[problem.TaskCount + 1];
            Nodes = new int[most];
            Costs = new long[most];
            Loads = new long[most];
        }

        Span<long> fulls = stackalloc long[NodesMax];
        Span<int> places = stackalloc int[NodesMax];
        Int128 gaps = 0;
        long tasksWithTwo = 0;
        int used = 0;
        for (int task = 0; task < problem.TaskCount; task++)
        {
            int count = 0;
            for (int at = columns.Starts[task]; at < columns.Starts[task + 1]; at++)
            {
                int node = columns.Nodes[at];
                long load = terms.Loads[columns.Bids[at]];
                if (load <= terms.Capacities[node] && columns.Costs[at] <= problem.Reserves[task])
                {
                    long full = (columns.Costs[at] << scaleBits) + (prices[node] * load);
                    Keep(fulls, places, ref count, full, at);
                }
            }

            if (count > 1)
            {
                gaps += fulls[1] - fulls[0];
                tasksWithTwo++;
            }

            Starts[task] = used;
            foreach (int at in places[..count])
            {
                Nodes[used] = columns.Nodes[at];
                Costs[used] = columns.Costs[at] << scaleBits;
                Loads[used++] = terms.Loads[columns.Bids[at]];
            }

            Nodes[used] = problem.Nodes;
            Costs[used] = problem.Reserves[task] << scaleBits;
            Loads[used++] = 0;
        }

        Starts[problem.TaskCount] = used;
        MeanGap = tasksWithTwo == 0 ? 1 : Math.Max(1, (long)(gaps / tasksWithTwo));
    }

    // Keeps the cheapest in order; equal ones in the order of the nodes.
    private static void Keep(Span<long> fulls, Span<int> places, ref int count, long full, int at)
    {
        if (count == NodesMax && full >= fulls[NodesMax - 1])
        {
            return;
        }

        int place = count < NodesMax ? count++ : NodesMax - 1;
        while (place > 0 && fulls[place - 1] > full)
        {
            fulls[place] = fulls[place - 1];
            places[place] = places[place - 1];
            place--;
        }

        fulls[place] = full;
        places[place] = at;
    }
}
