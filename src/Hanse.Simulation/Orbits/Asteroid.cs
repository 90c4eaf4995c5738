using System;

namespace Hanse.Simulation.Orbits;

/// <summary>Which facts about a body are estimates by rule, not measurements.</summary>
[Flags]
public enum Estimates
{
    /// <summary>All are measured.</summary>
    None = 0,

    /// <summary>Diameter from brightness and albedo.</summary>
    Diameter = 1,

    /// <summary>Albedo from the class, or from diameter and brightness.</summary>
    Albedo = 2,

    /// <summary>Rotation period typical for the size.</summary>
    Rotation = 4,

    /// <summary>Density typical for the class.</summary>
    Density = 8,
}

/// <summary>One body of the catalogue, taken as a sphere of even density on a fixed ellipse.</summary>
public sealed record Asteroid
{
    /// <summary>Newton's constant, m³/(kg s²), CODATA 2018.</summary>
    private const double Gravity = 6.67430e-11;

    private const double SunMassKg = 1.98841e30; // IAU 2015 nominal GM of the Sun over the constant above.
    private const double MetresPerAu = 149_597_870_700;

    /// <summary>The key: its number if it has one ("21"), else the provisional designation ("2020
    /// AY1").</summary>
    public required string Designation { get; init; }

    /// <summary>Permanent number, or null.</summary>
    public required int? Number { get; init; }

    /// <summary>Given name, or null.</summary>
    public required string? Name { get; init; }

    /// <summary>Spectral class.</summary>
    public required Taxon Taxon { get; init; }

    /// <summary>Orbit round the Sun.</summary>
    public required KeplerOrbit Orbit { get; init; }

    /// <summary>Absolute magnitude H.</summary>
    public required double AbsoluteMagnitude { get; init; }

    /// <summary>Mean diameter, metres; above 0.</summary>
    public required double DiameterMetres { get; init; }

    /// <summary>Geometric albedo, above 0.</summary>
    public required double Albedo { get; init; }

    /// <summary>Sidereal rotation period, hours; above 0.</summary>
    public required double RotationHours { get; init; }

    /// <summary>Bulk density, kg/m³.</summary>
    public required double DensityKgPerCubicMetre { get; init; }

    /// <summary>Which of the facts above were filled in by <see cref="BodyEstimates"/>.</summary>
    public required Estimates Estimated { get; init; }

    /// <summary>Half the diameter, metres.</summary>
    public double RadiusMetres => DiameterMetres / 2;

    /// <summary>Mass, kg.</summary>
    public double MassKg => 4 * Math.PI / 3 * DensityKgPerCubicMetre * Math.Pow(RadiusMetres, 3);

    /// <summary>Gravitational parameter, m³/s².</summary>
    public double Mu => Gravity * MassKg;

    /// <summary>Escape speed at the surface, m/s, the spin left aside.</summary>
    public double EscapeSpeedMetresPerSecond => Math.Sqrt(2 * Mu / RadiusMetres);

    /// <summary>Radius of the Hill sphere at perihelion, metres: beyond it the Sun's tide takes satellites
    /// away.</summary>
    /// <remarks>q (m / 3M)^(1/3); Hamilton and Burns, Icarus 96, 1992.</remarks>
    public double HillRadiusMetres =>
        Orbit.PerihelionAu * MetresPerAu * Math.Cbrt(MassKg / (3 * SunMassKg));

    /// <summary>"(21) Lutetia", "(85990)" or "2020 AY1".</summary>
    public override string ToString() => (Number, Name) switch
    {
        ({ } number, { } name) => $"({number}) {name}",
        ({ } number, null) => $"({number})",
        _ => Designation,
    };
}
