using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What a hub knows between two batches of what its nodes would bring, and at which
/// price.</summary>
/// <remarks>
/// The problem: the strategic layer must divide work among regions that it cannot ask twice, and a hub has no
/// bids on what it never asked for. The idea: of every node the last price it asked for each commodity, how
/// much it would bring for that and how long that takes, is kept from the sealed sheets; summed up, cheapest
/// first, that is the region's marginal supply curve. Only the curve leaves the region, never a bid.
/// <para>
/// Honest limits. A quote is as old as the last batch that asked for the commodity; older than
/// <see cref="QuoteAgeMax"/> it counts for nothing. A node that holds work is counted from the end of that
/// work on, once for each trip that fits before the deadline. What nodes promised and did not deliver, over
/// all of the region, lessens everything. A node that was never heard to ask for anything adds to the
/// capacity as the mean of the others, and to no curve. Memory: a quote a node and commodity.
/// </para>
/// </remarks>
internal sealed class SupplyBook
{
    /// <summary>Trips that a node is counted for at most.</summary>
    private const int TripsMax = 100;

    /// <summary>Of kept and broken promises half is forgotten when they sum to this: 10,000 t.</summary>
    private const long MemoryMax = 10_000_000_000;

    /// <summary>How long a quote counts.</summary>
    public static readonly TimeSpan QuoteAgeMax = TimeSpan.FromDays(60);

    private readonly SortedDictionary<(Commodity Commodity, NodeId Node), Quote> _quotes = [];

    // Promised by contracts that ended, and delivered of that; fading.
    private long _promised;
    private long _kept;

    /// <summary>Hears a sheet of sealed bids on the requests of a cycle.</summary>
    public void Hear(NodeId node, BidSheet sheet, ImmutableArray<Request> requests, Instant closes)
    {
        // A sheet asks for a commodity by the cheapest of its bids on it; the last sheet counts.
        for (Commodity commodity = Commodity.Nickel; commodity <= Commodity.Silicate; commodity++)
        {
            Quote? best = null;
            foreach (Bid bid in sheet.Bids)
            {
                int at = bid.Steps.IsEmpty ? -1 : requests.Find(bid.Bounty);
                if (at < 0 || requests[at].Commodity != commodity
                    || requests[at].Kind != WorkKind.Deliver)
                {
                    continue;
                }

                BidStep most = bid.Steps[^1];
                var quote = new Quote(
                    most.PricePerLot, requests[at].Lot, most.Quantity,
                    Math.Max(1, (most.Arrives - closes).Ticks / TimeSpan.TicksPerSecond), closes);
                best = best is { } known && !quote.IsCheaperThan(known) ? best : quote;
            }

            if (best is { } found)
            {
                _quotes[(commodity, node)] = found;
            }
        }
    }

    /// <summary>Hears how a contract ended.</summary>
    public void Hear(Grams promised, Grams counted)
    {
        _promised += promised.Value;
        _kept += Math.Min(promised.Value, counted.Value);
        if (_promised > MemoryMax)
        {
            (_promised, _kept) = (_promised / 2, _kept / 2);
        }
    }

    /// <summary>The supply curve for an inquiry, and nothing else of who asks what.</summary>
    /// <param name="now">Now.</param>
    /// <param name="inquiry">What is asked for.</param>
    /// <param name="freeFrom">From when on a node could begin; never when it cannot be counted on.</param>
    /// <param name="spoken">Of this commodity, what others are to bring: the cheapest do that.</param>
    public ImmutableArray<SupplyStep> Curve(
        Instant now, Inquiry inquiry, Func<NodeId, Instant> freeFrom, Grams spoken)
    {
        var asks = new List<(long Price, uint Node, long Quantity)>();
        Int128 total = 0;
        foreach (((Commodity commodity, NodeId node), Quote quote) in _quotes)
        {
            long quantity = commodity == inquiry.Commodity && now - quote.At <= QuoteAgeMax
                ? quote.Brings(freeFrom(node), inquiry.Deadline, this) : 0;
            Int128 price = (Int128)quote.Price.Micro * inquiry.Lot.Value / quote.Lot.Value;
            if (quantity > 0 && price <= Credits.MicroMax)
            {
                asks.Add(((long)price, node.Value, quantity));
                total += quantity;
            }
        }

        asks.Sort();
        return Steps(asks, total, spoken.Value);
    }

