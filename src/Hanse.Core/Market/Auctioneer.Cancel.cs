using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>Bounties that are reduced or withdrawn, and contracts that end for it.</content>
/// <remarks>
/// The problem: work that nobody wants any more is under way with machines that hear of it a window later, or
/// never. A hub that took it back at once would owe nothing to a node that delivers in good faith; one that
/// paid at once might pay twice. The idea: ask, and hold. The contract stays a lease until its holder answers
/// that it stops, or the lease is over; until then a delivery settles it as ever. So each contract ends once:
/// by the scale and its price, or by the answer and a compensation.
/// <para>
/// Whom to ask. What is delivered and under contract beyond what is wanted is in excess; only contracts that
/// fit into the excess whole are asked, so nothing is asked for again for having been cancelled. First those
/// whose holders have not left, then those that are on their way: stopping saves the fleet the most there.
/// Whoever has cargo aboard is not asked: it must come home with or without it.
/// </para>
/// <para>
/// What it is paid. The price is spread evenly over the time from award to delivery. Spent is, before the
/// node has left, the time until its answer; after that everything but the digging that is left, since it
/// must go there and come back. To that comes <see cref="RestPpm"/> of the rest. By the hub's own plan of the
/// node, or by its answer if that says less; it names no amount.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>Of what a cancelled contract's price leaves after what is spent, this share is paid; parts
    /// per million.</summary>
    public const int RestPpm = 250_000;

    /// <summary>No more than so much of a bounty is wanted. What is more than was wanted before, or of a
    /// bounty that is not here, does nothing.</summary>
    /// <returns>False when it does nothing.</returns>
    public bool Reduce(Instant now, BountyId id, Grams total)
    {
        if (id.IsLots || _bounties.GetValueOrDefault(id) is not { Bounty.Kind: WorkKind.Deliver } bounty
            || total >= bounty.Wanted)
        {
            return false;
        }

        Reduce(now, bounty, total);
        CloseBounties(now);
        return true;
    }

    private void Reduce(Instant now, OpenBounty bounty, Grams total)
    {
        BountyId id = bounty.Bounty.Id;
        bool isAsked = Requests.Find(id) >= 0 && total - bounty.Delivered - bounty.UnderContract > Grams.Zero;
        _record(new MarketFact.Reduced(id, total, isAsked));
        Stop(now, id);
    }

    // What was asked for in case: those who bring it are asked to stop as if the operator had said so.
    private void EndBackups(Instant now)
    {
        foreach (BountyId id in (BountyId[])[.. _perhapsOver])
        {
            OpenBounty bounty = _bounties[id];
            if (bounty.IsBackupOver(_rules.FillTolerance))
            {
                Reduce(now, bounty, bounty.Bounty.Needed);
            }
        }
    }

    /// <summary>The holder of a contract that it was asked to stop has answered.</summary>
    /// <returns>False when it was not asked, or the contract is over.</returns>
    public bool Answer(Instant now, NodeId node, ContractId id, Epoch epoch, CancelAnswer answer)
    {
        if (Find(id) is not { IsLive: true, Cancel: CancelState.Asked } contract
            || contract.Winner.Node != node || contract.Epoch != epoch)
        {
            return false;
        }

        if (answer == CancelAnswer.Kept)
        {
            _record(new MarketFact.CancelKept(id));
            Stop(now, contract.Winner.Bounty); // Another, in its place.
        }
        else
        {
            _record(new MarketFact.Cancelled(id, CompensationOf(contract, now, answer)));
            CloseBounties(now);
        }

        return true;
    }

    // Asks as many holders to stop as there is in excess.
    private void Stop(Instant now, BountyId id)
    {
        OpenBounty bounty = _bounties[id];
        if (bounty.Reduction == Grams.Zero)
        {
            return;
        }

        Grams excess = bounty.Delivered + bounty.UnderContract - bounty.Wanted;
        var holders = new SortedSet<(bool HasLeft, bool IsTaken, long Arrives, ContractId Contract)>();
        foreach (Contract contract in _contracts.Values)
        {
            if (contract.IsLive && contract.Winner.Bounty == id)
            {
                excess -= contract.Cancel == CancelState.Asked ? contract.Winner.Quantity : Grams.Zero;
                Progress progress = ProgressOf(contract, now);
                bool mayStop = contract.Cancel == CancelState.None && !progress.HasCargo;
                bool isTaken = contract.Status == ContractStatus.Accepted;
                _ = mayStop && holders.Add(
                    (progress.HasLeft, isTaken, -contract.Winner.Arrives.Micros, contract.Id));
            }
        }

        foreach ((bool _, bool _, long _, ContractId contract) in holders)
        {
            Grams quantity = _contracts[contract].Winner.Quantity;
            if (quantity <= excess)
            {
                excess -= quantity;
                _record(new MarketFact.CancelAsked(contract));
            }
        }
    }

    // Of a holder that has not answered its award there is no plan for it.
    private Progress ProgressOf(Contract contract, Instant now) =>
        contract.Status == ContractStatus.Accepted ? _progressOf(contract, now) : default;

    private Credits CompensationOf(Contract contract, Instant now, CancelAnswer answer)
    {
        if (answer == CancelAnswer.NotHeld)
        {
            return Credits.Zero;
        }

        Winner winner = contract.Winner;
        Credits price = winner.PricePerLot.ForPart(winner.Quantity, _bounties[winner.Bounty].Bounty.Lot);
        Progress progress = ProgressOf(contract, now);
        int spent = progress.HasLeft && answer == CancelAnswer.Stopped
            ? 1_000_000 - progress.Digging.Value : progress.Passed.Value;
        Invariant.Holds(spent is >= 0 and <= 1_000_000);
        long rest = (long)(1_000_000 - spent) * RestPpm / 1_000_000;
        return new Credits((long)((Int128)price.Micro * (spent + rest) / 1_000_000));
    }

    private void Apply(MarketFact.Reduced reduced)
    {
        OpenBounty bounty = _bounties[reduced.Bounty];
        Invariant.Holds(reduced.Total < bounty.Wanted);
        _bounties[reduced.Bounty] = bounty with { Reduction = bounty.Bounty.Total - reduced.Total };
        _ = _perhapsOver.Add(reduced.Bounty);
        int place = Requests.Find(reduced.Bounty);
        Requests = place >= 0 && !reduced.IsAsked ? Requests.RemoveAt(place) : Requests;
    }

    private void ApplyCancelAsked(ContractId id)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract is { IsLive: true, Cancel: CancelState.None });
        Unindex(contract);
        contract = contract with { Cancel = CancelState.Asked, Watches = [] };
        _contracts[id] = contract;
        Index(contract);
    }

    private void ApplyCancelled(ContractId id, Credits paid)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract is { IsLive: true, Cancel: CancelState.Asked });
        Unindex(contract);
        contract = contract with { Status = ContractStatus.Cancelled, Compensation = paid };
        _contracts[id] = contract;
        Index(contract);
        OpenBounty bounty = _bounties[contract.Winner.Bounty];
        Count(
            bounty with
            {
                UnderContract = bounty.UnderContract - contract.Winner.Quantity,
                Contracts = bounty.Contracts - 1,
            },
            Grams.Zero,
            paid);
    }
}
