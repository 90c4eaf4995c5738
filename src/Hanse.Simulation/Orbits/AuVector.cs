using System;

namespace Hanse.Simulation.Orbits;

/// <summary>A heliocentric ecliptic J2000 vector: a position in AU, or a velocity in AU per day.</summary>
/// <param name="X">Towards the March equinox of J2000.</param>
/// <param name="Y">Ninety degrees east of it, in the ecliptic.</param>
/// <param name="Z">Towards the north pole of the ecliptic.</param>
public readonly record struct AuVector(double X, double Y, double Z)
{
    /// <summary>The vector's length, in its own unit.</summary>
    public double Length => Math.Sqrt(Dot(this));

    /// <summary>Componentwise difference.</summary>
    public static AuVector operator -(AuVector left, AuVector right) =>
        new(left.X - right.X, left.Y - right.Y, left.Z - right.Z);

    /// <summary>The vector that points the other way.</summary>
    public static AuVector operator -(AuVector vector) => new(-vector.X, -vector.Y, -vector.Z);

    /// <summary>The scalar product.</summary>
    public double Dot(AuVector other) => (X * other.X) + (Y * other.Y) + (Z * other.Z);

    /// <summary>The vector product.</summary>
    public AuVector Cross(AuVector other) => new(
        (Y * other.Z) - (Z * other.Y),
        (Z * other.X) - (X * other.Z),
        (X * other.Y) - (Y * other.X));

    /// <summary>The angle to the other vector in degrees, 0 to 180, accurate near both ends.</summary>
    /// <remarks>The arc cosine loses half the digits near 0 and 180 degrees; this form does not.</remarks>
    public double AngleDegrees(AuVector other) =>
        Math.Atan2(Cross(other).Length, Dot(other)) * (180 / Math.PI);
}
