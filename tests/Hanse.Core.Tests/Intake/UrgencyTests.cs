using System;
using CsCheck;
using Hanse.Core.Intake;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Intake;

/// <summary>Value at risk times staleness, and what bounds the wait.</summary>
public sealed class UrgencyTests
{
    private static readonly Credits _ageing = Credits.FromWhole(10);

    private static readonly Instant _now = Instant.Epoch + TimeSpan.FromDays(1_000);

    private static readonly Gen<long> _values =
        Gen.Select(Gen.Int[0, 62], Gen.Long[-1, 1], (bits, off) => Math.Max(0, (1L << bits) + off));

    [Fact]
    public void A_class_of_value_is_cut_to_three_bits_and_keeps_the_order() =>
        Gen.Select(_values, _values).Sample((a, b) =>
        {
            int valueClass = Urgency.ClassOf(a);
            long value = Urgency.ValueOf(valueClass);
            Assert.InRange(valueClass, 0, Urgency.Classes - 1);
            Assert.InRange(value, a - (a / 4), a);
            Assert.Equal(valueClass, Urgency.ClassOf(value));
            Assert.True(a > b || valueClass <= Urgency.ClassOf(b));
        });

    [Fact]
    public void The_largest_value_and_the_oldest_gap_do_not_overflow()
    {
        var dear = new Credits(Credits.MicroMax);
        var late = new Instant(Instant.MicrosMax);
        Assert.True(Urgency.Of(2 * dear.Micro, dear, Instant.Epoch, late) > 0);
        Assert.InRange(Urgency.RankOf(2 * dear.Micro, dear, Instant.Epoch, late), 0, Urgency.Classes - 1);
        Assert.InRange(Urgency.ClassOf(long.MaxValue), 0, Urgency.Classes - 1);
    }

    [Fact]
    public void A_gap_in_the_future_is_not_stale_at_all() =>
        Assert.Equal(0, Urgency.Of(5, _ageing, _now + TimeSpan.FromDays(1), _now));

    [Fact]
    public void A_return_is_overtaken_only_by_gaps_that_began_less_than_the_bound_after_its_own() =>
        Gen.Select(Gen.Long[0, 1_000], Gen.Long[0, 1_000], Gen.Int[0, 600], Gen.Int[0, 60]).Sample(
            (worth, rival, age, off) =>
            {
                // (V' - V) / 2A in days.
                var bound = TimeSpan.FromHours((long)Math.Ceiling(Math.Max(0, rival - worth) * 24 / 20m));
                Instant oldest = _now - TimeSpan.FromDays(age);
                Instant later = oldest + bound + TimeSpan.FromHours(off);
                Int128 own = Urgency.Of(Credits.FromWhole(worth).Micro, _ageing, oldest, _now);
                Int128 other = Urgency.Of(Credits.FromWhole(rival).Micro, _ageing, later, _now);
                Assert.True(own >= other, $"{own} is overtaken by {other}");
            });
}
