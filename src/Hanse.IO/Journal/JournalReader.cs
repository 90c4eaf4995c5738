using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using Hanse.Core.Journal;

namespace Hanse.IO.Journal;

/// <summary>Where and how a file stops being a journal.</summary>
/// <param name="Offset">End of the last whole record.</param>
/// <param name="Reason">What is wrong there.</param>
public sealed record JournalDamage(long Offset, string Reason);

/// <summary>Reads the records of a journal file that nobody vouches for, one after the other.</summary>
/// <remarks>Memory: one record, whatever the file. Reads from the stream only as much as is asked for. Never
/// throws for what is in the file; errors of the disk are the caller's.</remarks>
public sealed class JournalReader
{
    private readonly Stream _stream;
    private readonly byte[] _bytes = new byte[JournalFormat.Overhead + JournalFormat.PayloadMax];

    /// <summary>Begins at the beginning of a stream.</summary>
    public JournalReader(Stream stream) => _stream = stream;

    /// <summary>Whose journal it is; null until the first record was read.</summary>
    public string? Origin { get; private set; }

    /// <summary>End of the last whole record.</summary>
    public long Offset { get; private set; }

    /// <summary>Why reading ended before the end of the file, or null.</summary>
    public JournalDamage? Damage { get; private set; }

    /// <summary>Reads the next record after that of the origin.</summary>
    /// <param name="record">Its payload is valid until the next call.</param>
    /// <returns>False at the end, and at damage.</returns>
    public bool Read(out JournalRecord record)
    {
        record = default;
        return Damage is null && (Origin is not null || Begin()) && Next(out record)
            && (record.Kind != RecordKind.Origin || Fail("a second origin"));
    }

    private bool Begin()
    {
        Span<byte> magic = stackalloc byte[JournalFormat.Magic.Length];
        int count = _stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        if (count < magic.Length || !magic.SequenceEqual(JournalFormat.Magic.AsSpan()))
        {
            return Fail("this is not a journal: it does not begin like one");
        }

        Offset = magic.Length;
        if (!Next(out JournalRecord record))
        {
            return Damage is null && Fail("this journal ends before it says whose it is");
        }

        string origin = Encoding.UTF8.GetString(record.Payload.Span);
        if (record.Kind != RecordKind.Origin || !NoteKey.IsName(origin))
        {
            Offset = magic.Length;
            return Fail("the first record does not say whose journal this is");
        }

        Origin = origin;
        return true;
    }

    private bool Next(out JournalRecord record)
    {
        record = default;
        Span<byte> head = _bytes.AsSpan(0, JournalFormat.HeadBytes);
        int count = _stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (count == 0)
        {
            return false;
        }

        if (count < head.Length)
        {
            return Fail("the file ends inside the head of a record: a torn write");
        }

        if (!JournalFormat.IsPlausible(head))
        {
            return Fail("no record begins here: its length or kind is impossible");
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(head);
        int rest = length + JournalFormat.Overhead - head.Length;
        count = _stream.ReadAtLeast(_bytes.AsSpan(head.Length, rest), rest, throwOnEndOfStream: false);
        if (count < rest)
        {
            return Fail("the file ends inside a record: a torn write");
        }

        if (!IsWhole(_bytes, length))
        {
            return Fail("the checksum of a record is wrong: a rotten bit or a torn write");
        }

        record = new JournalRecord(
            Offset, (RecordKind)_bytes[4], _bytes.AsMemory(JournalFormat.HeadBytes, length));
        Offset = record.End;
        return true;
    }

    internal static bool IsWhole(ReadOnlySpan<byte> record, int length)
    {
        int end = JournalFormat.HeadBytes + length;
        return Crc32C.Of(record[..end]) == BinaryPrimitives.ReadUInt32LittleEndian(record[end..]);
    }

    private bool Fail(string reason)
    {
        Damage = new JournalDamage(Offset, reason);
        return false;
    }
}
