using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Time;

namespace Hanse.Core.Intake;

/// <summary>Sums and orders over all known returns, kept as returns come, change and go.</summary>
/// <remarks>All of it follows from the returns, so a snapshot does not hold it. Cost: logarithmic for each
/// return put in or taken out; figures are constant.</remarks>
internal sealed class Backlog
{
    private readonly SortedSet<(Instant Oldest, NodeId Node)> _gaps = [];
    private readonly SortedSet<(Instant ReturnAt, NodeId Node)> _waiting = [];
    private readonly SortedSet<(Instant Until, NodeId Node)> _uploading = [];

    // Uploads that are not being validated yet, by the instant at which their nodes call again.
    private readonly SortedSet<(Instant NextWindow, NodeId Node)> _promises = [];

    // What waits, by rank.
    private readonly long[] _waitingNanos = new long[Urgency.Classes];
    private readonly long[] _waitingBytes = new long[Urgency.Classes];

    /// <summary>Uploads that may be validated.</summary>
    public UrgencyQueue InHand { get; } = new();

    /// <summary>Bytes that are not accepted yet, here or to come.</summary>
    public long Bytes { get; private set; }

    /// <summary>Expected processor time that is not on the meter.</summary>
    public ProcessorTime Work { get; private set; }

    /// <summary>Returns that hold a place for an upload.</summary>
    public int Admitted { get; private set; }

    /// <summary>Bytes of uploads, here or on their way.</summary>
    public long UploadBytes { get; private set; }

    /// <summary>Expected processor time of uploads that is not on the meter.</summary>
    public ProcessorTime UploadWork { get; private set; }

    /// <summary>Where the oldest gap begins, or null.</summary>
    public Instant? Oldest => _gaps.Count == 0 ? null : _gaps.Min.Oldest;

    /// <summary>The waiting return that may come first, or null.</summary>
    public (Instant ReturnAt, NodeId Node)? FirstWaiting => _waiting.Count == 0 ? null : _waiting.Min;

    /// <summary>The last instant at which a waiting node may come back, or null.</summary>
    public Instant? LastReturn => _waiting.Count == 0 ? null : _waiting.Max.ReturnAt;

    /// <summary>The upload that lapses first, or null.</summary>
    public (Instant Until, NodeId Node)? FirstUpload => _uploading.Count == 0 ? null : _uploading.Min;

    public void Add(Return known)
    {
        _ = _gaps.Add((known.Summary.OldestUnaccepted, known.Node));
        Count(known, 1);
        switch (known.Stage)
        {
            case ReturnStage.Waiting:
                _ = _waiting.Add((known.ReturnAt, known.Node));
                break;
            case ReturnStage.Uploading:
                _ = _uploading.Add((known.Until, known.Node));
                _ = _promises.Add((known.NextWindow, known.Node));
                break;
            case ReturnStage.InHand:
                _ = _promises.Add((known.NextWindow, known.Node));
                InHand.Add(known.Node, known.ValueClass, known.Summary.OldestUnaccepted, known.Tie);
                break;
            default:
                break; // Being validated: on the meter, and in no queue.
        }
    }

    public void Remove(Return known)
    {
        _ = _gaps.Remove((known.Summary.OldestUnaccepted, known.Node));
        Count(known, -1);
        switch (known.Stage)
        {
            case ReturnStage.Waiting:
                _ = _waiting.Remove((known.ReturnAt, known.Node));
                break;
            case ReturnStage.Uploading:
                _ = _uploading.Remove((known.Until, known.Node));
                _ = _promises.Remove((known.NextWindow, known.Node));
                break;
            case ReturnStage.InHand:
                _ = _promises.Remove((known.NextWindow, known.Node));
                InHand.Remove(known.Node, known.ValueClass, known.Summary.OldestUnaccepted, known.Tie);
                break;
            default:
                break;
        }
    }

    /// <summary>What waits with at least a rank.</summary>
    public (ProcessorTime Work, long Bytes) WaitingFrom(int rank)
    {
        long nanos = 0;
        long bytes = 0;
        for (int i = rank; i < Urgency.Classes; i++)
        {
            nanos += _waitingNanos[i];
            bytes += _waitingBytes[i];
        }

        return (new ProcessorTime(nanos), bytes);
    }

    /// <summary>The earliest call, after now, of a node whose upload is not being validated; never, when
    /// there is none.</summary>
    public Instant FirstPromise(Instant now)
    {
        // One that is past has been broken, by an idle hub or a wrong estimate, and must not stop the rest.
        // The least of an empty view is the epoch; counting a view would walk it.
        Instant first = _promises.GetViewBetween((now, default), (Instant.Never, default)).Min.NextWindow;
        return first > now ? first : Instant.Never;
    }

    /// <summary>Whether a waiting node comes back at just this instant.</summary>
    public bool HasReturnAt(Instant at) =>
        _waiting.GetViewBetween((at, default), (at, new NodeId(uint.MaxValue))).Min.ReturnAt == at;

    private void Count(Return known, int sign)
    {
        Bytes += sign * known.Summary.BytesToCome;
        Work = new ProcessorTime(Work.Nanos + (sign * known.WorkLeft.Nanos));
        if (known.IsAdmitted)
        {
            Admitted += sign;
            UploadBytes += sign * known.Bytes;
            long left = Math.Max(0, known.UploadWork.Nanos - known.Charged.Nanos);
            UploadWork = new ProcessorTime(UploadWork.Nanos + (sign * left));
        }
        else
        {
            _waitingNanos[known.Rank] += sign * known.WorkLeft.Nanos;
            _waitingBytes[known.Rank] += sign * known.Summary.BytesToCome;
        }
    }
}
