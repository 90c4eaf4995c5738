using System.Numerics;
using CsCheck;
using Hanse.Core.Decisions;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Decisions;

/// <summary>What the built-in pricing asks, and what is made of what any pricing says.</summary>
public sealed class PricingTests
{
    private static readonly Gen<PricingInput> _inputs =
        from quantity in Gen.Long[1, 20_000_000]
        from lot in Gen.Long[1, 20_000_000]
        from propellant in Gen.Long[0, 50_000_000]
        from tonne in Gen.Long[0, 10_000_000]
        from worn in Gen.Int[0, HazardLaw.WearMax]
        from wear in Gen.Int[0, HazardLaw.WearMax]
        from spares in Gen.Long[0, 1_000_000_000]
        from minutes in Gen.Long[0, 1_000_000]
        from hour in Gen.Long[0, 1_000_000]
        from shape in Gen.Int[0, HazardLaw.ShapeMax]
        from scale in Gen.Int[10_000, 2_000_000]
        from machine in Gen.Long[0, 100_000_000_000]
        from margin in Gen.Int[0, 500_000]
        from toll in Gen.Long[0, 100_000_000]
        from worth in Gen.Long[0, 1_000_000]
        select new PricingInput
        {
            Quantity = new Grams(quantity),
            Lot = new Grams(lot),
            Propellant = new Grams(propellant),
            PropellantPerTonne = new Credits(tonne),
            WearBefore = new PartsPerMillion(worn),
            Wear = new PartsPerMillion(wear),
            SparesPerLife = new Credits(spares),
            Minutes = minutes,
            HourlyCost = new Credits(hour),
            HourlyWorth = new Credits(worth),
            Toll = new Credits(toll),
            Hazard = new HazardLaw(shape, new PartsPerMillion(scale), new Credits(machine)),
            Margin = new PartsPerMillion(margin),
        };

    // The same in whole numbers without limits, part by part as the page on pricing has it.
    [Fact]
    public void The_built_in_pricing_is_the_published_formula() => _inputs.Sample(input =>
    {
        BigInteger fuel = (BigInteger)input.PropellantPerTonne.Micro * input.Propellant.Value / 1_000_000;
        BigInteger wear = (BigInteger)input.SparesPerLife.Micro * input.Wear.Value / 1_000_000;
        BigInteger time = (BigInteger)input.HourlyCost.Micro * input.Minutes / 60;
        int after = System.Math.Min(HazardLaw.WearMax, input.WearBefore.Value + input.Wear.Value);
        BigInteger losses = Losses(input.Hazard, after) - Losses(input.Hazard, input.WearBefore.Value);
        BigInteger danger = BigInteger.Min(losses, 1_000_000_000_000) * input.Hazard.Replacement.Micro
            / 1_000_000_000_000;
        BigInteger cost = fuel + wear + (input.Hazard.Shape == 0 ? 0 : danger) + time + input.Toll.Micro;
        BigInteger worth = (BigInteger)input.HourlyWorth.Micro * input.Minutes / 60;
        BigInteger asked = cost + (cost * input.Margin.Value / 1_000_000) + worth;
        BigInteger perLot = ((asked * input.Lot.Value) + input.Quantity.Value - 1) / input.Quantity.Value;
        PricingAnswer answer = BuiltInPricing.Instance.Price(input)!.Value;
        Assert.Equal(cost, answer.Cost.Micro);
        Assert.Equal(BigInteger.Min(perLot, Credits.MicroMax + 1), answer.PricePerLot.Micro);
    });

    [Fact]
    public void A_worn_machine_asks_more_and_the_danger_of_two_trips_is_that_of_both()
    {
        var law = new HazardLaw(3, new PartsPerMillion(500_000), Credits.FromWhole(40));
        Credits young = law.Cost(new PartsPerMillion(0), new PartsPerMillion(50_000));
        Credits old = law.Cost(new PartsPerMillion(250_000), new PartsPerMillion(300_000));
        Assert.Equal(40_000, young.Micro); // 40 x 0.1^3.
        Assert.Equal(3_640_000, old.Micro); // 40 x (0.6^3 - 0.5^3).
        Credits both = law.Cost(new PartsPerMillion(50_000), new PartsPerMillion(300_000))
            + law.Cost(new PartsPerMillion(0), new PartsPerMillion(50_000));
        Assert.Equal(law.Cost(new PartsPerMillion(0), new PartsPerMillion(300_000)), both);
    }

    [Fact]
    public void Danger_is_never_below_nothing_nor_above_a_machine()
    {
        var law = new HazardLaw(4, new PartsPerMillion(10_000), new Credits(Credits.MicroMax));
        Assert.Equal(Credits.Zero, law.Cost(new PartsPerMillion(300_000), new PartsPerMillion(100_000)));
        Assert.Equal(law.Replacement, law.Cost(new PartsPerMillion(0), new PartsPerMillion(int.MaxValue)));
        Assert.Equal(
            Credits.Zero, HazardLaw.None.Cost(new PartsPerMillion(0), new PartsPerMillion(1_000_000)));
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, -1)]
    [InlineData(Credits.MicroMax + 1, 5)]
    [InlineData(long.MinValue, long.MinValue)]
    public void What_no_offer_can_be_is_no_answer(long cost, long perLot) => _inputs.Sample(input =>
        Assert.Null(PricingGuard.Ask(new Fixed(new PricingAnswer(new Credits(cost), new Credits(perLot))),
            input)), iter: 1);

    [Fact]
    public void What_abstains_abstains() => _inputs.Sample(
        input => Assert.Null(PricingGuard.Ask(new Fixed(null), input)), iter: 1);

    private static BigInteger Losses(HazardLaw law, int wear)
    {
        BigInteger losses = 1_000_000_000_000;
        for (int i = 0; i < law.Shape; i++)
        {
            losses = losses * wear / law.Scale.Value;
        }

        return losses;
    }

    private sealed class Fixed(PricingAnswer? answer) : IPricing
    {
        public PricingAnswer? Price(in PricingInput input) => answer;
    }
}
