using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <content>Machines that broke down, and what they pay each other.</content>
/// <remarks>What a patient has set aside stays part of its balance in these books, and is not to be spent on
/// anything else: so when a hub is lost, its calls for help are over, and each patient has all of its
/// own.</remarks>
public sealed partial class RegionBooks
{
    private readonly SortedDictionary<BountyId, HelpBook> _helps = [];
    private readonly SortedDictionary<ContractId, RepairBook> _repairs = [];

    /// <summary>Calls for help that are not over.</summary>
    public IReadOnlyDictionary<BountyId, HelpBook> Helps => _helps;

    private void OpenHelp(Bounty call, in Finder at)
    {
        NodeBook? patient = Find(call.Id.Patient, at);
        at.Unless(call.Id.IsHelp && call.Kind == WorkKind.Repair, ReasonCode.BountyUnknown, 0,
            (long)call.Id.Value);
        at.Unless(patient is null || patient.Held.Value == 0, ReasonCode.NodeHeldTwice, 0,
            (long)(patient?.Held.Value ?? 0));
        Credits free = Less(patient?.Balance ?? Credits.Zero, SetAsideBy(call.Id.Patient));
        at.Unless(call.Worth <= free, ReasonCode.BalanceExceeded, free.Micro, call.Worth.Micro);
        Keep(_helps, call.Id, new HelpBook(call, default, default), BountiesMax, at);
    }

    private void CloseHelp(BountyId call, in Finder at)
    {
        at.Unless(_helps.Remove(call), ReasonCode.BountyUnknown, 0, (long)call.Value);
        foreach ((ContractId id, RepairBook repair) in (KeyValuePair<ContractId, RepairBook>[])[.. _repairs])
        {
            if (repair.Bounty == call)
            {
                at.Unless(!repair.IsLive, ReasonCode.ContractNotHeld, 0, (long)id.Value);
                Change(repair.Node, book => book.Held == id ? book with { Held = default } : book);
                _ = _repairs.Remove(id);
                _ = _partsOut.Remove(id);
            }
        }
    }

    private void HoldRepair(ContractTerms terms, NodeId node, in Finder at)
    {
        if (!_helps.TryGetValue(terms.Bounty, out HelpBook? help))
        {
            at.Unless(false, ReasonCode.BountyUnknown, 0, (long)terms.Bounty.Value);
            return;
        }

        at.Unless(terms.Quantity == help.Bounty.Total, ReasonCode.AwardExceedsOpen,
            help.Bounty.Total.Value, terms.Quantity.Value);
        at.Unless(terms.PricePerLot <= help.Bounty.ValuePerLot, ReasonCode.PriceAboveReserve,
            help.Bounty.ValuePerLot.Micro, terms.PricePerLot.Micro);
        var repair = new RepairBook(
            terms.Bounty, node, Credits.Min(terms.PricePerLot, help.Bounty.ValuePerLot), IsLive: true);
        if (Keep(_repairs, terms.Contract, repair, ContractsMax, at))
        {
            Change(node, book => book with { Held = terms.Contract });
        }
    }

    // Only what was mended is paid for, at the contract's price, by the one that was mended.
    private void EndRepair(ContractId id, ContractOutcome outcome, Credits paid, in Finder at)
    {
        RepairBook repair = _repairs[id];
        bool isDelivery = outcome is ContractOutcome.Settled or ContractOutcome.DeliveredLate;
        bool isMended = _helps[repair.Bounty].MendedBy == id;
        at.Unless(isDelivery ? isMended : paid == Credits.Zero, ReasonCode.PaidOtherwise, 0, paid.Micro);
        at.Unless(paid == Credits.Zero || paid == repair.Price, ReasonCode.PaidOtherwise, repair.Price.Micro,
            paid.Micro);
        _repairs[id] = repair with { IsLive = false };
        Change(repair.Node, book => book.Held == id ? book with { Held = default } : book);
        _ = isDelivery && _partsOut.Remove(id);
        PayRepair(id, paid, at);
    }

