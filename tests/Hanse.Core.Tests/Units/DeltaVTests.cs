using System;
using CsCheck;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Units;

/// <summary>The rocket equation in whole numbers against the one in floating point.</summary>
public sealed class DeltaVTests
{
    // Up to the largest ratio that is computed, and up to velocities that do not fit 24 bits.
    private static readonly Gen<(long Mass, int Velocity, int Exhaust)> _burns = Gen.Select(
        Gen.OneOf(Gen.Long[0, 2], Gen.Long[1_000_000, 2_000_000_000], Gen.Long[Grams.ValueMax / 100,
            Grams.ValueMax / 64]),
        Gen.OneOf(Gen.Int[0, 1_000], Gen.Int[0, 1_000 * DeltaV.RatioMax]),
        Gen.OneOf(Gen.Int[1_000, 1_010], Gen.Int[2_900_000, 50_000_000]),
        (mass, thousandths, exhaust) => (mass, (int)((long)exhaust * thousandths / 1_000), exhaust));

    [Fact]
    public void Propellant_is_that_of_Tsiolkovsky_to_a_millionth() =>
        _burns.Sample(
            (mass, velocity, exhaust) =>
            {
                double exact = mass * (Math.Exp((double)velocity / exhaust) - 1);
                long burnt = new DeltaV(velocity).PropellantFor(new Grams(mass), new DeltaV(exhaust)).Value;
                Assert.InRange(burnt, exact * (1 - 1e-6), (exact * (1 + 1e-6)) + 2);
            });

    [Fact]
    public void It_is_never_less_than_the_equation_asks_for_by_more_than_a_billionth() =>
        _burns.Sample(
            (mass, velocity, exhaust) =>
            {
                double exact = mass * (Math.Exp((double)velocity / exhaust) - 1);
                long burnt = new DeltaV(velocity).PropellantFor(new Grams(mass), new DeltaV(exhaust)).Value;
                Assert.True(burnt >= exact - (mass * 1e-9 * Math.Exp((double)velocity / exhaust)),
                    $"{burnt} < {exact}");
            });

    [Fact]
    public void More_velocity_or_more_mass_never_burns_less() =>
        Gen.Select(_burns, Gen.Int[0, 3], Gen.Long[0, 3]).Sample(
            (burn, faster, heavier) =>
            {
                var exhaust = new DeltaV(burn.Exhaust);
                Grams less = new DeltaV(burn.Velocity).PropellantFor(new Grams(burn.Mass), exhaust);
                Grams more = new DeltaV(burn.Velocity + faster).PropellantFor(new Grams(
                    burn.Mass + heavier), exhaust);
                Assert.True(more >= less);
            });

    [Fact]
    public void What_no_engine_does_needs_the_largest_mass() =>
        Assert.Equal(
            Grams.ValueMax,
            new DeltaV(3_000_000 * (DeltaV.RatioMax + 1)).PropellantFor(new Grams(1), new DeltaV(
                3_000_000)).Value);

    [Theory]
    [InlineData(10_000_000, 3_000_000, 30_000_000, 1_051_710)]
    [InlineData(10_000_000, 3_000_000, 3_000_000, 17_182_819)]
    [InlineData(0, 3_000_000, 3_000_000, 1)]
    [InlineData(10_000_000, 0, 3_000_000, 1)]
    public void Examples_stay_what_they_are_to_the_gram(long mass, int velocity, int exhaust, long grams) =>
        Assert.Equal(
            grams, new DeltaV(velocity).PropellantFor(new Grams(mass), new DeltaV(exhaust)).Value);
}
