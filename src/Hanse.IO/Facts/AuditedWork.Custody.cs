using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <content>What depots have, by what their scales measured, and goods that nodes answer for.</content>
/// <remarks>No store falls below zero. Goods are handed out for a transport of the node that holds it, once
/// at a time; of them no more counts than was handed out; they are on a scale again or lost before their
/// contract is forgotten. Lost is all that is missing or nothing, and charged no more than was stated for it
/// when they were handed out.</remarks>
internal sealed partial class AuditedWork
{
    private readonly Dictionary<(Party Hub, DepotId Depot, Commodity Commodity), Grams> _stores = [];
    private readonly Dictionary<(Party Hub, ContractId Contract), PartsOut> _parts = [];
    private readonly Dictionary<(Party Hub, ContractId Contract), Custody> _custody = [];

    /// <summary>Charged for goods that were lost; part of what was burned.</summary>
    public Credits Charged { get; private set; }

    private void Entrust(AuditStep step, ContractId id, Custody custody)
    {
        bool isHeld = _contracts.TryGetValue((step.Machine, id), out AuditedContract? contract)
            && !contract.IsOver && contract.Winner.Node == custody.Node
            && _bounties.TryGetValue(contract.Winner.Bounty, out AuditedBounty? bounty)
            && bounty.Bounty.Kind == WorkKind.Transport && bounty.Bounty.From == custody.From
            && bounty.Bounty.Commodity == custody.Commodity;
        _ = step.Demand(
            isHeld && custody.Mass <= Bounty.Countable(
                contract!.Winner.Quantity, new Grams(Grams.ValueMax)),
            $"goods are handed out for contract {Name(id)}, which is no such transport that runs");
        _ = step.Demand(
            _custody.TryAdd((step.Machine, id), custody),
            $"goods are handed out for contract {Name(id)} that has some");
        Put(step, custody.From, custody.Commodity, Grams.Zero - custody.Mass);
    }

    private void EndCustody(AuditStep step, MarketFact.CustodyEnded ended)
    {
        if (!step.Demand(
            _custody.Remove((step.Machine, ended.Contract), out Custody? custody),
            $"goods of contract {Name(ended.Contract)} are back, and none were out"))
        {
            return;
        }

        Grams missing = Grams.Max(Grams.Zero, custody!.Mass - ended.Weighed);
        _ = step.Demand(
            ended.Lost == Grams.Zero || ended.Lost == missing,
            $"of the goods of contract {Name(ended.Contract)} more or less is lost than is missing");
        _ = step.Demand(
            ended.Charge <= custody.ChargeFor(ended.Lost),
            $"node {custody.Node.Value} is charged {Text.Credits(ended.Charge)} for goods of contract "
                + $"{Name(ended.Contract)}, and what is lost makes "
                + Text.Credits(custody.ChargeFor(ended.Lost)));
        step.Announce(
            new AccountId(AccountKind.Balance, custody.Node.Value), new AccountId(AccountKind.Burned, 0),
            ended.Charge);
        Charged += ended.Charge;
        if (ended.At.Value > 0)
        {
            Put(step, ended.At, custody.Commodity, ended.Weighed);
        }
    }

    // Of another hub's contract nobody here knows what was handed out.
    private void Store(AuditStep step, ContractId id, Winner winner, Grams weighed, Grams counted)
    {
        _ = _parts.Remove((step.Machine, id));
        if (!_bounties.TryGetValue(winner.Bounty, out AuditedBounty? known) || known.ClosedAt is not null)
        {
            return;
        }

        Bounty bounty = known.Bounty;
        if (bounty.Kind == WorkKind.Deliver)
        {
            Put(step, bounty.Depot, bounty.Commodity, weighed);
        }
        else if (bounty.Kind == WorkKind.Transport)
        {
            bool isOut = _custody.TryGetValue((step.Machine, id), out Custody? custody);
            bool isOwn = step.Machine == Party.Of(id.Region);
            _ = step.Demand(
                counted <= (custody?.Mass ?? Grams.Zero) || !(isOut || isOwn),
                $"more goods count for contract {Name(id)} than were handed out");
            Put(step, bounty.Depot, bounty.Commodity, isOut ? Grams.Zero : counted);
        }
    }

    private void Put(AuditStep step, DepotId depot, Commodity commodity, Grams mass)
    {
        (Party, DepotId, Commodity) store = (step.Machine, depot, commodity);
        Grams after = _stores.GetValueOrDefault(store) + mass;
        _stores[store] = after;
        _ = step.Demand(
            after >= Grams.Zero, $"depot {depot.Value} hands out more {commodity} than it has");
    }

    private void VoidStores(Party hub)
    {
        foreach ((Party Hub, DepotId, Commodity) store in _stores.Keys.Where(key => key.Hub == hub).ToArray())
        {
            _ = _stores.Remove(store);
        }

        foreach ((Party Hub, ContractId) key in _parts.Keys.Where(key => key.Hub == hub).ToArray())
        {
            _ = _parts.Remove(key);
        }

        foreach ((Party Hub, ContractId) key in _custody.Keys.Where(key => key.Hub == hub).ToArray())
        {
            _ = _custody.Remove(key);
        }
    }
}
