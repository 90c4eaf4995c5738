using System;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;

namespace Hanse.Core.Intake;

/// <summary>Spreads what all nodes do once a period over that period, by identity.</summary>
/// <remarks>A hash and not the identity itself times a constant: identities of a region may come in any
/// stride, and for every constant there is a stride that lines up.</remarks>
public static class Stagger
{
    // Cycles must not follow the windows of the contact plan, which hash the identity alone.
    private static readonly ulong _cycle = StableHash.Of("cycle");

    /// <summary>Where in a period a node's turn is: from zero to less than the period.</summary>
    /// <param name="node">The node.</param>
    /// <param name="salt">Tells one use from another, so that no node is late in all of them.</param>
    /// <param name="period">Not negative.</param>
    public static TimeSpan Phase(NodeId node, ulong salt, TimeSpan period)
    {
        ulong micros = (ulong)(period.Ticks / TimeSpan.TicksPerMicrosecond);
        return TimeSpan.FromMicroseconds(
            (long)Math.BigMul(StableHash.Of(node.Value, salt), micros, out _));
    }

    /// <summary>The first beginning of a node's cycle that is not before an instant.</summary>
    /// <param name="node">The node.</param>
    /// <param name="period">Length of a cycle; positive.</param>
    /// <param name="from">The instant, not negative.</param>
    public static Instant NextCycle(NodeId node, TimeSpan period, Instant from)
    {
        long phase = Phase(node, _cycle, period).Ticks / TimeSpan.TicksPerMicrosecond;
        long length = period.Ticks / TimeSpan.TicksPerMicrosecond;
        long cycles = from.Micros <= phase ? 0 : (from.Micros - phase + length - 1) / length;
        return new Instant(phase + (cycles * length));
    }
}
