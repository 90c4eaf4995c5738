using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>Lots of a demand: what this region would take of it, and what it gives back.</content>
/// <remarks>
/// Lots are a bounty like any other, but for this: between two batches, when nothing is asked for, whole lots
/// that nobody holds may go back. They go when they are called back; when nobody has offered for
/// <see cref="UnwantedMax"/> batches and the reserve has risen to all of their worth; and when the region's
/// authority is over. What is under contract stays, and so does what is less than a lot. That nobody offers
/// because everybody is at work is no reason to keep them: others may have time.
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>Batches in a row without an offer after which lots go back.</summary>
    public const int UnwantedMax = 4;

    private readonly SupplyBook _supply = new();

    // The last recall of lots, and whether it waits for the batch to be opened (its lots) or was carried out
    // (zero).
    private readonly SortedDictionary<BountyId, (Epoch Epoch, int Lots)> _recalls = [];

    /// <summary>Lots are called back: what of them nobody holds, up to so many, goes when the batch is
    /// opened. A recall that came before, or of lots that are not here, does nothing.</summary>
    public void Recall(BountyId bounty, Epoch epoch, int lots)
    {
        if (bounty.IsLots && _bounties.ContainsKey(bounty)
            && epoch.CompareTo(_recalls.GetValueOrDefault(bounty).Epoch) > 0)
        {
            _record(new MarketFact.Recalled(bounty, epoch, lots));
        }
    }

    /// <summary>What the region would bring of each demand that a sounding asks about.</summary>
    /// <param name="now">Now; whole second.</param>
    /// <param name="sounding">The question.</param>
    /// <param name="isThere">Whether a node can be counted on.</param>
    /// <param name="nodes">How many can.</param>
    public SupplyTold Tell(Instant now, Sounding sounding, Func<NodeId, bool> isThere, int nodes)
    {
        Instant FreeFrom(NodeId node) => IsWindingDown || !isThere(node) ? Instant.Never
            : _held.TryGetValue(node, out ContractId held) ? Instant.Max(now, _contracts[held].Due) : now;
        var curves = ImmutableArray.CreateBuilder<SupplyCurve>(sounding.Inquiries.Length);
        Instant last = Instant.Epoch;
        foreach (Inquiry inquiry in sounding.Inquiries)
        {
            last = Instant.Max(last, inquiry.Deadline);
            (Grams spoken, Grams held) = Work(inquiry);
            curves.Add(new SupplyCurve(inquiry.Demand, held, _supply.Curve(now, inquiry, FreeFrom, spoken)));
        }

        Grams capacity = IsWindingDown ? Grams.Zero
            : _supply.Capacity(now, last, FreeFrom, nodes);
        return new SupplyTold(
            sounding.Number, now, Grams.Max(Grams.Zero, capacity - OpenOfOthers()), curves.ToImmutable());
    }

    // What others than demands leave open of a commodity; and what is held of a demand's lots.
    private (Grams Spoken, Grams Held) Work(Inquiry inquiry)
    {
        (Int128 spoken, Int128 held) = (0, 0);
        foreach (OpenBounty bounty in _bounties.Values)
        {
            if (!bounty.Bounty.Id.IsLots)
            {
                spoken += bounty.Bounty.Commodity == inquiry.Commodity
                    && bounty.Bounty.Kind == WorkKind.Deliver ? bounty.Open.Value : 0;
            }
            else if (bounty.Bounty.Id.Demand == inquiry.Demand)
            {
                held += bounty.Delivered.Value + bounty.UnderContract.Value;
            }
        }

        return (Bound(spoken), Bound(held));
    }

    private Grams OpenOfOthers()
    {
        Int128 open = 0;
        foreach (OpenBounty bounty in _bounties.Values)
        {
            open += bounty.Bounty.Id.IsLots || bounty.Bounty.Kind == WorkKind.Survey ? 0 : bounty.Open.Value;
        }

        return Bound(open);
    }

    private static Grams Bound(Int128 grams) => new((long)Int128.Min(grams, Grams.ValueMax));

    private void GiveBack(Instant now)
    {
        foreach (OpenBounty bounty in (OpenBounty[])[.. _bounties.Values])
        {
            if (bounty.Bounty.Id.IsLots && now < bounty.Bounty.Deadline
                && Surplus(bounty) is var (lots, reason) && lots > 0)
            {
                var quantity = new Grams(lots * bounty.Bounty.Lot.Value);
                _record(new MarketFact.LotsTaken(
                    bounty.Bounty.Id, quantity,
                    bounty.Bounty.ValuePerLot.ForPart(quantity, bounty.Bounty.Lot), bounty.LowestAsk,
                    reason));
            }
        }
    }

    private (long Lots, LotsReason Reason) Surplus(OpenBounty bounty)
    {
        long open = bounty.Open.Value / bounty.Bounty.Lot.Value;
        int at = Requests.Find(bounty.Bounty.Id);
        bool isUnwanted = bounty.Unwanted >= UnwantedMax
            && at >= 0 && Requests[at].Reserve == bounty.Bounty.ValuePerLot;
        int recalled = _recalls.GetValueOrDefault(bounty.Bounty.Id).Lots;
        return IsWindingDown ? (open, LotsReason.WindingDown)
            : isUnwanted
                ? (open, bounty.LowestAsk > bounty.Bounty.ValuePerLot
                    ? LotsReason.TooDear : LotsReason.NoOffer)
            : (Math.Min(open, recalled), LotsReason.Recalled);
    }

    private void Apply(MarketFact.LotsTaken taken)
    {
        OpenBounty bounty = _bounties[taken.Bounty];
        Invariant.Holds(taken.Quantity > Grams.Zero && taken.Quantity <= bounty.Open);
        (Epoch epoch, _) = _recalls.GetValueOrDefault(taken.Bounty);
        _recalls[taken.Bounty] = (epoch, 0);
        if (taken.Quantity == bounty.Bounty.Total)
        {
            Invariant.Holds(bounty.Contracts == 0 && bounty.Paid == Credits.Zero);
            Close(taken.Bounty);
            return;
        }

        Bounty fewer = bounty.Bounty with { Total = bounty.Bounty.Total - taken.Quantity };
        _bounties[taken.Bounty] = bounty with { Bounty = fewer };
        _ = _perhapsOver.Add(taken.Bounty);
    }

    private void Close(BountyId bounty)
    {
        _ = _bounties.Remove(bounty);
        _ = _perhapsOver.Remove(bounty);
        _ = _recalls.Remove(bounty);
        foreach (ContractId parts in (ContractId[])[.. _partsOut.Keys])
        {
            if (_contracts[parts].Winner.Bounty == bounty)
            {
                _ = _partsOut.Remove(parts); // Nobody counts on them any more.
            }
        }
    }
}
