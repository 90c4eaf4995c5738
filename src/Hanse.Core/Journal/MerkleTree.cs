using System;
using System.Numerics;
using System.Security.Cryptography;
using Hanse.Core.Machine;

namespace Hanse.Core.Journal;

/// <summary>How many leaves a tree had, and its root then: what a checkpoint signs.</summary>
/// <param name="Size">Number of leaves.</param>
/// <param name="Root">Root over exactly these.</param>
public readonly record struct TreeHead(ulong Size, Digest Root)
{
    /// <summary>The head of a tree without leaves.</summary>
    public static TreeHead Empty { get; } = new(0, MerkleTree.EmptyRoot);
}

/// <summary>The hashes of a Merkle tree as of RFC 6962, section 2.1 (the same as of RFC 9162).</summary>
/// <remarks>A leaf is hashed behind a byte 0, two nodes behind a byte 1, so that no leaf can be shown as a
/// node. A tree of n leaves is split at the largest power of two less than n. Cost: that of SHA-256, plus
/// about half a microsecond a call.</remarks>
public static class MerkleTree
{
    // Below, a copy behind the prefix on the stack is cheaper than an incremental hash.
    private const int CopyMax = 4096;

    /// <summary>The root of no leaves: SHA-256 of nothing.</summary>
    public static Digest EmptyRoot { get; } = Digest.Of([]);

    /// <summary>The hash of a leaf.</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> leaf)
    {
        if (leaf.Length <= CopyMax)
        {
            Span<byte> prefixed = stackalloc byte[CopyMax + 1];
            prefixed[0] = 0;
            leaf.CopyTo(prefixed[1..]);
            return Digest.Of(prefixed[..(leaf.Length + 1)]);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(leaf);
        Span<byte> bytes = stackalloc byte[Digest.Length];
        _ = hash.GetHashAndReset(bytes);
        return Digest.From(bytes);
    }

    /// <summary>The hash of a node from those of its two children.</summary>
    public static Digest NodeHash(Digest left, Digest right)
    {
        Span<byte> prefixed = stackalloc byte[1 + (2 * Digest.Length)];
        prefixed[0] = 1;
        left.CopyTo(prefixed[1..]);
        right.CopyTo(prefixed[(1 + Digest.Length)..]);
        return Digest.Of(prefixed);
    }

    /// <summary>The root over leaf hashes. Cost: one hash less than leaves, and no allocation.</summary>
    public static Digest Root(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.IsEmpty)
        {
            return EmptyRoot;
        }

        Span<Digest> peaks = stackalloc Digest[64];
        int count = 0;
        for (int i = 0; i < leaves.Length; i++)
        {
            peaks[count++] = leaves[i];
            for (int size = i + 1; (size & 1) == 0; size >>= 1)
            {
                count--;
                peaks[count - 1] = NodeHash(peaks[count - 1], peaks[count]);
            }
        }

        return Fold(peaks[..count]);
    }

    /// <summary>The root over the peaks of a compact range, largest first.</summary>
    internal static Digest Fold(ReadOnlySpan<Digest> peaks)
    {
        Invariant.Holds(!peaks.IsEmpty);
        Digest root = peaks[^1];
        for (int i = peaks.Length - 2; i >= 0; i--)
        {
            root = NodeHash(peaks[i], root);
        }

        return root;
    }

    /// <summary>The largest power of two less than a size of at least two.</summary>
    internal static ulong Split(ulong size) => 1UL << (63 - BitOperations.LeadingZeroCount(size - 1));
}
