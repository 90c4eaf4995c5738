using System.Collections.Generic;

namespace Hanse.Simulation.Kernel;

/// <summary>A plain binary heap: the scheduler to trust, and to measure others against.</summary>
/// <remarks>
/// Kept deliberately dumb, because <see cref="WindowScheduler"/> must agree with it event by event. O(log n)
/// a call; beyond the caches every level of the heap is a cache miss that waits for the one above.
/// </remarks>
public sealed class HeapScheduler : IScheduler
{
    // A heap: no event comes before its parent, at (index - 1) / 2.
    private readonly List<Event> _heap = [];

    // The time of the last event taken.
    private long _now;

    /// <inheritdoc/>
    public int Count => _heap.Count;

    /// <inheritdoc/>
    public void Add(in Event pending)
    {
        if (pending.Time < _now)
        {
            IScheduler.RefusePast(pending, _now);
        }

        _heap.Add(pending);
        int hole = _heap.Count - 1;
        while (hole > 0 && pending < _heap[(hole - 1) / 2])
        {
            _heap[hole] = _heap[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }

        _heap[hole] = pending;
    }

    /// <inheritdoc/>
    public bool TryTake(out Event least)
    {
        if (_heap.Count == 0)
        {
            least = default;
            return false;
        }

        least = _heap[0];
        _now = least.Time;
        Event last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (_heap.Count > 0)
        {
            SinkFromTop(last);
        }

        return true;
    }

    /// <inheritdoc/>
    public bool TryPeekTime(out long time)
    {
        time = _heap.Count > 0 ? _heap[0].Time : 0;
        return _heap.Count > 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _heap.Clear();

    private void SinkFromTop(in Event sinking)
    {
        int hole = 0;
        for (int child = 1; child < _heap.Count; child = (2 * hole) + 1)
        {
            if (child + 1 < _heap.Count && _heap[child + 1] < _heap[child])
            {
                child++;
            }

            if (sinking <= _heap[child])
            {
                break;
            }

            _heap[hole] = _heap[child];
            hole = child;
        }

        _heap[hole] = sinking;
    }
}