    /// <summary>What all nodes together could bring by then, each of what it brings most of.</summary>
    /// <param name="now">Now.</param>
    /// <param name="deadline">By when.</param>
    /// <param name="freeFrom">From when on a node could begin.</param>
    /// <param name="nodes">Nodes that can be counted on, whether or not they have asked for anything.</param>
    public Grams Capacity(Instant now, Instant deadline, Func<NodeId, Instant> freeFrom, int nodes)
    {
        var most = new SortedDictionary<NodeId, long>();
        foreach (((Commodity _, NodeId node), Quote quote) in _quotes)
        {
            Instant from = freeFrom(node);
            if (from < Instant.Never && now - quote.At <= QuoteAgeMax)
            {
                long brings = quote.Brings(from, deadline, this);
                most[node] = Math.Max(most.GetValueOrDefault(node), brings);
            }
        }

        Int128 sum = 0;
        foreach (long brings in most.Values)
        {
            sum += brings;
        }

        if (most.Count > 0 && nodes > most.Count)
        {
            sum = sum * nodes / most.Count;
        }

        return new Grams((long)Int128.Min(sum, Grams.ValueMax));
    }

    /// <summary>Walks the state, for snapshots.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("supply", 3);
        codec.Table(
            "quotes",
            _quotes,
            static (ref TCodec c, (Commodity Commodity, NodeId Node) key) =>
            {
                c.Open("key", 2);
                var commodity = (Commodity)c.Integer("commodity", (long)key.Commodity, 1, 4);
                NodeId node = c.Node("node", key.Node);
                c.Close();
                return (commodity, node);
            },
            static (ref TCodec c, Quote value) =>
            {
                c.Open("quote", 5);
                var quote = new Quote(
                    c.Money("price", value.Price), c.Mass("lot", value.Lot), c.Mass("quantity",
                        value.Quantity),
                    c.Integer("seconds", value.Seconds, 0, long.MaxValue), c.Moment("at", value.At));
                c.Close();
                return quote;
            });
        _promised = codec.Integer("promised", _promised, 0, long.MaxValue);
        _kept = codec.Integer("kept", _kept, 0, long.MaxValue);
        codec.Close();
    }

    // Equal parts of the mass, each at its dearest ask, so that a region can keep what its curve says; parts
    // of one price are one step.
    private static ImmutableArray<SupplyStep> Steps(
        List<(long Price, uint Node, long Quantity)> asks, Int128 total, long spoken)
    {
        Int128 rest = total - spoken;
        var steps = ImmutableArray.CreateBuilder<SupplyStep>();
        Int128 passed = -(Int128)spoken;
        long quantity = 0;
        for (int i = 0; i < asks.Count; i++)
        {
            Int128 before = Int128.Max(passed, 0);
            passed += asks[i].Quantity;
            quantity += (long)(Int128.Max(passed, 0) - before);
            bool isNextAsDear = i + 1 < asks.Count && asks[i + 1].Price == asks[i].Price;
            bool isFull = passed * SupplyCurve.StepsMax >= rest * (steps.Count + 1);
            if (quantity > 0 && !isNextAsDear && (isFull || i == asks.Count - 1))
            {
                steps.Add(new SupplyStep(
                    new Grams(Math.Min(quantity, Grams.ValueMax)), new Credits(asks[i].Price)));
                quantity = 0;
            }
        }

        return steps.ToImmutable();
    }

    private readonly record struct Quote(
        Credits Price, Grams Lot, Grams Quantity, long Seconds, Instant At)
    {
        public bool IsCheaperThan(Quote other) =>
            (Int128)Price.Micro * other.Lot.Value < (Int128)other.Price.Micro * Lot.Value;

        public long Brings(Instant from, Instant deadline, SupplyBook book)
        {
            if (from >= deadline)
            {
                return 0;
            }

            long trips = Math.Min(
                TripsMax, (deadline - from).Ticks / TimeSpan.TicksPerSecond / Math.Max(1, Seconds));
            Int128 all = (Int128)Quantity.Value * trips;
            all = book._promised > 0 ? all * book._kept / book._promised : all;
            return (long)Int128.Min(all, Grams.ValueMax);
        }
    }
}
