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
    /// <summary>The rock may be poorer than its assay, and a departure window missed costs a whole period; so
    /// the way back is planned for an extraction that takes this much longer, about one and a half sigma of
    /// an assay.</summary>
    private static readonly PartsPerMillion _assayMargin = PartsPerMillion.FromPercent(15);

    /// <summary>Grades under one part in a thousand are not worth a trip.</summary>
    private const int GradeMin = 1_000;

    /// <summary>Every way to do so much of a request, the cheapest first: one a site, where its berth is
    /// crowded then, one a departure later, and where the site is, one that leaves for it a departure later;
    /// deadline and propellant aside.</summary>
    public static List<Trip> Trips(
        Costing costing, Place at, Instant start, Request work, Grams quantity)
    {
        NodeSpec spec = costing.Spec;
        var trips = new List<Trip>();
        if (work.Kind == WorkKind.Transport)
        {
            Add(Place.Of(work.From), default);
        }
        else if (work.Kind == WorkKind.Repair && work.Site == default)
        {
            Add(Place.Of(work.Depot), default); // The patient lies at the depot.
        }

        foreach (ChartSite site in spec.Chart.Sites)
        {
            if (work.Kind != WorkKind.Transport
                && (work.Site == site.Site || (work.Site == default && work.Kind != WorkKind.Repair))
                && (work.Kind != WorkKind.Deliver
                    || (site.Grade(work.Commodity).Value >= GradeMin && !costing.Known.IsOver(site.Site))))
            {
                Add(Place.Of(site.Site), site.Grade(work.Commodity));
            }
        }

        // Sites of equal cost in the order of the chart.
        trips.Sort((a, b) =>
            a.Cost != b.Cost ? a.Cost.CompareTo(b.Cost)
            : a.Itinerary.Site != b.Itinerary.Site ? a.Itinerary.Site.CompareTo(b.Itinerary.Site)
            : a.Itinerary.DepartsBack != b.Itinerary.DepartsBack
                ? a.Itinerary.DepartsBack.CompareTo(b.Itinerary.DepartsBack)
            : a.Itinerary.DepartsOut.CompareTo(b.Itinerary.DepartsOut));
        return trips;

        void Add(Place via, PartsPerMillion assay)
        {
            if (Through(costing, at, start, work, quantity, via, assay, default) is not { } itinerary)
            {
                return;
            }

            trips.Add(new Trip(itinerary, costing.Cost(itinerary, start)));
            if (itinerary.Kind == WorkKind.Deliver
                && costing.Crowds.IsCrowded(itinerary.Site, itinerary.ComesToSite(spec.Chart))
                && itinerary.OutLeg(spec.Chart) is { } outward && outward.WindowPeriod > TimeSpan.Zero
                && Through(
                    costing, at,
                    outward.NextDeparture(itinerary.DepartsOut + outward.WindowLength).CeilingSecond, work,
                    quantity, via, assay, default) is { } emptier)
            {
                trips.Add(new Trip(emptier, costing.Cost(emptier, start)));
            }

            ChartLeg back = itinerary.BackLeg(spec.Chart);
            if (costing.Crowds.IsCrowded(work.Depot, itinerary.ArrivesDepot)
                && back.WindowPeriod > TimeSpan.Zero
                && Through(
                    costing, at, start, work, quantity, via, assay,
                    back.NextDeparture(itinerary.DepartsBack + back.WindowLength).CeilingSecond) is { } later)
            {
                trips.Add(new Trip(later, costing.Cost(later, start)));
            }
        }
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
            Trips(costing, at, start, request, request.Open),
            request.Deadline,
            propellant,
            costing.Spec.Design,
            out _)?.Itinerary;

    /// <summary>The rest of a delivery from the beginning of a stage, when that stage begins now.</summary>
    public static Itinerary Continue(
        NodeSpec spec, Experience known, CrowdView crowds, Itinerary begun, ContractStage stage, Instant now)
    {
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
            start += FaceWait(crowds, begun.Kind, begun.Site, start);
            PartsPerMillion assay = spec.Chart.Grade(begun.Site, begun.Commodity);
            TimeSpan work = WorkTime(
                spec, known, crowds, begun.Kind, begun.Via, start, begun.Commodity, assay, begun.Quantity);
            rest = rest with { ArrivesSite = start, Extracted = (start + work).CeilingSecond };
            ready = rest.Extracted + Margin(begun.Kind, work);
        }

        if (stage == ContractStage.Inbound)
        {
            rest = rest with { Extracted = start };
        }

        if (stage <= ContractStage.Inbound)
        {
            ChartLeg back = begun.BackLeg(spec.Chart);
            Instant departs = back.NextDeparture(Instant.Max(ready, begun.StaysUntil)).CeilingSecond;
            rest =
                rest with { DepartsBack = departs, ArrivesDepot = (departs + back.Duration).CeilingSecond };
        }
        else
        {
            rest = rest with { ArrivesDepot = start };
        }

        return rest with
        {
            Unloaded = (rest.ArrivesDepot + crowds.Wait(rest.Depot, rest.ArrivesDepot)
                + spec.Design.UnloadTime(CargoBack(begun.Kind, begun.Quantity))).CeilingSecond,
        };
    }

    // How long it waits before it can dig.
    private static TimeSpan FaceWait(CrowdView crowds, WorkKind kind, SiteId site, Instant comes) =>
        kind == WorkKind.Deliver ? crowds.Wait(site, comes) : TimeSpan.Zero;

    // How long the node is busy at the site, or at the depot that has the goods.
    private static TimeSpan WorkTime(
        NodeSpec spec, Experience known, CrowdView crowds, WorkKind kind, Place via, Instant comes,
        Commodity commodity, PartsPerMillion assay, Grams quantity) => kind switch
        {
            WorkKind.Survey => spec.Rules.Work.SurveyTime,
            WorkKind.Build => spec.Rules.Work.BuildTime(quantity),
            WorkKind.Transport =>
                crowds.Wait(new DepotId(via.Number), comes) + spec.Design.UnloadTime(quantity),
            WorkKind.Repair => spec.Rules.Work.RepairTime,
            _ => spec.Design.ExtractionTime(
                quantity, known.Grade(new SiteId(via.Number), commodity, assay)),
        };

    /// <summary>Cargo aboard on the way out.</summary>
    public static Grams CargoOut(WorkKind kind, Grams quantity) =>
        WorkFields.TakesParts(kind, quantity) ? quantity : Grams.Zero;

    /// <summary>Cargo aboard on the way back.</summary>
    public static Grams CargoBack(WorkKind kind, Grams quantity) =>
        kind is WorkKind.Deliver or WorkKind.Transport ? quantity : Grams.Zero;

    // Parts are taken aboard before it leaves, as fast as cargo is unloaded.
    private static TimeSpan LoadTime(NodeSpec spec, WorkKind kind, Grams quantity) =>
        WorkFields.TakesParts(kind, quantity) ? spec.Design.UnloadTime(quantity) : TimeSpan.Zero;

    private static TimeSpan Margin(WorkKind kind, TimeSpan extraction) =>
        kind != WorkKind.Deliver ? TimeSpan.Zero
        : TimeSpan.FromSeconds(extraction.Ticks / TimeSpan.TicksPerSecond * _assayMargin.Value / 1_000_000);

    // Over a site; of a transport, over the depot that has the goods.
    private static Itinerary? Through(
        Costing costing,
        Place at,
        Instant start,
        Request work,
        Grams quantity,
        Place via,
        PartsPerMillion assay,
        Instant staysUntil)
    {
        (NodeSpec spec, Experience known, _, CrowdView crowds, _) = costing;
        bool isThere = work.Kind == WorkKind.Transport && at == via;
        ChartLeg? outward = isThere ? null : spec.Chart.Leg(at, via);
        ChartLeg? back = spec.Chart.Leg(via, Place.Of(work.Depot));
        bool takesParts = WorkFields.TakesParts(work.Kind, quantity);
        if ((outward is null && !isThere) || back is null
            || (takesParts && at != Place.Of(work.Depot)))
        {
            return null;
        }

        MachineDesign design = spec.Design;
        WorkKind kind = work.Kind;
        SiteId site = via.Kind == PlaceKind.Site ? new SiteId(via.Number) : default;
        Instant departsOut = outward is null ? start.CeilingSecond
            : outward.NextDeparture(start + LoadTime(spec, kind, quantity)).CeilingSecond;
        Instant arrivesSite = outward is null ? departsOut : (departsOut + outward.Duration).CeilingSecond;
        arrivesSite += FaceWait(crowds, kind, site, arrivesSite);
        TimeSpan extraction = WorkTime(
            spec, known, crowds, kind, via, arrivesSite, work.Commodity, assay, quantity);
        Instant extracted = (arrivesSite + extraction).CeilingSecond;
        Instant departsBack = back.NextDeparture(
            Instant.Max(extracted + Margin(kind, extraction), staysUntil)).CeilingSecond;
        Instant arrivesDepot = (departsBack + back.Duration).CeilingSecond;
        Grams cargo = CargoBack(kind, quantity);
        Grams home =
            back.Cost.PropellantFor(design.DryMass + cargo + design.PropellantReserve, design.Exhaust);
        Grams there = outward is null ? Grams.Zero
            : outward.Cost.PropellantFor(
                design.DryMass + CargoOut(kind, quantity) + design.PropellantReserve + home, design.Exhaust);
        return new Itinerary
        {
            Site = site,
            Source = kind == WorkKind.Transport ? new DepotId(via.Number) : default,
            Origin = new DepotId(at.Number),
            Depot = work.Depot,
            Commodity = work.Commodity,
            Kind = kind,
            Quantity = quantity,
            From = isThere ? ContractStage.Extracting : ContractStage.Outbound,
            DepartsOut = departsOut,
            ArrivesSite = arrivesSite,
            Extracted = extracted,
            StaysUntil = staysUntil,
            DepartsBack = departsBack,
            ArrivesDepot = arrivesDepot,
            Unloaded = (arrivesDepot + crowds.Wait(work.Depot, arrivesDepot)
                + design.UnloadTime(cargo)).CeilingSecond,
            PropellantOut = there,
            PropellantBack = home,
        };
    }

    // Of several reasons the one that came closest to a bid is told.
    private static NoBidReason Worse(NoBidReason known, NoBidReason found) =>
        known is NoBidReason.NoCapability || found is NoBidReason.NoPropellant ? found : known;
}
