using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>One demand: where its lots are.</summary>
/// <remarks>
/// The invariant: lots that wait here + lots that are in regions + lots that are settled = all lots. A lot
/// leaves a region by a message that names it and brings its worth, and by nothing else; so it is in one
/// place, whatever was lost, doubled or came late. Messages of one placement come in any order: the report of
/// its end says, by what was paid and returned, how many lots it is about, and what is missing is on its way.
/// </remarks>
public sealed record DemandBook : IShaped<DemandBook>
{
    /// <summary>What is wanted.</summary>
    public required Demand Demand { get; init; }

    /// <summary>Since when.</summary>
    public required Instant Since { get; init; }

    /// <summary>Lots that are in no region.</summary>
    public required int Waiting { get; init; }

    /// <summary>Lots of placements that are over: delivered, up to less than a lot each.</summary>
    public int Settled { get; init; }

    /// <summary>What was delivered by placements that are over.</summary>
    public Grams Delivered { get; init; }

    /// <summary>What was paid for that.</summary>
    public Credits Paid { get; init; }

    /// <summary>Placings so far.</summary>
    public ulong Placings { get; init; }

    /// <summary>Lots in regions, in order of their names.</summary>
    public ImmutableArray<Placement> Placements { get; init; } = [];

    /// <summary>Which regions gave lots back last, in order.</summary>
    public ImmutableArray<Rebuff> Rebuffs { get; init; } = [];

    /// <summary>Lots in regions.</summary>
    public int Placed
    {
        get
        {
            int lots = 0;
            foreach (Placement placement in Placements)
            {
                lots += placement.Lots;
            }

            return lots;
        }
    }

    /// <summary>A demand of which nothing is done.</summary>
    public static DemandBook New(Demand demand, Instant now) =>
        new() { Demand = demand, Since = now, Waiting = demand.Lots };

    /// <summary>Lots in one region.</summary>
    public int In(RegionId region)
    {
        int lots = 0;
        foreach (Placement placement in Placements)
        {
            lots += placement.Region == region ? placement.Lots : 0;
        }

        return lots;
    }

    /// <summary>The placement of a name; null when there is none.</summary>
    public Placement? Find(BountyId bounty)
    {
        foreach (Placement placement in Placements)
        {
            if (placement.Bounty == bounty)
            {
                return placement;
            }
        }

        return null;
    }

    /// <summary>The last time a region gave lots back; null when it has not.</summary>
    public Rebuff? RebuffOf(RegionId region)
    {
        foreach (Rebuff rebuff in Rebuffs)
        {
            if (rebuff.Region == region)
            {
                return rebuff;
            }
        }

        return null;
    }

    /// <summary>Lots go to a region.</summary>
    internal DemandBook Place(BountyId bounty, RegionId region, int lots, Credits worth, Instant now) =>
        Checked(this with
        {
            Waiting = Waiting - lots,
            Placings = Placings + 1,
            Placements = Placements.Add(new Placement(bounty, region, lots, worth, now, default, default)),
        });

    /// <summary>Lots came back.</summary>
    internal DemandBook TakeBack(RegionId region, LotsReturned returned, Instant now)
    {
        int lots = (int)(returned.Quantity.Value / Demand.Lot.Value);
        DemandBook book = Less(returned.Bounty, lots) with { Waiting = Waiting + lots };
        return Checked(book with
        {
            Rebuffs = returned.Reason == LotsReason.Recalled ? Rebuffs
                : With(new Rebuff(region, now, returned.LowestAsk, returned.Reason)),
        });
    }

