using System;
using System.Linq;
using CsCheck;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Units;

/// <summary>Money neither appears nor disappears by rounding or by overflow.</summary>
public sealed class CreditsTests
{
    private static readonly Gen<long> _micro = Gen.OneOf(
        Gen.Long[0, 3], Gen.Long[999_999, 1_000_001], Gen.Long[Credits.MicroMax - 1, Credits.MicroMax]);

    private static readonly Gen<long> _gram = Gen.OneOf(
        Gen.Long[0, 4], Gen.Long[999_999, 1_000_001], Gen.Long[0, 1_000_000_000]);

    [Fact]
    public void Parts_never_cost_more_than_the_whole() =>
        Gen.Select(_micro, _gram.Array[0, 8], _gram).Sample(
            (price, parts, rest) =>
            {
                var lot = new Grams(parts.Sum() + rest + 1);
                Credits sum = Credits.Zero;
                foreach (long part in parts)
                {
                    sum += new Credits(price).ForPart(new Grams(part), lot);
                }

                Assert.True(sum <= new Credits(price), $"{sum} of {price}");
            });

    [Fact]
    public void A_part_costs_its_share_rounded_down() =>
        Gen.Select(_micro, _gram, _gram).Sample(
            (price, part, lot) =>
            {
                decimal exact = (decimal)price * part / (lot + 1);
                if (exact < long.MaxValue)
                {
                    Credits cost = new Credits(price).ForPart(new Grams(part), new Grams(lot + 1));
                    Assert.Equal((long)decimal.Floor(exact), cost.Micro);
                }
            });

    [Fact]
    public void A_whole_lot_costs_its_price() =>
        Gen.Select(_micro, _gram).Sample((price, lot) =>
            new Credits(price).ForPart(new Grams(lot + 1), new Grams(lot + 1)) == new Credits(price));

    [Fact]
    public void A_price_per_lot_covers_the_part_it_was_made_from_and_no_lower_one_does() =>
        Gen.Select(_micro, Gen.Long[1, 50], Gen.Long[1, 50]).Sample(
            (cost, part, lot) =>
            {
                Credits perLot = new Credits(cost).PerLot(new Grams(part), new Grams(lot));
                Assert.True((Int128)(perLot.Micro - 1) * part < (Int128)cost * lot);
                Assert.True(
                    (Int128)perLot.Micro * part >= (Int128)cost * lot
                        || perLot.Micro == Credits.MicroMax + 1);
            });

    [Fact]
    public void A_price_per_lot_that_nobody_could_pay_is_just_that() =>
        Assert.Equal(
            Credits.MicroMax + 1,
            new Credits(Credits.MicroMax).PerLot(new Grams(1), new Grams(Grams.ValueMax)).Micro);

    [Fact]
    public void Amounts_that_do_not_fit_are_errors_and_never_wrap()
    {
        var most = new Credits(long.MaxValue);
        var least = new Credits(long.MinValue);
        var one = new Credits(1);
        Assert.Throws<OverflowException>(() => most + one);
        Assert.Throws<OverflowException>(() => least - one);
        Assert.Throws<OverflowException>(() => -least);
        Assert.Throws<OverflowException>(() => most * 2);
        Assert.Throws<OverflowException>(() => Credits.FromWhole(long.MaxValue / 1_000_000 + 1));
        Assert.Throws<OverflowException>(() => most.ForPart(new Grams(2), new Grams(1)));
    }

    [Fact]
    public void Masses_that_do_not_fit_are_errors_and_never_wrap()
    {
        var most = new Grams(long.MaxValue);
        Assert.Throws<OverflowException>(() => most + new Grams(1));
        Assert.Throws<OverflowException>(() => new Grams(long.MinValue) - new Grams(1));
        Assert.Throws<OverflowException>(() => Grams.FromTonnes(long.MaxValue / 1_000_000 + 1));
        Assert.Throws<OverflowException>(() => most.Share(new PartsPerMillion(1_000_001)));
    }

    [Fact]
    public void Order_is_that_of_the_numbers() =>
        Gen.Select(Gen.Long[-2, 2], Gen.Long[-2, 2]).Sample((a, b) =>
        {
            (Credits x, Credits y) = (new Credits(a), new Credits(b));
            Assert.Equal((a <= b, a < b, a >= b, a > b), (x <= y, x < y, x >= y, x > y));
            Assert.Equal(Math.Min(a, b), Credits.Min(x, y).Micro);
            Assert.Equal(Math.Max(a, b), Credits.Max(x, y).Micro);
            (Grams m, Grams n) = (new Grams(a), new Grams(b));
            Assert.Equal((a <= b, a < b, a >= b, a > b), (m <= n, m < n, m >= n, m > n));
            Assert.Equal(Math.Min(a, b), Grams.Min(m, n).Value);
            Assert.Equal(Math.Max(a, b), Grams.Max(m, n).Value);
        });
}
