using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>What depots have in store, and work that takes of it: building, mending, and
/// transports.</content>
/// <remarks>
/// A depot's store is what its scale has weighed for deliveries and transports, less what was handed out,
/// and with what came back. A contract that takes of it has its quantity reserved from its award on: no more
/// is asked for than the store has for it, so whoever wins finds that there. Of a building what is paid is
/// what an instrument of the hub's sees standing at the site, and never more than was handed out.
/// <para>
/// Invariant: no store is below what is reserved of it, and so never below zero. Nothing is handed out for a
/// contract that has anything out. Parts that a node took along and died with are gone. Absent on purpose:
/// cargo that was for no contract; a depot has it, and nobody counts on it.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    private readonly SortedDictionary<(DepotId Depot, Commodity Commodity), Grams> _stores = [];

    // By contract, live or not: parts that are on their way.
    private readonly SortedDictionary<ContractId, PartsOut> _partsOut = [];

    /// <summary>What a depot has in store of a commodity.</summary>
    public Grams Stored(DepotId depot, Commodity commodity) =>
        _stores.GetValueOrDefault((depot, commodity));

    /// <summary>Parts that were handed out and are on their way, by contract.</summary>
    public IReadOnlyDictionary<ContractId, PartsOut> PartsOut => _partsOut;

    /// <summary>A node at a depot asks for the parts that its contract is about.</summary>
    /// <returns>What it is given: nothing when there is no such live contract of this node under this epoch,
    /// or its parts were handed out before.</returns>
    public Grams HandOut(NodeId node, DepotId depot, ContractId contract, Epoch epoch, Grams wanted)
    {
        if (Find(contract) is not { IsLive: true } found || found.Winner.Node != node || found.Epoch != epoch
            || IsOut(contract) || HasCustody(node)
            || _bounties.GetValueOrDefault(found.Winner.Bounty)?.Bounty is not { } bounty
            || bounty.Source.Value == 0 || bounty.Source != depot)
        {
            return Grams.Zero;
        }

        // A little more than was contracted, as deliveries are loaded over, out of what others do not need.
        (DepotId, Commodity) store = (depot, bounty.Commodity);
        Grams free = Free(store) - Asked(store) + found.Winner.Quantity;
        Grams mass = Grams.Min(
            Grams.Min(wanted, Bounty.Countable(found.Winner.Quantity, free)), free);
        if (mass <= Grams.Zero)
        {
            return mass;
        }

        if (bounty.Kind != WorkKind.Transport)
        {
            _record(new MarketFact.PartsTaken(
                contract, new PartsOut(node, depot, bounty.Commodity, mass)));
            return mass;
        }

        Custody custody = CustodyOf(node, bounty, mass);
        if (custody.ChargeFor(mass) > CreditOf(node))
        {
            return Grams.Zero; // It has spent since it won what it would answer with.
        }

        _record(new MarketFact.CustodyTaken(contract, custody));
        return mass;
    }

    /// <summary>A node that has parts out has docked with cargo that is for no contract: they are
    /// back.</summary>
    public void TakeBack(NodeId node, DepotId depot, Commodity commodity, Grams weighed)
    {
        if (HasCustody(node))
        {
            return; // It is those goods.
        }

        foreach (KeyValuePair<ContractId, PartsOut> parts in _partsOut)
        {
            if (parts.Value.Node == node && parts.Value.Depot == depot && parts.Value.Commodity == commodity
                && weighed > Grams.Zero)
            {
                _record(new MarketFact.PartsBack(parts.Key, Grams.Min(weighed, parts.Value.Mass)));
                return;
            }
        }
    }

    /// <summary>An instrument of the hub's has looked at what a node has put in place.</summary>
    /// <param name="node">Who built.</param>
    /// <param name="contract">For which contract.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="standing">What stands, by the instrument.</param>
    public WeighingVerdict Inspect(NodeId node, ContractId contract, Epoch epoch, Grams standing)
    {
        if (Find(contract) is not { } found || found.Winner.Node != node || found.Epoch != epoch
            || _bounties.GetValueOrDefault(found.Winner.Bounty) is not { Bounty.Kind: WorkKind.Build } bounty)
        {
            return WeighingVerdict.UnknownContract;
        }

        if (found.Status is ContractStatus.Settled or ContractStatus.DeliveredLate)
        {
            return WeighingVerdict.AlreadyDelivered;
        }

        return Settle(found, bounty, Grams.Min(standing, TakenFor(found, bounty))).Verdict;
    }

    // Whether anything was handed out for a contract that is neither where it belongs nor back.
    private bool IsOut(ContractId contract) =>
        _partsOut.ContainsKey(contract) || _custody.ContainsKey(contract);

    // What of a bounty can be asked for: of work that takes of a store, no more than that has and nobody is
    // to take.
    private Grams Askable(OpenBounty bounty, SortedDictionary<(DepotId, Commodity), Grams> spoken)
    {
        if (!IsConsented(bounty.Bounty.Id))
        {
            return Grams.Zero;
        }

        if (bounty.Bounty.Source.Value == 0)
        {
            return IsConsented(bounty.Bounty.Id) ? bounty.Open : Grams.Zero;
        }

        (DepotId, Commodity) store = (bounty.Bounty.Source, bounty.Bounty.Commodity);
        Grams free = Free(store) - spoken.GetValueOrDefault(store);
        Grams asked = Grams.Min(bounty.Open, free);
        asked = WorkFields.IsWhole(bounty.Bounty.Kind) && asked < bounty.Open ? Grams.Zero : asked;
        spoken[store] = spoken.GetValueOrDefault(store) + Grams.Max(asked, Grams.Zero);
        return asked;
    }

    // What a winner may be given of a bounty: of work that takes of a store, what that still has for it, or
    // nothing when that is less than makes a difference to whoever comes for it.
    private Grams Givable(OpenBounty bounty, Grams won)
    {
        Grams quantity = Grams.Min(won, bounty.Open);
        if (bounty.Bounty.Source.Value == 0)
        {
            return quantity;
        }

        Grams given = Grams.Min(quantity, Free((bounty.Bounty.Source, bounty.Bounty.Commodity)));
        return quantity - given <= quantity.Share(new PartsPerMillion(Bounty.OverDeliveryPpm))
            ? given : Grams.Zero;
    }

    // Whether what a contract is to take of a store is there for it, or is out already.
    private bool IsThereFor(Contract contract, Bounty bounty) => bounty.Source.Value == 0
        || IsOut(contract.Id) || contract.Winner.Quantity <= Free((bounty.Source, bounty.Commodity));

    // What nobody has reserved.
    private Grams Free((DepotId, Commodity) store) => _stores.GetValueOrDefault(store) - Reserved(store);

    // What the open cycle asks for of a store.
    private Grams Asked((DepotId Depot, Commodity Commodity) store)
    {
        Grams asked = Grams.Zero;
        foreach (Request request in Requests)
        {
            bool isFrom = request.Commodity == store.Commodity
                && _bounties.GetValueOrDefault(request.Bounty)?.Bounty.Source == store.Depot;
            asked += isFrom ? request.Open : Grams.Zero;
        }

        return asked;
    }

    private Grams Reserved((DepotId Depot, Commodity Commodity) store)
    {
        Grams reserved = Grams.Zero;
        foreach (ContractId held in _held.Values)
        {
            Winner winner = _contracts[held].Winner;
            Bounty bounty = _bounties[winner.Bounty].Bounty;
            bool isFrom = bounty.Source == store.Depot && bounty.Commodity == store.Commodity
                && held.Region == _region;
            reserved += isFrom && !IsOut(held) ? winner.Quantity : Grams.Zero;
        }

        return reserved;
    }

    // What the scale weighed for an open bounty is in store; what was built is parts no longer. Goods enter
    // when their custody ends; of those that another hub handed out there is no custody here, and what counts
    // of them enters.
    private void Store(Contract contract, Grams weighed, Grams counted)
    {
        _ = _partsOut.Remove(contract.Id);
        if (_bounties.GetValueOrDefault(contract.Winner.Bounty)?.Bounty is not { } bounty)
        {
            return;
        }

        if (bounty.Kind == WorkKind.Deliver)
        {
            Move((bounty.Depot, bounty.Commodity), weighed);
        }
        else if (bounty.Kind == WorkKind.Transport && !_custody.ContainsKey(contract.Id))
        {
            Move((bounty.Depot, bounty.Commodity), counted);
        }
    }

    private void Apply(MarketFact.PartsTaken taken)
    {
        PartsOut parts = taken.Parts;
        _partsOut.Add(taken.Contract, parts);
        Move((parts.Depot, parts.Commodity), Grams.Zero - parts.Mass);
    }

    private void Apply(MarketFact.PartsBack back)
    {
        bool wereOut = _partsOut.Remove(back.Contract, out PartsOut? parts);
        Invariant.Holds(wereOut && back.Mass <= parts!.Mass);
        Move((parts.Depot, parts.Commodity), back.Mass);
    }

    private void Move((DepotId, Commodity) store, Grams mass)
    {
        Grams after = _stores.GetValueOrDefault(store) + mass;
        Invariant.Holds(after >= Grams.Zero);
        _stores[store] = after;
    }
}
