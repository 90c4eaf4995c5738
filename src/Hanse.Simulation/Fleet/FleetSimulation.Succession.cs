using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <content>Hubs that are lost and come back, others that take over, and nodes that change their
/// region.</content>
internal sealed partial class FleetSimulation
{
    // From order to the first call at the new hub, when nothing is in the way but the plan: a lost hub that
    // is back hears that it was given up, tells the node in its next window, and that calls in the one
    // after.
    private long MovingTime => Blueprint.Hours(
        24 + _scenario.Links.StrategyPeriodHours + (3 * _scenario.Links.NodePeriodHours));

    // Nodes that a successor was told of: the others of a lost region it does not know.
    private readonly HashSet<int> _assigned = [];

    // Who has what a region had; itself at first.
    private int[] _holders = [];
    private long _adoptedAt = -1;

    // While a hub is off or cut off it is lost; only the first of them ever is.
    private bool IsLost(int region) =>
        region == 0 && _hubs.Length > 1 && _now >= LostFrom && _now < LostUntil;

    private long LostFrom => _start + Blueprint.Days(_scenario.Faults.LostHubDay);

    private long LostUntil => Math.Min(_healAt, LostFrom + Blueprint.Days(_scenario.Faults.LostHubDays));

    private bool IsOff(int region) => IsLost(region) && _scenario.Faults.LostHubGoesOn == 0;

    private int RegionNow(int node) => (int)((NodeAgent)_nodes[node].Machine).Region.Value - 1;

    private void ScheduleSuccession()
    {
        _holders = [.. Enumerable.Range(0, _hubs.Length)];
        FaultSection faults = _scenario.Faults;
        if (_hubs.Length < 2)
        {
            return;
        }

        if (faults.LostHubDays > 0 && faults.LostHubGoesOn == 0 && LostUntil < _plan.Horizon)
        {
            // Off and on again: what it asked of its driver is lost.
            Schedule(LostUntil, HubMachine(0), World(HubMachine(0)), Happening.Answer,
                _slab.Put(new HubInput.Restarted()));
        }

        long adopts = LostFrom + Blueprint.Days(faults.LostHubAdoptedDays);
        if (faults.LostHubDays > 0 && adopts < Math.Min(_plan.Horizon, _healAt))
        {
            Schedule(adopts, 0, World(0), Happening.Answer, _slab.Put(
                new StrategyInput.AdoptionOrdered(_plan.Regions[0].Id, _plan.Regions[1].Id)));
        }

        if (faults.HandoversPer30Days > 0)
        {
            ScheduleHandover(_start);
        }
    }

    private void ScheduleHandover(long from)
    {
        var draw = new Draw(_options.Seed, "handover", (ulong)from);
        long at = from + Blueprint.Days(draw.Exponential(30 / _scenario.Faults.HandoversPer30Days));
        if (at < Math.Min(_plan.Horizon, _healAt))
        {
            Schedule(at, 0, World(0), Happening.Handover, 0);
        }
    }

    // The operator knows where a node belongs by his own list.
    private void OrderHandover()
    {
        var draw = new Draw(_options.Seed, "handed", (ulong)_now);
        int node = (int)draw.Below(_nodes.Length);
        if (!IsBuilt(node))
        {
            ScheduleHandover(_now); // It is not on it yet.
            return;
        }

        int from = RegionNow(node);
        int to = (from + 1 + (int)draw.Below(_hubs.Length - 1)) % _hubs.Length;
        Step(new StrategyInput.HandoverOrdered(
            _plan.Nodes[node].Node, _plan.Regions[from].Id, _plan.Regions[to].Id));
        ScheduleHandover(_now);
    }

    private void Succeed(RegionId region, RegionId successor)
    {
        int lost = (int)region.Value - 1;
        int holder = (int)successor.Value - 1;
        RegionReception reception = ((StrategicLayer)_strategy.Machine).Receptions[region];
        Holdings held = HeldBy(lost);
        long aside = AsideAt(lost);
        _checker.Void(
            lost, (held.Reserve + held.Balances - aside, held.Escrow + aside, held.Burned), reception.Books);
        _assigned.UnionWith(reception.Books.Nodes.Keys.Select(_plan.PlaceOf));
        _holders[lost] = holder;
        _adoptedAt = _now;
    }

    // A node works for one hub at a time, whatever is on its way.
    private void DemandOneHub()
    {
        var seen = new HashSet<NodeId>();
        for (int r = 0; r < _hubs.Length; r++)
        {
            foreach ((NodeId node, RosterEntry entry) in Hub(r).Roster)
            {
                Demand(
                    !entry.IsActive || _checker.IsVoid(r) || seen.Add(node),
                    "a node works for one hub at a time");
            }
        }
    }

    // When it has had time to, every living node of a region that was taken over has found its new hub.
    private void DemandAdopted(bool isCutOff)
    {
        long hadTime = MovingTime + Math.Max(
            Math.Min(_healAt, _plan.Horizon),
            _adoptedAt + Blueprint.Hours(_plan.Nodes[0].HubSilenceMax.TotalHours));
        for (int n = 0; n < _nodes.Length && _adoptedAt >= 0 && !isCutOff && _now > hadTime; n++)
        {
            Demand(
                !_truths[n].IsAlive || !_assigned.Contains(n) || !_checker.IsVoid(RegionNow(n)),
                $"a living node finds the hub that took it over: node {n + 1}");
        }
    }
}
