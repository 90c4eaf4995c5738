using System;
using Google.OrTools.Graph;
using Hanse.Core.Clearing;

namespace Hanse.Bench.Clearing;

/// <summary>Markets from scratch, beside OR-Tools' min-cost flow in the same run; prints a markdown
/// table.</summary>
internal static class MarketBench
{
    private const double Mebi = 1 << 20;

    public static int Run(int[] sizes, int seed, bool isShuffled)
    {
        Console.WriteLine("| nodes x tasks | bids | how | ms | of the optimum | bids made | extra MiB | "
            + "min-cost flow / this |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (int size in sizes)
        {
            ClearingProblem problem = Markets.Iep(size, seed, isShuffled);
            int rounds = size <= 20_000 ? 60 : 6;
            (double flow, long best) = Flow(problem, size <= 20_000 ? 5 : 2);
            Line(problem, "OR-Tools min-cost flow, solving only", flow, best, best, 0, 0, flow);
            Engine("increment 1 %", problem, rounds, best, flow, (engine, rules) =>
                engine.Clear(problem, rules with { IncrementPpm = 10_000 }));
            Engine("increment 0.5 %", problem, rounds, best, flow, (engine, rules) =>
                engine.Clear(problem, rules with { IncrementPpm = 5_000 }));
            Engine("0.5 %, paid the nodes' best", problem, rounds, best, flow, (engine, rules) =>
                engine.Clear(problem,
                    rules with { IncrementPpm = 5_000, Payment = PaymentRule.NodesBest }));
            if (size <= 20_000)
            {
                Engine("exact, with Vickrey rents", problem, 3, best, flow,
                    (engine, rules) => engine.ClearExactly(problem, rules));
            }
        }

        return 0;
    }

    private static (double Milliseconds, long Surplus) Flow(ClearingProblem problem, int rounds)
    {
        double least = double.MaxValue;
        long surplus = 0;
        for (int round = 0; round < rounds; round++)
        {
            using MinCostFlow flow = Solver.Build(problem, [], []);
            (double time, surplus) = Measure.Least(1, () => Solver.Solve(flow));
            least = Math.Min(least, time);
        }

        return (least, surplus);
    }

    private static void Engine(
        string how, ClearingProblem problem, int rounds, long best, double flow,
        Func<ClearingEngine, ClearingRules, ClearingOutcome> clear)
    {
        var rules = new ClearingRules { Epoch = 1 };
        long before = GC.GetAllocatedBytesForCurrentThread();
        var engine = new ClearingEngine();
        _ = clear(engine, rules);
        long extra = GC.GetAllocatedBytesForCurrentThread() - before;
        (double time, ClearingOutcome outcome) = Measure.Least(rounds, () => clear(engine, rules));
        Line(problem, how, time, outcome.Surplus, best, outcome.BidsMade, extra, flow);
    }

    private static void Line(
        ClearingProblem problem, string how, double time, long surplus, long best, long made, long extra,
        double flow) =>
        Console.WriteLine($"| {Measure.Show(problem.Nodes, "#,##0")} | {Measure.Show(problem.Bids, "#,##0")} "
            + $"| {how} | {Measure.Show(time)} | {Measure.Share(surplus, best)} "
            + $"| {Measure.Show(made, "#,##0")} | {Measure.Show(extra / Mebi)} "
            + $"| {Measure.Show(flow / time)} |");
}
