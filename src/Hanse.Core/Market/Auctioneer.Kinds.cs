using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>Work that no depot's scale accepts: surveys.</content>
/// <remarks>
/// Of a survey there is only the node's word. It is paid in part when it is told; the rest stays in the
/// bounty's escrow for a stated time. An extraction at the same site that was validated and weighed is better
/// evidence: what contradicts a survey beyond chance (<see cref="KeptPay.IsContradictedBy"/>) ends the hold
/// against it, and the rest goes home with the bounty's own. A bounty is not over while any of its pay is
/// held, so the escrow always has it.
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>Most surveys whose pay is held in part; beyond, a survey is paid in full.</summary>
    public const int KeptMax = 10_000;

    private readonly SortedDictionary<ContractId, KeptPay> _kept = [];

    // Derived: when holds end, and how many a bounty has.
    private readonly SortedSet<(Instant Until, ContractId Contract)> _holds = [];
    private readonly SortedDictionary<BountyId, int> _holdsOf = [];

    /// <summary>Surveys whose pay is held in part, in order.</summary>
    public IReadOnlyDictionary<ContractId, KeptPay> Kept => _kept;

    /// <summary>A survey is told.</summary>
    /// <returns>False when there is no such contract of this node under this epoch that waits for it, or it
    /// is not about what was asked, or less exact than the mission's instruments are.</returns>
    public bool Report(Instant now, NodeId node, ContractId contract, Epoch epoch, Finding finding)
    {
        Heard(now, node);
        if (Find(contract) is not { } found || found.Winner.Node != node || found.Epoch != epoch
            || found.Status is ContractStatus.Settled or ContractStatus.DeliveredLate
            || _bounties.GetValueOrDefault(found.Winner.Bounty) is not { } bounty
            || bounty.Bounty.Kind != WorkKind.Survey
            || bounty.Bounty.Site != finding.Site || bounty.Bounty.Commodity != finding.Commodity
            || !_rules.Work.IsExact(finding))
        {
            return false;
        }

        // A report cannot be divided.
        Grams counted = found.IsLive || bounty.Open >= found.Winner.Quantity
            ? found.Winner.Quantity : Grams.Zero;
        Credits pay = found.Winner.PricePerLot.ForPart(counted, bounty.Bounty.Lot);
        Credits kept = _kept.Count < KeptMax ? _rules.Work.HeldOf(pay) : Credits.Zero;
        if (kept > Credits.Zero)
        {
            _record(new MarketFact.Kept(contract, new KeptPay(
                bounty.Bounty.Id, node, epoch, counted, kept, now + _rules.Work.SurveyHold, finding)));
        }

        _record(new MarketFact.Delivered(
            contract,
            found.IsLive ? ContractOutcome.Settled : ContractOutcome.DeliveredLate,
            found.Winner.Quantity,
            counted,
            pay - kept));
        return true;
    }

    /// <summary>An extraction was validated and weighed: what it says of its site is held against surveys
    /// whose pay is held.</summary>
    /// <param name="by">Who dug.</param>
    /// <param name="dug">What it found.</param>
    public void Contradict(NodeId by, Finding dug)
    {
        foreach (KeyValuePair<ContractId, KeptPay> kept in (KeyValuePair<ContractId, KeptPay>[])[.. _kept])
        {
            if (kept.Value.IsContradictedBy(dug))
            {
                _record(new MarketFact.Falsified(kept.Key, by, dug));
            }
        }
    }

    /// <summary>The node leaves the region, where nobody could pay it later: what is held of its pay is paid
    /// now.</summary>
    public void EndHoldsOf(Instant now, NodeId node)
    {
        bool ended = false;
        foreach (KeyValuePair<ContractId, KeptPay> kept in (KeyValuePair<ContractId, KeptPay>[])[.. _kept])
        {
            if (kept.Value.Node == node)
            {
                _record(new MarketFact.KeptPaid(kept.Key, kept.Value));
                ended = true;
            }
        }

        if (ended)
        {
            CloseBounties(now);
        }
    }

    private void EndHolds(Instant now)
    {
        bool ended = false;
        while (_holds.Count > 0 && _holds.Min.Until <= now)
        {
            ContractId contract = _holds.Min.Contract;
            _record(new MarketFact.KeptPaid(contract, _kept[contract]));
            ended = true;
        }

        if (ended)
        {
            CloseBounties(now);
        }
    }

    private void Apply(MarketFact.Kept kept)
    {
        _kept.Add(kept.Contract, kept.Pay);
        IndexKept(kept.Contract, kept.Pay);
    }

    private void Apply(MarketFact.KeptPaid paid)
    {
        KeptPay kept = Unkeep(paid.Contract);
        Invariant.Holds(paid.Pay == kept);
        Count(_bounties[kept.Bounty], Grams.Zero, kept.Kept);
    }

    private void Apply(MarketFact.Falsified falsified)
    {
        KeptPay kept = Unkeep(falsified.Contract);
        OpenBounty bounty = _bounties[kept.Bounty];
        _bounties[kept.Bounty] = bounty with { Spoilt = bounty.Spoilt + kept.Quantity };
        _ = _perhapsOver.Add(kept.Bounty);
    }

    private KeptPay Unkeep(ContractId contract)
    {
        bool wasThere = _kept.Remove(contract, out KeptPay? kept);
        Invariant.Holds(wasThere);
        _ = _holds.Remove((kept!.Until, contract));
        int left = _holdsOf[kept.Bounty] - 1;
        _holdsOf[kept.Bounty] = left;
        if (left == 0)
        {
            _ = _holdsOf.Remove(kept.Bounty);
        }

        return kept;
    }

    private void IndexKept(ContractId contract, KeptPay kept)
    {
        _ = _holds.Add((kept.Until, contract));
        _holdsOf[kept.Bounty] = _holdsOf.GetValueOrDefault(kept.Bounty) + 1;
    }

    // Nothing of it runs, and none of its pay is held.
    private bool IsQuiet(OpenBounty bounty) =>
        bounty.Contracts == 0 && !_holdsOf.ContainsKey(bounty.Bounty.Id) && !IsClaimed(bounty.Bounty.Id);
}
