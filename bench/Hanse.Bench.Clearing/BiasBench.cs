using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Bench.Clearing;

/// <summary>What it gains to correct claims by what earlier ones came to, before they are ranked.</summary>
internal static class BiasBench
{
    private const int Batches = 24;
    private const int Learning = 16;
    private const int Liars = 50;

    public static int Run(int seeds)
    {
        Console.WriteLine("| market | errors that last | claims | surplus, % of truthful "
            + "| contracts at a loss, % | an under-claimer's profit, % of truthful |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (bool isScarce in new[] { false, true })
        {
            foreach (string errors in new[] { "10 % a class", "10 % a node", "50 claim x0.7" })
            {
                foreach (bool isCorrected in new[] { false, true })
                {
                    (double Surplus, double AtALoss, double Profit)[] all = [.. Enumerable.Range(1, seeds)
                        .Select(seed => Play(seed, isScarce, errors, isCorrected))];
                    Console.WriteLine($"| {(isScarce ? "scarce" : "slack")} | {errors} "
                        + $"| {(isCorrected ? "corrected" : "as sent")} "
                        + $"| {Measure.Show(all.Average(one => one.Surplus), "0.00")} "
                        + $"| {Measure.Show(all.Average(one => one.AtALoss))} "
                        + $"| {Measure.Show(all.Average(one => one.Profit))} |");
                }
            }
        }

        return 0;
    }

    private static (double Surplus, double AtALoss, double Profit) Play(
        int seed, bool isScarce, string errors, bool isCorrected)
    {
        var market = new LiarMarket(seed, isCut: false, isScarce);
        var random = new Random(seed);
        double Error() => 1 + (0.10 * LiarBench.Normal(random));
        double[] byClass = [.. Enumerable.Range(0, LiarMarket.Classes).Select(_ => Error())];
        double[] byNode = [.. Enumerable.Range(0, LiarMarket.Nodes).Select(_ => Error())];
        double Factor(int node) => errors switch
        {
            "10 % a class" => byClass[LiarMarket.ClassOf(node)],
            "10 % a node" => byNode[node],
            _ => node % (LiarMarket.Nodes / Liars) == 0 ? 0.7 : 1,
        };
        bool IsLiar(Winner winner) => Factor((int)winner.Node.Value - 1) == 0.7;
        var bias = new ClaimBias();
        var came = new List<(LiarMarket.Batch Batch, Winner Winner)>();
        var truthful = new List<(LiarMarket.Batch Batch, Winner Winner)>();
        for (int number = 0; number < Batches; number++)
        {
            LiarMarket.Batch batch = market.Draw(number);
            SortedDictionary<NodeId, BidSheet> sent = batch.Sheets((node, _) => Factor(node));
            SortedDictionary<NodeId, BidSheet> ranked = isCorrected ? Correct(bias, batch, sent) : sent;
            ClearingResult result = batch.Clear(ranked);
            foreach (Winner winner in result.Winners)
            {
                Bid bid = sent[winner.Node].Bids.First(one => one.Bounty == winner.Bounty);
                Request request = batch.Requests[batch.TaskOf(winner.Bounty)];
                BidStep? claimed = bid.For(winner.Quantity);
                _ = claimed is not null && bias.Observe(
                    winner.Node, ClassOf(winner.Node),
                    claimed.PricePerLot.ForPart(winner.Quantity, request.Lot),
                    new Credits((long)(1e6 * batch.Cost(winner) * (1 + LiarMarket.Margin))));
                if (number >= Learning)
                {
                    came.Add((batch, winner));
                }
            }

            if (number >= Learning)
            {
                truthful.AddRange(batch.Clear(batch.Sheets((_, _) => 1)).Winners
                    .Select(winner => (batch, winner)));
            }
        }

        return (
            100 * came.Sum(one => one.Batch.Surplus(one.Winner))
                / truthful.Sum(one => one.Batch.Surplus(one.Winner)),
            100 * came.Average(one => Profit(one) < 0 ? 1.0 : 0.0),
            100 * came.Where(one => IsLiar(one.Winner)).Sum(Profit)
                / truthful.Where(one => IsLiar(one.Winner)).Sum(Profit));
    }

    private static double Profit((LiarMarket.Batch Batch, Winner Winner) one) =>
        one.Batch.Paid(one.Winner) - one.Batch.Cost(one.Winner);

    private static DesignClass ClassOf(NodeId node) =>
        new((uint)LiarMarket.ClassOf((int)node.Value - 1));

    private static SortedDictionary<NodeId, BidSheet> Correct(
        ClaimBias bias, LiarMarket.Batch batch, SortedDictionary<NodeId, BidSheet> sent)
    {
        var corrected = new SortedDictionary<NodeId, BidSheet>();
        foreach ((NodeId node, BidSheet sheet) in sent)
        {
            ImmutableArray<Bid> bids = [.. sheet.Bids.Select(bid => bid with
            {
                Steps = [.. bid.Steps.Select(step => step with
                {
                    PricePerLot = bias.Corrected(node, ClassOf(node), step.PricePerLot),
                })],
            })];
            corrected[node] = sheet with { Bids = bids };
        }

        return corrected;
    }
}
