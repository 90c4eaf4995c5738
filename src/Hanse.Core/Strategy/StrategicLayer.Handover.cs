using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <content>Nodes and regions that change their hub.</content>
/// <remarks>
/// Both go by what is accepted. A node that is handed over leaves its region in that hub's own journal, with
/// what it owns and without work; when the journal is accepted, and not before, it is assigned to the next
/// region: so it belongs to one of them or to none. A region that is given up is assigned, bounty by bounty
/// and node by node, as its last accepted books stand. What its hub did after that has no credits behind it
/// any more: when its journal comes after all, what it weighed is told to the successor, which pays once.
/// </remarks>
public sealed partial class StrategicLayer
{
    /// <summary>Messages that wait in the queue to a region at most before others are held back.</summary>
    private const int QueuedMax = LinkEnd.QueueMax / 2;

    // An order that changes nothing is the same order again; so is one that comes while another is carried
    // out.
    private void HandOver(NodeId node, RegionId from, RegionId to)
    {
        from = Holder(from);
        to = Holder(to);
        if (!_charters.ContainsKey(from) || !_charters.ContainsKey(to) || _ended.Contains(to))
        {
            Refuse(Party.Of(to), 0, Refusal.UnknownRegion);
        }
        else if (from != to && !_handovers.ContainsKey(node))
        {
            Record(new StrategyFact.HandoverBegan(node, from, to));
            Entrust(from, new NodeRecalled(node, to));
        }
    }

    private void Adopt(RegionId region, RegionId successor)
    {
        successor = Holder(successor);
        if (!_charters.TryGetValue(region, out Epoch epoch)
            || !_charters.ContainsKey(successor) || _ended.Contains(successor) || region == successor)
        {
            Refuse(Party.Of(region), 0, Refusal.UnknownRegion);
            return;
        }

        if (_successors.ContainsKey(region))
        {
            return;
        }

        if (!_ended.Contains(region))
        {
            Record(new StrategyFact.CharterEnded(region, epoch));
        }

        Record(new StrategyFact.Succeeded(region, successor));
        Send(_links[region], new CharterEnded(epoch, successor));
        Reclaim(region);
        RegionReception lost = _receptions[region];
        foreach (BountyBook work in lost.Books.Bounties.Values)
        {
            // Contracts are honoured as their holders come.
            Assign(region, successor, work with { UnderContract = Grams.Zero, Contracts = 0 });
        }

        foreach (Sending sending in lost.Records.Sent.Values)
        {
            // Sent, and not known to have come: the same again.
            if (sending.Work is { } work)
            {
                Assign(region, successor, work);
            }
            else if (sending.Machine is { } machine)
            {
                Assign(
                    region, successor, machine with { Epoch = machine.Epoch.Next }, sending.Amount, null);
            }
        }

        foreach (KeyValuePair<NodeId, NodeBook> node in lost.Books.Nodes)
        {
            Assign(
                region, successor, Passage(lost, node.Key, node.Value), node.Value.Balance, node.Value);
        }

        ReclaimStrays(region);
        TellReductions(successor);

        // The reserve, and what accepted books do not know the owner of. What was burned stays where it was.
        Credits rest = _books[At(region)] - lost.Books.Burned;
        _books.Post(At(region), _budget, Credits.Max(Credits.Zero, rest));
        foreach (NodeId node in (NodeId[])[.. _handovers.Keys])
        {
            if (_handovers[node].From == region)
            {
                Record(new StrategyFact.HandoverEnded(node));
            }
        }

        Dispatch(successor);
    }

    // What was on its way to a region that is given up, and what is on its way from it: both are booked as if
    // they had come. The first is assigned to another; the second its journal has told.
    private void Reclaim(RegionId region)
    {
        foreach (KeyValuePair<TransferId, (RegionId Region, Credits Amount)> sent in
            (KeyValuePair<TransferId, (RegionId, Credits)>[])[.. _transfers])
        {
            if (sent.Value.Region == region)
            {
                _books.Post(
                    new AccountId(AccountKind.Transit, sent.Key.Value), At(region), sent.Value.Amount);
            }
        }

        ReclaimLots(region);
        foreach ((BountyId bounty, Homebound home) in
            (KeyValuePair<BountyId, Homebound>[])[.. _receptions[region].Books.Homebound])
        {
            if (_posted.GetValueOrDefault(bounty) == region)
            {
                BountyOutcome outcome =
                    Wanted(bounty) == Grams.Zero ? BountyOutcome.Cancelled
                    : home.Delivered > Grams.Zero ? BountyOutcome.PartlyFilled : BountyOutcome.Unfilled;
                Book(region, new BountyReport(
                    bounty, outcome, home.Delivered, home.Paid, Credits.Zero, home.Transfer, home.Amount));
            }
        }
    }

