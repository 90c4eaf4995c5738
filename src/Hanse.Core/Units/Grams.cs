using System;

namespace Hanse.Core.Units;

/// <summary>A mass in whole grams. Conserved, hence an integer; arithmetic is checked.</summary>
/// <param name="Value">Grams; negative only as a difference. On the wire 0 to <see cref="ValueMax"/>.</param>
public readonly record struct Grams(long Value) : IComparable<Grams>
{
    /// <summary>The largest mass accepted from outside: 10^15 g, a billion tonnes.</summary>
    public const long ValueMax = 1_000_000_000_000_000;

    /// <summary>No mass.</summary>
    public static Grams Zero => default;

    /// <summary>Whole metric tonnes as grams.</summary>
    public static Grams FromTonnes(long tonnes) => new(tonnes * 1_000_000);

    /// <summary>The smaller of two masses.</summary>
    public static Grams Min(Grams a, Grams b) => a <= b ? a : b;

    /// <summary>The larger of two masses.</summary>
    public static Grams Max(Grams a, Grams b) => a >= b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Grams other) => Value.CompareTo(other.Value);

    /// <summary>This mass scaled by a share, rounded down.</summary>
    public Grams Share(PartsPerMillion share) => new((long)((Int128)Value * share.Value / 1_000_000));

    /// <summary>Sum.</summary>
    public static Grams operator +(Grams a, Grams b) => new(a.Value + b.Value);

    /// <summary>Difference; may be negative.</summary>
    public static Grams operator -(Grams a, Grams b) => new(a.Value - b.Value);

    /// <summary>Order by mass.</summary>
    public static bool operator <(Grams a, Grams b) => a.Value < b.Value;

    /// <summary>Order by mass.</summary>
    public static bool operator >(Grams a, Grams b) => a.Value > b.Value;

    /// <summary>Order by mass.</summary>
    public static bool operator <=(Grams a, Grams b) => a.Value <= b.Value;

    /// <summary>Order by mass.</summary>
    public static bool operator >=(Grams a, Grams b) => a.Value >= b.Value;
}
