using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.World;

/// <summary>Machines of a small fleet in a live world, on a clock that jumps from event to event; links lose
/// nothing.</summary>
internal sealed class LiveFleet : ILiveWorldPort
{
    private readonly MissionPlan _plan;
    private readonly Blueprint _blueprint;
    private readonly ulong _seed;
    private readonly Network _network;
    private readonly long[] _light;
    private readonly SortedDictionary<(long At, int Machine, ulong Sequence), Action> _events = [];
    private readonly StrategicLayer _strategy;
    private readonly RegionalHub[] _hubs;
    private readonly NodeAgent[] _nodes;
    private readonly NodeStanding?[] _standings;
    private readonly long[] _alarms;
    private readonly HashSet<NodeId> _dead = [];
    private ulong _sequence;

    public LiveFleet(Scenario scenario, ulong seed)
    {
        _plan = MissionPlan.Of(scenario, seed);
        _blueprint = new Blueprint(scenario, seed);
        _seed = seed;
        _strategy = new StrategicLayer(_plan.Strategy);
        _hubs = [.. _plan.Regions.Select(region => new RegionalHub(region.Hub))];
        _nodes = [.. _plan.Nodes.Select(node => new NodeAgent(node))];
        _standings = new NodeStanding?[_nodes.Length];
        int machines = 1 + _hubs.Length + _nodes.Length;
        _alarms = new long[machines];
        _network = new Network(
            scenario, seed, machines, _hubs.Length, _plan.End.Micros, long.MaxValue);
        double most = scenario.Links.NodeLightMilliseconds * 1000;
        _light =
        [
            .. _plan.Nodes.Select(node =>
                (long)new Draw(seed, "light", node.Node.Value).Between(0.2 * most, most)),
        ];
        for (int machine = 0; machine < machines; machine++)
        {
            int woken = machine;
            At(0, machine, () => Wake(woken));
        }

        foreach (MissionOrder order in _plan.Orders)
        {
            At(order.At.Micros, 0, () => Step(order.Input));
        }

        World = NewWorld(null);
    }

    public LiveWorld World { get; private set; }

    /// <summary>The mission's clock.</summary>
    public long Now { get; private set; }

    /// <summary>Whether hubs hear what depots tell.</summary>
    public Func<RegionId, bool> Hears { get; set; } = _ => true;

    /// <summary>Whether hubs that hear it forget it at once, as one that ends before its facts are
    /// durable.</summary>
    public bool DoHubsForget { get; set; }

    /// <summary>Whether nodes get what the world gives them.</summary>
    public bool AreNodesThere { get; set; } = true;

    public List<(RegionId Region, HubFact Fact)> Facts { get; } = [];

    /// <summary>How often hubs were told of a docking.</summary>
    public Dictionary<(NodeId Node, uint Docking), int> Told { get; } = [];

    /// <summary>What depots weighed, grams, once for each docking.</summary>
    public Dictionary<(NodeId Node, uint Docking), long> Weighed { get; } = [];

    public IEnumerable<MarketFact.Delivered> Deliveries =>
        Facts.Select(fact => fact.Fact).OfType<HubFact.Market>()
            .Select(fact => fact.Fact).OfType<MarketFact.Delivered>();

    public long Count<T>()
        where T : HubFact => Facts.Count(fact => fact.Fact is T);

    public void PlayUntil(double days)
    {
        long end = (long)(days * 86_400e6);
        while (true)
        {
            long machines = _events.Count == 0 ? long.MaxValue : _events.First().Key.At;
            long next = Math.Min(machines, World.NextDue?.Micros ?? long.MaxValue);
            if (next > end)
            {
                Now = end;
                return;
            }

            Now = next;
            World.Advance();
            while (_events.Count > 0 && _events.First() is { Key.At: var at } first && at <= Now)
            {
                _ = _events.Remove(first.Key);
                first.Value();
                World.Advance();
            }
        }
    }

    /// <summary>The world's process ends, and another begins with what was saved.</summary>
    public void Replace(byte[] saved) => World = NewWorld(saved);

