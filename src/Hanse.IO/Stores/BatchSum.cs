using System;
using System.Buffers.Binary;
using System.Text;
using Hanse.IO.Journal;

namespace Hanse.IO.Stores;

/// <summary>The checksum of a row: of its bytes and of where they belong, so that neither a spoiled row nor
/// one that was put elsewhere passes.</summary>
internal static class BatchSum
{
    public static long Of(StreamName stream, long version, int facts, ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = stackalloc byte[16 + StreamName.LengthMax];
        BinaryPrimitives.WriteInt64LittleEndian(place, version);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], facts);
        int length = Encoding.ASCII.GetBytes(stream.Text, place[12..]);
        return ((long)Crc32C.Of(place[..(12 + length)]) << 32) | Crc32C.Of(bytes);
    }
}
