using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>What is staked for contracts: once, when one is given, and ended with it. At the end of every
/// step the bond of each contract that was touched is what was staked, while it runs, and nothing
/// after.</summary>
internal sealed class AuditedBonds
{
    private readonly Dictionary<(Party Hub, ContractId Contract), Bond> _bonds = [];

    // Of the step under way: contracts that were given, and what they would pay.
    private readonly List<(ContractId Contract, Credits Worth)> _given = [];

    // The share that is staked is one for all contracts: the least and the most it can be, in parts per
    // million.
    private Int128 _least;
    private Int128 _most = 1_000_000;

    // Of the step under way: contracts that were given, ended or had their bond moved.
    private readonly HashSet<(Party Hub, ContractId Contract)> _touched = [];

    /// <summary>Credits forfeited.</summary>
    public Credits Forfeited { get; private set; }

    /// <summary>What a hub's market remembers.</summary>
    public void See(AuditStep step, Instant at, MarketFact fact, Func<BountyId, Grams?> lotOf)
    {
        switch (fact)
        {
            case MarketFact.Awarded awarded:
                _bonds[(step.Machine, awarded.Contract)] = new Bond(awarded.Winner, awarded.Due);
                _ = _touched.Add((step.Machine, awarded.Contract));
                Winner winner = awarded.Winner;
                Credits worth = lotOf(winner.Bounty) is { } lot
                    ? winner.PricePerLot.ForPart(winner.Quantity, lot) : Credits.Zero;
                _given.Add((awarded.Contract, worth));
                break;
            case MarketFact.Accepted(var id) when Find(step, id) is { } bond:
                bond.IsTaken = true;
                break;
            case MarketFact.Extended(var id, var due) when Find(step, id) is { } bond:
                bond.Due = due;
                break;
            case MarketFact.CancelAsked(var id) when Find(step, id) is { } bond:
                bond.IsUnwanted = true;
                break;
            case MarketFact.CancelKept(var id) when Find(step, id) is { } bond:
                bond.IsUnwanted = false;
                break;
            case MarketFact.Cancelled(var id, _) when Find(step, id) is { } bond:
                End(step, id, bond, Grams.Zero);
                break;
            case MarketFact.Delivered(var id, _, var weighed, _, _) when Find(step, id) is { } bond:
                Grams promised = bond.Winner.Quantity;
                Grams grace = promised.Share(new PartsPerMillion(Bounty.OverDeliveryPpm));
                End(step, id, bond, Grams.Max(Grams.Zero, promised - weighed - grace));
                break;
            case MarketFact.RepairClaimed(var id, _) when Find(step, id) is { } bond:
                End(step, id, bond, Grams.Zero);
                break;
            case MarketFact.Returned(var id, var outcome) when Find(step, id) is { } bond:
                bool isBreach = outcome == ContractOutcome.Expired && bond.IsTaken && !bond.IsUnwanted;
                End(step, id, bond, isBreach ? bond.Winner.Quantity : Grams.Zero);
                break;
            case MarketFact.Missed(var id, 0) when Find(step, id) is { } bond:
                End(step, id, bond, Grams.Zero);
                break;
            case MarketFact.SilenceEnded(var id, true) when Find(step, id) is { } bond:
                bond.IsTaken = true;
                break;
            case MarketFact.SilenceEnded(var id, false) when Find(step, id) is { } bond:
                End(step, id, bond, bond.IsTaken && at >= bond.Due ? bond.Winner.Quantity : Grams.Zero);
                break;
            default:
                break; // No bond is moved by it.
        }
    }

