using System;
using Hanse.Core.Estimate;
using Hanse.Core.Machine;

namespace Hanse.Core.Tests.Estimate;

/// <summary>Readings of sensors with a stated error, drawn from one seed.</summary>
internal sealed class Noise(ulong seed)
{
    private Prng _prng = Prng.For(seed, "noise");

    /// <summary>A number from 0 up to 1.</summary>
    public double Uniform() => (_prng.NextBits() >> 11) * Math.Pow(2, -53);

    /// <summary>A number between two others.</summary>
    public double Between(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>A standard normal number (Box and Muller, 1958).</summary>
    public double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>A normal number whose tail is heavy: a share of them is three times as wide.</summary>
    public double Heavy(double share) => Normal() * (Uniform() < share ? 3 : 1);

    /// <summary>A residual of a sensor, in parts per million, as seen by a scale of half a per cent.</summary>
    public Residual Residual(double error) =>
        new((int)Math.Round((error + (0.005 * Normal())) * 1e6), 5_000);
}
