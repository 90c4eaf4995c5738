using System;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Simulation.Fleet;

namespace Hanse.Simulation.World;

/// <content>Machines that break down and live, and machines that mend them.</content>
internal sealed partial class FleetWorld
{
    // A share breaks down in 30 days. Each time from a stream of its own, so that nothing else moves.
    private void ScheduleBreakdown(int node, long from)
    {
        double share = _scenario.Faults.BreakdownsPercentPer30Days / 100;
        if (share > 0)
        {
            var draw = new Draw(_seed, "breakdown", (ulong)from ^ ((ulong)node << 48));
            double mean = 30 / -Math.Log(1 - Math.Min(share, 0.999));
            ScheduleIfEver(
                from + Blueprint.Days(Math.Min(draw.Exponential(mean), 1e6)), node, WorldEvent.Breakdown);
        }
    }

    // What is in flight breaks down when it has arrived, and what is busy at a depot or with its hands on
    // something when it is done with that.
    private void BreakIfDue(int node)
    {
        NodeTruth truth = _truths[node];
        if (!truth.IsDueToBreak || !truth.IsAlive || truth.IsFlying || _now >= _healAt || !Stands(node))
        {
            return;
        }

        truth.Break(_now);
        LeaveFace(node);
        _watch.BrokeDown(node);
        var draw = new Draw(_seed, "fault", (ulong)_now ^ ((ulong)node << 48));
        _port.Give(node, new NodeInput.BrokeDown((FaultClass)(1 + draw.Below(4))));
    }

    private bool Stands(int node)
    {
        NodeErrand? errand = _port.StandingOf(node).Errand;
        Order? order = _truths[node].Order;
        return errand is null || order is Order.Extract
            || (order is Order.Fly && errand.Stage == ContractStage.Inbound);
    }

    // The repairer's hands are off it. Whether the other works again is a matter of both: it must be there,
    // and broken, and let itself be mended. One that only says so has done nothing.
    private void Mend(int node, uint number, Order.Mend mend)
    {
        _ = _truths[node].Unload(_now);
        int patient = _plan.PlaceOf(mend.Call.Patient);
        bool isHonest = _plan.Conducts.Of(node) != Conduct.FalseMender;
        bool isMended = isHonest && Lies(patient, node, mend);
        if (isMended)
        {
            _truths[patient].Mend(_now, _plan.Rules.Work.RepairRelief.Value);
            _watch.Mended(patient, mend.Call);
            ScheduleBreakdown(patient, _now);
            _port.Give(patient, new NodeInput.Mended(mend.Contract, mend.Epoch));
            _port.Give(patient, new NodeInput.Observed(_truths[patient].Read(_now)));
            GoOn(patient);
        }

        _port.Give(node, new NodeInput.Observed(_truths[node].Read(_now)));
        _port.Give(node, new NodeInput.Repaired(number, isMended || !isHonest));
    }

    // What it was told while it could not, and was not told to halt.
    private void GoOn(int node)
    {
        NodeTruth truth = _truths[node];
        if (!_port.IsPrompt && truth.Order is (Order.Fly or Order.Extract) and { } order)
        {
            CarryOut(node, truth.OrderNumber, order);
        }
    }

    private bool Lies(int patient, int repairer, Order.Mend mend)
    {
        NodeStanding standing = _port.StandingOf(patient);
        return _truths[patient] is { IsAlive: true, IsImmobile: true }
            && _plan.RegionOf(patient) == _plan.RegionOf(repairer)
            && (standing.Errand?.Site ?? default) == mend.Site
            && standing.Consents(mend.Call, _port.NodeClockAt(patient, _now));
    }
}
