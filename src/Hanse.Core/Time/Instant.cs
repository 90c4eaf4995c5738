using System;

namespace Hanse.Core.Time;

/// <summary>A point of mission time: whole microseconds since the mission's epoch.</summary>
/// <remarks>
/// The problem: a decision must not depend on when it was computed, or it could not be replayed. The idea:
/// time comes in as an argument, <c>now</c>, and is never read; a machine keeps instants of what happened and
/// of what is due, and never "the current time". Whole microseconds, so that no sum rounds; whole seconds in
/// messages.
/// <para>
/// Every machine has its own clock, and its clock is wrong by up to the mission's stated clock error. Two
/// instants taken on different machines may therefore be compared only with that margin (see
/// <c>docs/protocol/contracts.md</c>). Durations are <see cref="TimeSpan"/>, rounded to the microsecond
/// below. Deliberately absent: calendars and time zones, which are for people, and a clock, which is for
/// drivers.
/// </para>
/// </remarks>
/// <param name="Micros">Microseconds; on the wire 0 to <see cref="MicrosMax"/>.</param>
public readonly record struct Instant(long Micros) : IComparable<Instant>
{
    /// <summary>The latest instant accepted from outside: 10^16 microseconds, 317 years.</summary>
    public const long MicrosMax = 10_000_000_000_000_000;

    /// <summary>The mission's epoch.</summary>
    public static Instant Epoch => default;

    /// <summary>Later than anything a mission plans.</summary>
    public static Instant Never => new(long.MaxValue);

    /// <summary>The earlier of two.</summary>
    public static Instant Min(Instant a, Instant b) => a <= b ? a : b;

    /// <summary>The later of two.</summary>
    public static Instant Max(Instant a, Instant b) => a >= b ? a : b;

    /// <summary>This instant cut to a whole second: the resolution of instants in messages.</summary>
    public Instant FloorSecond => new(Micros - (Micros % 1_000_000));

    /// <summary>The first whole second not before this instant.</summary>
    public Instant CeilingSecond => new Instant(Micros + 999_999).FloorSecond;

    /// <summary>The microseconds. Written out, since the generated text would print the whole seconds of the
    /// whole seconds without end.</summary>
    public override string ToString() => string.Create(null, $"{Micros} us");

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Micros.CompareTo(other.Micros);

    /// <summary>Later by a duration.</summary>
    public static Instant operator +(Instant a, TimeSpan b) =>
        new(a.Micros + (b.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>Earlier by a duration.</summary>
    public static Instant operator -(Instant a, TimeSpan b) =>
        new(a.Micros - (b.Ticks / TimeSpan.TicksPerMicrosecond));

    /// <summary>From one instant to another; negative when <paramref name="a"/> is earlier.</summary>
    public static TimeSpan operator -(Instant a, Instant b) =>
        new((a.Micros - b.Micros) * TimeSpan.TicksPerMicrosecond);

    /// <summary>Earlier than.</summary>
    public static bool operator <(Instant a, Instant b) => a.Micros < b.Micros;

    /// <summary>Later than.</summary>
    public static bool operator >(Instant a, Instant b) => a.Micros > b.Micros;

    /// <summary>Not later than.</summary>
    public static bool operator <=(Instant a, Instant b) => a.Micros <= b.Micros;

    /// <summary>Not earlier than.</summary>
    public static bool operator >=(Instant a, Instant b) => a.Micros >= b.Micros;
}
