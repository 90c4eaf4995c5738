using System;
using System.Buffers.Binary;
using System.Numerics;

namespace Hanse.IO.Journal;

/// <summary>CRC-32C (Castagnoli), by the processor's own instruction where there is one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte part in bytes)
        {
            crc = BitOperations.Crc32C(crc, part);
        }

        return ~crc;
    }
}
