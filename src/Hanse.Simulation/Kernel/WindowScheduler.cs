using System;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hanse.Simulation.Kernel;

/// <summary>The scheduler of the simulator: it sorts the near future a window at a time.</summary>
/// <remarks>
/// <para>
/// The problem. A heap of a million events is bound by latency: each take waits for some three cache misses
/// in a row, each at an address the one before decides. No tuning of the heap helps; one has to know earlier
/// what comes next.
/// </para>
/// <para>
/// The idea. Sort late and in bulk. Pending events lie unsorted in the slots of a <see cref="TimeWheel"/>;
/// adding one is an append. When time reaches a slot, it and its neighbours, about a thousand events, become
/// the running window: copied out, sorted once in cache (<see cref="WindowSort"/>), then taken from front to
/// back. An event that lands inside the running window goes to a small heap at its side (the
/// <see cref="SideHeap"/>), and the lesser of the two heads is next; so nothing needs to be known about
/// delays, and zero is allowed. As the next dozen events are known (<see cref="Ahead"/>), the caller can
/// fetch their owners' state from memory in time: with a million participants that makes 35 ns an event of
/// 130 (bench: kernel).
/// </para>
/// <code>
///   Add --- beyond the window ---> wheel (unsorted) --- a window is due: sort ---> run --+
///       \-- inside the window ---> side heap --------------------------------------------+--> TryTake
/// </code>
/// <para>
/// Width. A window is as many slots as it takes to gather its share of events, or one slot dealt out to 256
/// finer ones when it holds too many. So the width follows the load at once, from one microsecond to
/// centuries. (A wheel of one width needs statistics, a refiling whenever they change, and a list for the far
/// future.) As the run and the heap are compared by the full key, no choice of width can change the order,
/// only the cost. If a window proves too wide because its own events cause a crowd within it, what is left of
/// it is filed again (<see cref="Reopen"/>).
/// </para>
/// <para>
/// Invariants. Run and side heap hold what is due up to the window's last instant, the wheel the rest.
/// Nothing is earlier than the last event taken. Nothing is allocated once the run has seen its widest window
/// and the pool its largest population: 24 bytes a pending event, plus at most a chunk of 1 KiB for each
/// occupied slot.
/// </para>
/// <para>
/// Absent on purpose: cancelling (a stale timer is recognised by its owner), stable ties (the model breaks
/// them) and threads. Related: Brown's calendar queue (CACM 31, 1988), which collapses when many events share
/// an instant, and the ladder queue of Tang, Goh and Thng (ACM TOMACS 15, 2005), which also sorts late.
/// </para>
/// </remarks>
public sealed class WindowScheduler : IScheduler
{
    // The reference spike was flat from 1,000 to 25,000 events a window; the lower end keeps the side heap
    // small.
    private const int ShareMax = 1024;

    // Of few pending events only a sixteenth: a window as wide as the usual delay would send all to the side.
    private const int ShareMin = 32;
    private const int PendingPerShare = 16;

    // A slot is sorted as it stands up to this many shares: 8,192 events, twice, are 384 KiB and fit the L2
    // cache.
    private const int SharesPerSlotMax = 8;

    // The side heap may exceed what is left of the run by this before the window is given up.
    private const int CrowdMin = 512;

    private readonly TimeWheel _wheel = new();
    private readonly SideHeap _side = new();
    private readonly WindowSort _sort = new();

    // The events of the running window: those in [_next, _end) are pending and in order.
    private Event[] _run = new Event[ShareMax * SharesPerSlotMax];
    private Event[] _unsorted = new Event[ShareMax * SharesPerSlotMax];
    private int _next;
    private int _end;

    // The last instant of the running window; before the first window nothing is inside.
    private long _windowLast = -1;

    // The time of the last event taken.
    private long _now;

    // All destinations ever seen, or'ed: an upper bound for their bits.
    private uint _destinations;

