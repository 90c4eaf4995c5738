using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>A node's answers to requests: which trips it offers, and what its pricing asks for
/// them.</summary>
internal static class Offers
{
    /// <summary>One standard deviation of an arrival: so much of the trip, for the flight and the
    /// berth.</summary>
    private const int TripDivisor = 20;

    /// <summary>And so much of the extraction, and of the wait for another departure if that takes too long;
    /// less at a site where the machine has been.</summary>
    private const int KnownDivisor = 20;
    private const int UnknownDivisor = 4;

    /// <summary>Besides a full load a node offers these parts of it, so that what is left of a bounty finds
    /// somebody, and so does what is due before a full load could be there.</summary>
    private static readonly int[] _parts = [4, 2, 1];

    /// <summary>The node's sealed answers to a cycle's requests, and where it would dig for most of
    /// each.</summary>
    /// <param name="costing">What trips take it.</param>
    /// <param name="at">Where it waits.</param>
    /// <param name="closes">When the batch is opened: from then on the node is bound, and its time
    /// costs.</param>
    /// <param name="start">The earliest instant at which it could be on its way.</param>
    /// <param name="propellant">Propellant aboard.</param>
    /// <param name="requests">What is asked.</param>
    /// <param name="pricing">What puts a price on a trip.</param>
    public static (ImmutableArray<Bid> Bids, ImmutableArray<SiteVisit> Visits) Bids(
        Costing costing,
        Place at,
        Instant closes,
        Instant start,
        Grams propellant,
        ImmutableArray<Request> requests,
        IPricing pricing)
    {
        // Most requests of a cycle ask for the same few commodities at the same depot, in full loads.
        NodeSpec spec = costing.Spec;
        var planned = new List<(Request Work, Grams Quantity, List<Trip> Trips)>();
        var bids = ImmutableArray.CreateBuilder<Bid>(requests.Length);
        var visits = ImmutableArray.CreateBuilder<SiteVisit>();
        foreach (Request request in requests)
        {
            // A report cannot be divided, nor can a repair.
            bool isWhole = WorkFields.IsWhole(request.Kind);
            Grams most = isWhole ? request.Lot : Grams.Min(request.Open, spec.Design.CargoMax);
            var steps = ImmutableArray.CreateBuilder<BidStep>(_parts.Length);
            NoBidReason reason =
                isWhole && most > request.Open ? NoBidReason.NoCapability : NoBidReason.None;
            BidStep? dear = null;
            Itinerary? largest = null;
            foreach (int part in _parts)
            {
                var quantity = new Grams(most.Value / part);
                if (quantity == Grams.Zero || (isWhole && (part > 1 || most > request.Open)))
                {
                    continue;
                }

                if (request.Kind == WorkKind.Transport && quantity <= CargoBand(spec))
                {
                    reason = NoBidReason.NoCapability; // Its sensors could not tell whether it is aboard.
                    continue;
                }

                int index = planned.FindIndex(k =>
                    k.Work.Commodity == request.Commodity && k.Work.Depot == request.Depot
                    && k.Work.Kind == request.Kind && k.Work.Site == request.Site
                    && k.Work.From == request.From && k.Quantity == quantity);
                if (index < 0)
                {
                    index = planned.Count;
                    planned.Add((
                        request, quantity, Navigator.Trips(costing, at, start, request, quantity)));
                }

                Trip? trip = Navigator.Choose(
                    planned[index].Trips, request.Deadline, propellant, spec.Design, out reason);
                BidStep? step = trip is null ? null : StepOf(costing, closes, request, trip, pricing);
                reason = trip is not null && step is null ? NoBidReason.NoPrice : reason;
                if (step is not null)
                {
                    dear = step.PricePerLot.Micro <= Credits.MicroMax ? step : dear;
                    if (step.PricePerLot <= request.Reserve)
                    {
                        steps.Add(step);
                        largest = trip!.Itinerary;
                    }
                }
            }

            bids.Add(
                steps.Count > 0 ? new Bid(request.Bounty, NoBidReason.None, steps.ToImmutable())
                : reason != NoBidReason.None ? Bid.None(request.Bounty, reason)
                : new Bid(request.Bounty, NoBidReason.NoProfit, dear is null ? [] : [dear]));
            if (largest is { Kind: WorkKind.Deliver })
            {
                visits.Add(Visit(spec, request.Bounty, largest));
            }
        }

        return (bids.MoveToImmutable(), visits.ToImmutable());
    }

    /// <summary>Where and when a trip digs.</summary>
    public static SiteVisit Visit(NodeSpec spec, BountyId bounty, Itinerary trip)
    {
        TimeSpan digs = trip.Extracted - trip.ArrivesSite;
        return new SiteVisit(
            bounty, trip.Site, trip.ComesToSite(spec.Chart),
            TimeSpan.FromTicks(Math.Clamp(
                digs.Ticks, TimeSpan.TicksPerSecond, SiteVisit.DigsMax.Ticks)));
    }

    private static Grams CargoBand(NodeSpec spec) =>
        new((long)spec.Rules.DeadBands[(int)Variable.Cargo - 1]);

    // Null when the pricing abstains.
    private static BidStep? StepOf(
        Costing costing, Instant closes, Request request, Trip trip, IPricing pricing)
    {
        Itinerary itinerary = trip.Itinerary;
        PricingInput input = costing.Input(itinerary, closes, request.Lot);
        if (PricingGuard.Ask(pricing, input) is not { } answer)
        {
            return null;
        }

        Instant arrives = itinerary.Unloaded;
        TimeSpan extraction = itinerary.Extracted - itinerary.ArrivesSite;
        TimeSpan delay = extraction + itinerary.BackLeg(costing.Spec.Chart).WindowPeriod;
        bool hasBeen = itinerary.Kind != WorkKind.Deliver // The time it takes is no matter of the rock.
            || costing.Known.Has(itinerary.Site, itinerary.Commodity);
        long doubt = ((arrives - closes).Ticks / TripDivisor)
            + (delay.Ticks / (hasBeen ? KnownDivisor : UnknownDivisor));
        TimeSpan sigma = TimeSpan.FromSeconds(doubt / TimeSpan.TicksPerSecond);
        return new BidStep(itinerary.Quantity, answer.PricePerLot, arrives, sigma);
    }
}
