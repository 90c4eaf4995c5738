using System;
using System.Buffers.Binary;
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
}
