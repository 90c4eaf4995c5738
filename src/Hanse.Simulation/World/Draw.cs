using System;
using Hanse.Core.Machine;

namespace Hanse.Simulation.World;

/// <summary>Random draws of the world: each subsystem has a stream of its own, keyed by name and number.</summary>
/// <remarks>
/// So a draw added in one subsystem, or for one node, shifts no other. Normal deviates are sums of twelve uniforms
/// (Irwin-Hall): bounded by six sigma and free of transcendental functions.
/// </remarks>
internal struct Draw(ulong seed, string subsystem, ulong number)
{
    private Prng _prng = new(StableHash.Of(seed, StableHash.Of(subsystem), number));

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

    /// <summary>Mean 0, standard deviation 1, within [-6, 6].</summary>
    public double Normal()
    {
        double sum = -6;
        for (int i = 0; i < 12; i++)
        {
            sum += Uniform();
        }

        return sum;
    }

    /// <summary>Exponential with a mean.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Uniform());
}
