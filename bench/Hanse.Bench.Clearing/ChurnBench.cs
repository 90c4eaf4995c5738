using System;
using System.Linq;
using Hanse.Core.Clearing;

namespace Hanse.Bench.Clearing;

/// <summary>What changed, mended from standing prices, beside a full clear of the same market.</summary>
internal static class ChurnBench
{
    private static readonly ClearingEngine _engine = new();
    private static readonly ClearingRules _rules = new() { Epoch = 1, Payment = PaymentRule.NodesBest };

    public static int Run(int size, int seed)
    {
        Console.WriteLine("| event | surplus, of a full clear | bids, of a full clear | contracts moved "
            + "| ms | full ms |");
        Console.WriteLine("|---|---|---|---|---|---|");
        var map = new Markets.Map(size, seed);
        foreach (int percent in new[] { 1, 5, 20 })
        {
            var random = new Random(seed + percent);
            bool[] dies = Draw(random, size, percent);
            ClearingProblem before = map.Problem(_ => true, _ => true);
            ClearingProblem after = map.Problem(node => !dies[node], _ => true);
            StandingContracts standing = Stand(before, node => !dies[node], _ => true);
            Report($"{percent} % of nodes die", standing, after);
            Report($"{percent} % die, free nodes only", standing.ForFreeNodesOnly(), after);
        }

        foreach (int percent in new[] { 2, 10, 30 })
        {
            // A task that is cancelled makes room for one that was not there.
            var random = new Random(seed + percent);
            bool[] goes = Draw(random, size, percent);
            bool[] comes = Draw(random, size, percent);
            ClearingProblem before = map.Problem(_ => true, task => !comes[task] || goes[task]);
            ClearingProblem after = map.Problem(_ => true, task => comes[task] || !goes[task]);
            Report($"{percent} % of tasks replaced",
                Stand(before, _ => true, task => comes[task] || !goes[task]), after);
        }

        foreach (int hubs in new[] { 4, 9, 25, 100 })
        {
            ClearingProblem apart = map.Problem(_ => true, (node, task) =>
                map.HubOfNode(node, hubs) == map.HubOfTask(task, hubs));
            ClearingProblem together = map.Problem(_ => true, _ => true);
            Report($"{hubs} hubs merge", Stand(apart, _ => true, _ => true), together);
        }

        return 0;
    }

    private static bool[] Draw(Random random, int size, int percent) =>
        [.. Enumerable.Range(0, size).Select(_ => random.Next(100) < percent)];

    private static StandingContracts Stand(
        ClearingProblem before, Func<int, bool> hasNode, Func<int, bool> hasTask)
    {
        ClearingOutcome outcome = _engine.Clear(before, _rules);
        int[] owners = [.. outcome.Owners.Select((owner, task) =>
            owner >= 0 && hasNode(owner) && hasTask(task) ? owner : StandingContracts.None)];
        return new StandingContracts([.. outcome.Prices], owners, new bool[owners.Length]);
    }

    private static void Report(string what, StandingContracts standing, ClearingProblem after)
    {
        (double fullTime, ClearingOutcome full) = Measure.Least(5, () => _engine.Clear(after, _rules));
        (double time, ClearingOutcome mended) =
            Measure.Least(5, () => _engine.ClearAgain(after, _rules, standing));
        int moved = mended.Owners.Zip(standing.Owners.ToArray())
            .Count(pair => pair.Second >= 0 && pair.First != pair.Second);
        Console.WriteLine($"| {what} | {Measure.Share(mended.Surplus, full.Surplus)} "
            + $"| {Measure.Share(mended.BidsMade, full.BidsMade)} | {moved} | {Measure.Show(time)} "
            + $"| {Measure.Show(fullTime)} |");
    }
}
