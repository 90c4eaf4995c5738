using System;
using System.Collections.Immutable;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>Where a block of the raw log is.</summary>
/// <param name="Segment">Counted from zero.</param>
/// <param name="Leaf">In its segment.</param>
/// <param name="Block">In its leaf.</param>
public readonly record struct RawPlace(uint Segment, int Leaf, int Block)
{
    /// <summary>The number by which a decision cites the leaf: see <see cref="Entry.Decided"/>.</summary>
    public ulong Cite => ((ulong)Segment * RawLog.SegmentLeavesMax) + unchecked((uint)Leaf);
}

/// <summary>Hashes of raw leaves and of their segments.</summary>
/// <remarks>A leaf's hash is the RFC 6962 root over its blocks, and stands in the tree of its segment as a
/// leaf hash. All leaves but the last are full and 64 is a power of two, so a segment is at the same time
/// one RFC 6962 tree over all its blocks.</remarks>
public static class RawLeaf
{
    /// <summary>Blocks of a full leaf.</summary>
    public const int BlocksMax = RawLog.LeafBytes / RawLog.BlockBytes;

    /// <summary>The hash of a leaf of 1 to <see cref="RawLog.LeafBytes"/> bytes; only the last block may be
    /// short.</summary>
    public static Digest Hash(ReadOnlySpan<byte> leaf)
    {
        Span<Digest> blocks = stackalloc Digest[BlocksMax];
        return MerkleTree.Root(blocks[..Hash(leaf, blocks)]);
    }

    /// <summary>The leaf hashes of the blocks of a leaf.</summary>
    /// <param name="leaf">1 to <see cref="RawLog.LeafBytes"/> bytes.</param>
    /// <param name="blocks">Room for <see cref="BlocksMax"/>.</param>
    /// <returns>Number of blocks.</returns>
    public static int Hash(ReadOnlySpan<byte> leaf, Span<Digest> blocks)
    {
        Invariant.Holds(leaf.Length is >= 1 and <= RawLog.LeafBytes);
        int count = 0;
        for (int at = 0; at < leaf.Length; at += RawLog.BlockBytes)
        {
            int length = Math.Min(RawLog.BlockBytes, leaf.Length - at);
            blocks[count++] = MerkleTree.LeafHash(leaf.Slice(at, length));
        }

        return count;
    }

    /// <summary>Proves a block of a segment.</summary>
    /// <param name="segment">The leaf hashes of the segment.</param>
    /// <param name="leaf">The bytes of the leaf.</param>
    /// <param name="place">Where the block is; it must exist.</param>
    public static RawProof Prove(MerkleLog segment, ReadOnlySpan<byte> leaf, RawPlace place)
    {
        Span<Digest> blocks = stackalloc Digest[BlocksMax];
        int count = Hash(leaf, blocks);
        var inner = new MerkleLog();
        foreach (Digest block in blocks[..count])
        {
            inner.Append(block);
        }

        Invariant.Holds(inner.Head.Root == segment.Leaf((ulong)place.Leaf));
        return new RawProof(count,
        [
            .. inner.Inclusion((ulong)place.Block, (ulong)count).Path,
            .. segment.Inclusion((ulong)place.Leaf, segment.Size).Path,
        ]);
    }
}

/// <summary>Proves a block of a raw log under the root of its sealed segment.</summary>
/// <remarks>Leaves but the last have <see cref="RawLeaf.BlocksMax"/> blocks. How many the last one has is
/// the machine's word: a liar can hide at most 63 blocks of a segment, which no draw then reaches.</remarks>
/// <param name="Blocks">Blocks of the leaf.</param>
/// <param name="Path">Siblings from the block to the leaf, and on from the leaf to the segment's
/// root.</param>
public sealed record RawProof(int Blocks, ImmutableArray<Digest> Path) : IShaped<RawProof>
{
    /// <summary>Most digests of a proof: 6 inside the leaf, 14 above.</summary>
    public const int PathMax = 20;

    /// <inheritdoc/>
    public static RawProof Shape<TCodec>(ref TCodec codec, RawProof? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rawProof", 2);
        int blocks = (int)codec.Integer("blocks", value?.Blocks ?? 0, 1, RawLeaf.BlocksMax);
        ImmutableArray<Digest> path = Digest.Fields(ref codec, "path", value?.Path ?? [], PathMax);
        codec.Close();
        return value ?? new RawProof(blocks, path);
    }

    /// <summary>Whether bytes are the block of a place. Cost: the block and up to 20 hashes.</summary>
    /// <param name="place">What was asked for.</param>
    /// <param name="block">The bytes that came.</param>
    /// <param name="segment">Number of leaves and root, as the journal attests them.</param>
    public ProofVerdict Verify(RawPlace place, ReadOnlySpan<byte> block, TreeHead segment)
    {
        if (place.Leaf < 0 || (ulong)place.Leaf >= segment.Size || place.Block < 0 || place.Block >= Blocks)
        {
            return ProofVerdict.OutOfRange;
        }

        bool isLast = (ulong)place.Leaf + 1 == segment.Size;
        bool isFull = block.Length == RawLog.BlockBytes;
        bool mayBeShort = isLast && place.Block + 1 == Blocks && block.Length is > 0 and < RawLog.BlockBytes;
        if (Blocks > RawLeaf.BlocksMax || (Blocks < RawLeaf.BlocksMax && !isLast) || !(isFull || mayBeShort))
        {
            return ProofVerdict.OutOfRange;
        }

        int at = 0;
        Digest hash = MerkleTree.LeafHash(block);
        return !InclusionProof.TryClimb((ulong)place.Block, (ulong)Blocks, hash, Path, ref at, out hash)
            || !InclusionProof.TryClimb((ulong)place.Leaf, segment.Size, hash, Path, ref at, out hash)
            || at != Path.Length
                ? ProofVerdict.WrongLength
            : hash == segment.Root ? ProofVerdict.Holds : ProofVerdict.RootDiffers;
    }
}
