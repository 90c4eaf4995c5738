using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>The auction of divisible tasks, all at once, with one price a task (the transportation form:
/// Bertsekas and Castanon 1989).</summary>
/// <remarks>
/// A node with units left bids on the task that gains it most, at the price at which the second would gain it
/// as much, less the increment. Its units take what is open, then displace the lots of the highest price.
/// While some of a task is open its price is the reserve; when it is full, the highest price among its lots,
/// which is what all of them are paid. A node is a price-taker: its own lot is no reason to ask for more.
/// </remarks>
internal sealed class LotAuction
{
    private readonly Transposed _columns = new();

    private ClearingProblem _problem = null!;
    private LotTerms _terms = null!;
    private ulong _epoch;

    // Per task its price, the units open, and how many lots its heap has.
    private long[] _prices = [];
    private long[] _open = [];
    private int[] _lotCounts = [];

    // Per bid its units, its price, its place in its task's heap; and the heaps, one after the other, of
    // bids, the weakest (the dearest) on top.
    private long[] _units = [];
    private long[] _levels = [];
    private int[] _places = [];
    private int[] _heaps = [];
    private int[] _nodeOf = [];

    // Per node the units that have found nothing yet.
    private long[] _left = [];
    private int[] _queue = [];
    private bool[] _isQueued = [];
    private int _queueHead;
    private int _queueCount;
    private long[] _gains = [];

    /// <summary>Bids made in the last clear.</summary>
    public long BidsMade { get; private set; }

    /// <summary>Prices, one a task.</summary>
    public ReadOnlySpan<long> Prices => _prices.AsSpan(0, _problem.TaskCount);

    /// <summary>Units, one a bid.</summary>
    public ReadOnlySpan<long> Units => _units.AsSpan(0, _problem.Bids);

    /// <summary>Clears from scratch.</summary>
    public void Run(ClearingProblem problem, LotTerms terms, ulong epoch, long increment)
    {
        Prepare(problem, terms, epoch);
        while (_queueCount > 0)
        {
            int node = _queue[_queueHead];
            _queueHead = _queueHead + 1 < _queue.Length ? _queueHead + 1 : 0;
            _queueCount--;
            _isQueued[node] = false;
            while (_left[node] > 0 && TryBid(node, increment))
            {
            }
        }

        for (int task = 0; task < problem.TaskCount; task++)
        {
            _prices[task] = terms.Demands[task] == 0 ? problem.Reserves[task] : _prices[task];
        }
    }

    private void Prepare(ClearingProblem problem, LotTerms terms, ulong epoch)
    {
        Invariant.Holds(terms.Supplies.Length == problem.Nodes && terms.Demands.Length == problem.TaskCount);
        _problem = problem;
        _terms = terms;
        _epoch = epoch;
        _columns.Forget();
        _columns.Of(problem);
        BidsMade = 0;
        if (_prices.Length < problem.TaskCount)
        {
            _prices = new long[problem.TaskCount];
            _open = new long[problem.TaskCount];
            _lotCounts = new int[problem.TaskCount];
            _gains = new long[Gains.Padded(problem.TaskCount)];
        }

        if (_units.Length < problem.Bids)
        {
            _units = new long[problem.Bids];
            _levels = new long[problem.Bids];
            _places = new int[problem.Bids];
            _heaps = new int[problem.Bids];
            _nodeOf = new int[problem.Bids];
        }

        if (_left.Length < problem.Nodes)
        {
            _left = new long[problem.Nodes];
            _queue = new int[problem.Nodes];
            _isQueued = new bool[problem.Nodes];
        }

        problem.Reserves.CopyTo(_prices);
        terms.Demands.CopyTo(_open);
        terms.Supplies.CopyTo(_left);
        Array.Clear(_lotCounts);
        Array.Clear(_units);
        Array.Clear(_isQueued);
        _queueHead = 0;
        _queueCount = 0;
        for (int task = 0; task < problem.TaskCount; task++)
        {
            // What wants nothing is nobody's to bid on.
            _prices[task] = _open[task] == 0 ? Gains.Hidden : _prices[task];
        }

        (int node, int stride) = Order(problem.Nodes, epoch);
        for (int i = 0; i < problem.Nodes; i++)
        {
            for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
            {
                _nodeOf[bid] = node;
            }

            Enqueue(node);
            node = (int)(((long)node + stride) % problem.Nodes);
        }
    }

    // Of nodes that offer the same, whoever bids first wins. Were it the one that comes next after a place
    // drawn by lot, a node whose number follows a gap would win most of the time; so it is every so-manieth,
    // drawn by lot as well.
    private static (int First, int Stride) Order(int nodes, ulong epoch)
    {
        if (nodes < 2)
        {
            return (0, 1);
        }

        long stride = 1 + (long)(StableHash.Of(epoch, 1) % (ulong)(nodes - 1));
        while (Gcd(stride, nodes) != 1)
        {
            stride = (stride % (nodes - 1)) + 1;
        }

        return ((int)(StableHash.Of(epoch) % (ulong)nodes), (int)stride);
    }

    private static long Gcd(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }

    // False when nothing more is to be gained.
    private bool TryBid(int node, long increment)
    {
        unchecked
        {
            int start = _problem.RowStarts[node];
            int length = _problem.RowStarts[node + 1] - start;
            ReadOnlySpan<int> tasks = _problem.Tasks.Slice(start, length);
            ReadOnlySpan<long> costs = _problem.Costs.Slice(start, length);
            Span<long> gains = _gains.AsSpan(0, Gains.Padded(length));
            (long best, long second) = Gains.Read(_prices, tasks, costs, 1, gains);
            if (best <= 0)
            {
                TakeAtCost(node, gains, best);
                return false;
            }

            int place = gains.IndexOf(best);
            for (int i = place + 1; second == best && i < length; i++)
            {
                if (gains[i] == best && Rank(tasks[i], node) < Rank(tasks[place], node))
                {
                    place = i;
                }
            }

            long undercut = Math.Min(best, best - Math.Max(second, 0) + increment);
            Place(node, start + place, tasks[place], _prices[tasks[place]] - undercut);
            return true;
        }
    }

    // Without gain a node takes what is open, or what is dearer than its cost, and then rests.
    private void TakeAtCost(int node, ReadOnlySpan<long> gains, long best)
    {
        int start = _problem.RowStarts[node];
        for (int bid = start; best == 0 && bid < _problem.RowStarts[node + 1] && _left[node] > 0; bid++)
        {
            if (gains[bid - start] == 0)
            {
                Place(node, bid, _problem.Tasks[bid], _problem.Costs[bid]);
            }
        }
    }

    private void Place(int node, int bid, int task, long level)
    {
        BidsMade++;
        if (_units[bid] > 0)
        {
            _levels[bid] = Math.Min(_levels[bid], level);
            SiftDown(task, _places[bid]);
        }

        long taken = Math.Min(_left[node], _open[task]);
        _open[task] -= taken;
        while (taken < _left[node] && _lotCounts[task] > 0)
        {
            int weakest = _heaps[_columns.Starts[task]];
            if (weakest == bid || _levels[weakest] <= level)
            {
                break;
            }

            long given = Math.Min(_left[node] - taken, _units[weakest]);
            taken += given;
            _units[weakest] -= given;
            _left[_nodeOf[weakest]] += given;
            Enqueue(_nodeOf[weakest]);
            if (_units[weakest] == 0)
            {
                RemoveWeakest(task);
            }
        }

        if (taken > 0)
        {
            _left[node] -= taken;
            bool isNew = _units[bid] == 0;
            _units[bid] += taken;
            if (isNew)
            {
                _levels[bid] = level;
                Insert(task, bid);
            }
        }

        if (_open[task] == 0)
        {
            _prices[task] = _levels[_heaps[_columns.Starts[task]]];
        }
    }

    private void Insert(int task, int bid)
    {
        int start = _columns.Starts[task];
        int at = _lotCounts[task]++;
        while (at > 0 && IsWeaker(bid, _heaps[start + ((at - 1) / 2)]))
        {
            Put(start, at, _heaps[start + ((at - 1) / 2)]);
            at = (at - 1) / 2;
        }

        Put(start, at, bid);
    }

    private void RemoveWeakest(int task)
    {
        int start = _columns.Starts[task];
        int last = --_lotCounts[task];
        if (last > 0)
        {
            Put(start, 0, _heaps[start + last]);
            SiftDown(task, 0);
        }
    }

    private void SiftDown(int task, int at)
    {
        int start = _columns.Starts[task];
        int count = _lotCounts[task];
        int bid = _heaps[start + at];
        while ((2 * at) + 1 < count)
        {
            int child = (2 * at) + 1;
            if (child + 1 < count && IsWeaker(_heaps[start + child + 1], _heaps[start + child]))
            {
                child++;
            }

            if (!IsWeaker(_heaps[start + child], bid))
            {
                break;
            }

            Put(start, at, _heaps[start + child]);
            at = child;
        }

        Put(start, at, bid);
    }

    private void Put(int start, int at, int bid)
    {
        _heaps[start + at] = bid;
        _places[bid] = at;
    }

    // The dearer lot goes first; of equal ones the greater hash.
    private bool IsWeaker(int bid, int other)
    {
        int task = _problem.Tasks[bid];
        return _levels[bid] != _levels[other]
            ? _levels[bid] > _levels[other]
            : Rank(task, _nodeOf[bid]) > Rank(task, _nodeOf[other]);
    }

    private ulong Rank(int task, int node) => StableHash.Of((ulong)task, (ulong)node, _epoch);

    private void Enqueue(int node)
    {
        if (_isQueued[node])
        {
            return;
        }

        _isQueued[node] = true;
        int tail = _queueHead + _queueCount;
        _queue[tail < _queue.Length ? tail : tail - _queue.Length] = node;
        _queueCount++;
    }
}
