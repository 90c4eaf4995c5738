using System;
using Google.OrTools.Graph;
using Hanse.Core.Clearing;

namespace Hanse.Clearing.Tests;

/// <summary>What OR-Tools says.</summary>
internal static class Oracle
{
    /// <summary>The greatest surplus, by min-cost flow: at most one task a node.</summary>
    public static long Surplus(ClearingProblem problem) =>
        Surplus(problem, Ones(problem.Nodes), Ones(problem.TaskCount));

    /// <summary>The greatest surplus of divisible tasks, by min-cost flow.</summary>
    public static long Surplus(
        ClearingProblem problem, ReadOnlySpan<long> supplies, ReadOnlySpan<long> demands)
    {
        using var flow = new MinCostFlow(problem.Nodes + problem.TaskCount + 2, problem.Bids);
        int source = problem.Nodes + problem.TaskCount;
        int sink = source + 1;
        long sum = 0;
        for (int node = 0; node < problem.Nodes; node++)
        {
            sum += supplies[node];
            _ = flow.AddArcWithCapacityAndUnitCost(source, node, supplies[node], 0);
            _ = flow.AddArcWithCapacityAndUnitCost(node, sink, supplies[node], 0);
            for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
            {
                int task = problem.Tasks[bid];
                _ = flow.AddArcWithCapacityAndUnitCost(node, problem.Nodes + task,
                    Math.Min(supplies[node], demands[task]), problem.Costs[bid] - problem.Reserves[task]);
            }
        }

        for (int task = 0; task < problem.TaskCount; task++)
        {
            _ = flow.AddArcWithCapacityAndUnitCost(problem.Nodes + task, sink, demands[task], 0);
        }

        flow.SetNodeSupply(source, sum);
        flow.SetNodeSupply(sink, -sum);
        return flow.Solve() == MinCostFlowBase.Status.OPTIMAL
            ? -flow.OptimalCost()
            : throw new InvalidOperationException("the oracle has no answer");
    }

    /// <summary>The least cost at which every task of a square problem gets a node of its own.</summary>
    public static long Assignment(ClearingProblem problem)
    {
        using var assignment = new LinearSumAssignment();
        for (int node = 0; node < problem.Nodes; node++)
        {
            for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
            {
                _ = assignment.AddArcWithCost(node, problem.Tasks[bid], problem.Costs[bid]);
            }
        }

        return assignment.Solve() == LinearSumAssignment.Status.OPTIMAL
            ? assignment.OptimalCost()
            : throw new InvalidOperationException("the oracle has no answer");
    }

    private static long[] Ones(int count)
    {
        var ones = new long[count];
        Array.Fill(ones, 1);
        return ones;
    }
}
