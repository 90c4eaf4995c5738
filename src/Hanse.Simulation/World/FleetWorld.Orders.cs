using System;
using System.Diagnostics;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Units;
using Hanse.Simulation.Fleet;

namespace Hanse.Simulation.World;

/// <content>What orders of nodes do to their bodies, on flights and at sites.</content>
internal sealed partial class FleetWorld
{
    /// <summary>A node gives its machine an order. Its number is carried out once, however often it is
    /// given.</summary>
    public void Obey(long now, int node, uint number, Order order)
    {
        _now = now;
        NodeTruth truth = _truths[node];
        if (number <= truth.OrderNumber)
        {
            return;
        }

        truth.OrderNumber = number;
        truth.Order = order;
        LeaveFace(node);
        Leave(_plan.RegionOf(node), node); // One that was not served, and goes all the same.
        truth.OrderedAt = _now;
        CarryOut(node, number, order);
    }

    private void CarryOut(int node, uint number, Order order)
    {
        NodeTruth truth = _truths[node];
        if (truth.IsFlying && !_port.IsPrompt)
        {
            truth.Stop(_now); // The world forgot its arrival, and the machine goes on from there.
        }

        switch (order)
        {
            case Order.Fly fly:
                long departs = Math.Max(_now, _port.WhenShows(node, fly.Departs));
                departs = Math.Max(departs, StaysUntil(node));
                _port.Schedule(departs, node, WorldEvent.Departure, number);
                break;
            case Order.Extract extract:
                if (IsAble(truth, "what is broken does not dig"))
                {
                    ComeToFace(node, extract);
                }

                break;
            case Order.Survey:
                truth.Stop(_now);
                long looked = _now + (long)_plan.Rules.Work.SurveyTime.TotalMicroseconds;
                _port.Schedule(Math.Max(_now + Local, looked), node, WorldEvent.OrderEnd, number);
                break;
            case Order.Load load when Carries(node):
                Arrive(node, load.Depot);
                break;
            case Order.Mend:
                truth.Stop(_now);
                long mended = _now + (long)_plan.Rules.Work.RepairTime.TotalMicroseconds;
                _port.Schedule(Math.Max(_now + Local, mended), node, WorldEvent.OrderEnd, number);
                break;
            case Order.Load load:
                _port.Schedule(
                    _now + (long)_plan.Nodes[node].Design.UnloadTime(load.Wanted).TotalMicroseconds, node,
                    WorldEvent.OrderEnd, number);
                break;
            case Order.Build:
                truth.Build(_now);
                TimeSpan building = _plan.Rules.Work.BuildTime(new Grams((long)truth.Cargo(_now)));
                _port.Schedule(
                    _now + Local + (long)building.TotalMicroseconds, node, WorldEvent.OrderEnd, number);
                break;
            case Order.Halt:
                truth.Stop(_now);
                _port.Schedule(_now + Local, node, WorldEvent.OrderEnd, number);
                break;
            case Order.Dock dock:
                Arrive(node, dock.Depot);
                break;
            default:
                throw new UnreachableException();
        }
    }

    // A departure, or the end of what a node was told to do last.
    private void End(int node, WorldEvent kind, uint number)
    {
        NodeTruth truth = _truths[node];
        switch (truth.Order)
        {
            case Order.Fly fly when kind == WorldEvent.Departure:
                Depart(node, fly);
                return;
            case Order.Dock dock when kind == WorldEvent.OrderEnd:
                Weigh(node, dock);
                return;
            case Order.Load load when kind == WorldEvent.OrderEnd:
                AskForParts(node, load);
                return;
            case Order.Build build when kind == WorldEvent.OrderEnd:
                Inspect(node, number, build);
                return;
            case Order.Mend mend when kind == WorldEvent.OrderEnd:
                Mend(node, number, mend);
                return;
            case Order.Survey survey when kind == WorldEvent.OrderEnd:
                _port.Give(node, new NodeInput.Observed(truth.Read(_now)));
                _port.Give(node, new NodeInput.Surveyed(number, Found(node, number, survey)));
                return;
            default:
                break;
        }

        truth.Stop(_now);
        bool isShort = _ore.IsShort(node);
        double aboard = truth.Cargo(_now);
        LeaveFace(node);
        _port.Give(node, new NodeInput.Observed(truth.Read(_now)));
        _port.Give(node, isShort ? new NodeInput.GaveOut(number) : new NodeInput.OrderDone(number));
        if (isShort)
        {
            _watch.CameShort(aboard < 0.05 * _plan.Nodes[node].Design.CargoMax.Value);
        }
    }

