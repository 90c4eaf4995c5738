using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>What dockings and returns mean for the fleet: settlement, merge, and what an operator has to look
/// at.</content>
public sealed partial class RegionalHub
{
    // Whether a node may do something, by how far its word counts.
    private bool May(NodeId node, NodeAct act) => _merge.Of(node).Standing.May(act);

    // A scale of this region speaks in order and at once, so what it weighs is settled at once.
    private void Weigh(Instant now, HubInput.Docked docked)
    {
        if (_roster[docked.Node].Promised is { } promised && promised.Contract == docked.Contract)
        {
            // Held when the node was taken over, and lapsed on the node by now; it may still count.
            _ = _market.Honour(now, docked.Node, promised);
        }

        WeighVerdict taken = _merge.Deliveries.Weigh(new Weighing
        {
            Docking = new DockingId(docked.Node, docked.Docking),
            Contract = _market.EndsAt(docked.Contract, docked.Depot) ? docked.Contract : default,
            Epoch = docked.Epoch,
            Commodity = docked.Commodity,
            Mass = docked.Weighed,
            At = now,
        });
        Invariant.Holds(taken == WeighVerdict.Taken);
        foreach (Conflict conflict in _merge.Settle())
        {
            Bring(now, conflict);
            if (conflict.Kind != ConflictKind.LateDelivery)
            {
                bool isTwice = conflict.Kind == ConflictKind.CountedTwice;
                Refuse(
                    Party.Of(docked.Node), 0, isTwice ? Refusal.AlreadyDelivered : Refusal.UnknownContract);
            }
        }

        _market.CloseBounties(now);
    }

    // What became of a return becomes the business of the node, of the fleet and of the operator.
    private void Route(ReconcileFact fact)
    {
        switch (fact)
        {
            case ReconcileFact.Judged(var node, var at, var verdict):
                Tell(node, verdict.Accepted.Head, verdict.Outcome, verdict.Reasons);
                Take(at, node, verdict);
                break;
            case ReconcileFact.Reviewed(var node, true):
                // What it offers is received, if it was taken over; else this is what it was told before.
                Reception reception = _reconciler.Receptions[node];
                Tell(node, reception.Accepted.Head, reception.LastOutcome, []);
                break;
            default:
                break; // The rest is the reconciler's own business.
        }
    }

    private void Take(Instant at, NodeId node, ReturnVerdict verdict)
    {
        if (verdict.Outcome != ReturnOutcome.Quarantined)
        {
            Standing standing =
                verdict.Outcome == ReturnOutcome.Corrected ? Standing.Corrected : Standing.Trusted;
            Merge(at, node, verdict.Accepted, verdict.Claims, standing);
            return;
        }

        _merge.Doubt(node);
        _market.Withdraw(node);
        var codes = new SortedSet<ulong>();
        foreach (Reason reason in verdict.Reasons)
        {
            _ = codes.Add((ulong)reason.Code);
        }

        _ = _reviews.Bring(at, new ReviewMatter.Doubt(
            node, verdict.Accepted.Head.Size, [.. codes], verdict.Contested is not null));
    }

    private void Merge(
        Instant at, NodeId node, AcceptedState accepted, ReturnClaims claims, Standing standing)
    {
        NodeReturn theirs = ClaimFold.Of(node, _merge, accepted, claims);
        BiasEstimate cargo = BiasEstimate.Prior(Spec.Returns.Calibration);
        foreach (Conflict conflict in _merge.Merge(theirs, standing, cargo).Conflicts)
        {
            Bring(at, conflict);
        }

        ImmutableArray<Finding> dug = ClaimFold.Dug(claims);
        foreach (Finding found in dug)
        {
            _market.Contradict(node, found);
        }

        if (dug.Length > 0)
        {
            _market.CloseBounties(_now);
        }
    }

    private void Bring(Instant at, Conflict conflict)
    {
        if (!conflict.IsSettled)
        {
            _ = _reviews.Bring(at, new ReviewMatter.Contradiction(conflict));
        }
    }

    private void Review(Instant now, ulong number, bool isAccepted)
    {
        ReviewCase? decided = isAccepted ? _reviews.Accept(number) : _reviews.Reject(number);
        switch (decided?.Matter)
        {
            case ReviewMatter.Doubt(var node, _, _, _)
                when isAccepted && _reconciler.Receptions.TryGetValue(node, out Reception? reception):
                ContestedReturn? contested = reception.Quarantine?.Contested;
                _reconciler.Review(node, isAccepted);
                _merge.Rehabilitate(node);
                if (contested is not null)
                {
                    Merge(now, node, contested.Accepted, contested.Claims, Standing.Corrected);
                }

                break;
            case ReviewMatter.Contradiction(var conflict) when !isAccepted:
                Favour(now, conflict);
                break;
            default:
                break; // What the rule said stands; a rejected return stays where it is.
        }
    }

    // Decided for the node. What can still be done for it is to pay cargo that was not counted, of what
    // nobody else has, as long as the node is one of this region; a berth that was another's, or a right that
    // was overdrawn, is past.
    private void Favour(Instant now, Conflict conflict)
    {
        bool isHere = _roster.TryGetValue(conflict.Theirs.Node, out RosterEntry? entry) && !entry.HasLeft;
        if (isHere && conflict.Kind is (ConflictKind.CountedTwice or ConflictKind.LateDelivery))
        {
            var uncounted = new Grams(conflict.Theirs.Amount - conflict.Ours.Amount);
            _ = _market.Recognise(conflict.Theirs.Node, new ContractId(conflict.Subject), uncounted);
            _market.CloseBounties(now);
        }
    }
}
