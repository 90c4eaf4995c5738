using System;
using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Market;

/// <summary>What became of a call for help.</summary>
public enum HelpVerdict
{
    /// <summary>It is on the market.</summary>
    Taken,

    /// <summary>The mission mends nothing, or the terms are none: no time, no credits, too many
    /// spares.</summary>
    Unsound,

    /// <summary>The node holds a contract, and must give it back first.</summary>
    Leased,

    /// <summary>A call of the node stands, or the call is an old one.</summary>
    AlreadyOpen,

    /// <summary>So many stand already.</summary>
    TooMany,
}

/// <content>Machines that broke down, and others that mend them: by consent of both, paid by the one that was
/// mended.</content>
/// <remarks>
/// The problem: what was mended is known to two machines, of which one is paid by the other. The idea: the
/// patient's own word pays, and so does what it does. A machine that says it was mended pays at once. One
/// that says nothing, while a repairer says that it mended it, is held to what it does next: if it is seen to
/// move (at a berth, or offering work) before the hold ends, it was mended, and pays. So to deny gains
/// nothing but to whoever never moves again; and to claim what was not done gains nothing either, since what
/// is broken does not move. While a claim is held nobody else is sent, or it could not be told whose work it
/// was.
/// <para>
/// Invariants. A node has at most one call; while it stands it holds no contract and is given none. A call is
/// a bounty of one lot, whose worth the patient has set aside; it is over when it is mended, withdrawn or
/// past its deadline, and nothing of it runs or is held. At most one claim is held of a call. Limit:
/// <see cref="HelpsMax"/> calls, beyond which one is refused. Absent on purpose: a no. It would change
/// nothing, for it costs nothing to say.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>Most calls for help that stand at a time in one region.</summary>
    public const int HelpsMax = 256;

    private readonly SortedDictionary<NodeId, Help> _helps = [];

    // The number of each node's last call: no name is used again.
    private readonly SortedDictionary<NodeId, uint> _lastHelps = [];

    // By contract: what repairers say and patients do not.
    private readonly SortedDictionary<ContractId, RepairClaim> _claims = [];

    /// <summary>Calls for help that are not over, by patient.</summary>
    public IReadOnlyDictionary<NodeId, Help> Helps => _helps;

    /// <summary>What repairers say that is not borne out yet, by contract.</summary>
    public IReadOnlyDictionary<ContractId, RepairClaim> Claims => _claims;

    /// <summary>Whether the node has called for help and said nothing else since: it is given no work and
    /// asked for none.</summary>
    public bool IsImmobile(NodeId node) => _helps.GetValueOrDefault(node)?.State == HelpState.Open;

    /// <summary>Whether something of the node waits for the end of a repair: it calls for help, says that it
    /// has mended somebody, or may have, though its contract is over: the patient still may say so, and then
    /// it is paid.</summary>
    public bool IsBoundByRepair(NodeId node)
    {
        bool isBound = _helps.ContainsKey(node);
        foreach (RepairClaim claim in _claims.Values)
        {
            isBound |= claim.Node == node;
        }

        if (_helps.Count == 0)
        {
            return isBound;
        }

        foreach (Contract contract in _contracts.Values)
        {
            isBound |= contract.Winner.Node == node && contract.Winner.Bounty.IsHelp
                && contract.Status is not (ContractStatus.Settled or ContractStatus.DeliveredLate)
                && _bounties.ContainsKey(contract.Winner.Bounty);
        }

        return isBound;
    }

    /// <summary>A node calls for help.</summary>
    /// <param name="now">Now.</param>
    /// <param name="node">The patient.</param>
    /// <param name="asked">Its terms.</param>
    public HelpVerdict AskHelp(Instant now, NodeId node, HelpAsked asked)
    {
        WorkRules work = _rules.Work;
        Credits offer = Credits.Min(
            Credits.Min(asked.Offer, _creditOf(node)), new Credits(Credits.MicroMax / Bounty.LotsMax));
        HelpVerdict verdict =
            _helps.ContainsKey(node) || asked.Number <= _lastHelps.GetValueOrDefault(node)
                ? HelpVerdict.AlreadyOpen
            : IsHeldBy(node) || IsMissing(node) ? HelpVerdict.Leased
            : work.RepairTime == TimeSpan.Zero || asked.Spares > work.RepairSpares
                || (asked.Spares > WorkFields.NoSpares && asked.Commodity != work.RepairCommodity)
                || offer == Credits.Zero || asked.Until <= Closes
                || asked.Until > now + (2 * work.RepairConsent) ? HelpVerdict.Unsound
            : _helps.Count >= HelpsMax || _bounties.Count >= BountiesMax ? HelpVerdict.TooMany
            : HelpVerdict.Taken;
        if (verdict == HelpVerdict.Taken)
        {
            Withdraw(node); // What it offered it cannot do.
            var id = BountyId.Help(node, asked.Number);
            var bounty = new Bounty(
                id, asked.Commodity, asked.Depot, asked.Spares, asked.Spares, offer, asked.Until)
            {
                Kind = WorkKind.Repair,
                Site = asked.Site,
            };
            _record(new MarketFact.HelpOpened(
                bounty, new Help(id, asked.Fault, asked.Wear, HelpState.Open)));
            _record(new MarketFact.BountyOpened(bounty, now));
        }

        return verdict;
    }

    /// <summary>The patient wants nobody else to come.</summary>
    /// <returns>False when no such call stands.</returns>
    public bool WithdrawHelp(Instant now, NodeId node, uint number)
    {
        if (_helps.GetValueOrDefault(node) is not { State: HelpState.Open } help
            || help.Bounty.HelpNumber != number)
        {
            return false;
        }

        _record(new MarketFact.HelpChanged(help.Bounty, HelpState.Withdrawn));
        CloseBounties(now);
        return true;
    }

    /// <summary>The patient says that it was mended.</summary>
    /// <param name="now">Now.</param>
    /// <param name="node">The patient.</param>
    /// <param name="id">The contract under which.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="relief">Wear that was undone, as it says; no more than the mission's counts.</param>
    /// <returns>False when there is no such contract for its call, or it was paid for before.</returns>
    public bool HearMended(Instant now, NodeId node, ContractId id, Epoch epoch, PartsPerMillion relief)
    {
        if (_helps.GetValueOrDefault(node) is not { } help || help.State == HelpState.Mended
            || Find(id) is not { } contract || contract.Winner.Bounty != help.Bounty
            || contract.Epoch != epoch
            || (contract.Status == ContractStatus.Settled && !_claims.ContainsKey(id))
            || contract.Status == ContractStatus.DeliveredLate)
        {
            return false;
        }

        var counts = new PartsPerMillion(Math.Min(relief.Value, _rules.Work.RepairRelief.Value));
        BearOut(contract, counts);
        CloseBounties(now);
        return true;
    }

    /// <summary>A repairer says that it has mended its patient.</summary>
    /// <returns>False when there is no such contract of this node under this epoch that waits for it, or
    /// somebody else's word about the patient is held.</returns>
    public bool Claim(Instant now, NodeId node, ContractId id, Epoch epoch)
    {
        Heard(now, node);
        if (Find(id) is not { } contract || contract.Winner.Node != node || contract.Epoch != epoch
            || contract.Status is ContractStatus.Settled or ContractStatus.DeliveredLate
            || now >= ForgetAt(contract)
            || _bounties.GetValueOrDefault(contract.Winner.Bounty) is not { } bounty
            || bounty.Bounty.Kind != WorkKind.Repair
            || _helps[bounty.Bounty.Id.Patient].State == HelpState.Mended
            || IsClaimed(bounty.Bounty.Id)
            || (!contract.IsLive && bounty.Open < contract.Winner.Quantity))
        {
            return false;
        }

        Winner winner = contract.Winner;
        if (_helps[bounty.Bounty.Id.Patient].State == HelpState.Moved)
        {
            BearOut(contract, _rules.Work.RepairRelief);
        }
        else
        {
            _record(new MarketFact.RepairClaimed(id, new RepairClaim(
                winner.Bounty, node, epoch, winner.Quantity,
                winner.PricePerLot.ForPart(winner.Quantity, bounty.Bounty.Lot),
                Instant.Min(now + _rules.Work.RepairHold, ForgetAt(contract)))));
        }

        CloseBounties(now);
        return true;
    }

    /// <summary>The node was seen to do what no machine can that is broken.</summary>
    /// <param name="now">Now.</param>
    /// <param name="node">Who; one that does not call for help may do what it likes.</param>
    /// <param name="isAtDepot">Whether it was seen at a depot: of a patient that lies at one, that says
    /// nothing.</param>
    public void SeeMoving(Instant now, NodeId node, bool isAtDepot)
    {
        if (_helps.GetValueOrDefault(node) is not { State: HelpState.Open or HelpState.Withdrawn } help
            || (isAtDepot && _bounties[help.Bounty].Bounty.Site == default))
        {
            return;
        }

        _record(new MarketFact.HelpChanged(help.Bounty, HelpState.Moved));
        if (ClaimOf(help.Bounty) is { } claimed)
        {
            BearOut(_contracts[claimed], _rules.Work.RepairRelief);
        }

        CloseBounties(now);
    }

    // The patient was mended under this contract: it is paid for, once, like cargo on a scale.
    private void BearOut(Contract contract, PartsPerMillion relief)
    {
        BountyId of = contract.Winner.Bounty;
        _record(new MarketFact.Mended(contract.Id, relief));
        if (_claims.TryGetValue(contract.Id, out RepairClaim? claim))
        {
            _record(new MarketFact.ClaimEnded(contract.Id, claim, IsPaid: true));
            return;
        }

        _ = Settle(contract, _bounties[of], contract.Winner.Quantity);
        if (ClaimOf(of) is { } other)
        {
            _record(new MarketFact.ClaimEnded(other, _claims[other], IsPaid: false));
        }
    }

    private void EndClaims(Instant now)
    {
        bool ended = false;
        foreach (KeyValuePair<ContractId, RepairClaim> claim in
            (KeyValuePair<ContractId, RepairClaim>[])[.. _claims])
        {
            if (claim.Value.Until <= now)
            {
                _record(new MarketFact.ClaimEnded(claim.Key, claim.Value, IsPaid: false));
                ended = true;
            }
        }

        if (ended)
        {
            CloseBounties(now);
        }
    }

    private Instant NextClaim
    {
        get
        {
            Instant next = Instant.Never;
            foreach (RepairClaim claim in _claims.Values)
            {
                next = Instant.Min(next, claim.Until);
            }

            return next;
        }
    }

    // The contract under which somebody says that this call was answered: one at most.
    private ContractId? ClaimOf(BountyId bounty)
    {
        foreach (KeyValuePair<ContractId, RepairClaim> claim in _claims)
        {
            if (claim.Value.Bounty == bounty)
            {
                return claim.Key;
            }
        }

        return null;
    }

    private bool IsClaimed(BountyId bounty) => ClaimOf(bounty) is not null;

    // Whether somebody may be sent for it: of a call for help, while it stands and nobody says it is done.
    private bool IsConsented(BountyId bounty) =>
        !bounty.IsHelp || (IsImmobile(bounty.Patient) && !IsClaimed(bounty));

    // Whether it asks for nobody any more, though there is time left.
    private bool IsTurnedAway(BountyId bounty) => bounty.IsHelp && !IsImmobile(bounty.Patient);

    private void Apply(MarketFact.HelpOpened opened)
    {
        Help help = opened.Help;
        NodeId patient = help.Bounty.Patient;
        Invariant.Holds(!IsHeldBy(patient));
        _helps.Add(patient, help);
        _lastHelps[patient] = help.Bounty.HelpNumber;
    }

    private void Apply(MarketFact.HelpChanged changed) => Change(changed.Bounty, changed.State);

    private void Apply(MarketFact.Mended mended) =>
        Change(_contracts[mended.Contract].Winner.Bounty, HelpState.Mended);

    private void Apply(MarketFact.RepairClaimed claimed)
    {
        Contract contract = _contracts[claimed.Contract];
        _claims.Add(claimed.Contract, claimed.Claim);
        if (contract.IsLive)
        {
            End(claimed.Contract, ContractStatus.Settled, Grams.Zero, Credits.Zero);
            return;
        }

        Unindex(contract);
        _contracts[claimed.Contract] = contract with { Status = ContractStatus.Settled };
        Index(_contracts[claimed.Contract]);
    }

    private void Apply(MarketFact.ClaimEnded ended)
    {
        bool wasHeld = _claims.Remove(ended.Contract, out RepairClaim? claim);
        Invariant.Holds(wasHeld && claim == ended.Claim);
        Count(
            _bounties[claim!.Bounty],
            ended.IsPaid ? claim.Quantity : Grams.Zero,
            ended.IsPaid ? claim.Pay : Credits.Zero);
    }

    private void Change(BountyId bounty, HelpState state)
    {
        _helps[bounty.Patient] = _helps[bounty.Patient] with { State = state };
        _ = _perhapsOver.Add(bounty);
    }

    private void ShapeRepairs<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Table(
            "helps",
            _helps,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, Help value) => Help.Shape(ref c, value));
        codec.Table(
            "lastHelps",
            _lastHelps,
            static (ref TCodec c, NodeId key) => c.Node("node", key),
            static (ref TCodec c, uint value) => (uint)c.Integer("number", value, 0, BountyId.HelpsMax));
        codec.Table(
            "claims",
            _claims,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, RepairClaim value) => RepairClaim.Shape(ref c, value));
    }
}
