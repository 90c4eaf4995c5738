using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>Nodes that are given no other work, for a joint work that is not whole yet.</summary>
/// <param name="Work">The work.</param>
/// <param name="Nodes">Who, in order.</param>
/// <param name="Until">No batch that is due later holds anybody in this turn.</param>
public sealed record JointHold(uint Work, ImmutableArray<NodeId> Nodes, Instant Until) : IShaped<JointHold>
{
    /// <summary>Most nodes that are held back at a time.</summary>
    public const int NodesMax = 1_000;

    /// <summary>The sheets of the next batch: of those of its nodes that offer a part of the work, nothing
    /// else. Who offers none is held no more.</summary>
    /// <param name="sheets">The sealed answers.</param>
    /// <param name="isPart">Whether a bounty is a part of the work.</param>
    public SortedDictionary<NodeId, BidSheet> Restrict(
        SortedDictionary<NodeId, BidSheet> sheets, Func<BountyId, bool> isPart)
    {
        var cut = new SortedDictionary<NodeId, BidSheet>(sheets);
        foreach (NodeId node in Nodes)
        {
            if (sheets.TryGetValue(node, out BidSheet? sheet))
            {
                ImmutableArray<Bid> parts = sheet.Bids.RemoveAll(bid => !bid.IsOffer || !isPart(bid.Bounty));
                cut[node] = parts.IsEmpty ? sheet : sheet with { Bids = parts };
            }
        }

        return cut;
    }

    /// <summary>The sheets of all others: what is cleared while its nodes are held back.</summary>
    public SortedDictionary<NodeId, BidSheet> Without(SortedDictionary<NodeId, BidSheet> sheets)
    {
        var others = new SortedDictionary<NodeId, BidSheet>(sheets);
        foreach (NodeId node in Nodes)
        {
            _ = others.Remove(node);
        }

        return others;
    }

    /// <inheritdoc/>
    public static JointHold Shape<TCodec>(ref TCodec codec, JointHold? value)
        where TCodec : struct, ICodec
    {
        codec.Open("jointHold", 3);
        uint work = (uint)codec.Integer("joint", value?.Work ?? 0, 1, uint.MaxValue);
        int count = codec.OpenList("nodes", value?.Nodes.Length ?? 0, NodesMax);
        var nodes = ImmutableArray.CreateBuilder<NodeId>(count);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            nodes.Add(codec.Node("node", value?.Nodes[i] ?? default));
        }

        codec.CloseList();
        Instant until = codec.Moment("until", value?.Until ?? default);
        codec.Close();
        return value ?? new JointHold(work, nodes.ToImmutable(), until);
    }
}
