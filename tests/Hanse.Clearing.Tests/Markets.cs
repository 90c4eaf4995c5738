using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Clearing;

namespace Hanse.Clearing.Tests;

/// <summary>Markets drawn from a seed.</summary>
internal static class Markets
{
    /// <summary>Nodes that bid on some tasks each; values below a bound, so that small bounds tie.</summary>
    public static ClearingProblem Draw(int seed, int nodes, int tasks, int bidsPerNode, long bound)
    {
        var random = new Random(seed);
        return Build(nodes, tasks, bidsPerNode, random, _ => random.NextInt64(bound),
            (_, _) => random.NextInt64(bound));
    }

    /// <summary>Nodes and tasks on a line, near ones cheap, so that neighbours compete in long
    /// chains.</summary>
    public static ClearingProblem OnALine(int seed, int size, int bidsPerNode)
    {
        var random = new Random(seed);
        long[] homes = [.. Enumerable.Range(0, size).Select(_ => random.NextInt64(1_000_000))];
        long[] places = [.. Enumerable.Range(0, size).Select(_ => random.NextInt64(1_000_000))];
        return Build(size, size, bidsPerNode, random, _ => 500_000 + random.NextInt64(500_000),
            (node, task) => Math.Abs(homes[node] - places[task]));
    }

    /// <summary>All tasks can be served and must be: each node bids on the task of its own number too, and a
    /// reserve is above what any chain of exchanges could save.</summary>
    public static ClearingProblem Square(int seed, int size, int bidsPerNode, long bound)
    {
        var random = new Random(seed);
        return Build(size, size, bidsPerNode, random, _ => bound * 2 * size,
            (_, _) => random.NextInt64(bound), isSquare: true);
    }

    private static ClearingProblem Build(
        int nodes, int tasks, int bidsPerNode, Random random, Func<int, long> reserve,
        Func<int, int, long> cost, bool isSquare = false)
    {
        var starts = new int[nodes + 1];
        var columns = new List<int>();
        var costs = new List<long>();
        for (int node = 0; node < nodes; node++)
        {
            var row = new SortedSet<int>();
            for (int i = 0; i < bidsPerNode; i++)
            {
                _ = row.Add(random.Next(tasks));
            }

            if (isSquare)
            {
                _ = row.Add(node);
            }

            foreach (int task in row)
            {
                columns.Add(task);
                costs.Add(cost(node, task));
            }

            starts[node + 1] = columns.Count;
        }

        long[] reserves = [.. Enumerable.Range(0, tasks).Select(reserve)];
        return new ClearingProblem(starts, [.. columns], [.. costs], reserves);
    }
}
