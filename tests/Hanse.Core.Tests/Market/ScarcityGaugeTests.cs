using System;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>How scarce nodes are, by what they are paid over what they asked.</summary>
public sealed class ScarcityGaugeTests
{
    private static readonly Grams _lot = Grams.FromTonnes(1);

    [Fact]
    public void It_is_paid_over_asked_and_forgets_by_half_a_batch()
    {
        var gauge = new ScarcityGauge();
        Assert.Equal(0, gauge.PaidOverAsked.Value);
        gauge.Hear(Won(paid: 12, asked: 10), _lot, Credits.Zero);
        Assert.Equal(1_200_000, gauge.PaidOverAsked.Value);
        gauge.Fade();
        gauge.Hear(Won(paid: 10, asked: 5), _lot, Credits.Zero);
        Assert.Equal(1_600_000, gauge.PaidOverAsked.Value); // (6 + 10) / (5 + 5).
        for (int batch = 0; batch < 40; batch++)
        {
            gauge.Fade();
        }

        Assert.Equal(0, gauge.PaidOverAsked.Value);
    }

    [Fact]
    public void Work_that_another_hub_gave_says_nothing_and_the_largest_sums_do_not_overflow()
    {
        var gauge = new ScarcityGauge();
        gauge.Hear(Won(paid: 12, asked: 0), _lot, Credits.Zero);
        Assert.Equal(0, gauge.PaidOverAsked.Value);
        for (int i = 0; i < 20_000; i++)
        {
            gauge.Hear(Won(Credits.MicroMax / 1_000_000, Credits.MicroMax / 2_000_000), _lot, Credits.Zero);
        }

        Assert.InRange(gauge.PaidOverAsked.Value, 1_000_000, 2_000_000);
    }

    // Else a market in which nodes ask for what their hours are worth would look like one with too many.
    [Fact]
    public void What_hours_are_worth_is_not_counted_as_a_cost()
    {
        var gauge = new ScarcityGauge();
        gauge.Hear(Won(paid: 15, asked: 14), _lot, Credits.FromWhole(4));
        Assert.Equal(1_500_000, gauge.PaidOverAsked.Value);
        var worthless = new ScarcityGauge();
        worthless.Hear(Won(paid: 15, asked: 3), _lot, Credits.FromWhole(4));
        Assert.Equal(0, worthless.PaidOverAsked.Value);
    }

    private static Winner Won(long paid, long asked) => new(
        new BountyId(1), new NodeId(1), _lot, Credits.FromWhole(paid), Instant.Epoch, TimeSpan.Zero,
        Credits.FromWhole(asked));
}