    private void PayRepair(ContractId id, Credits paid, in Finder at)
    {
        if (!_repairs.TryGetValue(id, out RepairBook? repair))
        {
            at.Unless(false, ReasonCode.ContractNotHeld, 0, (long)id.Value);
            return;
        }

        HelpBook help = _helps[repair.Bounty];
        at.Unless(paid == Credits.Zero || (help.MendedBy == id && paid == repair.Price),
            ReasonCode.PaidOtherwise, repair.Price.Micro, paid.Micro);
        at.Unless(paid <= help.Left, ReasonCode.EscrowExceeded, help.Left.Micro, paid.Micro);
        Credits moved = Credits.Min(paid, help.Left);
        _helps[repair.Bounty] = help with { Paid = help.Paid + moved };
        Change(repair.Bounty.Patient, book => book with { Balance = Less(book.Balance, moved) });
        if (paid > Credits.Zero)
        {
            Give(repair.Node, moved, at);
        }
    }

    private void Mend(ContractId id, in Finder at)
    {
        bool isKnown = _repairs.TryGetValue(id, out RepairBook? repair);
        at.Unless(isKnown && _helps[repair!.Bounty].MendedBy == default, ReasonCode.ContractNotHeld, 0,
            (long)id.Value);
        if (isKnown)
        {
            _helps[repair!.Bounty] = _helps[repair.Bounty] with { MendedBy = id };
        }
    }

    // What a node may not spend on anything else.
    private Credits SetAsideBy(NodeId node)
    {
        Credits sum = Credits.Zero;
        foreach (HelpBook help in _helps.Values)
        {
            sum += help.Bounty.Id.Patient == node ? help.Left : Credits.Zero;
        }

        return sum;
    }

    // What a contract takes parts for: its bounty, how much of it, and whether it is live.
    private (Bounty Bounty, Grams Quantity, bool IsLive)? PartsFor(ContractId id) =>
        _contracts.TryGetValue(id, out ContractBook? contract)
            ? (_bounties[contract.Bounty].Bounty, contract.Quantity, contract.IsLive)
        : _repairs.TryGetValue(id, out RepairBook? repair)
            ? (_helps[repair.Bounty].Bounty, _helps[repair.Bounty].Bounty.Total, repair.IsLive)
        : null;

    private void ShapeRepairs<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Table(
            "helps",
            _helps,
            static (ref TCodec c, BountyId key) => c.Bounty("bounty", key),
            static (ref TCodec c, HelpBook value) => HelpBook.Shape(ref c, value));
        codec.Table(
            "repairs",
            _repairs,
            static (ref TCodec c, ContractId key) => c.Contract("contract", key),
            static (ref TCodec c, RepairBook value) => RepairBook.Shape(ref c, value));
    }
}

/// <summary>A call for help as a region's journal tells it.</summary>
/// <param name="Bounty">Its terms.</param>
/// <param name="Paid">What the patient has paid of what it set aside.</param>
/// <param name="MendedBy">The contract under which it was mended; zero while it was not.</param>
public sealed record HelpBook(Bounty Bounty, Credits Paid, ContractId MendedBy) : IShaped<HelpBook>
{
    /// <summary>What is still set aside.</summary>
    public Credits Left => Bounty.Worth - Paid;

    /// <inheritdoc/>
    public static HelpBook Shape<TCodec>(ref TCodec codec, HelpBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("helpBook", 3);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        ContractId by = codec.Contract("mendedBy", value?.MendedBy ?? default);
        codec.Close();
        return value ?? new HelpBook(bounty, paid, by);
    }
}

/// <summary>A repairer's contract as a region's journal tells it.</summary>
/// <param name="Bounty">The call for help.</param>
/// <param name="Node">Who mends.</param>
/// <param name="Price">What it is paid for the whole.</param>
/// <param name="IsLive">Whether it is under way.</param>
public sealed record RepairBook(BountyId Bounty, NodeId Node, Credits Price, bool IsLive)
    : IShaped<RepairBook>
{
    /// <inheritdoc/>
    public static RepairBook Shape<TCodec>(ref TCodec codec, RepairBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("repairBook", 4);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Credits price = codec.Money("price", value?.Price ?? default);
        bool isLive = codec.Flag("isLive", value?.IsLive ?? false);
        codec.Close();
        return value ?? new RepairBook(bounty, node, price, isLive);
    }
}
