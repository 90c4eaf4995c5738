using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>Lots of a demand in one region, by the facts.</summary>
/// <param name="Bounty">Their name.</param>
/// <param name="Region">Where they were placed.</param>
/// <param name="Lots">How many.</param>
/// <param name="WorthPerLot">The escrow of each.</param>
/// <param name="At">When.</param>
public sealed record AuditedPlacing(
    BountyId Bounty, RegionId Region, int Lots, Credits WorthPerLot, Instant At)
{
    /// <summary>Of those, lots that are not back and not settled.</summary>
    public int Left { get; internal set; } = Lots;

    /// <summary>Lots that came back, and the last reason.</summary>
    public int Back { get; internal set; }

    /// <summary>Why lots came back last; null when none has.</summary>
    public LotsReason? Reason { get; internal set; }

    /// <summary>The lowest ask that was told last; zero when nobody asked.</summary>
    public Credits LowestAsk { get; internal set; }

    /// <summary>Delivered, as its report said.</summary>
    public Grams Delivered { get; internal set; }

    /// <summary>Paid for that.</summary>
    public Credits Paid { get; internal set; }
}

/// <summary>One demand and its lots, by the facts.</summary>
public sealed class AuditedDemand
{
    internal AuditedDemand(Demand demand, Instant at) => (Demand, At, Waiting) = (demand, at, demand.Lots);

    /// <summary>What is wanted.</summary>
    public Demand Demand { get; }

    /// <summary>Since when.</summary>
    public Instant At { get; }

    /// <summary>Lots in no region.</summary>
    public int Waiting { get; internal set; }

    /// <summary>Lots that are settled.</summary>
    public int Settled { get; internal set; }

    /// <summary>Delivered by placings that are over.</summary>
    public Grams Delivered { get; internal set; }

    /// <summary>How it ended; null while it is open.</summary>
    public BountyOutcome? Outcome { get; internal set; }

    /// <summary>Placings in their order.</summary>
    public IReadOnlyList<AuditedPlacing> Placings => List;

    internal List<AuditedPlacing> List { get; } = [];

    internal AuditedPlacing? Find(BountyId bounty) => List.Find(placing => placing.Bounty == bounty);
}

/// <summary>Proves from facts alone that a lot is in one region at most, and is delivered once.</summary>
/// <remarks>By books of its own: lots are placed only out of those that wait, and wait again only when a hub
/// has let them go, by a transfer that names them, or when a placing is over and what was paid and returned
/// says how many it was about.</remarks>
internal sealed class AuditedDemands
{
    private readonly SortedDictionary<DemandId, AuditedDemand> _demands = [];

    // Let go by a hub and not booked: by hub and transfer.
    private readonly Dictionary<(Party Hub, ulong Transfer), (BountyId Bounty, Grams Quantity)> _gone = [];

    public IReadOnlyDictionary<DemandId, AuditedDemand> Demands => _demands;

    public void LetGo(Party hub, TransferId transfer, BountyId bounty, Grams quantity) =>
        _gone[(hub, transfer.Value)] = (bounty, quantity);

    public void See(AuditStep step, Instant at, StrategyFact fact)
    {
        switch (fact)
        {
            case StrategyFact.DemandPosted(var demand, _):
                _ = step.Demand(
                    _demands.TryAdd(demand.Id, new AuditedDemand(demand, at)),
                    $"demand {demand.Id.Value} is posted twice");
                break;
            case StrategyFact.LotsPlaced placed:
                Place(step, at, placed);
                break;
            case StrategyFact.BountyPosted(var region, { Id.IsLots: true } bounty):
                AuditedDemand? of = _demands.GetValueOrDefault(bounty.Id.Demand);
                AuditedPlacing? placing = of?.Find(bounty.Id);
                _ = step.Demand(
                    placing is not null && placing.Region == region
                        && bounty.Total.Value == placing.Lots * of!.Demand.Lot.Value
                        && bounty.ValuePerLot == placing.WorthPerLot,
                    $"bounty {bounty.Id.Value} is posted and was not placed like that");
                break;
            case StrategyFact.LotsBack(var region, _, var returned):
                TakeBack(step, region, returned);
                break;
            case StrategyFact.BountyReported(_, { Bounty.IsLots: true } report):
                End(step, report);
                break;
            case StrategyFact.LotsReclaimed(var stray):
                Reclaim(step, stray);
                break;
            case StrategyFact.DemandClosed(var id, var outcome, var delivered, _, _):
                bool isKnown = _demands.TryGetValue(id, out AuditedDemand? over) && over.Outcome is null
                    && over.List.TrueForAll(last => last.Left == 0) && over.Delivered == delivered;
                _ = step.Demand(isKnown, $"demand {id.Value} is over, and lots of it are not");
                over!.Outcome = outcome;
                break;
            default:
                break; // The rest moves no lots.
        }
    }

