using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hanse.Cli.Telemetry;
using Hanse.Core.Clearing;

namespace Hanse.Cli.Market;

/// <summary>A row a bid: <c>node,task,cost</c>, and perhaps <c>load,capacity</c> and
/// <c>reserve</c>.</summary>
/// <remarks>Names of nodes and tasks are any words. The capacity is the node's and the reserve the task's, so
/// the same in each of their rows. Nodes and tasks are numbered as they first appear.</remarks>
internal static class CsvInstance
{
    /// <summary>Reads one.</summary>
    /// <exception cref="InstanceRefusedException">It is none.</exception>
    public static Instance Read(string file)
    {
        try
        {
            using CsvRows rows = CsvRows.Open(file);
            return Read(rows);
        }
        catch (TelemetryRefusedException refused)
        {
            throw new InstanceRefusedException(refused.Message, refused);
        }
    }

    private static Instance Read(CsvRows rows)
    {
        int node = rows.Column("node");
        int task = rows.Column("task");
        int cost = rows.Column("cost");
        bool hasLoads = rows.Has("load") || rows.Has("capacity");
        int load = hasLoads ? rows.Column("load") : -1;
        int capacity = hasLoads ? rows.Column("capacity") : -1;
        int reserve = rows.Has("reserve") ? rows.Column("reserve") : -1;

        var nodes = new Parties(rows, "node", "capacity");
        var tasks = new Parties(rows, "task", "reserve");
        var bids = new List<List<(int Task, long Cost, long Load)>>();
        int count = 0;
        long greatest = 0;
        while (rows.TryRead())
        {
            if (++count > Instance.BidsMax)
            {
                throw rows.Mistaken(0, $"is bid {count:N0}; allowed: {Instance.BidsMax:N0}");
            }

            int bidder = nodes.Find(node, hasLoads ? Number(rows, capacity, "capacity") : 0, capacity);
            int wanted = tasks.Find(task, reserve >= 0 ? Number(rows, reserve, "reserve") : 0, reserve);
            if (bidder == bids.Count)
            {
                bids.Add([]);
            }

            long price = Number(rows, cost, "cost");
            greatest = Math.Max(greatest, price);
            bids[bidder].Add((wanted, price, hasLoads ? Number(rows, load, "load") : 0));
            if (!tasks.TryMark(wanted, bidder))
            {
                throw rows.Mistaken(task, $"names task '{CsvRows.Shown(rows.Field(task))}' twice for node "
                    + $"'{CsvRows.Shown(rows.Field(node))}'; a node bids on a task once");
            }
        }

        if (count == 0)
        {
            throw rows.Mistaken(0, "has no bids");
        }

        int sum = 0;
        return new Instance(
            new ClearingProblem(
                [0, .. bids.Select(row => sum += row.Count)],
                [.. bids.SelectMany(row => row.Select(bid => bid.Task))],
                [.. bids.SelectMany(row => row.Select(bid => bid.Cost))],
                reserve >= 0 ? tasks.Values : Instance.Reserves(greatest, tasks.Count, hasLoads)),
            hasLoads
                ? new BundleTerms([.. bids.SelectMany(row => row.Select(bid => bid.Load))], nodes.Values)
                : null);
    }

    private static long Number(CsvRows rows, int column, string what) =>
        long.TryParse(rows.Field(column), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number <= Instance.NumberMax
            ? number
            : throw rows.Mistaken(column, $"{what} is '{CsvRows.Shown(rows.Field(column))}'; allowed: whole "
                + $"numbers from 0 to {Instance.NumberMax:N0}");

    // Nodes or tasks by name, with the number that is theirs.
    private sealed class Parties
    {
        private readonly CsvRows _rows;
        private readonly string _kind;
        private readonly string _property;
        private readonly Dictionary<string, int> _numbers = [];
        private readonly List<long> _values = [];

        // Per task the nodes that named it.
        private readonly HashSet<(int, int)> _marks = [];

        public Parties(CsvRows rows, string kind, string property)
        {
            _rows = rows;
            _kind = kind;
            _property = property;
        }

        public int Count => _values.Count;

        public long[] Values => [.. _values];

        public bool TryMark(int party, int by) => _marks.Add((party, by));

        public int Find(int column, long value, int valueColumn)
        {
            string name = _rows.Field(column);
            if (name.Length == 0)
            {
                throw _rows.Mistaken(column, $"has no {_kind}");
            }

            if (!_numbers.TryGetValue(name, out int number))
            {
                if (Count == Instance.PartiesMax)
                {
                    throw _rows.Mistaken(column, $"is {_kind} {Count + 1:N0}; allowed: {Count:N0}");
                }

                number = Count;
                _numbers.Add(name, number);
                _values.Add(value);
            }

            return _values[number] == value
                ? number
                : throw _rows.Mistaken(valueColumn, $"{_property} of {_kind} '{CsvRows.Shown(name)}' is "
                    + $"{value:N0} here and {_values[number]:N0} before; it is one number");
        }
    }
}
