using Hanse.Core.Decisions;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>What trips take a node, by what it has learnt of itself.</summary>
/// <param name="Spec">The node.</param>
/// <param name="Known">What it has learnt.</param>
/// <param name="Worn">Its wear, as it shows.</param>
/// <param name="Crowds">What is posted of crowds.</param>
/// <param name="HourWorth">What an hour of it is posted to be worth.</param>
internal sealed record Costing(
    NodeSpec Spec, Experience Known, PartsPerMillion Worn, CrowdView Crowds, Credits HourWorth)
{
    /// <summary>What a pricing may know of a trip.</summary>
    /// <param name="trip">The trip.</param>
    /// <param name="from">Since when its time counts.</param>
    /// <param name="lot">The lot that the price refers to.</param>
    public PricingInput Input(Itinerary trip, Instant from, Grams lot) => new()
    {
        Quantity = trip.Quantity,
        Lot = lot,
        Propellant = trip.Propellant,
        PropellantPerTonne = Spec.Rules.PropellantPerTonne,
        WearBefore = Worn,
        Wear = Known.Wear(trip.Wear(Spec.Design)),
        SparesPerLife = Spec.Rules.SparesPerLife,
        Minutes = (trip.Unloaded - from).TotalMinutesWhole(),
        HourlyCost = Spec.Rules.HourlyCost,
        HourlyWorth = HourWorth,
        Toll = Crowds.Toll(trip.Depot, trip.ArrivesDepot, Spec.Design.UnloadTime(trip.CargoBack))
            + (trip.Kind != WorkKind.Deliver ? Credits.Zero
                : Crowds.Toll(
                    trip.Site, trip.ComesToSite(Spec.Chart), trip.Extracted - trip.ArrivesSite)),
        Hazard = Spec.Design.Hazard,
        Margin = Spec.Rules.Margin,
    };

    /// <summary>What it costs, by the built-in rule, and what its hours are worth: which way to go is no
    /// affair of a pricing.</summary>
    public Credits Cost(Itinerary trip, Instant from)
    {
        PricingInput input = Input(trip, from, trip.Quantity);
        return BuiltInPricing.Cost(input) + input.Worth;
    }
}
