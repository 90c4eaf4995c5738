using System;
using Hanse.Core.Units;

namespace Hanse.Core.Decisions;

/// <summary>The built-in pricing.</summary>
/// <remarks>
/// Cost is propellant at the depot's price, wear as its share of a whole machine's spares, the danger of
/// losing the machine to wear, time, and the tolls of berth and face; the margin on top is about one sigma
/// of the node's own error, against the winner's curse. Its cost, its margin and what its hours are posted to
/// be worth are what it asks: it is paid the clearing price, so a higher bid can only lose it the work. There
/// is no margin on the worth, of which it cannot err. Integers throughout; a WebAssembly pricing skill must
/// give the same bits.
/// </remarks>
public sealed class BuiltInPricing : IPricing
{
    private BuiltInPricing()
    {
    }

    /// <summary>The one there is: it has no state.</summary>
    public static BuiltInPricing Instance { get; } = new();

    /// <inheritdoc/>
    public PricingAnswer? Price(in PricingInput input)
    {
        Credits cost = Cost(input);
        Credits margin = new((long)((Int128)cost.Micro * input.Margin.Value / 1_000_000));
        return new PricingAnswer(cost, (cost + margin + input.Worth).PerLot(input.Quantity, input.Lot));
    }

    /// <summary>What the node has to buy for the trip, whatever its hours and its life are worth: propellant
    /// and spares.</summary>
    public static Credits Outlay(in PricingInput input)
    {
        Credits fuel = input.PropellantPerTonne.ForPart(input.Propellant, Grams.FromTonnes(1));
        return fuel + new Credits((long)((Int128)input.SparesPerLife.Micro * input.Wear.Value / 1_000_000));
    }

    /// <summary>What the trip costs.</summary>
    public static Credits Cost(in PricingInput input)
    {
        long after = (long)input.WearBefore.Value + input.Wear.Value;
        Credits danger = input.Hazard.Cost(
            input.WearBefore, new PartsPerMillion((int)Math.Min(HazardLaw.WearMax, after)));
        var time = new Credits(input.HourlyCost.Micro * input.Minutes / 60);
        return Outlay(input) + danger + time + input.Toll;
    }
}
