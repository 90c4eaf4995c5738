using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Tests.Market;

/// <summary>Winner determination by the book, slowly: at every turn it looks for the best offer among
/// all.</summary>
internal static class DumbClearing
{
    public static ClearingResult Run(
        CycleNumber cycle, ImmutableArray<Request> requests, SortedDictionary<NodeId, BidSheet> sheets)
    {
        var winners = new List<Winner>();
        var asks = new Dictionary<BountyId, Credits>();
        foreach (Request request in requests.OrderBy(r => (r.Deadline.Micros, r.Bounty.Value)))
        {
            var given = new List<Winner>();
            long left = request.Open.Value;
            while (left > 0 && Best(cycle, request, sheets, [.. winners, .. given]) is var (node, bid))
            {
                long quantity = Math.Min(left, bid.Quantity.Value);
                left -= quantity;
                given.Add(new Winner(request.Bounty, node, new Grams(quantity), default, bid.Arrives,
                    bid.Sigma));
            }

            Bid? loser = Best(cycle, request, sheets, [.. winners, .. given])?.Bid;
            asks[request.Bounty] = loser?.PricePerLot ?? Credits.Zero;
            Credits price = loser?.PricePerLot ?? request.Reserve;
            winners.AddRange(given.Select(winner => winner with { PricePerLot = price }));
        }

        return new ClearingResult([.. winners], [.. requests.Select(request => asks[request.Bounty])]);
    }

    private static (NodeId Node, Bid Bid)? Best(
        CycleNumber cycle, Request request, SortedDictionary<NodeId, BidSheet> sheets, List<Winner> winners)
    {
        (NodeId Node, Bid Bid)? best = null;
        foreach ((NodeId node, BidSheet sheet) in sheets)
        {
            Bid? bid = sheet.Bids.FirstOrDefault(b => b.Bounty == request.Bounty
                && b.Reason == NoBidReason.None);
            if (bid is null
                || bid.PricePerLot > request.Reserve
                || bid.Arrives > request.Deadline
                || winners.Any(winner => winner.Node == node))
            {
                continue;
            }

            if (best is not var (other, standing)
                || bid.PricePerLot < standing.PricePerLot
                || (bid.PricePerLot == standing.PricePerLot
                    && Rank(cycle, request, node) < Rank(cycle, request, other)))
            {
                best = (node, bid);
            }
        }

        return best;
    }

    private static ulong Rank(CycleNumber cycle, Request request, NodeId node) =>
        StableHash.Of(request.Bounty.Value, node.Value, cycle.Value);
}
