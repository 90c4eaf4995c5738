using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Intake;

/// <summary>Nodes that wait, the most and the least urgent at whatever instant one asks.</summary>
/// <remarks>At most one entry a node. Cost: logarithmic to add and remove; to choose, one look at each class
/// of value that is present.</remarks>
public sealed class UrgencyQueue
{
    // By class of value; in a class the oldest gap leads, whatever the time.
    private readonly SortedDictionary<int, SortedSet<(Instant Oldest, ulong Tie, NodeId Node)>> _classes = [];

    /// <summary>Whether nobody waits.</summary>
    public bool IsEmpty => _classes.Count == 0;

    /// <summary>Puts a node in, which is in no more.</summary>
    /// <param name="node">Which.</param>
    /// <param name="valueClass">Of what is at risk (<see cref="Urgency.ClassOf"/>).</param>
    /// <param name="oldest">Where its gap begins.</param>
    /// <param name="tie">Of two that are as urgent the one with the smaller is more so.</param>
    public void Add(NodeId node, int valueClass, Instant oldest, ulong tie)
    {
        if (!_classes.TryGetValue(valueClass, out SortedSet<(Instant, ulong, NodeId)>? equals))
        {
            equals = [];
            _classes.Add(valueClass, equals);
        }

        _ = equals.Add((oldest, tie, node));
    }

    /// <summary>Takes a node out that was put in as just this.</summary>
    public void Remove(NodeId node, int valueClass, Instant oldest, ulong tie)
    {
        SortedSet<(Instant, ulong, NodeId)> equals = _classes[valueClass];
        _ = equals.Remove((oldest, tie, node));
        if (equals.Count == 0)
        {
            _ = _classes.Remove(valueClass);
        }
    }

    /// <summary>The most urgent node, or null. Ties go by what was said with it, then by identity.</summary>
    /// <param name="now">When.</param>
    /// <param name="ageing">What a day of staleness is worth.</param>
    public NodeId? Most(Instant now, Credits ageing)
    {
        (Int128 Urgency, ulong Tie, NodeId Node)? most = null;
        foreach (KeyValuePair<int, SortedSet<(Instant Oldest, ulong Tie, NodeId Node)>> entry in _classes)
        {
            (Instant oldest, ulong tie, NodeId node) = entry.Value.Min;
            Int128 urgency = Urgency.Of(Urgency.ValueOf(entry.Key), ageing, oldest, now);
            if (most is not { } best || urgency > best.Urgency
                || (urgency == best.Urgency && (tie, node).CompareTo((best.Tie, best.Node)) < 0))
            {
                most = (urgency, tie, node);
            }
        }

        return most?.Node;
    }

    /// <summary>The least urgent node, or null: the last that <see cref="Most"/> would come to, if time
    /// stood.</summary>
    /// <param name="now">When.</param>
    /// <param name="ageing">What a day of staleness is worth.</param>
    public NodeId? Least(Instant now, Credits ageing)
    {
        (Int128 Urgency, ulong Tie, NodeId Node)? least = null;
        foreach (KeyValuePair<int, SortedSet<(Instant Oldest, ulong Tie, NodeId Node)>> entry in _classes)
        {
            (Instant oldest, ulong tie, NodeId node) = entry.Value.Max;
            Int128 urgency = Urgency.Of(Urgency.ValueOf(entry.Key), ageing, oldest, now);
            if (least is not { } worst || urgency < worst.Urgency
                || (urgency == worst.Urgency && (tie, node).CompareTo((worst.Tie, worst.Node)) > 0))
            {
                least = (urgency, tie, node);
            }
        }

        return least?.Node;
    }
}
