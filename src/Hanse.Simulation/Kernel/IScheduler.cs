using System;
using System.Diagnostics.CodeAnalysis;

namespace Hanse.Simulation.Kernel;

/// <summary>The set of pending events, from which always the least is taken.</summary>
/// <remarks>
/// Times taken never go backwards. An event added with no delay, to a destination below the one just served,
/// runs after its cause although its key is smaller: what is taken is the least of what is pending at that
/// moment, and so depends on the model alone. Not safe for two threads. Taking after disposal is the caller's
/// error.
/// </remarks>
public interface IScheduler : IDisposable
{
    /// <summary>How many events are pending.</summary>
    int Count { get; }

    /// <summary>Adds an event. It may be due at the very instant of the last one taken.</summary>
    /// <exception cref="InvalidOperationException">
    /// It is earlier than the last one taken, or earlier than zero.
    /// </exception>
    void Add(in Event pending);

    /// <summary>Removes the least event; false if none is pending.</summary>
    bool TryTake(out Event least);

    /// <summary>Reads the time of the least event and leaves it; false if none is pending.</summary>
    bool TryPeekTime(out long time);

    /// <summary>Reports that causality was broken; shared, so that every scheduler says it alike.</summary>
    [DoesNotReturn]
    internal static void RefusePast(in Event late, long now) =>
        throw new InvalidOperationException(
            $"an event for {late.Time} us (destination {late.Destination}, source {late.Source}, sequence "
            + $"{late.Sequence}) was added when the run had already reached {now} us");
}
