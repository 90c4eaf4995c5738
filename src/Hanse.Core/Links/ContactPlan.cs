using System;
using System.Collections.Immutable;
using Hanse.Core.Machine;
using Hanse.Core.Time;

namespace Hanse.Core.Links;

/// <summary>A stretch of time in which a link that would be open is known to be closed, such as a
/// conjunction.</summary>
/// <param name="From">First closed instant.</param>
/// <param name="To">First open instant after it.</param>
public sealed record Outage(Instant From, Instant To);

/// <summary>When two machines can talk, known to both in advance: repeating windows less the planned
/// outages.</summary>
/// <remarks>
/// Liveness is judged by this plan, never by a fixed heartbeat: silent outside a window is expected, silent
/// through windows is late. The word is that of contact graph routing (CCSDS SABR).
/// </remarks>
public sealed record ContactPlan
{
    /// <summary>When the first window opens.</summary>
    public required Instant Phase { get; init; }

    /// <summary>From one opening to the next; positive.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>How long a window stays open; at most <see cref="Period"/>.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>What the window carries each way, in bytes a second; positive.</summary>
    public required int BytesPerSecond { get; init; }

    /// <summary>Longest one-way light time on the link during the plan.</summary>
    public required TimeSpan LightTime { get; init; }

    /// <summary>Planned outages, in order, not overlapping.</summary>
    public ImmutableArray<Outage> Outages { get; init; } = [];

    /// <summary>Bytes one side may send in one window.</summary>
    public long WindowBytes => Length.Ticks / TimeSpan.TicksPerMillisecond * BytesPerSecond / 1000;

    /// <summary>The number of the window that contains an instant or, between windows, of the last
    /// one.</summary>
    /// <returns>-1 before the first window.</returns>
    public long WindowNumber(Instant at) =>
        at < Phase ? -1 : (at.Micros - Phase.Micros) / PeriodMicros;

    /// <summary>When a numbered window opens.</summary>
    public Instant Opening(long window) => new(Phase.Micros + (window * PeriodMicros));

    /// <summary>Whether the link is open.</summary>
    public bool IsOpen(Instant at)
    {
        long window = WindowNumber(at);
        return window >= 0 && at < Opening(window) + Length && OutageAt(at) is null;
    }

    /// <summary>The first instant, not before <paramref name="from"/>, at which a new window opens.</summary>
    public Instant NextOpening(Instant from)
    {
        long window = Math.Max(0, WindowNumber(from));
        while (true)
        {
            Instant opening = Opening(window);
            Outage? outage = OutageAt(opening);
            if (outage is null)
            {
                if (opening >= from)
                {
                    return opening;
                }

                window++;
            }
            else
            {
                // The window may still open when the outage, and those that follow it without a gap, end
                // inside it; otherwise look past them.
                Instant over = outage.To;
                while (OutageAt(over) is { } next)
                {
                    over = next.To;
                }

                if (over >= from && over < opening + Length)
                {
                    return over;
                }

                window = Math.Max(window + 1, WindowNumber(over));
            }
        }
    }

    /// <summary>When the window or the link closes next, for an instant at which it is open.</summary>
    public Instant Closing(Instant at)
    {
        Invariant.Holds(IsOpen(at));
        Instant closing = Opening(WindowNumber(at)) + Length;
        foreach (Outage outage in Outages)
        {
            if (outage.From > at)
            {
                return Instant.Min(closing, outage.From);
            }
        }

        return closing;
    }

    /// <summary>How many windows closed after one instant and not after another. One that an outage touches
    /// is none. Cost: linear in windows and outages.</summary>
    public long WindowsClosed(Instant after, Instant until)
    {
        long closed = 0;
        for (long window = WindowNumber(after - Length) + 1; Opening(window) + Length <= until; window++)
        {
            closed += HasOutage(Opening(window), Opening(window) + Length) ? 0 : 1;
        }

        return closed;
    }

    /// <summary>Whether an outage is planned for any of a stretch of time.</summary>
    public bool HasOutage(Instant from, Instant to)
    {
        bool has = false;
        foreach (Outage outage in Outages)
        {
            has |= outage.From < to && outage.To > from;
        }

        return has;
    }

    private long PeriodMicros => Period.Ticks / TimeSpan.TicksPerMicrosecond;

    private Outage? OutageAt(Instant at)
    {
        foreach (Outage outage in Outages)
        {
            if (at >= outage.From && at < outage.To)
            {
                return outage;
            }
        }

        return null;
    }
}
