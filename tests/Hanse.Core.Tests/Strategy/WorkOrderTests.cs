using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>What the parts of an order are worth, and when each may open.</summary>
public sealed class WorkOrderTests
{
    private static readonly Gen<WorkOrder> _order = Gen.Select(
        Gen.Long[1_000, 50_000_000],
        Gen.Int[0, 1_000_000],
        Gen.Select(Gen.Int[1, 2_000_000], Gen.Int[0, 5], Gen.Int[1, 30], Gen.ULong).Array[1, 8],
        (value, share, parts) => new WorkOrder(
            new OrderId(3), new RegionId(1), new Credits(value), new PartsPerMillion(share),
            [
                .. parts.Select((part, i) => Part(
                    part.Item1, part.Item2, part.Item3,
                    [.. Enumerable.Range(0, i).Where(b => (part.Item4 >> b & 1) == 1)
                        .Select(b => (ulong)b)])),
            ]));

    [Fact]
    public void The_parts_are_never_worth_more_than_the_whole_and_hardly_less() => _order.Sample(order =>
    {
        Assert.True(order.IsSound);
        ImmutableArray<Bounty> bounties = order.Bounties()!.Value;
        long worth = bounties.Sum(bounty => bounty.Worth.Micro);

        // Each part loses two fractions, and of the price of a lot one a lot.
        long lost = bounties.Sum(bounty => 2 + (bounty.Total.Value / bounty.Lot.Value));
        Assert.InRange(worth, order.Value.Micro - lost - 1, order.Value.Micro);
        Assert.Equal(
            Enumerable.Range(0, bounties.Length).Select(i => BountyId.Part(order.Id, i)),
            bounties.Select(bounty => bounty.Id));
    }, iter: 2_000);

    [Fact]
    public void Time_is_paid_to_what_delays_the_whole_and_to_nothing_else() => _order.Sample(order =>
    {
        long whole = Length(order);
        bool[] critical = order.CriticalPath();
        for (int i = 0; i < critical.Length; i++)
        {
            OrderPart later = order.Parts[i] with { Time = order.Parts[i].Time + TimeSpan.FromHours(1) };
            Assert.Equal(Length(order with { Parts = order.Parts.SetItem(i, later) }) > whole, critical[i]);
        }

        ImmutableArray<Bounty> paid = order.Bounties()!.Value;
        ImmutableArray<Bounty> unpaid = (order with { TimeShare = default }).Bounties()!.Value;
        Assert.All(
            Enumerable.Range(0, critical.Length).Where(i => !critical[i]),
            i => Assert.True(paid[i].ValuePerLot <= unpaid[i].ValuePerLot));
    }, iter: 500);

    [Fact]
    public void What_cannot_be_carried_out_is_not_sound()
    {
        OrderPart part = Part(1_000, 1, 2, []);
        WorkOrder order = Order(part, part with { After = [0] });
        Assert.True(order.IsSound);
        Assert.False(Order().IsSound);
        Assert.False(Order(part with { After = [0] }).IsSound);
        Assert.False(Order(part, part with { After = [0, 0] }).IsSound);
        Assert.False(Order(part, part with { After = [7] }).IsSound);
        Assert.False(Order(part with { Cost = Credits.Zero }).IsSound);
        Assert.False(Order(part with { Bounty = part.Bounty with { Kind = WorkKind.Build } }).IsSound);
        Assert.False((order with { Value = new Credits(Credits.MicroMax) }).IsSound);
        Assert.False((order with { Id = default }).IsSound);
    }

    [Fact]
    public void A_part_is_ready_when_all_before_it_are_filled()
    {
        OrderPart part = Part(1_000, 1, 2, []);
        OrderBook book = OrderBook.New(Order(part, part, part with { After = [0, 1] }));
        Assert.Equal([true, true, false], Ready(book));
        book = book.With(0, PartState.Filled, new Credits(5));
        Assert.Equal([false, true, false], Ready(book));
        Assert.Equal([false, false, true], Ready(book.With(1, PartState.Filled, new Credits(6))));
        Assert.Equal([false, false, false], Ready(book.With(1, PartState.Failed, new Credits(6))));
        Assert.Equal(11, book.With(1, PartState.Failed, new Credits(6)).Paid.Micro);
    }

    private static IEnumerable<bool> Ready(OrderBook book) =>
        Enumerable.Range(0, book.States.Length).Select(book.IsReady);

    private static WorkOrder Order(params ImmutableArray<OrderPart> parts) => new(
        new OrderId(1), new RegionId(1), new Credits(10_000), PartsPerMillion.FromPercent(10), parts);

    private static OrderPart Part(int cost, int hours, int lots, ImmutableArray<ulong> after) => new(
        new Bounty(
            default, Commodity.Iron, new DepotId(1), new Grams(lots * 10), new Grams(10), default,
            new Instant(1_000_000)),
        new Credits(cost), TimeSpan.FromHours(hours), after);

    // The dumb twin: the longest of all paths.
    private static long Length(WorkOrder order)
    {
        return Enumerable.Range(0, order.Parts.Length).Max(Until);

        long Until(int part) => order.Parts[part].Time.Ticks
            + order.Parts[part].After.Select(before => Until((int)before)).DefaultIfEmpty(0).Max();
    }
}
