using System;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Hanse.Core.Journal;

namespace Hanse.Core.Reconcile;

/// <summary>The places that a nonce draws from what a node has committed itself to.</summary>
/// <remarks>
/// Draw i is HMAC-SHA256(nonce, root || i), with i in eight bytes, big-endian: its first eight bytes modulo
/// N, drawn again when they are in the last, incomplete run of N (so no place is likelier than another). The
/// nonce is drawn after the root was signed, so nobody could choose what to spoil; and whoever has nonce and
/// root draws the same places, so an audit can be repeated by anybody.
/// </remarks>
public static class Challenge
{
    /// <summary>The next draw.</summary>
    /// <param name="nonce">Drawn by the hub after it held the root.</param>
    /// <param name="root">What the node signed.</param>
    /// <param name="count">Number of places to draw from; positive.</param>
    /// <param name="next">Number of the draw; goes on past those rejected.</param>
    /// <param name="second">More of the same draw's bits, for a choice within the place.</param>
    public static ulong Draw(Digest nonce, Digest root, ulong count, ref ulong next, out ulong second)
    {
        Span<byte> key = stackalloc byte[Digest.Length];
        Span<byte> message = stackalloc byte[Digest.Length + 8];
        Span<byte> hash = stackalloc byte[Digest.Length];
        nonce.CopyTo(key);
        root.CopyTo(message);

        // The greatest number of whole runs of N, less one: 2^64 mod N is what is left over.
        ulong over = unchecked(0UL - count) % count;
        ulong drawn;
        do
        {
            BinaryPrimitives.WriteUInt64BigEndian(message[Digest.Length..], next++);
            _ = HMACSHA256.HashData(key, message, hash);
            drawn = BinaryPrimitives.ReadUInt64BigEndian(hash);
        }
        while (drawn > unchecked(0UL - over - 1));
        second = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        return drawn % count;
    }
}
