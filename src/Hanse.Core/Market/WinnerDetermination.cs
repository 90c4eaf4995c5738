using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Clearing;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>One winner of a batch.</summary>
/// <param name="Bounty">The bounty.</param>
/// <param name="Node">The winner.</param>
/// <param name="Quantity">What it was given: its offer, or what was left.</param>
/// <param name="PricePerLot">The clearing price: the same for every winner of the bounty.</param>
/// <param name="Arrives">When it said it would be unloaded.</param>
/// <param name="Sigma">One standard deviation of that.</param>
/// <param name="Asked">What it asked itself per lot for that quantity; zero where that is not known, of an
/// award of another hub's.</param>
public sealed record Winner(
    BountyId Bounty, NodeId Node, Grams Quantity, Credits PricePerLot, Instant Arrives, TimeSpan Sigma,
    Credits Asked)
    : IShaped<Winner>
{
    /// <inheritdoc/>
    public static Winner Shape<TCodec>(ref TCodec codec, Winner? value)
        where TCodec : struct, ICodec
    {
        codec.Open("winner", 7);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits price = codec.Money("price", value?.PricePerLot ?? default);
        Instant arrives = codec.Second("arrives", value?.Arrives ?? default);
        TimeSpan sigma = codec.Duration("sigma", value?.Sigma ?? default);
        Credits asked = codec.Money("asked", value?.Asked ?? default);
        codec.Close();
        return value ?? new Winner(bounty, node, quantity, price, arrives, sigma, asked);
    }
}

/// <summary>What a batch came to.</summary>
/// <param name="Winners">In the order of the requests, and within one by rank.</param>
/// <param name="LowestAsks">Per request, in their order: the lowest price that a node without work asked,
/// above the reserve or not; zero when there was none.</param>
/// <param name="SetBy">Per request the node that would have come for less than is paid, by which the price is
/// what it is; zero when the reserve is paid, or the price at which the auction ended.</param>
public sealed record ClearingResult(
    ImmutableArray<Winner> Winners, ImmutableArray<Credits> LowestAsks, ImmutableArray<NodeId> SetBy);

/// <summary>Winner determination for one sealed batch: a pure function of the batch.</summary>
/// <remarks>
/// The problem: twenty requests want the same nodes, each node can do one of them, and what one takes another
/// lacks. The idea: the requests are cleared at once by the auction of <see cref="ClearingEngine"/>, each as
/// so many grams that nodes supply in part or whole, worth its reserve and more if it would not wait for
/// another batch; then every node is held to the one request where most of it is wanted, what that leaves
/// open goes to whoever is left and gains most by it, and a node that was given less than it comes for is let
/// go. Payment is one price a request: the highest at which no other node would rather have that work than
/// what it has (Demange, Gale and Sotomayor 1986), or the reserve while some of it found nobody and nobody
/// who offered was turned away. So a bid decides whether a node wins and hardly what it is paid.
/// <para>
/// Invariants, asserted: a node wins at most once; no more is awarded than is open; nobody brings less than
/// its first step or more than its last; the price is at least what every winner asked for its quantity and
/// at most the reserve. Ties fall to hash(bounty, node, cycle). No floating point.
/// </para>
/// <para>
/// Absent on purpose: standing prices, since whoever is under contract does not bid, so nothing of the last
/// batch is left to mend; and what a batch means for the next, which is in the reserves.
/// </para>
/// </remarks>
public sealed class WinnerDetermination
{
    // Prices are compared per tonne, whatever the lots; the steps of a search for prices are few.
    private static readonly Grams _tonne = Grams.FromTonnes(1);
    private const int PricePassesMax = 100;

    // What cannot wait at all is worth so many mean reserves more.
    private const int UrgencyReserves = 2;
    private const int ShareOne = 1_000_000;

    private readonly ClearingEngine _engine = new();

    private ImmutableArray<Request> _requests = [];
    private CycleNumber _cycle;

    // Nodes with an offer of use, and their offers one node after the other.
    private readonly List<NodeId> _nodes = [];
    private readonly List<int> _rowStarts = [];
    private readonly List<Offer> _offers = [];

    // Per node the offer that won, or -1, and how much; per request what is open.
    private int[] _won = [];
    private Grams[] _given = [];
    private Grams[] _left = [];

    // Per request what a tonne is worth in this batch: its reserve, and a bonus for what cannot wait.
    private long[] _worth = [];

