using System;

namespace Hanse.Simulation.Orbits;

/// <summary>Where Earth is: the Earth-Moon barycentre from JPL's approximate elements.</summary>
/// <remarks>
/// Standish, "Keplerian Elements for Approximate Positions of the Major Planets", JPL Solar System Dynamics,
/// table 1 (row "EM Bary"), stated for the years 1800 to 2050. Earth itself circles the barycentre at 4,670
/// km, 3.1e-5 AU or 16 ms of light: we leave that out, and it is most of the error that the tests see.
/// </remarks>
public static class Earth
{
    /// <summary>First moment of the table's validity, 1800-01-01.</summary>
    public static Mjd ValidFrom { get; } = new(-21_504);

    /// <summary>Last moment of the table's validity, the end of 2050.</summary>
    public static Mjd ValidUntil { get; } = new(70_172);

    /// <summary>Heliocentric ecliptic J2000 position, AU.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The moment lies outside the table's
    /// validity.</exception>
    public static AuVector Position(Mjd moment)
    {
        if (!(moment.Days >= ValidFrom.Days && moment.Days <= ValidUntil.Days))
        {
            throw new ArgumentOutOfRangeException(
                nameof(moment), moment, "the elements of Earth hold from 1800 to 2050");
        }

        const double RadiansPerDegree = Math.PI / 180;
        double centuries = moment.DaysSince(Mjd.J2000) / 36_525;
        double a = 1.00000261 + (0.00000562 * centuries);
        double e = 0.01671123 - (0.00004392 * centuries);
        double inclination = (-0.00001531 - (0.01294668 * centuries)) * RadiansPerDegree;
        double longitude = (100.46457166 + (35_999.37244981 * centuries)) * RadiansPerDegree;
        double perihelion = (102.93768193 + (0.32327364 * centuries)) * RadiansPerDegree;

        (double sinE, double cosE) = Math.SinCos(KeplerOrbit.EccentricAnomaly(longitude - perihelion, e));
        double along = a * (cosE - e);
        double ahead = a * Math.Sqrt(1 - (e * e)) * sinE;

        // The table puts the node at longitude zero, so the argument of perihelion is its longitude.
        (double sin, double cos) = Math.SinCos(perihelion);
        double x = (along * cos) - (ahead * sin);
        double y = (along * sin) + (ahead * cos);
        (double sinInc, double cosInc) = Math.SinCos(inclination);
        return new AuVector(x, y * cosInc, y * sinInc);
    }
}
