using System;
using System.Diagnostics.CodeAnalysis;

namespace Hanse.Simulation.Kernel;

/// <summary>Something that will happen to one participant at one instant. 24 bytes, no references.</summary>
/// <remarks>
/// Events are ordered by time, then destination, then source, then sequence: by the model alone, never by
/// insertion, so any correct scheduler, thread count or partition gives the same run. The payload takes no
/// part in the order, though it does in equality. Two pending events that agree in all four are the model's
/// error; nobody looks for it, and which of the two comes first is unspecified.
/// </remarks>
/// <param name="Time">Simulated time in microseconds since the start of the run, never negative.</param>
/// <param name="Destination">Who is to handle it.</param>
/// <param name="Source">Who caused it; for a timer, the destination itself.</param>
/// <param name="Sequence">
/// The source's own counter, one more for each event it causes. It must not wrap between two events of one
/// source that are due at the same destination and instant: those would run newest first, the same way in
/// each run. Elsewhere a wrap, after 2^32 events of one source, changes nothing.
/// </param>
/// <param name="Payload">Opaque: an index into the owner's slab of contents.</param>
[SuppressMessage("Naming", "CA1716", Justification = "The field's word; no Visual Basic here.")]
public readonly record struct Event(long Time, uint Destination, uint Source, uint Sequence, int Payload)
    : IComparable<Event>
{
    // Destination and source in one comparison: ties on time are common, ties on both are not.
    private ulong Route => ((ulong)Destination << 32) | Source;

    /// <summary>Negative if this comes before <paramref name="other"/>; zero if only payloads may
    /// differ.</summary>
    public int CompareTo(Event other) => this < other ? -1 : other < this ? 1 : 0;

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(in Event left, in Event right) =>
        left.Time != right.Time ? left.Time < right.Time
        : left.Route != right.Route ? left.Route < right.Route
        : left.Sequence < right.Sequence;

    /// <summary>Whether <paramref name="left"/> comes second.</summary>
    public static bool operator >(in Event left, in Event right) => right < left;

    /// <summary>Whether <paramref name="left"/> comes first, or neither does.</summary>
    public static bool operator <=(in Event left, in Event right) => !(right < left);

    /// <summary>Whether <paramref name="left"/> comes second, or neither does.</summary>
    public static bool operator >=(in Event left, in Event right) => !(left < right);
}
