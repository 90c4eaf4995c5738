using System;
using CsCheck;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Twin;
using Xunit;

namespace Hanse.Core.Tests.Twin;

/// <summary>A new track is sent only when it costs fewer bytes than the deviations it saves.</summary>
public sealed class RevisionTests
{
    private static readonly Instant _start = Tracks.Second(1_000_000);

    // A node under way for some days on a ramp, corrected once, that drifts again.
    private static readonly Gen<(Predictor Predictor, Instant At, long Value, long Band)> _drifts =
        from legs in Gen.Int[1, 4]
        from corrected in Gen.Int[1, 100]
        from since in Gen.Int[1, 300]
        from band in Gen.Int[1, 5]
        from drift in Gen.Int[-40, 40]
        select Drift(legs, corrected, since, band * 1_000, drift * 500);

    [Fact]
    public void A_revised_track_passes_through_what_was_observed_and_is_fit_to_send() =>
        _drifts.Sample((predictor, at, value, band) =>
        {
            if (Revision.For(Variable.Propellant, predictor, at, value, band) is not { } track)
            {
                return;
            }

            Assert.Equal(value, Predictor.Of(track, 2).At(at));
            _ = Snapshot.Read<Track>(Snapshot.Of(track));
        });

    [Fact]
    public void A_revised_track_costs_fewer_bytes_than_the_deviations_it_saves() =>
        _drifts.Sample((predictor, at, value, band) =>
        {
            if (Revision.For(Variable.Propellant, predictor, at, value, band) is not { } track)
            {
                return;
            }

            int plan = new PlanRevised(new Plan(2, default, track.Knots[^1].At, [track])).Size();
            int deviation = Snapshot.Of(new Deviation(Variable.Propellant, at, value)).Length;
            Assert.True(plan < deviation * DeviationsAhead(predictor, at, value, band),
                "a deviation was cheaper");
        });

    [Fact]
    public void A_drift_that_costs_twice_a_track_is_revised() =>
        _drifts.Sample((predictor, at, value, band) =>
        {
            Track? track = Revision.For(Variable.Propellant, predictor, at, value, band);
            if (DeviationsAhead(predictor, at, value, band) * 12 > 2 * (60 + (11 * predictor.Knots.Length)))
            {
                Assert.NotNull(track);
            }
        });

    [Fact]
    public void A_first_deviation_is_an_error_of_the_value_and_not_yet_a_drift()
    {
        Track ramp = new(Variable.Wear, [new Knot(_start, 0), new Knot(_start + TimeSpan.FromDays(20), 10)]);
        Instant later = _start + TimeSpan.FromHours(1);
        Assert.Null(Revision.For(Variable.Wear, Predictor.Of(ramp, 1), later, 900_000, 1));
    }

    [Fact]
    public void A_sensor_that_says_anything_yields_a_track_in_range() =>
        Gen.Select(Tracks.Values, Gen.Int[1, 3], Gen.Int[1, 3]).Sample((value, corrected, since) =>
        {
            var twin = new NodeTwin();
            Knot[] knots = [new Knot(_start, 0), new Knot(_start + TimeSpan.FromDays(300), 1_000)];
            twin.Apply(new Plan(1, default, default, [new Track(Variable.Cargo, [.. knots])]));
            Instant first = _start + TimeSpan.FromSeconds(corrected);
            twin.Apply(new Deviation(Variable.Cargo, first, -value), 1);
            Instant second = first + TimeSpan.FromSeconds(since);
            if (Revision.For(Variable.Cargo, twin[Variable.Cargo], second, value, 1) is { } track)
            {
                _ = Snapshot.Read<Track>(Snapshot.Of(track));
            }
        });

    private static (Predictor Predictor, Instant At, long Value, long Band) Drift(
        int legs, int correctedHours, int sinceHours, long band, long drift)
    {
        var knots = System.Collections.Immutable.ImmutableArray.CreateBuilder<Knot>();
        for (int i = 0; i <= legs; i++)
        {
            knots.Add(new Knot(_start + TimeSpan.FromDays(15 * i), 1_000_000 * (i % 2)));
        }

        var twin = new NodeTwin();
        twin.Apply(new Plan(1, default, default, [new Track(Variable.Propellant, knots.ToImmutable())]));
        Instant first = _start + TimeSpan.FromHours(correctedHours);
        twin.Apply(new Deviation(Variable.Propellant, first, twin.At(Variable.Propellant, first) + 5_000), 1);
        Instant at = first + TimeSpan.FromHours(sinceHours);
        return (twin[Variable.Propellant], at, twin.At(Variable.Propellant, at) + drift, band);
    }

    // Lives through the rest of the segment, hour by hour, with the same drift an hour, reporting as it goes.
    private static int DeviationsAhead(Predictor predictor, Instant at, long value, long band)
    {
        Instant end = at;
        foreach (Knot knot in predictor.Knots)
        {
            end = knot.At > at && end == at ? knot.At : end;
        }

        double hourly = (value - predictor.At(at)) / (at - predictor.CorrectedAt).TotalHours;
        double off = 0;
        int deviations = 1; // This one.
        for (Instant hour = at; hour < end; hour += TimeSpan.FromHours(1))
        {
            off += hourly;
            if (Math.Abs(off) >= band)
            {
                deviations += (int)(Math.Abs(off) / band);
                off %= band;
            }
        }

        return deviations;
    }
}