    private void Depart(int node, Order.Fly fly)
    {
        NodeTruth truth = _truths[node];
        if (!IsAble(truth, "what is broken does not move"))
        {
            return;
        }

        ChartLeg leg = _plan.Regions[_plan.RegionOf(node)].Chart.Leg(fly.From, fly.To)!;
        double slip = Math.Max(-0.05, truth.FlightSpread * truth.Luck.Normal());
        long arrives = _now + (long)(leg.Duration.TotalMicroseconds * (1 + slip));
        double before = truth.Burnt;
        if (LossOf(node, truth.OrderNumber) is > 0 and var share)
        {
            _watch.LostGoods(node, truth.Lose(_now, share));
        }

        bool departs = truth.Depart(_now, leg, arrives);
        _watch.Burnt(truth.Burnt - before);
        if (!departs)
        {
            Die(node, "ran dry");
            return;
        }

        _port.Schedule(arrives, node, WorldEvent.OrderEnd, truth.OrderNumber);
    }

    // Where orders can be late, what is broken does not carry them out, and will be told to halt.
    private bool IsAble(NodeTruth truth, string claim)
    {
        Demand(!truth.IsImmobile || !_port.IsPrompt, claim);
        return !truth.IsImmobile;
    }

    // The share of the goods aboard that it loses as it leaves; zero when none.
    private double LossOf(int node, uint order)
    {
        double losing = _scenario.Work.TransportLossPercent / 100;
        if (!_hasGoods[node] || losing <= 0)
        {
            return 0;
        }

        var draw = new Draw(_seed, "carriers", order ^ ((ulong)node << 32));
        return draw.Chance(losing) ? draw.Between(0.02, 0.6) : 0;
    }

    // One that does not come leaves when its lease is over, so that it is free for the next.
    private long StaysUntil(int node) =>
        _plan.Conducts.Of(node) == Conduct.NoShow
        && _port.StandingOf(node).Errand is { IsLapsed: false, Stage: ContractStage.Outbound } errand
            ? _port.WhenShows(node, errand.Due) + Blueprint.Hours(1) : 0;

    private bool WantsFace(int node, uint order, int site) =>
        _truths[node] is { IsAlive: true, IsImmobile: false, Order: Order.Extract extract } truth
        && truth.OrderNumber == order && extract.Site.Value - 1 == site;

    private void ComeToFace(int node, Order.Extract extract)
    {
        PlaceQueue[] faces = _faces[_plan.RegionOf(node)];
        if (faces.Length == 0)
        {
            Dig(node, extract);
        }
        else if (faces[extract.Site.Value - 1].Arrive(node, _truths[node].OrderNumber, _now))
        {
            TakeFace(node, extract);
        }
        else
        {
            _truths[node].Stop(_now); // It waits where it is.
        }
    }

    private void TakeFace(int node, Order.Extract extract)
    {
        _faceOf[node] = (int)extract.Site.Value;
        Dig(node, extract);
        _port.Answer(node, new NodeInput.FaceTaken(_truths[node].OrderNumber));
    }

    private void Dig(int node, Order.Extract extract)
    {
        NodeTruth truth = _truths[node];
        double grade =
            _trueGrades[_plan.RegionOf(node)][extract.Site.Value - 1][(int)extract.Commodity - 1];
        long done = truth.Extract(
            _now, grade, extract.Target.Value,
            _ore.Stake(
                node, _plan.RegionOf(node), (int)extract.Site.Value - 1, grade, truth.Cargo(_now),
                truth.Wants(_now, extract.Target.Value)));
        _port.Schedule(done, node, WorldEvent.OrderEnd, truth.OrderNumber);
    }

    // Whatever it does next, it does not dig here: the next one can.
    private void LeaveFace(int node)
    {
        _ore.Leave(node, _truths[node].Cargo(_now));
        if (_faceOf[node] == 0)
        {
            return;
        }

        PlaceQueue site = _faces[_plan.RegionOf(node)][_faceOf[node] - 1];
        _faceOf[node] = 0;
        int next = site.Leave(node, _now);
        if (next >= 0)
        {
            TakeFace(next, (Order.Extract)_truths[next].Order!);
        }
    }

    // With an error of its own, from a stream of its own.
    private Finding Found(int node, uint number, Order.Survey survey)
    {
        double truth = _trueGrades[_plan.RegionOf(node)][survey.Site.Value - 1][(int)survey.Commodity - 1];
        PartsPerMillion sigma = _plan.Rules.Work.SurveySigma;
        var draw = new Draw(_seed, "survey", number ^ ((ulong)node << 32));
        double read = truth * (1 + (draw.Normal() * sigma.Value / 1e6)) * _twist.SurveyLie;
        var grade = new PartsPerMillion((int)Math.Clamp(Math.Round(read * 1e6), 0, Finding.GradeMax));
        return new Finding(survey.Site, survey.Commodity, grade, WorkRules.SigmaOf(grade, sigma));
    }
}
