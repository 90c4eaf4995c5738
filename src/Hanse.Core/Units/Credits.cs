using System;

namespace Hanse.Core.Units;

/// <summary>Money of the fleet in whole microcredits. Never floating; arithmetic is checked.</summary>
/// <remarks>
/// The problem: what is conserved must add up to the last digit on every replica, for decades. The idea of
/// this room: quantities are whole numbers of a unit small enough to ignore (microcredits, grams, joules,
/// millimetres a second), each a type with only the operators that make sense, and every sum is checked for
/// overflow.
/// <para>
/// Invariants: no rounding creates anything; where a division must round, the method says which way and why,
/// and the way is the one that cannot overdraw. Products are taken in 128 bits and come back checked.
/// Deliberately absent: floating point, currencies, and a general library of units: a new unit is twenty
/// lines.
/// </para>
/// </remarks>
/// <param name="Micro">Microcredits; negative only as a difference or on a contra account.</param>
public readonly record struct Credits(long Micro) : IComparable<Credits>
{
    /// <summary>The largest amount accepted from outside: 10^15 microcredits, a billion credits.</summary>
    public const long MicroMax = 1_000_000_000_000_000;

    /// <summary>No money.</summary>
    public static Credits Zero => default;

    /// <summary>Whole credits as microcredits.</summary>
    public static Credits FromWhole(long credits) => new(credits * 1_000_000);

    /// <summary>The smaller of two amounts.</summary>
    public static Credits Min(Credits a, Credits b) => a <= b ? a : b;

    /// <summary>The larger of two amounts.</summary>
    public static Credits Max(Credits a, Credits b) => a >= b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Credits other) => Micro.CompareTo(other.Micro);

    /// <summary>What <paramref name="part"/> of <paramref name="lot"/> costs when a whole lot costs
    /// this.</summary>
    /// <remarks>Rounded down, so that parts never add up to more than the whole. Prices are per lot and never
    /// per gram: 100 credits for 500 tonnes is a fifth of a microcredit per gram.</remarks>
    public Credits ForPart(Grams part, Grams lot) => new((long)((Int128)Micro * part.Value / lot.Value));

    /// <summary>The price of a whole <paramref name="lot"/> when <paramref name="part"/> costs this; rounded
    /// up.</summary>
    /// <remarks>Never more than <see cref="MicroMax"/> + 1, which nobody pays.</remarks>
    public Credits PerLot(Grams part, Grams lot)
    {
        Int128 price = (((Int128)Micro * lot.Value) + part.Value - 1) / part.Value;
        return new Credits((long)Int128.Min(price, MicroMax + 1));
    }

    /// <summary>What so much time is worth when an hour is worth this; rounded down.</summary>
    /// <remarks>Nothing for time that is over, and never more than <see cref="MicroMax"/>.</remarks>
    public Credits ForHours(TimeSpan time) => new((long)Int128.Min(
        (Int128)Micro * Math.Max(0, time.Ticks) / TimeSpan.TicksPerHour, MicroMax));

    /// <summary>Sum.</summary>
    public static Credits operator +(Credits a, Credits b) => new(a.Micro + b.Micro);

    /// <summary>Difference.</summary>
    public static Credits operator -(Credits a, Credits b) => new(a.Micro - b.Micro);

    /// <summary>The other side of an entry.</summary>
    public static Credits operator -(Credits a) => new(-a.Micro);

    /// <summary>A number of equal amounts.</summary>
    public static Credits operator *(Credits a, long times) => new(a.Micro * times);

    /// <summary>Order by amount.</summary>
    public static bool operator <(Credits a, Credits b) => a.Micro < b.Micro;

    /// <summary>Order by amount.</summary>
    public static bool operator >(Credits a, Credits b) => a.Micro > b.Micro;

    /// <summary>Order by amount.</summary>
    public static bool operator <=(Credits a, Credits b) => a.Micro <= b.Micro;

    /// <summary>Order by amount.</summary>
    public static bool operator >=(Credits a, Credits b) => a.Micro >= b.Micro;
}
