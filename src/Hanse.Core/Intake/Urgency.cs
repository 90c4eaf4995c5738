using System;
using System.Numerics;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Intake;

/// <summary>How urgent a return is: value at risk times staleness, where staleness itself adds
/// value.</summary>
/// <remarks>
/// urgency = (V + A s) s, with V the value at risk, s the staleness and A what a day of it is worth. The
/// product is the marginal cost of delay when loss grows with the square of staleness (the generalised c-mu
/// rule: Van Mieghem, Annals of Applied Probability 5, 1995). The order of two returns changes with time, so
/// no one sorted list can hold it; but among equal values the older gap always leads. Values are therefore
/// cut to three significant bits, at most <see cref="Classes"/> of them, and only the oldest of each class is
/// looked at. Nothing starves: with gaps d apart, (V' + A s') s' can exceed (V + A s) s only while
/// d &lt; (V' - V) / 2A.
/// </remarks>
public static class Urgency
{
    /// <summary>Number of classes of value.</summary>
    public const int Classes = 256;

    private const long DayMicros = 86_400_000_000;

    /// <summary>The class of a value in microcredits, increasing with it.</summary>
    public static int ClassOf(long value)
    {
        int log = BitOperations.Log2((ulong)value | 1);
        return log < 2 ? (int)value : ((log - 1) << 2) | ((int)(value >> (log - 2)) & 3);
    }

    /// <summary>The least value of a class.</summary>
    public static long ValueOf(int valueClass)
    {
        int log = (valueClass >> 2) + 1;
        return valueClass < 4 ? valueClass : (4L | ((long)valueClass & 3)) << (log - 2);
    }

    /// <summary>How urgent a gap is, now.</summary>
    /// <param name="value">At risk, in microcredits; not negative.</param>
    /// <param name="ageing">What a day of staleness is worth.</param>
    /// <param name="oldest">Where the gap begins.</param>
    /// <param name="now">When.</param>
    public static Int128 Of(long value, Credits ageing, Instant oldest, Instant now)
    {
        long staleness = Staleness(oldest, now);
        return Worth(value, ageing, staleness) * staleness;
    }

    /// <summary>The class of value and age together.</summary>
    /// <param name="value">At risk, in microcredits; not negative.</param>
    /// <param name="ageing">What a day of staleness is worth.</param>
    /// <param name="oldest">Where the gap begins.</param>
    /// <param name="now">When.</param>
    public static int RankOf(long value, Credits ageing, Instant oldest, Instant now)
    {
        Int128 worth = Worth(value, ageing, Staleness(oldest, now));
        return ClassOf((long)Int128.Min(worth, long.MaxValue));
    }

    // A gap that begins in the future, by a clock that is off, is not stale at all.
    private static long Staleness(Instant oldest, Instant now) =>
        Math.Clamp(now.Micros - oldest.Micros, 0, Instant.MicrosMax);

    // Microcredits: at most 2 * 10^15 + 10^15 * 10^16 / 10^10, and times 10^16 that is below 2^127.
    private static Int128 Worth(long value, Credits ageing, long staleness) =>
        value + ((Int128)ageing.Micro * staleness / DayMicros);
}
