using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Links;

namespace Hanse.IO.Plane;

/// <summary>Frames for one node that wait for it to fetch them.</summary>
/// <remarks>
/// A hub speaks to a node when it is spoken to, and goes on for a while as answers come (a verdict, bytes of
/// a package): those frames wait here for the node's next call, or for the one that waits. At most
/// <see cref="FramesMax"/>: then the oldest is dropped, as by a bad link, and what counts in it is sent again
/// by the link.
/// </remarks>
public sealed class NodeMailbox
{
    /// <summary>Most frames that wait.</summary>
    public const int FramesMax = 32;

    private readonly Lock _gate = new();
    private readonly Queue<Frame> _frames = new();
    private TaskCompletionSource? _arrival;

    /// <summary>Frames dropped since nobody fetched them.</summary>
    public long Dropped { get; private set; }

    /// <summary>Puts a frame in.</summary>
    public void Put(Frame frame)
    {
        TaskCompletionSource? arrival;
        lock (_gate)
        {
            if (_frames.Count >= FramesMax)
            {
                _ = _frames.Dequeue();
                Dropped++;
            }

            _frames.Enqueue(frame);
            arrival = _arrival;
            _arrival = null;
        }

        _ = arrival?.TrySetResult();
    }

    /// <summary>Takes out what is there, at once.</summary>
    public IReadOnlyList<Frame> Take()
    {
        lock (_gate)
        {
            if (_frames.Count == 0)
            {
                return [];
            }

            Frame[] all = [.. _frames];
            _frames.Clear();
            return all;
        }
    }

    /// <summary>A task that ends when there is something to take, or after a time.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        Task arrival;
        lock (_gate)
        {
            if (_frames.Count > 0)
            {
                return;
            }

            _arrival ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            arrival = _arrival.Task;
        }

        try
        {
            await arrival.WaitAsync(atMost, cancel);
        }
        catch (TimeoutException)
        {
            // Nothing came; the caller sees that for itself.
        }
    }
}
