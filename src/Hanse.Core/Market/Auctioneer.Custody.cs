using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>Goods between two scales.</content>
/// <remarks>
/// The problem: goods of the fleet are aboard a machine that nobody sees, and there is no second witness of
/// how much it took. The idea is the carrier's liability of every bill of lading: the counter's scale says
/// what was handed out, the next scale the carrier comes to says what is there, and what is missing in
/// between beyond what two scales err by is the carrier's. It is paid for what arrives, by the price of its
/// contract, and charged for what is lost, by a price that was stated before.
/// <para>
/// Whoever takes goods into custody owns what they would be charged at: when it bids, when it wins, and when
/// they are handed out. While it has them it is served nowhere, leaves for nowhere, and stakes nothing that
/// the charge may need. So to keep them is to pay for them, in full; and nobody ever owes.
/// </para>
/// <para>
/// Invariant: a node has goods for one contract at most. Custody ends once: at the first scale that the node
/// comes to, wherever that is and whatever the cargo is said to be for, or when its contract is forgotten.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    // By contract, live or not.
    private readonly SortedDictionary<ContractId, Custody> _custody = [];

    // Derived: the contract that a node has goods for.
    private readonly SortedDictionary<NodeId, ContractId> _carriers = [];

    /// <summary>Goods that nodes answer for, by contract.</summary>
    public IReadOnlyDictionary<ContractId, Custody> InCustody => _custody;

    /// <summary>Whether a node answers for goods.</summary>
    public bool HasCustody(NodeId node) => _carriers.ContainsKey(node);

    /// <summary>Whether cargo for a contract counts at a depot: where its work ends.</summary>
    public bool EndsAt(ContractId contract, DepotId depot) => Find(contract) is not { } found
        || _bounties.GetValueOrDefault(found.Winner.Bounty) is not { } bounty || bounty.Bounty.Depot == depot;

    /// <summary>A node has docked and what it brings is weighed and settled: goods that it answers for are on
    /// that scale, or they are lost.</summary>
    /// <param name="node">Who.</param>
    /// <param name="depot">Where.</param>
    /// <param name="contract">What the cargo is said to be for. What is for another contract is not the
    /// goods: that may have been paid for.</param>
    /// <param name="commodity">What the cargo is.</param>
    /// <param name="weighed">How much.</param>
    public void EndCustody(
        NodeId node, DepotId depot, ContractId contract, Commodity commodity, Grams weighed)
    {
        if (_carriers.TryGetValue(node, out ContractId carried))
        {
            bool isTheirs = (contract == default || contract == carried)
                && commodity == _custody[carried].Commodity;
            EndCustody(carried, depot, isTheirs ? weighed : Grams.Zero);
        }
    }

    private void EndCustody(ContractId contract, DepotId at, Grams weighed)
    {
        Custody custody = _custody[contract];
        Grams lost = custody.Lost(weighed, _rules.Work.CustodyTolerance);
        Credits charge = Credits.Min(custody.ChargeFor(lost), _creditOf(custody.Node));
        _record(new MarketFact.CustodyEnded(contract, at, weighed, lost, charge));
    }

    // What a carrier must own, besides its bond: for as much as may be handed out to it.
    private Credits LiabilityOf(BountyId id, Grams quantity)
    {
        if (_bounties.GetValueOrDefault(id)?.Bounty is not { Kind: WorkKind.Transport } bounty)
        {
            return Credits.Zero;
        }

        Grams most = Bounty.Countable(quantity, quantity);
        return CustodyOf(default, bounty, most).ChargeFor(most);
    }

    // What a node can stake or answer with: what it answers with already is not its to give.
    private Credits CreditOf(NodeId node)
    {
        Credits credit = _creditOf(node);
        return !_carriers.TryGetValue(node, out ContractId carried) ? credit
            : Credits.Max(Credits.Zero, credit - _custody[carried].ChargeFor(_custody[carried].Mass));
    }

    private Custody CustodyOf(NodeId node, Bounty bounty, Grams mass) => new(
        node, bounty.From, bounty.Commodity, mass, bounty.Lot,
        _rules.Work.ChargeOf(bounty.ValuePerLot));

    // The most of a contract's cargo that can count: what was handed out for it. What another hub handed out
    // is known to its books only; the contract bounds it.
    private Grams TakenFor(Contract contract, OpenBounty bounty) =>
        _custody.TryGetValue(contract.Id, out Custody? custody) ? custody.Mass
        : _partsOut.TryGetValue(contract.Id, out PartsOut? parts) ? parts.Mass
        : contract.Id.Region == _region ? Grams.Zero
        : Bounty.Countable(contract.Winner.Quantity, bounty.Open);

    private void Apply(MarketFact.CustodyTaken taken)
    {
        Custody custody = taken.Custody;
        _custody.Add(taken.Contract, custody);
        _carriers.Add(custody.Node, taken.Contract);
        Move((custody.From, custody.Commodity), Grams.Zero - custody.Mass);
    }

    private void Apply(MarketFact.CustodyEnded ended)
    {
        bool wasOut = _custody.Remove(ended.Contract, out Custody? custody);
        Invariant.Holds(wasOut && ended.Lost <= custody!.Mass);
        _ = _carriers.Remove(custody.Node);
        if (ended.At.Value > 0)
        {
            Move((ended.At, custody.Commodity), ended.Weighed);
        }
    }
}
