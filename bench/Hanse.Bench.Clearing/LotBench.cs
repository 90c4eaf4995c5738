using System;
using System.Collections.Generic;
using System.Linq;
using Google.OrTools.Graph;
using Hanse.Core.Clearing;

namespace Hanse.Bench.Clearing;

/// <summary>Divisible tasks, scarce and slack, beside OR-Tools' min-cost flow: fifty nodes a task, each node
/// bids on the twenty nearest.</summary>
internal static class LotBench
{
    private const int NodesPerTask = 50;
    private const int BidsPerNode = 20;
    private const double Credit = 1e6;

    public static int Run(int[] sizes, int seed)
    {
        var engine = new ClearingEngine();
        var rules = new ClearingRules { Epoch = 1 };
        Console.WriteLine("| nodes | demand / supply | of the optimum | filled | paid / cost | bids made "
            + "| ms | min-cost flow ms |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (int size in sizes)
        {
            foreach (double ratio in new[] { 0.7, 1.1 })
            {
                (ClearingProblem problem, long[] supplies, long[] demands) = Draw(size, ratio, seed);
                using MinCostFlow flow = Solver.Build(problem, supplies, demands);
                (double flowTime, long best) = Measure.Least(1, () => Solver.Solve(flow));
                var terms = new LotTerms(supplies, demands);
                (double time, LotOutcome outcome) =
                    Measure.Least(5, () => engine.ClearLots(problem, rules, terms));
                Console.WriteLine($"| {Measure.Show(size, "#,##0")} | {ratio} "
                    + $"| {Measure.Share((double)outcome.Surplus, best)} "
                    + $"| {Measure.Share((double)outcome.Filled, demands.Sum())} "
                    + $"| {Measure.Show(PaidToCost(problem, outcome), "0.00")} "
                    + $"| {Measure.Show(outcome.BidsMade, "#,##0")} | {Measure.Show(time)} "
                    + $"| {Measure.Show(flowTime)} |");
            }
        }

        return 0;
    }

    private static double PaidToCost(ClearingProblem problem, LotOutcome outcome)
    {
        double paid = 0;
        double cost = 0;
        for (int bid = 0; bid < problem.Bids; bid++)
        {
            paid += (double)outcome.Units[bid] * outcome.Prices[problem.Tasks[bid]];
            cost += (double)outcome.Units[bid] * problem.Costs[bid];
        }

        return paid / cost;
    }

    private static (ClearingProblem Problem, long[] Supplies, long[] Demands) Draw(
        int size, double ratio, int seed)
    {
        var random = new Random(seed);
        double side = Math.Sqrt(size);
        (double X, double Y) Anywhere() => (random.NextDouble() * side, random.NextDouble() * side);
        (double X, double Y)[] depots = [.. Enumerable.Range(0, size / NodesPerTask).Select(_ => Anywhere())];
        long[] reserves = [.. depots.Select(_ => (long)(Credit * (4 + (6 * random.NextDouble()))))];
        long[] supplies = [.. Enumerable.Range(0, size).Select(_ => (long)random.Next(5, 50))];
        var starts = new int[size + 1];
        var tasks = new List<int>();
        var costs = new List<long>();
        for (int node = 0; node < size; node++)
        {
            (double X, double Y) home = Anywhere();
            double factor = 0.15 * (0.7 + (0.6 * random.NextDouble()));
            var near = depots
                .Select((depot, task) => (Task: task, Distance: Math.Sqrt(
                    Math.Pow(depot.X - home.X, 2) + Math.Pow(depot.Y - home.Y, 2))))
                .OrderBy(depot => depot.Distance).Take(BidsPerNode).OrderBy(depot => depot.Task)
                .Select(depot => (depot.Task, Cost: (long)(Credit * (0.5 + (factor * depot.Distance)))))
                .Where(bid => bid.Cost < reserves[bid.Task]).ToList();
            tasks.AddRange(near.Select(bid => bid.Task));
            costs.AddRange(near.Select(bid => bid.Cost));
            starts[node + 1] = tasks.Count;
        }

        double[] weights = [.. depots.Select(_ => 0.5 + random.NextDouble())];
        double unit = supplies.Sum() * ratio / weights.Sum();
        return (new ClearingProblem(starts, [.. tasks], [.. costs], reserves), supplies,
            [.. weights.Select(weight => (long)(weight * unit))]);
    }
}
