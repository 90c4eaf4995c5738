using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>The auction in which a node wins at most one task: the forward step, where nodes undercut each
/// other, and its mirror image, where tasks without an owner raise what they pay.</summary>
/// <remarks>
/// A node's <i>rent</i> is the price of its task less its cost; free nodes have none. The invariant of both
/// steps, epsilon-complementary slackness (Bertsekas 1988; Bertsekas, Castanon and Tsaknakis 1993): no node
/// could gain more than the increment by moving to any task at its price.
/// <para>
/// Values are held multiplied by a scale, so that an increment may be less than a microcredit when the clear
/// is to be exact. What a node sees in its row is kept as a shortlist of its best bids: in the forward step
/// prices only fall, so whatever was worse than all of a shortlist when the row was last read is at most that
/// good now, and the row is read again only when the shortlist can no longer tell the best and the second.
/// That saves nine of ten look-ups of prices, which is what a large market spends its time on.
/// </para>
/// </remarks>
internal sealed class UnitAuction
{
    // Bids kept of a row: with half as many rows are read twice as often, with twice as many reading them
    // takes longer than it saves (measured with 70 bids a node).
    private const int ShortlistMax = 32;

    // Nodes that come to bid at a time.
    private const int NodesAtOnce = 512;

    private const long Hidden = Gains.Hidden;

    private readonly Transposed _columns = new();

    private ClearingProblem _problem = null!;
    private ulong _epoch;
    private long _scale;
    private long _increment;

    // Per task: scaled price, and who has it.
    private long[] _prices = [];
    private int[] _owners = [];

    // Per node: its task, its scaled rent, its shortlist and how good the rest of its row can be at most.
    private int[] _taskOf = [];
    private long[] _rents = [];
    private int[] _shortTasks = [];
    private long[] _shortCosts = [];
    private sbyte[] _shortlistLengths = [];
    private long[] _restBounds = [];

    // The gains of the row or shortlist that is being read.
    private long[] _gains = [];

    // Nodes that want to bid, or tasks that want to ask; first come, first served.
    private int[] _queue = [];
    private bool[] _isQueued = [];
    private int _queueHead;
    private int _queueCount;

    // Who came first, and how many are still to come.
    private int _firstNode;
    private int _nodesToCome;

    /// <summary>How often a task was won since <see cref="Open"/>.</summary>
    public long BidsMade { get; private set; }

    /// <summary>Rows read in whole since <see cref="Open"/>.</summary>
    public long RowsRead { get; private set; }

    /// <summary>Scaled prices, one a task.</summary>
    public ReadOnlySpan<long> Prices => _prices.AsSpan(0, _problem.TaskCount);

    /// <summary>Owners, one a task.</summary>
    public ReadOnlySpan<int> Owners => _owners.AsSpan(0, _problem.TaskCount);

    /// <summary>Scaled rents, one a node.</summary>
    public ReadOnlySpan<long> Rents => _rents.AsSpan(0, _problem.Nodes);

    /// <summary>Tasks, one a node.</summary>
    public ReadOnlySpan<int> TaskOf => _taskOf.AsSpan(0, _problem.Nodes);

    /// <summary>Starts anew: every price at its reserve, nobody has anything, and all are to come.</summary>
    public void Open(ClearingProblem problem, ulong epoch, long scale)
    {
        Prepare(problem, epoch, scale);
        for (int task = 0; task < problem.TaskCount; task++)
        {
            _prices[task] = problem.Reserves[task] * scale;
        }

        // Not always the same one first, and yet neighbours after each other.
        _nodesToCome = problem.Nodes;
        _firstNode = problem.Nodes == 0 ? 0 : (int)(StableHash.Of(epoch) % (ulong)problem.Nodes);
    }

    /// <summary>Starts from what stands. Nodes with a locked contract, and its tasks, take no part.</summary>
    public void Resume(ClearingProblem problem, ulong epoch, StandingContracts standing, long increment)
    {
        Prepare(problem, epoch, scale: 1);
        for (int task = 0; task < problem.TaskCount; task++)
        {
            int owner = standing.Owners[task];
            _owners[task] = owner;
            _prices[task] = standing.Prices[task];
            if (owner == StandingContracts.None)
            {
                // Its price is found below; till then nobody shall long for it.
                _prices[task] = Hidden;
                continue;
            }

            Invariant.Holds(_taskOf[owner] == StandingContracts.None);
            _taskOf[owner] = task;
            if (standing.Locked[task])
            {
                _prices[task] = Hidden;
                _rents[owner] = -Hidden;
            }
        }

        _increment = increment;
        for (int node = 0; node < problem.Nodes; node++)
        {
            if (_rents[node] != -Hidden)
            {
                Revisit(node);
            }
        }

        PriceOrphans();
    }