    /// <summary>Opens a batch.</summary>
    /// <param name="cycle">The cycle; part of the tie-break.</param>
    /// <param name="closes">When it was to be opened; arrivals and deadlines are measured from there.</param>
    /// <param name="requests">What was asked, in order of bounty.</param>
    /// <param name="sheets">The sealed answers, one a node. Steps above the reserve, after the deadline or on
    /// no request of the batch are passed over.</param>
    /// <returns>Winners, prices and lowest asks. Cost: that of the auction, O(bids) a pass and a few
    /// passes.</returns>
    public ClearingResult Run(
        CycleNumber cycle,
        Instant closes,
        ImmutableArray<Request> requests,
        SortedDictionary<NodeId, BidSheet> sheets)
    {
        if (WholeWork.IsIn(requests))
        {
            (ImmutableArray<Request> loads, SortedDictionary<NodeId, BidSheet> answers) =
                WholeWork.AsLoads(requests, sheets);
            ClearingResult cleared = Open(cycle, closes, loads, answers);
            return cleared with { Winners = WholeWork.AsAsked(cleared.Winners, requests) };
        }

        return Open(cycle, closes, requests, sheets);
    }

    private ClearingResult Open(
        CycleNumber cycle,
        Instant closes,
        ImmutableArray<Request> requests,
        SortedDictionary<NodeId, BidSheet> sheets)
    {
        _cycle = cycle;
        _requests = requests;
        Read(sheets);
        Weigh(closes);
        LotOutcome outcome = Clear();
        Settle(outcome);
        Fill();
        (long[] prices, NodeId[] setBy) = Price(outcome);
        return Result(sheets, prices, setBy);
    }

    private void Read(SortedDictionary<NodeId, BidSheet> sheets)
    {
        _nodes.Clear();
        _rowStarts.Clear();
        _offers.Clear();
        foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
        {
            int start = _offers.Count;
            int task = 0;
            foreach (Bid bid in sheet.Value.Bids)
            {
                while (task < _requests.Length && _requests[task].Bounty.CompareTo(bid.Bounty) < 0)
                {
                    task++;
                }

                if (task < _requests.Length
                    && _requests[task].Bounty == bid.Bounty
                    && bid.IsOffer
                    && Most(bid, _requests[task]) is { } most)
                {
                    _offers.Add(new Offer(
                        _nodes.Count,
                        task,
                        bid,
                        most.Quantity,
                        PerTonne(most.PricePerLot, task),
                        StableHash.Of(bid.Bounty.Value, sheet.Key.Value, _cycle.Value)));
                }
            }

            if (_offers.Count > start)
            {
                _nodes.Add(sheet.Key);
                _rowStarts.Add(start);
            }
        }

        _rowStarts.Add(_offers.Count);
    }

    // The greatest load of a bid that can win.
    private static BidStep? Most(Bid bid, Request request)
    {
        for (int i = bid.Steps.Length - 1; i >= 0; i--)
        {
            if (Winning(bid, request, Grams.Min(request.Open, bid.Steps[i].Quantity)) is { } step)
            {
                return step;
            }
        }

        return null;
    }

    // What the node takes for a quantity, if that is within the reserve and the deadline.
    private static BidStep? Winning(Bid bid, Request request, Grams quantity) =>
        bid.For(quantity) is { } step
        && step.PricePerLot <= request.Reserve
        && step.Arrives <= request.Deadline
            ? step : null;

    private BidStep? Winning(Offer offer, Grams quantity) =>
        Winning(offer.Bid, _requests[offer.Task], quantity);

    // What can be had later as well is worth no more than its reserve; what cannot, a bonus on top, by the
    // square of the share that the fastest trip takes of the time left. So a node that is wanted twice goes
    // where it is urgent. A sum and not a factor on gains: with a factor those who bid also say, by what they
    // ask, what the urgency is worth, and neighbours who ask more together gain by it.
    private void Weigh(Instant closes)
    {
        var fastest = new long[_requests.Length];
        Array.Fill(fastest, long.MaxValue);
        foreach (Offer offer in _offers)
        {
            foreach (BidStep step in offer.Bid.Steps)
            {
                fastest[offer.Task] = Math.Min(fastest[offer.Task], (step.Arrives - closes).Ticks);
            }
        }

        Int128 sum = 0;
        for (int task = 0; task < _requests.Length; task++)
        {
            sum += Reserve(task);
        }

        Int128 most = UrgencyReserves * sum / Math.Max(1, _requests.Length);
        _worth = new long[_requests.Length];
        for (int task = 0; task < _worth.Length; task++)
        {
            long left = Math.Max(1, (_requests[task].Deadline - closes).Ticks);
            long share = (long)((Int128)Math.Clamp(fastest[task], 0, left) * ShareOne / left);
            Int128 bonus = most * share / ShareOne * share / ShareOne;
            _worth[task] = (long)Int128.Min(Reserve(task) + bonus, ClearingProblem.ValueMax);
        }
    }

    private long Reserve(int task) => PerTonne(_requests[task].Reserve, task);

