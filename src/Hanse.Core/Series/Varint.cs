using System;
using Hanse.Core.Wire;

namespace Hanse.Core.Series;

/// <summary>Numbers in their fewest bytes: seven bits a byte, the lowest first, as in protobuf.</summary>
internal static class Varint
{
    /// <summary>Writes a number.</summary>
    public static void Write(ByteBuffer into, ulong value)
    {
        while (value >= 0x80)
        {
            into.Add((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }

        into.Add((byte)value);
    }

    /// <summary>Writes a number of either sign: 0, -1, 1, -2 as 0, 1, 2, 3.</summary>
    public static void WriteSigned(ByteBuffer into, long value) =>
        Write(into, value >= 0 ? (ulong)value << 1 : ((ulong)~value << 1) | 1);

    /// <summary>Reads a number and moves on.</summary>
    /// <returns>False when the bytes end within it, or it is longer than it must be, or than 64
    /// bits.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && position < bytes.Length; shift += 7)
        {
            byte part = bytes[position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return (part != 0 || shift == 0) && (shift < 63 || part == 1);
            }
        }

        return false;
    }

    /// <summary>Reads a number of either sign and moves on.</summary>
    public static bool TryReadSigned(ReadOnlySpan<byte> bytes, ref int position, out long value)
    {
        bool isRead = TryRead(bytes, ref position, out ulong told);
        value = (told & 1) == 0 ? (long)(told >> 1) : ~(long)(told >> 1);
        return isRead;
    }
}