    /// <summary>Starts another round from where the last one ended, with a smaller increment.</summary>
    public void Refine(long increment)
    {
        _increment = increment;
        _shortlistLengths.AsSpan(0, _problem.Nodes).Fill(-1);
        for (int node = 0; node < _problem.Nodes; node++)
        {
            Revisit(node);
        }
    }

    /// <summary>The forward step: nodes bid until each is content. After <see cref="Open"/> they come a few
    /// hundred at a time, so that those who bid against each other are neighbours, whose rows and prices are
    /// still at hand: at 100,000 nodes that halves the time.</summary>
    public void Forward(long increment)
    {
        _increment = increment;
        do
        {
            for (int i = 0; i < NodesAtOnce && _nodesToCome > 0; i++)
            {
                int node = _firstNode + _problem.Nodes - _nodesToCome--;
                Enqueue(node < _problem.Nodes ? node : node - _problem.Nodes);
            }

            while (_queueCount > 0)
            {
                Bid(Dequeue());
            }
        }
        while (_nodesToCome > 0);
    }

    /// <summary>The reverse step: every task that nobody has, and whose price is below its reserve, asks for
    /// a node until it has one or is back at its reserve. Prices rise, so shortlists end here.</summary>
    public void Reverse(long increment)
    {
        _increment = increment;
        for (int task = 0; task < _problem.TaskCount; task++)
        {
            if (_owners[task] == StandingContracts.None
                && _prices[task] < _problem.Reserves[task] * _scale)
            {
                Enqueue(task);
            }
        }

        if (_queueCount == 0)
        {
            return;
        }

        _columns.Of(_problem);
        while (_queueCount > 0)
        {
            Ask(Dequeue());
        }
    }

    /// <summary>Puts back what is locked.</summary>
    public void Close(StandingContracts standing)
    {
        for (int task = 0; task < _problem.TaskCount; task++)
        {
            if (standing.Locked[task])
            {
                _prices[task] = standing.Prices[task];
            }
        }
    }

    private void Prepare(ClearingProblem problem, ulong epoch, long scale)
    {
        _problem = problem;
        _epoch = epoch;
        _scale = scale;
        _columns.Forget();
        BidsMade = 0;
        RowsRead = 0;
        int parties = Math.Max(problem.Nodes, problem.TaskCount);
        if (_queue.Length < parties)
        {
            _queue = new int[parties];
            _isQueued = new bool[parties];
        }

        if (_prices.Length < problem.TaskCount)
        {
            _prices = new long[problem.TaskCount];
            _owners = new int[problem.TaskCount];
        }

        if (_taskOf.Length < problem.Nodes)
        {
            _taskOf = new int[problem.Nodes];
            _rents = new long[problem.Nodes];
            _shortTasks = new int[problem.Nodes * ShortlistMax];
            _shortCosts = new long[problem.Nodes * ShortlistMax];
            _shortlistLengths = new sbyte[problem.Nodes];
            _restBounds = new long[problem.Nodes];
        }

        if (_gains.Length < Gains.Padded(problem.TaskCount) || _gains.Length < ShortlistMax)
        {
            _gains = new long[Math.Max(Gains.Padded(problem.TaskCount), ShortlistMax)];
        }

        _owners.AsSpan(0, problem.TaskCount).Fill(StandingContracts.None);
        _taskOf.AsSpan(0, problem.Nodes).Fill(StandingContracts.None);
        _rents.AsSpan(0, problem.Nodes).Clear();
        _shortlistLengths.AsSpan(0, problem.Nodes).Fill(-1);
        Array.Clear(_isQueued);
        _nodesToCome = 0;
        _queueHead = 0;
        _queueCount = 0;
    }

    // Finds the rent of a node from the prices as they are, and queues it if it is not content.
    private void Revisit(int node)
    {
        unchecked
        {
            int held = _taskOf[node];
            long own = held == StandingContracts.None ? 0 : -1;
            long best = -1;
            int end = _problem.RowStarts[node + 1];
            for (int bid = _problem.RowStarts[node]; bid < end; bid++)
            {
                int task = _problem.Tasks[bid];
                long gain = _prices[task] - (_problem.Costs[bid] * _scale);
                best = Math.Max(best, gain);
                own = task == held ? gain : own;
            }

            if (held != StandingContracts.None && own < 0)
            {
                // It no longer bids on it, or dearer than it would be paid.
                _owners[held] = StandingContracts.None;
                _taskOf[node] = held = StandingContracts.None;
                own = 0;
            }

            _rents[node] = own;
            if (held == StandingContracts.None ? best >= 0 : best - _increment > own)
            {
                Enqueue(node);
            }
        }
    }

