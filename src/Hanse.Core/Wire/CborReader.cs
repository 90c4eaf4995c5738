using System;
using System.Diagnostics.CodeAnalysis;

namespace Hanse.Core.Wire;

/// <summary>Reads canonical CBOR from bytes nobody vouches for.</summary>
/// <remarks>
/// Strict where RFC 8949 lets a decoder be lenient: a head longer than it must be, an indefinite length, a
/// wrong number of fields, a number out of bounds or a byte left over is refused, because what is hashed and
/// signed must have one encoding. Never throws; the first error sticks. Cost: linear in the bytes; a list
/// that claims more elements than there are bytes left is refused before anything is allocated for it.
/// </remarks>
public struct CborReader(ReadOnlyMemory<byte> bytes) : ICodec
{
    private readonly ReadOnlyMemory<byte> _bytes = bytes;
    private int _position;

    /// <summary>The first thing refused, or null.</summary>
    public DecodeError? Error { get; private set; }

    /// <summary>How many bytes have been read.</summary>
    public readonly int Position => _position;

    /// <summary>Whether every byte has been read.</summary>
    public readonly bool IsAtEnd => _position == _bytes.Length;

    /// <inheritdoc/>
    public readonly bool IsReading => true;

    /// <inheritdoc/>
    public readonly bool Failed => Error is not null;

    /// <summary>Reads one record that must fill the bytes exactly.</summary>
    /// <returns>False, with the reason, when the bytes are not one canonical record of that shape.</returns>
    public static bool TryRead<T>(
        ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out T? value,
            [NotNullWhen(false)] out DecodeError? error)
        where T : class, IShaped<T>
    {
        var reader = new CborReader(bytes);
        value = T.Shape(ref reader, null);
        if (!reader.Failed && !reader.IsAtEnd)
        {
            reader.Refuse("bytes are left over after the record");
        }

        error = reader.Error;
        value = error is null ? value : null;
        return error is null;
    }

    /// <inheritdoc/>
    public void Open(string name, int fields)
    {
        ulong count = Head(4, name);
        if (!Failed && count != (ulong)fields)
        {
            Fail(name, "has the wrong number of fields");
        }
    }

    /// <inheritdoc/>
    public bool OpenGrown(string name, int fields, bool hasLast)
    {
        ulong count = Head(4, name);
        if (!Failed && count != (ulong)fields && count != (ulong)fields + 1)
        {
            Fail(name, "has the wrong number of fields");
        }

        return !Failed && count == (ulong)fields + 1;
    }

    /// <inheritdoc/>
    public readonly void Close()
    {
    }

    /// <inheritdoc/>
    public int OpenList(string name, int count, int countMax)
    {
        ulong read = Head(4, name);
        if (!Failed && (read > (ulong)countMax || read > (ulong)(_bytes.Length - _position)))
        {
            Fail(name, "has too many elements");
        }

        return Failed ? 0 : (int)read;
    }

    /// <inheritdoc/>
    public readonly void CloseList()
    {
    }

    /// <inheritdoc/>
    public long Case(string name, long tag, long max) => Integer(name, tag, 1, max);

    /// <inheritdoc/>
    public long Integer(string name, long value, long min, long max)
    {
        int major = _position < _bytes.Length ? _bytes.Span[_position] >> 5 : 0;
        ulong argument = Head(major == 1 ? 1 : 0, name);
        if (Failed)
        {
            return min;
        }

        if (argument > long.MaxValue)
        {
            Fail(name, "is out of range");
            return min;
        }

        long read = major == 1 ? -1 - (long)argument : (long)argument;
        if (read < min || read > max)
        {
            Fail(name, "is out of range");
            return min;
        }

        return read;
    }

    /// <inheritdoc/>
    public byte[] Bytes(string name, byte[] value, int lengthMax)
    {
        ulong length = Head(2, name);
        if (!Failed && (length > (ulong)lengthMax || length > (ulong)(_bytes.Length - _position)))
        {
            Fail(name, "is too long");
        }

        if (Failed)
        {
            return [];
        }

        byte[] read = _bytes.Slice(_position, (int)length).ToArray();
        _position += (int)length;
        return read;
    }

    /// <inheritdoc/>
    public void Refuse(string reason) => Error ??= new DecodeError(_position, reason);

    private void Fail(string name, string what) => Error ??= new DecodeError(_position, $"{name} {what}");

    private ulong Head(int major, string name)
    {
        if (Failed)
        {
            return 0;
        }

        ReadOnlySpan<byte> rest = _bytes.Span[_position..];
        if (rest.IsEmpty)
        {
            Fail(name, "is missing: the bytes end here");
            return 0;
        }

        if (rest[0] >> 5 != major)
        {
            Fail(name, "has the wrong type");
            return 0;
        }

        int info = rest[0] & 31;
        if (info < 24)
        {
            _position++;
            return (ulong)info;
        }

        if (info > 27)
        {
            Fail(name, "has an indefinite or reserved length");
            return 0;
        }

        int width = 1 << (info - 24);
        if (rest.Length < 1 + width)
        {
            Fail(name, "is cut off");
            return 0;
        }

        ulong argument = 0;
        for (int i = 1; i <= width; i++)
        {
            argument = (argument << 8) | rest[i];
        }

        ulong least = info == 24 ? 24UL : 1UL << (width * 4);
        if (argument < least)
        {
            Fail(name, "is not in its shortest form");
            return 0;
        }

        _position += 1 + width;
        return argument;
    }
}

/// <summary>Why bytes were refused.</summary>
/// <param name="Offset">Where, counted in bytes from the start of the record.</param>
/// <param name="Reason">What is wrong, in words for the sender's engineer.</param>
public sealed record DecodeError(int Offset, string Reason);
