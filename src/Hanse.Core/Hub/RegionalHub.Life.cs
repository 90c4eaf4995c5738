using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Twin;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>What a hub makes of the promises of a contract, of the silence after them, and of how far a
/// holder is.</content>
public sealed partial class RegionalHub
{
    // An award that reaches nobody is answered by nobody.
    private void WatchAnswer(MarketFact.Awarded awarded)
    {
        if (Spec.Rules.MilestoneWindows > 0)
        {
            _market.Watch(
                awarded.Contract,
                [WatchOf(_roster[awarded.Winner.Node], default, awarded.AcceptBy)]);
        }
    }

    // The node's own word for when each stage is over. One that is after the lease, or out of order, is no
    // promise.
    private void WatchStages(RosterEntry entry, ContractId contract, ImmutableArray<Milestone> milestones)
    {
        if (Spec.Rules.MilestoneWindows == 0 || _market.Find(contract) is not { IsLive: true } live)
        {
            return;
        }

        var watches = ImmutableArray.CreateBuilder<Watch>(milestones.Length);
        foreach (Milestone milestone in milestones)
        {
            if (milestone.Due < live.Due)
            {
                watches.Add(WatchOf(entry, milestone.Stage, milestone.Due));
            }
        }

        _market.Watch(contract, watches.ToImmutable());
    }

    // A plan that slipped moves the last promise; those in between say only that the node is to be heard.
    private void MoveArrival(NodeId node, Plan plan)
    {
        if (Spec.Rules.MilestoneWindows == 0
            || _market.HeldBy(node) is not { Status: ContractStatus.Accepted } live
            || live.Id != plan.Contract)
        {
            return;
        }

        ImmutableArray<Watch> watches = live.Watches;
        if (watches.Length > 0 && watches[^1].Stage == ContractStage.Unloading)
        {
            watches = watches.RemoveAt(watches.Length - 1);
        }

        if (plan.Arrives < live.Due)
        {
            watches = watches.Add(WatchOf(_roster[node], ContractStage.Unloading, plan.Arrives));
        }

        _market.Watch(live.Id, watches);
    }

    // The node calls in the windows that open after the milestone by its own clock, which is right to the
    // clock error, and as far inside them; so by that much after their end, and light, its calls are here, if
    // there were any. Windows that a planned outage takes are none.
    private Watch WatchOf(RosterEntry entry, ContractStage stage, Instant due)
    {
        ContactPlan plan = entry.Link.Plan;
        Instant opening = plan.NextOpening(due + Spec.Rules.ClockErrorMax);
        for (int window = 1; window < Spec.Rules.MilestoneWindows; window++)
        {
            opening = plan.NextOpening(plan.Closing(opening));
        }

        Instant ends = plan.Closing(opening) + Spec.Rules.ClockErrorMax + plan.LightTime;
        return new Watch(stage, due, ends);
    }

    // By the plan that the node has told, and what it has said since then. A stage that slips moves it by a
    // revised plan. What cannot be told from the plan counts as not yet spent.
    private Progress ProgressOf(Contract contract, Instant now)
    {
        NodeTwin twin = _roster[contract.Winner.Node].Twin;
        ImmutableArray<Knot> cargo = twin[Variable.Cargo].Knots;
        Instant begun = Instant.Min(contract.AcceptBy - Spec.Rules.AcceptDelayMax, cargo[0].At);
        long whole = (Instant.Max(twin.Arrives, contract.Winner.Arrives) - begun).Ticks;
        (Instant from, Instant until) = Digging(cargo);
        long digging = (until - Instant.Max(now, from)).Ticks;
        return new Progress(
            HasLeft: twin.At(Variable.Position, now) > 0,
            HasCargo: twin.At(Variable.Cargo, now) > (long)Spec.Rules.DeadBands[(int)Variable.Cargo - 1],
            Passed: ShareOf((now - begun).Ticks, whole),
            Digging: ShareOf(digging, whole));
    }

    // When cargo begins to come aboard, and when the last of it does.
    private static (Instant From, Instant Until) Digging(ImmutableArray<Knot> cargo)
    {
        int most = 0;
        for (int i = 1; i < cargo.Length; i++)
        {
            most = cargo[i].Value > cargo[most].Value ? i : most;
        }

        int least = most;
        while (least > 0 && cargo[least].Value > cargo[0].Value)
        {
            least--;
        }

        return (cargo[least].At, cargo[most].At);
    }

    private static PartsPerMillion ShareOf(long part, long whole) => whole <= 0 ? default
        : new PartsPerMillion((int)Int128.Clamp((Int128)part * 1_000_000 / whole, 0, 1_000_000));

    // What is weighed counts, whatever of it is paid; what some load less than they promised within the
    // scale's tolerance of an over-delivery is no breach.
    private void EndBond(MarketFact.Delivered delivered)
    {
        Winner winner = _market.Find(delivered.Contract)!.Winner;
        Grams grace = winner.Quantity.Share(new PartsPerMillion(Bounty.OverDeliveryPpm));
        _treasury.EndBond(
            winner.Node, delivered.Contract,
            Grams.Min(delivered.Weighed + grace, winner.Quantity), winner.Quantity);
    }

    // All or nothing. One that ran out before it was accepted is nobody's breach: its acceptance, or the
    // award itself, may have been lost.
    private void EndBond(ContractId id, bool isKept)
    {
        Contract contract = _market.Find(id)!;
        Grams whole = contract.Winner.Quantity;
        bool isFree = isKept || !contract.IsTaken;
        _treasury.EndBond(contract.Winner.Node, id, isFree ? whole : Grams.Zero, whole);
    }

    private void Extend(Instant now, NodeId node, ExtensionAsked asked)
    {
        if (_market.Extend(now, node, asked.Contract, asked.Epoch, asked.Due) is { } due)
        {
            Send(
                _roster[node].Link,
                new ExtensionAnswered(asked.Contract, asked.Epoch, due),
                Priority.Contract);
        }
        else
        {
            Refuse(Party.Of(node), asked.Kind, Refusal.UnknownContract); // Its closing is on the way.
        }
    }
}