    // A task that nobody has begins at the highest price at which every node that has another is content to
    // keep it. Free nodes that gain by it then bid on it before anybody is moved.
    private void PriceOrphans()
    {
        for (int task = 0; task < _problem.TaskCount; task++)
        {
            if (_prices[task] != Hidden || _owners[task] != StandingContracts.None)
            {
                continue;
            }

            _columns.Of(_problem);
            Range column = _columns.Starts[task].._columns.Starts[task + 1];
            ReadOnlySpan<int> nodes = _columns.Nodes.AsSpan(column);
            ReadOnlySpan<long> costs = _columns.Costs.AsSpan(column);
            long price = _problem.Reserves[task];
            for (int i = 0; i < nodes.Length; i++)
            {
                if (_taskOf[nodes[i]] != StandingContracts.None && _rents[nodes[i]] != -Hidden)
                {
                    price = Math.Min(price, costs[i] + _rents[nodes[i]] + _increment);
                }
            }

            _prices[task] = price;
            for (int i = 0; i < nodes.Length; i++)
            {
                if (_taskOf[nodes[i]] == StandingContracts.None && costs[i] <= price)
                {
                    Enqueue(nodes[i]);
                }
            }
        }
    }

    private void Bid(int node)
    {
        unchecked
        {
            if (_shortlistLengths[node] < 0)
            {
                ReadRow(node);
            }

            int chosen = Choose(node, out long best, out long second);
            long rest = _restBounds[node];
            if (rest >= 0 && (best <= rest || second < rest))
            {
                ReadRow(node);
                chosen = Choose(node, out best, out second);
                if (best >= 0 && best == _restBounds[node])
                {
                    // More of equal worth than a shortlist holds.
                    chosen = ChooseFromRow(node, best);
                }
            }

            int held = _taskOf[node];
            if (best < 0)
            {
                Invariant.Holds(held == StandingContracts.None);
                _rents[node] = 0;
            }
            else if (held != StandingContracts.None && best - _increment <= _rents[node])
            {
                // What it has is as good as anything by now.
            }
            else if (best == 0)
            {
                TakeAtCost(node);
            }
            else
            {
                if (held != StandingContracts.None)
                {
                    _owners[held] = StandingContracts.None;
                }

                // Never below its own cost: at most all it would gain.
                long undercut = Math.Min(best, best - Math.Max(second, 0) + _increment);
                _prices[chosen] -= undercut;
                _rents[node] = best - undercut;
                Own(chosen, node);
            }
        }
    }

    // The best and the second of a shortlist. Of equal ones the least hash of task, node and epoch, so that
    // no task is favoured for its number.
    private int Choose(int node, out long best, out long second)
    {
        unchecked
        {
            int length = _shortlistLengths[node];
            ReadOnlySpan<int> tasks = _shortTasks.AsSpan(node * ShortlistMax, length);
            ReadOnlySpan<long> costs = _shortCosts.AsSpan(node * ShortlistMax, length);
            Span<long> gains = _gains.AsSpan(0, length);
            (best, second) = Gains.Read(_prices, tasks, costs, 1, gains);
            int place = gains.IndexOf(best);
            if (best != second || best < 0)
            {
                return place < 0 ? StandingContracts.None : tasks[place];
            }

            int chosen = tasks[place];
            for (int i = place + 1; i < gains.Length; i++)
            {
                if (gains[i] == best && Rank(tasks[i], node) < Rank(chosen, node))
                {
                    chosen = tasks[i];
                }
            }

            return chosen;
        }
    }

    private int ChooseFromRow(int node, long best)
    {
        int chosen = StandingContracts.None;
        for (int bid = _problem.RowStarts[node]; bid < _problem.RowStarts[node + 1]; bid++)
        {
            int task = _problem.Tasks[bid];
            if (_prices[task] - (_problem.Costs[bid] * _scale) == best
                && (chosen == StandingContracts.None || Rank(task, node) < Rank(chosen, node)))
            {
                chosen = task;
            }
        }

        return chosen;
    }

