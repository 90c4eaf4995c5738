using System.Diagnostics;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Simulation.World;

namespace Hanse.Simulation.Fleet;

/// <content>What the world says to machines, and what is counted of it.</content>
internal sealed partial class FleetSimulation
{
    /// <inheritdoc/>
    bool IWorldPort.IsPrompt => true;

    /// <inheritdoc/>
    void IWorldPort.Give(int node, NodeInput input) => StepNode(node, input);

    /// <inheritdoc/>
    void IWorldPort.Answer(int node, NodeInput input) => Reply(NodeMachine(node), input);

    /// <inheritdoc/>
    bool IWorldPort.Tell(int region, int node, HubInput input)
    {
        if (region != RegionNow(node) || IsOff(region))
        {
            return false;
        }

        WeighAt(region, input);
        return true;
    }

    /// <inheritdoc/>
    void IWorldPort.Schedule(long at, int node, WorldEvent kind, uint argument)
    {
        int machine = NodeMachine(node);
        Schedule(at, machine, World(machine), HappeningOf(kind), (int)argument);
    }

    /// <inheritdoc/>
    void IWorldPort.ScheduleTold(long at, int node, HubInput input) => Schedule(
        at, HubMachine(RegionNow(node)), World(NodeMachine(node)), Happening.Weighing, _slab.Put(input));

    /// <inheritdoc/>
    NodeStanding IWorldPort.StandingOf(int node) => NodeStanding.Of(Agent(node));

    /// <inheritdoc/>
    long IWorldPort.WhenShows(int node, Instant local) => _nodes[node].Clock.WhenShows(local);

    /// <inheritdoc/>
    Instant IWorldPort.NodeClockAt(int node, long at) => _nodes[node].Clock.At(at);

    /// <inheritdoc/>
    Instant IWorldPort.HubClockAt(int node, long at) => _hubs[RegionNow(node)].Clock.At(at);

    /// <inheritdoc/>
    void IWorldWatch.Commissioned(int node)
    {
        _statistics.Commission();
        _rollouts.Commission(node, _now);
        Begin(NodeMachine(node), _now);
    }

    /// <inheritdoc/>
    void IWorldWatch.Built(int node) => CareFor(node);

    /// <inheritdoc/>
    void IWorldWatch.Observed(int node) => _statistics.Readings++;

    /// <inheritdoc/>
    void IWorldWatch.Berthed(double waitedHours) => _statistics.BerthWaits.Add(waitedHours);

    /// <inheritdoc/>
    void IWorldWatch.CameToFace(double waitedHours) => _statistics.FaceWaits.Add(waitedHours);

    /// <inheritdoc/>
    void IWorldWatch.Burnt(double grams) => _statistics.Burn(grams);

    /// <inheritdoc/>
    void IWorldWatch.CameShort(bool isEmpty)
    {
        _statistics.CameShort++;
        _statistics.CameEmpty += isEmpty ? 1 : 0;
    }

    /// <inheritdoc/>
    void IWorldWatch.Unloaded(int node, Order.Dock dock, double grams)
    {
        _economy.Unload(node, _truths[node], _now);
        _statistics.Unload(grams, _transports.Unload(node, dock.Depot, dock.Commodity, grams));
    }

    /// <inheritdoc/>
    void IWorldWatch.Loaded(int node, Order.Load load, Commodity commodity, bool isGoods, double grams) =>
        _transports.Take(node, load, commodity, isGoods, grams);

    /// <inheritdoc/>
    void IWorldWatch.LostGoods(int node, double grams) => _transports.Lose(node, grams);

    /// <inheritdoc/>
    void IWorldWatch.BrokeDown(int node) => _repairs.Break(node, _now);

    /// <inheritdoc/>
    void IWorldWatch.Mended(int node, BountyId call)
    {
        _repairs.Mend(node, _now);
        _checker.MendedBy(call);
    }

    /// <inheritdoc/>
    void IWorldWatch.Died(int node, string how)
    {
        _economy.Die(node, _truths[node], _now);
        _statistics.Die(node, how, _now);
        _rollouts.Die(node, _now);
        _repairs.End(node, _now);
    }

    private static Happening HappeningOf(WorldEvent kind) => kind switch
    {
        WorldEvent.Reading => Happening.Reading,
        WorldEvent.Seal => Happening.Seal,
        WorldEvent.Death => Happening.Death,
        WorldEvent.Breakdown => Happening.Breakdown,
        WorldEvent.Departure => Happening.Departure,
        WorldEvent.OrderEnd => Happening.OrderEnd,
        WorldEvent.Undocking => Happening.Undocking,
        WorldEvent.Commission => Happening.Commission,
        _ => throw new UnreachableException($"no rule for {kind}"),
    };

    private static WorldEvent EventOf(Happening kind) => kind switch
    {
        Happening.Reading => WorldEvent.Reading,
        Happening.Seal => WorldEvent.Seal,
        Happening.Death => WorldEvent.Death,
        Happening.Breakdown => WorldEvent.Breakdown,
        Happening.Departure => WorldEvent.Departure,
        Happening.OrderEnd => WorldEvent.OrderEnd,
        Happening.Undocking => WorldEvent.Undocking,
        Happening.Commission => WorldEvent.Commission,
        _ => throw new UnreachableException($"no rule for {kind}"),
    };
}
