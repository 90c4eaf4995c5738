using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <content>Orders: parts that wait for each other, each a bounty when its turn has come.</content>
/// <remarks>
/// A part is posted, and its worth minted, when all that it waits for is filled; so what turns out to be
/// impossible early costs nothing of what would have come after. When a part is over and not filled, those
/// that wait for it never open; the others go on to their end, and then the order is over.
/// </remarks>
public sealed partial class StrategicLayer
{
    /// <summary>Most orders that are not over.</summary>
    public const int OrdersMax = 64;

    private readonly SortedDictionary<OrderId, OrderBook> _orders = [];
    private OrderId _lastOrder;

    /// <summary>Orders that are not over.</summary>
    public IReadOnlyDictionary<OrderId, OrderBook> Orders => _orders;

    private void Order(Instant now, WorkOrder order)
    {
        if (order.Id.CompareTo(_lastOrder) <= 0)
        {
            return; // The same order again.
        }

        if (!order.IsSound || !_links.ContainsKey(Holder(order.Region)))
        {
            Refuse(Party.Strategy, 0, order.IsSound ? Refusal.UnknownRegion : Refusal.BountyNotTaken);
        }
        else if (_orders.Count >= OrdersMax)
        {
            Refuse(Party.Strategy, 0, Refusal.TooMuch);
        }
        else
        {
            Record(new StrategyFact.OrderPosted(order, now));
        }
    }

    // After every step that may have changed something for an order.
    private void ProceedOrders(Instant now)
    {
        foreach (OrderId id in (OrderId[])[.. _orders.Keys])
        {
            WorkOrder order = _orders[id].Order;
            bool isUnderWay = false;
            for (int part = 0; part < order.Parts.Length; part++)
            {
                bool mayOpen = _orders[id].IsReady(part) && now < order.Parts[part].Bounty.Deadline;
                RegionId region = Holder(order.Region);
                if (mayOpen && Takes(region) is { } link)
                {
                    Bounty bounty = order.Bounties()!.Value[part]; // Not before it is its turn.
                    Record(new StrategyFact.BountyPosted(region, bounty));
                    Send(link, new BountyPosted(
                        bounty, Fund(region, BountyBook.New(bounty), bounty.Worth)));
                }

                isUnderWay |= mayOpen || _orders[id].States[part] == PartState.Open;
            }

            if (!isUnderWay)
            {
                OrderBook book = _orders[id];
                BountyOutcome outcome =
                    book.Filled == order.Parts.Length ? BountyOutcome.Filled
                    : book.Filled > 0 ? BountyOutcome.PartlyFilled
                    : BountyOutcome.Unfilled;
                Record(new StrategyFact.OrderClosed(id, outcome, book.Filled, book.Paid, now));
            }
        }
    }

    // The link to a region that may be given work; null while it may not.
    private LinkEnd? Takes(RegionId region) =>
        _charters.ContainsKey(region) && !_ended.Contains(region) && !_receptions[region].IsQuarantined
            ? _links[region] : null;

    private void ApplyPart(BountyId bounty, PartState state, Credits paid)
    {
        (OrderId id, int part) = (bounty.Order, bounty.PartOfOrder);
        _orders[id] = _orders[id].With(part, state, paid);
    }

    private void ShapeOrders<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        _lastOrder = new OrderId(codec.Count("lastOrder", _lastOrder.Value));
        codec.Table(
            "orders",
            _orders,
            static (ref TCodec c, OrderId key) => new OrderId(c.Count("order", key.Value)),
            static (ref TCodec c, OrderBook value) => OrderBook.Shape(ref c, value));
    }
}
