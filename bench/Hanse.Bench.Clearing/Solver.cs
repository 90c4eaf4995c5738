using System;
using Google.OrTools.Graph;
using Hanse.Core.Clearing;

namespace Hanse.Bench.Clearing;

/// <summary>OR-Tools' min-cost flow on a market.</summary>
internal static class Solver
{
    /// <summary>Builds the flow; <paramref name="supplies"/> and <paramref name="demands"/> empty for one
    /// task a node.</summary>
    public static MinCostFlow Build(
        ClearingProblem problem, ReadOnlySpan<long> supplies, ReadOnlySpan<long> demands)
    {
        var flow = new MinCostFlow(problem.Nodes + problem.TaskCount + 2,
            problem.Bids + (2 * problem.Nodes) + problem.TaskCount);
        int source = problem.Nodes + problem.TaskCount;
        int sink = source + 1;
        long sum = 0;
        for (int node = 0; node < problem.Nodes; node++)
        {
            long supply = supplies.IsEmpty ? 1 : supplies[node];
            sum += supply;
            _ = flow.AddArcWithCapacityAndUnitCost(source, node, supply, 0);
            _ = flow.AddArcWithCapacityAndUnitCost(node, sink, supply, 0);
            for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
            {
                int task = problem.Tasks[bid];
                _ = flow.AddArcWithCapacityAndUnitCost(node, problem.Nodes + task, supply,
                    problem.Costs[bid] - problem.Reserves[task]);
            }
        }

        for (int task = 0; task < problem.TaskCount; task++)
        {
            long demand = demands.IsEmpty ? 1 : demands[task];
            _ = flow.AddArcWithCapacityAndUnitCost(problem.Nodes + task, sink, demand, 0);
        }

        flow.SetNodeSupply(source, sum);
        flow.SetNodeSupply(sink, -sum);
        return flow;
    }

    /// <summary>Solves it.</summary>
    /// <returns>The greatest surplus.</returns>
    public static long Solve(MinCostFlow flow) =>
        flow.Solve() == MinCostFlowBase.Status.OPTIMAL
            ? -flow.OptimalCost()
            : throw new InvalidOperationException("OR-Tools has no answer");
}
