using System;
using System.Buffers.Binary;
using Hanse.Core.Machine;

namespace Hanse.Core.Wire;

/// <summary>Writes records as canonical CBOR: the bytes that are hashed, signed, stored and sent.</summary>
/// <remarks>
/// RFC 8949, section 4.2.1 (core deterministic encoding): shortest heads, definite lengths. A record is an
/// array of its fields in order, a list is an array, a sum type is <c>[tag, record]</c>; there are no maps,
/// floats, tags or text strings, so there is exactly one encoding of every value.
/// </remarks>
public struct CborWriter(ByteBuffer buffer) : ICodec
{
    private const int MajorNegative = 1;
    private const int MajorBytes = 2;
    private const int MajorArray = 4;

    /// <inheritdoc/>
    public readonly bool IsReading => false;

    /// <summary>The canonical bytes of one record: what <see cref="CborReader.TryRead"/> reads.</summary>
    public static byte[] Bytes<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = T.Shape(ref writer, record);
        return buffer.Written.ToArray();
    }

    /// <inheritdoc/>
    public readonly bool Failed => false;

    /// <inheritdoc/>
    public readonly void Open(string name, int fields) => Head(MajorArray, (ulong)fields);

    /// <inheritdoc/>
    public readonly bool OpenGrown(string name, int fields, bool hasLast)
    {
        Open(name, fields + (hasLast ? 1 : 0));
        return hasLast;
    }

    /// <inheritdoc/>
    public readonly void Close()
    {
    }

    /// <inheritdoc/>
    public readonly int OpenList(string name, int count, int countMax)
    {
        Invariant.Holds(count <= countMax);
        Head(MajorArray, (ulong)count);
        return count;
    }

    /// <inheritdoc/>
    public readonly void CloseList()
    {
    }

    /// <inheritdoc/>
    public readonly long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

    /// <inheritdoc/>
    public readonly long Integer(string name, long value, long min, long max)
    {
        Invariant.Holds(value >= min && value <= max);
        if (value >= 0)
        {
            Head(0, (ulong)value);
        }
        else
        {
            Head(MajorNegative, (ulong)(-1 - value));
        }

        return value;
    }

    /// <inheritdoc/>
    public readonly byte[] Bytes(string name, byte[] value, int lengthMax)
    {
        Invariant.Holds(value.Length <= lengthMax);
        Head(MajorBytes, (ulong)value.Length);
        buffer.Add(value);
        return value;
    }

    /// <inheritdoc/>
    public readonly void Refuse(string reason) => throw new BrokenInvariantException(reason);

    private readonly void Head(int major, ulong argument)
    {
        byte top = (byte)(major << 5);
        Span<byte> wide = stackalloc byte[8];
        switch (argument)
        {
            case < 24:
                buffer.Add((byte)(top | (byte)argument));
                break;
            case <= byte.MaxValue:
                buffer.Add((byte)(top | 24));
                buffer.Add((byte)argument);
                break;
            case <= ushort.MaxValue:
                buffer.Add((byte)(top | 25));
                BinaryPrimitives.WriteUInt16BigEndian(wide, (ushort)argument);
                buffer.Add(wide[..2]);
                break;
            case <= uint.MaxValue:
                buffer.Add((byte)(top | 26));
                BinaryPrimitives.WriteUInt32BigEndian(wide, (uint)argument);
                buffer.Add(wide[..4]);
                break;
            default:
                buffer.Add((byte)(top | 27));
                BinaryPrimitives.WriteUInt64BigEndian(wide, argument);
                buffer.Add(wide);
                break;
        }
    }
}
