using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Bench.Clearing;

/// <summary>A region in which somebody may lie: nodes that stay, and batches of requests for them.</summary>
/// <remarks>
/// Four commodities that not every node can bring; depots, six of ten in hot spots; a trip costs something at
/// once and something by distance, and with a quarter of a load nearly as much as with all of it. Whole
/// loads: all nodes carry alike and every request is of so many full loads, so that a contract is a
/// load. Cut loads:
/// nodes carry from half to twice as much, and requests are of any size. A batch is cleared by the product's
/// own <see cref="WinnerDetermination"/>.
/// </remarks>
internal sealed class LiarMarket
{
    public const int Nodes = 1_000;
    public const int Classes = 5;
    public const double Margin = 0.08;

    private const double LoadTonnes = 10;
    private const double CostPerUnit = 7.6;
    private const double Reach = 90 / CostPerUnit;
    private const double HotSpotWidth = 2;
    private const double HoursPerUnit = 2;
    private const double TripShare = 0.75;
    private const int Depots = 30;
    private const double Credit = 1e6;
    private const double TonneGrams = 1e6;

    private static readonly int[] _parts = [4, 2, 1];

    private readonly int _seed;
    private readonly double _margin;
    private readonly bool _isCut;
    private readonly double _demandToSupply;
    private readonly (double X, double Y)[] _places;
    private readonly (double X, double Y)[] _depots;
    private readonly int[] _capabilities;
    private readonly double[] _fixedCosts;
    private readonly double[] _costFactors;
    private readonly double[] _tonnes;

    public LiarMarket(int seed, bool isCut, bool isScarce, double margin = Margin)
    {
        _seed = seed;
        _margin = margin;
        _isCut = isCut;
        _demandToSupply = isScarce ? 1.2 : 0.5;
        var random = new Random(seed);
        double side = Math.Sqrt(Nodes);
        (double X, double Y) Anywhere() => (random.NextDouble() * side, random.NextDouble() * side);
        (double X, double Y)[] spots = [.. Enumerable.Range(0, 5).Select(_ => Anywhere())];
        _depots = [.. Enumerable.Range(0, Depots).Select(_ => random.NextDouble() < 0.6
            ? Near(spots[random.Next(spots.Length)], random, side) : Anywhere())];
        _places = [.. Enumerable.Range(0, Nodes).Select(_ => Anywhere())];
        _capabilities = [.. _places.Select(_ => random.Next(1, 16))];
        _fixedCosts = [.. _places.Select(_ => 5 + (10 * random.NextDouble()))];
        _costFactors = [.. _places.Select(_ => CostPerUnit * (0.7 + (0.6 * random.NextDouble())))];
        _tonnes = [.. _places.Select(_ =>
            isCut ? Math.Round(LoadTonnes * Math.Pow(2, (2 * random.NextDouble()) - 1)) : LoadTonnes)];
    }

    /// <summary>Where loads are whole, what every node carries.</summary>
    public static Grams Load => Grams.FromTonnes((long)LoadTonnes);

    /// <summary>A node's hardware class.</summary>
    public static int ClassOf(int node) => node % Classes;

    public static NodeId Key(int node) => new((uint)node + 1);

    /// <summary>One batch; what is asked differs from batch to batch, the nodes do not.</summary>
    public Batch Draw(int number)
    {
        var random = new Random((_seed * 1_000) + number);
        int count = random.Next(20, 101);
        double[] weights = [.. Enumerable.Range(0, count).Select(_ => 0.5 + random.NextDouble())];
        double unit = _demandToSupply * _tonnes.Sum() / weights.Sum();
        var requests = new Request[count];
        for (int i = 0; i < count; i++)
        {
            double tonnes = weights[i] * unit;
            tonnes = _isCut ? tonnes : Math.Max(1, Math.Round(tonnes / LoadTonnes)) * LoadTonnes;
            requests[i] = new Request(
                new BountyId((ulong)i + 1),
                (Commodity)random.Next(1, 5),
                new DepotId((uint)random.Next(Depots) + 1),
                new Grams((long)(tonnes * TonneGrams)),
                Grams.FromTonnes(1),
                new Credits((long)(Credit * (20 + (70 * random.NextDouble())) / LoadTonnes)),
                Hours(12 + random.Next(60)));
        }

        return new Batch(this, (uint)number + 1, [.. requests]);
    }

    private static (double X, double Y) Near((double X, double Y) spot, Random random, double side)
    {
        double distance = HotSpotWidth * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
        return (Math.Clamp(spot.X + (distance * cosine), 0, side),
            Math.Clamp(spot.Y + (distance * sine), 0, side));
    }

    private static Instant Hours(double hours) =>
        Instant.Epoch + TimeSpan.FromSeconds(Math.Round(hours * 3_600));

    /// <summary>What one batch asks, what it costs whom, and what everybody claims.</summary>
    public sealed class Batch
    {
        private readonly LiarMarket _market;
        private readonly int[][] _tasks;

        public Batch(LiarMarket market, uint cycle, ImmutableArray<Request> requests)
        {
            _market = market;
            Cycle = new CycleNumber(cycle);
            Requests = requests;
            _tasks = [.. Enumerable.Range(0, Nodes).Select(TasksOf)];
        }

