using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Reconcile;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Returns;

/// <summary>Sealed segments of a raw log: their leaf hashes, which is all a node keeps in memory of
/// them.</summary>
/// <remarks>Making them costs making and hashing every leaf once, 50 us each. Journals of one profile share
/// one set, since what is in a raw log does not matter to what is scored; what is spoiled is a
/// <see cref="RawStore"/> of each.</remarks>
internal sealed class RawSegments
{
    // Trees inside leaves that are kept, 4 KiB each: cases of one profile are asked for the same ones.
    private const int InnerMax = 4096;

    private readonly Dictionary<ulong, MerkleLog> _inner = [];
    private readonly ulong _seed;
    private readonly ImmutableArray<MerkleLog> _segments;

    private RawSegments(ulong seed, ImmutableArray<MerkleLog> segments)
    {
        _seed = seed;
        _segments = segments;
    }

    /// <summary>Number of segments.</summary>
    public int Count => _segments.Length;

    /// <summary>Number of leaves of the first so many segments.</summary>
    public long LeavesOf(int segments) => segments * (long)_segments[0].Size;

    /// <summary>Makes and hashes the segments of a profile.</summary>
    public static RawSegments Seal(ReturnProfile profile, ulong seed)
    {
        int count = profile.SealedSegments;
        var store = new RawStore(seed);
        byte[] leaf = new byte[RawLog.LeafBytes];
        ImmutableArray<MerkleLog>.Builder segments = ImmutableArray.CreateBuilder<MerkleLog>(count);
        for (uint segment = 0; segment < count; segment++)
        {
            var log = new MerkleLog();
            for (int i = 0; i < profile.LeavesPerSegment; i++)
            {
                store.Read(new RawPlace(segment, i, 0).Cite, leaf);
                log.Append(RawLeaf.Hash(leaf));
            }

            segments.Add(log);
        }

        return new RawSegments(seed, segments.ToImmutable());
    }

    /// <summary>The entry that attests a segment.</summary>
    public Entry.RawSealed Seal(int segment) => new(
        (uint)segment, (int)_segments[segment].Size, _segments[segment].Head.Root);

    /// <summary>A raw log of which nothing is spoiled yet.</summary>
    public RawStore Open() => new(_seed);

    /// <summary>What a node shows of a place that it was asked for: a block or a leaf as it is now, and its
    /// path, in canonical bytes, to the root that was sealed.</summary>
    public (byte[] Bytes, byte[] Path) Show(RawStore store, RawPlace place, AuditUnit unit)
    {
        MerkleLog segment = _segments[(int)place.Segment];
        InclusionProof outer = segment.Inclusion((ulong)place.Leaf, segment.Size);
        if (unit == AuditUnit.Leaf)
        {
            byte[] leaf = new byte[RawLog.LeafBytes];
            store.Read(place.Cite, leaf);
            return (leaf, CborWriter.Bytes(outer));
        }

        byte[] block = new byte[RawLog.BlockBytes];
        store.ReadBlock(place.Cite, place.Block, block);
        MerkleLog inner = Inner(store, place.Cite);
        InclusionProof within = inner.Inclusion((ulong)place.Block, inner.Size);
        var proof = new RawProof((int)inner.Size, [.. within.Path, .. outer.Path]);
        return (block, CborWriter.Bytes(proof));
    }

    private MerkleLog Inner(RawStore store, ulong index)
    {
        bool isWhole = !store.IsSpoiled(index);
        if (isWhole && _inner.TryGetValue(index, out MerkleLog? known))
        {
            return known;
        }

        byte[] leaf = new byte[RawLog.LeafBytes];
        store.Read(index, leaf);
        Span<Digest> blocks = stackalloc Digest[RawLeaf.BlocksMax];
        int count = RawLeaf.Hash(leaf, blocks);
        var inner = new MerkleLog();
        foreach (Digest block in blocks[..count])
        {
            inner.Append(block);
        }

        if (isWhole && _inner.Count < InnerMax)
        {
            _inner.Add(index, inner);
        }

        return inner;
    }
}
