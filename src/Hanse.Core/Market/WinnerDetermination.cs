using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>One winner of a batch.</summary>
/// <param name="Bounty">The bounty.</param>
/// <param name="Node">The winner.</param>
/// <param name="Quantity">What it was given: its offer, or what was left.</param>
/// <param name="PricePerLot">The clearing price: the same for every winner of the bounty.</param>
/// <param name="Arrives">When it said it would be unloaded.</param>
/// <param name="Sigma">One standard deviation of that.</param>
public sealed record Winner(
    BountyId Bounty, NodeId Node, Grams Quantity, Credits PricePerLot, Instant Arrives, TimeSpan Sigma)
    : IShaped<Winner>
{
    /// <inheritdoc/>
    public static Winner Shape<TCodec>(ref TCodec codec, Winner? value)
        where TCodec : struct, ICodec
    {
        codec.Open("winner", 6);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits price = codec.Money("price", value?.PricePerLot ?? default);
        Instant arrives = codec.Second("arrives", value?.Arrives ?? default);
        TimeSpan sigma = codec.Duration("sigma", value?.Sigma ?? default);
        codec.Close();
        return value ?? new Winner(bounty, node, quantity, price, arrives, sigma);
    }
}

/// <summary>What a batch came to.</summary>
/// <param name="Winners">In the order of the requests, and within one by rank.</param>
/// <param name="LowestAsks">Per request, in their order: the lowest price offered and not taken; zero when
/// all offers were taken or there were none.</param>
public sealed record ClearingResult(ImmutableArray<Winner> Winners, ImmutableArray<Credits> LowestAsks);

/// <summary>Winner determination for one sealed batch: a pure function of the batch.</summary>
/// <remarks>
/// Requests are taken by deadline, then by bounty. Of each, the lowest prices win until the open quantity is
/// covered; equal prices are ranked by hash(bounty, node, cycle), so that no node is favoured for its name
/// and every replica ranks alike. Every winner is paid the clearing price: the first price that did not win,
/// or the reserve when nobody was turned away. So a bid decides whether a node wins, and not what it is paid
/// (uniform price; Krishna, Auction Theory, chapter 12), up to the last winner, whose quantity may be cut.
/// A node wins at most once in a batch. No floating point.
/// <para>
/// Absent so far: requests compete for the same nodes one after the other and not at once, which loses 12 to
/// 13 % of a batch's surplus when nodes are scarce. Clearing all at once with reserves that do not rise
/// towards the deadline fills fewer bounties in the end, since what is urgent is then worth no more than what
/// is not.
/// </para>
/// </remarks>
public static class WinnerDetermination
{
    /// <summary>Opens a batch.</summary>
    /// <param name="cycle">The cycle; part of the tie-break.</param>
    /// <param name="requests">What was asked.</param>
    /// <param name="sheets">The sealed answers, one a node. Offers above the reserve, after the deadline or
    /// on no request of the batch are passed over.</param>
    /// <returns>Winners and lowest asks. Cost: O(offers log offers).</returns>
    public static ClearingResult Run(
        CycleNumber cycle,
        ImmutableArray<Request> requests,
        SortedDictionary<NodeId, BidSheet> sheets)
    {
        var offers = new SortedDictionary<BountyId, List<Offer>>();
        foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
        {
            foreach (Bid bid in sheet.Value.Bids)
            {
                if (bid.Reason == NoBidReason.None)
                {
                    if (!offers.TryGetValue(bid.Bounty, out List<Offer>? list))
                    {
                        offers[bid.Bounty] = list = [];
                    }

                    ulong tie = StableHash.Of(bid.Bounty.Value, sheet.Key.Value, cycle.Value);
                    list.Add(new Offer(sheet.Key, bid, tie));
                }
            }
        }

        var taken = new Lookup<NodeId, bool>();
        var winners = ImmutableArray.CreateBuilder<Winner>();
        var asks = new Credits[requests.Length];
        foreach (int index in ByUrgency(requests))
        {
            Request request = requests[index];
            if (offers.TryGetValue(request.Bounty, out List<Offer>? list))
            {
                list.Sort();
                asks[index] = Award(request, list, taken, winners);
            }
        }

        return new ClearingResult(winners.ToImmutable(), [.. asks]);
    }

    private static Credits Award(
        Request request, List<Offer> ranked, Lookup<NodeId, bool> taken,
            ImmutableArray<Winner>.Builder winners)
    {
        Grams left = request.Open;
        var chosen = new List<(Offer Offer, Grams Quantity)>();
        Credits? lowestLoser = null;
        foreach (Offer offer in ranked)
        {
            if (offer.Bid.PricePerLot > request.Reserve
                || offer.Bid.Arrives > request.Deadline
                || taken.Contains(offer.Node))
            {
                continue;
            }

            if (left == Grams.Zero)
            {
                lowestLoser = offer.Bid.PricePerLot;
                break;
            }

            Grams quantity = Grams.Min(left, offer.Bid.Quantity);
            left -= quantity;
            taken[offer.Node] = true;
            chosen.Add((offer, quantity));
        }

        Credits price = lowestLoser ?? request.Reserve;
        foreach ((Offer offer, Grams quantity) in chosen)
        {
            Invariant.Holds(price >= offer.Bid.PricePerLot && price <= request.Reserve);
            winners.Add(
                new Winner(request.Bounty, offer.Node, quantity, price, offer.Bid.Arrives, offer.Bid.Sigma));
        }

        return lowestLoser ?? Credits.Zero;
    }

    private static List<int> ByUrgency(ImmutableArray<Request> requests)
    {
        var order = new List<int>(requests.Length);
        for (int i = 0; i < requests.Length; i++)
        {
            order.Add(i);
        }

        order.Sort((a, b) =>
        {
            int byDeadline = requests[a].Deadline.CompareTo(requests[b].Deadline);
            return byDeadline != 0 ? byDeadline : requests[a].Bounty.CompareTo(requests[b].Bounty);
        });
        return order;
    }

    private sealed record Offer(NodeId Node, Bid Bid, ulong Tie) : IComparable<Offer>
    {
        public int CompareTo(Offer? other)
        {
            Invariant.Holds(other is not null);
            int byPrice = Bid.PricePerLot.CompareTo(other.Bid.PricePerLot);
            int byTie = byPrice != 0 ? byPrice : Tie.CompareTo(other.Tie);
            return byTie != 0 ? byTie : Node.CompareTo(other.Node);
        }
    }
}
