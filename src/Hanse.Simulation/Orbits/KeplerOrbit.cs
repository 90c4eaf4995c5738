using System;

namespace Hanse.Simulation.Orbits;

/// <summary>Where a body is on its ellipse round the Sun at any moment.</summary>
/// <remarks>
/// <para>
/// The problem: the simulator wants distances, light times and conjunctions of real asteroids over a few
/// years, thousands of times a second, without an ephemeris file. The idea is the oldest one: the Sun alone
/// pulls, the orbit is a fixed ellipse, and Kepler's equation M = E - e sin E is all there is to solve
/// (Danby, Fundamentals of Celestial Mechanics, 2nd edition 1988, chapter 6).
/// </para>
/// <para>
/// What it is worth: against 3,175 close approaches computed by JPL with all planets, months away from the
/// epoch of the elements, this gives the distance to Earth within 4e-5 AU in the median and 1.3e-4 AU for
/// nine of ten (see data/asteroids/PROVENANCE.md, and the test that holds it).
/// </para>
/// <para>
/// Invariants: energy and angular momentum are those of the elements at every moment; the same moment gives
/// the same bits. Absent on purpose: planetary perturbations, relativity, the Yarkovsky drift, open orbits.
/// </para>
/// </remarks>
public sealed class KeplerOrbit
{
    /// <summary>The Sun's gravitational parameter in AU³/day²: the square of Gauss's constant (IAU
    /// 1976).</summary>
    public const double SunMu = 0.01720209895 * 0.01720209895;

    private const double RadiansPerDegree = Math.PI / 180;

    // Unit vectors of the orbit plane: towards perihelion, and a quarter turn ahead of it.
    private readonly AuVector _towardsPerihelion;
    private readonly AuVector _quarterAhead;

    private readonly double _semiMinorAxisAu;
    private readonly double _meanMotionRadiansPerDay;

    /// <summary>Prepares the orbit; every position afterwards costs one Kepler solution, about 0.1
    /// µs.</summary>
    public KeplerOrbit(OrbitalElements elements)
    {
        Elements = elements;
        double a = elements.SemiMajorAxisAu;
        double e = elements.Eccentricity;
        _semiMinorAxisAu = a * Math.Sqrt(1 - (e * e));
        _meanMotionRadiansPerDay = Math.Sqrt(SunMu / a) / a;

        (double sinNode, double cosNode) = Math.SinCos(elements.AscendingNodeDegrees * RadiansPerDegree);
        (double sinPeri, double cosPeri) = Math.SinCos(elements.PerihelionArgumentDegrees * RadiansPerDegree);
        (double sinInc, double cosInc) = Math.SinCos(elements.InclinationDegrees * RadiansPerDegree);
        _towardsPerihelion = new AuVector(
            (cosPeri * cosNode) - (sinPeri * sinNode * cosInc),
            (cosPeri * sinNode) + (sinPeri * cosNode * cosInc),
            sinPeri * sinInc);
        _quarterAhead = new AuVector(
            (-sinPeri * cosNode) - (cosPeri * sinNode * cosInc),
            (-sinPeri * sinNode) + (cosPeri * cosNode * cosInc),
            cosPeri * sinInc);
    }

    /// <summary>The elements this orbit was made from.</summary>
    public OrbitalElements Elements { get; }

    /// <summary>Days for one revolution.</summary>
    public double PeriodDays => Math.Tau / _meanMotionRadiansPerDay;

    /// <summary>Mean motion in degrees a day.</summary>
    public double MeanMotionDegreesPerDay => _meanMotionRadiansPerDay / RadiansPerDegree;

    /// <summary>Least distance from the Sun, AU.</summary>
    public double PerihelionAu => Elements.SemiMajorAxisAu * (1 - Elements.Eccentricity);

    /// <summary>Heliocentric ecliptic J2000 position, AU.</summary>
    public AuVector Position(Mjd moment)
    {
        (double sinE, double cosE) = Math.SinCos(EccentricAnomalyAt(moment));
        double along = Elements.SemiMajorAxisAu * (cosE - Elements.Eccentricity);
        return InPlane(along, _semiMinorAxisAu * sinE);
    }

    /// <summary>Heliocentric ecliptic J2000 velocity, AU per day.</summary>
    public AuVector Velocity(Mjd moment)
    {
        (double sinE, double cosE) = Math.SinCos(EccentricAnomalyAt(moment));
        double rate = _meanMotionRadiansPerDay / (1 - (Elements.Eccentricity * cosE));
        return InPlane(-Elements.SemiMajorAxisAu * sinE * rate, _semiMinorAxisAu * cosE * rate);
    }

    /// <summary>Solves M = E - e sin E for E.</summary>
    /// <param name="meanAnomaly">Any angle, radians.</param>
    /// <param name="eccentricity">From 0 to 0.99.</param>
    /// <returns>E in radians, in the half turn around zero; the residual stays below 1e-12.</returns>
    /// <remarks>
    /// Newton's method inside a bracket. E lies in [M, M + e] for M in [0, π], and the equation is odd in M.
    /// A step that would leave the bracket becomes a bisection, so that the iteration ends whatever the
    /// start.
    /// </remarks>
    public static double EccentricAnomaly(double meanAnomaly, double eccentricity)
    {
        double m = Math.IEEERemainder(meanAnomaly, Math.Tau);
        double sign = m < 0 ? -1 : 1;
        m = Math.Abs(m);

        double low = m;
        double high = m + eccentricity;
        double guess = Math.Min(m + (0.85 * eccentricity), Math.PI); // 0.85: Danby 1988, section 6.6.
        for (int round = 0; round < 64; round++)
        {
            (double sin, double cos) = Math.SinCos(guess);
            double residual = guess - (eccentricity * sin) - m;
            if (Math.Abs(residual) < 1e-15)
            {
                break;
            }

            (low, high) = residual < 0 ? (guess, high) : (low, guess);
            double next = guess - (residual / (1 - (eccentricity * cos)));
            next = next >= low && next <= high ? next : (low + high) / 2;
            if (next == guess)
            {
                break;
            }

            guess = next;
        }

        return sign * guess;
    }

    private double EccentricAnomalyAt(Mjd moment)
    {
        double atEpoch = Elements.MeanAnomalyDegrees * RadiansPerDegree;
        double turned = _meanMotionRadiansPerDay * moment.DaysSince(Elements.Epoch);
        return EccentricAnomaly(atEpoch + turned, Elements.Eccentricity);
    }

    private AuVector InPlane(double along, double ahead) => new(
        (along * _towardsPerihelion.X) + (ahead * _quarterAhead.X),
        (along * _towardsPerihelion.Y) + (ahead * _quarterAhead.Y),
        (along * _towardsPerihelion.Z) + (ahead * _quarterAhead.Z));
}
