using System;
using System.Numerics;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>Places tasks on nodes that have room for several: transfers, swaps and ejections,
/// annealed.</summary>
/// <remarks>
/// The generalised assignment problem. Tasks begin where they are cheapest at the prices of capacity, which
/// overloads some nodes. Then tasks move: to another node; in exchange for a task there; or by ejecting one
/// that goes on to a third node. Overload costs a price a unit that rises while a node has too much and falls
/// while it has room (strategic oscillation: Glover 1986; Yagiura, Ibaraki and Glover 2004), for the way from
/// one good allocation to another seldom leads over allocations that fit. A move that costs something is made
/// with a chance that falls with its cost (Kirkpatrick, Gelatt and Vecchi 1983). At the end of each of a few
/// cycles prices only rise, till everything fits. The draws come from the epoch; the number of moves is
/// fixed, so that no clock decides; everything is whole numbers.
/// </remarks>
internal sealed class BundleSearch
{
    // About half a second of one core, however large the problem; less when it is small.
    private const long MovesMin = 400_000;
    private const long MovesMax = 14_000_000;
    private const long MovesPerTask = 140_000;

    // Chosen on the published instances, and forgiving: twice or half of each costs a few tenths of a per
    // cent.
    private const int Cycles = 4;
    private const int StagesPerCycle = 250;
    private const int RelaxedStages = StagesPerCycle * 7 / 10;
    private const int CoolingPer65536 = 64_650; // To a thirtieth within a cycle.
    private const int CoolerLater = 4;
    private const int OverloadRise = 8;
    private const int OverloadFall = 32;
    private const int ChanceBits = 10;

    private static readonly long[] _exponentials = Exponentials();

    private readonly BundleChoices _choices;
    private int _tasks;
    private int _nodes;

    // Per task its choice, and its place among the members of its node; the best allocation that fitted.
    private int[] _chosen = [];
    private int[] _places = [];
    private int[] _best = [];

    // Per node, and for nobody: room, price of overload, and its tasks in a segment of one array.
    private long[] _rooms = [];
    private long[] _overloadPrices = [];
    private int[] _memberStarts = [];
    private int[] _memberCounts = [];
    private int[] _members = [];

    private long _cost;
    private long _bestCost;
    private long _overload;

    /// <summary>A search among some choices.</summary>
    public BundleSearch(BundleChoices choices) => _choices = choices;

    /// <summary>The choice made for a task, as a node; the number of nodes for nobody.</summary>
    public int NodeOf(int task) => _choices.Nodes[_best[task]];

    /// <summary>Searches.</summary>
    /// <param name="terms">Capacities.</param>
    /// <param name="tasks">How many tasks.</param>
    /// <param name="prices">Prices of capacity.</param>
    /// <param name="priceMax">The greatest price of overload.</param>
    /// <param name="random">Where draws come from.</param>
    public void Run(BundleTerms terms, int tasks, ReadOnlySpan<long> prices, long priceMax, Prng random)
    {
        Begin(terms, tasks, prices);
        long moves = Math.Clamp(tasks * MovesPerTask, MovesMin, MovesMax) / (Cycles * StagesPerCycle);
        for (int cycle = 0; cycle < Cycles && tasks > 0; cycle++)
        {
            // Later cycles begin cooler, from the best so far: they mend what the first has built.
            ReturnToBest();
            Int128 temperature = ((Int128)_choices.MeanGap << 16) / (cycle == 0 ? 1 : CoolerLater);
            for (int stage = 0; stage < StagesPerCycle; stage++)
            {
                long degree = (long)Int128.Clamp(temperature >> 16, 1, 1L << 48);
                Stage(moves, degree, ref random);
                temperature = temperature * CoolingPer65536 >> 16;
                Reprice(stage < RelaxedStages, priceMax);
            }
        }

        LeaveOutWhatDoesNotFit();
    }

