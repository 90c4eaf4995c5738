using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>Reads packed readings from bytes nobody vouches for: see <see cref="Columns"/>.</summary>
/// <remarks>
/// Allocates nothing, never throws, and accepts only the one packed form of a content. Whether a column was
/// packed in the fewest bits is known at its end and the step at the end of the pack: so what was read
/// counts only once <see cref="Read"/> has returned false and <see cref="Error"/> is null. Cost: about three
/// nanoseconds a reading.
/// </remarks>
public ref struct ColumnsReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private int _step;
    private int _divisor;
    private int _count;
    private int _left;
    private int _timeBits;
    private int _changeBits;
    private ulong _times;
    private ulong _changes;
    private long _bit;
    private bool _inColumn;

    /// <summary>Channel of the reading.</summary>
    public int Channel { get; private set; } = -1;

    /// <summary>Time of the reading after the beginning of its block.</summary>
    public int Milliseconds { get; private set; }

    /// <summary>The reading, in the unit of its channel.</summary>
    public long Value { get; private set; }

    /// <summary>The first thing refused, or null.</summary>
    public DecodeError? Error { get; private set; }

    /// <summary>Whether bytes are a canonical pack, and of how many readings.</summary>
    public static bool TryCount(
        ReadOnlySpan<byte> bytes, out int count, [NotNullWhen(false)] out DecodeError? error)
    {
        var reader = new ColumnsReader(bytes);
        while (reader.Read())
        {
        }

        count = reader._count;
        error = reader.Error;
        return error is null;
    }

    /// <summary>Goes on to the next reading: channel by channel, in each by time.</summary>
    /// <returns>False at the end, and at an error.</returns>
    public bool Read() => _left > 0 ? Further() : First();

    // The hot path: a reading after the first of its column.
    private bool Further()
    {
        ulong steps = Bits(_bit, _timeBits);
        ulong change = Bits(_bit + _timeBits, _changeBits);
        _bit += _timeBits + _changeBits;
        _times |= steps;
        _changes |= change;
        _left--;

        // At most 2^16 steps of at most 60,000 ms, and at most 2^51 added to at most 2^50: no overflow.
        if (_divisor != 1)
        {
            _divisor = Columns.Divisor(_divisor, (int)steps + 1);
        }

        long at = Milliseconds + (((long)steps + 1) * _step);
        long value = Value + Columns.Straight(change);
        if (at > Block.MillisecondsMax)
        {
            return Fail("a time is after the end of its block");
        }

        if (value is < -Columns.ValueMax or > Columns.ValueMax)
        {
            return Fail("a value is out of range");
        }

        Milliseconds = (int)at;
        Value = value;
        return true;
    }

    private bool First()
    {
        if (Error is not null || (_inColumn && !CloseColumn()))
        {
            return false;
        }

        if (_position == _bytes.Length)
        {
            // Times that are all zero have no divisor; their step is one.
            return _step != 0 && _divisor != 1 && !(_divisor == 0 && _step == 1)
                && Fail("the step is not the greatest common divisor of the times");
        }

        return (_step != 0 || Begin()) && OpenColumn();
    }

    private bool Begin()
    {
        if (!Varint(Block.MillisecondsMax, out ulong step))
        {
            return false;
        }

        _step = (int)step;
        return _step == 0 ? Fail("the step is zero")
            : _position < _bytes.Length || Fail("a pack without readings must be empty");
    }

    private bool OpenColumn()
    {
        ulong channelsLeft = (ulong)(Columns.ChannelMax - Channel);
        if (channelsLeft == 0)
        {
            return Fail("a column follows that of the highest channel");
        }

        if (!Varint(channelsLeft - 1, out ulong gap)
            || !Varint((ulong)(Columns.CountMax - 1), out ulong more)
            || !Varint((ulong)(Block.MillisecondsMax / _step), out ulong time)
            || !Varint(Columns.ZigZag(-Columns.ValueMax - 1), out ulong folded))
        {
            return false;
        }

        Channel += (int)gap + 1;
        _left = (int)more;
        _count += _left + 1;
        Milliseconds = (int)time * _step;
        Value = Columns.Straight(folded);
        _divisor = Columns.Divisor(_divisor, (int)time);
        _inColumn = _left > 0;
        if (_count > Columns.CountMax)
        {
            return Fail("there are too many readings");
        }

        return Value is >= -Columns.ValueMax and <= Columns.ValueMax
            ? _left == 0 || OpenBits()
            : Fail("a value is out of range");
    }

    private bool OpenBits()
    {
        if (_bytes.Length - _position < 2)
        {
            return Fail("the widths of a column are cut off");
        }

        _timeBits = _bytes[_position];
        _changeBits = _bytes[_position + 1];
        _position += 2;
        if (_timeBits > Columns.TimeBitsMax || _changeBits > Columns.ChangeBitsMax)
        {
            return Fail("a width is out of range");
        }

        _bit = (long)_position * 8;
        _times = 0;
        _changes = 0;
        long end = _bit + ((long)_left * (_timeBits + _changeBits));
        return end <= (long)_bytes.Length * 8 || Fail("a column is cut off");
    }

    private bool CloseColumn()
    {
        _inColumn = false;
        if (_timeBits != Columns.BitsOf(_times) || _changeBits != Columns.BitsOf(_changes))
        {
            return Fail("a column is not in the fewest bits");
        }

        int over = (int)(_bit & 7);
        _position = (int)((_bit + 7) / 8);
        return over == 0 || _bytes[_position - 1] >> over == 0 || Fail("a column is not filled with zeros");
    }

    // A word read anywhere holds at least 57 bits from the bit asked for.
    private readonly ulong Bits(long bit, int width)
    {
        int at = (int)(bit >> 3);
        ulong word;
        if (at + 8 <= _bytes.Length)
        {
            word = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[at..]);
        }
        else
        {
            word = 0;
            for (int i = _bytes.Length - 1; i >= at; i--)
            {
                word = (word << 8) | _bytes[i];
            }
        }

        return (word >> (int)(bit & 7)) & ((1UL << width) - 1);
    }

    private bool Varint(ulong max, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            if (_position == _bytes.Length)
            {
                return Fail("a number is cut off");
            }

            byte part = _bytes[_position++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return part == 0 && shift > 0 ? Fail("a number is not in its shortest form")
                    : value <= max || Fail("a number is out of range");
            }
        }

        return Fail("a number is too long");
    }

    private bool Fail(string reason)
    {
        Error ??= new DecodeError(_position, reason);
        _left = 0;
        _inColumn = false;
        return false;
    }
}
