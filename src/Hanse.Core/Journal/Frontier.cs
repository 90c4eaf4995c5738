using System.Collections.Generic;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>As much of a Merkle tree as is needed to append to it and to know its root.</summary>
/// <remarks>One digest for every one-bit of the size: the roots of the complete subtrees, largest first
/// (a compact range). Memory 32 bytes x log n; appending costs one hash on average.</remarks>
public sealed class Frontier
{
    private readonly List<Digest> _peaks = [];

    /// <summary>Number of leaves.</summary>
    public ulong Size { get; private set; }

    /// <summary>Size and root. Cost: up to log n hashes.</summary>
    public TreeHead Head => Size == 0
        ? TreeHead.Empty
        : new TreeHead(Size, MerkleTree.Fold(CollectionsMarshal.AsSpan(_peaks)));

    /// <summary>Appends the hash of a leaf.</summary>
    public void Append(Digest leaf)
    {
        Size++;
        _peaks.Add(leaf);
        for (ulong size = Size; (size & 1) == 0; size >>= 1)
        {
            Digest right = _peaks[^1];
            _peaks.RemoveAt(_peaks.Count - 1);
            _peaks[^1] = MerkleTree.NodeHash(_peaks[^1], right);
        }
    }

    /// <summary>The roots of the complete subtrees, largest first.</summary>
    public ImmutableArray<Digest> Peaks => [.. _peaks];

    /// <summary>Becomes the tree of a size and its peaks.</summary>
    public void Restore(ulong size, ImmutableArray<Digest> peaks)
    {
        Invariant.Holds(peaks.Length == BitOperations.PopCount(size));
        Size = size;
        _peaks.Clear();
        _peaks.AddRange(peaks);
    }

    /// <summary>Another one that goes its own way from here.</summary>
    public Frontier Copy()
    {
        var copy = new Frontier { Size = Size };
        copy._peaks.AddRange(_peaks);
        return copy;
    }

    /// <summary>Walks the state, for snapshots; read into the same instance.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("frontier", 2);
        Size = (ulong)codec.Integer("size", (long)Size, 0, long.MaxValue);
        Digest.Table(ref codec, "peaks", _peaks);
        if (codec.IsReading && !codec.Failed && _peaks.Count != BitOperations.PopCount(Size))
        {
            codec.Refuse("a frontier must have one peak for every one-bit of its size");
        }

        codec.Close();
    }
}
