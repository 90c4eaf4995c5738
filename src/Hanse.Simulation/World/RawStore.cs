using System;
using System.Runtime.InteropServices;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <summary>A node's raw sensor logs: segments of leaves that are made again whenever somebody looks, so that
/// a fleet needs no disk.</summary>
/// <remarks>Roots and proofs are the real ones over the real bytes. A store that rots shows, of a part of its
/// leaves, bytes that are not those it sealed.</remarks>
internal sealed class RawStore
{
    // Of a store that rots, one leaf in so many is spoiled.
    private const ulong SpoiledOneIn = 4;

    // The last leaf of a segment is what was there when it was closed.
    private const int LastLeafBytes = 5_000;

    private readonly ulong _seed;
    private readonly uint _node;
    private readonly int _leaves;
    private readonly bool _rots;

    // The segment looked at last.
    private uint _known = uint.MaxValue;
    private MerkleLog _log = new();

    /// <summary>The store of a node.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="node">Its number.</param>
    /// <param name="leaves">Leaves of a segment; positive.</param>
    /// <param name="rots">Whether part of it is spoiled after it was sealed.</param>
    public RawStore(ulong seed, uint node, int leaves, bool rots)
    {
        _seed = seed;
        _node = node;
        _leaves = leaves;
        _rots = rots;
    }

    /// <summary>Whether part of it is spoiled after it was sealed.</summary>
    public bool Rots => _rots;

    /// <summary>Leaves of a segment.</summary>
    public int Leaves => _leaves;

    /// <summary>What was sealed.</summary>
    public Digest Root(uint segment) => Log(segment).Head.Root;

    /// <summary>What the store has at a place, with its path.</summary>
    public BlockShown Show(ulong blocks, BlockAsk ask)
    {
        int from = ask.Block * RawLog.BlockBytes;
        byte[] leaf = ask.Leaf < _leaves ? LeafOf(ask.Segment, ask.Leaf) : [];
        if (from >= leaf.Length)
        {
            return new BlockShown(blocks, ask.Request, [], []);
        }

        byte[] shown = leaf[from..Math.Min(leaf.Length, from + RawLog.BlockBytes)];
        if (_rots && Draw(ask.Segment, ask.Leaf).Below((long)SpoiledOneIn) == 0)
        {
            shown.AsSpan().Clear();
        }

        RawProof proof =
            RawLeaf.Prove(Log(ask.Segment), leaf, new RawPlace(ask.Segment, ask.Leaf, ask.Block));
        return new BlockShown(blocks, ask.Request, shown, CborWriter.Bytes(proof));
    }

    private MerkleLog Log(uint segment)
    {
        if (segment != _known)
        {
            _known = segment;
            _log = new MerkleLog();
            for (int leaf = 0; leaf < _leaves; leaf++)
            {
                _log.Append(RawLeaf.Hash(LeafOf(segment, leaf)));
            }
        }

        return _log;
    }

    private byte[] LeafOf(uint segment, int leaf)
    {
        byte[] bytes = new byte[leaf + 1 == _leaves ? LastLeafBytes : RawLog.LeafBytes];
        Draw draw = Draw(segment, leaf);
        foreach (ref ulong word in MemoryMarshal.Cast<byte, ulong>(bytes.AsSpan()))
        {
            word = draw.Bits();
        }

        return bytes;
    }

    private Draw Draw(uint segment, int leaf) =>
        new(_seed, "raw", ((ulong)_node << 40) ^ ((ulong)segment << 14) ^ (uint)leaf);
}
