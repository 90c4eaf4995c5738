using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Intake;

/// <summary>Uploads in hand, the most urgent first at whatever instant one asks.</summary>
/// <remarks>Cost: logarithmic to add and remove; to choose, one look at each class of value that is
/// present.</remarks>
internal sealed class UploadQueue(Credits ageing)
{
    // By class of value; in a class the oldest gap leads, whatever the time.
    private readonly SortedDictionary<int, SortedSet<(Instant Oldest, ulong Tie, NodeId Node)>> _classes = [];

    /// <summary>Whether nothing is in hand.</summary>
    public bool IsEmpty => _classes.Count == 0;

    public void Add(Return upload)
    {
        if (!_classes.TryGetValue(upload.ValueClass, out SortedSet<(Instant, ulong, NodeId)>? uploads))
        {
            uploads = [];
            _classes.Add(upload.ValueClass, uploads);
        }

        _ = uploads.Add(KeyOf(upload));
    }

    public void Remove(Return upload)
    {
        SortedSet<(Instant, ulong, NodeId)> uploads = _classes[upload.ValueClass];
        _ = uploads.Remove(KeyOf(upload));
        if (uploads.Count == 0)
        {
            _ = _classes.Remove(upload.ValueClass);
        }
    }

    /// <summary>The most urgent upload, or null. Ties go by hash(node, epoch), then by identity.</summary>
    public NodeId? Most(Instant now)
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

    private static (Instant Oldest, ulong Tie, NodeId Node) KeyOf(Return upload) =>
        (upload.Summary.OldestUnaccepted, upload.Tie, upload.Node);
}
