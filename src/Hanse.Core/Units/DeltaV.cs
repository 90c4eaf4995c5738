using System;

namespace Hanse.Core.Units;

/// <summary>A change of velocity, or an exhaust velocity, in whole millimetres per second.</summary>
/// <param name="MillimetresPerSecond">0 to 2 * 10^9; larger than any chemical or electric engine
/// needs.</param>
public readonly record struct DeltaV(int MillimetresPerSecond)
{
    /// <summary>Largest ratio of velocity change to exhaust velocity that is computed.</summary>
    public const int RatioMax = 4;

    private const int FractionBits = 40;

    /// <summary>Propellant burnt to change the velocity of a machine that is left with a given
    /// mass.</summary>
    /// <param name="massAfter">Dry mass plus cargo plus the propellant that must remain.</param>
    /// <param name="exhaust">Effective exhaust velocity of the engine; positive.</param>
    /// <returns>Grams, rounded up: never less than the equation asks for.</returns>
    /// <remarks>
    /// Tsiolkovsky: m0 - m1 = m1 (exp(dv / ve) - 1). The exponential is a Taylor series in 2^-40 fixed point,
    /// because transcendental functions are not promised to be bit-equal across platforms and this number
    /// decides who may bid. Up to dv / ve = <see cref="RatioMax"/> the error is under 10^-9; beyond it no
    /// machine goes, and the answer is the largest mass.
    /// </remarks>
    public Grams PropellantFor(Grams massAfter, DeltaV exhaust)
    {
        if (MillimetresPerSecond / RatioMax > exhaust.MillimetresPerSecond)
        {
            return new Grams(Grams.ValueMax);
        }

        // In 128 bits: 17 km/s is 2^24 mm/s, and would be shifted out of 64.
        var x =
            (ulong)(((UInt128)MillimetresPerSecond << FractionBits) / (UInt128)exhaust.MillimetresPerSecond);
        ulong sum = 0;
        ulong term = 1UL << FractionBits;
        for (uint n = 1; term != 0; n++)
        {
            term = Times(term, x) / n;
            sum += term;
        }

        Int128 burnt = ((Int128)massAfter.Value * sum) >> FractionBits;
        return new Grams((long)Int128.Min(burnt + 1, Grams.ValueMax));
    }

    // A product of two fixed-point numbers.
    private static ulong Times(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return (high << (64 - FractionBits)) | (low >> FractionBits);
    }
}