    /// <summary>A placement is over. What is not delivered of it waits again, whole lots of it; a region that
    /// did nothing of it is as one that gave it back.</summary>
    internal DemandBook End(BountyReport report, int lots)
    {
        Placement placement = Find(report.Bounty)!;
        int back = report.Outcome == BountyOutcome.Filled ? 0
            : lots - (int)((report.Delivered.Value + Demand.Lot.Value - 1) / Demand.Lot.Value);
        DemandBook book = Less(report.Bounty, lots);
        return Checked(book with
        {
            Waiting = Waiting + back,
            Settled = Settled + lots - back,
            Delivered = Delivered + report.Delivered,
            Paid = Paid + report.Paid,
            Rebuffs = report.Outcome != BountyOutcome.Unfilled ? Rebuffs
                : With(new Rebuff(
                    placement.Region, placement.PlacedAt, report.LowestAsk, LotsReason.NoOffer)),
        });
    }

    /// <summary>Lots were on their way back from a region that was given up.</summary>
    internal DemandBook Reclaim(BountyId bounty)
    {
        int lots = Find(bounty)!.Lots;
        return Checked(Less(bounty, lots) with { Waiting = Waiting + lots });
    }

    /// <summary>Lots are called back.</summary>
    internal DemandBook CallBack(LotsRecalled recalled, Instant now) => Change(
        recalled.Bounty, placement => placement with { Recall = recalled.Epoch, RecalledAt = now });

    /// <summary>Another region has them.</summary>
    internal DemandBook Move(BountyId bounty, RegionId region) =>
        Change(bounty, placement => placement with { Region = region });

    /// <summary>How many lots a report is about, by what was paid and returned; null when that is
    /// impossible.</summary>
    internal int? LotsOf(BountyReport report)
    {
        if (Find(report.Bounty) is not { } placement)
        {
            return null;
        }

        long sum = report.Paid.Micro + report.Returned.Micro;
        long lots = sum / placement.WorthPerLot.Micro;
        bool isWhole = sum % placement.WorthPerLot.Micro == 0 && lots <= placement.Lots
            && report.Delivered.Value <= lots * Demand.Lot.Value;
        return isWhole ? (int)lots : null;
    }

    /// <inheritdoc/>
    public static DemandBook Shape<TCodec>(ref TCodec codec, DemandBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("demandBook", 9);
        Demand demand = Demand.Shape(ref codec, value?.Demand);
        Instant since = codec.Moment("since", value?.Since ?? default);
        int waiting = codec.Number("waiting", value?.Waiting ?? 0);
        int settled = codec.Number("settled", value?.Settled ?? 0);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        ulong placings = codec.Count("placings", value?.Placings ?? 0);
        ImmutableArray<Placement> placements =
            codec.List("placements", value?.Placements ?? [], int.MaxValue);
        ImmutableArray<Rebuff> rebuffs = codec.List("rebuffs", value?.Rebuffs ?? [], Demand.PlacesMax);
        codec.Close();
        return value ?? new DemandBook
        {
            Demand = demand,
            Since = since,
            Waiting = waiting,
            Settled = settled,
            Delivered = delivered,
            Paid = paid,
            Placings = placings,
            Placements = placements,
            Rebuffs = rebuffs,
        };
    }

    private DemandBook Less(BountyId bounty, int lots)
    {
        Placement placement = Find(bounty)!;
        Invariant.Holds(lots >= 0 && lots <= placement.Lots);
        return lots == placement.Lots ? this with { Placements = Placements.Remove(placement) }
            : Change(bounty, found => found with { Lots = found.Lots - lots });
    }

    private DemandBook Change(BountyId bounty, Func<Placement, Placement> change)
    {
        Placement placement = Find(bounty)!;
        return this with { Placements = Placements.Replace(placement, change(placement)) };
    }

    private ImmutableArray<Rebuff> With(Rebuff rebuff)
    {
        var all = new SortedDictionary<RegionId, Rebuff>();
        foreach (Rebuff known in Rebuffs)
        {
            all[known.Region] = known;
        }

        all[rebuff.Region] = rebuff;
        return [.. all.Values];
    }

    private static DemandBook Checked(DemandBook book)
    {
        Invariant.Holds(book.Waiting >= 0 && book.Settled >= 0
            && book.Waiting + book.Placed + book.Settled == book.Demand.Lots);
        Invariant.Holds(book.Delivered <= book.Demand.Total);
        return book;
    }
}
