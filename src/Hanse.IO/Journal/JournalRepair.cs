using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.IO.Journal;

/// <summary>What is wrong with a journal file, and what a repair keeps.</summary>
/// <param name="Length">Bytes of the file.</param>
/// <param name="Damage">Where the valid prefix ends and why, or null when nothing is wrong.</param>
/// <param name="BlocksKept">Blocks in the valid prefix.</param>
/// <param name="Covered">Blocks that the last checkpoint of the prefix covers; zero without one.</param>
/// <param name="RecordsBeyond">Whole records after the damage, which the repair sets aside too.</param>
/// <param name="BlocksBeyond">Of these, blocks.</param>
/// <param name="IsCountComplete">Whether all bytes after the damage were searched for these.</param>
/// <param name="Aside">Where the bytes cut off were kept, or null when none were.</param>
public sealed record RepairReport(
    long Length,
    JournalDamage? Damage,
    long BlocksKept,
    ulong Covered,
    long RecordsBeyond,
    long BlocksBeyond,
    bool IsCountComplete,
    string? Aside)
{
    /// <summary>Bytes that are not in the valid prefix.</summary>
    public long BytesCut => Damage is null ? 0 : Length - Damage.Offset;

    /// <summary>Whether there is a prefix to go on from.</summary>
    public bool IsRepairable => Damage is null || Damage.Offset > JournalFormat.Magic.Length;
}

/// <summary>Brings a journal file back to its last valid prefix.</summary>
/// <remarks>Nothing is destroyed: what is cut off is first copied beside the file, flushed, and only then is
/// the file shortened. What was acknowledged as on disk and is cut off all the same (a rotten bit) is lost to
/// the node, but its checkpoints may be elsewhere: the report says what they still cover.</remarks>
public static class JournalRepair
{
    // A file made to be slow can hold a plausible record at every byte; this much is checksummed at most.
    private const long SearchBytesMax = 256L * 1024 * 1024;

    /// <summary>Looks, and changes nothing.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static RepairReport Examine(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Examine(stream);
    }

    /// <summary>Looks, and cuts off what is after the last valid record; keeps it beside the file.</summary>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static RepairReport Repair(string path)
    {
        // Nobody may append between the looking and the cutting.
        using FileStream held = JournalFile.Lock(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RepairReport report = Examine(stream);
        if (report.Damage is null || !report.IsRepairable)
        {
            return report;
        }

        string aside = SetAside(stream, path, report.Damage.Offset);
        stream.SetLength(report.Damage.Offset);
        stream.Flush(flushToDisk: true);
        return report with { Aside = aside };
    }

    private static RepairReport Examine(FileStream stream)
    {
        var reader = new JournalReader(stream);
        long blocks = 0;
        ulong covered = 0;
        while (reader.Read(out JournalRecord record))
        {
            blocks += record.Kind == RecordKind.Block ? 1 : 0;
            if (record.Kind == RecordKind.Checkpoint
                && SignedNote.TryParse(record.Payload.Span, out SignedNote? note, out DecodeError? _)
                && Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _))
            {
                covered = Math.Max(covered, checkpoint.Head.Size);
            }
        }

        (long records, long beyond, bool isComplete) = reader.Damage is { } damage
            ? Search(stream, damage.Offset) : (0, 0, true);
        return new RepairReport(
            stream.Length, reader.Damage, blocks, covered, records, beyond, isComplete, null);
    }

    // Whole records after the damage, wherever they begin.
    private static (long Records, long Blocks, bool IsComplete) Search(FileStream stream, long from)
    {
        byte[] window = new byte[4 * (JournalFormat.PayloadMax + JournalFormat.Overhead)];
        long records = 0;
        long blocks = 0;
        long checkedBytes = 0;
        stream.Position = from;
        int held = stream.ReadAtLeast(window, window.Length, throwOnEndOfStream: false);
        int at = 1;
        while (held - at >= JournalFormat.Overhead)
        {
            // Keep a whole record's room ahead while there is more of the file.
            if (held - at < JournalFormat.PayloadMax + JournalFormat.Overhead
                && stream.Position < stream.Length)
            {
                window.AsSpan(at, held - at).CopyTo(window);
                held -= at;
                at = 0;
                held += stream.ReadAtLeast(
                    window.AsSpan(held), window.Length - held, throwOnEndOfStream: false);
            }

            ReadOnlySpan<byte> rest = window.AsSpan(at, held - at);
            int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (!JournalFormat.IsPlausible(rest) || length + JournalFormat.Overhead > rest.Length)
            {
                at++;
                continue;
            }

            checkedBytes += length;
            if (checkedBytes > SearchBytesMax)
            {
                return (records, blocks, false);
            }

            if (JournalReader.IsWhole(rest, length))
            {
                records++;
                blocks += rest[4] == (byte)RecordKind.Block ? 1 : 0;
                at += length + JournalFormat.Overhead;
            }
            else
            {
                at++;
            }
        }

        return (records, blocks, true);
    }

    private static string SetAside(FileStream stream, string path, long from)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{path}.cut-{from}");
        string aside = name;
        for (int i = 2; File.Exists(aside); i++)
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{name}-{i}");
        }

        using var copy = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Position = from;
        stream.CopyTo(copy);
        copy.Flush(flushToDisk: true);
        return aside;
    }
}