    // Reads a row and keeps its best bids, of those that gain anything or nothing: as many as lie so near the
    // best that all of them have room. How near is guessed as if gains were spread evenly, and halved until
    // it fits.
    private void ReadRow(int node)
    {
        unchecked
        {
            RowsRead++;
            int start = _problem.RowStarts[node];
            int length = _problem.RowStarts[node + 1] - start;
            ReadOnlySpan<int> tasks = _problem.Tasks.Slice(start, length);
            ReadOnlySpan<long> costs = _problem.Costs.Slice(start, length);
            Span<long> gains = _gains.AsSpan(0, Gains.Padded(length));
            long scale = _scale;
            (long best, long second) = Gains.Read(_prices, tasks, costs, scale, gains);
            second = Math.Max(second, 0);
            int count = Gains.Count(gains, 0);
            long reach = count <= ShortlistMax ? best : best / count * (ShortlistMax - 2);
            long least = Math.Min(second, best - reach);
            int kept = Gains.Count(gains, least);
            while (kept > ShortlistMax && least < second)
            {
                reach /= 2;
                least = Math.Min(second, best - reach);
                kept = Gains.Count(gains, least);
            }

            Span<int> places = stackalloc int[ShortlistMax];
            int used = 0;
            if (kept > ShortlistMax)
            {
                // Too many are as good as the second: the best must not be among those without room.
                places[used] = gains.IndexOf(best);
                gains[places[used++]] = Hidden;
            }

            used += Gains.Select(gains, least, places[used..]);
            Span<int> shortTasks = _shortTasks.AsSpan(node * ShortlistMax, ShortlistMax);
            Span<long> shortCosts = _shortCosts.AsSpan(node * ShortlistMax, ShortlistMax);
            for (int i = 0; i < used; i++)
            {
                shortTasks[i] = tasks[places[i]];
                shortCosts[i] = costs[places[i]] * scale;
            }

            int padded = Gains.Padded(used);
            shortTasks[used..padded].Clear();
            shortCosts[used..padded].Fill(-Hidden);
            _shortlistLengths[node] = (sbyte)padded;
            _restBounds[node] = used == count ? -1 : kept > used ? least : least - 1;
        }
    }

    // At a gain of nothing there is no bidding: a node takes what nobody has, or what another has at its own
    // cost too and with the greater hash. Of several the least hash.
    private void TakeAtCost(int node)
    {
        int chosen = StandingContracts.None;
        ulong rank = ulong.MaxValue;
        for (int bid = _problem.RowStarts[node]; bid < _problem.RowStarts[node + 1]; bid++)
        {
            int task = _problem.Tasks[bid];
            if (_prices[task] == _problem.Costs[bid] * _scale)
            {
                int owner = _owners[task];
                ulong mine = Rank(task, node);
                bool isFree = owner == StandingContracts.None
                    || (_rents[owner] == 0 && mine < Rank(task, owner));
                if (isFree && mine < rank)
                {
                    chosen = task;
                    rank = mine;
                }
            }
        }

        _rents[node] = 0;
        if (chosen != StandingContracts.None)
        {
            Own(chosen, node);
        }
    }

    private void Own(int task, int node)
    {
        BidsMade++;
        int displaced = _owners[task];
        _owners[task] = node;
        _taskOf[node] = task;
        if (displaced != StandingContracts.None)
        {
            _taskOf[displaced] = StandingContracts.None;
            _rents[displaced] = 0;
            Enqueue(displaced);
        }
    }

    // One task looks for a node: the mirror image of Bid. It pays what leaves the node the increment more
    // than the next best node would have been content with, and never more than its reserve.
    private void Ask(int task)
    {
        unchecked
        {
            long reserve = _problem.Reserves[task] * _scale;
            long best = -1;
            long second = -1;
            int chosen = StandingContracts.None;
            long chosenCost = 0;
            for (int at = _columns.Starts[task]; at < _columns.Starts[task + 1]; at++)
            {
                int node = _columns.Nodes[at];
                long cost = _columns.Costs[at] * _scale;
                long gain = reserve - cost - _rents[node];
                bool isBetter = gain > best
                    || (gain == best && chosen != StandingContracts.None
                        && Rank(task, node) < Rank(task, chosen));
                if (gain == 0 && _taskOf[node] != StandingContracts.None)
                {
                    // Nothing would be won by moving it.
                    continue;
                }

                second = Math.Max(second, isBetter ? best : gain);
                if (isBetter)
                {
                    best = gain;
                    chosen = node;
                    chosenCost = cost;
                }
            }

            if (chosen == StandingContracts.None)
            {
                _prices[task] = reserve;
                return;
            }

            BidsMade++;
            _rents[chosen] += Math.Min(best, best - Math.Max(second, 0) + _increment);
            _prices[task] = chosenCost + _rents[chosen];
            int left = _taskOf[chosen];
            _owners[task] = chosen;
            _taskOf[chosen] = task;
            if (left != StandingContracts.None)
            {
                _owners[left] = StandingContracts.None;
                Enqueue(left);
            }
        }
    }

    private ulong Rank(int task, int node) => StableHash.Of((ulong)task, (ulong)node, _epoch);

    private void Enqueue(int party)
    {
        if (_isQueued[party])
        {
            return;
        }

        _isQueued[party] = true;
        int tail = _queueHead + _queueCount;
        _queue[tail < _queue.Length ? tail : tail - _queue.Length] = party;
        _queueCount++;
    }

    private int Dequeue()
    {
        int party = _queue[_queueHead];
        _queueHead = _queueHead + 1 < _queue.Length ? _queueHead + 1 : 0;
        _queueCount--;
        _isQueued[party] = false;
        return party;
    }
}
