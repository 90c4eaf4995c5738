using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>A part of an order: a bounty of its own, when what it waits for is filled.</summary>
/// <param name="Bounty">What is to be done; its name and its value are not the operator's to give.</param>
/// <param name="Cost">What all of it is thought to cost the nodes that do it; positive.</param>
/// <param name="Time">How long it is thought to take.</param>
/// <param name="After">The parts it waits for, by their places; each before its own.</param>
public sealed record OrderPart(Bounty Bounty, Credits Cost, TimeSpan Time, ImmutableArray<ulong> After)
    : IShaped<OrderPart>
{
    /// <inheritdoc/>
    public static OrderPart Shape<TCodec>(ref TCodec codec, OrderPart? value)
        where TCodec : struct, ICodec
    {
        codec.Open("part", 4);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        Credits cost = codec.Money("cost", value?.Cost ?? default);
        TimeSpan time = codec.Duration("time", value?.Time ?? default);
        ImmutableArray<ulong> after = codec.Numbers("after", value?.After ?? [], WorkOrder.PartsMax);
        codec.Close();
        return value ?? new OrderPart(bounty, cost, time, after);
    }
}

/// <summary>A thing that takes several kinds of work in an order, worth so much as a whole and nothing in
/// pieces: a bill of materials with what comes before what.</summary>
/// <param name="Id">Given by the operator; a repeated order is the same one.</param>
/// <param name="Region">Where all of it is done.</param>
/// <param name="Value">What the whole is worth.</param>
/// <param name="TimeShare">The share of that which is paid for time, to the parts on the critical
/// path.</param>
/// <param name="Parts">In an order in which they could be done.</param>
public sealed record WorkOrder(
    OrderId Id, RegionId Region, Credits Value, PartsPerMillion TimeShare, ImmutableArray<OrderPart> Parts)
    : IShaped<WorkOrder>
{
    /// <summary>Most parts.</summary>
    public const int PartsMax = 64;

    /// <summary>Whether it can be carried out: parts wait for earlier ones only, and none for itself; each
    /// has a cost to derive its value from, and no lot of it is worth more than a lot may be.</summary>
    public bool IsSound
    {
        get
        {
            bool isSound = Parts.Length is > 0 and <= PartsMax && Id.Value is > 0 and <= OrderId.ValueMax
                && TimeShare.Value is >= 0 and <= 1_000_000;
            for (int i = 0; i < Parts.Length && isSound; i++)
            {
                isSound = Parts[i].Cost > Credits.Zero && Parts[i].Bounty.IsSound
                    && Fields.Increases(Parts[i].After, place => place)
                    && (Parts[i].After.IsEmpty || Parts[i].After[^1] < (ulong)i);
            }

            return isSound && Bounties() is not null;
        }
    }

    /// <summary>The bounties of its parts, in their order, with their names and values; null when one of them
    /// would be worth more a lot than a lot may be.</summary>
    /// <remarks>
    /// What is paid for work is divided by what the work is thought to cost: so every part is as attractive
    /// as every other. What is paid for time goes to the parts that nothing can be late without making the
    /// whole late, by how long they take. All divisions round down, so the parts are never worth more than
    /// the whole.
    /// </remarks>
    public ImmutableArray<Bounty>? Bounties()
    {
        bool[] isCritical = CriticalPath();
        Int128 costs = 0;
        Int128 times = 0;
        for (int i = 0; i < Parts.Length; i++)
        {
            costs += Parts[i].Cost.Micro;
            times += isCritical[i] ? Parts[i].Time.Ticks : 0;
        }

        Int128 forTime = times == 0 ? 0 : (Int128)Value.Micro * TimeShare.Value / 1_000_000;
        Int128 forWork = Value.Micro - forTime;
        var bounties = ImmutableArray.CreateBuilder<Bounty>(Parts.Length);
        for (int i = 0; i < Parts.Length; i++)
        {
            Bounty bounty = Parts[i].Bounty;
            Int128 worth = (forWork * Parts[i].Cost.Micro / costs)
                + (isCritical[i] && times > 0 ? forTime * Parts[i].Time.Ticks / times : 0);
            Int128 perLot = worth * bounty.Lot.Value / bounty.Total.Value;
            if (perLot > Credits.MicroMax / Bounty.LotsMax)
            {
                return null;
            }

            bounties.Add(bounty with { Id = BountyId.Part(Id, i), ValuePerLot = new Credits((long)perLot) });
        }

        return bounties.MoveToImmutable();
    }

    /// <summary>Of each part, whether it is on a longest path: whatever delays it delays the whole.</summary>
    public bool[] CriticalPath()
    {
        long[] ends = new long[Parts.Length];
        long whole = 0;
        for (int i = 0; i < ends.Length; i++)
        {
            long starts = 0;
            foreach (ulong before in Parts[i].After)
            {
                starts = Math.Max(starts, ends[(int)before]);
            }

            ends[i] = starts + Parts[i].Time.Ticks;
            whole = Math.Max(whole, ends[i]);
        }

        // The latest end that delays nothing.
        long[] latest = new long[Parts.Length];
        Array.Fill(latest, whole);
        bool[] isCritical = new bool[Parts.Length];
        for (int i = ends.Length - 1; i >= 0; i--)
        {
            isCritical[i] = ends[i] == latest[i];
            foreach (ulong before in Parts[i].After)
            {
                latest[(int)before] = Math.Min(latest[(int)before], latest[i] - Parts[i].Time.Ticks);
            }
        }

        return isCritical;
    }

    /// <inheritdoc/>
    public static WorkOrder Shape<TCodec>(ref TCodec codec, WorkOrder? value)
        where TCodec : struct, ICodec
    {
        codec.Open("workOrder", 5);
        var id = new OrderId(codec.Count("id", value?.Id.Value ?? 0));
        RegionId region = codec.Region("region", value?.Region ?? default);
        Credits worth = codec.Money("value", value?.Value ?? default);
        PartsPerMillion share = codec.Share("timeShare", value?.TimeShare ?? default);
        ImmutableArray<OrderPart> parts = codec.List("parts", value?.Parts ?? [], PartsMax);
        codec.Close();
        return value ?? new WorkOrder(id, region, worth, share, parts);
    }
}