    private LotOutcome Clear()
    {
        var tasks = new int[_offers.Count];
        var costs = new long[_offers.Count];
        var supplies = new long[_nodes.Count];
        for (int i = 0; i < _offers.Count; i++)
        {
            Offer offer = _offers[i];
            tasks[i] = offer.Task;
            costs[i] = offer.Cost;
            supplies[offer.Node] = Math.Max(supplies[offer.Node], Units(offer.Most));
        }

        var demands = new long[_requests.Length];
        for (int task = 0; task < demands.Length; task++)
        {
            demands[task] = Units(_requests[task].Open);
        }

        return _engine.ClearLots(
            new ClearingProblem([.. _rowStarts], tasks, costs, _worth),
            new ClearingRules { Epoch = _cycle.Value, IncrementPpm = ClearingRules.IncrementPpmMin },
            new LotTerms(supplies, demands));
    }

    // Every node is held to the one request that has most of it.
    private void Settle(LotOutcome outcome)
    {
        _won = new int[_nodes.Count];
        _given = new Grams[_nodes.Count];
        _left = new Grams[_requests.Length];
        for (int task = 0; task < _left.Length; task++)
        {
            _left[task] = _requests[task].Open;
        }

        for (int node = 0; node < _won.Length; node++)
        {
            _won[node] = -1;
            long units = 0;
            for (int i = _rowStarts[node]; i < _rowStarts[node + 1]; i++)
            {
                if (outcome.Units[i] > units)
                {
                    units = outcome.Units[i];
                    _won[node] = i;
                }
            }

            if (_won[node] >= 0)
            {
                Offer offer = _offers[_won[node]];
                _given[node] = Grams.Min(Grams.Min(new Grams(units), offer.Most), _left[offer.Task]);
                _left[offer.Task] -= _given[node];
            }
        }
    }

    // What is open goes to those who have part of it, then to those who have nothing, the most gain first.
    private void Fill()
    {
        for (int node = 0; node < _won.Length; node++)
        {
            if (_won[node] < 0)
            {
                continue;
            }

            Offer offer = _offers[_won[node]];
            Grams more = Grams.Min(offer.Most - _given[node], _left[offer.Task]);
            _given[node] += more;
            _left[offer.Task] -= more;
            if (Winning(offer, _given[node]) is null)
            {
                _left[offer.Task] += _given[node];
                _won[node] = -1;
                _given[node] = Grams.Zero;
            }
        }

        var idle = new List<int>();
        for (int i = 0; i < _offers.Count; i++)
        {
            if (_won[_offers[i].Node] < 0 && _left[_offers[i].Task] > Grams.Zero)
            {
                idle.Add(i);
            }
        }

        idle.Sort((a, b) =>
        {
            int byGain = Gain(_offers[b]).CompareTo(Gain(_offers[a]));
            return byGain != 0 ? byGain : _offers[a].Tie.CompareTo(_offers[b].Tie);
        });
        foreach (int i in idle)
        {
            Offer offer = _offers[i];
            Grams quantity = Grams.Min(offer.Most, _left[offer.Task]);
            if (_won[offer.Node] < 0 && Winning(offer, quantity) is not null)
            {
                _won[offer.Node] = i;
                _given[offer.Node] = quantity;
                _left[offer.Task] -= quantity;
            }
        }
    }

    // From the reserves downwards, to where no other node would rather have the work than what it has; but
    // not below the auction's prices, nor below what a winner asked. A crumb that is too small for those who
    // were turned away does not make the work scarce: paid the reserve for it, nodes of half the size would
    // claim less than they cost only to be there.
    private (long[] Prices, NodeId[] SetBy) Price(LotOutcome outcome)
    {
        var prices = new long[_requests.Length];
        var floors = new long[_requests.Length];
        var setBy = new NodeId[_requests.Length];
        var isWanted = new bool[_requests.Length];
        foreach (Offer offer in _offers)
        {
            isWanted[offer.Task] |= _won[offer.Node] < 0;
        }

        for (int task = 0; task < prices.Length; task++)
        {
            prices[task] = Reserve(task);
            floors[task] = _left[task] > Grams.Zero && !isWanted[task]
                ? prices[task] : Math.Min(prices[task], outcome.Prices[task]);
        }

        for (int node = 0; node < _won.Length; node++)
        {
            if (_won[node] >= 0)
            {
                int task = _offers[_won[node]].Task;
                floors[task] = Math.Max(floors[task], Claim(node));
            }
        }

        bool falls = true;
        for (int pass = 0; falls && pass < PricePassesMax; pass++)
        {
            falls = false;
            foreach (Offer offer in _offers)
            {
                int won = _won[offer.Node];
                if (won >= 0 && _offers[won].Task == offer.Task)
                {
                    continue;
                }

                long bound = Math.Max(offer.Cost + RentPerTonne(offer, prices), floors[offer.Task]);
                if (bound < prices[offer.Task])
                {
                    prices[offer.Task] = bound;
                    setBy[offer.Task] = _nodes[offer.Node];
                    falls = true;
                }
            }
        }

        return (prices, setBy);
    }

