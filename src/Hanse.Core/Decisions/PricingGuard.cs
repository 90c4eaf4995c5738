using Hanse.Core.Units;

namespace Hanse.Core.Decisions;

/// <summary>Checks what a pricing says before it becomes an offer.</summary>
/// <remarks>A pricing may be wrong, or lie: that is between the node and its hub, which ranks it by what its
/// work turns out to cost. What cannot be an offer at all is taken for no answer.</remarks>
public static class PricingGuard
{
    /// <summary>The answer of a pricing, or null when it abstains or says what no offer can: an amount below
    /// zero, or a cost above what can be paid.</summary>
    public static PricingAnswer? Ask(IPricing pricing, in PricingInput input) =>
        pricing.Price(input) is { } answer && IsOffer(answer) ? answer : null;

    /// <summary>Whether an offer can be of it.</summary>
    public static bool IsOffer(PricingAnswer answer) =>
        answer.Cost >= Credits.Zero && answer.Cost.Micro <= Credits.MicroMax
        && answer.PricePerLot >= Credits.Zero;

    /// <summary>Whether an answer is one that a node may act on that nobody can reach: what it has to buy for
    /// the trip is paid for, and what it asks is at most what stands for more than anybody pays
    /// (<see cref="Credits.PerLot"/>).</summary>
    /// <remarks>Danger, hours and margin are a matter of opinion, and of what an order allows; propellant and
    /// spares are bills. A node that works below them pays to work, on every trip until somebody hears of
    /// it.</remarks>
    public static bool IsSafe(in PricingInput input, PricingAnswer answer) =>
        IsOffer(answer) && answer.PricePerLot.Micro <= Credits.MicroMax + 1
        && answer.PricePerLot >= BuiltInPricing.Outlay(input).PerLot(input.Quantity, input.Lot);
}
