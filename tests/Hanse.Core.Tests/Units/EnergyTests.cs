using System;
using CsCheck;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Units;

/// <summary>Watts times time is joules, and back again never too soon.</summary>
public sealed class EnergyTests
{
    [Fact]
    public void The_time_to_supply_an_energy_supplies_it_and_a_microsecond_less_does_not() =>
        Gen.Select(Gen.Long[1, 100_000], Gen.Long[1, 2_000]).Sample(
            (joules, watts) =>
            {
                TimeSpan time = new Joules(joules).At(new Watts(watts));
                Assert.True((Int128)watts * time.Ticks >= (Int128)joules * TimeSpan.TicksPerSecond);
                TimeSpan less = time - TimeSpan.FromMicroseconds(1);
                Assert.True((Int128)watts * less.Ticks < (Int128)joules * TimeSpan.TicksPerSecond);
                Assert.True((new Watts(watts) * time).Value >= joules);
            });

    [Fact]
    public void A_share_of_a_mass_is_rounded_down() =>
        Gen.Select(Gen.Long[0, 3_000_000], Gen.Int[0, 1_000_000]).Sample((grams, share) =>
            new Grams(grams).Share(new PartsPerMillion(share)).Value == grams * share / 1_000_000);

    [Fact]
    public void A_percent_is_ten_thousand_parts_per_million() =>
        Assert.Equal(new PartsPerMillion(50_000), PartsPerMillion.FromPercent(5));
}
