using System;
using System.Buffers.Binary;
using System.IO;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Wire;
using Hanse.IO.Journal;

namespace Hanse.IO.Slots;

/// <summary>What a machine keeps of its releases on its disk: packages as far as they have come, and what its
/// <see cref="SkillBay"/> remembers.</summary>
/// <remarks>
/// A process may be ended at any byte of any write. What the bay remembers is appended, each with its length
/// and a checksum, and flushed to the disk before anything follows from it; a torn end is cut off when the
/// folder is opened again, since nothing has followed from it. Not for two processes at once: the second
/// cannot open it.
/// </remarks>
public sealed class SlotFolder : IDisposable
{
    private const int HeadBytes = 8;

    private readonly FileStream _facts;

    private SlotFolder(PackageFolder packages, FileStream facts)
    {
        Packages = packages;
        _facts = facts;
    }

    /// <summary>The packages.</summary>
    public PackageFolder Packages { get; }

    /// <summary>Bytes at the end of what was remembered that were torn, and cut off.</summary>
    public long Torn { get; private set; }

    /// <summary>Opens a folder, or makes one, and has a bay remember what it did.</summary>
    /// <exception cref="IOException">It cannot be read or written, or another process has it.</exception>
    public static SlotFolder Open(string path, SkillBay bay)
    {
        var packages = PackageFolder.Open(Path.Combine(path, "packages"));
        var facts = new FileStream(
            Path.Combine(path, "slots"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var folder = new SlotFolder(packages, facts);
        try
        {
            folder.Restore(bay);
            return folder;
        }
        catch
        {
            facts.Dispose();
            throw;
        }
    }

    /// <summary>Remembers where a function stands.</summary>
    public void Remember(SkillSlot slot) => Append(1, CborWriter.Bytes(slot));

    /// <summary>Remembers a question.</summary>
    public void Remember(SkillFunction function, byte[] question) =>
        Append(2, [(byte)function, .. question]);

    /// <inheritdoc/>
    public void Dispose() => _facts.Dispose();

    private void Append(byte kind, ReadOnlySpan<byte> payload)
    {
        byte[] record = [.. new byte[HeadBytes], kind, .. payload];
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length - HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Crc32C.Of(record.AsSpan(HeadBytes)));
        _facts.Write(record);
        _facts.Flush(flushToDisk: true);
    }

    private void Restore(SkillBay bay)
    {
        byte[] all = new byte[_facts.Length];
        _facts.ReadExactly(all);
        int at = 0;
        while (at + HeadBytes <= all.Length)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(all.AsSpan(at));
            uint sum = BinaryPrimitives.ReadUInt32LittleEndian(all.AsSpan(at + 4));
            if (length < 1 || length > all.Length - at - HeadBytes
                || Crc32C.Of(all.AsSpan(at + HeadBytes, length)) != sum
                || !Apply(bay, all.AsMemory(at + HeadBytes, length)))
            {
                break;
            }

            at += HeadBytes + length;
        }

        Torn = all.Length - at;
        _facts.SetLength(at);
        _facts.Position = at;
    }

    private static bool Apply(SkillBay bay, ReadOnlyMemory<byte> record)
    {
        if (record.Span[0] == 2 && record.Length is > 1 and <= Entry.DecisionBytesMax + 2)
        {
            bay.Apply((SkillFunction)record.Span[1], record[2..].ToArray());
            return true;
        }

        if (record.Span[0] == 1 && CborReader.TryRead(record[1..], out SkillSlot? slot, out _))
        {
            bay.Apply(slot);
            return true;
        }

        return false;
    }
}
