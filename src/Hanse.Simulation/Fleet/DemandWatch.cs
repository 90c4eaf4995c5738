using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>Follows the lots of demands through all books, and checks that each is in one region at most and
/// is filled once.</summary>
/// <remarks>A lot is live from its posting until its hub lets it go or its bounty is over; what counted of a
/// bounty that is over stays taken. Of one demand no more may ever be live or taken than it has.</remarks>
internal sealed class DemandWatch
{
    private readonly Dictionary<BountyId, Bounty> _posted = [];
    private readonly Dictionary<BountyId, long> _live = [];
    private readonly Dictionary<BountyId, long> _grams = [];
    private readonly Dictionary<DemandId, Followed> _demands = [];
    private readonly Dictionary<OrderId, (OrderBook Book, StrategyFact.OrderClosed? Closed)> _orders = [];

    /// <summary>Checks made.</summary>
    public long Checks { get; private set; }

    /// <summary>Lots as they were posted, by name.</summary>
    public Bounty Find(BountyId lots) => _posted[lots];

    public void See(StrategyFact fact)
    {
        switch (fact)
        {
            case StrategyFact.DemandPosted(var demand, _):
                _demands.Add(demand.Id, new Followed(demand));
                break;
            case StrategyFact.BountyPosted(_, { Id.IsLots: true } bounty):
                _posted.Add(bounty.Id, bounty);
                _live[bounty.Id] = bounty.Total.Value / bounty.Lot.Value;
                Of(bounty.Id).Placed += _live[bounty.Id];
                Check(bounty.Id.Demand);
                break;
            case StrategyFact.BountyPosted(_, { Id.IsPart: true } part):
                _posted.Add(part.Id, part);
                Check(part);
                break;
            case StrategyFact.OrderPosted(var order, _):
                _orders.Add(order.Id, (OrderBook.New(order), null));
                break;
            case StrategyFact.BountyReported(_, { Bounty.IsPart: true } report):
                (OrderBook book, StrategyFact.OrderClosed? closed) = _orders[report.Bounty.Order];
                PartState state = report.Outcome == BountyOutcome.Filled
                    ? PartState.Filled : PartState.Failed;
                _orders[report.Bounty.Order] =
                    (book.With(report.Bounty.PartOfOrder, state, report.Paid), closed);
                break;
            case StrategyFact.OrderClosed over:
                _orders[over.Order] = (_orders[over.Order].Book, over);
                break;
            case StrategyFact.LotsBack(_, _, var returned):
                Followed back = Of(returned.Bounty);
                long lots = returned.Quantity.Value / back.Demand.Lot.Value;
                back.Returned += lots;
                back.Recalled += returned.Reason == LotsReason.Recalled ? lots : 0;
                break;
            case StrategyFact.LotsReclaimed(var stray):
                _live[stray] = 0;
                break;
            case StrategyFact.DemandClosed(var id, var outcome, _, _, _):
                _demands[id].Outcome = outcome;
                break;
            default:
                break;
        }
    }

    public void See(int region, MarketFact fact, System.Func<ContractId, Winner> winnerOf)
    {
        switch (fact)
        {
            case MarketFact.BountyAdopted(var bounty, var counted, _, _, _) when bounty.Id.IsLots:
                _live[bounty.Id] = bounty.Total.Value / bounty.Lot.Value;
                _grams[bounty.Id] = counted.Value;
                Check(bounty.Id.Demand);
                break;
            case MarketFact.LotsTaken taken:
                _live[taken.Bounty] -= taken.Quantity.Value / _posted[taken.Bounty].Lot.Value;
                break;
            case MarketFact.BountyClosed closed when closed.Bounty.IsLots:
                long lot = _posted[closed.Bounty].Lot.Value;
                _live[closed.Bounty] = closed.Outcome == BountyOutcome.Filled
                    ? _live[closed.Bounty] : (closed.Total.Value + lot - 1) / lot;
                break;
            case MarketFact.Delivered(var contract, _, _, var counted, var paid):
                Count(region, winnerOf(contract).Bounty, counted, paid);
                break;
            case MarketFact.Recognised(var contract, var counted, var paid):
                Count(region, winnerOf(contract).Bounty, counted, paid);
                break;
            case MarketFact.Recounted(_, _, var winner, _, var counted, var paid):
                Count(region, winner.Bounty, counted, paid);
                break;
            default:
                break;
        }
    }

