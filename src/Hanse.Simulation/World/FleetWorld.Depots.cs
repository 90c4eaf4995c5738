using System;
using System.Diagnostics;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Units;
using Hanse.Simulation.Fleet;

namespace Hanse.Simulation.World;

/// <content>Berths, scales and counters of depots, and instruments at sites.</content>
internal sealed partial class FleetWorld
{
    // What stands of a building that was put together badly.
    private const double FlawedShare = 0.5;

    /// <summary>A depot, or an instrument at a site, tells a hub something about a node, and again in an hour
    /// while that does not hear it, or as long as the node waits for an answer.</summary>
    /// <param name="now">The true time.</param>
    /// <param name="region">Where the hub was when it was sent.</param>
    /// <param name="input">A docking, parts asked for, or an inspection.</param>
    public void Tell(long now, int region, HubInput input)
    {
        _now = now;
        (NodeId id, uint docking) = input switch
        {
            HubInput.Docked docked => (docked.Node, docked.Docking),
            HubInput.Inspected seen => (seen.Node, seen.Docking),
            HubInput.PartsAsked asked => (asked.Node, asked.Docking),
            _ => throw new UnreachableException(),
        };
        int node = _plan.PlaceOf(id);
        if (_port.Tell(region, node, input) && !Waits(node, docking))
        {
            return; // Else nobody heard, or the answer was lost with a crash, and the depot asks again.
        }

        _port.ScheduleTold(_now + Blueprint.Hours(1), node, input);
    }

    /// <summary>A hub lets a depot serve a node, or a node that has built something go on.</summary>
    public void Serve(long now, HubEffect.Serve serve)
    {
        _now = now;
        int node = _plan.PlaceOf(serve.Node);
        if (!Waits(node, serve.Docking))
        {
            return;
        }

        bool isBerthed = _truths[node].Order is Order.Dock or Order.Load;
        _truths[node].Serve(_now, serve.Propellant.Value, serve.Spares.Value);
        LetGo(node);
        if (isBerthed)
        {
            Leave(_plan.RegionOf(node), node);
        }
    }

    /// <summary>A hub lets a depot hand something out. Its scale has an error, as when it weighs what is
    /// brought.</summary>
    public void Issue(long now, HubEffect.Issue issue)
    {
        _now = now;
        int node = _plan.PlaceOf(issue.Node);
        if (Waits(node, issue.Docking) && _truths[node].Order is Order.Load load)
        {
            double error = _scenario.Regions.ScaleErrorPercent / 100 * _truths[node].Luck.Normal();
            double mass = issue.Mass.Value / (1 + error);
            _truths[node].Load(_now, mass);
            NodeErrand? errand = _port.StandingOf(node).Errand;
            bool isGoods = errand is { Kind: WorkKind.Transport };
            _watch.Loaded(node, load, errand?.Commodity ?? default, isGoods, mass);
            _hasGoods[node] |= isGoods;
            LetGo(node);
            Leave(_plan.RegionOf(node), node);
        }
    }

    /// <summary>Whether a node waits for the answer to a docking. Of one long over, repeated after a crash,
    /// nothing comes.</summary>
    public bool Waits(int node, uint docking) =>
        _truths[node].IsAlive && _truths[node].Order is { } order && order.Handling == docking && docking > 0;

    // Goods are handed over at a berth; parts are, as a builder waits at its depot anyway, where it is.
    private bool Carries(int node) =>
        _port.StandingOf(node).Errand is { Kind: WorkKind.Transport };

    private bool WantsBerth(int node, uint order) =>
        _truths[node] is { IsAlive: true, Order: Order.Dock or Order.Load } truth
        && truth.OrderNumber == order;

    private void Arrive(int node, DepotId depot)
    {
        _truths[node].Stop(_now);
        int region = _plan.RegionOf(node);
        if (_berths[region][_plan.Regions[region].Depots.IndexOf(depot)].Arrive(
            node, _truths[node].OrderNumber, _now))
        {
            Berth(node);
        }
    }

    private void Berth(int node)
    {
        NodeTruth truth = _truths[node];
        Grams moved = truth.Order is Order.Load load ? load.Wanted : new Grams((long)truth.Cargo(_now));
        TimeSpan unloading = _plan.Nodes[node].Design.UnloadTime(moved);
        _port.Schedule(
            _now + (long)unloading.TotalMicroseconds, node, WorldEvent.OrderEnd, truth.OrderNumber);
    }

    private void Leave(int region, int node)
    {
        foreach (PlaceQueue depot in _berths[region])
        {
            int next = depot.Leave(node, _now);
            if (next >= 0)
            {
                Berth(next);
            }
        }
    }

    private void Weigh(int node, Order.Dock dock)
    {
        NodeTruth truth = _truths[node];
        double cargo = truth.Unload(_now);
        _watch.Unloaded(node, dock, cargo);
        _hasGoods[node] = false;
        double error = _scenario.Regions.ScaleErrorPercent / 100 * truth.Luck.Normal();
        var weighed = new Grams((long)Math.Max(0, Math.Round(cargo * (1 + error))));
        TellSoon(node, new HubInput.Docked(
            dock.Depot,
            _plan.Nodes[node].Node,
            dock.Docking,
            dock.Contract,
            dock.Epoch,
            dock.Commodity,
            weighed,
            dock.Propellant,
            dock.Spares,
            _port.HubClockAt(node, truth.OrderedAt)));
    }

    private void AskForParts(int node, Order.Load load) => TellSoon(node, new HubInput.PartsAsked(
        load.Depot, _plan.Nodes[node].Node, load.Docking, load.Contract, load.Epoch, load.Wanted));

    // The builder is done and has been looked at: what it brought is off it, and most of it stands. The
    // instrument has an error of its own; what it is wrong about is the whole.
    private void Inspect(int node, uint number, Order.Build build)
    {
        double brought = _truths[node].Unload(_now);
        var draw = new Draw(_seed, "built", number ^ ((ulong)node << 32));
        bool isFlawed = draw.Chance(_scenario.Work.BuildFlawPercent / 100);
        double stands = brought * (isFlawed ? FlawedShare : 1);
        Built += stands;
        double seen = Math.Max(0, 1 + (draw.Normal() * _plan.Rules.Work.InspectionSigma.Value / 1e6));
        TellSoon(node, new HubInput.Inspected(
            build.Site, _plan.Nodes[node].Node, build.Docking, build.Contract, build.Epoch,
            new Grams((long)Math.Round(brought * seen)), new Grams((long)Math.Round(stands * seen))));
    }

    private void TellSoon(int node, HubInput input) => _port.ScheduleTold(_now + Local, node, input);

    private void LetGo(int node)
    {
        NodeTruth truth = _truths[node];
        truth.Order = null;
        truth.OrderedAt = _now;
        _port.Schedule(_now + Local, node, WorldEvent.Undocking, truth.OrderNumber);
    }
}
