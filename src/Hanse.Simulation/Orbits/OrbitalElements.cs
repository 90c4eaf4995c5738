using System;

namespace Hanse.Simulation.Orbits;

/// <summary>Osculating elements of an elliptic orbit, heliocentric ecliptic J2000, as the JPL SBDB prints
/// them.</summary>
public sealed record OrbitalElements
{
    /// <summary>When the mean anomaly holds.</summary>
    public required Mjd Epoch { get; init; }

    /// <summary>Half the long axis, in AU; above 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a positive number.</exception>
    public required double SemiMajorAxisAu
    {
        get;
        init => field = value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "semi-major axis must be above 0");
    }

    /// <summary>From 0 to 0.99: parabolas and hyperbolas need other equations.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public required double Eccentricity
    {
        get;
        init => field = value is >= 0 and <= 0.99
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "eccentricity must be 0 to 0.99");
    }

    /// <summary>Tilt against the ecliptic, degrees.</summary>
    public required double InclinationDegrees { get; init; }

    /// <summary>Longitude of the ascending node, degrees.</summary>
    public required double AscendingNodeDegrees { get; init; }

    /// <summary>Argument of perihelion, degrees.</summary>
    public required double PerihelionArgumentDegrees { get; init; }

    /// <summary>Mean anomaly at <see cref="Epoch"/>, degrees.</summary>
    public required double MeanAnomalyDegrees { get; init; }
}
