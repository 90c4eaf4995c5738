using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Machine;
using Hanse.Core.Strategy;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>The division of lots against two that cannot be wrong: one lot after another to where it is
/// cheapest, and all divisions there are.</summary>
public class LotSplitTests
{
    [Fact]
    public void One_demand_is_filled_greedily_and_no_way_is_better()
    {
        for (ulong seed = 1; seed <= 1_000; seed++)
        {
            var prng = new Prng(seed);
            (ImmutableArray<SplitDemand> demands, long[] room) = Draw(ref prng, 1, 12);
            ImmutableArray<ImmutableArray<long>> split = LotSplit.Run(demands, room);
            DemandPossible(demands, room, split, seed);
            long greedy = 0;
            long left = demands[0].Lots;
            long[] free = [.. room];
            foreach (SplitOffer offer in demands[0].Offers
                .Where(offer => offer.Cost < demands[0].Value).OrderBy(offer => offer.Cost))
            {
                long lots = Math.Min(Math.Min(offer.Lots, left), free[offer.Region]);
                greedy += lots * (demands[0].Value - offer.Cost);
                left -= lots;
                free[offer.Region] -= lots;
            }

            Assert.True(greedy == Gain(demands, split), $"seed {seed}: {Gain(demands, split)}, not {greedy}");
        }
    }

    [Fact]
    public void Several_demands_share_what_regions_can_bring_and_no_division_is_better()
    {
        int contested = 0;
        for (ulong seed = 1; seed <= 600; seed++)
        {
            var prng = new Prng(seed * 31);
            (ImmutableArray<SplitDemand> demands, long[] room) = Draw(ref prng, 3, 4);
            ImmutableArray<ImmutableArray<long>> split = LotSplit.Run(demands, room);
            DemandPossible(demands, room, split, seed);
            long best = Best(demands, 0, 0, demands[0].Lots, [.. room], []);
            Assert.True(best == Gain(demands, split), $"seed {seed}: {Gain(demands, split)}, not {best}");
            contested += room.Sum() < demands.Sum(demand => demand.Lots) ? 1 : 0;
        }

        Assert.True(contested > 100); // Where demands are in each other's way.
    }

    [Fact]
    public void A_region_s_steps_are_used_in_order_and_ties_go_to_the_first()
    {
        ImmutableArray<SplitDemand> demands =
        [
            new SplitDemand(5, 10, [new(0, 2, 3), new(0, 2, 4), new(1, 3, 3)]),
            new SplitDemand(2, 10, [new(1, 2, 3)]),
        ];
        ImmutableArray<ImmutableArray<long>> split = LotSplit.Run(demands, [4, 3]);
        Assert.Equal([2L, 2L, 1L], split[0]);
        Assert.Equal([2L], split[1]);
        Assert.Equal(split.SelectMany(lots => lots), LotSplit.Run(demands, [4, 3]).SelectMany(lots => lots));
    }

    [Fact]
    public void Nothing_is_given_away_that_costs_what_it_is_worth()
    {
        ImmutableArray<SplitDemand> demands = [new SplitDemand(5, 10, [new(0, 5, 10), new(0, 5, 11)])];
        Assert.Equal([0L, 0L], LotSplit.Run(demands, [10])[0]);
    }

    // Few regions and small numbers near each other: wide ranges never tie.
    private static (ImmutableArray<SplitDemand> Demands, long[] Room) Draw(
        ref Prng prng, int demandsMax, int lotsMax)
    {
        int regions = 1 + (int)prng.Below(3);
        var demands = ImmutableArray.CreateBuilder<SplitDemand>();
        for (long d = 1 + prng.Below(demandsMax); d > 0; d--)
        {
            var offers = ImmutableArray.CreateBuilder<SplitOffer>();
            for (int r = 0; r < regions; r++)
            {
                long cost = prng.Below(5);
                for (long step = prng.Below(3); step > 0; step--)
                {
                    offers.Add(new SplitOffer(r, 1 + prng.Below(3), cost));
                    cost += 1 + prng.Below(3);
                }
            }

            demands.Add(new SplitDemand(prng.Below(lotsMax + 1), 2 + prng.Below(8), offers.ToImmutable()));
        }

        long[] room = new long[regions];
        for (int r = 0; r < regions; r++)
        {
            room[r] = prng.Below(lotsMax + 1);
        }

        return (demands.ToImmutable(), room);
    }

    private static long Gain(
        ImmutableArray<SplitDemand> demands, ImmutableArray<ImmutableArray<long>> split) =>
        demands.Select((demand, d) =>
            demand.Offers.Select((offer, o) => split[d][o] * (demand.Value - offer.Cost)).Sum()).Sum();

    private static void DemandPossible(
        ImmutableArray<SplitDemand> demands, long[] room, ImmutableArray<ImmutableArray<long>> split,
        ulong seed)
    {
        long[] taken = new long[room.Length];
        for (int d = 0; d < demands.Length; d++)
        {
            Assert.True(split[d].Sum() <= demands[d].Lots, $"seed {seed}");
            for (int o = 0; o < split[d].Length; o++)
            {
                SplitOffer offer = demands[d].Offers[o];
                Assert.True(split[d][o] >= 0 && split[d][o] <= offer.Lots, $"seed {seed}");
                taken[offer.Region] += split[d][o];
            }
        }

        Assert.True(taken.Zip(room).All(pair => pair.First <= pair.Second), $"seed {seed}");
    }

    // Every number of lots of every offer, one after another.
    private static long Best(
        ImmutableArray<SplitDemand> demands, int d, int o, long left, long[] room,
        Dictionary<(int, int, long, string), long> known)
    {
        if (d == demands.Length)
        {
            return 0;
        }

        if (o == demands[d].Offers.Length)
        {
            return Best(demands, d + 1, 0, d + 1 < demands.Length ? demands[d + 1].Lots : 0, room, known);
        }

        (int, int, long, string) state = (d, o, left, string.Join(',', room));
        if (known.TryGetValue(state, out long found))
        {
            return found;
        }

        SplitOffer offer = demands[d].Offers[o];
        long best = long.MinValue;
        for (long lots = 0; lots <= Math.Min(Math.Min(offer.Lots, left), room[offer.Region]); lots++)
        {
            room[offer.Region] -= lots;
            best = Math.Max(best, (lots * (demands[d].Value - offer.Cost))
                + Best(demands, d, o + 1, left - lots, room, known));
            room[offer.Region] += lots;
        }

        known[state] = best;
        return best;
    }
}
