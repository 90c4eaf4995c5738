using System;
using System.Collections.Immutable;
using Hanse.Core.Machine;

namespace Hanse.Core.Strategy;

/// <summary>A place that would take lots of a demand.</summary>
/// <param name="Region">Its place in the list of capacities.</param>
/// <param name="Lots">How many, at most <see cref="LotSplit.LotsMax"/>.</param>
/// <param name="Cost">What each would cost where it is wanted, freight included; microcredits, from
/// zero.</param>
public readonly record struct SplitOffer(int Region, long Lots, long Cost);

/// <summary>What is to be divided of one demand.</summary>
/// <param name="Lots">How many.</param>
/// <param name="Value">What each is worth, microcredits; one that costs as much is not worth giving
/// away.</param>
/// <param name="Offers">In any order; of a region several, at rising prices.</param>
public sealed record SplitDemand(long Lots, long Value, ImmutableArray<SplitOffer> Offers);

/// <summary>Divides the lots of demands among regions for the greatest value less cost.</summary>
/// <remarks>
/// The problem: several demands want what the same few regions can bring. The idea is the transportation
/// problem: lots flow from demands through offers to regions and their capacities, and the cheapest flow is
/// found by successive shortest paths (Busacker and Gowen 1960; Ahuja, Magnanti and Orlin, Network Flows,
/// 1993, section 9.7), each of which improves the sum the most that one lot can, so that the first path that
/// gains nothing ends it. For one demand this is the greedy filling of the cheapest steps. An offer's steps
/// rise in price, so that the dearer are not used before the cheaper without being told.
/// <para>
/// The auctions of <c>Clearing</c> are not used: they are within an increment of the best at a hundred
/// thousand nodes; here are tens of regions, and exactness costs nothing. Whole numbers only; ties go to the
/// demand and the region that come first. Cost: O(paths x (demands + regions) x offers), and paths are as
/// many as offers, more or less.
/// </para>
/// </remarks>
public static class LotSplit
{
    /// <summary>Most lots of a demand, an offer or a capacity.</summary>
    public const long LotsMax = 1_000_000_000_000;

    /// <summary>The greatest value and cost.</summary>
    public const long CostMax = 1_000_000_000_000_000;

    /// <summary>Divides.</summary>
    /// <param name="demands">What is wanted.</param>
    /// <param name="capacities">By region, how many lots of all demands together it can bring.</param>
    /// <returns>By offer, demand after demand in the order given: lots.</returns>
    /// <exception cref="BrokenInvariantException">A number is out of its range.</exception>
    public static ImmutableArray<ImmutableArray<long>> Run(
        ImmutableArray<SplitDemand> demands, ReadOnlySpan<long> capacities)
    {
        int regions = capacities.Length;
        int offers = 0;
        foreach (SplitDemand demand in demands)
        {
            offers += demand.Offers.Length;
        }

        // The source is 0, then demands, then regions, then the sink. Arcs in pairs: forth and back.
        var net = new Network(demands.Length + regions + 2, demands.Length + offers + regions);
        int sink = demands.Length + regions + 1;
        for (int d = 0; d < demands.Length; d++)
        {
            net.Add(0, 1 + d, InRange(demands[d].Lots, LotsMax), 0);
            foreach (SplitOffer offer in demands[d].Offers)
            {
                Invariant.Holds(offer.Region >= 0 && offer.Region < regions);
                long gain = InRange(demands[d].Value, CostMax) - InRange(offer.Cost, CostMax);
                net.Add(1 + d, 1 + demands.Length + offer.Region, InRange(offer.Lots, LotsMax), -gain);
            }
        }

        for (int r = 0; r < regions; r++)
        {
            net.Add(1 + demands.Length + r, sink, InRange(Math.Max(0, capacities[r]), LotsMax), 0);
        }

        while (net.Improve(0, sink))
        {
        }

        var split = ImmutableArray.CreateBuilder<ImmutableArray<long>>(demands.Length);
        int arc = 0;
        foreach (SplitDemand demand in demands)
        {
            arc++; // From the source.
            var lots = ImmutableArray.CreateBuilder<long>(demand.Offers.Length);
            for (int o = 0; o < demand.Offers.Length; o++)
            {
                lots.Add(net.Flow(arc++));
            }

            split.Add(lots.MoveToImmutable());
        }

        return split.MoveToImmutable();
    }

    private static long InRange(long value, long max)
    {
        Invariant.Holds(value >= 0 && value <= max);
        return value;
    }

    private sealed class Network
    {
        private readonly int[] _from;
        private readonly int[] _to;
        private readonly long[] _room;
        private readonly long[] _cost;
        private readonly long[] _distance;
        private readonly int[] _by;
        private int _arcs;

        public Network(int places, int arcs)
        {
            _from = new int[2 * arcs];
            _to = new int[2 * arcs];
            _room = new long[2 * arcs];
            _cost = new long[2 * arcs];
            _distance = new long[places];
            _by = new int[places];
        }

        public void Add(int from, int to, long room, long cost)
        {
            (_from[_arcs], _to[_arcs], _room[_arcs], _cost[_arcs]) = (from, to, room, cost);
            (_from[_arcs + 1], _to[_arcs + 1], _cost[_arcs + 1]) = (to, from, -cost);
            _arcs += 2;
        }

        public long Flow(int arc) => _room[(2 * arc) + 1];

        // One more shortest path (Bellman and Ford), as long as it gains anything. There is no circle that
        // gains, since no flow before was dearer than need be.
        public bool Improve(int source, int sink)
        {
            Array.Fill(_distance, long.MaxValue);
            _distance[source] = 0;
            bool isChanged = true;
            while (isChanged)
            {
                isChanged = false;
                for (int a = 0; a < _arcs; a++)
                {
                    long before = _distance[_from[a]];
                    if (_room[a] > 0 && before < long.MaxValue && before + _cost[a] < _distance[_to[a]])
                    {
                        _distance[_to[a]] = before + _cost[a];
                        _by[_to[a]] = a;
                        isChanged = true;
                    }
                }
            }

            if (_distance[sink] >= 0)
            {
                return false;
            }

            long most = long.MaxValue;
            for (int at = sink; at != source; at = _from[_by[at]])
            {
                most = Math.Min(most, _room[_by[at]]);
            }

            for (int at = sink; at != source; at = _from[_by[at]])
            {
                _room[_by[at]] -= most;
                _room[_by[at] ^ 1] += most;
            }

            return true;
        }
    }
}