    private void Place(AuditStep step, Instant at, StrategyFact.LotsPlaced placed)
    {
        if (step.Demand(
            _demands.TryGetValue(placed.Bounty.Demand, out AuditedDemand? demand)
                && demand.Outcome is null && demand.Find(placed.Bounty) is null,
            $"lots {placed.Bounty.Value} are placed twice, or of no demand"))
        {
            demand!.Waiting -= placed.Lots;
            _ = step.Demand(
                placed.Lots > 0 && demand.Waiting >= 0,
                $"{placed.Lots} lots of demand {demand.Demand.Id.Value} are placed that are elsewhere");
            _ = step.Demand(
                placed.WorthPerLot <= demand.Demand.ValuePerLot,
                $"lots {placed.Bounty.Value} are worth more than their demand says");
            demand.List.Add(new AuditedPlacing(
                placed.Bounty, placed.Region, placed.Lots, placed.WorthPerLot, at));
        }
    }

    private void TakeBack(AuditStep step, RegionId region, LotsReturned returned)
    {
        bool wasLetGo = _gone.Remove(
            (Party.Of(region), returned.Transfer.Value), out (BountyId Bounty, Grams Quantity) gone)
            && gone == (returned.Bounty, returned.Quantity);
        AuditedDemand? demand = _demands.GetValueOrDefault(returned.Bounty.Demand);
        AuditedPlacing? placing = demand?.Find(returned.Bounty);
        if (step.Demand(
            wasLetGo && placing is not null,
            $"lots {returned.Bounty.Value} are back, and region {region.Value} has not let them go"))
        {
            int lots = (int)(returned.Quantity.Value / demand!.Demand.Lot.Value);
            placing!.Back += lots;
            (placing.Reason, placing.LowestAsk) = (returned.Reason, returned.LowestAsk);
            Less(step, placing, lots);
            demand.Waiting += lots;
        }
    }

    private void End(AuditStep step, BountyReport report)
    {
        AuditedDemand? demand = _demands.GetValueOrDefault(report.Bounty.Demand);
        AuditedPlacing? placing = demand?.Find(report.Bounty);
        if (!step.Demand(placing is not null, $"lots {report.Bounty.Value} are over and were not placed"))
        {
            return;
        }

        long lot = demand!.Demand.Lot.Value;
        int lots = (int)((report.Paid + report.Returned).Micro / placing!.WorthPerLot.Micro);
        int back = report.Outcome == BountyOutcome.Filled ? 0
            : lots - (int)((report.Delivered.Value + lot - 1) / lot);
        Less(step, placing, lots);
        placing.Back += back;
        placing.Delivered = report.Delivered;
        placing.Paid = report.Paid;
        demand.Waiting += back;
        demand.Settled += lots - back;
        demand.Delivered += report.Delivered;
        _ = step.Demand(
            demand.Delivered <= demand.Demand.Total,
            $"more counts for demand {demand.Demand.Id.Value} than it asks for");
    }

    private void Reclaim(AuditStep step, BountyId stray)
    {
        AuditedDemand? demand = _demands.GetValueOrDefault(stray.Demand);
        AuditedPlacing? placing = demand?.Find(stray);
        if (step.Demand(
            step.IsVoiding && placing is not null,
            $"lots {stray.Value} are taken back from a region that was not given up"))
        {
            demand!.Waiting += placing!.Left;
            placing.Left = 0;
        }
    }

    private static void Less(AuditStep step, AuditedPlacing placing, int lots)
    {
        placing.Left -= lots;
        _ = step.Demand(
            placing.Left >= 0, $"more lots {placing.Bounty.Value} come back than were placed");
    }
}
