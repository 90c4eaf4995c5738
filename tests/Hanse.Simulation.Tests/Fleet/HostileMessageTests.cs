using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Any well-formed message, in any state, from anybody: answered, refused or ignored, and never an
/// exception.</summary>
public class HostileMessageTests
{
    private const int Frames = 20_000;

    private static readonly MessageKind[] _kinds = Enum.GetValues<MessageKind>();

    [Fact]
    public void A_hub_survives_any_message()
    {
        (Blueprint plan, Recording recording) = Record();
        RegionBlueprint region = plan.Regions[0];
        Party self = Party.Of(region.Id);
        Party[] senders =
        [
            Party.Strategy, Party.Of(new RegionId(1)), .. plan.Nodes.Select(n => Party.Of(n.Node)),
            Party.Of(new NodeId(999_999)),
        ];
        Attack<HubInput, HubFact, HubEffect>(
            recording.Steps[self], () =>
                new RegionalHub(region.Hub), self, senders, f => new HubInput.FrameArrived(f));
    }

    [Fact]
    public void A_node_survives_any_message()
    {
        (Blueprint plan, Recording recording) = Record();
        NodeSpec spec = plan.Nodes[0];
        Party self = Party.Of(spec.Node);
        Attack<NodeInput, NodeFact, NodeEffect>(
            recording.Steps[self],
            () => new NodeAgent(spec),
            self,
            [Party.Of(spec.Region), Party.Strategy],
            f => new NodeInput.FrameArrived(f));
    }

    [Fact]
    public void A_strategic_layer_survives_any_message()
    {
        (Blueprint plan, Recording recording) = Record();
        Attack<StrategyInput, StrategyFact, StrategyEffect>(
            recording.Steps[Party.Strategy],
            () => new StrategicLayer(plan.Strategy),
            Party.Strategy,
            [.. plan.Regions.Select(r =>
                Party.Of(r.Id)), Party.Of(new RegionId(77)), Party.Of(new NodeId(1))],
            f => new StrategyInput.FrameArrived(f));
    }

    private static (Blueprint Plan, Recording Recording) Record()
    {
        RunOptions drawn = Swarm.Draw(40, null);
        RunOptions options = drawn with
        {
            HealAfter = null,
            Scenario = drawn.Scenario with
            {
                Days = 8,
                Growth = GrowthSection.None,
                Fleet = drawn.Scenario.Fleet with { Nodes = 10 },
                Regions = drawn.Scenario.Regions with { Count = 2 },
                Faults = drawn.Scenario.Faults with { CrashesPer30Days = 0 },
            },
        };
        var recording = new Recording();
        using var simulation = new FleetSimulation(options, tap: recording);
        _ = simulation.Play();
        return (new Blueprint(options.Scenario, options.Seed), recording);
    }

    // From several moments of a real life; whatever it does, its facts must rebuild it and its state must be
    // sayable.
    private static void Attack<TInput, TFact, TEffect>(
        List<RecordedStep> life,
        Func<IMachine<TInput, TFact, TEffect>> build,
        Party self,
        Party[] senders,
        Func<Frame, TInput> arrive)
        where TInput : class, IShaped<TInput>
        where TFact : class, IShaped<TFact>
        where TEffect : class, IShaped<TEffect>
    {
        var random = new Prng(4711);
        int moments = 8;
        for (int moment = 0; moment < moments; moment++)
        {
            int lived = life.Count * moment / moments;
            var journal = new Journal<TFact>();
            foreach (object fact in life.Take(lived).SelectMany(step => step.Facts))
            {
                journal.Append((TFact)fact);
            }

            IMachine<TInput, TFact, TEffect> machine = build();
            journal.Restore(machine);
            Instant now = lived == 0 ? new Instant(1_000_000_000) : life[lived - 1].Now;
            for (int i = 0; i < Frames / moments; i++)
            {
                ulong seed = random.NextBits();
                now += TimeSpan.FromSeconds(random.Below(600));
                Frame frame = Draw(seed, senders[random.Below(senders.Length)], self);
                var outbox = new Outbox<TFact, TEffect>();
                machine.Step(now, arrive(frame), outbox);
                foreach (TFact fact in outbox.Facts)
                {
                    journal.Append(fact);
                }

            }

            IMachine<TInput, TFact, TEffect> rebuilt = build();
            journal.Restore(rebuilt);
            Assert.Equal(
                MachineMemory.SnapshotOf((IShapedState)machine),
                MachineMemory.SnapshotOf((IShapedState)rebuilt));
        }
    }

    private static Frame Draw(ulong seed, Party from, Party self)
    {
        var random = new Prng(seed);
        var envelopes = ImmutableArray.CreateBuilder<Envelope>();
        for (int i = 0; i < 1 + random.Below(3); i++)
        {
            MessageKind kind = _kinds[random.Below(_kinds.Length)];
            var codec = new RandomCodec(random.NextBits());
            Message message = Message.Walk(ref codec, kind, null);
            if (!codec.Failed)
            {
                ulong sequence = random.Below(4) == 0 ? 0 : (ulong)random.Below(100_000);
                envelopes.Add(new Envelope(sequence, message));
            }
        }

        Party to = random.Below(20) == 0 ? Party.Of(new NodeId(31_337)) : self;
        ulong floor = random.Below(50) == 0 ? long.MaxValue : (ulong)random.Below(100_000);
        return new Frame(
            from, to, random.Below(2) == 0, floor, (ulong)random.Below(1000), [], envelopes.ToImmutable());
    }
}
