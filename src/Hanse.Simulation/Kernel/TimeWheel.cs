using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Hanse.Simulation.Kernel;

/// <summary>Events filed by time, unsorted within a slot; eight levels of 256 slots cover all time.</summary>
/// <remarks>
/// A hierarchical timing wheel (Varghese and Lauck, SOSP 1987, scheme 7). Read a time as eight digits to the
/// base of 256. An event lives on the level of the highest digit in which it differs from the cursor, in the
/// slot named by that digit; so all of a lower level comes before all of a higher one, and slots of one level
/// are in order. A slot is only dealt out to the level below when its turn comes, and only if it is too full
/// to be sorted as it stands. There is no width to choose and no list for the far future: it is simply a high
/// level.
/// </remarks>
internal sealed unsafe class TimeWheel : IDisposable
{
    // Six to nine measure within a quarter of each other; eight is at or near the best and divides 64.
    private const int DigitBits = 8;
    private const int Base = 1 << DigitBits;
    private const int Levels = 8;
    private const int WordsPerLevel = Base / 64;
    private const long Unknown = long.MinValue;

    private readonly ChunkPool _pool = new();
    private readonly Slot[] _slots = new Slot[Levels * Base];

    // A bit for each slot that holds something, so that empty stretches of time cost nothing.
    private readonly ulong[] _occupied = new ulong[Levels * WordsPerLevel];

    // The first instant of the slots handed out last. All levels are relative to it.
    private long _cursor;

    // The earliest time here if somebody asked since the last change of the cursor, otherwise unknown.
    private long _leastTime = Unknown;

    /// <summary>Files an event; not before the start of the slots handed out last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in Event pending)
    {
        int level = BitOperations.Log2((ulong)(pending.Time ^ _cursor)) / DigitBits; // Log2(0) is 0.
        Append(SlotOf(pending.Time, level), pending);
        if (pending.Time < _leastTime)
        {
            _leastTime = pending.Time;
        }
    }

    /// <summary>Finds the earliest slot that holds something.</summary>
    public bool TryFirst(out int slot) => TryNext(-1, out slot);

    /// <summary>Finds the earliest slot after <paramref name="slot"/> that holds something.</summary>
    public bool TryNext(int slot, out int next)
    {
        int from = slot + 1;
        ulong mask = ~0UL << (from % 64);
        for (int word = from / 64; word < _occupied.Length; word++)
        {
            ulong bits = _occupied[word] & mask;
            if (bits != 0)
            {
                next = (word * 64) + BitOperations.TrailingZeroCount(bits);
                return true;
            }

            mask = ~0UL;
        }

        next = -1;
        return false;
    }

    /// <summary>How many events a slot holds.</summary>
    public int CountIn(int slot) => _slots[slot].Count;

    /// <summary>Whether a slot spans several instants.</summary>
    public static bool CanSplit(int slot) => slot >= Base;

    /// <summary>The first instant that belongs to a slot.</summary>
    public long StartOf(int slot)
    {
        int shift = slot / Base * DigitBits;
        long above = shift + DigitBits < 64 ? _cursor >> (shift + DigitBits) << (shift + DigitBits) : 0;
        return above | ((long)(slot % Base) << shift);
    }

    /// <summary>The last instant that belongs to a slot.</summary>
    public long LastOf(int slot) => StartOf(slot) | ((1L << (slot / Base * DigitBits)) - 1);

    /// <summary>The earliest time filed here; only if there is anything.</summary>
    /// <remarks>Costs a walk through the first slot, once for each time the cursor moves.</remarks>
    public long LeastTime()
    {
        if (_leastTime == Unknown && TryFirst(out int slot))
        {
            _leastTime = long.MaxValue;
            Event* end = _slots[slot].End;
            for (Chunk* chunk = Chunk.EndingAt(end); chunk != null; chunk = chunk->Older)
            {
                foreach (ref readonly Event pending in EventsOf(chunk, end))
                {
                    _leastTime = Math.Min(_leastTime, pending.Time);
                }

                end = Chunk.First(chunk->Older) + Chunk.Capacity;
            }
        }

        return _leastTime;
    }

    /// <summary>Deals the first slot out to the level below.</summary>
    public void Split(int slot)
    {
        MoveTo(StartOf(slot));
        int below = (slot / Base) - 1;
        Event* end = _slots[slot].End;
        Chunk* chunk = Empty(slot);
        while (chunk != null)
        {
            Prefetch(chunk->Older);
            foreach (ref readonly Event pending in EventsOf(chunk, end))
            {
                Append(SlotOf(pending.Time, below), pending);
            }

            Discard(ref chunk, ref end);
        }
    }

    /// <summary>Hands out the first slots, and moves the cursor to their start.</summary>
    /// <param name="first">The earliest slot that holds something.</param>
    /// <param name="last">The last slot to hand out.</param>
    /// <param name="destination">Receives their events, unsorted; as long as their counts together.</param>
    public void TakeOut(int first, int last, Span<Event> destination)
    {
        MoveTo(StartOf(first));
        for (int slot = first; slot <= last && slot >= 0; _ = TryNext(slot, out slot))
        {
            Event* end = _slots[slot].End;
            Chunk* chunk = Empty(slot);
            while (chunk != null)
            {
                Prefetch(chunk->Older);
                Span<Event> events = EventsOf(chunk, end);
                events.CopyTo(destination);
                destination = destination[events.Length..];
                Discard(ref chunk, ref end);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.Clear(_slots); // They point into memory that is about to go.
        Array.Clear(_occupied);
        _pool.Dispose();
    }

    private static int SlotOf(long time, int level) =>
        (level << DigitBits) | ((int)(time >> (level * DigitBits)) & (Base - 1));

    private static Span<Event> EventsOf(Chunk* chunk, Event* end) =>
        new(Chunk.First(chunk), (int)(end - Chunk.First(chunk)));

    // A slot's chunks lie scattered: without this each one starts with a wait for memory.
    private static void Prefetch(Chunk* chunk)
    {
        if (Sse.IsSupported && chunk != null)
        {
            for (int line = 0; line < Chunk.Bytes; line += 64)
            {
                Sse.Prefetch0((byte*)chunk + line);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(int index, in Event pending)
    {
        ref Slot slot = ref _slots[index];
        if (Chunk.IsBorder(slot.End))
        {
            Extend(index);
        }

        *slot.End++ = pending;
        slot.Count++;
    }

    private void Extend(int index)
    {
        ref Slot slot = ref _slots[index];
        Chunk* chunk = _pool.Rent();
        chunk->Older = slot.End == null ? null : Chunk.EndingAt(slot.End);
        slot.End = Chunk.First(chunk);
        _occupied[index / 64] |= 1UL << (index % 64);
    }

    // Forgets what a slot holds and returns its newest chunk, which ends where the slot did.
    private Chunk* Empty(int index)
    {
        Chunk* newest = Chunk.EndingAt(_slots[index].End);
        _slots[index] = default;
        _occupied[index / 64] &= ~(1UL << (index % 64));
        return newest;
    }

    // Gives a chunk back and steps to the one filled before it, which is full.
    private void Discard(ref Chunk* chunk, ref Event* end)
    {
        Chunk* older = chunk->Older;
        _pool.Return(chunk);
        chunk = older;
        end = Chunk.First(older) + Chunk.Capacity;
    }

    private void MoveTo(long cursor)
    {
        _cursor = cursor;
        _leastTime = Unknown;
    }

    /// <summary>Where the next event of a slot goes, null if it is empty, and how many there are.</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct Slot
    {
        public Event* End;
        public int Count;
    }
}
