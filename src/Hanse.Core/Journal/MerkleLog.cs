using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>A Merkle tree kept whole, by whoever must prove what is in it.</summary>
/// <remarks>All complete subtrees are kept, level by level: 64 bytes a leaf. Appending costs one hash on
/// average, a proof O(log n) hashes. A hub that only checks keeps a <see cref="Frontier"/>.</remarks>
public sealed class MerkleLog
{
    // _levels[k][i] is the root over the leaves i x 2^k to (i + 1) x 2^k.
    private readonly List<List<Digest>> _levels = [[]];

    /// <summary>Number of leaves.</summary>
    public ulong Size => (ulong)_levels[0].Count;

    /// <summary>Size and root. Cost: up to log n hashes.</summary>
    public TreeHead Head => HeadAt(Size);

    /// <summary>The hash of a leaf.</summary>
    public Digest Leaf(ulong index) => _levels[0][checked((int)index)];

    /// <summary>Size and root as they were. Cost: up to log n hashes.</summary>
    public TreeHead HeadAt(ulong size)
    {
        Invariant.Holds(size <= Size);
        return size == 0 ? TreeHead.Empty : new TreeHead(size, Range(0, size));
    }

    /// <summary>Appends the hash of a leaf.</summary>
    public void Append(Digest leaf)
    {
        _levels[0].Add(leaf);
        for (int k = 0; (_levels[k].Count & 1) == 0; k++)
        {
            if (k + 1 == _levels.Count)
            {
                _levels.Add([]);
            }

            _levels[k + 1].Add(MerkleTree.NodeHash(_levels[k][^2], _levels[k][^1]));
        }
    }

    /// <summary>Proves that a leaf is in the tree of a size.</summary>
    /// <exception cref="BrokenInvariantException">There is no such leaf in the tree of that
    /// size.</exception>
    public InclusionProof Inclusion(ulong index, ulong size)
    {
        Invariant.Holds(index < size && size <= Size);
        ImmutableArray<Digest>.Builder path = ImmutableArray.CreateBuilder<Digest>();
        Path(index, 0, size, path);
        return new InclusionProof(path.ToImmutable());
    }

    /// <summary>Proves that the tree of one size begins with the tree of a smaller one.</summary>
    /// <exception cref="BrokenInvariantException">The sizes are not in order, or beyond the
    /// log.</exception>
    public ConsistencyProof Consistency(ulong oldSize, ulong newSize)
    {
        Invariant.Holds(oldSize <= newSize && newSize <= Size);
        ImmutableArray<Digest>.Builder path = ImmutableArray.CreateBuilder<Digest>();
        if (oldSize != 0)
        {
            SubProof(oldSize, 0, newSize, isWhole: true, path);
        }

        return new ConsistencyProof(path.ToImmutable());
    }

    /// <summary>Walks the state, for snapshots; read into the same instance.</summary>
    /// <remarks>Only leaves are written; reading hashes the levels above anew.</remarks>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        if (!codec.IsReading)
        {
            Digest.Table(ref codec, "leaves", _levels[0]);
            return;
        }

        var leaves = new List<Digest>();
        Digest.Table(ref codec, "leaves", leaves);
        _levels.Clear();
        _levels.Add([]);
        foreach (Digest leaf in leaves)
        {
            Append(leaf);
        }
    }

    // RFC 9162, section 2.1.3.1: the siblings on the way from the leaf to the root, lowest first.
    private void Path(ulong index, ulong begin, ulong end, ImmutableArray<Digest>.Builder path)
    {
        if (end - begin == 1)
        {
            return;
        }

        ulong middle = begin + MerkleTree.Split(end - begin);
        if (index < middle)
        {
            Path(index, begin, middle, path);
            path.Add(Range(middle, end));
        }
        else
        {
            Path(index, middle, end, path);
            path.Add(Range(begin, middle));
        }
    }

    // RFC 9162, section 2.1.4.1. The root of a subtree that was whole in the old tree is known to the
    // verifier when it is all of the old tree, and is left out.
    private void SubProof(
        ulong oldEnd, ulong begin, ulong end, bool isWhole, ImmutableArray<Digest>.Builder path)
    {
        if (oldEnd == end)
        {
            if (!isWhole)
            {
                path.Add(Range(begin, end));
            }

            return;
        }

        ulong middle = begin + MerkleTree.Split(end - begin);
        if (oldEnd <= middle)
        {
            SubProof(oldEnd, begin, middle, isWhole, path);
            path.Add(Range(middle, end));
        }
        else
        {
            SubProof(oldEnd, middle, end, isWhole: false, path);
            path.Add(Range(begin, middle));
        }
    }

    // Root over some leaves that begin at a multiple of the subtree they would fill.
    private Digest Range(ulong begin, ulong end)
    {
        ulong count = end - begin;
        if ((count & (count - 1)) == 0)
        {
            int level = Columns.BitsOf(count) - 1;
            return _levels[level][checked((int)(begin >> level))];
        }

        ulong middle = begin + MerkleTree.Split(count);
        return MerkleTree.NodeHash(Range(begin, middle), Range(middle, end));
    }
}
