using System;
using System.Numerics;

namespace Hanse.Core.Series;

/// <summary>Logistic arithmetic in whole numbers: chances, their logits, and what a bit costs.</summary>
/// <remarks>
/// A chance is in 1/65536. A logit is ln(p / (1 - p)) in 1/256, from -2047 to 2047. A cost is in 1/1024 bit.
/// The tables come from one recurrence in 32-bit fixed point, so that every replica has the same bits.
/// </remarks>
internal static class Logistic
{
    /// <summary>One bit, in units of cost.</summary>
    public const int Bit = 1024;

    /// <summary>The largest logit.</summary>
    public const int LogitMax = 2047;

    // round(2^32 e^(-1/256)).
    private const ulong Decay = 4_278_222_805;

    private static readonly int[] _chances = MakeChances();

    private static readonly short[] _logits = MakeLogits();

    private static readonly int[] _costs = MakeCosts();

    /// <summary>The chance that a logit means; the logit is first brought within its limits.</summary>
    public static int Chance(long logit) => _chances[(int)Math.Clamp(logit, -LogitMax, LogitMax) + LogitMax];

    /// <summary>The logit of a chance, to 12 bits.</summary>
    public static int Logit(int chance) => _logits[chance >> 4];

    /// <summary>What telling something of this chance costs.</summary>
    public static int Cost(int chance) => _costs[chance >> 4];

    /// <summary>What telling something of chance <paramref name="part"/> / <paramref name="whole"/>
    /// costs.</summary>
    public static int Cost(long part, long whole) => Log2(whole) - Log2(part);

    // The binary logarithm in 1/1024, by squaring (Knuth, The Art of Computer Programming 1, 1.2.2, exercise
    // 25): rounded down.
    private static int Log2(long value)
    {
        ulong number = (ulong)Math.Max(value, 1);
        int whole = BitOperations.Log2(number);
        ulong x = whole <= 31 ? number << (31 - whole) : number >> (whole - 31);
        int log = whole;
        for (int i = 0; i < 10; i++)
        {
            x = (x * x) >> 31;
            int bit = (int)(x >> 32);
            x >>= bit;
            log = (log << 1) | bit;
        }

        return log;
    }

    private static int[] MakeChances()
    {
        int[] chances = new int[(2 * LogitMax) + 1];
        ulong decay = 1UL << 32;
        for (int logit = 0; logit <= LogitMax; logit++)
        {
            int chance = (int)Math.Min((1UL << 48) / ((1UL << 32) + decay), 65535);
            chances[LogitMax + logit] = chance;
            chances[LogitMax - logit] = 65536 - chance;
            decay = (decay * Decay) >> 32;
        }

        return chances;
    }

    private static short[] MakeLogits()
    {
        short[] logits = new short[4096];
        int logit = -LogitMax;
        for (int i = 0; i < logits.Length; i++)
        {
            while (logit < LogitMax && Chance(logit) < (16 * i) + 8)
            {
                logit++;
            }

            logits[i] = (short)logit;
        }

        return logits;
    }

    private static int[] MakeCosts()
    {
        int[] costs = new int[4096];
        for (int i = 0; i < costs.Length; i++)
        {
            costs[i] = Cost((2 * i) + 1, 8192);
        }

        return costs;
    }
}
