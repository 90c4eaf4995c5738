using System;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <content>Machines that break down and live, and machines that mend them.</content>
internal sealed partial class FleetSimulation
{
    private readonly RepairWatch _repairs = new();

    // A share breaks down in 30 days. Each time from a stream of its own, so that nothing else moves.
    private void ScheduleBreakdown(int node, long from)
    {
        double share = _scenario.Faults.BreakdownsPercentPer30Days / 100;
        if (share > 0)
        {
            var draw = new Draw(_options.Seed, "breakdown", (ulong)from ^ ((ulong)node << 48));
            double mean = 30 / -Math.Log(1 - Math.Min(share, 0.999));
            ScheduleIfEver(
                from + Blueprint.Days(Math.Min(draw.Exponential(mean), 1e6)), NodeMachine(node),
                Happening.Breakdown);
        }
    }

    // What is in flight breaks down when it has arrived, and what is busy at a depot or with its hands on
    // something when it is done with that.
    private void BreakIfDue(int node)
    {
        NodeTruth truth = _truths[node];
        Work? work = Agent(node).Work;
        bool stands = work is null || truth.Order is Order.Extract
            || (truth.Order is Order.Fly && work.Stage == ContractStage.Inbound);
        if (!truth.IsDueToBreak || !truth.IsAlive || truth.IsFlying || !stands || _now >= _healAt)
        {
            return;
        }

        truth.Break(_now);
        LeaveFace(node);
        _repairs.Break(node, _now);
        var draw = new Draw(_options.Seed, "fault", (ulong)_now ^ ((ulong)node << 48));
        StepNode(node, new NodeInput.BrokeDown((FaultClass)(1 + draw.Below(4))));
    }

    // The repairer's hands are off it. Whether the other works again is a matter of both: it must be there,
    // and broken, and let itself be mended. One that only says so has done nothing.
    private void Mend(int node, uint number, Order.Mend mend)
    {
        _ = _truths[node].Unload(_now);
        int patient = (int)mend.Call.Patient.Value - 1;
        bool isHonest = _plan.Conducts.Of(node) != Conduct.FalseMender;
        bool isMended = isHonest && Lies(patient, node, mend);
        if (isMended)
        {
            _truths[patient].Mend(_now, _plan.Rules.Work.RepairRelief.Value);
            _repairs.Mend(patient, _now);
            _checker.MendedBy(mend.Call);
            ScheduleBreakdown(patient, _now);
            StepNode(patient, new NodeInput.Mended(mend.Contract, mend.Epoch));
            StepNode(patient, new NodeInput.Observed(_truths[patient].Read(_now)));
        }

        StepNode(node, new NodeInput.Observed(_truths[node].Read(_now)));
        StepNode(node, new NodeInput.Repaired(number, isMended || !isHonest));
    }

    private bool Lies(int patient, int repairer, Order.Mend mend)
    {
        NodeAgent agent = Agent(patient);
        return _truths[patient] is { IsAlive: true, IsImmobile: true }
            && _plan.RegionOf(patient) == _plan.RegionOf(repairer)
            && (agent.Work?.Trip.Site ?? default) == mend.Site
            && agent.Consents(mend.Call, _nodes[patient].Clock.At(_now));
    }

    // A denier says that it wants no help any more where an honest one says that it was mended.
    private Frame AsConducted(int node, Frame frame) =>
        _plan.Conducts.Of(node) == Conduct.Denier
            && frame.Envelopes.Any(envelope => envelope.Message is Mended)
            ? frame with
            {
                Envelopes =
                [
                    .. frame.Envelopes.Select(envelope => envelope.Message is Mended
                        ? envelope with
                        {
                            Message = new HelpEnded(Agent(node).Calls, HelpOutcome.Withdrawn, default),
                        }
                        : envelope),
                ],
            }
            : frame;

    // What patients have set aside is in escrow, and in their regions' journals a part of what they own.
    private long AsideAt(int region) => Hub(region).Books.Accounts
        .Where(account => account.Key.Kind == AccountKind.Escrow && new BountyId(account.Key.Number).IsHelp)
        .Sum(account => account.Value.Micro);

    private NodeAgent Agent(int node) => (NodeAgent)_nodes[node].Machine;
}
