using System;

namespace Hanse.Core.Clearing;

/// <summary>The bids of a problem by task: who bids on each, in the order of the nodes. Built only when a
/// task has to ask, since it takes as much memory as the problem itself.</summary>
internal sealed class Transposed
{
    private ClearingProblem? _problem;

    /// <summary>Where each task's bids begin; one more than there are tasks.</summary>
    public int[] Starts { get; private set; } = [];

    /// <summary>The node of each bid.</summary>
    public int[] Nodes { get; private set; } = [];

    /// <summary>The cost of each bid.</summary>
    public long[] Costs { get; private set; } = [];

    /// <summary>The place of each bid in the problem.</summary>
    public int[] Bids { get; private set; } = [];

    /// <summary>Lets go of the problem, since another one is to come.</summary>
    public void Forget() => _problem = null;

    /// <summary>Builds it unless it is built. Cost: O(bids).</summary>
    public void Of(ClearingProblem problem)
    {
        if (ReferenceEquals(_problem, problem))
        {
            return;
        }

        _problem = problem;
        if (Starts.Length < problem.TaskCount + 1)
        {
            Starts = new int[problem.TaskCount + 1];
        }

        if (Nodes.Length < problem.Bids)
        {
            Nodes = new int[problem.Bids];
            Costs = new long[problem.Bids];
            Bids = new int[problem.Bids];
        }

        Array.Clear(Starts);
        foreach (int task in problem.Tasks)
        {
            Starts[task]++;
        }

        int sum = 0;
        for (int task = 0; task < problem.TaskCount; task++)
        {
            sum += Starts[task];
            Starts[task] = sum;
        }

        Starts[problem.TaskCount] = sum;

        // From the last bid to the first, so that each column ends up in the order of the nodes.
        for (int node = problem.Nodes - 1; node >= 0; node--)
        {
            for (int bid = problem.RowStarts[node + 1] - 1; bid >= problem.RowStarts[node]; bid--)
            {
                int at = --Starts[problem.Tasks[bid]];
                Nodes[at] = node;
                Costs[at] = problem.Costs[bid];
                Bids[at] = bid;
            }
        }
    }
}
