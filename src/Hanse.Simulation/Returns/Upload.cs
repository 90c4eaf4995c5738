using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Hanse.Core.Reconcile;

namespace Hanse.Simulation.Returns;

/// <summary>The bytes of an upload: blocks, each behind its length, in pieces as a link brings
/// them.</summary>
internal sealed class Upload
{
    /// <summary>Bytes of one piece: what a hub reads from a link at a time.</summary>
    public const int PieceBytes = 64 * 1024;

    private const int ChunkBytes = 16 * PieceBytes;

    private readonly List<byte[]> _chunks = [];
    private readonly byte[] _length = new byte[ReturnValidation.LengthBytes];

    /// <summary>Number of bytes.</summary>
    public long Length { get; private set; }

    /// <summary>Appends a block.</summary>
    public void Add(ReadOnlySpan<byte> block)
    {
        BinaryPrimitives.WriteInt32BigEndian(_length, block.Length);
        Append(_length);
        Append(block);
    }

    /// <summary>The piece that begins at an offset; empty at the end.</summary>
    public ReadOnlyMemory<byte> Read(long offset)
    {
        if (offset >= Length)
        {
            return default;
        }

        int at = (int)(offset % ChunkBytes);
        int room = Math.Min(PieceBytes - (at % PieceBytes), (int)Math.Min(PieceBytes, Length - offset));
        return _chunks[(int)(offset / ChunkBytes)].AsMemory(at, room);
    }

    /// <summary>Turns one bit over.</summary>
    public void Flip(long bit) => _chunks[(int)(bit / 8 / ChunkBytes)][(int)(bit / 8 % ChunkBytes)] ^=
        (byte)(1 << (int)(bit % 8));

    /// <summary>Forgets all but the first bytes.</summary>
    public void Cut(long length) => Length = Math.Min(Length, length);

    /// <summary>Writes all of it, for measuring how it compresses.</summary>
    public void CopyTo(Stream stream)
    {
        for (long at = 0; at < Length;)
        {
            ReadOnlyMemory<byte> piece = Read(at);
            stream.Write(piece.Span);
            at += piece.Length;
        }
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int at = (int)(Length % ChunkBytes);
            if (at == 0)
            {
                _chunks.Add(new byte[ChunkBytes]);
            }

            int part = Math.Min(bytes.Length, ChunkBytes - at);
            bytes[..part].CopyTo(_chunks[^1].AsSpan(at));
            Length += part;
            bytes = bytes[part..];
        }
    }
}
