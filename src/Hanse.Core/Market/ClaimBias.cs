using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What work has cost over what was claimed for it, by node and by class of design; with it claims
/// are corrected before they are ranked.</summary>
/// <remarks>
/// The problem: a node whose wear model is too kind, or that claims too little on purpose, wins what others
/// would do for less. The idea: an average of realised over claimed for each node, of its last
/// <see cref="NodeMemory"/> deliveries, and one for each class, of its last <see cref="ClassMemory"/>. A node
/// with few deliveries is believed to be like its class: the class counts as <see cref="ClassWeight"/> more
/// of them (shrinkage; Efron and Morris, JASA 70, 1975), and the truth as <see cref="TruthWeight"/> more of
/// the class's.
/// <para>
/// Invariants: a ratio is from <see cref="RatioMin"/> to <see cref="RatioMax"/>; one delivery moves a class
/// by at most <see cref="ClassStepMax"/> divided by those it remembers, so that one liar hardly moves it; the
/// order of deliveries of a node is all that its own average depends on. Absent on purpose: why a claim was
/// wrong, and punishment; a node is ranked by what it is likely to cost, no more.
/// </para>
/// </remarks>
public sealed class ClaimBias
{
    /// <summary>Most nodes kept; a node beyond them is believed to be like its class.</summary>
    public const int NodesMax = 400_000;

    /// <summary>Most classes kept; a class beyond them is believed to claim the truth.</summary>
    public const int ClassesMax = 1_000;

    /// <summary>Least ratio, in parts per million: half of what was claimed.</summary>
    public const int RatioMin = 500_000;

    /// <summary>Greatest ratio: twice what was claimed.</summary>
    public const int RatioMax = 2_000_000;

    /// <summary>Deliveries that a node's average remembers.</summary>
    public const int NodeMemory = 16;

    /// <summary>Deliveries that a class's average remembers.</summary>
    public const int ClassMemory = 256;

    /// <summary>As how many of a node's deliveries its class counts.</summary>
    public const int ClassWeight = 4;

    /// <summary>As how many of a class's deliveries the truth counts.</summary>
    public const int TruthWeight = 16;

    /// <summary>Most of the difference of a delivery to the class's average that counts there: two sigma of
    /// an honest error.</summary>
    public const int ClassStepMax = 200_000;

    /// <summary>The ratio of who claims the truth.</summary>
    public const int One = 1_000_000;

    private readonly SortedDictionary<NodeId, Average> _nodes = [];
    private readonly SortedDictionary<DesignClass, Average> _classes = [];

    /// <summary>Nodes with a delivery.</summary>
    public int Count => _nodes.Count;

    /// <summary>Learns from one delivery.</summary>
    /// <param name="node">Who.</param>
    /// <param name="design">Its class.</param>
    /// <param name="claimed">What it claimed for what it delivered.</param>
    /// <param name="realised">What that has cost, as accepted after its return.</param>
    /// <returns>False when nothing was learned: amounts must be positive.</returns>
    /// <remarks>Cost: O(log n).</remarks>
    public bool Observe(NodeId node, DesignClass design, Credits claimed, Credits realised)
    {
        if (claimed <= Credits.Zero || realised <= Credits.Zero)
        {
            return false;
        }

        int ratio = (int)Int128.Clamp((Int128)realised.Micro * One / claimed.Micro, RatioMin, RatioMax);
        Average? own = _nodes.GetValueOrDefault(node);
        if (own is not null || _nodes.Count < NodesMax)
        {
            _nodes[node] = (own ?? Average.None).With(ratio, NodeMemory);
        }

        Average? shared = _classes.GetValueOrDefault(design);
        if (shared is not null || _classes.Count < ClassesMax)
        {
            shared ??= Average.None;
            int near = Math.Clamp(ratio, shared.Ratio - ClassStepMax, shared.Ratio + ClassStepMax);
            _classes[design] = shared.With(near, ClassMemory);
        }

        return true;
    }