        public CycleNumber Cycle { get; }

        public ImmutableArray<Request> Requests { get; }

        /// <summary>Nodes that bid on something when they tell the truth.</summary>
        public IEnumerable<int> Bidders => Enumerable.Range(0, Nodes).Where(node => _tasks[node].Length > 0);

        /// <summary>The nearest nodes that bid on a request.</summary>
        public int[] Ring(int task, int size) =>
            [.. Bidders.Where(node => _tasks[node].Contains(task))
                .OrderBy(node => Distance(node, task)).Take(size)];

        /// <summary>What everybody claims when claims are the truth and its margin, times a factor.</summary>
        public SortedDictionary<NodeId, BidSheet> Sheets(Func<int, int, double> factor)
        {
            var sheets = new SortedDictionary<NodeId, BidSheet>();
            foreach (int node in Bidders)
            {
                sheets[Key(node)] = Sheet(node, task => factor(node, task));
            }

            return sheets;
        }

        public BidSheet Sheet(int node, Func<int, double> factor) => new(
            Cycle,
            NoBidReason.None,
            [.. _tasks[node].Select(task => BidOn(node, task, factor(task)))]);

        /// <summary>Credits that bringing so much costs.</summary>
        public double Cost(int node, int task, Grams quantity)
        {
            double full = Math.Min(_market._tonnes[node] * TonneGrams, Requests[task].Open.Value);
            return Trip(node, task) * (TripShare + ((1 - TripShare) * quantity.Value / full));
        }

        public int TaskOf(BountyId bounty) => (int)bounty.Value - 1;

        public ClearingResult Clear(SortedDictionary<NodeId, BidSheet> sheets) =>
            new WinnerDetermination().Run(Cycle, Instant.Epoch, Requests, sheets);

        /// <summary>What is paid for a contract, in credits.</summary>
        public double Paid(Winner winner) => winner.PricePerLot.ForPart(
            winner.Quantity, Requests[TaskOf(winner.Bounty)].Lot).Micro / Credit;

        public double Cost(Winner winner) =>
            Cost((int)winner.Node.Value - 1, TaskOf(winner.Bounty), winner.Quantity);

        /// <summary>What a contract is worth to the fleet over what it costs.</summary>
        public double Surplus(Winner winner)
        {
            Request request = Requests[TaskOf(winner.Bounty)];
            return (request.Reserve.ForPart(winner.Quantity, request.Lot).Micro / Credit) - Cost(winner);
        }

        /// <summary>Paid less true cost, per node.</summary>
        public double[] Profits(ClearingResult result)
        {
            double[] profits = new double[Nodes];
            foreach (Winner winner in result.Winners)
            {
                profits[(int)winner.Node.Value - 1] = Paid(winner) - Cost(winner);
            }

            return profits;
        }

        private int[] TasksOf(int node) =>
            [.. Enumerable.Range(0, Requests.Length)
                .Where(task => (_market._capabilities[node] & (1 << ((int)Requests[task].Commodity - 1))) != 0
                    && Distance(node, task) < Reach
                    && Arrives(node, task) <= Requests[task].Deadline)
                .Where(task => Gain(node, task) > 0)
                .OrderByDescending(task => Gain(node, task))
                .Take(RequestForProposals.RequestsMax)
                .Order()];

        private double Gain(int node, int task)
        {
            Request request = Requests[task];
            double tonnes = Math.Min(_market._tonnes[node], request.Open.Value / TonneGrams);
            return (request.Reserve.Micro / Credit * tonnes) - (Trip(node, task) * (1 + _market._margin));
        }

        // What a trip with all it can carry costs; a large node's trips cost less a tonne.
        private double Trip(int node, int task) =>
            (_market._fixedCosts[node] + (_market._costFactors[node] * Distance(node, task)))
                * Math.Pow(_market._tonnes[node] / LoadTonnes, 0.8);

        private Instant Arrives(int node, int task) => Hours(1 + (HoursPerUnit * Distance(node, task)));

        private Bid BidOn(int node, int task, double factor)
        {
            Request request = Requests[task];
            long most = Math.Min((long)(_market._tonnes[node] * TonneGrams), request.Open.Value);
            BidStep[] steps = [.. _parts.Select(part => new Grams(most / part))
                .Select(quantity => new BidStep(
                    quantity,
                    new Credits((long)(Credit * Cost(node, task, quantity) * (1 + _market._margin) * factor))
                        .PerLot(quantity, request.Lot),
                    Arrives(node, task),
                    TimeSpan.FromMinutes(10)))];
            BidStep[] within = [.. steps.Where(step => step.PricePerLot <= request.Reserve)];
            return within.Length > 0
                ? new Bid(request.Bounty, NoBidReason.None, [.. within])
                : new Bid(request.Bounty, NoBidReason.NoProfit, [steps[^1]]);
        }

        private double Distance(int node, int task)
        {
            (double X, double Y) depot = _market._depots[(int)Requests[task].Depot.Value - 1];
            (double X, double Y) place = _market._places[node];
            return Math.Sqrt(((place.X - depot.X) * (place.X - depot.X))
                + ((place.Y - depot.Y) * (place.Y - depot.Y)));
        }
    }
}
