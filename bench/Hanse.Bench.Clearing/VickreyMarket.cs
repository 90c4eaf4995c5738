using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Clearing;
using Hanse.Core.Messages;

namespace Hanse.Bench.Clearing;

/// <summary>Whole loads cleared to the best there is and paid the rents of Vickrey, Clarke and Groves: what
/// no rule can improve on for a single liar, and so how much of a ring's gain is due to any such
/// rule.</summary>
internal static class VickreyMarket
{
    /// <summary>Paid less true cost, per node; null when the rents were not found.</summary>
    public static double[]? Profits(LiarMarket.Batch batch, Func<int, double> factor)
    {
        // A request of so many loads is so many tasks.
        var firsts = new int[batch.Requests.Length + 1];
        var reserves = new List<long>();
        for (int task = 0; task < batch.Requests.Length; task++)
        {
            Request request = batch.Requests[task];
            int loads = (int)(request.Open.Value / LiarMarket.Load.Value);
            reserves.AddRange(Enumerable.Repeat(
                request.Reserve.ForPart(LiarMarket.Load, request.Lot).Micro, loads));
            firsts[task + 1] = reserves.Count;
        }

        int[] bidders = [.. batch.Bidders];
        var starts = new int[bidders.Length + 1];
        var tasks = new List<int>();
        var costs = new List<long>();
        for (int row = 0; row < bidders.Length; row++)
        {
            foreach (Bid bid in batch.Sheet(bidders[row], _ => factor(bidders[row])).Bids)
            {
                int task = batch.TaskOf(bid.Bounty);
                if (bid.IsOffer && bid.Steps[^1].Quantity == LiarMarket.Load)
                {
                    for (int load = firsts[task]; load < firsts[task + 1]; load++)
                    {
                        tasks.Add(load);
                        costs.Add(bid.Steps[^1].PricePerLot.ForPart(
                            LiarMarket.Load, batch.Requests[task].Lot).Micro);
                    }
                }
            }

            starts[row + 1] = tasks.Count;
        }

        ClearingOutcome outcome = new ClearingEngine().ClearExactly(
            new ClearingProblem(starts, [.. tasks], [.. costs], [.. reserves]),
            new ClearingRules { Epoch = batch.Cycle.Value });
        if (outcome.Payment != PaymentRule.VickreyRent)
        {
            return null;
        }

        double[] profits = new double[LiarMarket.Nodes];
        for (int load = 0; load < reserves.Count; load++)
        {
            if (outcome.Owners[load] >= 0)
            {
                int node = bidders[outcome.Owners[load]];
                int task = Array.FindLastIndex(firsts, first => first <= load);
                profits[node] = (outcome.Prices[load] / 1e6) - batch.Cost(node, task, LiarMarket.Load);
            }
        }

        return profits;
    }
}