    /// <summary>A node's process ends, and another begins with its snapshot.</summary>
    public void Rebuild(int node)
    {
        var snapshot = new Hanse.Core.Wire.ByteBuffer();
        var writer = new Hanse.Core.Wire.CborWriter(snapshot);
        _nodes[node].Shape(ref writer);
        _nodes[node] = new NodeAgent(_plan.Nodes[node]);
        var reader = new Hanse.Core.Wire.CborReader(snapshot.Written.ToArray());
        _nodes[node].Shape(ref reader);
        Assert.False(reader.Failed);
        _ = World.Rebuilt(_plan.Nodes[node].Node);
        StepNode(node, new NodeInput.Restarted());
    }

    public void Give(NodeId node, NodeInput input)
    {
        Assert.DoesNotContain(node, _dead);
        if (AreNodesThere)
        {
            StepNode((int)node.Value - 1, input);
        }
    }

    public bool Tell(RegionId region, HubInput input)
    {
        if (!Hears(region))
        {
            return false;
        }

        (NodeId node, uint docking) = input switch
        {
            HubInput.Docked docked => (docked.Node, docked.Docking),
            HubInput.PartsAsked asked => (asked.Node, asked.Docking),
            _ => (((HubInput.Inspected)input).Node, ((HubInput.Inspected)input).Docking),
        };
        Told[(node, docking)] = Told.GetValueOrDefault((node, docking)) + 1;
        if (input is HubInput.Docked weighed)
        {
            Weighed[(node, docking)] = weighed.Weighed.Value;
        }

        if (!DoHubsForget)
        {
            StepHub((int)region.Value - 1, input);
        }

        return true;
    }

    public void Died(NodeId node, string how) => _dead.Add(node);

    private LiveWorld NewWorld(byte[]? saved)
    {
        Func<Instant> now = () => new Instant(Now);
        Func<Instant, TimeSpan> until = instant => instant - new Instant(Now);
        return saved is null
            ? new LiveWorld(_plan.Scenario, _seed, now, until, this)
            : new LiveWorld(_plan.Scenario, _seed, now, until, this, saved);
    }

    private void At(long at, int machine, Action action) =>
        _events.Add((Math.Max(at, Now), machine, _sequence++), action);

    private void Wake(int machine)
    {
        if (_alarms[machine] != Now)
        {
            return;
        }

        _alarms[machine] = -1;
        if (machine == 0)
        {
            Step(new StrategyInput.Woken());
        }
        else if (machine <= _hubs.Length)
        {
            StepHub(machine - 1, new HubInput.Woken());
        }
        else
        {
            StepNode(machine - 1 - _hubs.Length, new NodeInput.Woken());
        }
    }

    private void SetAlarm(int machine, Instant? wake)
    {
        if (wake is { } instant && instant.Micros < long.MaxValue / 4)
        {
            long at = Math.Max(Now, instant.Micros);
            if (_alarms[machine] < 0 || at < _alarms[machine])
            {
                _alarms[machine] = at;
                At(at, machine, () => Wake(machine));
            }
        }
    }

    private void Step(StrategyInput input)
    {
        var outbox = new Outbox<StrategyFact, StrategyEffect>();
        _strategy.Step(new Instant(Now), input, outbox);
        foreach (StrategyEffect effect in outbox.Effects)
        {
            switch (effect)
            {
                case StrategyEffect.Transmit(var frame):
                    int region = (int)frame.To.Number - 1;
                    Send(0, 1 + region, region, frame, _plan.Regions[region].Hub.StrategyContacts,
                        Far(region), () => StepHub(region, new HubInput.FrameArrived(frame)));
                    break;
                case StrategyEffect.Verify verify:
                    bool isGood = ModelSigner.Verify(
                        _seed, verify.PublicKey, verify.Message, verify.Signature);
                    At(Now + 1, 0, () =>
                        Step(new StrategyInput.Verified(verify.Region, verify.Request, isGood)));
                    break;
                default:
                    break;
            }
        }

        SetAlarm(0, _strategy.NextWake);
    }

