using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <content>Nodes and bounties that come from another hub, and nodes that go to one.</content>
public sealed partial class RegionalHub
{
    // A node that is not here, or on its way already, is an old story.
    private void Recall(NodeId node, RegionId to)
    {
        if (_roster.TryGetValue(node, out RosterEntry? entry) && !entry.HasLeft && to != Spec.Region
            && !_retiring.ContainsKey(node))
        {
            Record(new HubFact.NodeRecalled(node, to));
            _market.Withdraw(node);
        }
    }

    // Whoever holds no work goes, with what it owns; what is accepted of it is told first.
    private void LetGo()
    {
        foreach ((NodeId node, RegionId to) in (KeyValuePair<NodeId, RegionId>[])[.. _recalled])
        {
            if (!_market.IsHeldBy(node) && !_market.IsMissing(node) && !_market.HasCustody(node)
                && !_market.IsBoundByRepair(node))
            {
                _market.EndHoldsOf(_now, node);
                _reconciler.Withdraw(node);
                _scribe.Vouch(_now, node);
                Credits balance = _treasury.Of(node);
                _treasury.Release(node);
                Record(new HubFact.NodeReleased(node, balance));
                Send(_roster[node].Link, new Redirected(to), Priority.Contract);
            }
        }
    }

    // Another hub has everything: the nodes are told where to call.
    private void SendAway(RegionId successor)
    {
        if (successor.Value == 0)
        {
            return;
        }

        foreach (RosterEntry entry in _roster.Values)
        {
            if (!entry.HasLeft)
            {
                Send(entry.Link, new Redirected(successor), Priority.Contract);
            }
        }
    }

    private void Adopt(NodeAssigned assigned)
    {
        bool isHere = _roster.TryGetValue(assigned.Node, out RosterEntry? entry) && !entry.HasLeft;
        if (isHere || !CborReader.TryRead(assigned.Accepted, out AcceptedState? _, out _))
        {
            Refuse(Party.Strategy, assigned.Kind, Refusal.AlreadyEnrolled);
            return;
        }

        _treasury.TakeBalance(assigned.Transfer, assigned.Node, assigned.Balance);
        Record(new HubFact.NodeAdopted(assigned));
        Send(_uplink, new CreditsReceived(assigned.Transfer), Priority.Contract);
    }

    // Whether a frame is the first of a node under its new epoch.
    private static bool Arrives(RosterEntry entry, Frame frame)
    {
        bool arrives = false;
        foreach (Envelope envelope in frame.Envelopes)
        {
            arrives |= envelope.Message is Arrived arrived && arrived.Epoch == entry.Epoch;
        }

        return arrives;
    }

    // Whatever a node says that is assigned to this hub and does not know it, it hears that it is. Said with
    // every answer until it has arrived: it is not the link's to repeat, which begins with the node's answer.
    private void Welcome(Instant now, NodeId node, RosterEntry entry)
    {
        ulong accepted = _reconciler.Receptions[node].Accepted.Head.Size;
        Transmit(entry.Link.Compose(
            now, hail: false, owesAnswer: true,
            new Enrolled(Spec.Region, entry.Epoch, Spec.Rules.DeadBands, accepted)));
    }

    private void Apply(NodeAssigned assigned)
    {
        // One that joined the fleet here and comes back calls as it did then.
        bool isForeign = !_roster.TryGetValue(assigned.Node, out RosterEntry? former) || former.IsForeign;
        _roster[assigned.Node] = new RosterEntry(assigned.Epoch, LinkTo(assigned.Node, isForeign), isForeign)
        {
            Class = assigned.Class,
            Generation = assigned.Generation,
            HasArrived = false,
            Service = former?.Service ?? default, // Its dockings go on counting.
            Issued = former?.Issued ?? default,
            Promised = assigned.Held,
        };
        bool isRead = CborReader.TryRead(assigned.Accepted, out AcceptedState? accepted, out _);
        Invariant.Holds(isRead);
        _reconciler.Adopt(assigned.Node, accepted!);
    }

    private void Adopt(Instant now, BountyAssigned assigned)
    {
        Bounty bounty = assigned.Bounty;
        if (_market.Bounties.ContainsKey(bounty.Id) || assigned.Left < Credits.Zero)
        {
            Refuse(Party.Strategy, assigned.Kind, Refusal.BountyNotTaken);
            return;
        }

        _treasury.TakeEscrow(assigned.Transfer, bounty.Id, assigned.Left);
        Send(_uplink, new CreditsReceived(assigned.Transfer), Priority.Contract);
        if (!Keeps(bounty) || !_market.Adopt(assigned, now + Spec.AdoptionGrace))
        {
            BountyOutcome outcome =
                assigned.Delivered > Grams.Zero ? BountyOutcome.PartlyFilled : BountyOutcome.Unfilled;
            Refuse(Party.Strategy, assigned.Kind, Refusal.BountyNotTaken);
            SendHome(new MarketFact.BountyClosed(
                bounty.Id, outcome, assigned.Delivered, assigned.Paid, Credits.Zero));
        }
    }

    // The work it holds goes on here, if its part is open: on the terms that the hub before told, or, if
    // that was given after the last it told, on those that the node names, which are never better than the
    // bounty's own.
    private void Arrive(Instant now, NodeId node, Arrived arrived)
    {
        RosterEntry entry = _roster[node];
        if (arrived.Epoch != entry.Epoch || entry.HasArrived)
        {
            return;
        }

        Record(new HubFact.NodeArrived(node, now));
        Record(new HubFact.PlanTaken(node, arrived.Plan));
        if (arrived.Held is not { } held)
        {
            return;
        }

        ContractTerms terms = entry.Promised?.Contract == held.Contract
            ? Extended(entry.Promised, held.Due) : held;
        if (!_market.Honour(now, node, terms))
        {
            Send(
                entry.Link,
                new ContractClosed(
                    held.Contract, held.Epoch, ContractOutcome.Released, Grams.Zero, Credits.Zero),
                Priority.Contract);
        }
    }

    // The hub before may have moved the due time after the last it told; no further than the rules allow.
    private ContractTerms Extended(ContractTerms promised, Instant due) =>
        due > promised.Due && due <= promised.Due + (Auctioneer.ExtensionsMax * Spec.Rules.ExtensionMax)
            ? promised with { Due = due } : promised;

    // The scale of a hub that had been taken over without having heard of it. Counted once, by its contract.
    private void Hear(Instant now, CargoTold told)
    {
        if (_roster.TryGetValue(told.Node, out RosterEntry? entry) && !entry.HasLeft)
        {
            _market.Recount(now, told.Node, told.Work, told.Commodity, told.Weighed);
            _market.CloseBounties(now);
        }
    }
}
