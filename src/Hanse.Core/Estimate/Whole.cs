using System;

namespace Hanse.Core.Estimate;

/// <summary>Roots and quotients of whole numbers: what estimation needs where nothing may float.</summary>
internal static class Whole
{
    /// <summary>The largest whole number whose square is not above <paramref name="value"/>.</summary>
    /// <remarks>Newton's iteration from above, which falls until it is there; at most 70 rounds.</remarks>
    public static long Root(Int128 value)
    {
        if (value <= 0)
        {
            return 0;
        }

        Int128 guess = Int128.One << ((int)Int128.Log2(value) / 2 + 1);
        while (true)
        {
            Int128 next = (guess + (value / guess)) / 2;
            if (next >= guess)
            {
                return (long)guess;
            }

            guess = next;
        }
    }

    /// <summary>The least whole number whose square is not below <paramref name="value"/>.</summary>
    public static long RootUp(Int128 value)
    {
        long root = Root(value);
        return (Int128)root * root < value ? root + 1 : root;
    }

    /// <summary>The nearest whole quotient, halves away from zero; the divisor is positive.</summary>
    public static Int128 Nearest(Int128 dividend, Int128 divisor) =>
        dividend >= 0 ? (dividend + (divisor / 2)) / divisor : (dividend - (divisor / 2)) / divisor;

    /// <summary>The quotient of what is not negative, rounded up: an error is never understated.</summary>
    public static Int128 Up(Int128 dividend, Int128 divisor) => (dividend + divisor - 1) / divisor;
}