    /// <summary>A posting into or out of a bond, or neither.</summary>
    /// <returns>Whether it concerns a bond.</returns>
    public bool Judge(AuditStep step, Posting posting, Func<BountyId, Grams?> lotOf)
    {
        AccountId account = posting.To.Kind == AccountKind.Bond ? posting.To : posting.From;
        if (account.Kind != AccountKind.Bond)
        {
            return false;
        }

        var id = new ContractId(account.Number);
        if (!step.Demand(
            Find(step, id) is { } bond && _touched.Contains((step.Machine, id)),
            $"{Text.Account(account)} moves, and nothing that is remembered calls for that"))
        {
            return true;
        }

        bond = Find(step, id)!;
        if (posting.To == account)
        {
            Grams? lot = lotOf(bond.Winner.Bounty);
            Credits most = lot is null
                ? Credits.Zero : bond.Winner.PricePerLot.ForPart(bond.Winner.Quantity, lot.Value);
            bool isFirst = bond.Staked == Credits.Zero && !bond.IsOver;
            _ = step.Demand(
                isFirst && posting.From == BalanceOf(bond) && posting.Amount <= most,
                $"{Text.Credits(posting.Amount)} are staked as {Text.Account(account)}, which is for "
                    + $"{Text.Credits(most)} of work, at {step.Machine}");
            bond.Staked = posting.Amount;
        }
        else
        {
            bool isBurned = posting.To.Kind == AccountKind.Burned;
            _ = step.Demand(
                bond.IsOver && (isBurned ? posting.Amount == bond.Forfeit : posting.To == BalanceOf(bond)),
                $"{Text.Credits(posting.Amount)} go from {Text.Account(account)} to "
                    + $"{Text.Account(posting.To)}, and {Text.Credits(bond.Forfeit)} are forfeited");
            Forfeited += isBurned ? posting.Amount : Credits.Zero;
            bond.Forfeit = isBurned ? Credits.Zero : bond.Forfeit;
        }

        return true;
    }

    /// <summary>The bonds that were touched hold what they should.</summary>
    public void EndStep(AuditStep step, AuditedAccounts accounts)
    {
        foreach ((ContractId contract, Credits worth) in _given)
        {
            JudgeShare(step, contract, worth);
        }

        _given.Clear();
        foreach ((Party Hub, ContractId Contract) key in _touched)
        {
            Bond bond = _bonds[key];
            var account = new AccountId(AccountKind.Bond, key.Contract.Value);
            Credits wanted = bond.IsOver ? Credits.Zero : bond.Staked;
            Int128 holds = accounts[step.Machine, account];
            _ = step.Demand(
                holds == wanted.Micro && (!bond.IsOver || bond.Forfeit == Credits.Zero),
                $"{Text.Account(account)} holds {Text.Credits(holds)}, and {Text.Credits(wanted)} are "
                    + "staked");
            if (bond.IsOver)
            {
                _ = _bonds.Remove(key);
            }
        }

        _touched.Clear();
    }

    /// <summary>A region is given up: what was staked there is its nodes' again, wherever they
    /// go.</summary>
    public void Void(Party hub)
    {
        foreach ((Party Hub, ContractId Contract) key in (List<(Party, ContractId)>)[.. _bonds.Keys])
        {
            if (key.Hub == hub)
            {
                _ = _bonds.Remove(key);
            }
        }
    }

    // staked = worth x share, rounded down; so staked <= worth x share < staked + 1.
    private void JudgeShare(AuditStep step, ContractId contract, Credits worth)
    {
        if (worth > Credits.Zero && Find(step, contract) is { } bond)
        {
            Int128 staked = bond.Staked.Micro;
            Int128 least = ((staked * 1_000_000) + worth.Micro - 1) / worth.Micro;
            Int128 most = (((staked + 1) * 1_000_000) - 1) / worth.Micro;
            (_least, _most) = (Int128.Max(_least, least), Int128.Min(_most, most));
            _ = step.Demand(
                _least <= _most,
                $"{Text.Credits(bond.Staked)} are staked for {Text.Credits(worth)} of work, another share "
                    + "than for other contracts");
        }
    }

    private Bond? Find(AuditStep step, ContractId id) => _bonds.GetValueOrDefault((step.Machine, id));

    private void End(AuditStep step, ContractId id, Bond bond, Grams missing)
    {
        bond.IsOver = true;
        bond.Forfeit = new Credits(
            (long)((Int128)bond.Staked.Micro * missing.Value / bond.Winner.Quantity.Value));
        _ = _touched.Add((step.Machine, id));
    }

    private static AccountId BalanceOf(Bond bond) => new(AccountKind.Balance, bond.Winner.Node.Value);

    private sealed class Bond(Winner winner, Instant due)
    {
        public Winner Winner { get; } = winner;

        public Instant Due { get; set; } = due;

        public bool IsTaken { get; set; }

        /// <summary>Whether its holder is to stop and has not answered.</summary>
        public bool IsUnwanted { get; set; }

        public Credits Staked { get; set; }

        public bool IsOver { get; set; }

        /// <summary>What is to be burned of it and has not been yet.</summary>
        public Credits Forfeit { get; set; }
    }
}
