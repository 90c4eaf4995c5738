using System;
using Hanse.Core.Units;

namespace Hanse.Core.Intake;

/// <summary>Time of one processor core in whole nanoseconds; arithmetic is checked.</summary>
/// <param name="Nanos">Nanoseconds from zero up; negative only as a difference.</param>
public readonly record struct ProcessorTime(long Nanos) : IComparable<ProcessorTime>
{
    /// <summary>The most one return may cost: 10^13 ns, 2.8 h of a core. So the backlog of 500,000 returns
    /// still fits.</summary>
    public const long NanosMax = 10_000_000_000_000;

    /// <summary>No time.</summary>
    public static ProcessorTime Zero => default;

    /// <summary>How long a core of which only a share may be used takes over this, rounded up to a
    /// microsecond.</summary>
    /// <param name="share">Positive.</param>
    public TimeSpan At(PartsPerMillion share)
    {
        // Nanoseconds to microseconds is a division by a thousand, the share one by a million.
        Int128 micros = (((Int128)Nanos * 1_000) + share.Value - 1) / share.Value;
        return TimeSpan.FromMicroseconds((long)Int128.Min(micros, Time.Instant.MicrosMax / 16));
    }

    /// <summary>The part of this that falls to <paramref name="part"/> of <paramref name="whole"/>, rounded
    /// up.</summary>
    /// <param name="part">At most the whole counts.</param>
    /// <param name="whole">Positive.</param>
    public ProcessorTime ForPart(long part, long whole) =>
        new((long)((((Int128)Nanos * Math.Min(part, whole)) + whole - 1) / whole));

    /// <inheritdoc/>
    public int CompareTo(ProcessorTime other) => Nanos.CompareTo(other.Nanos);

    /// <summary>Sum.</summary>
    public static ProcessorTime operator +(ProcessorTime a, ProcessorTime b) => new(a.Nanos + b.Nanos);

    /// <summary>Difference.</summary>
    public static ProcessorTime operator -(ProcessorTime a, ProcessorTime b) => new(a.Nanos - b.Nanos);

    /// <summary>Order by length.</summary>
    public static bool operator <(ProcessorTime a, ProcessorTime b) => a.Nanos < b.Nanos;

    /// <summary>Order by length.</summary>
    public static bool operator >(ProcessorTime a, ProcessorTime b) => a.Nanos > b.Nanos;

    /// <summary>Order by length.</summary>
    public static bool operator <=(ProcessorTime a, ProcessorTime b) => a.Nanos <= b.Nanos;

    /// <summary>Order by length.</summary>
    public static bool operator >=(ProcessorTime a, ProcessorTime b) => a.Nanos >= b.Nanos;
}
