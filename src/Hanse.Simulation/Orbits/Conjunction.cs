using System;
using System.Collections.Generic;

namespace Hanse.Simulation.Orbits;

/// <summary>An interval in which the Sun stands too close to the line from Earth to a body.</summary>
/// <param name="Begin">The first moment below the limit, or the start of the search.</param>
/// <param name="Deepest">The moment of the smallest angle within the interval.</param>
/// <param name="End">The first moment at the limit again, or the end of the search.</param>
/// <param name="SepMinDegrees">The Sun-Earth-probe angle at <paramref name="Deepest"/>.</param>
public sealed record ConjunctionWindow(Mjd Begin, Mjd Deepest, Mjd End, double SepMinDegrees);

/// <summary>When the Sun drowns the radio link between Earth and a body.</summary>
/// <remarks>
/// <para>
/// The measure is the Sun-Earth-probe angle (SEP): below a few degrees the corona scatters the signal and the
/// Sun's own noise enters the antenna. Missions plan for silence below 2 to 3 degrees in X band (DSN
/// Telecommunications Link Design Handbook 810-005, module 106, Solar Corona and Solar Wind Effects).
/// </para>
/// <para>
/// Bodies that come between Earth and Sun are silenced as well: the corona is then behind them, the noise in
/// the antenna is not.
/// </para>
/// <para>
/// The search samples every quarter of a day, refines every local minimum and bisects every crossing. A dip
/// that is over within a quarter of a day and has another within the same samples may be missed; only
/// a body passing within the distance of the Moon could move like that.
/// </para>
/// </remarks>
public static class Conjunction
{
    /// <summary>Below this angle a link is taken as silent unless the caller says otherwise.</summary>
    public const double LimitDegreesDefault = 3;

    private const double SampleDays = 0.25;
    private const double PrecisionDays = 1e-6; // 0.09 s

    /// <summary>The Sun-Earth-probe angle, degrees from 0 to 180.</summary>
    public static double SepDegrees(KeplerOrbit orbit, Mjd moment)
    {
        AuVector earth = Earth.Position(moment);
        return (-earth).AngleDegrees(orbit.Position(moment) - earth);
    }

    /// <summary>All intervals of [start, start + days] below the limit, in order, not touching.</summary>
    /// <remarks>Costs about four angles a day: about a millisecond for a year.</remarks>
    public static IReadOnlyList<ConjunctionWindow> Windows(
        KeplerOrbit orbit, Mjd start, double days, double limitDegrees = LimitDegreesDefault)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(days);
        double Sep(double day) => SepDegrees(orbit, start.PlusDays(day));

        List<(double Day, double Sep)> knots = Knots(Sep, days);
        var windows = new List<ConjunctionWindow>();
        (double Begin, double Deepest, double SepMin)? open = null;
        for (int i = 0; i < knots.Count; i++)
        {
            (double day, double sep) = knots[i];
            if (sep < limitDegrees)
            {
                double begin = i == 0 ? day : Crossing(Sep, limitDegrees, knots[i - 1].Day, day);
                open ??= (begin, day, sep);
                open = sep < open.Value.SepMin ? (open.Value.Begin, day, sep) : open;
            }
            else if (open is { } window)
            {
                double end = Crossing(Sep, limitDegrees, knots[i - 1].Day, day);
                windows.Add(Window(start, window, end));
                open = null;
            }
        }

        if (open is { } last)
        {
            windows.Add(Window(start, last, days));
        }

        return windows;
    }

    private static ConjunctionWindow Window(
        Mjd start, (double Begin, double Deepest, double SepMin) dip, double end) =>
        new(start.PlusDays(dip.Begin), start.PlusDays(dip.Deepest), start.PlusDays(end), dip.SepMin);

    // The samples, and between them the bottom of every dip, in order of time.
    private static List<(double Day, double Sep)> Knots(Func<double, double> sep, double days)
    {
        int steps = (int)Math.Ceiling(days / SampleDays);
        var samples = new List<(double Day, double Sep)>(steps + 1);
        for (int i = 0; i <= steps; i++)
        {
            double day = Math.Min(i * SampleDays, days);
            samples.Add((day, sep(day)));
        }

        var knots = new List<(double Day, double Sep)>(samples.Count + 8);
        for (int i = 0; i < samples.Count; i++)
        {
            bool isDip = i > 0 && i + 1 < samples.Count
                && samples[i].Sep <= samples[i - 1].Sep && samples[i].Sep < samples[i + 1].Sep;
            if (!isDip)
            {
                knots.Add(samples[i]);
                continue;
            }

            double bottom = Bottom(sep, samples[i - 1].Day, samples[i + 1].Day);
            (double, double) refined = (bottom, sep(bottom));
            knots.AddRange(bottom < samples[i].Day ? [refined, samples[i]] : [samples[i], refined]);
        }

        return knots;
    }

    // Ternary search: the angle falls, then rises, between the two days.
    private static double Bottom(Func<double, double> sep, double low, double high)
    {
        while (high - low > PrecisionDays)
        {
            double left = low + ((high - low) / 3);
            double right = high - ((high - low) / 3);
            (low, high) = sep(left) < sep(right) ? (low, right) : (left, high);
        }

        return (low + high) / 2;
    }

    private static double Crossing(Func<double, double> sep, double limit, double low, double high)
    {
        bool lowIsBelow = sep(low) < limit;
        while (high - low > PrecisionDays)
        {
            double middle = (low + high) / 2;
            bool sameAsLow = sep(middle) < limit == lowIsBelow;
            (low, high) = sameAsLow ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }
}
