using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.Fleet;

/// <summary>Sees every fact of every machine, and the truth, and checks what no machine can see alone. Always
/// on.</summary>
/// <remarks>
/// Money: minted = escrow + in transit + balances + burned, at every fact; a transfer is booked once and with
/// the amount that was sent. Leases: a node has stopped before its hub gives the work to somebody else. Work:
/// a contract is paid at most once, and no more is paid for than was on the scale; what is weighed for a
/// contract is paid for (<see cref="PaymentCheck"/>).
/// </remarks>
internal sealed class Checker
{
    private readonly PaymentCheck _payments;
    private readonly Func<int, ContractId, bool> _holds;
    private readonly Func<int, int> _regionOf;
    private readonly Func<NodeId, int> _placeOf;

    // In microcredits, over the books of all machines.
    private long _minted;
    private long _escrow;
    private long _inTransit;
    private long _balances;
    private long _burned;

    // Transfers on their way, by sender (-1 is the strategic layer, else the region) and number, with the
    // time they set out: each is booked at the far end exactly once.
    private readonly Dictionary<(int From, ulong Transfer), (long At, int To)> _sent = [];
    private long _now;
    private readonly HashSet<ContractId> _paid = [];

    // Cancelled contracts, whose they were, and when their hubs had the answer: looked at a cycle later.
    private readonly Queue<(ContractId Contract, int Node, long At)> _stopped = [];

    // Whether what the strategic layer does is new: a charter, a bounty.
    private bool _mayMint;

    // Regions that were taken over: what their hubs do has no credits behind it any more.
    private readonly HashSet<int> _void = [];

    /// <param name="holds">Whether the node of an index believes that it holds a contract.</param>
    /// <param name="regionOf">The region whose hub the node of an index belongs to.</param>
    /// <param name="placeOf">The index of a node.</param>
    public Checker(
        Func<int, ContractId, bool> holds, Func<int, int> regionOf, Func<NodeId, int> placeOf)
    {
        _placeOf = placeOf;
        _payments = new PaymentCheck(Check);
        _holds = holds;
        _regionOf = regionOf;
    }

    public long Checks { get; private set; }

    /// <summary>What is counted of markets.</summary>
    public MarketTally Tally { get; } = new();

    public LedgerTotals Ledger => new(
        _minted / 1e6,
        _escrow / 1e6,
        _inTransit / 1e6,
        _balances / 1e6,
        _burned / 1e6,
        _minted == _escrow + _inTransit + _balances + _burned);

    /// <summary>When the oldest transfer that is still on its way set out, or now.</summary>
    public long OldestTransfer
    {
        get
        {
            long oldest = _now;
            foreach ((long at, _) in _sent.Values)
            {
                oldest = Math.Min(oldest, at);
            }

            return oldest;
        }
    }

    public void See(long now, StrategyFact fact)
    {
        _now = now;
        _mayMint = fact switch
        {
            StrategyFact.BountyPosted or StrategyFact.RegionChartered or StrategyFact.QuotaShared => true,
            StrategyFact.BountyMoved or StrategyFact.HandoverEnded or StrategyFact.Succeeded => false,
            _ => _mayMint,
        };
        switch (fact)
        {
            case StrategyFact.Posted(var posting):
                Check(
                    posting.From.Kind != AccountKind.Mint || _mayMint,
                    "what changes its hub is not paid for anew");
                Post(posting);
                break;
            case StrategyFact.TransferSent(var region, var sending):
                _sent[(-1, sending.Transfer.Value)] = (_now, (int)region.Value - 1);
                break;
            case StrategyFact.TransferReceived(var region, var transfer):
                bool isOnItsWay = _sent.Remove(((int)region.Value, transfer.Value));
                Check(isOnItsWay || _void.Contains((int)region.Value - 1), "a transfer is booked once");
                break;
            default:
                break;
        }
    }

