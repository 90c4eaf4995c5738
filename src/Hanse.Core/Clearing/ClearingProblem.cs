using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>What is to be cleared at once: tasks with their reserves, and which node would do which task at
/// which cost. Numbers only.</summary>
/// <remarks>
/// Rows are stored one after the other (compressed sparse rows), so that a node's bids are read in one
/// stream. Number the nodes and the tasks of a hub, or of a place, next to each other: the price of a task is
/// looked up by its number, and neighbours then share cache lines.
/// </remarks>
public sealed class ClearingProblem
{
    /// <summary>The greatest reserve and cost: a thousand million credits in microcredits. Sums of four of
    /// them and a price stay far from the ends of a <see cref="long"/>.</summary>
    public const long ValueMax = 1_000_000_000_000_000;

    /// <summary>The greatest sum of all reserves, so that no sum of surplus or cost overflows.</summary>
    public const long SumMax = 1L << 59;

    /// <summary>The most nodes, and the most tasks.</summary>
    public const int PartiesMax = 1 << 24;

    private readonly int[] _rowStarts;
    private readonly int[] _tasks;
    private readonly long[] _costs;
    private readonly long[] _reserves;

    /// <summary>Takes over four arrays; the caller must not change them any more.</summary>
    /// <param name="rowStarts">Where each node's bids begin, and at its end their number: one more than there
    /// are nodes, never falling.</param>
    /// <param name="tasks">The task of each bid, from 0; within a node's row each at most once.</param>
    /// <param name="costs">The cost of each bid, in microcredits, from 0 to <see cref="ValueMax"/>. A bid
    /// above its task's reserve is passed over.</param>
    /// <param name="reserves">The most that is paid for each task, in microcredits, from 0 to
    /// <see cref="ValueMax"/>, all together at most <see cref="SumMax"/>.</param>
    /// <exception cref="BrokenInvariantException">The arrays do not fit together, or a number is out of its
    /// range. Cost: O(bids).</exception>
    public ClearingProblem(int[] rowStarts, int[] tasks, long[] costs, long[] reserves)
    {
        Invariant.Holds(rowStarts.Length is >= 1 and <= PartiesMax + 1 && reserves.Length <= PartiesMax);
        Invariant.Holds(rowStarts[0] == 0 && rowStarts[^1] == tasks.Length && tasks.Length == costs.Length);
        for (int node = 1; node < rowStarts.Length; node++)
        {
            Invariant.Holds(rowStarts[node - 1] <= rowStarts[node]);
        }

        OnceARow(rowStarts, tasks, reserves.Length);
        InRange(costs, ValueMax);
        InRange(reserves, ValueMax);
        long sum = 0;
        foreach (long reserve in reserves)
        {
            sum += reserve;
            Invariant.Holds(sum <= SumMax);
        }

        _rowStarts = rowStarts;
        _tasks = tasks;
        _costs = costs;
        _reserves = reserves;
        MeanReserve = reserves.Length == 0 ? 0 : sum / reserves.Length;
    }

    /// <summary>How many nodes.</summary>
    public int Nodes => _rowStarts.Length - 1;

    /// <summary>How many tasks.</summary>
    public int TaskCount => _reserves.Length;

    /// <summary>How many bids.</summary>
    public int Bids => _tasks.Length;

    /// <summary>Where each node's bids begin; one more than there are nodes.</summary>
    public ReadOnlySpan<int> RowStarts => _rowStarts;

    /// <summary>The task of each bid.</summary>
    public ReadOnlySpan<int> Tasks => _tasks;

    /// <summary>The cost of each bid, in microcredits.</summary>
    public ReadOnlySpan<long> Costs => _costs;

    /// <summary>The most that is paid for each task, in microcredits.</summary>
    public ReadOnlySpan<long> Reserves => _reserves;

    /// <summary>The mean reserve, in microcredits; zero without tasks.</summary>
    public long MeanReserve { get; }

    /// <summary>Where a node's bid on a task is, or -1. Cost: O(bids of the node).</summary>
    public int Find(int node, int task)
    {
        int at = Tasks[_rowStarts[node].._rowStarts[node + 1]].IndexOf(task);
        return at < 0 ? -1 : _rowStarts[node] + at;
    }

    private static void OnceARow(int[] rowStarts, int[] tasks, int taskCount)
    {
        // The last row that named each task, counted from 1.
        var namedBy = new int[taskCount];
        for (int row = 1; row < rowStarts.Length; row++)
        {
            for (int bid = rowStarts[row - 1]; bid < rowStarts[row]; bid++)
            {
                int task = tasks[bid];
                Invariant.Holds((uint)task < (uint)taskCount && namedBy[task] != row);
                namedBy[task] = row;
            }
        }
    }

    /// <summary>Demands that every number is from zero to the greatest allowed.</summary>
    internal static void InRange(long[] values, long max)
    {
        foreach (long value in values)
        {
            Invariant.Holds(value >= 0 && value <= max);
        }
    }
}