    private void Begin(BundleTerms terms, int tasks, ReadOnlySpan<long> prices)
    {
        _tasks = tasks;
        _nodes = prices.Length;
        if (_chosen.Length < tasks)
        {
            _chosen = new int[tasks];
            _places = new int[tasks];
            _best = new int[tasks];
        }

        if (_rooms.Length < _nodes + 1)
        {
            _rooms = new long[_nodes + 1];
            _overloadPrices = new long[_nodes + 1];
            _memberStarts = new int[_nodes + 2];
            _memberCounts = new int[_nodes + 1];
        }

        int choices = _choices.Starts[tasks];
        if (_members.Length < choices)
        {
            _members = new int[choices];
        }

        long sum = 0;
        Array.Clear(_memberStarts);
        Array.Clear(_memberCounts);
        for (int choice = 0; choice < choices; choice++)
        {
            _memberStarts[_choices.Nodes[choice] + 1]++;
        }

        for (int node = 0; node <= _nodes; node++)
        {
            _memberStarts[node + 1] += _memberStarts[node];
            _rooms[node] = node < _nodes ? terms.Capacities[node] : 0;
            sum += node < _nodes ? prices[node] : 0;
        }

        for (int node = 0; node < _nodes; node++)
        {
            _overloadPrices[node] = Math.Max(1, prices[node] + (sum / _nodes / 8));
        }

        _overloadPrices[_nodes] = 0;
        _cost = 0;
        _bestCost = long.MaxValue;
        _overload = 0;
        for (int task = 0; task < tasks; task++)
        {
            int choice = _choices.Starts[task];
            _chosen[task] = choice;
            _cost += _choices.Costs[choice];
            Take(_choices.Nodes[choice], _choices.Loads[choice]);
            Join(task, _choices.Nodes[choice]);
        }
    }

    private void Stage(long moves, long degree, ref Prng random)
    {
        unchecked
        {
            int[] starts = _choices.Starts;
            for (long move = 0; move < moves; move++)
            {
                ulong bits = random.NextBits();
                int task = (int)(((bits & 0xFFFFFF) * (ulong)_tasks) >> 24);
                int start = starts[task];
                int choice = start + (int)((((bits >> 24) & 0xFF) * (ulong)(starts[task + 1] - start)) >> 8);
                if (choice == _chosen[task])
                {
                    continue;
                }

                long costMax = (degree * _exponentials[(bits >> 32) & 1023]) >> ChanceBits;
                int node = _choices.Nodes[choice];
                bool isAlone = ((bits >> 42) & 3) == 0 || node == _nodes || _memberCounts[node] == 0;
                if (isAlone)
                {
                    TryTransfer(task, choice, costMax);
                }
                else
                {
                    int member = (int)((((bits >> 44) & 0xFFF) * (ulong)_memberCounts[node]) >> 12);
                    TryEject(task, choice, _members[_memberStarts[node] + member], bits >> 56, costMax);
                }
            }
        }
    }

    private void TryTransfer(int task, int choice, long costMax)
    {
        unchecked
        {
            int old = _chosen[task];
            int from = _choices.Nodes[old];
            int to = _choices.Nodes[choice];
            long cost = _choices.Costs[choice] - _choices.Costs[old]
                + Change(from, -_choices.Loads[old]) + Change(to, _choices.Loads[choice]);
            if (cost <= costMax)
            {
                Move(task, choice);
                KeepIfBest();
            }
        }
    }

    // The task takes the place of another, which takes its place, or goes to any of its choices.
    private void TryEject(int task, int choice, int ejected, ulong bits, long costMax)
    {
        unchecked
        {
            int old = _chosen[task];
            int from = _choices.Nodes[old];
            int to = _choices.Nodes[choice];
            int left = _chosen[ejected];
            int start = _choices.Starts[ejected];
            int count = _choices.Starts[ejected + 1] - start;
            int next = (bits & 1) == 0
                ? start + (int)(((bits >> 1) * (ulong)count) >> 7)
                : start + _choices.Nodes.AsSpan(start, count).IndexOf(from);
            if (next < start || next == left)
            {
                return;
            }

            int third = _choices.Nodes[next];
            long cost = _choices.Costs[choice] - _choices.Costs[old]
                + _choices.Costs[next] - _choices.Costs[left]
                + Change(to, _choices.Loads[choice] - _choices.Loads[left]);
            cost += third == from
                ? Change(from, _choices.Loads[next] - _choices.Loads[old])
                : Change(from, -_choices.Loads[old]) + Change(third, _choices.Loads[next]);
            if (cost <= costMax)
            {
                Move(ejected, next);
                Move(task, choice);
                KeepIfBest();
            }
        }
    }

