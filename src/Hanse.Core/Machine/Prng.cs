using System;

namespace Hanse.Core.Machine;

/// <summary>A small seeded generator whose whole state is one number, which a snapshot holds.</summary>
/// <remarks>
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). A machine that draws records what it drew, or the state
/// after the draw, as a fact: replay must never draw again.
/// </remarks>
public struct Prng : IEquatable<Prng>
{
    /// <summary>Starts a stream.</summary>
    public Prng(ulong state) => State = state;

    /// <summary>All there is to save.</summary>
    public ulong State { get; private set; }

    /// <summary>A stream of its own for a named subsystem, so that a draw added in one does not shift
    /// another.</summary>
    public static Prng For(ulong seed, string subsystem) =>
        new(StableHash.Of(seed, StableHash.Of(subsystem)));

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        ulong drawn = StableHash.Of(State);
        State = unchecked(State + 0x9E3779B97F4A7C15);
        return drawn;
    }

    /// <summary>A number from 0 to <paramref name="bound"/> - 1, by the multiply-shift of Lemire (2019)
    /// without rejection: the bias is under bound / 2^64.</summary>
    public long Below(long bound)
    {
        Invariant.Holds(bound > 0);
        return (long)Math.BigMul(NextBits(), (ulong)bound, out _);
    }

    /// <inheritdoc/>
    public readonly bool Equals(Prng other) => State == other.State;

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is Prng other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => unchecked((int)State);

    /// <summary>Same state.</summary>
    public static bool operator ==(Prng left, Prng right) => left.Equals(right);

    /// <summary>Different state.</summary>
    public static bool operator !=(Prng left, Prng right) => !left.Equals(right);
}
