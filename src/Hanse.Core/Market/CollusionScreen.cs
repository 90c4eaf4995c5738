using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Numerics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What the hub believes that a delivery costs a node: for the price of a lot, or null where it has
/// no model.</summary>
public delegate Credits? CostModel(NodeId node, Request request, Grams quantity);

/// <summary>Looks over opened batches for nodes that bid as rings do.</summary>
/// <remarks>
/// The problem: no rule that pays a market price holds against bidders who agree beforehand; a ring that asks
/// more, all together, sells dearer. The idea: what a ring does leaves traces that an honest node's errors do
/// not. It claims more over its model than its class does; its losers bid alike and far above the last winner
/// (Imhof, "Simple statistical screens to detect bid rigging", Fribourg working paper 484, 2017); its members
/// win by turns, or lose together what they would have gained by. Each is a screen of its own, with a
/// threshold in <see cref="ScreenRules"/> and an error that was measured on honest batches.
/// <para>
/// Invariants: the state is a function of the batches, in their order; at most <see cref="NodesMax"/> nodes
/// are remembered, of the last 64 batches a few bits each, and a node beyond that is not screened. Integers.
/// Absent on purpose: consequences. A finding is a reason to look; nothing here takes work or pay from
/// anybody. And who is flagged stays with the hub, as losing bids do: a ring that knew would adapt.
/// </para>
/// </remarks>
/// <param name="rules">From where on to flag.</param>
public sealed class CollusionScreen(ScreenRules rules)
{
    /// <summary>Most nodes remembered.</summary>
    public const int NodesMax = 100_000;

    /// <summary>Most nodes of a depot that are compared in pairs: those of the lowest identities.</summary>
    public const int PairedMax = 2_000;

    /// <summary>So many flagged nodes at a depot are a group.</summary>
    public const int GroupMin = 3;

    // Who wins by turns wins together an eighth as often as chance would have it, or less.
    private const int JointRarity = 8;

    private const long One = 1_000_000;
    private static readonly Grams _tonne = Grams.FromTonnes(1);

    private readonly SortedDictionary<NodeId, BidRecord> _nodes = [];

    /// <summary>Nodes remembered.</summary>
    public int Count => _nodes.Count;

    /// <summary>Takes one opened batch.</summary>
    /// <param name="cycle">Its cycle, after those taken before; an earlier one is passed over.</param>
    /// <param name="requests">What was asked, in order of bounty.</param>
    /// <param name="sheets">The answers.</param>
    /// <param name="result">What it came to.</param>
    /// <param name="designOf">A node's class.</param>
    /// <param name="model">What the hub believes of costs; corrected by <see cref="ClaimBias"/> where a
    /// node's errors are known.</param>
    /// <remarks>Cost: O(bids log bids).</remarks>
    public void Add(
        CycleNumber cycle,
        ImmutableArray<Request> requests,
        SortedDictionary<NodeId, BidSheet> sheets,
        ClearingResult result,
        Func<NodeId, DesignClass> designOf,
        CostModel model)
    {
        var view = new BatchView(requests, sheets, result);
        SortedSet<NodeId> cover = Cover(view);
        foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
        {
            BidRecord? known = _nodes.GetValueOrDefault(sheet.Key);
            bool isNew = known is null ? _nodes.Count < NodesMax : known.Newest < cycle.Value;
            if (isNew && view.Read(sheet.Key, sheet.Value, model) is { } read)
            {
                BidRecord before = known?.At(cycle.Value) ?? new BidRecord
                {
                    Design = default,
                    Depot = default,
                    Newest = cycle.Value,
                    Ratio = 0,
                    Rated = 0,
                    Bid = 0,
                    Won = 0,
                    Refused = 0,
                    Cover = 0,
                };
                BidRecord after = before with
                {
                    Design = designOf(sheet.Key),
                    Depot = read.Depot,
                    Bid = before.Bid | 1,
                    Won = before.Won | (view.HasWon(sheet.Key) ? 1UL : 0),
                    Refused = before.Refused | (read.HasRefused ? 1UL : 0),
                    Cover = before.Cover | (cover.Contains(sheet.Key) ? 1UL : 0),
                };
                _nodes[sheet.Key] = read.Ratio is { } ratio ? after.With(ratio) : after;
            }
        }
    }

    /// <summary>Everybody who is flagged, by reason and node. Cost: O(nodes log nodes), and the square of
    /// those at one depot.</summary>
    public ImmutableArray<ScreenFinding> Findings()
    {
        ImmutableArray<ScreenFinding>.Builder found = ImmutableArray.CreateBuilder<ScreenFinding>();
        AboveClass(found);
        foreach (KeyValuePair<NodeId, BidRecord> node in _nodes)
        {
            int batches = node.Value.Batches;
            long share = BitOperations.PopCount(node.Value.Cover) * One / Math.Max(1, batches);
            if (batches >= rules.BatchesMin && share >= rules.CoverPpm)
            {
                found.Add(new ScreenFinding(
                    node.Key, ScreenReason.CoverBids, node.Value.Depot, share, batches));
            }
        }

        Paired(found, ScreenReason.WinsInTurns, static (screen, a, b) => screen.TakeTurns(a, b));
        Paired(found, ScreenReason.LosesTogether, static (screen, a, b) => screen.LoseTogether(a, b));
        return found.ToImmutable();
    }

