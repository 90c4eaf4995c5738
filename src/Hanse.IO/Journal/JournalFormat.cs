using System;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Hanse.Core.Journal;

namespace Hanse.IO.Journal;

/// <summary>What a record of a journal file holds. The numbers are in files for ever.</summary>
public enum RecordKind
{
    /// <summary>First of all, and only there: whose journal it is.</summary>
    Origin = 1,

    /// <summary>One canonical <see cref="Core.Journal.Block"/>: a leaf.</summary>
    Block = 2,

    /// <summary>A signed note over a <see cref="Core.Journal.Checkpoint"/>.</summary>
    Checkpoint = 3,

    /// <summary>The key the node enrolled with, as the text of a <see cref="NoteKey"/>. The file says so;
    /// whoever checks it had better know the key from elsewhere.</summary>
    Key = 4,
}

/// <summary>One record of a journal file.</summary>
/// <param name="Offset">Where it begins in the file.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Payload">Its bytes.</param>
public readonly record struct JournalRecord(long Offset, RecordKind Kind, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Where the next one begins.</summary>
    public long End => Offset + JournalFormat.Overhead + Payload.Length;
}

/// <summary>The bytes of a journal file.</summary>
/// <remarks>
/// <c>file = magic record*</c>; <c>record = length(4) kind(1) payload checksum(4)</c>, numbers little-endian;
/// the length is that of the payload and the checksum is CRC-32C over everything before it in the record.
/// The first record is the origin. The checksum finds torn writes and rotten bits, which is not a proof of
/// anything: that is what the checkpoints are for.
/// </remarks>
public static class JournalFormat
{
    /// <summary>Most bytes of a payload.</summary>
    public const int PayloadMax = Block.BytesMax;

    /// <summary>Bytes of a record beside its payload.</summary>
    public const int Overhead = 9;

    internal const int HeadBytes = 5;

    /// <summary>The first eight bytes of a file; the last names the version.</summary>
    public static ImmutableArray<byte> Magic { get; } = [.. "hansejn\u0001"u8];

    /// <summary>The bytes of a record.</summary>
    /// <exception cref="ArgumentException">The payload is empty or too long.</exception>
    public static byte[] Encode(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        if (payload.Length is 0 or > PayloadMax)
        {
            throw new ArgumentException($"a record holds 1 to {PayloadMax} bytes");
        }

        byte[] bytes = new byte[Overhead + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, payload.Length);
        bytes[4] = (byte)kind;
        payload.CopyTo(bytes.AsSpan(HeadBytes));
        int end = HeadBytes + payload.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(end), Crc32C.Of(bytes.AsSpan(0, end)));
        return bytes;
    }

    /// <summary>The beginning of a file: magic and origin.</summary>
    public static byte[] Begin(string origin) =>
        [.. Magic, .. Encode(RecordKind.Origin, Encoding.UTF8.GetBytes(origin))];

    // A head is plausible when something could have written it; the checksum decides.
    internal static bool IsPlausible(ReadOnlySpan<byte> head) =>
        BinaryPrimitives.ReadInt32LittleEndian(head) is > 0 and <= PayloadMax
        && (RecordKind)head[4] is >= RecordKind.Origin and <= RecordKind.Key;
}