    public void See(long now, int region, HubFact fact)
    {
        _now = now;
        _payments.See(region, fact);
        switch (fact)
        {
            case HubFact.Posted(var posting):
                Post(posting);
                break;
            case HubFact.TransferSent(var transfer, _, _):
                _sent[(region + 1, transfer.Value)] = (_now, -1);
                break;
            case HubFact.LotsSent(var transfer, _, _, _):
                _sent[(region + 1, transfer.Value)] = (_now, -1);
                break;
            case HubFact.TransferReceived(var transfer, _, _):
                Check(_sent.Remove((-1, transfer.Value)), "a transfer is booked once");
                break;
            case HubFact.Market(var market):
                See(region, market);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether a region was taken over by another.</summary>
    public bool IsVoid(int region) => _void.Contains(region);

    /// <summary>A region is taken over: what its hub holds by now is nobody's, and what its accepted books
    /// hold is on its way to another.</summary>
    /// <param name="region">Which.</param>
    /// <param name="held">What its hub holds, in microcredits: the reserve and balances, escrow, and
    /// burned.</param>
    /// <param name="accepted">Its books, as they were accepted.</param>
    public void Void(int region, (long Balances, long Escrow, long Burned) held, RegionBooks accepted)
    {
        _ = _void.Add(region);
        long burned = held.Burned - accepted.Burned.Micro;
        _balances -= held.Balances;
        _escrow -= held.Escrow;
        _burned -= burned;
        _inTransit += held.Balances + held.Escrow + burned;
        foreach (((int From, ulong Transfer) key, (long _, int To) way) in _sent.ToArray())
        {
            if (key.From == region + 1 || (key.From == -1 && way.To == region))
            {
                _ = _sent.Remove(key);
            }
        }

        // What the accepted books do not know to be paid, the successor may pay.
        _ = _paid.RemoveWhere(contract => (int)contract.Region.Value - 1 == region
            && (contract.CompareTo(accepted.LastContract) > 0 || accepted.Contracts.ContainsKey(contract)));
    }

    private void See(int region, MarketFact fact)
    {
        Tally.See(region, fact);
        switch (fact)
        {
            case MarketFact.Awarded awarded:
                Check(
                    _regionOf(_placeOf(awarded.Winner.Node)) == region,
                    "work is given by the hub that the node belongs to");
                break;
            case MarketFact.Delivered delivered:
                Check(delivered.Counted <= delivered.Weighed, "no more counts than was weighed");
                Check(
                    delivered.Paid == Credits.Zero || _paid.Add(delivered.Contract),
                    "a contract is paid once");
                break;
            case MarketFact.Recounted recounted:
                Check(
                    recounted.Paid == Credits.Zero || _paid.Add(recounted.Contract),
                    "a contract is paid once, whichever hub weighed for it");
                break;
            case MarketFact.ClaimEnded { IsPaid: true } ended:
                Check(_paid.Add(ended.Contract), "a contract is paid once, whoever bears it out");
                break;
            default:
                break;
        }
    }

    /// <summary>A machine was truly mended, by somebody who came for its call.</summary>
    public void MendedBy(BountyId call) => _payments.MendedBy(call);

    /// <summary>Cargo was given to a hub that holds the contract it is for.</summary>
    /// <param name="region">Which hub.</param>
    /// <param name="after">That contract, when the hub had done with it.</param>
    public void Weighed(int region, Contract? after)
    {
        Check(
            after?.Status is ContractStatus.Settled or ContractStatus.DeliveredLate,
            "what is weighed for a contract is delivered");
        _payments.DemandPaid(region);
    }

    /// <summary>A contract came back to the market.</summary>
    public void Returned(int region, Contract contract, ContractOutcome outcome)
    {
        Tally.Returned(region, contract.Winner, outcome);
        Check(
            outcome != ContractOutcome.Expired
                || !_holds(_placeOf(contract.Winner.Node), contract.Id),
            "a node stops before its hub re-awards");
    }

    /// <summary>A holder has said that it stops.</summary>
    public void CancelledBy(Contract contract)
    {
        Tally.Cancelled++;
        Check(
            contract.Compensation == Credits.Zero || _paid.Add(contract.Id),
            "a contract is paid once, delivered or cancelled");
        int node = _placeOf(contract.Winner.Node);
        Check(!_holds(node, contract.Id), "a node has stopped when its hub hears that it has");
        _stopped.Enqueue((contract.Id, node, _now));
    }

    /// <summary>Nobody holds what was cancelled a cycle ago.</summary>
    public void LookAtStopped(long now, long cycle)
    {
        while (_stopped.TryPeek(out (ContractId Contract, int Node, long At) stopped)
            && stopped.At + cycle < now)
        {
            Check(!_holds(stopped.Node, stopped.Contract), "nobody holds a cancelled contract");
            _ = _stopped.Dequeue();
        }
    }

    /// <summary>A contract was taken back from a silent holder: it may work on, and the scale is what keeps
    /// it from being paid for what another delivers.</summary>
    public void MissedBy(int region, Contract contract) => Tally.MissedBy(region, contract.Winner);

    /// <summary>Its holder was heard and holds it again.</summary>
    public void ResumedBy(int region, Contract contract)
    {
        Check(!_paid.Contains(contract.Id), "what was paid is not held again");
        Tally.ResumedBy(region, contract.Winner);
    }

    /// <summary>A node heard that its contract is due later.</summary>
    /// <param name="due">When, as it was told.</param>
    /// <param name="contract">The contract at the hub it belongs to; null when that does not know
    /// it.</param>
    public void HeardExtended(Instant due, Contract? contract) =>
        Check(contract is null || due <= contract.Due, "no node holds a contract longer than its hub");

    private void Post(Posting posting)
    {
        long amount = posting.Amount.Micro;
        Move(posting.From.Kind, -amount, posting.To.Kind);
        Move(posting.To.Kind, amount, posting.From.Kind);
        Check(
            _minted == _escrow + _inTransit + _balances + _burned,
            "minted = escrow + in transit + balances + burned");
        Check(_inTransit >= 0 && _escrow >= 0 && _balances >= 0, "nothing is below zero");
    }

    private void Move(AccountKind kind, long amount, AccountKind other)
    {
        switch (kind)
        {
            case AccountKind.Mint:
                _minted -= amount;
                break;
            case AccountKind.Escrow:
                _escrow += amount;
                break;
            case AccountKind.Budget or AccountKind.Reserve or AccountKind.Balance or AccountKind.Bond:
                _balances += amount;
                break;
            case AccountKind.Burned:
                _burned += amount;
                break;
            case AccountKind.Transit when other != AccountKind.Correspondent:
                _inTransit += amount; // It sets out; when it is acknowledged it has long arrived.
                break;
            case AccountKind.Correspondent when other != AccountKind.Transit:
                _inTransit += amount; // It arrives: the far end's contra account gives it up.
                break;
            default:
                break;
        }
    }

    private void Check(bool holds, string claim)
    {
        Checks++;
        if (!holds)
        {
            throw new BrokenInvariantException(claim);
        }
    }
}
