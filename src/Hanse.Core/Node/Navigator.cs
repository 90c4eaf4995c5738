using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>An itinerary and what it costs.</summary>
internal sealed record Trip(Itinerary Itinerary, Credits Cost);

/// <summary>Turns a request into an itinerary, if there is one that closes before the deadline.</summary>
/// <remarks>
/// Every site that yields the commodity is tried; of those that can be reached, worked and left in time with
/// the propellant aboard, the cheapest is taken. Propellant is load-dependent: the way back carries the
/// cargo, the way out carries the propellant for the way back. Cost of a call: the number of sites.
/// </remarks>
internal static class Navigator
{
    /// <summary>Waiting for a berth, as a rule of thumb of the node's.</summary>
    public static readonly TimeSpan BerthWait = TimeSpan.FromHours(2);

    /// <summary>The rock may be poorer than its assay, and a departure window missed costs a whole period; so
    /// the way back is planned for an extraction that takes this much longer, about one and a half sigma of
    /// an assay.</summary>
    private static readonly PartsPerMillion _assayMargin = PartsPerMillion.FromPercent(15);

    /// <summary>Grades under one part in a thousand are not worth a trip.</summary>
    private const int GradeMin = 1_000;

    /// <summary>Every way to deliver a quantity, one a site, the cheapest first; deadline and propellant
    /// aside.</summary>
    public static List<Trip> Trips(
        Costing costing,
        Place at,
        Instant start,
        Commodity commodity,
        DepotId depot,
        Grams quantity,
        WorkKind kind = WorkKind.Deliver,
        SiteId only = default)
    {
        (NodeSpec spec, Experience known, _) = costing;
        var trips = new List<Trip>();
        void Try(SiteId site, PartsPerMillion grade)
        {
            if (Through(spec, known, at, start, commodity, depot, quantity, kind, site, grade)
                is { } itinerary)
            {
                trips.Add(new Trip(itinerary, costing.Cost(itinerary, start)));
            }
        }

        if (kind == WorkKind.Repair && only == default)
        {
            Try(default, default); // The patient lies at the depot.
            return trips;
        }

        foreach (ChartSite site in spec.Chart.Sites)
        {
            if ((only == default || only == site.Site)
                && (kind != WorkKind.Deliver || site.Grade(commodity).Value >= GradeMin))
            {
                Try(site.Site, site.Grade(commodity));
            }
        }

        // Sites of equal cost in the order of the chart.
        trips.Sort((a, b) =>
            a.Cost != b.Cost ? a.Cost.CompareTo(b.Cost) : a.Itinerary.Site.CompareTo(b.Itinerary.Site));
        return trips;
    }

    /// <summary>The cheapest of the trips that closes before a deadline with the propellant aboard, or why
    /// there is none.</summary>
    public static Trip? Choose(
        List<Trip> trips, Instant deadline, Grams propellant, MachineDesign design, out NoBidReason reason)
    {
        reason = NoBidReason.NoCapability;
        foreach (Trip trip in trips)
        {
            if (trip.Itinerary.Unloaded > deadline)
            {
                reason = Worse(reason, NoBidReason.NoTime);
            }
            else if (trip.Itinerary.Propellant + design.PropellantReserve > propellant)
            {
                reason = Worse(reason, NoBidReason.NoPropellant);
            }
            else
            {
                reason = NoBidReason.None;
                return trip;
            }
        }

        return null;
    }

    /// <summary>The cheapest itinerary for the whole quantity of a request, or null.</summary>
    public static Itinerary? Find(
        Costing costing, Place at, Instant start, Request request, Grams propellant) =>
        Choose(
            Trips(
                costing, at, start, request.Commodity, request.Depot, request.Open, request.Kind,
                request.Site),
            request.Deadline,
            propellant,
            costing.Spec.Design,
            out _)?.Itinerary;

    /// <summary>The rest of a delivery from the beginning of a stage, when that stage begins now.</summary>
    public static Itinerary Continue(
        NodeSpec spec, Experience known, Itinerary begun, ContractStage stage, Instant now)
    {
        ChartLeg back = begun.BackLeg(spec.Chart);
        Instant start = now.CeilingSecond;
        Itinerary rest = begun with { From = stage };
        Instant ready = start;
        if (stage == ContractStage.Outbound)
        {
            ChartLeg outward = begun.OutLeg(spec.Chart);
            rest = rest with { DepartsOut = outward.NextDeparture(start).CeilingSecond };
            start = (rest.DepartsOut + outward.Duration).CeilingSecond;
        }

        if (stage <= ContractStage.Extracting)
        {
            PartsPerMillion assay = spec.Chart.Grade(begun.Site, begun.Commodity);
            TimeSpan work = WorkTime(
                spec, known, begun.Kind, begun.Site, begun.Commodity, assay, begun.Quantity);
            rest = rest with { ArrivesSite = start, Extracted = (start + work).CeilingSecond };
            ready = rest.Extracted + Margin(begun.Kind, work);
        }

        if (stage == ContractStage.Inbound)
        {
            rest = rest with { Extracted = start };
        }

        if (stage <= ContractStage.Inbound)
        {
            Instant departs = back.NextDeparture(ready).CeilingSecond;
            rest =
                rest with { DepartsBack = departs, ArrivesDepot = (departs + back.Duration).CeilingSecond };
        }
        else
        {
            rest = rest with { ArrivesDepot = start };
        }

        return rest with
        {
            Unloaded = (rest.ArrivesDepot + BerthWait
                + spec.Design.UnloadTime(CargoBack(begun.Kind, begun.Quantity))).CeilingSecond,
        };
    }

