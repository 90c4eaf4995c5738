using System;
using System.Collections.Generic;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Simulation.Fleet;

/// <summary>Checks that nothing is paid twice, and nothing is delivered unpaid.</summary>
/// <remarks>
/// By its own books of what was given at which price: what a hub says was paid for a delivery is price times
/// what counted; in time, all counts that was weighed, up to what was given; together with what an operator
/// lets count later it is never more than was weighed. What is paid for stopping is nothing, or a share of
/// the price between the fixed one and all of it. And by the ledger: every such sum leaves that bounty's
/// escrow for that node's balance, at once and exactly once, and nothing else does.
/// </remarks>
internal sealed class PaymentCheck(Action<bool, string> check)
{
    // Prices refer to the lots of bounties.
    private readonly Dictionary<BountyId, Grams> _lots = [];

    // Contracts given, and what of them was weighed and has not counted.
    private readonly Dictionary<ContractId, Winner> _given = [];
    private readonly Dictionary<ContractId, Grams> _uncounted = [];

    // Of surveys that are told: what is held back of their pay, until it is paid or they are false.
    private readonly Dictionary<ContractId, KeptPay> _kept = [];

    // Of calls for help: what is set aside, those that were truly mended, and whose word is held.
    private readonly Dictionary<BountyId, Credits> _aside = [];
    private readonly HashSet<BountyId> _mended = [];
    private readonly Dictionary<ContractId, RepairClaim> _claims = [];

    // By region: the payment that the ledger must show next.
    private readonly Dictionary<int, Posting> _owed = [];

    public void See(int region, HubFact fact)
    {
        switch (fact)
        {
            case HubFact.Posted(var posting) when posting.From.Kind == AccountKind.Escrow
                && posting.To.Kind == AccountKind.Balance:
                check(
                    _owed.Remove(region, out Posting? owed) && owed == posting,
                    "nothing leaves an escrow for a node but what a delivery or stopping is paid, once");
                break;
            case HubFact.Posted(var posting) when posting.From.Kind == AccountKind.Balance
                && posting.To.Kind == AccountKind.Escrow:
                check(
                    _owed.Remove(region, out Posting? aside) && aside == posting,
                    "a node sets aside what it calls for help with, once, and nothing else");
                break;
            case HubFact.Market(var market):
                DemandPaid(region);
                See(region, market);
                break;
            default:
                break;
        }
    }

    /// <summary>A machine was truly mended for its call.</summary>
    public void MendedBy(BountyId call) => _mended.Add(call);

    /// <summary>At the end of a step: what was delivered in it has been paid.</summary>
    public void DemandPaid(int region) => check(!_owed.ContainsKey(region), "nothing is delivered unpaid");

