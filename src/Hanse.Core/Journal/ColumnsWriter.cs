using System;
using System.Collections.Generic;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>Packs readings: see <see cref="Columns"/>.</summary>
/// <remarks>Readings come in the order they were made; channels may alternate. Cost of packing: one sort.
/// May be cleared and used again.</remarks>
public sealed class ColumnsWriter
{
    private readonly List<Reading> _readings = [];
    private readonly int[] _lastAt = new int[Columns.ChannelMax + 1];

    /// <summary>An empty pack.</summary>
    public ColumnsWriter() => Clear();

    /// <summary>Readings added.</summary>
    public int Count => _readings.Count;

    /// <summary>Whether no more fit: pack these, and go on with another entry.</summary>
    public bool IsFull => Count == Columns.CountMax;

    /// <summary>Forgets the readings.</summary>
    public void Clear()
    {
        _readings.Clear();
        Array.Fill(_lastAt, -1);
    }

    /// <summary>Adds one reading.</summary>
    /// <param name="channel">0 to <see cref="Columns.ChannelMax"/>.</param>
    /// <param name="milliseconds">After the beginning of the block; later than the last one of the same
    /// channel.</param>
    /// <param name="value">In the unit of the channel.</param>
    /// <exception cref="BrokenInvariantException">Out of range, out of order, or the pack is
    /// full.</exception>
    public void Add(int channel, int milliseconds, long value)
    {
        Invariant.Holds(!IsFull);
        Invariant.Holds(channel is >= 0 and <= Columns.ChannelMax);
        Invariant.Holds(milliseconds > _lastAt[channel] && milliseconds <= Block.MillisecondsMax);
        Invariant.Holds(value is >= -Columns.ValueMax and <= Columns.ValueMax);
        _lastAt[channel] = milliseconds;
        _readings.Add(new Reading(channel, milliseconds, value));
    }

    /// <summary>The packed readings; no bytes when there are none.</summary>
    public byte[] ToArray()
    {
        if (Count == 0)
        {
            return [];
        }

        // No two readings are alike in channel and time, so the order of equals does not arise.
        _readings.Sort((a, b) => (a.Channel, a.Milliseconds).CompareTo((b.Channel, b.Milliseconds)));
        int step = 0;
        foreach (Reading reading in _readings)
        {
            step = Columns.Divisor(step, reading.Milliseconds);
        }

        step = Math.Max(step, 1);
        var bytes = new ByteBuffer();
        Varint(bytes, (ulong)step);
        int channel = -1;
        for (int first = 0, next; first < Count; first = next)
        {
            next = first + 1;
            while (next < Count && _readings[next].Channel == _readings[first].Channel)
            {
                next++;
            }

            Varint(bytes, (ulong)(_readings[first].Channel - channel - 1));
            channel = _readings[first].Channel;
            Column(bytes, first, next, step);
        }

        return bytes.Written.ToArray();
    }

    private void Column(ByteBuffer bytes, int first, int next, int step)
    {
        Varint(bytes, (ulong)(next - first - 1));
        Varint(bytes, (ulong)(_readings[first].Milliseconds / step));
        Varint(bytes, Columns.ZigZag(_readings[first].Value));
        if (next - first == 1)
        {
            return;
        }

        ulong times = 0;
        ulong changes = 0;
        for (int i = first + 1; i < next; i++)
        {
            times |= Steps(i, step);
            changes |= Change(i);
        }

        int timeBits = Columns.BitsOf(times);
        int changeBits = Columns.BitsOf(changes);
        bytes.Add((byte)timeBits);
        bytes.Add((byte)changeBits);
        var bits = new BitWriter(bytes);
        for (int i = first + 1; i < next; i++)
        {
            bits.Add(Steps(i, step), timeBits);
            bits.Add(Change(i), changeBits);
        }

        bits.Close();
    }

    private ulong Steps(int i, int step) =>
        (ulong)(((_readings[i].Milliseconds - _readings[i - 1].Milliseconds) / step) - 1);

    private ulong Change(int i) => Columns.ZigZag(_readings[i].Value - _readings[i - 1].Value);

    private static void Varint(ByteBuffer bytes, ulong value)
    {
        while (value >= 0x80)
        {
            bytes.Add((byte)((value & 0x7f) | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)value);
    }

    private readonly record struct Reading(int Channel, int Milliseconds, long Value);

    private ref struct BitWriter(ByteBuffer bytes)
    {
        private ulong _held;
        private int _count;

        // At most 7 bits are held and at most 52 come, so the sum never leaves the word.
        public void Add(ulong value, int width)
        {
            _held |= value << _count;
            _count += width;
            for (; _count >= 8; _count -= 8)
            {
                bytes.Add((byte)(_held & 0xff));
                _held >>= 8;
            }
        }

        public void Close()
        {
            if (_count > 0)
            {
                bytes.Add((byte)_held);
            }
        }
    }
}
