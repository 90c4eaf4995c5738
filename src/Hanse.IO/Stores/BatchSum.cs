using System;
using System.Buffers.Binary;
using System.Text;
using Hanse.IO.Journal;

namespace Hanse.IO.Stores;

/// <summary>The checksum of a row: of its bytes and of where they belong, so that neither a spoiled row nor
/// one that was put elsewhere passes.</summary>
public static class BatchSum
{
    /// <summary>The checksum of a batch.</summary>
    public static long Of(StreamName stream, StreamBatch batch) =>
        Of(stream, batch.Version, batch.At.Micros, batch.Facts, batch.Run.Span);

    /// <summary>The checksum of a snapshot.</summary>
    public static long Of(StreamName stream, StreamSnapshot snapshot) =>
        Of(stream, snapshot.Version, 0, 0, snapshot.State.Span);

    private static long Of(StreamName stream, long version, long at, int facts, ReadOnlySpan<byte> bytes)
    {
        Span<byte> place = stackalloc byte[20 + StreamName.LengthMax];
        BinaryPrimitives.WriteInt64LittleEndian(place, version);
        BinaryPrimitives.WriteInt32LittleEndian(place[8..], facts);
        int length = 12 + Encoding.ASCII.GetBytes(stream.Text, place[12..]);
        if (at != 0)
        {
            // Rows without a time have the sum that they always had.
            BinaryPrimitives.WriteInt64LittleEndian(place[length..], at);
            length += 8;
        }

        return ((long)Crc32C.Of(place[..length]) << 32) | Crc32C.Of(bytes);
    }
}
