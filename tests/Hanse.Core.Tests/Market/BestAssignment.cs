using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Messages;

namespace Hanse.Core.Tests.Market;

/// <summary>The best that a batch could come to, by trying everything: who does what, each node at most
/// once.</summary>
internal static class BestAssignment
{
    /// <summary>Surplus of the best assignment, in microcredits times grams, per lot of one gram; what nodes
    /// ask for a full load counts for every part of it, so it is a bound when loads are cut.</summary>
    /// <param name="requests">What is asked.</param>
    /// <param name="sheets">The answers.</param>
    /// <param name="bonus">What a gram is worth over its reserve.</param>
    public static long Surplus(
        ImmutableArray<Request> requests, IReadOnlyList<BidSheet> sheets, long bonus = 0)
    {
        var chosen = new int[sheets.Count];
        return Try(0);

        long Try(int node)
        {
            if (node == sheets.Count)
            {
                return requests.Select((request, task) => Of(request, task)).Sum();
            }

            long best = long.MinValue;
            for (int task = -1; task < requests.Length; task++)
            {
                chosen[node] = task;
                best = Math.Max(best, Try(node + 1));
            }

            return best;
        }

        long Of(Request request, int task)
        {
            IEnumerable<(long Gain, long Quantity)> offers = sheets
                .Where((_, node) => chosen[node] == task)
                .SelectMany(sheet => sheet.Bids)
                .Where(bid => bid.Bounty == request.Bounty && bid.IsOffer)
                .Select(bid => bid.Steps.LastOrDefault(step => step.Arrives <= request.Deadline))
                .OfType<BidStep>()
                .Where(step => step.PricePerLot <= request.Reserve)
                .Select(step =>
                    (request.Reserve.Micro + bonus - step.PricePerLot.Micro, step.Quantity.Value))
                .OrderByDescending(offer => offer.Item1);
            long left = request.Open.Value;
            long sum = 0;
            foreach ((long gain, long quantity) in offers)
            {
                long taken = Math.Min(left, quantity);
                sum += gain * taken;
                left -= taken;
            }

            return sum;
        }
    }
}
