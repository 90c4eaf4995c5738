using System;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>What work would cost a machine as designed: for whoever puts a value on a bounty.</summary>
public static class Appraisal
{
    /// <summary>What a lot of a full load costs a node that waits with full tanks at the depot, that of the
    /// goods if it is a transport, margin excluded, and how long its trip takes.</summary>
    /// <returns>Null when no such machine can do it in time.</returns>
    public static (Credits PerLot, TimeSpan Time)? Of(NodeSpec spec, Instant now, Request request)
    {
        Grams quantity = request.Kind == WorkKind.Survey
            ? request.Lot : Grams.Min(request.Open, spec.Design.CargoMax);
        Trip? trip = Navigator.Choose(
            Navigator.Trips(
                new Costing(spec, new Experience(), default, default, default),
                Place.Of(request.Kind == WorkKind.Transport ? request.From : request.Depot),
                now,
                request,
                quantity),
            request.Deadline,
            spec.Design.PropellantMax,
            spec.Design,
            out _);
        return trip is null
            ? null : (trip.Cost.PerLot(quantity, request.Lot), trip.Itinerary.Unloaded - now);
    }
}
