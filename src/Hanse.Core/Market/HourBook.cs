using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What an hour of a region's nodes has earned of late: with it nodes ask more for long trips than
/// for short ones, and no more than that.</summary>
/// <remarks>
/// The problem: a batch clears trip by trip, so where nodes are scarce a long trip leaves the same rent as a
/// short one, and whoever asks too much for everything takes the short ones. The idea: a machine that does
/// one trip after another has a decision problem with average reward; the least it should do a trip of h
/// hours for is its cost and w h, with w the average rent of an hour of its time, idle hours counted
/// (Howard, Dynamic Programming and Markov Processes, 1960; Schwartz, ICML 1993, learns w the same way). Each
/// node alone sees too little of the market to know w; the hub sees all of it.
/// <para>
/// Rent is the price less what the work costs: the ask as it was ranked, less the worth of its hours that is
/// in it; the margin is what errors cost, and no rent. So it is known in the step that awards, and a node
/// that leaves the worth out is corrected by what its work turns out to cost. Of each node that can work the
/// book keeps a moving average over <see cref="Memory"/> cycles of what an hour of its time earned: in hours
/// without work nothing. The median of these falls when nodes are idle, by itself: whoever asks too much for
/// its hours has none that earn.
/// </para>
/// <para>
/// Three quarters of the median are posted. All of it is the worth of an hour where what is offered next is
/// new each time, as in the model; here the work that a node leaves is offered again in the next batch, at a
/// reserve that has risen, and nodes that all wait for that waste their time. Where all work gets done in the
/// end, an hour earns, and is worth nothing to the fleet. The share was measured.
/// </para>
/// <para>
/// Invariants: the state is a function of the market's facts. One node is one voice, so a share x of nodes
/// that agree moves what is posted no further than from the median to the quantiles (1/2 - x) / (1 - x) and
/// 1/2 / (1 - x) of the others. Posted is zero with fewer than <see cref="NodesMin"/> nodes, and moves when
/// it is more than <see cref="MovedPpm"/> off. Limits: <see cref="NodesMax"/> nodes, others have
/// no voice; who can do no work for <see cref="AbsentMax"/> cycles is forgotten. Deliberately absent: what an
/// hour will be worth, and a worth by depot or class.
/// </para>
/// </remarks>
internal sealed class HourBook
{
    /// <summary>Fewest nodes whose median is posted: no one of them sets it alone.</summary>
    public const int NodesMin = 3;

    /// <summary>Most nodes with a voice.</summary>
    public const int NodesMax = 400_000;

    /// <summary>Cycles that a node's average remembers: a few trips.</summary>
    public const int Memory = 8;

    /// <summary>How much of the median is posted, parts per million.</summary>
    public const int PostedPpm = 750_000;

    /// <summary>A node that can do no work for so many cycles is forgotten.</summary>
    public const int AbsentMax = 8;

    /// <summary>How far the median is from what is posted before it is posted again; parts per million of
    /// that.</summary>
    public const int MovedPpm = 50_000;

    private const int One = 1_000_000;

    // Rates are held in thousandths of a microcredit, so that averages do not round to nothing.
    private const int Scale = 1_000;
    private const long RateMax = Credits.MicroMax;

    private readonly MissionRules _rules;
    private readonly SortedDictionary<NodeId, Hours> _nodes = [];

    // Of the batch that is being opened: whose asks are ranked higher. Empty between steps.
    private readonly SortedDictionary<NodeId, PartsPerMillion> _ranked = [];

    private long _median;

    /// <summary>Knows of nobody.</summary>
    /// <param name="rules">Whether it is kept at all, and the cycle.</param>
    public HourBook(MissionRules rules) => _rules = rules;

    /// <summary>What was posted last; zero for nothing.</summary>
    public Credits Posted { get; private set; }

    /// <summary>What is to be posted from now on; null when that is near enough to what was.</summary>
    public Credits? Next
    {
        get
        {
            var found = new Credits(
                _nodes.Count < NodesMin ? 0 : (long)((Int128)_median * PostedPpm / One / Scale));
            Int128 moved = (Int128)Math.Abs(found.Micro - Posted.Micro) * One;
            return _rules.IsHourPosted && moved > (Int128)Posted.Micro * MovedPpm ? found : null;
        }
    }

    /// <summary>A node's asks are ranked higher in the batch that is being opened.</summary>
    public void Rank(NodeId node, PartsPerMillion ratio)
    {
        if (_rules.IsHourPosted)
        {
            _ranked[node] = ratio;
        }
    }

