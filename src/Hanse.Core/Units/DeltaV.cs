using System;

namespace Hanse.Core.Units;

/// <summary>A change of velocity, or an exhaust velocity, in whole millimetres per second.</summary>
/// <param name="MillimetresPerSecond">0 to 2 * 10^9; larger than any chemical or electric engine needs.</param>
public readonly record struct DeltaV(int MillimetresPerSecond)
{
    /// <summary>Propellant burnt to change the velocity of a machine that is left with a given mass.</summary>
    /// <param name="massAfter">Dry mass plus cargo plus the propellant that must remain.</param>
    /// <param name="exhaust">Effective exhaust velocity of the engine; positive.</param>
    /// <returns>Grams, rounded up: never less than the equation asks for.</returns>
    /// <remarks>
    /// Tsiolkovsky: m0 - m1 = m1 (exp(dv / ve) - 1). The exponential is a Taylor series in 2^-40 fixed point,
    /// because transcendental functions are not promised to be bit-equal across platforms and this number
    /// decides who may bid. With dv / ve up to 1 the error of twelve terms is under 10^-9.
    /// </remarks>
    public Grams PropellantFor(Grams massAfter, DeltaV exhaust)
    {
        const int FractionBits = 40;
        Int128 x = ((Int128)MillimetresPerSecond << FractionBits) / exhaust.MillimetresPerSecond;
        Int128 sum = 0;
        Int128 term = Int128.One << FractionBits;
        for (int n = 1; n <= 12 && term != 0; n++)
        {
            term = ((term * x) >> FractionBits) / n;
            sum += term;
        }

        return new Grams((long)((((Int128)massAfter.Value * sum) >> FractionBits) + 1));
    }
}
