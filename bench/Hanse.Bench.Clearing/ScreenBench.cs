using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Bench.Clearing;

/// <summary>Whom the screens flag, of rings and of honest nodes that err by a tenth, and after how many
/// batches.</summary>
internal static class ScreenBench
{
    private const double Sigma = 0.10;
    private const double Margin = 1 + LiarMarket.Margin;
    private static readonly int[] _checkpoints = [4, 8, 16, 32, 64];
    private static readonly ScreenReason[] _reasons = Enum.GetValues<ScreenReason>();

    private delegate double Claim(LiarMarket.Batch batch, int number, int member, int node, int task);

    public static int Run(int seeds)
    {
        Console.WriteLine("| market | who | batches | ring flagged, of its members, by reason 1 / 2 / 3 / 4 "
            + "| honest flagged, of all, % | honest in groups, % |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (bool isScarce in new[] { false, true })
        {
            Show("honest, 10 % a bid and batch", 0, isScarce, seeds, perBid: true, (_, _, _, _, _) => 1);
            Show("honest, 10 % a node and batch", 0, isScarce, seeds, perBid: false, (_, _, _, _, _) => 1);
            Show("ring of 20 claims x1.3", 20, isScarce, seeds, perBid: false, (_, _, _, _, _) => 1.3);
            Show("ring of 60 claims x1.3", 60, isScarce, seeds, perBid: false, (_, _, _, _, _) => 1.3);
            Show("ring of 60 claims x1.15", 60, isScarce, seeds, perBid: false, (_, _, _, _, _) => 1.15);
            Show("ring of 20, two of three at the reserve", 20, isScarce, seeds, perBid: false,
                (batch, number, member, node, task) =>
                    (member + number) % 3 == 0 ? 1 : AtReserve(batch, node, task));
            Show("ring of 20, in pairs by turns", 20, isScarce, seeds, perBid: false,
                (_, number, member, _, _) => (member + number) % 2 == 0 ? 0.9 : 1.6);
        }

        return 0;
    }

    // All its cover bids are a hundredth below the reserve.
    private static double AtReserve(LiarMarket.Batch batch, int node, int task)
    {
        Request request = batch.Requests[task];
        double paid = request.Reserve.ForPart(LiarMarket.Load, request.Lot).Micro / 1e6;
        return 0.99 * paid / (batch.Cost(node, task, LiarMarket.Load) * Margin);
    }

    private static void Show(string who, int size, bool isScarce, int seeds, bool perBid, Claim claim)
    {
        var counts = new Counts[seeds][];
        _ = Parallel.For(0, seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
            counts[seed] = Play(seed + 1, size, isScarce, perBid, claim));
        for (int at = 0; at < _checkpoints.Length; at++)
        {
            Counts[] all = [.. counts.Select(count => count[at])];
            string Of(Func<Counts, int[]> which, double whole) => string.Join(" / ", _reasons.Select(
                (_, i) => Measure.Show(100 * all.Average(count => which(count)[i]) / whole, "0.0")));
            Console.WriteLine($"| {(isScarce ? "scarce" : "slack")} | {who} | {_checkpoints[at]} "
                + $"| {(size == 0 ? "-" : Of(c => c.Ring, size))} "
                + $"| {Of(c => c.Honest, LiarMarket.Nodes - size)} "
                + $"| {Measure.Show(100 * all.Average(c => c.Grouped) / (LiarMarket.Nodes - size))} |");
        }
    }

    private static Counts[] Play(int seed, int size, bool isScarce, bool perBid, Claim claim)
    {
        var market = new LiarMarket(seed, isCut: false, isScarce);
        LiarMarket.Batch first = market.Draw(0);
        int centre = Enumerable.Range(0, first.Requests.Length)
            .MaxBy(task => first.Ring(task, 60).Length);
        int[] ring = first.Ring(centre, size);
        int[] memberOf = [.. Enumerable.Range(0, LiarMarket.Nodes).Select(node => Array.IndexOf(ring, node))];
        var screen = new CollusionScreen(new ScreenRules());
        var random = new Random(seed);
        var counts = new List<Counts>();
        for (int number = 0; number < _checkpoints[^1]; number++)
        {
            LiarMarket.Batch batch = market.Draw(number);
            double[] noise = [.. Enumerable.Range(0, LiarMarket.Nodes).Select(_ => Error(random))];
            SortedDictionary<NodeId, BidSheet> sheets = batch.Sheets((node, task) =>
                (memberOf[node] < 0 ? 1 : claim(batch, number, memberOf[node], node, task))
                    * (perBid ? Error(random) : noise[node]));
            Credits? Model(NodeId node, Request request, Grams quantity) => new Credits(
                (long)(1e6 * batch.Cost((int)node.Value - 1, batch.TaskOf(request.Bounty), quantity)))
                .PerLot(quantity, request.Lot);
            screen.Add(batch.Cycle, batch.Requests, sheets, batch.Clear(sheets),
                node => new DesignClass((uint)LiarMarket.ClassOf((int)node.Value - 1)), Model);
            if (_checkpoints.Contains(number + 1))
            {
                var findings = screen.Findings();
                bool IsMember(NodeId node) => memberOf[(int)node.Value - 1] >= 0;
                counts.Add(new Counts(
                    [.. _reasons.Select(reason =>
                        findings.Count(f => f.Reason == reason && IsMember(f.Node)))],
                    [.. _reasons.Select(reason =>
                        findings.Count(f => f.Reason == reason && !IsMember(f.Node)))],
                    CollusionScreen.Groups(findings).SelectMany(group => group.Nodes)
                        .Where(node => !IsMember(node)).Distinct().Count()));
            }
        }

        return [.. counts];
    }

    private static double Error(Random random) => 1 + (Sigma * LiarBench.Normal(random));

    private sealed record Counts(int[] Ring, int[] Honest, int Grouped);
}
