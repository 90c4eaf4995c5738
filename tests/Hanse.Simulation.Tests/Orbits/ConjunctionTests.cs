using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class ConjunctionTests
{
    private const double Days = 1_500;

    [Fact]
    public void A_window_is_symmetric_round_the_smallest_angle() =>
        Gen.Select(Gen.Double[1.8, 5.2], Gen.Double[0, 360]).Sample((a, m) =>
        {
            // Circular and in the ecliptic: only Earth's own eccentricity bends the symmetry.
            KeplerOrbit orbit = World.Orbit(a, 0, m: m);
            ConjunctionWindow[] whole = [.. Whole(Conjunction.Windows(orbit, World.Epoch, Days))];
            Assert.NotEmpty(whole);
            foreach (ConjunctionWindow window in whole)
            {
                double before = window.Deepest.DaysSince(window.Begin);
                double after = window.End.DaysSince(window.Deepest);
                Assert.Equal(1, before / after, tolerance: 0.02);
                Assert.InRange(window.SepMinDegrees, 0, 0.05);
            }
        }, iter: 50);

    [Fact]
    public void Conjunctions_return_with_the_synodic_period()
    {
        KeplerOrbit orbit = World.Orbit(2.77, 0);
        double synodic = 1 / ((1 / 365.256) - (1 / orbit.PeriodDays));
        IReadOnlyList<ConjunctionWindow> windows = Conjunction.Windows(orbit, World.Epoch, 2_000);
        Assert.InRange(windows.Count, 4, 5);
        foreach ((ConjunctionWindow one, ConjunctionWindow next) in windows.Zip(windows.Skip(1)))
        {
            Assert.Equal(synodic, next.Deepest.DaysSince(one.Deepest), tolerance: 5);
        }
    }

    [Fact]
    public void The_angle_meets_the_limit_at_both_ends_and_stays_below_it_between() =>
        Gen.Int[0, World.Catalogue.All.Count - 1].Sample(i =>
        {
            KeplerOrbit orbit = World.Catalogue.All[i].Orbit;
            foreach (ConjunctionWindow window in Whole(Conjunction.Windows(orbit, World.Epoch, Days)))
            {
                Assert.Equal(3, Conjunction.SepDegrees(orbit, window.Begin), tolerance: 1e-4);
                Assert.Equal(3, Conjunction.SepDegrees(orbit, window.End), tolerance: 1e-4);
                Assert.True(Conjunction.SepDegrees(orbit, window.Deepest) <= 3);
            }
        }, iter: 100);

    [Fact]
    public void A_dumb_scan_finds_the_same_silence() =>
        Gen.Select(Gen.Int[0, World.Catalogue.All.Count - 1], Gen.Int[1, 12]).Sample((i, limit) =>
        {
            KeplerOrbit orbit = World.Catalogue.All[i].Orbit;
            IReadOnlyList<ConjunctionWindow> windows = Conjunction.Windows(orbit, World.Epoch, 700, limit);
            for (double day = 0; day < 700; day += 0.1)
            {
                Mjd moment = World.Epoch.PlusDays(day);
                double sep = Conjunction.SepDegrees(orbit, moment);
                bool isSilent = windows.Any(w => w.Begin.Days <= moment.Days && moment.Days < w.End.Days);
                bool isNearLimit = Math.Abs(sep - limit) < 1e-3;
                Assert.True(isNearLimit || isSilent == sep < limit, $"{i} limit {limit} day {day}");
            }
        }, iter: 30);

    [Fact]
    public void A_dip_that_falls_between_two_samples_is_found() =>
        Gen.Select(Gen.Double[1.8, 5.2], Gen.Double[2, 9], Gen.Double[0, 360]).Sample((a, inclination, m) =>
        {
            // Graze the bottom: the whole window then fits between samples.
            KeplerOrbit orbit = World.Orbit(a, 0.05, inclination, node: 80, m: m);
            foreach (ConjunctionWindow wide in Whole(Conjunction.Windows(orbit, World.Epoch, Days, 12)))
            {
                double limit = wide.SepMinDegrees + 1e-3;
                IReadOnlyList<ConjunctionWindow> all = Conjunction.Windows(orbit, World.Epoch, Days, limit);
                ConjunctionWindow narrow = all.MinBy(w => Math.Abs(w.Deepest.DaysSince(wide.Deepest)))!;
                Assert.Equal(wide.Deepest.Days, narrow.Deepest.Days, tolerance: 0.01);
                Assert.InRange(narrow.Deepest.DaysSince(narrow.Begin), 1e-3, 5);
                Assert.InRange(narrow.End.DaysSince(narrow.Deepest), 1e-3, 5);
                Assert.Equal(limit, Conjunction.SepDegrees(orbit, narrow.Begin), tolerance: 1e-5);
                Assert.Equal(limit, Conjunction.SepDegrees(orbit, narrow.End), tolerance: 1e-5);
            }
        }, iter: 40);

    [Fact]
    public void A_search_that_starts_in_silence_says_so()
    {
        KeplerOrbit orbit = World.Orbit(2.77, 0);
        ConjunctionWindow window = Conjunction.Windows(orbit, World.Epoch, Days)[0];
        ConjunctionWindow cut = Conjunction.Windows(orbit, window.Deepest, 1)[0];
        Assert.Equal(window.Deepest, cut.Begin);
        Assert.Equal(1, cut.End.DaysSince(cut.Begin), tolerance: 1e-6);
    }

    // Without those that the search itself cut.
    private static IEnumerable<ConjunctionWindow> Whole(IEnumerable<ConjunctionWindow> windows) =>
        windows.Where(w => w.Begin.DaysSince(World.Epoch) > 0.1 && w.End.DaysSince(World.Epoch) < Days - 0.1);
}
