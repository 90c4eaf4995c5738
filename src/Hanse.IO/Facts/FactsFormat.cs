using System;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Hanse.Core.Wire;
using Hanse.IO.Journal;

namespace Hanse.IO.Facts;

/// <summary>What a record of a file of facts holds. The numbers are in files for ever.</summary>
public enum FactsRecord
{
    /// <summary>First of all, and only there: a <see cref="FactsHeader"/>.</summary>
    Header = 1,

    /// <summary>A <see cref="FactStep"/>.</summary>
    Step = 2,

    /// <summary>Last of all: a <see cref="FactsEnd"/>. Without it the file was cut off, or its writer was
    /// stopped.</summary>
    End = 3,
}

/// <summary>The last record: nothing is missing.</summary>
/// <param name="Steps">Steps written.</param>
public sealed record FactsEnd(ulong Steps) : IShaped<FactsEnd>
{
    /// <inheritdoc/>
    public static FactsEnd Shape<TCodec>(ref TCodec codec, FactsEnd? value)
        where TCodec : struct, ICodec
    {
        codec.Open("factsEnd", 1);
        ulong steps = codec.Count("steps", value?.Steps ?? 0);
        codec.Close();
        return value ?? new FactsEnd(steps);
    }
}

/// <summary>The bytes of a file of facts.</summary>
/// <remarks>
/// The problem: what hubs and the strategic layer decided must be provable afterwards by someone who trusts
/// neither their code nor the disk. The idea: their facts as they became durable, a record a step, since the
/// facts of a step are durable together. <c>file = magic header step* end</c>; <c>record = length(4) kind(1)
/// payload checksum(4)</c>, numbers little-endian, the checksum CRC-32C over everything before it in the
/// record, the payload canonical CBOR: the framing of <see cref="JournalFormat"/>.
/// <para>
/// Why that file itself is not used: it holds what one machine attests, in blocks of at most 64 KiB under one
/// origin, with checkpoints, and waits for the disk at every group. Here many machines share a file, a step
/// that takes over a region is megabytes long, and nothing is signed: that facts are what was attested is
/// proved by holding the journals against them. The same run writes the same bytes.
/// </para>
/// </remarks>
public static class FactsFormat
{
    /// <summary>Most bytes of a payload: a step that takes over a region of 100,000 nodes.</summary>
    public const int PayloadMax = 1 << 28;

    /// <summary>Bytes of a record beside its payload.</summary>
    public const int Overhead = 9;

    internal const int HeadBytes = 5;

    /// <summary>The first eight bytes of a file; the last names the version.</summary>
    public static ImmutableArray<byte> Magic { get; } = [.. "hansefx\u0001"u8];

    /// <summary>Appends a record to a buffer.</summary>
    /// <exception cref="ArgumentException">The record is longer than <see cref="PayloadMax"/>.</exception>
    public static void Append<T>(ByteBuffer buffer, FactsRecord kind, T record)
        where T : class, IShaped<T>
    {
        byte[] payload = CborWriter.Bytes(record);
        if (payload.Length > PayloadMax)
        {
            throw new ArgumentException($"a record holds at most {PayloadMax} bytes");
        }

        Span<byte> number = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(number, payload.Length);
        int start = buffer.Length;
        buffer.Add(number);
        buffer.Add((byte)kind);
        buffer.Add(payload);
        BinaryPrimitives.WriteUInt32LittleEndian(number, Crc32C.Of(buffer.Written[start..]));
        buffer.Add(number);
    }

    // A head is plausible when something could have written it; the checksum decides.
    internal static bool IsPlausible(ReadOnlySpan<byte> head) =>
        BinaryPrimitives.ReadInt32LittleEndian(head) is > 0 and <= PayloadMax
        && (FactsRecord)head[4] is >= FactsRecord.Header and <= FactsRecord.End;
}