    // What it changes in the price of overload when a node gets some more, or less.
    private long Change(int node, long load) => unchecked(
        (Math.Max(0, load - _rooms[node]) - Math.Max(0, -_rooms[node])) * _overloadPrices[node]);

    private void Move(int task, int choice)
    {
        unchecked
        {
            int old = _chosen[task];
            int from = _choices.Nodes[old];
            int to = _choices.Nodes[choice];
            Take(from, -_choices.Loads[old]);
            Take(to, _choices.Loads[choice]);
            int last = _members[_memberStarts[from] + --_memberCounts[from]];
            _members[_memberStarts[from] + _places[task]] = last;
            _places[last] = _places[task];
            Join(task, to);
            _chosen[task] = choice;
            _cost += _choices.Costs[choice] - _choices.Costs[old];
        }
    }

    private void Take(int node, long load)
    {
        unchecked
        {
            _overload -= Math.Max(0, -_rooms[node]);
            _rooms[node] -= load;
            _overload += Math.Max(0, -_rooms[node]);
        }
    }

    private void Join(int task, int node)
    {
        _places[task] = _memberCounts[node];
        _members[_memberStarts[node] + _memberCounts[node]++] = task;
    }

    private void KeepIfBest()
    {
        if (_overload == 0 && _cost < _bestCost)
        {
            _bestCost = _cost;
            _chosen.AsSpan(0, _tasks).CopyTo(_best);
        }
    }

    private void ReturnToBest()
    {
        for (int task = 0; task < _tasks && _bestCost != long.MaxValue; task++)
        {
            if (_chosen[task] != _best[task])
            {
                Move(task, _best[task]);
            }
        }
    }

    private void Reprice(bool mayFall, long priceMax)
    {
        for (int node = 0; node < _nodes; node++)
        {
            long price = _overloadPrices[node];
            if (_rooms[node] < 0)
            {
                _overloadPrices[node] = Math.Min(priceMax, price + (price / OverloadRise) + 1);
            }
            else if (mayFall)
            {
                _overloadPrices[node] = Math.Max(1, price - (price / OverloadFall));
            }
        }
    }

    // A search that never fitted gives up tasks until it does; it may be better than what fitted before, too.
    private void LeaveOutWhatDoesNotFit()
    {
        for (int task = 0; task < _tasks && _overload > 0; task++)
        {
            if (_rooms[_choices.Nodes[_chosen[task]]] < 0)
            {
                Move(task, _choices.Starts[task + 1] - 1);
            }
        }

        KeepIfBest();
    }

    // -ln((k + 1/2) / 1024), times 1,024: how much more than nothing a move may cost, in degrees, by chance.
    private static long[] Exponentials()
    {
        const int FractionBits = 20;
        const long Ln2Per1024 = 710;
        var table = new long[1 << ChanceBits];
        for (int k = 0; k < table.Length; k++)
        {
            // The binary logarithm, bit by bit: square, and see whether it passes two.
            var odd = (ulong)((2 * k) + 1);
            int whole = BitOperations.Log2(odd);
            ulong mantissa = odd << (31 - whole);
            long logarithm = whole;
            for (int bit = 0; bit < FractionBits; bit++)
            {
                mantissa = (mantissa * mantissa) >> 31;
                logarithm <<= 1;
                if (mantissa >= 1UL << 32)
                {
                    logarithm |= 1;
                    mantissa >>= 1;
                }
            }

            long below = ((ChanceBits + 1L) << FractionBits) - logarithm;
            table[k] = (below * Ln2Per1024) >> FractionBits;
        }

        return table;
    }
}
