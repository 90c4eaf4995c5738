using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>Work other than deliveries: how it is accepted and paid.</content>
public sealed partial class RegionalHub
{
    // A node whose claims do not count just now is not believed in this either.
    private void Take(Instant now, NodeId node, SurveyTold told)
    {
        bool isTaken = May(node, NodeAct.ClaimShared)
            && _market.Report(now, node, told.Contract, told.Epoch, told.Finding);
        RefuseUnless(isTaken, Party.Of(node), told, Refusal.UnknownContract);
        if (isTaken)
        {
            _market.CloseBounties(now);
        }
    }

    // The survey stood its time. It may be long after the contract was forgotten.
    private void PayKept(MarketFact.KeptPaid paid)
    {
        KeptPay kept = paid.Pay;
        _treasury.Pay(kept.Bounty, kept.Node, kept.Kept);
        Send(
            _roster[kept.Node].Link,
            new ContractClosed(paid.Contract, kept.Epoch, ContractOutcome.Settled, Grams.Zero, kept.Kept),
            Priority.Contract);
    }

    // A node at a depot of this region with a contract that takes of its store gets what that is about, once.
    // Whatever it gets is measured at both ends of the counter, so that its journal is held against that.
    private void HandOut(Instant now, HubInput.PartsAsked asked)
    {
        if (!Handles(now, asked.Node, asked.Docking))
        {
            return;
        }

        Grams mass =
            _market.HandOut(asked.Node, asked.Depot, asked.Contract, asked.Epoch, asked.Wanted);
        RefuseUnless(mass > Grams.Zero, Party.Of(asked.Node), 0, Refusal.UnknownContract);
        Record(new HubFact.Handled(asked.Node, asked.Docking, mass));
        Measure(now, asked.Node, asked.Depot, asked.Docking, Resource.Cargo, Cause.Taken, mass);
        Serve(asked.Node, _roster[asked.Node]);
    }

    // What stands is paid for; what was brought is held against the node's journal, whether it stands or not.
    private void Inspect(Instant now, HubInput.Inspected seen)
    {
        if (!Handles(now, seen.Node, seen.Docking))
        {
            return;
        }

        if (_roster[seen.Node].Promised is { } promised && promised.Contract == seen.Contract)
        {
            _ = _market.Honour(now, seen.Node, promised);
        }

        WeighingVerdict verdict = _market.Inspect(seen.Node, seen.Contract, seen.Epoch, seen.Standing);
        RefuseUnless(
            verdict is WeighingVerdict.Settled or WeighingVerdict.Late, Party.Of(seen.Node), 0,
            verdict == WeighingVerdict.AlreadyDelivered
                ? Refusal.AlreadyDelivered : Refusal.UnknownContract);
        Record(new HubFact.Handled(seen.Node, seen.Docking, Grams.Zero));
        Measure(
            now, seen.Node, Spec.Depots[0], seen.Docking, Resource.Cargo, Cause.Given, seen.Brought,
            Spec.Rules.Work.InspectionSigma);
        Serve(seen.Node, _roster[seen.Node]);
        _market.CloseBounties(now);
    }

    // Whether it is news of a node of this region, at a place of this region. Whoever it is, it may go on: a
    // stranger with nothing.
    private bool Handles(Instant now, NodeId node, uint docking, bool isHere = true)
    {
        if (!_roster.TryGetValue(node, out RosterEntry? entry) || entry.HasLeft || !isHere)
        {
            Refuse(Party.Of(node), 0, Refusal.UnknownSender);
            _outbox.Emit(new HubEffect.Serve(node, docking, Grams.Zero, default));
            return false;
        }

        if (docking <= entry.Service.Docking)
        {
            Serve(node, entry); // The same again: the answer was lost.
            return false;
        }

        _market.Heard(now, node);
        return true;
    }
}
