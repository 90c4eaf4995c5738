using CsCheck;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class LightTimeTests
{
    [Fact]
    public void A_signal_never_overtakes_an_earlier_one() =>
        Gen.Select(World.Orbits, Gen.Double[0, 2_000], Gen.Long[0, 3]).Sample((orbit, days, gap) =>
        {
            // Microseconds apart, where rounding could play tricks.
            Mjd moment = World.Epoch.PlusDays(days);
            long first = LightTime.Micros(orbit, moment);
            long second = gap + LightTime.Micros(orbit, moment.PlusMicros(gap));
            return second >= first;
        });

    [Fact]
    public void One_astronomical_unit_is_499_seconds_of_light() =>
        Assert.Equal(499.004_783_8, LightTime.SecondsPerAu, tolerance: 1e-7);

    [Fact]
    public void The_instantaneous_distance_is_close_to_the_iterated_one() =>
        World.Orbits.Where(o => o.PerihelionAu > 0.3).Sample(orbit =>
        {
            // The dumb twin: let the receiver move while the signal flies.
            double seconds = LightTime.DistanceAu(orbit, World.Epoch) * LightTime.SecondsPerAu;
            double iterated = seconds;
            for (int round = 0; round < 5; round++)
            {
                Mjd arrival = World.Epoch.PlusDays(iterated / 86_400);
                AuVector path = orbit.Position(arrival) - Earth.Position(World.Epoch);
                iterated = path.Length * LightTime.SecondsPerAu;
            }

            return System.Math.Abs(iterated - seconds) < 4e-4 * seconds;
        });
}
