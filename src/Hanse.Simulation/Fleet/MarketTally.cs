using System;
using System.Collections.Generic;
using Hanse.Core.Hub;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>Counts what becomes of bounties and contracts, from what markets remember.</summary>
internal sealed class MarketTally
{
    // Work that came back and was not awarded again yet, grams.
    private readonly Dictionary<(int Region, ulong Bounty), long> _returned = [];

    public int Awarded { get; private set; }

    public int Settled { get; private set; }

    public int Expired { get; private set; }

    public int Released { get; private set; }

    /// <summary>Contracts taken back from silent holders, and those that they held again.</summary>
    public int Missed { get; private set; }

    public int Resumed { get; private set; }

    /// <summary>Due times moved.</summary>
    public int Extended { get; private set; }

    /// <summary>Contracts whose holders stopped, since the work was not wanted any more; those that went on
    /// with cargo aboard; and bounties that were withdrawn.</summary>
    public int Cancelled { get; set; }

    public int CancelKept { get; private set; }

    public int Withdrawn { get; private set; }

    public int Remarketed { get; private set; }

    public int LateDeliveries { get; private set; }

    /// <summary>Contracts that another hub gave and a successor honours, and deliveries for such that it
    /// counts after the fact.</summary>
    public int Honoured { get; private set; }

    public int Recounted { get; private set; }

    public int Filled { get; private set; }

    public int PartlyFilled { get; private set; }

    public int Unfilled { get; private set; }

    public long Offers { get; private set; }

    /// <summary>Whether the last award took up work that had come back before.</summary>
    public bool LastAwardWasRemarketed { get; private set; }

    /// <summary>How contracts stand.</summary>
    public ContractCounts Contracts => new(
        Awarded, Settled, Expired, Released, Remarketed, LateDeliveries, Missed, Resumed, Extended, Cancelled,
        CancelKept);

    /// <summary>How bounties stand of which so many were posted.</summary>
    public BountyCounts Bounties(int posted) => new(
        posted, Filled, PartlyFilled, Unfilled, posted - Filled - PartlyFilled - Unfilled - Withdrawn,
        Withdrawn);

    /// <summary>Counts a fact, and looks at its hub, which has applied it, for whose contract it
    /// is.</summary>
    public void See(int region, MarketFact fact, RegionalHub hub)
    {
        switch (fact)
        {
            case MarketFact.Returned returned:
                Returned(region, hub.Market.Find(returned.Contract)!.Winner, returned.Outcome);
                break;
            case MarketFact.Missed missed:
                MissedBy(region, hub.Market.Find(missed.Contract)!.Winner);
                break;
            case MarketFact.SilenceEnded { IsHolder: true } again:
                ResumedBy(region, hub.Market.Find(again.Contract)!.Winner);
                break;
            case MarketFact.Cancelled:
                Cancelled++;
                break;
            default:
                See(region, fact);
                break;
        }
    }

    /// <summary>Counts a fact that tells all by itself.</summary>
    public void See(int region, MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.SheetTaken(_, var sheet):
                foreach (Bid bid in sheet.Bids)
                {
                    Offers += bid.Reason == NoBidReason.None ? 1 : 0;
                }

                break;
            case MarketFact.Awarded awarded:
                Awarded++;
                TakeUp(region, awarded.Winner);
                break;
            case MarketFact.Delivered delivered:
                Settled += delivered.Outcome == ContractOutcome.Settled ? 1 : 0;
                LateDeliveries += delivered.Outcome == ContractOutcome.DeliveredLate ? 1 : 0;
                break;
            case MarketFact.Recounted:
                Recounted++;
                break;
            case MarketFact.CancelKept:
                CancelKept++;
                break;
            case MarketFact.Honoured:
                Honoured++;
                break;
            case MarketFact.Extended:
                Extended++;
                break;
            case MarketFact.BountyClosed { Bounty.IsOperators: true } closed:
                Filled += closed.Outcome == BountyOutcome.Filled ? 1 : 0;
                PartlyFilled += closed.Outcome == BountyOutcome.PartlyFilled ? 1 : 0;
                Unfilled += closed.Outcome == BountyOutcome.Unfilled ? 1 : 0;
                Withdrawn += closed.Outcome == BountyOutcome.Cancelled ? 1 : 0;
                break;
            default:
                break;
        }
    }

    /// <summary>A contract came back to the market.</summary>
    public void Returned(int region, Winner winner, ContractOutcome outcome)
    {
        Expired += outcome == ContractOutcome.Expired ? 1 : 0;
        Released += outcome == ContractOutcome.Expired ? 0 : 1;
        GiveBack(region, winner);
    }

    /// <summary>A contract was taken back from a silent holder.</summary>
    public void MissedBy(int region, Winner winner)
    {
        Missed++;
        GiveBack(region, winner);
    }

    /// <summary>Its holder was heard and holds it again.</summary>
    public void ResumedBy(int region, Winner winner)
    {
        Resumed++;
        (int, ulong) key = (region, winner.Bounty.Value);
        _returned[key] = Math.Max(0, _returned.GetValueOrDefault(key) - winner.Quantity.Value);
    }

    private void GiveBack(int region, Winner winner)
    {
        (int, ulong) key = (region, winner.Bounty.Value);
        _returned[key] = _returned.GetValueOrDefault(key) + winner.Quantity.Value;
    }

    private void TakeUp(int region, Winner winner)
    {
        (int, ulong) key = (region, winner.Bounty.Value);
        long back = _returned.GetValueOrDefault(key);
        LastAwardWasRemarketed = back > 0;
        if (back > 0)
        {
            Remarketed++;
            _returned[key] = Math.Max(0, back - winner.Quantity.Value);
        }
    }
}
