using System;

namespace Hanse.Core.Clearing;

/// <summary>The payments that are best for the nodes among those that keep everybody content.</summary>
/// <remarks>
/// In the assignment game the competitive prices form a lattice, and at the end that is best for the nodes
/// all of them get the rent of Vickrey, Clarke and Groves at once (Leonard 1983; Demange, Gale and Sotomayor
/// 1986). That end is the greatest fixed point of "a task is paid no more than what any other node would
/// gladly do it for, at the rent it has": beginning at the reserves, prices fall along chains of bids.
/// <para>
/// For the best allocation it ends, since no chain comes back to where it began below it; and that it ends
/// proves the allocation the best. For any other it drifts, which shows as a price below its owner's cost, as
/// a task without owner whose price wants to fall, or as no end: then the answer is no. An allocation that is
/// the best but for some slack is paid by the same walk with the auction's own prices as a floor. A floor has
/// no drift, and what rests on it is content by as much as the auction left it.
/// </para>
/// </remarks>
internal sealed class CompetitiveRents
{
    private ClearingProblem _problem = null!;
    private long[] _prices = [];
    private long[] _floors = [];
    private long[] _rents = [];
    private int[] _queue = [];
    private bool[] _isQueued = [];
    private int _queueHead;
    private int _queueCount;

    /// <summary>Prices found, one a task.</summary>
    public ReadOnlySpan<long> Prices => _prices.AsSpan(0, _problem.TaskCount);

    /// <summary>Why there are none; empty after success.</summary>
    public string Remark { get; private set; } = string.Empty;

    /// <summary>Looks for the rents of an allocation that is thought to be the best.</summary>
    /// <param name="problem">What was cleared.</param>
    /// <param name="owners">Who won each task.</param>
    /// <param name="taskOf">What each node won.</param>
    /// <param name="passesMax">After so many visits a node the search is given up.</param>
    /// <returns>Whether they were found, which proves it the best. Cost: O(bids) a pass.</returns>
    public bool TryFind(
        ClearingProblem problem, ReadOnlySpan<int> owners, ReadOnlySpan<int> taskOf, int passesMax)
    {
        Prepare(problem, owners, taskOf, []);
        for (int node = 0; node < problem.Nodes; node++)
        {
            if (taskOf[node] is int held and not StandingContracts.None)
            {
                _floors[held] = problem.Reserves[held] - _rents[node];
            }
        }

        return TrySettle(owners, taskOf, passesMax, tolerance: 0, isProof: true);
    }

    /// <summary>Looks for the best payments of an auction with slack.</summary>
    /// <param name="problem">What was cleared.</param>
    /// <param name="owners">Who won each task.</param>
    /// <param name="taskOf">What each node won.</param>
    /// <param name="floors">The prices of the auction.</param>
    /// <param name="locked">Contracts that took no part; empty when there are none.</param>
    /// <param name="tolerance">Less than this is not worth a step; at most the slack.</param>
    /// <param name="passesMax">After so many visits a node the search is given up.</param>
    /// <returns>Whether they were found. Cost: O(bids) a pass.</returns>
    public bool TryRaise(
        ClearingProblem problem, ReadOnlySpan<int> owners, ReadOnlySpan<int> taskOf,
        ReadOnlySpan<long> floors, ReadOnlySpan<bool> locked, long tolerance, int passesMax)
    {
        Prepare(problem, owners, taskOf, locked);
        floors.CopyTo(_floors);
        for (int task = 0; task < locked.Length; task++)
        {
            _prices[task] = locked[task] ? floors[task] : _prices[task];
        }

        return TrySettle(owners, taskOf, passesMax, tolerance, isProof: false);
    }

    private void Prepare(
        ClearingProblem problem, ReadOnlySpan<int> owners, ReadOnlySpan<int> taskOf,
        ReadOnlySpan<bool> locked)
    {
        _problem = problem;
        if (_prices.Length < problem.TaskCount)
        {
            _prices = new long[problem.TaskCount];
            _floors = new long[problem.TaskCount];
        }

        if (_rents.Length < problem.Nodes)
        {
            _rents = new long[problem.Nodes];
            _queue = new int[problem.Nodes];
            _isQueued = new bool[problem.Nodes];
        }

        problem.Reserves.CopyTo(_prices);
        problem.Reserves.CopyTo(_floors);
        Array.Clear(_isQueued);
        _queueHead = 0;
        _queueCount = 0;
        for (int node = 0; node < problem.Nodes; node++)
        {
            int held = taskOf[node];
            bool isFree = held == StandingContracts.None;
            if (isFree || locked.IsEmpty || !locked[held])
            {
                _rents[node] = isFree
                    ? 0
                    : problem.Reserves[held] - problem.Costs[problem.Find(node, held)];
                Enqueue(node);
            }
        }
    }

    private bool TrySettle(
        ReadOnlySpan<int> owners, ReadOnlySpan<int> taskOf, int passesMax, long tolerance, bool isProof)
    {
        long visitsLeft = (long)passesMax * _problem.Nodes;
        while (_queueCount > 0)
        {
            if (visitsLeft-- == 0)
            {
                Remark = $"rents not found: no end after {passesMax} passes";
                return false;
            }

            int node = Dequeue();
            for (int bid = _problem.RowStarts[node]; bid < _problem.RowStarts[node + 1]; bid++)
            {
                int task = _problem.Tasks[bid];
                long bound = _problem.Costs[bid] + _rents[node];
                if (bound >= _prices[task] - tolerance || task == taskOf[node])
                {
                    continue;
                }

                if (bound < _floors[task] && isProof)
                {
                    Remark = "rents not found: the allocation is not the best";
                    return false;
                }

                long price = Math.Max(bound, _floors[task]);
                if (price < _prices[task])
                {
                    _rents[owners[task]] -= _prices[task] - price;
                    _prices[task] = price;
                    Enqueue(owners[task]);
                }
            }
        }

        Remark = string.Empty;
        return true;
    }

    private void Enqueue(int node)
    {
        if (!_isQueued[node])
        {
            int tail = _queueHead + _queueCount++;
            _queue[tail < _queue.Length ? tail : tail - _queue.Length] = node;
            _isQueued[node] = true;
        }
    }

    private int Dequeue()
    {
        int node = _queue[_queueHead];
        _queueHead = _queueHead + 1 < _queue.Length ? _queueHead + 1 : 0;
        _queueCount--;
        _isQueued[node] = false;
        return node;
    }
}
