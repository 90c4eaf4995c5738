using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What nodes say of the tiles of a shared map: the last word of each about each.</summary>
/// <remarks>
/// Words are kept apart and fused when asked (<see cref="Fusion"/>), so the order in which nodes come home
/// changes nothing. Limits: <see cref="TilesMax"/> tiles, beyond which a new one is not kept;
/// <see cref="Fusion.SourcesMax"/> nodes a tile, of which those with the least hash of tile and node stay,
/// which no order of arrival can change either. Words on fewer or more axes than most are left out.
/// </remarks>
public sealed class MapBook
{
    /// <summary>Most tiles.</summary>
    public const int TilesMax = 50_000;

    private readonly SortedDictionary<ulong, SortedDictionary<NodeId, Belief>> _tiles = [];

    /// <summary>The tiles there are words about, in order.</summary>
    public IEnumerable<ulong> Tiles => _tiles.Keys;

    /// <summary>What is believed of a tile; null when nobody has said anything.</summary>
    public FusedBelief? Fused(ulong tile)
    {
        if (!_tiles.TryGetValue(tile, out SortedDictionary<NodeId, Belief>? words))
        {
            return null;
        }

        ImmutableArray<SourcedBelief>.Builder beliefs = ImmutableArray.CreateBuilder<SourcedBelief>();
        int axes = Axes(words);
        foreach (KeyValuePair<NodeId, Belief> word in words)
        {
            if (word.Value.Value.Length == axes)
            {
                beliefs.Add(new SourcedBelief(word.Key, word.Value));
            }
        }

        return Fusion.Of(beliefs.ToImmutable().AsSpan());
    }

    /// <summary>Keeps a node's word about a tile.</summary>
    internal void Apply(ulong tile, NodeId node, Belief belief)
    {
        if (!_tiles.TryGetValue(tile, out SortedDictionary<NodeId, Belief>? words))
        {
            if (_tiles.Count >= TilesMax)
            {
                return;
            }

            words = [];
            _tiles.Add(tile, words);
        }

        words[node] = belief;
        if (words.Count > Fusion.SourcesMax)
        {
            NodeId last = node;
            foreach (NodeId other in words.Keys)
            {
                last = Rank(tile, other) > Rank(tile, last) ? other : last;
            }

            _ = words.Remove(last);
        }
    }

    /// <summary>Forgets what a node said: it is doubted.</summary>
    internal void Forget(NodeId node)
    {
        foreach (ulong tile in new List<ulong>(_tiles.Keys))
        {
            if (_tiles[tile].Remove(node) && _tiles[tile].Count == 0)
            {
                _ = _tiles.Remove(tile);
            }
        }
    }

    /// <summary>Walks the state, for snapshots.</summary>
    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec => codec.Table(
            "tiles",
            _tiles,
            static (ref TCodec c, ulong key) => (ulong)c.Integer("tile", (long)key, 0, long.MaxValue),
            static (ref TCodec c, SortedDictionary<NodeId, Belief> value) =>
            {
                SortedDictionary<NodeId, Belief> words = value ?? [];
                c.Table(
                    "words",
                    words,
                    static (ref TCodec d, NodeId key) => d.Node("node", key),
                    static (ref TCodec d, Belief belief) => Belief.Shape(ref d, belief));
                return words;
            });

    // A tile has as many axes as most of its words; of equally many the more.
    private static int Axes(SortedDictionary<NodeId, Belief> words)
    {
        Span<int> counts = stackalloc int[Belief.AxesMax + 1];
        foreach (Belief word in words.Values)
        {
            counts[word.Value.Length]++;
        }

        int most = 1;
        for (int axes = 2; axes <= Belief.AxesMax; axes++)
        {
            most = counts[axes] >= counts[most] ? axes : most;
        }

        return most;
    }

    private static ulong Rank(ulong tile, NodeId node) => StableHash.Of(tile, node.Value);
}
