using System;
using System.Collections.Immutable;
using System.Numerics;
using CsCheck;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Twin;
using Xunit;

namespace Hanse.Core.Tests.Twin;

/// <summary>The prediction both ends compute, against a dumb twin in numbers that cannot overflow or
/// round.</summary>
public sealed class PredictorTests
{
    [Fact]
    public void A_track_is_straight_between_its_knots_and_level_outside_them_rounded_down() =>
        Gen.Select(Tracks.Knots, Gen.Long[0, (Tracks.SecondMax + 1) * 1_000_000L]).Sample((knots, micros) =>
        {
            Predictor predictor = Predictor.Of(new Track(Variable.Cargo, knots), 1);
            Assert.Equal(Dumb(knots, micros), predictor.At(new Instant(micros)));
        });

    [Fact]
    public void A_deviation_shifts_the_whole_track_through_what_was_observed() =>
        Gen.Select(Tracks.Knots, Gen.Int[0, Tracks.SecondMax], Tracks.Values, Gen.Int[0,
            Tracks.SecondMax]).Sample(
            (knots, second, value, later) =>
            {
                var twin = new NodeTwin();
                twin.Apply(new Plan(1, default, default, [new Track(Variable.Cargo, knots)]));
                twin.Apply(new Deviation(Variable.Cargo, Tracks.Second(second), value), 1);
                Assert.Equal(value, twin.At(Variable.Cargo, Tracks.Second(second)));
                Assert.Equal(
                    value + Dumb(knots, later * 1_000_000L) - Dumb(knots, second * 1_000_000L),
                    twin.At(Variable.Cargo, Tracks.Second(later)));
            });

    [Fact]
    public void Of_a_variable_nothing_is_known_until_a_plan_names_it()
    {
        var twin = new NodeTwin();
        Assert.Equal(0, twin.At(Variable.Wear, new Instant(5)));
        twin.Apply(new Plan(1, default, default, [new Track(Variable.Cargo, [new Knot(Instant.Epoch, 9)])]));
        Assert.Equal(0, twin.At(Variable.Wear, new Instant(5)));
        Assert.Equal(9, twin.At(Variable.Cargo, new Instant(5)));
    }

    private static BigInteger Dumb(ImmutableArray<Knot> knots, long micros)
    {
        BigInteger value = knots[0].Value;
        for (int i = 0; i + 1 < knots.Length; i++)
        {
            (Knot before, Knot after) = (knots[i], knots[i + 1]);
            if (micros >= after.At.Micros)
            {
                value = after.Value;
            }
            else if (micros >= before.At.Micros)
            {
                BigInteger rise = new BigInteger(after.Value) - before.Value;
                BigInteger product = rise * (micros - before.At.Micros);
                BigInteger run = after.At.Micros - before.At.Micros;
                BigInteger remainder = ((product % run) + run) % run;
                return before.Value + ((product - remainder) / run);
            }
        }

        return value;
    }
}
