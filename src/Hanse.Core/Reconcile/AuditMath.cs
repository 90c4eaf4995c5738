using System;

namespace Hanse.Core.Reconcile;

/// <summary>How many places an audit must draw, and what a clean audit shows.</summary>
/// <remarks>
/// Of N places a share f is spoiled and k are drawn without replacement after the node has committed itself:
/// the probability that none of them is spoiled is at most (1 - f)^k (Ateniese et al., Provable Data
/// Possession, CCS 2007; Juels and Kaliski, CCS 2007), so k >= ln(e) / ln(1 - f) keeps it under e. Computed
/// with 62 binary places and every rounding upwards: the bound stated is never better than the true one.
/// </remarks>
public static class AuditMath
{
    /// <summary>Most places ever asked for.</summary>
    public const int PlacesMax = 1 << 16;

    private const int One = 1_000_000;
    private const int Billion = 1_000_000_000;
    private const int Bits = 62;

    /// <summary>The probability of missing a spoiled share after so many clean places, in parts per billion,
    /// rounded up.</summary>
    /// <param name="sharePpm">1 to 1,000,000.</param>
    /// <param name="places">Drawn and clean.</param>
    public static int EscapePpb(int sharePpm, int places)
    {
        UInt128 power = Power(sharePpm, places);
        return (int)(((power * Billion) + (((UInt128)1 << Bits) - 1)) >> Bits);
    }

    /// <summary>The least number of places after which a spoiled share is missed with at most a probability;
    /// never more than <see cref="PlacesMax"/>.</summary>
    /// <param name="sharePpm">1 to 1,000,000.</param>
    /// <param name="escapePpb">1 to 1,000,000,000 parts per billion.</param>
    public static int Places(int sharePpm, int escapePpb)
    {
        UInt128 bound = ((UInt128)escapePpb << Bits) / Billion;
        int least = 0;
        int most = PlacesMax;
        while (least < most)
        {
            int middle = least + ((most - least) / 2);
            if (Power(sharePpm, middle) <= bound)
            {
                most = middle;
            }
            else
            {
                least = middle + 1;
            }
        }

        return least;
    }

    // (1 - f)^k by squaring, each step rounded up.
    private static UInt128 Power(int sharePpm, int places)
    {
        UInt128 unit = (UInt128)1 << Bits;
        UInt128 kept = ((unit * (UInt128)(One - sharePpm)) + (One - 1)) / One;
        UInt128 power = unit;
        for (int left = places; left > 0; left >>= 1)
        {
            if ((left & 1) == 1)
            {
                power = ((power * kept) + (unit - 1)) >> Bits;
            }

            kept = ((kept * kept) + (unit - 1)) >> Bits;
        }

        return power;
    }
}
