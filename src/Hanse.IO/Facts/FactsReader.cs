using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Hanse.Core.Identity;
using Hanse.Core.Wire;
using Hanse.IO.Journal;

namespace Hanse.IO.Facts;

/// <summary>Where and how a file stops being one of facts.</summary>
/// <param name="Offset">End of the last whole record.</param>
/// <param name="Reason">What is wrong there.</param>
public sealed record FactsDamage(long Offset, string Reason);

/// <summary>Reads the steps of a file of facts that nobody vouches for, one after the other.</summary>
/// <remarks>Memory: one step, whatever the file claims. Never throws for what is in the file; errors of the
/// disk are the caller's.</remarks>
public sealed class FactsReader
{
    // A length that lies costs no more memory than there are bytes.
    private const int ChunkBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly Dictionary<Party, ulong> _numbers = [];
    private byte[] _bytes = new byte[ChunkBytes];
    private ulong _steps;

    /// <summary>Begins at the beginning of a stream.</summary>
    public FactsReader(Stream stream) => _stream = stream;

    /// <summary>Where the facts come from; null until <see cref="Begin"/> has read it.</summary>
    public FactsHeader? Header { get; private set; }

    /// <summary>Where the step that was read last begins in the file (unpacked).</summary>
    public long Offset { get; private set; }

    /// <summary>End of the last whole record.</summary>
    public long End { get; private set; }

    /// <summary>Whether the last record was met: nothing is missing.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Why reading ended before the end of the file, or null.</summary>
    public FactsDamage? Damage { get; private set; }

    /// <summary>Reads the beginning of the file.</summary>
    /// <returns>False when it is no file of facts: <see cref="Damage"/> says why.</returns>
    public bool Begin()
    {
        Span<byte> magic = stackalloc byte[FactsFormat.Magic.Length];
        if (!Fill(magic) || !magic.SequenceEqual(FactsFormat.Magic.AsSpan()))
        {
            return Fail("this is not a file of facts: it does not begin like one");
        }

        End = magic.Length;
        if (!Next(out FactsRecord kind, out ReadOnlyMemory<byte> payload))
        {
            return Damage is null && Fail("the file ends before its header");
        }

        if (kind != FactsRecord.Header || !CborReader.TryRead(payload, out FactsHeader? header, out _))
        {
            return Fail("the first record is not a header");
        }

        Header = header;
        return true;
    }

    /// <summary>Reads the next step.</summary>
    /// <returns>Null at the end, and at damage.</returns>
    public FactStep? Read()
    {
        if (Damage is not null || IsComplete || (Header is null && !Begin()))
        {
            return null;
        }

        long start = End;
        if (!Next(out FactsRecord kind, out ReadOnlyMemory<byte> payload))
        {
            _ = Damage is null
                && Fail("the file ends without its last record: it was cut off, or its writer was stopped");
            return null;
        }

        return kind switch
        {
            FactsRecord.Step => Step(start, payload),
            FactsRecord.End => Finish(start, payload),
            _ => Spoiled(start, "a second header"),
        };
    }

    private FactStep? Step(long start, ReadOnlyMemory<byte> payload)
    {
        if (!CborReader.TryRead(payload, out FactStep? step, out DecodeError? error))
        {
            return Spoiled(start, $"a step that this program cannot read: {error.Reason}");
        }

        ulong due = _numbers.GetValueOrDefault(step.Machine) + 1;
        if (step.Number != due)
        {
            return Spoiled(start, $"step {step.Number} of {step.Machine} where its step {due} is due: "
                + "records are missing, or written twice");
        }

        _numbers[step.Machine] = due;
        _steps++;
        Offset = start;
        return step;
    }

    private FactStep? Finish(long start, ReadOnlyMemory<byte> payload)
    {
        if (!CborReader.TryRead(payload, out FactsEnd? end, out _) || end.Steps != _steps)
        {
            return Spoiled(start, "the last record does not count the steps before it");
        }

        if (_stream.ReadByte() >= 0)
        {
            return Spoiled(End, "bytes follow the last record");
        }

        IsComplete = true;
        return null;
    }

    private bool Next(out FactsRecord kind, out ReadOnlyMemory<byte> payload)
    {
        (kind, payload) = (default, default);
        Span<byte> head = _bytes.AsSpan(0, FactsFormat.HeadBytes);
        int count = _stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (count == 0)
        {
            return false;
        }

        if (count < head.Length)
        {
            return Fail("the file ends inside the head of a record: a torn write");
        }

        if (!FactsFormat.IsPlausible(head))
        {
            return Fail("no record begins here: its length or kind is impossible");
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(head);
        int total = length + FactsFormat.Overhead;
        for (int read = head.Length; read < total;)
        {
            int part = Math.Min(ChunkBytes, total - read);
            if (_bytes.Length < read + part)
            {
                Array.Resize(ref _bytes, Math.Min(total, 2 * (read + part)));
            }

            if (!Fill(_bytes.AsSpan(read, part)))
            {
                return Fail("the file ends inside a record: a torn write");
            }

            read += part;
        }

        int end = total - sizeof(uint);
        if (Crc32C.Of(_bytes.AsSpan(0, end))
            != BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(end)))
        {
            return Fail("the checksum of a record is wrong: a rotten bit or a torn write");
        }

        kind = (FactsRecord)_bytes[4];
        payload = _bytes.AsMemory(FactsFormat.HeadBytes, length);
        End += total;
        return true;
    }

    private bool Fill(Span<byte> bytes) =>
        _stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;

    private FactStep? Spoiled(long offset, string reason)
    {
        Damage = new FactsDamage(offset, reason);
        return null;
    }

    private bool Fail(string reason)
    {
        Damage = new FactsDamage(End, reason);
        return false;
    }
}
