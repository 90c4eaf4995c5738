using System;
using CsCheck;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class DepartureWindowsTests
{
    // Few values, so that borders meet.
    private static readonly Gen<(DepartureWindows Windows, long Now)> _cases = Gen.Select(
        Gen.Long[-12, 12], Gen.Long[1, 6], Gen.Long[1, 7], Gen.Long[-20, 20],
        (phase, period, length, now) => (new DepartureWindows(phase, period, length), now));

    [Fact]
    public void Windows_repeat_with_their_period() =>
        _cases.Sample(c =>
        {
            (DepartureWindows windows, long now) = c;
            return windows.IsOpenAt(now) == windows.IsOpenAt(now + windows.PeriodMicros)
                && windows.NextDeparture(now) + windows.PeriodMicros
                    == windows.NextDeparture(now + windows.PeriodMicros);
        });

    [Fact]
    public void The_next_departure_is_the_first_open_moment_and_the_closing_the_first_shut_one_after() =>
        _cases.Sample(c =>
        {
            // The dumb twin: try one microsecond after another.
            (DepartureWindows windows, long now) = c;
            long departure = now;
            while (!windows.IsOpenAt(departure))
            {
                departure++;
            }

            Assert.Equal(departure, windows.NextDeparture(now));
            if (!windows.IsAlwaysOpen)
            {
                long closing = departure;
                while (windows.IsOpenAt(closing))
                {
                    closing++;
                }

                Assert.Equal(closing, windows.NextClosing(now));
            }
        });

    [Fact]
    public void A_window_opens_at_its_phase_and_is_shut_just_before() =>
        _cases.Sample(c =>
        {
            DepartureWindows windows = c.Windows;
            Assert.True(windows.IsOpenAt(windows.PhaseMicros));
            Assert.True(windows.IsAlwaysOpen || !windows.IsOpenAt(windows.PhaseMicros - 1));
            Assert.InRange(windows.PhaseMicros, 0, windows.PeriodMicros - 1);
        });

    [Fact]
    public void Empty_periods_and_lengths_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepartureWindows(0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepartureWindows(0, 1, 0));
    }
}
