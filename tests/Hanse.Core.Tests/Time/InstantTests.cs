using System;
using CsCheck;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Time;

/// <summary>Mission time is whole microseconds, and whole seconds in messages.</summary>
public sealed class InstantTests
{
    private static readonly Gen<long> _micros = Gen.OneOf(
        Gen.Long[0, 3], Gen.Long[999_998, 1_000_002], Gen.Long[0, Instant.MicrosMax]);

    [Fact]
    public void The_floor_is_the_last_whole_second_not_after_it() =>
        _micros.Sample(micros =>
        {
            Instant floor = new Instant(micros).FloorSecond;
            Assert.Equal(0, floor.Micros % 1_000_000);
            Assert.InRange(micros - floor.Micros, 0, 999_999);
        });

    [Fact]
    public void The_ceiling_is_the_first_whole_second_not_before_it() =>
        _micros.Sample(micros =>
        {
            Instant ceiling = new Instant(micros).CeilingSecond;
            Assert.Equal(0, ceiling.Micros % 1_000_000);
            Assert.InRange(ceiling.Micros - micros, 0, 999_999);
        });

    [Fact]
    public void What_is_added_and_taken_away_again_leaves_no_trace() =>
        Gen.Select(_micros, _micros).Sample((at, micros) =>
        {
            TimeSpan duration = TimeSpan.FromMicroseconds(micros);
            Assert.Equal(new Instant(at), new Instant(at) + duration - duration);
            Assert.Equal(duration, new Instant(at) + duration - new Instant(at));
        });

    [Fact]
    public void Less_than_a_microsecond_does_not_count() =>
        Assert.Equal(new Instant(5), new Instant(5) + new TimeSpan(9));

    [Fact]
    public void Order_is_that_of_the_numbers() =>
        Gen.Select(Gen.Long[0, 2], Gen.Long[0, 2]).Sample((a, b) =>
        {
            (Instant x, Instant y) = (new Instant(a), new Instant(b));
            Assert.Equal((a <= b, a < b, a >= b, a > b), (x <= y, x < y, x >= y, x > y));
            Assert.Equal(Math.Min(a, b), Instant.Min(x, y).Micros);
            Assert.Equal(Math.Max(a, b), Instant.Max(x, y).Micros);
            Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(x.CompareTo(y)));
        });

    [Fact]
    public void Nothing_is_later_than_never_and_what_would_be_is_an_error()
    {
        Assert.True(Instant.Never > new Instant(Instant.MicrosMax));
        Assert.Throws<OverflowException>(() => Instant.Never + TimeSpan.FromSeconds(1));
        Assert.Throws<OverflowException>(() => Instant.Never - Instant.Epoch);
    }
}
