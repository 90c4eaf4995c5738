using System;
using Hanse.Core.Wire;

namespace Hanse.Core.Series;

/// <summary>Binary arithmetic coding: an interval narrowed by every bit, its settled bytes sent.</summary>
/// <remarks>
/// The carry-less coder of Mahoney's lpaq (2007), after Rissanen and Langdon (1979): 32-bit ends, bytes sent
/// when both ends agree on them. It closes with the fewest bytes that lead into the interval when followed by
/// zeros, so a settled stream costs a byte or two and has exactly one encoding.
/// </remarks>
internal struct RangeInterval()
{
    private uint _low = 0;

    private uint _high = uint.MaxValue;

    /// <summary>Whether the first byte of both ends agrees.</summary>
    public readonly bool IsSettled => ((_low ^ _high) & 0xFF00_0000) == 0;

    /// <summary>The byte they agree on.</summary>
    public readonly byte Settled => (byte)(_high >> 24);

    /// <summary>Where a bit of this chance divides the interval; at or below means it is set.</summary>
    public readonly uint Divide(int chance) =>
        _low + (uint)((((ulong)_high - _low) * (ulong)chance) >> 16);

    /// <summary>Keeps one side.</summary>
    public void Keep(bool bit, uint middle)
    {
        if (bit)
        {
            _high = middle;
        }
        else
        {
            _low = middle + 1;
        }
    }

    /// <summary>Drops the byte both ends agree on.</summary>
    public void Shift()
    {
        _low <<= 8;
        _high = (_high << 8) | 0xFF;
    }

    /// <summary>The fewest bytes that lead into the interval, left aligned, and their number.</summary>
    public readonly (uint Bytes, int Count) Close()
    {
        for (int count = 0; count < 4; count++)
        {
            ulong rest = count == 0 ? uint.MaxValue : uint.MaxValue >> (8 * count);
            ulong first = (_low + rest) & ~rest;
            if (first <= _high)
            {
                return ((uint)first, count);
            }
        }

        return (_low, 4);
    }
}

/// <summary>Writes bits.</summary>
internal struct RangeWriter(ByteBuffer into) : IBitCoder
{
    private readonly ByteBuffer _into = into;

    private RangeInterval _interval = new();

    /// <inheritdoc/>
    public bool Code(bool bit, int chance)
    {
        _interval.Keep(bit, _interval.Divide(chance));
        while (_interval.IsSettled)
        {
            _into.Add(_interval.Settled);
            _interval.Shift();
        }

        return bit;
    }

    /// <summary>Sends what is still needed to tell the last bits.</summary>
    public readonly void Close()
    {
        (uint bytes, int count) = _interval.Close();
        for (int i = 0; i < count; i++)
        {
            _into.Add((byte)((bytes >> (24 - (8 * i))) & 0xFF));
        }
    }
}

/// <summary>Reads bits; past the end it reads zeros.</summary>
internal ref struct RangeReader : IBitCoder
{
    private readonly ReadOnlySpan<byte> _bytes;

    private RangeInterval _interval = new();

    private uint _window;

    // Bytes that have left the window; the window holds the four after them.
    private int _shifted;

    /// <summary>Begins at the first byte.</summary>
    public RangeReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        for (int i = 0; i < 4; i++)
        {
            _window = (_window << 8) | At(i);
        }
    }

    /// <summary>Whether a writer, having written what was read, would have closed with just these
    /// bytes.</summary>
    public readonly bool IsClosed
    {
        get
        {
            (uint bytes, int count) = _interval.Close();
            return _shifted + count == _bytes.Length && bytes == _window;
        }
    }

    /// <summary>Whether more has been read than was written.</summary>
    public readonly bool IsExhausted => _shifted > _bytes.Length;

    /// <inheritdoc/>
    public bool Code(bool bit, int chance)
    {
        uint middle = _interval.Divide(chance);
        bool read = _window <= middle;
        _interval.Keep(read, middle);
        while (_interval.IsSettled)
        {
            _interval.Shift();
            _shifted++;
            _window = (_window << 8) | At(_shifted + 3);
        }

        return read;
    }

    private readonly byte At(int index) => index < _bytes.Length ? _bytes[index] : (byte)0;
}
