using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;

namespace Hanse.Bench.Clearing;

/// <summary>What lying gains: the same batch with the lie and without, paid less true cost, over many
/// seeds.</summary>
internal static class LiarBench
{
    private const int LiarsPerSeed = 20;
    private const int NameOffset = 10_000;

    public static int Run(int seeds)
    {
        Console.WriteLine("| loads | market | who | gain of a liar, % of a node's mean profit "
            + "| % of its own | fleet's surplus, % of truthful | filled, % of truthful "
            + "| winners' claim / truth | contracts at a loss, % | paid / cost |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (bool isCut in new[] { false, true })
        {
            foreach (bool isScarce in new[] { false, true })
            {
                var tallies = new Tally[seeds];
                _ = Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
                    tallies[seed] = Play(seed + 1, isCut, isScarce));
                string market = $"| {(isCut ? "cut" : "whole")} | {(isScarce ? "scarce" : "slack")} ";
                foreach (string who in tallies[0].Names)
                {
                    Figures[] figures = [.. tallies.Select(tally => tally.Of(who))];
                    Console.WriteLine($"{market}| {who} | {Show(figures.Select(f => f.Gain))} "
                        + $"| {Show([100 * figures.Sum(f => Known(f.Gain)) / figures.Sum(f => Known(f.Own))],
                            "0.0", false)} "
                        + $"| {Show(figures.Select(f => f.Surplus))} | {Show(figures.Select(f => f.Filled))} "
                        + $"| {Show(figures.Select(f => f.Claimed), "0.000", false)} "
                        + $"| {Show(figures.Select(f => f.AtALoss), "0.0", false)} "
                        + $"| {Show(figures.Select(f => f.PaidToCost), "0.00", false)} |");
                }
            }
        }

        return 0;
    }

    /// <summary>One node that claims other than its cost, and a ring of five; whole loads. Without error an
    /// honest claim is the cost, and with a margin all the same it is not the truth; with an error in
    /// everybody's every bid the margin is for that.</summary>
    public static int RunSingle(int seeds)
    {
        Console.WriteLine("| error | margin | market | who | gain of a liar, % of a node's mean profit "
            + "| % of its own |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach ((double error, double margin) in new[] { (0, 0), (0, 0.08), (0.05, 0.08), (0.10, 0.08) })
        {
            foreach (bool isScarce in new[] { false, true })
            {
                var tallies = new Tally[seeds];
                _ = Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
                    tallies[seed] = PlaySingle(seed + 1, isScarce, margin, error));
                string market = $"| {100 * error:0} % | {100 * margin:0} % "
                    + $"| {(isScarce ? "scarce" : "slack")} ";
                foreach (string who in tallies[0].Names)
                {
                    Figures[] figures = [.. tallies.Select(tally => tally.Of(who))];
                    double own = 100 * figures.Sum(f => f.Gain) / figures.Sum(f => f.Own);
                    Console.WriteLine(
                        $"{market}| {who} | {Show(figures.Select(f => f.Gain))} "
                        + $"| {Show([own], "0.0", false)} |");
                }
            }
        }

        return 0;
    }

    private static Tally PlaySingle(int seed, bool isScarce, double margin, double error)
    {
        LiarMarket.Batch batch = new LiarMarket(seed, isCut: false, isScarce, margin).Draw(0);
        var random = new Random(seed);
        double[][] errors = Errors(LiarMarket.Nodes, batch.Requests.Length, error, new Random(seed));
        var tally = new Tally(batch, (node, task) => errors[node][task]);
        int[] bidders = [.. batch.Bidders];
        random.Shuffle(bidders);
        AddSingles(tally, bidders[..LiarsPerSeed]);
        int[] centres = [.. Enumerable.Range(0, batch.Requests.Length)
            .Where(task => batch.Ring(task, 5).Length == 5)];
        HashSet<int> ring = [.. batch.Ring(centres[random.Next(centres.Length)], 5)];
        foreach (double factor in new[] { 1.05, 1.3, 1.6, 0.95 })
        {
            tally.Add($"ring of 5 claims x{factor}", ring, (node, _) => ring.Contains(node) ? factor : 1);
        }

        return tally;
    }

    private static void AddSingles(Tally tally, int[] liars)
    {
        foreach (double factor in new[] { 1.05, 1.1, 1.3, 1.6, 0.95, 0.9, 0.7 })
        {
            foreach (int liar in liars)
            {
                tally.Add($"one claims x{factor}", [liar], (node, _) => node == liar ? factor : 1);
            }
        }
    }

    private static Tally Play(int seed, bool isCut, bool isScarce)
    {
        LiarMarket.Batch batch = new LiarMarket(seed, isCut, isScarce).Draw(0);
        var random = new Random(seed);
        var tally = new Tally(batch);
        tally.Add("everybody tells the truth", [], (_, _) => 1);
        foreach (double sigma in new[] { 0.05, 0.10, 0.20 })
        {
            double[][] errors = Errors(LiarMarket.Nodes, batch.Requests.Length, sigma, random);
            tally.Add($"noise {100 * sigma:0} % a bid", [], (node, task) => errors[node][task]);
        }

        double[][] own = Errors(LiarMarket.Nodes, 1, 0.10, random);
        tally.Add("noise 10 % a node", [], (node, _) => own[node][0]);
        double[][] bySite = Errors(100, 1, 0.10, random);
        tally.Add("noise 10 % a depot", [],
            (_, task) => bySite[(int)batch.Requests[task].Depot.Value][0]);
        double[][] byClass = Errors(LiarMarket.Classes, 1, 0.10, random);
        tally.Add("noise 10 % a class", [], (node, _) => byClass[LiarMarket.ClassOf(node)][0]);

        int[] bidders = [.. batch.Bidders];
        random.Shuffle(bidders);
        int[] liars = bidders[..LiarsPerSeed];
        AddSingles(tally, liars);
        int[] centres = [.. Enumerable.Range(0, batch.Requests.Length)
            .Where(task => batch.Ring(task, 60).Length == 60)];
        int centre = centres.Length > 0 ? centres[random.Next(centres.Length)]
            : Enumerable.Range(0, batch.Requests.Length).MaxBy(task => batch.Ring(task, 60).Length);
        foreach (int size in new[] { 5, 20, 60 })
        {
            HashSet<int> ring = [.. batch.Ring(centre, size)];
            foreach (double factor in new[] { 1.3, 1.6 })
            {
                tally.Add($"ring of {size} claims x{factor}", ring,
                    (node, _) => ring.Contains(node) ? factor : 1);
            }

            if (!isCut)
            {
                tally.AddVickrey($"Vickrey rents: ring of {size} claims x1.3", ring, 1.3);
            }
        }

        HashSet<int> strangers = [.. bidders[..5]];
        tally.Add("5 from anywhere claim x1.3", strangers,
            (node, _) => strangers.Contains(node) ? 1.3 : 1);
        HashSet<int> absent = [.. bidders[..(bidders.Length / 10)]];
        tally.Add("a tenth wins and does not come", absent, (_, _) => 1, absent.Contains);
        tally.Add("the same, claiming x0.7", absent, (node, _) => absent.Contains(node) ? 0.7 : 1,
            absent.Contains);
        foreach (int liar in liars)
        {
            tally.AddNames("one under three names", liar, [1, 1, 1]);
            tally.AddNames("one under three names, x1, x1.3, x1.6", liar, [1, 1.3, 1.6]);
        }

        return tally;
    }

    private static double[][] Errors(int rows, int columns, double sigma, Random random) =>
        [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, columns)
            .Select(_ => 1 + (sigma * Normal(random))).ToArray())];

    /// <summary>One draw of the normal distribution, not beyond three sigma.</summary>
    public static double Normal(Random random) => Math.Clamp(
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()),
        -3, 3);

    private static double Known(double value) => double.IsNaN(value) ? 0 : value;

    private static string Show(IEnumerable<double> values, string form = "0.00", bool hasError = true)
    {
        double[] all = [.. values.Where(value => !double.IsNaN(value))];
        if (all.Length == 0)
        {
            return "-";
        }

        double mean = all.Average();
        double error = Math.Sqrt(all.Sum(value => (value - mean) * (value - mean))
            / Math.Max(1, all.Length - 1) / all.Length);
        return Measure.Show(mean, form) + (hasError ? " ± " + Measure.Show(error, form) : string.Empty);
    }

    private sealed record Figures(
        double Gain, double Own, double Surplus, double Filled, double Claimed, double AtALoss,
        double PaidToCost);

    /// <summary>What came of one seed's plays, by name; plays of one name are averaged.</summary>
    private sealed class Tally
    {
        private readonly LiarMarket.Batch _batch;
        private readonly Func<int, int, double> _honest;
        private readonly SortedDictionary<NodeId, BidSheet> _truth;
        private readonly double[] _profits;
        private readonly double _meanProfit;
        private double[]? _vickrey;
        private readonly (double Surplus, double Filled) _whole;
        private readonly OrderedDictionary<string, List<Figures>> _figures = [];

        /// <param name="batch">What is asked, and of whom.</param>
        /// <param name="honest">What an honest claim is, times the truth.</param>
        public Tally(LiarMarket.Batch batch, Func<int, int, double>? honest = null)
        {
            _batch = batch;
            _honest = honest ?? ((_, _) => 1);
            _truth = batch.Sheets(_honest);
            ClearingResult result = batch.Clear(_truth);
            _profits = batch.Profits(result);
            _meanProfit = batch.Bidders.Average(node => _profits[node]);
            _whole = (result.Winners.Sum(batch.Surplus), result.Winners.Sum(w => w.Quantity.Value));
        }

        public IEnumerable<string> Names => _figures.Keys;

        public Figures Of(string who)
        {
            List<Figures> all = _figures[who];
            return new Figures(all.Average(f => f.Gain), all.Average(f => f.Own),
                all.Average(f => f.Surplus), all.Average(f => f.Filled),
                all.Average(f => f.Claimed), all.Average(f => f.AtALoss),
                all.Average(f => f.PaidToCost));
        }

        public void Add(
            string who, HashSet<int> liars, Func<int, int, double> factor,
            Func<int, bool>? isAbsent = null)
        {
            ClearingResult result;
            if (liars.Count == 0)
            {
                result = _batch.Clear(_batch.Sheets(factor));
            }
            else
            {
                var sheets = new SortedDictionary<NodeId, BidSheet>(_truth);
                foreach (int liar in liars)
                {
                    sheets[LiarMarket.Key(liar)] = _batch.Sheet(
                        liar, task => _honest(liar, task) * factor(liar, task));
                }

                result = _batch.Clear(sheets);
            }

            bool Comes(Winner winner) => isAbsent is null || !isAbsent((int)winner.Node.Value - 1);
            double[] profits = _batch.Profits(result);
            double gain = liars.Count == 0 || isAbsent is not null
                ? double.NaN : liars.Average(liar => profits[liar] - _profits[liar]) / _meanProfit;
            double own = liars.Count == 0 || isAbsent is not null
                ? double.NaN : liars.Average(liar => _profits[liar]) / _meanProfit;
            Note(who, gain, own, [.. result.Winners.Where(Comes)],
                winner => factor((int)winner.Node.Value - 1, _batch.TaskOf(winner.Bounty)));
        }

        public void AddVickrey(string who, HashSet<int> ring, double factor)
        {
            double[]? truth = _vickrey ??= VickreyMarket.Profits(_batch, _ => 1);
            double[]? lie = VickreyMarket.Profits(_batch, node => ring.Contains(node) ? factor : 1);
            if (truth is not null && lie is not null)
            {
                double mean = _batch.Bidders.Average(node => truth[node]);
                List(who).Add(new Figures(
                    100 * ring.Average(node => lie[node] - truth[node]) / mean,
                    100 * ring.Average(node => truth[node]) / mean,
                    double.NaN, double.NaN, double.NaN, double.NaN, double.NaN));
            }
            else
            {
                List(who).Add(new Figures(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN,
                    double.NaN, double.NaN));
            }
        }

        // Of what its names win it does what gains most; of the rest nothing comes.
        public void AddNames(string who, int liar, double[] factors)
        {
            var sheets = new SortedDictionary<NodeId, BidSheet>(_truth);
            for (int name = 0; name < factors.Length; name++)
            {
                double factor = factors[name];
                sheets[new NodeId((uint)(liar + 1 + (name * NameOffset)))] =
                    _batch.Sheet(liar, _ => factor);
            }

            var came = new List<Winner>();
            Winner? best = null;
            foreach (Winner winner in _batch.Clear(sheets).Winners)
            {
                if ((winner.Node.Value - 1) % NameOffset != liar)
                {
                    came.Add(winner);
                    continue;
                }

                Winner own = winner with { Node = LiarMarket.Key(liar) };
                best = best is null || Profit(own) > Profit(best) ? own : best;
            }

            if (best is not null)
            {
                came.Add(best);
            }

            Note(who, ((best is null ? 0 : Profit(best)) - _profits[liar]) / _meanProfit,
                _profits[liar] / _meanProfit, came, _ => 1);
        }

        private List<Figures> List(string who)
        {
            if (!_figures.TryGetValue(who, out List<Figures>? figures))
            {
                _figures.Add(who, figures = []);
            }

            return figures;
        }

        private double Profit(Winner winner) => _batch.Paid(winner) - _batch.Cost(winner);

        private void Note(
            string who, double gain, double own, List<Winner> came, Func<Winner, double> claimed)
        {
            List(who).Add(new Figures(
                100 * gain,
                100 * own,
                100 * came.Sum(_batch.Surplus) / _whole.Surplus,
                100 * came.Sum(winner => winner.Quantity.Value) / _whole.Filled,
                came.Average(claimed),
                100 * came.Average(winner => Profit(winner) < 0 ? 1.0 : 0.0),
                came.Sum(_batch.Paid) / came.Sum(_batch.Cost)));
        }
    }
}
