using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Clearing;

namespace Hanse.Bench.Clearing;

/// <summary>Markets of the shape the fleet's own has: a node bids only where it would gain, a task needs one
/// of four capabilities, six tasks of ten lie in hot spots, and a node sees what is within its
/// reach.</summary>
/// <remarks>Nodes and tasks are numbered by place, as a region's hubs number theirs; <c>shuffled</c> numbers
/// them at random, to show what that costs.</remarks>
internal static class Markets
{
    private const double Reach = 90 / CostPerUnit;
    private const double CostPerUnit = 7.6;
    private const double HotSpotWidth = 2;
    private const double CellWidth = 8;
    private const double Credit = 1e6;

    /// <summary>As many nodes as tasks, about seventy bids a node when there are thousands.</summary>
    public static ClearingProblem Iep(int size, int seed, bool isShuffled = false) =>
        new Map(size, seed, isShuffled).Problem(_ => true, _ => true);

    /// <summary>The map behind a market, from which parts can be taken.</summary>
    public sealed class Map
    {
        private readonly double _side;
        private readonly (double X, double Y)[] _nodes;
        private readonly (double X, double Y)[] _tasks;
        private readonly int[] _capabilities;
        private readonly double[] _fixedCosts;
        private readonly double[] _costFactors;
        private readonly int[] _needs;
        private readonly long[] _reserves;

        public Map(int size, int seed, bool isShuffled = false)
        {
            var random = new Random(seed);
            _side = Math.Sqrt(size);
            (double X, double Y)[] spots =
                [.. Enumerable.Range(0, Math.Max(1, size / 200)).Select(_ => Anywhere(random))];
            _tasks = [.. Enumerable.Range(0, size).Select(_ => random.NextDouble() < 0.6
                ? Near(spots[random.Next(spots.Length)], random)
                : Anywhere(random))];
            _nodes = [.. Enumerable.Range(0, size).Select(_ => Anywhere(random))];
            if (!isShuffled)
            {
                _tasks = [.. _tasks.OrderBy(Cell)];
                _nodes = [.. _nodes.OrderBy(Cell)];
            }

            _needs = [.. _tasks.Select(_ => 1 << random.Next(4))];
            _reserves = [.. _tasks.Select(_ => (long)(Credit * (20 + (70 * random.NextDouble()))))];
            _capabilities = [.. _nodes.Select(_ => random.Next(1, 16))];
            _fixedCosts = [.. _nodes.Select(_ => 5 + (10 * random.NextDouble()))];
            _costFactors = [.. _nodes.Select(_ => CostPerUnit * (0.7 + (0.6 * random.NextDouble())))];
        }

        /// <summary>Nodes, and tasks.</summary>
        public int Size => _nodes.Length;

        /// <summary>Which of some squares a node is in.</summary>
        public int HubOfNode(int node, int squares) => Square(_nodes[node], squares);

        /// <summary>Which of some squares a task is in.</summary>
        public int HubOfTask(int task, int squares) => Square(_tasks[task], squares);

        /// <summary>The market of those nodes and tasks that are there; the others bid on nothing, and nobody
        /// bids on them, so that numbers stay.</summary>
        public ClearingProblem Problem(Func<int, bool> hasNode, Func<int, bool> hasTask) =>
            Problem(hasNode, (_, task) => hasTask(task));

        /// <summary>The same with tasks that only some nodes are asked for.</summary>
        public ClearingProblem Problem(Func<int, bool> hasNode, Func<int, int, bool> isAsked)
        {
            int cells = (int)Math.Ceiling(_side / Reach);
            int At(double along) => Math.Min(cells - 1, (int)(along / Reach));
            ILookup<int, int> grid = Enumerable.Range(0, Size)
                .ToLookup(task => (At(_tasks[task].X) * cells) + At(_tasks[task].Y));
            var starts = new int[Size + 1];
            var columns = new List<int>();
            var costs = new List<long>();
            var row = new List<(int Task, long Cost)>();
            for (int node = 0; node < Size; node++)
            {
                row.Clear();
                for (int near = 0; near < 9 && hasNode(node); near++)
                {
                    int x = At(_nodes[node].X) + (near / 3) - 1;
                    int y = At(_nodes[node].Y) + (near % 3) - 1;
                    bool isOnTheMap = x >= 0 && x < cells && y >= 0 && y < cells;
                    foreach (int task in isOnTheMap ? grid[(x * cells) + y] : [])
                    {
                        double cost = _fixedCosts[node] + (_costFactors[node] * Distance(node, task));
                        bool wouldBid = (_capabilities[node] & _needs[task]) != 0
                            && cost * Credit < _reserves[task];
                        if (wouldBid && isAsked(node, task))
                        {
                            row.Add((task, (long)(cost * Credit)));
                        }
                    }
                }

                row.Sort();
                columns.AddRange(row.Select(bid => bid.Task));
                costs.AddRange(row.Select(bid => bid.Cost));
                starts[node + 1] = columns.Count;
            }

            return new ClearingProblem(starts, [.. columns], [.. costs], [.. _reserves]);
        }

        private int Square((double X, double Y) place, int squares)
        {
            int across = (int)Math.Round(Math.Sqrt(squares));
            int At(double along) => Math.Min(across - 1, (int)(along / _side * across));
            return (At(place.X) * across) + At(place.Y);
        }

        private double Distance(int node, int task)
        {
            double x = _nodes[node].X - _tasks[task].X;
            double y = _nodes[node].Y - _tasks[task].Y;
            return Math.Sqrt((x * x) + (y * y));
        }

        private (double X, double Y) Anywhere(Random random) =>
            (random.NextDouble() * _side, random.NextDouble() * _side);

        private (double X, double Y) Near((double X, double Y) spot, Random random)
        {
            double distance = HotSpotWidth * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            return (Math.Clamp(spot.X + (distance * cosine), 0, _side),
                Math.Clamp(spot.Y + (distance * sine), 0, _side));
        }

        private static (int X, int Y) Cell((double X, double Y) place) =>
            ((int)(place.X / CellWidth), (int)(place.Y / CellWidth));
    }
}