    private bool _disposed;

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <summary>
    /// The sorted rest of the running window: what will be taken next, unless events yet to be added or
    /// already in the side heap come between. A hint for prefetching, valid until the next take; empty
    /// between windows.
    /// </summary>
    public ReadOnlySpan<Event> Ahead => _run.AsSpan(_next, _end - _next);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in Event pending)
    {
        if (pending.Time < _now)
        {
            Refuse(pending);
        }

        Count++;
        _destinations |= pending.Destination;
        if (pending.Time > _windowLast)
        {
            _wheel.Add(pending);
        }
        else
        {
            AddInside(pending);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out Event least)
    {
        if (_next == _end || _run[_next].Time >= _side.LeastTime)
        {
            return TryTakeEither(out least);
        }

        least = _run[_next++];
        _now = least.Time;
        Count--;
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Opens no window, so that what is added next is still filed by its time.</remarks>
    public bool TryPeekTime(out long time)
    {
        time = _next < _end ? Math.Min(_run[_next].Time, _side.LeastTime)
            : _side.Count > 0 ? _side.LeastTime
            : Count > 0 ? _wheel.LeastTime()
            : 0;
        return Count > 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _wheel.Dispose();
        _side.Clear();
        _next = _end = Count = 0;
        _now = _windowLast = long.MaxValue; // All later additions are refused without a check of their own.
        _disposed = true;
    }

    [DoesNotReturn]
    private void Refuse(in Event pending)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        IScheduler.RefusePast(pending, _now);
    }

    // The rarer cases: a new window, or a side heap with a claim to be next.
    private bool TryTakeEither(out Event least)
    {
        if (_next == _end && _side.Count == 0 && !OpenWindow())
        {
            least = default;
            return false;
        }

        bool fromSide = _next == _end || (_side.Count > 0 && _side.Least < _run[_next]);
        least = fromSide ? _side.Take() : _run[_next++];
        _now = least.Time;
        Count--;
        return true;
    }

    private bool OpenWindow()
    {
        if (!_wheel.TryFirst(out int first))
        {
            return false;
        }

        int share = Math.Clamp(Count / PendingPerShare, ShareMin, ShareMax);
        while (_wheel.CountIn(first) > share * SharesPerSlotMax && TimeWheel.CanSplit(first))
        {
            _wheel.Split(first);
            _ = _wheel.TryFirst(out first);
        }

        int count = _wheel.CountIn(first);
        int last = first;
        while (_wheel.TryNext(last, out int next) && count + _wheel.CountIn(next) <= share)
        {
            count += _wheel.CountIn(next);
            last = next;
        }

        Run(first, last, count);
        return true;
    }

    private void Run(int first, int last, int count)
    {
        if (count > _run.Length)
        {
            _run = new Event[BitOperations.RoundUpToPowerOf2((uint)count)];
            _unsorted = new Event[_run.Length];
        }

        long windowStart = _wheel.StartOf(first);
        _windowLast = _wheel.LastOf(last);
        _next = 0;
        _end = count;
        Span<Event> unsorted = _unsorted.AsSpan(0, count);
        _wheel.TakeOut(first, last, unsorted);
        _sort.Sort(unsorted, _run.AsSpan(0, count), windowStart, _windowLast, _destinations);
    }

    private void AddInside(in Event pending)
    {
        _side.Add(pending);
        if (_side.Count > _end - _next + CrowdMin && _windowLast > _now)
        {
            Reopen();
        }
    }

    // Files the rest of a crowded window again, so that the next window is chosen by what is known now. It
    // moves at most twice as many events as were added to the side since the window opened: O(1) for each of
    // them.
    private void Reopen()
    {
        _windowLast = _now - 1;
        foreach (ref readonly Event pending in Ahead)
        {
            _wheel.Add(pending);
        }

        foreach (ref readonly Event pending in _side.All)
        {
            _wheel.Add(pending);
        }

        _next = _end = 0;
        _side.Clear();
    }
}
