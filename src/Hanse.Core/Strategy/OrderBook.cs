using System;
using System.Collections.Immutable;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>Where a part of an order stands. The numbers are in snapshots.</summary>
public enum PartState
{
    /// <summary>What it waits for is not filled, or its region could not be given it yet.</summary>
    Waiting = 0,

    /// <summary>It is on its region's market.</summary>
    Open = 1,

    /// <summary>All of it is done.</summary>
    Filled = 2,

    /// <summary>It was over before all of it was done: what waits for it waits in vain.</summary>
    Failed = 3,
}

/// <summary>An order and where its parts stand.</summary>
/// <param name="Order">What was ordered.</param>
/// <param name="States">Of each part.</param>
/// <param name="Paid">What was paid for parts that are over.</param>
public sealed record OrderBook(WorkOrder Order, ImmutableArray<PartState> States, Credits Paid)
    : IShaped<OrderBook>
{
    /// <summary>An order of which nothing is done.</summary>
    public static OrderBook New(WorkOrder order) =>
        new(order, [.. new PartState[order.Parts.Length]], Credits.Zero);

    /// <summary>Parts that are filled.</summary>
    public int Filled
    {
        get
        {
            int filled = 0;
            foreach (PartState state in States)
            {
                filled += state == PartState.Filled ? 1 : 0;
            }

            return filled;
        }
    }

    /// <summary>Whether a part may be posted: it waits, and all that it waits for is filled.</summary>
    public bool IsReady(int part)
    {
        bool isReady = States[part] == PartState.Waiting;
        foreach (ulong before in Order.Parts[part].After)
        {
            isReady &= States[(int)before] == PartState.Filled;
        }

        return isReady;
    }

    /// <summary>A part has another state.</summary>
    public OrderBook With(int part, PartState state, Credits paid) => this with
    {
        States = States.SetItem(part, state),
        Paid = Credits.Min(Paid + paid, new Credits(Credits.MicroMax)),
    };

    /// <inheritdoc/>
    public static OrderBook Shape<TCodec>(ref TCodec codec, OrderBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("orderBook", 3);
        WorkOrder order = WorkOrder.Shape(ref codec, value?.Order);
        int count = codec.OpenList("states", value?.States.Length ?? 0, WorkOrder.PartsMax);
        var states = ImmutableArray.CreateBuilder<PartState>(Math.Max(0, count));
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            states.Add((PartState)codec.Integer("state", (long)(value?.States[i] ?? 0), 0, 3));
        }

        codec.CloseList();
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        codec.Close();
        return value ?? new OrderBook(order, states.ToImmutable(), paid);
    }
}
