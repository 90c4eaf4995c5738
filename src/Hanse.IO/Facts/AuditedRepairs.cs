using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>What machines that broke down set aside, and what they pay for being mended: out of their own, to
/// one repairer, and the rest back.</summary>
internal sealed class AuditedRepairs
{
    private readonly Dictionary<BountyId, Call> _calls = [];
    private readonly HashSet<BountyId> _named = [];
    private readonly Dictionary<(Party Hub, ContractId Contract), Repair> _repairs = [];

    // Calls that are over in this step: their escrow must be empty at its end.
    private readonly List<BountyId> _over = [];

    public long Payments { get; private set; }

    public long Contracts { get; private set; }

    /// <summary>The lot of a call that is not over.</summary>
    public Grams? LotOf(BountyId call) => _calls.TryGetValue(call, out Call? known) ? known.Bounty.Lot : null;

    /// <summary>What a hub's market remembers.</summary>
    /// <returns>Whether it is about a repair.</returns>
    public bool See(AuditStep step, MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.HelpOpened(var bounty, var help):
                Open(step, bounty, help);
                return true;
            case MarketFact.BountyOpened({ Id.IsHelp: true } bounty, _):
                _ = step.Demand(
                    Find(step, bounty.Id) is { IsOnMarket: false } call && call.Bounty == bounty,
                    $"{Name(bounty.Id)} is put on the market and nobody called so");
                if (Find(step, bounty.Id) is { } opened)
                {
                    opened.IsOnMarket = true;
                }

                return true;
            case MarketFact.Awarded { Winner.Bounty.IsHelp: true } awarded:
                Hold(step, awarded.Contract, awarded.Winner);
                return true;
            case MarketFact.BountyClosed { Bounty.IsHelp: true } closed:
                Close(step, closed);
                return true;
            case MarketFact.HelpChanged:
                return true; // It moves no credits.
            case MarketFact.Mended(var id, _) when Find(step, id, "mended") is { } repair:
                Call mended = _calls[repair.Winner.Bounty];
                _ = step.Demand(
                    mended.MendedBy == default, $"{Name(mended.Bounty.Id)} is mended twice");
                mended.MendedBy = id;
                return true;
            case MarketFact.Delivered(var id, _, _, var counted, var paid)
                when _repairs.TryGetValue((step.Machine, id), out Repair? repair):
                _ = step.Demand(
                    counted == Grams.Zero || counted == repair.Winner.Quantity,
                    $"a part of {Name(repair.Winner.Bounty)} counts");
                Pay(step, id, repair, counted == Grams.Zero ? Credits.Zero : repair.Price, paid);
                return true;
            case MarketFact.RepairClaimed(var id, var claim) when Find(step, id, "claimed") is { } repair:
                _ = step.Demand(
                    claim.Node == repair.Winner.Node && claim.Bounty == repair.Winner.Bounty
                        && claim.Pay == repair.Price && !repair.IsPaid
                        && _calls[claim.Bounty].Claim is null,
                    $"what is held for {Name(claim.Bounty)} is not its repairer's price");
                _calls[claim.Bounty].Claim = (id, claim);
                return true;
            case MarketFact.ClaimEnded(var id, var claim, var isPaid)
                when Find(step, id, "settled") is { } repair:
                _ = step.Demand(
                    _calls[claim.Bounty].Claim == (id, claim),
                    $"what was held for {Name(claim.Bounty)} is settled, and was not held");
                _calls[claim.Bounty].Claim = null;
                if (isPaid)
                {
                    Pay(step, id, repair, repair.Price, claim.Pay);
                }

                return true;
            case MarketFact.Recognised(var id, _, _) when _repairs.ContainsKey((step.Machine, id)):
                _ = step.Demand(false, "a repair is paid for by an operator's word");
                return true;
            case MarketFact.Forgotten(var id):
                _ = _repairs.Remove((step.Machine, id));
                return false;
            default:
                return false;
        }
    }

    /// <summary>A region is given up: its patients have all of their own again, wherever they go.</summary>
    public void Void(Party hub)
    {
        foreach (BountyId call in _calls.Where(c => c.Value.Hub == hub).Select(c => c.Key).ToArray())
        {
            _ = _calls.Remove(call);
        }

        foreach ((Party Hub, ContractId Contract) key in _repairs.Keys.Where(k => k.Hub == hub).ToArray())
        {
            _ = _repairs.Remove(key);
        }
    }

    /// <summary>Of a call that is over nothing stays behind.</summary>
    public void EndStep(AuditStep step, AuditedAccounts accounts)
    {
        foreach (BountyId call in _over)
        {
            Int128 rest = accounts[step.Machine, Escrow(call)];
            _ = step.Demand(
                rest == 0, $"{Name(call)} is over and {Text.Credits(rest)} were not given back");
        }

        _over.Clear();
    }

    // The patient's own credits, once for a name that was never used.
    private void Open(AuditStep step, Bounty bounty, Help help)
    {
        _ = step.Demand(
            bounty.Id.IsHelp && bounty.Kind == WorkKind.Repair && bounty.Lot == bounty.Total
                && help.Bounty == bounty.Id,
            $"{Name(bounty.Id)} is no call for help");
        if (step.Demand(_named.Add(bounty.Id), $"{Name(bounty.Id)} is opened twice"))
        {
            _calls.Add(bounty.Id, new Call(step.Machine, bounty));
            step.Announce(Balance(bounty.Id.Patient), Escrow(bounty.Id), bounty.Worth);
        }
    }

    private void Hold(AuditStep step, ContractId id, Winner winner)
    {
        Contracts++;
        Call? call = Find(step, winner.Bounty);
        if (step.Demand(
            call is { IsOnMarket: true, Claim: null } && call.MendedBy == default
                && winner.Node != winner.Bounty.Patient && winner.Quantity == call.Bounty.Total
                && winner.PricePerLot <= call.Bounty.ValuePerLot,
            $"{Name(winner.Bounty)} is given to node {winner.Node.Value}, and does not ask for that"))
        {
            _ = step.Demand(
                _repairs.TryAdd((step.Machine, id), new Repair(winner, winner.PricePerLot)),
                $"{Name(winner.Bounty)} is given twice under one name");
        }
    }

    private void Pay(AuditStep step, ContractId id, Repair repair, Credits price, Credits paid)
    {
        Call? call = Find(step, repair.Winner.Bounty);
        _ = step.Demand(
            paid == price && (paid == Credits.Zero
                || (call is not null && call.MendedBy == id && call.Paid == Credits.Zero && !repair.IsPaid)),
            $"{Name(repair.Winner.Bounty)} pays {Text.Credits(paid)} to node {repair.Winner.Node.Value}, "
                + "which did not mend it, or at another price, or again");
        if (paid > Credits.Zero && call is not null)
        {
            Payments++;
            repair.IsPaid = true;
            call.Paid += paid;
            step.Announce(Escrow(call.Bounty.Id), Balance(repair.Winner.Node), paid);
        }
    }

    private void Close(AuditStep step, MarketFact.BountyClosed closed)
    {
        if (step.Demand(
            Find(step, closed.Bounty) is { } call && call.Claim is null && call.Paid == closed.Paid,
            $"{Name(closed.Bounty)} is over, and is not open, or pay is held, or paid was something else"))
        {
            Credits rest = _calls[closed.Bounty].Bounty.Worth - closed.Paid;
            step.Announce(Escrow(closed.Bounty), Balance(closed.Bounty.Patient), rest);
            _ = _calls.Remove(closed.Bounty);
            _over.Add(closed.Bounty);
        }
    }

    private Call? Find(AuditStep step, BountyId call) =>
        _calls.TryGetValue(call, out Call? known) && known.Hub == step.Machine ? known : null;

    private Repair? Find(AuditStep step, ContractId id, string what)
    {
        bool isKnown = _repairs.TryGetValue((step.Machine, id), out Repair? repair)
            && Find(step, repair.Winner.Bounty) is not null;
        _ = step.Demand(isKnown, $"contract {id.Value} is {what}, and is no repair that runs");
        return isKnown ? repair : null;
    }

    private static AccountId Escrow(BountyId call) => new(AccountKind.Escrow, call.Value);

    private static AccountId Balance(NodeId node) => new(AccountKind.Balance, node.Value);

    private static string Name(BountyId call) => $"call {call.HelpNumber} of node {call.Patient.Value}";

    private sealed class Call(Party hub, Bounty bounty)
    {
        public Party Hub { get; } = hub;

        public Bounty Bounty { get; } = bounty;

        public bool IsOnMarket { get; set; }

        public ContractId MendedBy { get; set; }

        public Credits Paid { get; set; }

        public (ContractId Contract, RepairClaim Claim)? Claim { get; set; }
    }

    private sealed class Repair(Winner winner, Credits price)
    {
        public Winner Winner { get; } = winner;

        /// <summary>Of the whole, since its lot is the whole.</summary>
        public Credits Price { get; } = price;

        public bool IsPaid { get; set; }
    }
}
