using System;

namespace Hanse.Simulation.Returns;

/// <summary>So many of so many, and what that says of the rate behind it.</summary>
/// <remarks>The interval is Wilson's (1927) at 95 %: it keeps its coverage where the rate is near zero or
/// one, which is where detection and false quarantine rates are.</remarks>
/// <param name="Hits">How often it happened.</param>
/// <param name="Trials">How often it could have.</param>
public readonly record struct Proportion(long Hits, long Trials)
{
    // Normal quantile of 97.5 %.
    private const double Z = 1.959963984540054;

    /// <summary>The observed rate; zero when nothing was tried.</summary>
    public double Rate => Trials == 0 ? 0 : (double)Hits / Trials;

    /// <summary>Lower end of the interval.</summary>
    public double Low => Trials == 0 || Hits == 0 ? 0 : Math.Max(0, Centre - HalfWidth);

    /// <summary>Upper end of the interval.</summary>
    public double High => Trials == 0 || Hits == Trials ? 1 : Math.Min(1, Centre + HalfWidth);

    private double Weight => 1 + (Z * Z / Trials);

    private double Centre => (Rate + (Z * Z / (2.0 * Trials))) / Weight;

    private double HalfWidth =>
        Z * Math.Sqrt((Rate * (1 - Rate) / Trials) + (Z * Z / (4.0 * Trials * Trials))) / Weight;

    /// <summary>With one more trial.</summary>
    public Proportion With(bool hit) => new(Hits + (hit ? 1 : 0), Trials + 1);
}
