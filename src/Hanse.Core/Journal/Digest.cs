using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>A SHA-256 digest: 32 bytes, held as four big-endian words so that it costs no
/// allocation.</summary>
public readonly record struct Digest(ulong A, ulong B, ulong C, ulong D) : IComparable<Digest>
{
    /// <summary>Bytes of a digest.</summary>
    public const int Length = 32;

    /// <summary>The digest of 32 bytes.</summary>
    public static Digest From(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..Length]));

    /// <summary>SHA-256 of bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Length];
        _ = SHA256.HashData(bytes, hash);
        return From(hash);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bytes, A);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], D);
    }

    /// <summary>The 32 bytes.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The bytes in hexadecimal.</summary>
    public override string ToString() => string.Create(null, $"{A:x16}{B:x16}{C:x16}{D:x16}");

    /// <inheritdoc/>
    public int CompareTo(Digest other) => (A, B, C, D).CompareTo((other.A, other.B, other.C, other.D));

    /// <summary>A digest as a field of a record: a string of exactly 32 bytes.</summary>
    public static Digest Field<TCodec>(ref TCodec codec, string name, Digest value)
        where TCodec : struct, ICodec
    {
        byte[] bytes = codec.Bytes(name, codec.IsReading ? [] : value.ToArray(), Length);
        if (!codec.IsReading)
        {
            return value;
        }

        if (!codec.Failed && bytes.Length != Length)
        {
            codec.Refuse("a digest must be 32 bytes");
        }

        return codec.Failed ? default : From(bytes);
    }

    /// <summary>A list of digests as a field.</summary>
    public static ImmutableArray<Digest> Fields<TCodec>(
        ref TCodec codec, string name, ImmutableArray<Digest> values, int countMax)
        where TCodec : struct, ICodec
    {
        int count = codec.OpenList(name, values.Length, countMax);
        ImmutableArray<Digest>.Builder read = ImmutableArray.CreateBuilder<Digest>(count);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            read.Add(Field(ref codec, "digest", codec.IsReading ? default : values[i]));
        }

        codec.CloseList();
        return read.ToImmutable();
    }

    /// <summary>A growing list of digests, for snapshots; read into the same instance.</summary>
    internal static void Table<TCodec>(ref TCodec codec, string name, List<Digest> table)
        where TCodec : struct, ICodec
    {
        int count = codec.OpenList(name, table.Count, int.MaxValue);
        if (codec.IsReading)
        {
            table.Clear();
        }

        for (int i = 0; i < count && !codec.Failed; i++)
        {
            Digest digest = Field(ref codec, "digest", codec.IsReading ? default : table[i]);
            if (codec.IsReading)
            {
                table.Add(digest);
            }
        }

        codec.CloseList();
    }
}
