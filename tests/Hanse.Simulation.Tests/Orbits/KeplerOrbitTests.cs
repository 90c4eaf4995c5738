using System;
using System.Linq;
using CsCheck;
using Hanse.Simulation.Orbits;
using Xunit;

namespace Hanse.Simulation.Tests.Orbits;

public sealed class KeplerOrbitTests
{
    private readonly ITestOutputHelper _output;

    public KeplerOrbitTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public void Keplers_equation_is_solved_to_1e_12_up_to_eccentricity_0_99() =>
        Gen.Select(
            Gen.OneOf(Gen.Double[-10, 10], Gen.Double[-1e-3, 1e-3], Gen.Double[3.14, 3.1416], Gen.Const(0.0)),
            Gen.OneOf(Gen.Double[0, 0.99], Gen.Const(0.0), Gen.Const(0.99))).Sample((m, e) =>
        {
            double anomaly = KeplerOrbit.EccentricAnomaly(m, e);
            double residual = anomaly - (e * Math.Sin(anomaly)) - m;
            return World.OffTurn(residual) <= 1e-12;
        }, iter: 20_000);

    [Fact]
    public void Energy_stays_that_of_the_semi_major_axis() =>
        Gen.Select(World.Orbits, Gen.Double[-9_000, 9_000]).Sample((orbit, days) =>
        {
            Mjd moment = World.Epoch.PlusDays(days);
            double speed = orbit.Velocity(moment).Length;
            double energy = (speed * speed / 2) - (KeplerOrbit.SunMu / orbit.Position(moment).Length);
            double expected = -KeplerOrbit.SunMu / (2 * orbit.Elements.SemiMajorAxisAu);
            return Math.Abs((energy / expected) - 1) < 1e-9;
        });

    [Fact]
    public void Angular_momentum_stays_in_direction_and_size() =>
        Gen.Select(World.Orbits, Gen.Double[-9_000, 9_000]).Sample((orbit, days) =>
        {
            AuVector at = Momentum(orbit, World.Epoch);
            AuVector later = Momentum(orbit, World.Epoch.PlusDays(days));
            return (later - at).Length / at.Length < 1e-9;
        });

    [Fact]
    public void Velocity_is_the_rate_of_change_of_position() =>
        Gen.Select(World.Orbits, Gen.Double[-900, 900]).Sample((orbit, days) =>
        {
            if (orbit.PerihelionAu < 0.1)
            {
                return true; // Too bent there for a straight difference.
            }

            Mjd moment = World.Epoch.PlusDays(days);
            const double Half = 1e-3;
            AuVector moved = orbit.Position(moment.PlusDays(Half)) - orbit.Position(moment.PlusDays(-Half));
            AuVector velocity = orbit.Velocity(moment);
            AuVector rate = new(moved.X / (2 * Half), moved.Y / (2 * Half), moved.Z / (2 * Half));
            return (rate - velocity).Length / velocity.Length < 1e-5;
        });

    [Fact]
    public void Period_and_mean_anomaly_agree_with_what_JPL_prints()
    {
        double worstPeriod = 0;
        double worstDegrees = 0;
        double worstPerihelion = 0;
        foreach (var row in World.Rows("neo_fullprecision_2020.csv"))
        {
            KeplerOrbit orbit = World.Catalogue.Find(row["pdes"])!.Orbit;
            Mjd perihelion = Mjd.FromJulianDate(row.Number("tp"));
            double byFormula = Math.Pow(row.Number("a"), 1.5) * 365.256898326;
            double anomaly = orbit.MeanMotionDegreesPerDay * orbit.Elements.Epoch.DaysSince(perihelion);
            double off = Math.Abs(Math.IEEERemainder(anomaly - row.Number("ma"), 360));

            worstPeriod = Math.Max(worstPeriod, Math.Abs((orbit.PeriodDays / byFormula) - 1));
            worstPeriod = Math.Max(worstPeriod, Math.Abs((orbit.PeriodDays / row.Number("per")) - 1));
            worstDegrees = Math.Max(worstDegrees, off);
            double closest = orbit.Position(perihelion).Length;
            worstPerihelion = Math.Max(worstPerihelion, Math.Abs(closest - row.Number("q")));
        }

        _output.WriteLine(
            $"period {worstPeriod:e1} anomaly {worstDegrees:e1} degrees perihelion {worstPerihelion:e1} AU");
        Assert.True(worstPeriod < 1e-11);
        Assert.True(worstDegrees < 1e-8);
        Assert.True(worstPerihelion < 1e-9);
    }

    [Fact]
    public void Close_approaches_come_out_as_JPL_computed_them()
    {
        double[] errors =
        [
            .. from row in World.Rows("close_approaches_2020.csv")
               let asteroid = World.Catalogue.Find(row["des"])
               where asteroid is not null
               let moment = Mjd.FromJulianDate(row.Number("jd"))
               let error = Math.Abs(LightTime.DistanceAu(asteroid.Orbit, moment) - row.Number("dist"))
               orderby error
               select error,
        ];
        double median = errors[errors.Length / 2];
        double ninth = errors[errors.Length * 9 / 10];
        _output.WriteLine($"{errors.Length} approaches: median {median:e2} AU, 90 % within {ninth:e2} AU");
        Assert.True(errors.Length > 3_000);
        Assert.True(median <= 1e-4);
        Assert.True(ninth <= 5e-4);
    }

    [Fact]
    public void Earth_is_closest_to_the_Sun_in_early_January()
    {
        Mjd[] year = [.. Enumerable.Range(0, 366).Select(day => World.Epoch.PlusDays(day))];
        Mjd closest = year.MinBy(moment => Earth.Position(moment).Length);
        Assert.InRange(closest.DaysSince(World.Epoch), 0, 6);
        Assert.All(year, moment => Assert.InRange(Earth.Position(moment).Length, 0.9832, 1.0168));
    }

    [Theory]
    [InlineData(-21_505)]
    [InlineData(70_173)]
    [InlineData(double.NaN)]
    public void Earth_refuses_dates_outside_its_table(double mjd) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Earth.Position(new Mjd(mjd)));

    private static AuVector Momentum(KeplerOrbit orbit, Mjd moment) =>
        orbit.Position(moment).Cross(orbit.Velocity(moment));
}
