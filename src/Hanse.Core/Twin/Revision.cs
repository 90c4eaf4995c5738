using System;
using System.Collections.Immutable;
using Hanse.Core.Messages;
using Hanse.Core.Time;

namespace Hanse.Core.Twin;

/// <summary>Chooses between a deviation and a new track, by bytes.</summary>
/// <remarks>
/// A variable that leaves its band a second time on the same track is drifting: the rate is wrong, not the
/// value. The drift since the last deviation, carried on to the end of the present segment, would cause
/// drift * remaining / band more deviations. When those would cost more bytes than one revised track, the
/// track is revised: it passes through what was observed and ends the segment where the drift will have taken
/// it.
/// </remarks>
public static class Revision
{
    /// <summary>Bytes of a deviation inside a report: three heads, five bytes of time, five of
    /// value.</summary>
    private const int DeviationBytes = 13;

    /// <summary>Bytes of a revised plan with one track: envelope, plan and the knots.</summary>
    private const int PlanBytes = 30;

    private const int KnotBytes = 11;

    /// <summary>The revised track, or null when a deviation is cheaper.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="predictor">What was expected of it.</param>
    /// <param name="at">When it was observed; whole second.</param>
    /// <param name="value">What was observed.</param>
    /// <param name="band">Its dead band; positive.</param>
    public static Track? For(Variable variable, Predictor predictor, Instant at, long value, long band)
    {
        int next = NextKnot(predictor, at);
        long sinceCorrection = at.Micros - predictor.CorrectedAt.Micros;
        if (next < 0 || sinceCorrection <= 0 || predictor.CorrectedAt <= predictor.Knots[0].At)
        {
            return null;
        }

        long drift = value - predictor.At(at);
        long remaining = predictor.Knots[next].At.Micros - at.Micros;
        Int128 carriedOn = (Int128)drift * remaining / sinceCorrection;
        if (Int128.Abs(carriedOn) > Knot.ValueMax / 4 || Math.Abs(value) > Knot.ValueMax / 4)
        {
            return null; // Further than any value goes: no drift, but a jump.
        }

        long further = (long)carriedOn;
        long deviations = Math.Abs(further) / band;
        int knots = predictor.Knots.Length - next + 1;
        if (deviations * DeviationBytes <= PlanBytes + (knots * KnotBytes))
        {
            return null;
        }

        var revised = ImmutableArray.CreateBuilder<Knot>(knots);
        revised.Add(new Knot(at, value));
        Knot end = predictor.Knots[next];
        long endValue = Math.Clamp(predictor.At(end.At) + drift + further, -Knot.ValueMax, Knot.ValueMax);
        revised.Add(new Knot(end.At, endValue));
        for (int i = next + 1; i < predictor.Knots.Length; i++)
        {
            revised.Add(predictor.Knots[i]);
        }

        return new Track(variable, revised.ToImmutable());
    }

    private static int NextKnot(Predictor predictor, Instant at)
    {
        for (int i = 0; i < predictor.Knots.Length; i++)
        {
            if (predictor.Knots[i].At > at)
            {
                return i;
            }
        }

        return -1;
    }
}
