using System;
using System.Buffers.Binary;
using System.Text;

namespace Hanse.Core.Wire;

/// <summary>A growing run of bytes that is cleared and used again.</summary>
public sealed class ByteBuffer
{
    private byte[] _bytes = new byte[1024];

    /// <summary>Number of bytes written since the last <see cref="Clear"/>.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Forgets what was written and keeps the room.</summary>
    public void Clear() => Length = 0;

    /// <summary>Appends one byte.</summary>
    public void Add(byte value)
    {
        if (Length == _bytes.Length)
        {
            Grow(1);
        }

        _bytes[Length++] = value;
    }

    /// <summary>Appends bytes.</summary>
    public void Add(ReadOnlySpan<byte> values)
    {
        values.CopyTo(Room(values.Length));
        Length += values.Length;
    }

    /// <summary>Appends text that is known to be ASCII, such as the name of a field.</summary>
    public void AddAscii(string text)
    {
        _ = Ascii.FromUtf16(text, Room(text.Length), out int written);
        Length += written;
    }

    /// <summary>Appends bytes as two lower-case hexadecimal digits each.</summary>
    public void AddHex(ReadOnlySpan<byte> values)
    {
        _ = Convert.TryToHexStringLower(values, Room(2 * values.Length), out int written);
        Length += written;
    }

    /// <summary>Appends a number in decimal digits.</summary>
    public void AddDecimal(long value)
    {
        _ = value.TryFormat(Room(20), out int written, default, null);
        Length += written;
    }

    /// <summary>Leaves room for the length of what is written next; see <see cref="End"/>.</summary>
    /// <returns>Where the length is.</returns>
    public int Begin()
    {
        int at = Length;
        _ = Room(sizeof(int));
        Length += sizeof(int);
        return at;
    }

    /// <summary>Writes, as four bytes of which the lowest comes first, how much has been written since
    /// <see cref="Begin"/>.</summary>
    public void End(int at) => BinaryPrimitives.WriteInt32LittleEndian(
        _bytes.AsSpan(at), Length - at - sizeof(int));

    private Span<byte> Room(int size)
    {
        if (_bytes.Length - Length < size)
        {
            Grow(size);
        }

        return _bytes.AsSpan(Length);
    }

    private void Grow(int size) => Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + size));
}