    // How long the node is busy at the site.
    private static TimeSpan WorkTime(
        NodeSpec spec, Experience known, WorkKind kind, SiteId site, Commodity commodity,
        PartsPerMillion assay, Grams quantity) => kind switch
        {
            WorkKind.Survey => spec.Rules.Work.SurveyTime,
            WorkKind.Build => spec.Rules.Work.BuildTime(quantity),
            WorkKind.Repair => spec.Rules.Work.RepairTime,
            _ => spec.Design.ExtractionTime(quantity, known.Grade(site, commodity, assay)),
        };

    private static Grams CargoOut(WorkKind kind, Grams quantity) =>
        WorkFields.TakesParts(kind, quantity) ? quantity : Grams.Zero;

    // Parts are taken aboard before it leaves, as fast as cargo is unloaded.
    private static TimeSpan LoadTime(NodeSpec spec, WorkKind kind, Grams quantity) =>
        WorkFields.TakesParts(kind, quantity) ? spec.Design.UnloadTime(quantity) : TimeSpan.Zero;

    private static Grams CargoBack(WorkKind kind, Grams quantity) =>
        kind == WorkKind.Deliver ? quantity : Grams.Zero;

    private static TimeSpan Margin(WorkKind kind, TimeSpan extraction) =>
        kind != WorkKind.Deliver ? TimeSpan.Zero
        : TimeSpan.FromSeconds(extraction.Ticks / TimeSpan.TicksPerSecond * _assayMargin.Value / 1_000_000);

    private static Itinerary? Through(
        NodeSpec spec,
        Experience known,
        Place at,
        Instant start,
        Commodity commodity,
        DepotId depot,
        Grams quantity,
        WorkKind kind,
        SiteId site,
        PartsPerMillion grade)
    {
        Place workplace = site == default ? Place.Of(depot) : Place.Of(site);
        ChartLeg? outward = spec.Chart.Leg(at, workplace);
        ChartLeg? back = spec.Chart.Leg(workplace, Place.Of(depot));
        bool takesParts = WorkFields.TakesParts(kind, quantity);
        if (outward is null || back is null || (takesParts && at != Place.Of(depot)))
        {
            return null;
        }

        MachineDesign design = spec.Design;
        Instant departsOut =
            outward.NextDeparture(start + LoadTime(spec, kind, quantity)).CeilingSecond;
        Instant arrivesSite = (departsOut + outward.Duration).CeilingSecond;
        TimeSpan extraction = WorkTime(spec, known, kind, site, commodity, grade, quantity);
        Instant extracted = (arrivesSite + extraction).CeilingSecond;
        Instant departsBack = back.NextDeparture(extracted + Margin(kind, extraction)).CeilingSecond;
        Instant arrivesDepot = (departsBack + back.Duration).CeilingSecond;
        Grams cargo = CargoBack(kind, quantity);
        Grams home =
            back.Cost.PropellantFor(design.DryMass + cargo + design.PropellantReserve, design.Exhaust);
        Grams there =
            outward.Cost.PropellantFor(
                design.DryMass + CargoOut(kind, quantity) + design.PropellantReserve + home, design.Exhaust);
        return new Itinerary
        {
            Site = site,
            Origin = new DepotId(at.Number),
            Depot = depot,
            Commodity = commodity,
            Kind = kind,
            Quantity = quantity,
            From = ContractStage.Outbound,
            DepartsOut = departsOut,
            ArrivesSite = arrivesSite,
            Extracted = extracted,
            DepartsBack = departsBack,
            ArrivesDepot = arrivesDepot,
            Unloaded = (arrivesDepot + BerthWait + design.UnloadTime(cargo)).CeilingSecond,
            PropellantOut = there,
            PropellantBack = home,
        };
    }

    // Of several reasons the one that came closest to a bid is told.
    private static NoBidReason Worse(NoBidReason known, NoBidReason found) =>
        known is NoBidReason.NoCapability || found is NoBidReason.NoPropellant ? found : known;
}
