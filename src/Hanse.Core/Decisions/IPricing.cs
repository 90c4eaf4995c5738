using System;
using Hanse.Core.Units;

namespace Hanse.Core.Decisions;

/// <summary>What a trip takes, as far as its node knows: everything a pricing may go by.</summary>
/// <remarks>Whole numbers only, so that any implementation, in any language, can give the same
/// bits.</remarks>
public readonly record struct PricingInput
{
    /// <summary>What it brings; positive.</summary>
    public required Grams Quantity { get; init; }

    /// <summary>The lot that prices refer to; positive.</summary>
    public required Grams Lot { get; init; }

    /// <summary>Propellant that it burns.</summary>
    public required Grams Propellant { get; init; }

    /// <summary>The depot's price for a tonne of it.</summary>
    public required Credits PropellantPerTonne { get; init; }

    /// <summary>Wear of the machine when it leaves, as it shows.</summary>
    public required PartsPerMillion WearBefore { get; init; }

    /// <summary>Wear that the trip causes, as this machine has learnt of itself.</summary>
    public required PartsPerMillion Wear { get; init; }

    /// <summary>The depot's price for the spares of a whole life.</summary>
    public required Credits SparesPerLife { get; init; }

    /// <summary>Whole minutes from when the node is bound until it is unloaded.</summary>
    public required long Minutes { get; init; }

    /// <summary>What an hour of it is worth.</summary>
    public required Credits HourlyCost { get; init; }

    /// <summary>What an hour of the node's time has earned of late in its region, over what its work costs:
    /// as much another trip would bring. No cost of this one, and zero where nodes are idle or nothing is
    /// posted.</summary>
    public Credits HourlyWorth { get; init; }

    /// <summary>What all of it is worth, rounded down; at most what can be paid.</summary>
    public Credits Worth => new((long)Int128.Min(
        (Int128)HourlyWorth.Micro * Math.Max(0, Minutes) / 60, Credits.MicroMax));

    /// <summary>What is posted for the berth where it is unloaded and for the face where it digs.</summary>
    public required Credits Toll { get; init; }

    /// <summary>How wear may lose the machine.</summary>
    public required HazardLaw Hazard { get; init; }

    /// <summary>The mission's margin: about one sigma of a node's own error.</summary>
    public required PartsPerMillion Margin { get; init; }
}

/// <summary>What a pricing makes of a trip.</summary>
/// <param name="Cost">What the trip costs the node.</param>
/// <param name="PricePerLot">The least it is to be done for, a lot.</param>
public readonly record struct PricingAnswer(Credits Cost, Credits PricePerLot);

/// <summary>Says what a node asks for a trip. The built-in one can be replaced, by a skill for
/// instance.</summary>
/// <remarks>
/// Only the price is its affair. Which way a node goes, whether the tanks and the time suffice, and what it
/// answers when there is no price are decided around it, and what it says is checked
/// (<see cref="PricingGuard"/>). The same input must always get the same answer. It is called once for each
/// step of each offer: up to sixty times a cycle and node.
/// </remarks>
public interface IPricing
{
    /// <summary>Prices a trip.</summary>
    /// <returns>Null to abstain: the node then answers that it has no price.</returns>
    PricingAnswer? Price(in PricingInput input);
}
