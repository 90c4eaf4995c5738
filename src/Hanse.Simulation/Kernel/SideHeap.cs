using System;

namespace Hanse.Simulation.Kernel;

/// <summary>A small 4-ary heap for the events that land inside the window already running.</summary>
/// <remarks>
/// Four children, because they fit in two cache lines and halve the depth. <see cref="WindowScheduler"/>
/// keeps it small, so it stays in the nearest cache.
/// </remarks>
internal sealed class SideHeap
{
    private Event[] _heap = new Event[64];

    /// <summary>How many events wait here.</summary>
    public int Count { get; private set; }

    /// <summary>The time of the least event; the end of time if there is none.</summary>
    public long LeastTime { get; private set; } = long.MaxValue;

    /// <summary>The least event. Only if there is one.</summary>
    public ref readonly Event Least => ref _heap[0];

    /// <summary>All events, in no useful order.</summary>
    public ReadOnlySpan<Event> All => _heap.AsSpan(0, Count);

    public void Add(in Event pending)
    {
        if (Count == _heap.Length)
        {
            Array.Resize(ref _heap, 2 * Count);
        }

        Event[] heap = _heap;
        int hole = Count++;
        while (hole > 0 && pending < heap[(hole - 1) >> 2])
        {
            heap[hole] = heap[(hole - 1) >> 2];
            hole = (hole - 1) >> 2;
        }

        heap[hole] = pending;
        LeastTime = heap[0].Time;
    }

    public Event Take()
    {
        Event least = _heap[0];
        SinkFromTop(_heap.AsSpan(0, Count--));
        LeastTime = Count > 0 ? _heap[0].Time : long.MaxValue;
        return least;
    }

    public void Clear()
    {
        Count = 0;
        LeastTime = long.MaxValue;
    }

    // Moves the last event into the hole that the first one leaves.
    private static void SinkFromTop(Span<Event> heap)
    {
        Event sinking = heap[^1];
        heap = heap[..^1];
        if (heap.IsEmpty)
        {
            return;
        }

        int hole = 0;
        for (int first = 1; first < heap.Length; first = (4 * hole) + 1)
        {
            int least = first;
            for (int child = first + 1; child < Math.Min(first + 4, heap.Length); child++)
            {
                least = heap[child] < heap[least] ? child : least;
            }

            if (sinking <= heap[least])
            {
                break;
            }

            heap[hole] = heap[least];
            hole = least;
        }

        heap[hole] = sinking;
    }
}
