using System;
using Hanse.Core.Machine;

namespace Hanse.Simulation.World;

/// <summary>Random draws of the world: each subsystem has a stream of its own, keyed by name and
/// number.</summary>
/// <remarks>
/// So a draw added in one subsystem, or for one node, shifts no other. Normal deviates are sums of eight
/// uniforms of sixteen bits (Irwin-Hall): bounded, and free of transcendental functions.
/// </remarks>
internal struct Draw(ulong seed, string subsystem, ulong number)
{
    private Prng _prng = new(StableHash.Of(seed, StableHash.Of(subsystem), number));

    /// <summary>Where the stream is, to go on from there.</summary>
    public ulong State
    {
        readonly get => _prng.State;
        set => _prng = new Prng(value);
    }

    /// <summary>64 random bits: a seed for somebody else.</summary>
    public ulong Bits() => _prng.NextBits();

    /// <summary>Uniform in [0, 1).</summary>
    public double Uniform() => (_prng.NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Between(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>A whole number below a bound.</summary>
    public long Below(long bound) => _prng.Below(bound);

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>Mean 0, standard deviation 1, within [-4.9, 4.9].</summary>
    public double Normal()
    {
        long sum = Sixteenths(_prng.NextBits()) + Sixteenths(_prng.NextBits());
        return ((sum / 65535.0) - 4) * NormalScale;
    }

    /// <summary>Exponential with a mean.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Uniform());

    // One over the standard deviation of a sum of eight uniforms: sqrt(12 / 8).
    private const double NormalScale = 1.2247448713915890;

    private static long Sixteenths(ulong bits) =>
        (long)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));
}
