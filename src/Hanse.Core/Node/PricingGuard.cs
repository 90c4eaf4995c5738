using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>Checks what a pricing says before it becomes an offer.</summary>
/// <remarks>A pricing may be wrong, or lie: that is between the node and its hub, which ranks it by what its
/// work turns out to cost. What cannot be an offer at all is taken for no answer.</remarks>
public static class PricingGuard
{
    /// <summary>The answer of a pricing, or null when it abstains or says what no offer can: an amount below
    /// zero, or a cost above what can be paid.</summary>
    public static PricingAnswer? Ask(IPricing pricing, in PricingInput input) =>
        pricing.Price(input) is { } answer
        && answer.Cost >= Credits.Zero && answer.Cost.Micro <= Credits.MicroMax
        && answer.PricePerLot >= Credits.Zero
            ? answer : null;
}