    /// <summary>Realised over claimed, as expected of a class: 1,000,000 when nothing is known.</summary>
    public PartsPerMillion RatioOf(DesignClass design) => new(
        _classes.GetValueOrDefault(design, Average.None).Shrunk(One, TruthWeight));

    /// <summary>Realised over claimed, as expected of a node.</summary>
    public PartsPerMillion RatioOf(NodeId node, DesignClass design) => new(
        _nodes.GetValueOrDefault(node, Average.None).Shrunk(RatioOf(design).Value, ClassWeight));

    /// <summary>A claim as it is likely to turn out, rounded up; at most a microcredit above
    /// <see cref="Credits.MicroMax"/>, which nobody pays.</summary>
    public Credits Corrected(NodeId node, DesignClass design, Credits claim) =>
        Corrected(claim, RatioOf(node, design));

    /// <summary>A node's answers as they are ranked: no ask below what its work is likely to cost. What it
    /// asks too much is not taken off, for it must be paid what it asked.</summary>
    /// <param name="sheet">As it was sent; returned as it is when the ratio is not above one.</param>
    /// <param name="ratio">Realised over claimed, as expected of the node.</param>
    public static BidSheet Ranked(BidSheet sheet, PartsPerMillion ratio)
    {
        if (ratio.Value <= One || sheet.Bids.IsEmpty)
        {
            return sheet;
        }

        Bid[] bids = [.. sheet.Bids];
        for (int i = 0; i < bids.Length; i++)
        {
            BidStep[] steps = [.. bids[i].Steps];
            for (int j = 0; j < steps.Length; j++)
            {
                steps[j] = steps[j] with { PricePerLot = Ranked(steps[j].PricePerLot, ratio) };
            }

            bids[i] = bids[i] with { Steps = [.. steps] };
        }

        return sheet with { Bids = [.. bids] };
    }

    /// <summary>One ask as it is ranked: the same, or more.</summary>
    public static Credits Ranked(Credits asked, PartsPerMillion ratio) =>
        ratio.Value <= One ? asked : Corrected(asked, ratio);

    private static Credits Corrected(Credits claim, PartsPerMillion ratio)
    {
        Int128 corrected = (((Int128)claim.Micro * ratio.Value) + One - 1) / One;
        return new Credits((long)Int128.Min(corrected, Credits.MicroMax + 1));
    }

    /// <summary>Forgets a node: it was repaired, or an operator says to begin again.</summary>
    public void Forget(NodeId node) => _ = _nodes.Remove(node);

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("claimBias", 2);
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Average value) => Average.Shape(ref c, value));
        codec.Table(
            "classes",
            _classes,
            static (ref TCodec c, DesignClass key) =>
                new DesignClass((uint)c.Integer("class", key.Value, 0, uint.MaxValue)),
            static (ref TCodec c, Average value) => Average.Shape(ref c, value));
        codec.Close();
    }

    /// <summary>Of the first deliveries the mean; then every one counts as one of those remembered.</summary>
    private sealed record Average(int Ratio, int Count)
    {
        public static readonly Average None = new(One, 0);

        public Average With(int ratio, int memory)
        {
            int count = Math.Min(Count + 1, memory);
            return new Average(Ratio + ((ratio - Ratio) / count), count);
        }

        public int Shrunk(int towards, int weight) =>
            (int)((((long)Ratio * Count) + ((long)towards * weight)) / (Count + weight));

        public static Average Shape<TCodec>(ref TCodec codec, Average? value)
            where TCodec : struct, ICodec
        {
            codec.Open("average", 2);
            int ratio = (int)codec.Integer("ratio", value?.Ratio ?? 0, RatioMin, RatioMax);
            int count = (int)codec.Integer("count", value?.Count ?? 0, 1, ClassMemory);
            codec.Close();
            return value ?? new Average(ratio, count);
        }
    }
}
