using System;

namespace Hanse.Core.Units;

/// <summary>A dimensionless share or rate in parts per million, so that no replica rounds
/// differently.</summary>
/// <param name="Value">Millionths; a whole is 1,000,000.</param>
public readonly record struct PartsPerMillion(int Value) : IComparable<PartsPerMillion>
{
    /// <summary>A whole percent as parts per million.</summary>
    public static PartsPerMillion FromPercent(int percent) => new(percent * 10_000);

    /// <inheritdoc/>
    public int CompareTo(PartsPerMillion other) => Value.CompareTo(other.Value);

    /// <summary>Order by size.</summary>
    public static bool operator <(PartsPerMillion a, PartsPerMillion b) => a.Value < b.Value;

    /// <summary>Order by size.</summary>
    public static bool operator >(PartsPerMillion a, PartsPerMillion b) => a.Value > b.Value;

    /// <summary>Order by size.</summary>
    public static bool operator <=(PartsPerMillion a, PartsPerMillion b) => a.Value <= b.Value;

    /// <summary>Order by size.</summary>
    public static bool operator >=(PartsPerMillion a, PartsPerMillion b) => a.Value >= b.Value;
}