    /// <summary>What became of each order.</summary>
    public ImmutableArray<OrderFigures> Report(ImmutableArray<PlannedOrder> planned) =>
    [
        .. planned.Where(plan => _orders.ContainsKey(plan.Order.Id)).Select(plan =>
        {
            (OrderBook book, StrategyFact.OrderClosed? closed) = _orders[plan.Order.Id];
            return new OrderFigures(
                plan.Name, plan.Order.Parts.Length, book.Filled, plan.Order.Value.Micro / 1e6,
                book.Paid.Micro / 1e6, closed?.At.Micros / 86_400e6, closed?.Outcome);
        }),
    ];

    // A part is posted once, when all that it waits for is filled, and all parts for no more than the whole
    // is worth.
    private void Check(Bounty part)
    {
        OrderBook book = _orders[part.Id.Order].Book;
        long worth = 0;
        foreach (Bounty posted in _posted.Values)
        {
            worth += posted.Id.IsPart && posted.Id.Order == part.Id.Order ? posted.Worth.Micro : 0;
        }

        Checks++;
        if (!book.IsReady(part.Id.PartOfOrder) || worth > book.Order.Value.Micro)
        {
            throw new Core.Machine.BrokenInvariantException("a part opens when those before it are filled");
        }
    }

    /// <summary>What became of each demand.</summary>
    public ImmutableArray<DemandFigures> Report(
        ImmutableArray<PlannedDemand> planned, System.Func<DemandId, (long Value, long Cost)> worth) =>
    [
        .. planned.Where(plan => _demands.ContainsKey(plan.Demand.Id)).Select(plan =>
        {
            Followed followed = _demands[plan.Demand.Id];
            (long value, long cost) = worth(plan.Demand.Id);
            return new DemandFigures(
                plan.Name, plan.Demand.Total.Value / 1e6, followed.Grams / 1e6, followed.Paid / 1e6,
                value / 1e6, cost / 1e6, (value - cost) / 1e6, followed.Placed, followed.Returned,
                followed.Recalled, followed.Outcome,
                [.. followed.ByRegion.Select(part => new RegionTonnes(part.Key + 1, part.Value / 1e6))]);
        }),
    ];

    private void Count(int region, BountyId id, Grams counted, Credits paid)
    {
        if (!id.IsLots)
        {
            return;
        }

        Followed of = Of(id);
        of.Grams += counted.Value;
        of.Paid += paid.Micro;
        of.ByRegion[region] = of.ByRegion.GetValueOrDefault(region) + counted.Value;
        _grams[id] = _grams.GetValueOrDefault(id) + counted.Value;
        Checks++;
        Demand(_grams[id] <= _live[id] * _posted[id].Lot.Value, "no lot is filled twice");
    }

    private void Check(DemandId demand)
    {
        Checks++;
        long taken = _live.Where(lots => lots.Key.Demand == demand).Sum(lots => lots.Value);
        Demand(taken <= _demands[demand].Demand.Lots, "a lot is live in one region at most");
    }

    private Followed Of(BountyId lots) => _demands[lots.Demand];

    private static void Demand(bool holds, string claim)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(claim);
        }
    }

    private sealed class Followed(Demand demand)
    {
        public Demand Demand { get; } = demand;

        public long Grams { get; set; }

        public long Paid { get; set; }

        public long Placed { get; set; }

        public long Returned { get; set; }

        public long Recalled { get; set; }

        public BountyOutcome? Outcome { get; set; }

        public SortedDictionary<int, long> ByRegion { get; } = [];
    }
}
