using System;

namespace Hanse.Simulation.Orbits;

/// <summary>A small stream of numbers that is wholly decided by its seed.</summary>
/// <remarks>
/// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014). Good
/// enough to scatter mines over an asteroid; not for secrets. The room keeps its own copy so that a change of
/// the protocol's generator never moves a mine.
/// </remarks>
public sealed class SplitMix64
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    // The seed as given: forks depend on it, not on how many numbers were drawn.
    private readonly ulong _seed;

    private ulong _state;

    /// <summary>Starts a stream; equal seeds give equal streams.</summary>
    public SplitMix64(ulong seed)
    {
        _seed = seed;
        _state = seed;
    }

    /// <summary>A separate stream for one purpose, the same whatever was drawn from this one.</summary>
    /// <remarks>Thus adding a depot does not move the mines.</remarks>
    public SplitMix64 Fork(ulong label) => new(Mix(_seed ^ Mix(label + Golden)));

    /// <summary>The next 64 bits.</summary>
    public ulong NextBits() => Mix(_state += Golden);

    /// <summary>The next number in [0, 1).</summary>
    public double NextUnit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next number in [min, max).</summary>
    public double NextBetween(double min, double max) => min + ((max - min) * NextUnit());

    /// <summary>The next number of the standard normal distribution (Box and Muller 1958).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextUnit()));
        return radius * Math.Cos(Math.Tau * NextUnit());
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
