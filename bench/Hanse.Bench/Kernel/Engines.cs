using System;
using System.Collections.Generic;
using Hanse.Simulation.Kernel;

namespace Hanse.Bench.Kernel;

/// <summary>A future-event list under test; structs, so that the model is compiled once for each of
/// them.</summary>
internal interface IEngine : IDisposable
{
    void Add(in Event pending);

    Event Take();

    /// <summary>Where an event some places ahead will probably go; false if the engine cannot tell.</summary>
    bool TryGlance(int ahead, out uint destination);
}

internal readonly struct WindowEngine : IEngine
{
    private readonly WindowScheduler _scheduler;
    private readonly bool _looksAhead;

    public WindowEngine(WindowScheduler scheduler, bool looksAhead)
    {
        _scheduler = scheduler;
        _looksAhead = looksAhead;
    }

    public void Add(in Event pending) => _scheduler.Add(pending);

    public Event Take() =>
        _scheduler.TryTake(out Event least) ? least : throw new InvalidOperationException();

    public bool TryGlance(int ahead, out uint destination)
    {
        ReadOnlySpan<Event> known = _scheduler.Ahead;
        bool isKnown = _looksAhead && (uint)ahead < (uint)known.Length;
        destination = isKnown ? known[ahead].Destination : 0;
        return isKnown;
    }

    public void Dispose() => _scheduler.Dispose();
}

internal readonly struct HeapEngine : IEngine
{
    private readonly HeapScheduler _scheduler;

    public HeapEngine(HeapScheduler scheduler) => _scheduler = scheduler;

    public void Add(in Event pending) => _scheduler.Add(pending);

    public Event Take() =>
        _scheduler.TryTake(out Event least) ? least : throw new InvalidOperationException();

    public bool TryGlance(int ahead, out uint destination)
    {
        destination = 0;
        return false;
    }

    public void Dispose() => _scheduler.Dispose();
}

/// <summary>.NET's 4-ary heap at its best: the whole order packed into one 128-bit key.</summary>
/// <remarks>Time 48 bits (9 years), destination and source 24 each, sequence 32: enough here, not in
/// general.</remarks>
internal readonly struct PriorityQueueEngine : IEngine
{
    private const int IdBits = 24;
    private const ulong IdMask = (1 << IdBits) - 1;

    private readonly PriorityQueue<int, UInt128> _queue = new();

    public PriorityQueueEngine()
    {
    }

    public void Add(in Event pending)
    {
        ulong high = ((ulong)pending.Time << 16) | (pending.Destination >> 8);
        ulong low = ((ulong)pending.Destination << 56) | ((ulong)pending.Source << 32) | pending.Sequence;
        _queue.Enqueue(pending.Payload, new UInt128(high, low));
    }

    public Event Take()
    {
        _ = _queue.TryDequeue(out int payload, out UInt128 key);
        ulong high = (ulong)(key >> 64);
        var low = (ulong)key;
        var destination = (uint)(((high << 8) | (low >> 56)) & IdMask);
        return new Event((long)(high >> 16), destination, (uint)((low >> 32) & IdMask), (uint)low, payload);
    }

    public bool TryGlance(int ahead, out uint destination)
    {
        destination = 0;
        return false;
    }

    public void Dispose() => _queue.Clear();
}
