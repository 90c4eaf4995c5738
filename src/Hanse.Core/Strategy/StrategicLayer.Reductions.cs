using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Units;

namespace Hanse.Core.Strategy;

/// <content>Bounties of which less is wanted than was posted.</content>
/// <remarks>
/// A hub cannot reduce what it does not have, and a link may turn messages round; so a hub is told when it
/// has said that the bounty's credits have come, or at once if it has said so before. The same holds for the
/// successor of a lost hub. Deliveries only are reduced. The credits stay in escrow until the bounty is over:
/// some may be owed.
/// </remarks>
public sealed partial class StrategicLayer
{
    // An order that is for no less than the one before is the same order again; one for a bounty that has
    // been reported comes too late.
    private void Reduce(BountyId bounty, Grams total)
    {
        // Work other than deliveries, and parts of orders, cannot be stopped half way.
        if (bounty.IsLots || bounty.IsPart || !_posted.TryGetValue(bounty, out RegionId region)
            || !IsDelivery(region, bounty))
        {
            Refuse(Party.Strategy, 0, Refusal.BountyNotTaken);
        }
        else if (total < Wanted(bounty))
        {
            Record(new StrategyFact.BountyReduced(bounty, total));
            TellReductions(region);
        }
    }

    private bool IsDelivery(RegionId region, BountyId bounty)
    {
        if (_receptions[region].Books.Bounties.TryGetValue(bounty, out BountyBook? book))
        {
            return book.Bounty.Kind == WorkKind.Deliver;
        }

        foreach (Sending sending in _receptions[region].Records.Sent.Values)
        {
            if (sending.Work is { } work && work.Bounty.Id == bounty)
            {
                return work.Bounty.Kind == WorkKind.Deliver;
            }
        }

        return false;
    }

    private Grams Wanted(BountyId bounty) =>
        _reduced.TryGetValue(bounty, out Grams total) ? total : new Grams(Grams.ValueMax);

    private bool IsOnItsWay(BountyId bounty)
    {
        foreach ((TransferId transfer, (RegionId region, _)) in _transfers)
        {
            if (WorkOf(region, transfer) == bounty)
            {
                return true;
            }
        }

        return false;
    }

    // What a transfer brought; it is among the records until the region's journal has told it as well.
    private BountyId WorkOf(RegionId region, TransferId transfer) =>
        _receptions[region].Records.Sent.TryGetValue(transfer, out Sending? sending)
            && sending.Work is { } work ? work.Bounty.Id : default;

    // Those whose bounties the region has by now.
    private void TellReductions(RegionId region)
    {
        if (_untold.Count == 0)
        {
            return;
        }

        foreach (BountyId bounty in (BountyId[])[.. _untold])
        {
            if (_posted[bounty] == region && !IsOnItsWay(bounty))
            {
                Entrust(region, new BountyReduced(bounty, _reduced[bounty]));
            }
        }

        Dispatch(region);
    }
}
