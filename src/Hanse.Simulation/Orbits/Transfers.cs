using System;

namespace Hanse.Simulation.Orbits;

/// <summary>What one flight costs before it is rounded: plain numbers in SI units.</summary>
internal readonly record struct Transfer(double DeltaV, double CoastSeconds, LegMode Mode);

/// <summary>The equations of short flights round one body.</summary>
/// <remarks>
/// Hohmann ellipses between circles (Hohmann 1925; Curtis, Orbital Mechanics for Engineering Students,
/// chapter 6), impulsive burns, a spherical body that spins prograde about the pole of the depots' orbits.
/// </remarks>
internal static class Transfers
{
    /// <summary>Least manoeuvre allowance of any flight, m/s: lift-off, trim, approach, a second
    /// try.</summary>
    public const double DeltaVMin = 2;

    /// <summary>A hop flies no faster, m/s, so that a craft can still see what it is about to hit; an
    /// estimate.</summary>
    public const double HopSpeedMax = 0.5;

    /// <summary>Between the surface at a latitude and an equatorial circular orbit; the same both
    /// ways.</summary>
    /// <remarks>
    /// The craft leaves the ground due east, which takes all the spin can give at that latitude, ωR cos φ,
    /// and puts it on an ellipse inclined by φ that rises to the depot. There one burn both circularises and
    /// turns the plane by φ (law of cosines), where speed is least and turning cheapest. Strictly the node is
    /// a quarter turn earlier; the difference is a few per cent at the latitudes where anybody mines. By
    /// symmetry in time the descent costs the same. Where the spin is faster than the ellipse needs, the
    /// craft pays the difference.
    /// </remarks>
    public static Transfer SurfaceToOrbit(Asteroid body, double latitude, double orbitRadius)
    {
        double radius = body.RadiusMetres;
        double periapsisSpeed = Math.Sqrt(2 * body.Mu * orbitRadius / (radius * (radius + orbitRadius)));
        double apoapsisSpeed = periapsisSpeed * radius / orbitRadius;
        double circularSpeed = Math.Sqrt(body.Mu / orbitRadius);
        double groundSpeed = Math.Tau / (body.RotationHours * 3600) * radius * Math.Cos(latitude);

        double atGround = Math.Abs(periapsisSpeed - groundSpeed);
        double atDepot = Math.Sqrt(
            (apoapsisSpeed * apoapsisSpeed) + (circularSpeed * circularSpeed)
            - (2 * apoapsisSpeed * circularSpeed * Math.Cos(latitude)));

        // The depot is in sight of the ground within this tangent.
        double sight = Math.Sqrt((orbitRadius * orbitRadius) - (radius * radius));
        return Choose(atGround + atDepot, HalfEllipse(body.Mu, radius, orbitRadius), sight);
    }

    /// <summary>Between two circular orbits in one plane; the same both ways.</summary>
    public static Transfer OrbitToOrbit(Asteroid body, double oneRadius, double otherRadius)
    {
        double low = Math.Min(oneRadius, otherRadius);
        double high = Math.Max(oneRadius, otherRadius);
        double periapsisSpeed = Math.Sqrt(2 * body.Mu * high / (low * (low + high)));
        double deltaV = periapsisSpeed - Math.Sqrt(body.Mu / low)
            + Math.Sqrt(body.Mu / high) - (periapsisSpeed * low / high);

        double chord = Math.Sqrt(
            (low * low) + (high * high) - (2 * low * high * Math.Cos(Math.PI * RegionGeometry.WindowShare)));
        return Choose(deltaV, HalfEllipse(body.Mu, low, high), chord);
    }

    // A Hohmann flight to the first depot takes 2 to 4 hours round any rock, since it depends on density
    // alone. Where it needs less than the allowance, the rest of the allowance may as well buy time: half of
    // it to speed up, half to brake, straight across. The craft takes whichever arrives first; at the border
    // both agree.
    private static Transfer Choose(double hohmannDeltaV, double hohmannSeconds, double hopMetres)
    {
        double spare = DeltaVMin - hohmannDeltaV;
        if (spare <= 0)
        {
            return new Transfer(hohmannDeltaV, hohmannSeconds, LegMode.Hohmann);
        }

        double hopSeconds = hopMetres / Math.Min(spare / 2, HopSpeedMax);
        return hopSeconds < hohmannSeconds
            ? new Transfer(DeltaVMin, hopSeconds, LegMode.Hop)
            : new Transfer(DeltaVMin, hohmannSeconds, LegMode.Hohmann);
    }

    private static double HalfEllipse(double mu, double oneRadius, double otherRadius)
    {
        double semiMajorAxis = (oneRadius + otherRadius) / 2;
        return Math.PI * Math.Sqrt(Math.Pow(semiMajorAxis, 3) / mu);
    }
}