    // What the node gains where it is, over what it would bring here.
    private long RentPerTonne(Offer offer, long[] prices)
    {
        int won = _won[offer.Node];
        if (won < 0)
        {
            return 0;
        }

        int task = _offers[won].Task;
        Int128 rent = (Int128)(prices[task] - Claim(offer.Node)) * _given[offer.Node].Value
            / offer.Most.Value;
        return (long)Int128.Min(rent, ClearingProblem.ValueMax);
    }

    private ClearingResult Result(
        SortedDictionary<NodeId, BidSheet> sheets, long[] prices, NodeId[] setBy)
    {
        var winners = new List<(int Task, long Cost, ulong Tie, Winner Winner)>();
        var perLot = new Credits[_requests.Length];
        for (int node = 0; node < _won.Length; node++)
        {
            if (_won[node] >= 0)
            {
                // Rounded down from tonnes to lots, but never below what was asked.
                Offer offer = _offers[_won[node]];
                BidStep step = StepOf(node);
                Request request = _requests[offer.Task];
                perLot[offer.Task] = Credits.Max(
                    perLot[offer.Task],
                    Credits.Max(
                        step.PricePerLot, new Credits(prices[offer.Task]).ForPart(request.Lot, _tonne)));
            }
        }

        for (int node = 0; node < _won.Length; node++)
        {
            if (_won[node] >= 0)
            {
                Offer offer = _offers[_won[node]];
                BidStep step = StepOf(node);
                Request request = _requests[offer.Task];
                Credits price = Credits.Min(perLot[offer.Task], request.Reserve);
                Invariant.Holds(price >= step.PricePerLot && _left[offer.Task] >= Grams.Zero);
                winners.Add((offer.Task, offer.Cost, offer.Tie, new Winner(
                    request.Bounty, _nodes[node], step.Quantity, price, step.Arrives, step.Sigma,
                    step.PricePerLot)));
            }
        }

        winners.Sort((a, b) =>
        {
            int byTask = a.Task.CompareTo(b.Task);
            int byCost = byTask != 0 ? byTask : a.Cost.CompareTo(b.Cost);
            return byCost != 0 ? byCost : a.Tie.CompareTo(b.Tie);
        });
        var chosen = ImmutableArray.CreateBuilder<Winner>(winners.Count);
        foreach ((_, _, _, Winner winner) in winners)
        {
            chosen.Add(winner);
        }

        return new ClearingResult(chosen.MoveToImmutable(), LowestAsks(sheets), [.. setBy]);
    }

    private ImmutableArray<Credits> LowestAsks(SortedDictionary<NodeId, BidSheet> sheets)
    {
        var asks = new Credits[_requests.Length];
        foreach (KeyValuePair<NodeId, BidSheet> sheet in sheets)
        {
            int node = _nodes.BinarySearch(sheet.Key);
            if (node >= 0 && _won[node] >= 0)
            {
                continue;
            }

            foreach (Bid bid in sheet.Value.Bids)
            {
                int task = _requests.Find(bid.Bounty);
                if (task >= 0)
                {
                    foreach (BidStep step in bid.Steps)
                    {
                        asks[task] = asks[task] == Credits.Zero
                            ? step.PricePerLot : Credits.Min(asks[task], step.PricePerLot);
                    }
                }
            }
        }

        return [.. asks];
    }

    private BidStep StepOf(int node)
    {
        BidStep? step = Winning(_offers[_won[node]], _given[node]);
        Invariant.Holds(step is not null); // Settle and Fill gave it no other quantity.
        return step;
    }

    private long Claim(int node) => PerTonne(StepOf(node).PricePerLot, _offers[_won[node]].Task);

    private long Gain(Offer offer) => _worth[offer.Task] - offer.Cost;

    // Rounded up, so that a price per tonne that covers it covers it per lot. Beyond the engine's range
    // prices of tiny lots are all alike.
    private long PerTonne(Credits perLot, int task)
    {
        long lot = _requests[task].Lot.Value;
        return (long)Int128.Min(
            (((Int128)perLot.Micro * _tonne.Value) + lot - 1) / lot, ClearingProblem.ValueMax);
    }

    private static long Units(Grams quantity) => Math.Min(quantity.Value, LotTerms.UnitsMax);

    private sealed record Offer(int Node, int Task, Bid Bid, Grams Most, long Cost, ulong Tie);
}
