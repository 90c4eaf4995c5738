using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <summary>Repairs as a batch is to see them: as loads.</summary>
/// <remarks>The engine divides nodes by mass, and holds each to the request that has most of it. A repair
/// takes all of a node for a few kilograms, or one gram: next to a load it would have nothing of anybody, and
/// its price for a tonne would be beyond all others. So while the batch is opened a repair is as large as the
/// largest load that anybody offers; prices stay those of the whole.</remarks>
internal static class WholeWork
{
    /// <summary>Whether there is any.</summary>
    public static bool IsIn(ImmutableArray<Request> requests)
    {
        bool isIn = false;
        foreach (Request request in requests)
        {
            isIn |= request.Kind == WorkKind.Repair;
        }

        return isIn;
    }

    /// <summary>The requests and sheets with repairs as loads.</summary>
    public static (ImmutableArray<Request> Requests, SortedDictionary<NodeId, BidSheet> Sheets) AsLoads(
        ImmutableArray<Request> requests, SortedDictionary<NodeId, BidSheet> sheets)
    {
        Grams load = LargestLoad(requests, sheets);
        var enlarged = ImmutableArray.CreateBuilder<Request>(requests.Length);
        foreach (Request request in requests)
        {
            bool isRepair = request.Kind == WorkKind.Repair;
            enlarged.Add(isRepair ? request with { Open = load, Lot = load } : request);
        }

        var answers = new SortedDictionary<NodeId, BidSheet>();
        foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
        {
            var bids = ImmutableArray.CreateBuilder<Bid>(sheet.Value.Bids.Length);
            foreach (Bid bid in sheet.Value.Bids)
            {
                int task = requests.Find(bid.Bounty);
                bool isRepair = task >= 0 && requests[task].Kind == WorkKind.Repair && bid.Steps.Length == 1
                    && bid.Steps[0].Quantity == requests[task].Open;
                bids.Add(isRepair ? bid with { Steps = [bid.Steps[0] with { Quantity = load }] } : bid);
            }

            answers.Add(sheet.Key, sheet.Value with { Bids = bids.MoveToImmutable() });
        }

        return (enlarged.MoveToImmutable(), answers);
    }

    /// <summary>Winners with what they really won.</summary>
    public static ImmutableArray<Winner> AsAsked(
        ImmutableArray<Winner> winners, ImmutableArray<Request> requests)
    {
        var asked = ImmutableArray.CreateBuilder<Winner>(winners.Length);
        foreach (Winner winner in winners)
        {
            Request request = requests[requests.Find(winner.Bounty)];
            asked.Add(request.Kind == WorkKind.Repair ? winner with { Quantity = request.Open } : winner);
        }

        return asked.MoveToImmutable();
    }

    // Of what is not a repair; a tonne when nothing else is asked for.
    private static Grams LargestLoad(
        ImmutableArray<Request> requests, SortedDictionary<NodeId, BidSheet> sheets)
    {
        Grams largest = Grams.Zero;
        foreach (BidSheet sheet in sheets.Values)
        {
            foreach (Bid bid in sheet.Bids)
            {
                int task = requests.Find(bid.Bounty);
                if (task >= 0 && requests[task].Kind != WorkKind.Repair && bid.Steps.Length > 0)
                {
                    largest = Grams.Max(
                        largest, Grams.Min(bid.Steps[^1].Quantity, requests[task].Open));
                }
            }
        }

        return largest > Grams.Zero ? largest : Grams.FromTonnes(1);
    }
}