    /// <summary>Flagged nodes of one reason at one depot, where there are at least
    /// <see cref="GroupMin"/>.</summary>
    public static ImmutableArray<ScreenGroup> Groups(ImmutableArray<ScreenFinding> findings)
    {
        var rings = new SortedDictionary<(ScreenReason Reason, DepotId Depot), List<NodeId>>();
        foreach (ScreenFinding finding in findings)
        {
            (ScreenReason, DepotId) key = (finding.Reason, finding.Depot);
            if (!rings.TryGetValue(key, out List<NodeId>? nodes))
            {
                rings.Add(key, nodes = []);
            }

            nodes.Add(finding.Node);
        }

        ImmutableArray<ScreenGroup>.Builder groups = ImmutableArray.CreateBuilder<ScreenGroup>();
        foreach (KeyValuePair<(ScreenReason Reason, DepotId Depot), List<NodeId>> ring in rings)
        {
            if (ring.Value.Count >= GroupMin)
            {
                groups.Add(new ScreenGroup(ring.Key.Depot, ring.Key.Reason, [.. ring.Value]));
            }
        }

        return groups.ToImmutable();
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("screen", 1);
        codec.Table(
            "nodes",
            _nodes,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, BidRecord value) => BidRecord.Shape(ref c, value));
        codec.Close();
    }

    // Losers of requests whose losing bids are alike and far from the last winner. Who has won elsewhere in
    // the batch is no loser.
    private SortedSet<NodeId> Cover(BatchView view)
    {
        var cover = new SortedSet<NodeId>();
        for (int task = 0; task < view.TaskCount; task++)
        {
            List<(NodeId Node, long Ask)> losers = view.Losers(task);
            if (losers.Count < rules.LosersMin || view.LastWinner(task) is not { } last)
            {
                continue;
            }

            Int128 sum = 0;
            long first = long.MaxValue;
            foreach ((_, long ask) in losers)
            {
                sum += ask;
                first = Math.Min(first, ask);
            }

            Int128 mean = sum / losers.Count;
            Int128 squares = 0;
            foreach ((_, long ask) in losers)
            {
                squares += (ask - mean) * (ask - mean);
            }

            // Squares are compared, so that no root need be taken.
            Int128 variance = squares / losers.Count;
            Int128 spread = mean * rules.SpreadPpm / One;
            Int128 distance = Int128.Max(0, first - last) * One / rules.DistancePpm;
            if (variance < spread * spread && distance * distance > variance)
            {
                foreach ((NodeId node, _) in losers)
                {
                    _ = cover.Add(node);
                }
            }
        }

        return cover;
    }

    private void AboveClass(ImmutableArray<ScreenFinding>.Builder found)
    {
        var classes = new SortedDictionary<DesignClass, List<long>>();
        foreach (BidRecord node in _nodes.Values)
        {
            if (node.Rated > 0)
            {
                if (!classes.TryGetValue(node.Design, out List<long>? ratios))
                {
                    classes.Add(node.Design, ratios = []);
                }

                ratios.Add(node.Ratio);
            }
        }

        foreach (List<long> ratios in classes.Values)
        {
            ratios.Sort();
        }

        foreach (KeyValuePair<NodeId, BidRecord> node in _nodes)
        {
            if (node.Value.Rated > 0)
            {
                List<long> ratios = classes[node.Value.Design];
                long median = Math.Max(1, ratios[ratios.Count / 2]);
                long over = (long)((Int128)node.Value.Ratio * One / median);
                if (node.Value.Batches >= rules.BatchesMin && over > One + rules.ExcessPpm)
                {
                    found.Add(new ScreenFinding(node.Key, ScreenReason.ClaimsAboveClass,
                        node.Value.Depot, over, node.Value.Batches));
                }
            }
        }
    }

    private void Paired(
        ImmutableArray<ScreenFinding>.Builder found,
        ScreenReason reason,
        Func<CollusionScreen, BidRecord, BidRecord, bool> isSuspicious)
    {
        var places = new SortedDictionary<DepotId, List<(NodeId Node, BidRecord Record)>>();
        uint newest = 0;
        foreach (BidRecord record in _nodes.Values)
        {
            newest = Math.Max(newest, record.Newest);
        }

        foreach (KeyValuePair<NodeId, BidRecord> node in _nodes)
        {
            if (!places.TryGetValue(node.Value.Depot, out List<(NodeId, BidRecord)>? at))
            {
                places.Add(node.Value.Depot, at = []);
            }

            if (at.Count < PairedMax)
            {
                at.Add((node.Key, node.Value.At(newest)));
            }
        }

        var flagged = new SortedDictionary<NodeId, (DepotId Depot, int Partners, int Batches)>();
        foreach (List<(NodeId Node, BidRecord Record)> at in places.Values)
        {
            for (int i = 0; i < at.Count; i++)
            {
                int partners = 0;
                for (int j = 0; j < at.Count; j++)
                {
                    partners += i != j && isSuspicious(this, at[i].Record, at[j].Record) ? 1 : 0;
                }

                if (partners > 0)
                {
                    flagged[at[i].Node] = (at[i].Record.Depot, partners, at[i].Record.Batches);
                }
            }
        }

        foreach (KeyValuePair<NodeId, (DepotId Depot, int Partners, int Batches)> node in flagged)
        {
            found.Add(new ScreenFinding(
                node.Key, reason, node.Value.Depot, node.Value.Partners * One, node.Value.Batches));
        }
    }

    // Both win often enough that chance would have let them win together several times; they hardly did.
    private bool TakeTurns(BidRecord a, BidRecord b)
    {
        ulong common = a.Bid & b.Bid;
        int batches = BitOperations.PopCount(common);
        long expected = (long)BitOperations.PopCount(common & a.Won) * BitOperations.PopCount(common & b.Won);
        return batches >= rules.PairBatchesMin
            && expected >= (long)rules.JointWinsMin * batches
            && BitOperations.PopCount(common & a.Won & b.Won) * (long)JointRarity * batches <= expected;
    }

    private bool LoseTogether(BidRecord a, BidRecord b)
    {
        ulong common = a.Bid & b.Bid;
        int batches = BitOperations.PopCount(common);
        return batches >= rules.PairBatchesMin
            && (common & (a.Won | b.Won)) == 0
            && BitOperations.PopCount(common & a.Refused & b.Refused) * One
                >= (long)batches * rules.RefusedPpm;
    }

    /// <summary>One opened batch, by request and by node.</summary>
    private sealed class BatchView
    {
        private readonly ImmutableArray<Request> _requests;
        private readonly SortedSet<NodeId> _winners = [];
        private readonly long?[] _lastWinners;
        private readonly long?[] _paid;
        private readonly List<(NodeId Node, long Ask)>[] _losers;

        public BatchView(
            ImmutableArray<Request> requests,
            SortedDictionary<NodeId, BidSheet> sheets,
            ClearingResult result)
        {
            _requests = requests;
            _lastWinners = new long?[requests.Length];
            _paid = new long?[requests.Length];
            _losers = new List<(NodeId, long)>[requests.Length];
            for (int task = 0; task < _losers.Length; task++)
            {
                _losers[task] = [];
            }

            foreach (Winner winner in result.Winners)
            {
                _ = _winners.Add(winner.Node);
                int task = requests.Find(winner.Bounty);
                _paid[task] = PerTonne(winner.PricePerLot, task);
                foreach (Bid bid in sheets[winner.Node].Bids)
                {
                    if (bid.Bounty == winner.Bounty && bid.For(winner.Quantity) is { } step)
                    {
                        _lastWinners[task] =
                            Math.Max(_lastWinners[task] ?? 0, PerTonne(step.PricePerLot, task));
                    }
                }
            }

            foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
            {
                foreach (Bid bid in sheet.Value.Bids)
                {
                    int task = requests.Find(bid.Bounty);
                    if (task >= 0 && bid.Steps.Length > 0 && !_winners.Contains(sheet.Key))
                    {
                        _losers[task].Add((sheet.Key, PerTonne(bid.Steps[^1].PricePerLot, task)));
                    }
                }
            }
        }

        public int TaskCount => _requests.Length;

        public bool HasWon(NodeId node) => _winners.Contains(node);

        public List<(NodeId Node, long Ask)> Losers(int task) => _losers[task];

        public long? LastWinner(int task) => _lastWinners[task];

        /// <summary>A node's answers: mean claim over model, cheapest depot, and whether it asked more than a
        /// price by which its model would have gained. Null when it named no price.</summary>
        public (long? Ratio, DepotId Depot, bool HasRefused)? Read(
            NodeId node, BidSheet sheet, CostModel model)
        {
            (long? Ratio, DepotId Depot, bool HasRefused)? read = null;
            Int128 sum = 0;
            int count = 0;
            long cheapest = long.MaxValue;
            bool hasRefused = false;
            DepotId depot = default;
            foreach (Bid bid in sheet.Bids)
            {
                int task = _requests.Find(bid.Bounty);
                if (task < 0 || bid.Steps.Length == 0)
                {
                    continue;
                }

                BidStep most = bid.Steps[^1];
                long ask = PerTonne(most.PricePerLot, task);
                long cost = ask;
                if (model(node, _requests[task], most.Quantity) is { Micro: > 0 } believed)
                {
                    cost = Math.Max(1, PerTonne(believed, task));
                    sum += Int128.Min((Int128)ask * One / cost, BidRecord.RatioMax);
                    count++;
                    hasRefused |= _paid[task] is { } paid && cost < paid && ask > paid;
                }

                if (cost < cheapest)
                {
                    cheapest = cost;
                    depot = _requests[task].Depot;
                }

                read = (count > 0 ? (long)(sum / count) : null, depot, hasRefused);
            }

            return read;
        }

        private long PerTonne(Credits perLot, int task) => (long)Int128.Min(
            (Int128)perLot.Micro * _tonne.Value / _requests[task].Lot.Value, Credits.MicroMax);
    }
}