    private static Passage Passage(RegionReception lost, NodeId node, NodeBook book)
    {
        ContractTerms? held = lost.Books.Contracts.TryGetValue(book.Held, out ContractBook? contract)
            ? contract.TermsOf(book.Held) : null;
        return new Passage(node, book.Epoch.Next, lost.Dossiers[node], held);
    }

    private void Assign(RegionId from, RegionId to, BountyBook work)
    {
        if (_posted.GetValueOrDefault(work.Bounty.Id) != from || WithoutReturned(from, work) is not { } left)
        {
            return; // It was reported after the books were accepted: what was left of it is home.
        }

        work = left;

        Record(new StrategyFact.BountyMoved(work.Bounty.Id, to));
        TransferId transfer = Pass(from, to, work.Left, work, null);
        Entrust(to, new BountyAssigned(work.Bounty, work.Delivered, work.Paid, work.LastEpoch, transfer));
    }

    private void Assign(RegionId from, RegionId to, Passage machine, Credits balance, NodeBook? book)
    {
        if (ProbationOf(from, machine.Node, book) is { } terms)
        {
            Entrust(to, new NodeProbation(machine.Node, terms));
        }

        TransferId transfer = Pass(from, to, balance, null, machine);
        Enrol enrol = machine.Dossier.Enrol;
        Entrust(to, new NodeAssigned(
            machine.Node, machine.Epoch, enrol.Class, enrol.Generation,
            CborWriter.Bytes(machine.Dossier.State), transfer, balance, machine.Held));
    }

    private TransferId Pass(
        RegionId from, RegionId to, Credits amount, BountyBook? work, Passage? machine)
    {
        var transfer = new TransferId(_lastTransfer + 1);
        Record(new StrategyFact.TransferSent(to, new Sending(transfer, amount, work, machine)));
        _books.Post(At(from), new AccountId(AccountKind.Transit, transfer.Value), amount);
        return transfer;
    }

    // What an accepted return of a region means for others.
    private void PassOn(RegionId region)
    {
        RegionReception reception = _receptions[region];
        if (_successors.ContainsKey(region))
        {
            // Its nodes were assigned when it was given up; what it weighed since then still counts.
            RegionId holder = Holder(region);
            foreach (CargoTold told in (CargoTold[])[.. reception.Told])
            {
                Entrust(holder, told);
            }

            Dispatch(holder);
            return;
        }

        foreach ((Departure departure, Dossier dossier) in
            ((Departure, Dossier)[])[.. reception.Departed])
        {
            // Its journal was accepted, so the order stands.
            RegionId to = _handovers.TryGetValue(departure.Node, out Handover order)
                ? Holder(order.To) : region;
            Record(new StrategyFact.HandoverEnded(departure.Node));
            Assign(region, to,
                new Passage(departure.Node, departure.Book.Epoch.Next, dossier, null),
                departure.Book.Balance, departure.Book);
            Dispatch(to);
        }
    }

    // Who has now what a region had.
    private RegionId Holder(RegionId region)
    {
        while (_successors.TryGetValue(region, out RegionId successor))
        {
            region = successor;
        }

        return region;
    }

    private void Entrust(RegionId region, Message message) =>
        Record(new StrategyFact.Entrusted(_lastParcel + 1, region, message));

    // A whole region may be on its way to another: more than a queue holds. Messages overtake each other, and
    // a node must not come before what it runs is known there.
    private void Dispatch(RegionId region)
    {
        LinkEnd link = _links[region];
        bool isInformed = IsInformed(region);
        foreach ((ulong number, Parcel parcel) in (KeyValuePair<ulong, Parcel>[])[.. _parcels])
        {
            if (parcel.To != region)
            {
                continue;
            }

            if (link.Waiting >= QueuedMax || (parcel.Message is NodeAssigned && !isInformed))
            {
                return;
            }

            Record(new StrategyFact.Dispatched(number));
            Send(link, parcel.Message);
        }
    }
}