    private void See(int region, MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.BountyOpened(var bounty, _):
                _lots[bounty.Id] = bounty.Lot;
                break;
            case MarketFact.BountyAdopted adopted:
                _lots[adopted.Bounty.Id] = adopted.Bounty.Lot;
                break;
            case MarketFact.Awarded(var contract, _, var winner, _, _):
                _given[contract] = winner;
                break;
            case MarketFact.Honoured(var contract, _, var winner, _):
                _given[contract] = winner;
                break;
            case MarketFact.Delivered delivered:
                Winner won = _given[delivered.Contract];
                check(
                    delivered.Outcome != ContractOutcome.Settled
                        || (delivered.Counted >= Grams.Min(delivered.Weighed, won.Quantity)
                            && delivered.Counted <= Bounty.Countable(won.Quantity, delivered.Weighed)),
                    "what is delivered in time counts");
                _uncounted[delivered.Contract] = delivered.Weighed - delivered.Counted;
                Credits back = _kept.GetValueOrDefault(delivered.Contract)?.Kept ?? Credits.Zero;
                Owe(region, won, delivered.Counted, delivered.Paid, back);
                break;
            case MarketFact.HelpOpened(var call, _):
                _aside[call.Id] = call.Worth;
                _owed.Add(region, new Posting(
                    new AccountId(AccountKind.Balance, call.Id.Patient.Value),
                    new AccountId(AccountKind.Escrow, call.Id.Value), call.Worth));
                break;
            case MarketFact.BountyClosed { Bounty.IsHelp: true } over:
                _ = _aside.Remove(over.Bounty, out Credits rest);
                Owe(region, new AccountId(AccountKind.Escrow, over.Bounty.Value), over.Bounty.Patient, rest);
                break;
            case MarketFact.RepairClaimed(var contract, var claim):
                check(
                    _given[contract].Node == claim.Node && _given[contract].Bounty == claim.Bounty,
                    "what a repairer says is of its own contract");
                _claims[contract] = claim;
                break;
            case MarketFact.ClaimEnded(var contract, var claim, var isPaid):
                check(
                    _claims.Remove(contract, out RepairClaim? held) && held == claim,
                    "a repairer's pay is held once");
                if (isPaid)
                {
                    Owe(region, new Winner(
                        claim.Bounty, claim.Node, claim.Quantity, default, default, default, default),
                        claim.Pay);
                }

                break;
            case MarketFact.Kept(var contract, var kept):
                check(
                    _given[contract].Node == kept.Node && _given[contract].Bounty == kept.Bounty
                        && _kept.TryAdd(contract, kept),
                    "pay is held back once, for whoever made the survey");
                break;
            case MarketFact.KeptPaid(var contract, var kept):
                check(
                    _kept.Remove(contract, out KeptPay? known) && known == kept,
                    "what was held back is paid once, and all of it");
                Owe(region, new AccountId(AccountKind.Escrow, kept.Bounty.Value), kept.Node, kept.Kept);
                break;
            case MarketFact.Falsified(var contract, _, var dug):
                check(
                    _kept.Remove(contract, out KeptPay? refuted) && refuted.IsContradictedBy(dug),
                    "only what is contradicted stays unpaid");
                break;
            case MarketFact.Cancelled(var contract, var paid):
                Winner stopped = _given[contract];
                Credits price = stopped.PricePerLot.ForPart(stopped.Quantity, _lots[stopped.Bounty]);
                bool isShare = paid <= price
                    && paid.Micro >= (long)((Int128)price.Micro * Auctioneer.RestPpm / 1_000_000);
                check(paid == Credits.Zero || isShare, "stopping is paid at most what the work would be");
                Owe(region, stopped, paid);
                break;
            case MarketFact.Recounted(_, _, var winner, _, var counted, var paid):
                Owe(region, winner, counted, paid);
                break;
            case MarketFact.Recognised(var contract, var counted, var paid):
                Grams left = _uncounted.GetValueOrDefault(contract) - counted;
                check(left >= Grams.Zero, "no more counts than was weighed, whoever lets it count");
                _uncounted[contract] = left;
                Owe(region, _given[contract], counted, paid);
                break;
            case MarketFact.Forgotten(var contract):
                _ = _given.Remove(contract);
                _ = _uncounted.Remove(contract);
                break;
            default:
                break;
        }
    }

    private void Owe(int region, Winner winner, Grams counted, Credits paid, Credits back = default)
    {
        check(
            paid + back == winner.PricePerLot.ForPart(counted, _lots[winner.Bounty]),
            "a delivery is paid what counts of it, at the contract's price");
        Owe(region, winner, paid);
    }

    private void Owe(int region, Winner winner, Credits paid)
    {
        if (winner.Bounty.IsHelp && paid > Credits.Zero)
        {
            check(_mended.Contains(winner.Bounty), "nobody is paid for a repair that did not happen");
            _aside[winner.Bounty] -= paid;
        }

        Owe(region, new AccountId(AccountKind.Escrow, winner.Bounty.Value), winner.Node, paid);
    }

    private void Owe(int region, AccountId from, NodeId to, Credits paid)
    {
        if (paid > Credits.Zero)
        {
            _owed.Add(region, new Posting(from, new AccountId(AccountKind.Balance, to.Value), paid));
        }
    }
}