    private void StepHub(int region, HubInput input)
    {
        var outbox = new Outbox<HubFact, HubEffect>();
        int machine = 1 + region;
        HubSpec spec = _plan.Regions[region].Hub;
        _hubs[region].Step(new Instant(Now), input, outbox);
        Facts.AddRange(outbox.Facts.Select(fact => (spec.Region, fact)));
        foreach (HubEffect effect in outbox.Effects)
        {
            switch (effect)
            {
                case HubEffect.Transmit(var frame) when frame.To.Kind == PartyKind.Strategy:
                    Send(machine, 0, region, frame, spec.StrategyContacts, Far(region),
                        () => Step(new StrategyInput.FrameArrived(frame)));
                    break;
                case HubEffect.Transmit(var frame):
                    int node = (int)frame.To.Number - 1;
                    Send(machine, 1 + _hubs.Length + node, region, frame, _plan.Nodes[node].Contacts,
                        _light[node], () => StepNode(node, new NodeInput.FrameArrived(frame)));
                    break;
                case HubEffect.Serve serve:
                    Assert.Equal(WorldAnswer.Taken, World.Serve(serve));
                    break;
                case HubEffect.Issue issue:
                    Assert.Equal(WorldAnswer.Taken, World.Issue(issue));
                    break;
                case HubEffect.DrawNonce(var returning, var blocks):
                    var draw = new Draw(_seed, "nonce", (ulong)Now ^ ((ulong)returning.Value << 40));
                    var nonce = new Digest(draw.Bits(), draw.Bits(), draw.Bits(), draw.Bits());
                    Reply(new HubInput.NonceDrawn(returning, blocks, nonce));
                    break;
                case HubEffect.Verify verify:
                    Reply(new HubInput.Verified(verify.Node, verify.Request, ModelSigner.Verify(
                        _seed, verify.PublicKey, verify.Message, verify.Signature)));
                    break;
                case HubEffect.Sign(var head, var text):
                    Reply(new HubInput.Signed(head, ModelSigner.Sign(_seed, spec.PublicKey, text)));
                    break;
                default:
                    break;
            }
        }

        SetAlarm(machine, _hubs[region].NextWake);

        void Reply(HubInput answer) => At(Now + 1, machine, () => StepHub(region, answer));
    }

    private void StepNode(int node, NodeInput input)
    {
        NodeSpec spec = _plan.Nodes[node];
        if (_dead.Contains(spec.Node))
        {
            return;
        }

        var outbox = new Outbox<NodeFact, NodeEffect>();
        int machine = 1 + _hubs.Length + node;
        _nodes[node].Step(new Instant(Now), input, outbox);
        var standing = NodeStanding.Of(_nodes[node]);
        if (standing != _standings[node] || input is NodeInput.Restarted)
        {
            _standings[node] = standing;
            Assert.Equal(WorldAnswer.Taken, World.Stands(spec.Node, standing));
        }

        foreach (NodeEffect effect in outbox.Effects)
        {
            switch (effect)
            {
                case NodeEffect.Transmit(var frame):
                    int region = (int)frame.To.Number - 1;
                    Send(machine, 1 + region, region, frame, spec.Contacts, _light[node],
                        () => StepHub(region, new HubInput.FrameArrived(frame)));
                    break;
                case NodeEffect.Act(var number, var order):
                    Assert.Equal(WorldAnswer.Taken, World.Obey(spec.Node, number, order));
                    break;
                case NodeEffect.Sign(var blocks, var text):
                    byte[] signature = ModelSigner.Sign(_seed, spec.PublicKey, text);
                    At(Now + 1, machine, () => StepNode(node, new NodeInput.Signed(blocks, signature)));
                    break;
                case NodeEffect.ReadRaw(var asked):
                    Assert.Equal(WorldAnswer.Taken, World.ReadRaw(spec.Node, asked));
                    break;
                default:
                    break;
            }
        }

        SetAlarm(machine, _nodes[node].NextWake);
    }

    private long Far(int region) => _blueprint.Regions[region].Plan.LightTimeMicros(Now);

    private void Send(
        int from, int to, int region, Frame frame, ContactPlan plan, long light, Action arrive)
    {
        long arrives =
            _network.Arrival(Now, from, region, plan, light, FrameSize.Of(frame), out long again);
        Assert.True(again < 0);
        if (arrives >= 0)
        {
            At(arrives, to, arrive);
        }
    }
}