    /// <summary>A cycle is over: what it has earned whom.</summary>
    /// <param name="closes">Its end.</param>
    /// <param name="sheets">Who has answered it.</param>
    /// <param name="held">Who holds a contract.</param>
    public void Close(
        Instant closes, SortedDictionary<NodeId, BidSheet> sheets,
        SortedDictionary<NodeId, ContractId> held)
    {
        if (!_rules.IsHourPosted || closes == Instant.Epoch)
        {
            return;
        }

        foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
        {
            if (CanWork(sheet.Value) && _nodes.Count < NodesMax && !_nodes.ContainsKey(sheet.Key))
            {
                _nodes.Add(sheet.Key, new Hours(_median, 0, default, 0));
            }
        }

        Instant opened = closes - _rules.CyclePeriod;
        foreach (KeyValuePair<NodeId, Hours> known in (KeyValuePair<NodeId, Hours>[])[.. _nodes])
        {
            (NodeId node, Hours hours) = (known.Key, known.Value);
            long busy = Math.Max(0, (Instant.Min(hours.Until, closes) - opened).Ticks);
            bool isAble = busy > 0 || held.ContainsKey(node)
                || (sheets.TryGetValue(node, out BidSheet? sheet) && CanWork(sheet));
            if (isAble)
            {
                long earned = (long)((Int128)hours.Rate * busy / _rules.CyclePeriod.Ticks);
                _nodes[node] = hours with
                {
                    Average = hours.Average + ((earned - hours.Average) / Memory),
                    Absent = 0,
                };
            }
            else if (hours.Absent + 1 < AbsentMax)
            {
                _nodes[node] = hours with { Absent = hours.Absent + 1 };
            }
            else
            {
                _ = _nodes.Remove(node);
            }
        }

        _median = Median();
    }

    /// <summary>Work was awarded, in the batch of a cycle that closed.</summary>
    public void Hear(Winner winner, Grams lot, Instant closed)
    {
        TimeSpan time = winner.Arrives - closed;
        if (time > TimeSpan.Zero && _nodes.TryGetValue(winner.Node, out Hours? hours))
        {
            Credits asked = ClaimBias.Ranked(winner.Asked, _ranked.GetValueOrDefault(winner.Node))
                .ForPart(winner.Quantity, lot);
            Credits cost = Credits.Max(Credits.Zero, asked - Posted.ForHours(time));
            Credits rent = Credits.Max(
                Credits.Zero, winner.PricePerLot.ForPart(winner.Quantity, lot) - cost);
            Int128 rate = (Int128)rent.Micro * Scale * TimeSpan.TicksPerHour / time.Ticks;
            _nodes[winner.Node] = hours with
            {
                Rate = (long)Int128.Min(rate, RateMax),
                Until = winner.Arrives,
            };
        }
    }

    /// <summary>A node's work is over and brings nothing.</summary>
    public void Drop(NodeId node)
    {
        if (_nodes.TryGetValue(node, out Hours? hours))
        {
            _nodes[node] = hours with { Rate = 0, Until = default };
        }
    }

    /// <summary>The worth of an hour was posted: all that is heard from now on is asked by it.</summary>
    public void Post(Credits worth) => Posted = worth;

    /// <summary>The next cycle is open.</summary>
    public void Open() => _ranked.Clear();

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        Invariant.Holds(_ranked.Count == 0);
        codec.Open("hours", 3);
        Posted = codec.Money("posted", Posted);
        _median = codec.Integer("median", _median, 0, long.MaxValue);
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Hours value) => Hours.Shape(ref c, value));
        codec.Close();
    }

    // It offers, or would if it were paid more. What it has no time, no propellant or no bond for says
    // nothing of its hours.
    private static bool CanWork(BidSheet sheet)
    {
        foreach (Bid bid in sheet.Bids)
        {
            if (bid.IsOffer || bid.Reason == NoBidReason.NoProfit)
            {
                return true;
            }
        }

        return false;
    }

    private long Median()
    {
        if (_nodes.Count == 0)
        {
            return 0;
        }

        long[] averages = new long[_nodes.Count];
        int count = 0;
        foreach (Hours hours in _nodes.Values)
        {
            averages[count++] = hours.Average;
        }

        Array.Sort(averages);
        return averages[(count - 1) / 2];
    }

    /// <summary>A node's time.</summary>
    /// <param name="Average">What an hour of it earned of late.</param>
    /// <param name="Rate">What an hour of its last work earns.</param>
    /// <param name="Until">When that is done, as it was bid.</param>
    /// <param name="Absent">Cycles in a row in which it could do no work.</param>
    private sealed record Hours(long Average, long Rate, Instant Until, int Absent) : IShaped<Hours>
    {
        public static Hours Shape<TCodec>(ref TCodec codec, Hours? value)
            where TCodec : struct, ICodec
        {
            codec.Open("hours", 4);
            long average = codec.Integer("average", value?.Average ?? 0, 0, long.MaxValue);
            long rate = codec.Integer("rate", value?.Rate ?? 0, 0, RateMax);
            Instant until = codec.Moment("until", value?.Until ?? default);
            int absent = codec.Number("absent", value?.Absent ?? 0);
            codec.Close();
            return value ?? new Hours(average, rate, until, absent);
        }
    }
}
