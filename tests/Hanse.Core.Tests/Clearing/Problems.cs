using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Clearing;

namespace Hanse.Core.Tests.Clearing;

/// <summary>Problems drawn for tests: few values near each other, so that ties are common.</summary>
internal static class Problems
{
    private static readonly long[] _values = [0, 1, 2, 3, 5, 8];

    /// <summary>A few nodes and tasks, for brute force.</summary>
    public static Gen<ClearingProblem> Small { get; } = Drawn(Gen.Int[0, 5], Gen.Int[0, 5], _values, 1);

    /// <summary>The same in units of a thousand, so that increments of a per cent are whole.</summary>
    public static Gen<ClearingProblem> SmallInThousands { get; } =
        Drawn(Gen.Int[1, 5], Gen.Int[1, 5], _values, 1_000);

    /// <summary>Rows with more profitable bids than an auction keeps, and more nodes than tasks, so that
    /// prices fall until all of a row has to be read again.</summary>
    public static Gen<ClearingProblem> Long { get; } = Drawn(
        Gen.Int[60, 120], Gen.Int[50, 100], [.. Enumerable.Range(0, 40).Select(i => (long)i)], 1_000,
        above: 30);

    /// <summary>A dense problem from tables; a negative cost is no bid.</summary>
    public static ClearingProblem Of(long[] reserves, params long[][] costs)
    {
        var starts = new List<int> { 0 };
        var tasks = new List<int>();
        var values = new List<long>();
        foreach (long[] row in costs)
        {
            for (int task = 0; task < row.Length; task++)
            {
                if (row[task] >= 0)
                {
                    tasks.Add(task);
                    values.Add(row[task]);
                }
            }

            starts.Add(tasks.Count);
        }

        return new ClearingProblem([.. starts], [.. tasks], [.. values], reserves);
    }

    /// <summary>The bids of a node.</summary>
    public static IEnumerable<(int Task, long Cost)> Row(ClearingProblem problem, int node)
    {
        for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
        {
            yield return (problem.Tasks[bid], problem.Costs[bid]);
        }
    }

    /// <summary>The same problem without a node.</summary>
    public static ClearingProblem Without(ClearingProblem problem, int absent) =>
        Of([.. problem.Reserves], [.. Enumerable.Range(0, problem.Nodes).Where(node => node != absent)
            .Select(node => Dense(problem, node))]);

    /// <summary>A row as a table has it.</summary>
    public static long[] Dense(ClearingProblem problem, int node)
    {
        long[] row = [.. Enumerable.Repeat(-1L, problem.TaskCount)];
        foreach ((int task, long cost) in Row(problem, node))
        {
            row[task] = cost;
        }

        return row;
    }

    private static Gen<ClearingProblem> Drawn(
        Gen<int> nodes, Gen<int> tasks, long[] values, long unit, long above = 0) =>
        Gen.Select(nodes, tasks, Gen.ULong).Select(drawn =>
        {
            var random = new Random((int)(drawn.Item3 % int.MaxValue));
            long Value() => values[random.Next(values.Length)] * unit;
            long[] reserves = [.. Enumerable.Range(0, drawn.Item2).Select(_ => Value() + (above * unit))];
            return Of(reserves, [.. Enumerable.Range(0, drawn.Item1).Select(_ =>
                reserves.Select(_ => random.Next(4) == 0 ? -1 : Value()).ToArray())]);
        });
}
