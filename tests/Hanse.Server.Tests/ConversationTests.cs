using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>A conversation between all machines of a mission, recorded in the simulator and told again to
/// machines that run on a store as a server's do: they remember the same, and answer the same.</summary>
/// <remarks>Frames go through the bytes of the wire, and a tenth of them was lost.</remarks>
public sealed class ConversationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-conversation-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_recorded_conversation_has_the_same_facts_at_a_server(ulong seed)
    {
        Scenario calm = Calm.Fleet(seed);
        var options = new RunOptions
        {
            Seed = seed,
            Scenario = calm with
            {
                Days = 14,
                Fleet = calm.Fleet with { Nodes = 12 },
                Faults = calm.Faults with { LossPercent = 10 },
            },
        };
        var recording = new Recording();
        using (var simulation = new FleetSimulation(options, tap: recording))
        {
            _ = simulation.Play();
        }

        var plan = new Blueprint(options.Scenario, seed);
        await using var store = SqliteStore.Open(Path.Combine(_folder, "hanse.db"));
        int facts = 0;
        TaskScheduler turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        foreach ((Party machine, List<RecordedStep> steps) in recording.Steps)
        {
            Func<Task<int>> tell = () => machine.Kind switch
            {
                PartyKind.Strategy => TellAsync<StrategyInput, StrategyFact, StrategyEffect>(
                    store, "strategy", () => new StrategicLayer(plan.Strategy), steps, AsHeard),
                PartyKind.Hub => TellAsync<HubInput, HubFact, HubEffect>(
                    store, $"hub/{machine.Number}",
                    () => new RegionalHub(plan.Regions[(int)machine.Number - 1].Hub, plan.Releases.Skills),
                    steps, AsHeard),
                _ => TellAsync<NodeInput, NodeFact, NodeEffect>(
                    store, $"node/{machine.Number}",
                    () => new NodeAgent(plan.Nodes[(int)machine.Number - 1], null, plan.Releases.Skills),
                    steps, AsHeard),
            };
            facts += await Task.Factory.StartNew(
                tell, CancellationToken.None, TaskCreationOptions.DenyChildAttach, turns).Unwrap();
        }

        Assert.Equal(15, recording.Steps.Count);
        Assert.InRange(facts, 3_000, int.MaxValue);
        Assert.Empty(await StoreAudit.ReadAsync(store, (_, _) => { }));
    }

    // Tells a machine on the store what its twin in the simulator was told, when it was told.
    private static async Task<int> TellAsync<TInput, TFact, TEffect>(
        SqliteStore store, string stream, Func<IMachine<TInput, TFact, TEffect>> build,
        List<RecordedStep> steps, Func<TInput, TInput> asHeard)
        where TInput : class, IShaped<TInput>
        where TFact : class, IShaped<TFact>
        where TEffect : class, IShaped<TEffect>
    {
        Instant now = Instant.Epoch;
        var told = new List<TEffect>();
        var parts = new RuntimeParts<TInput, TFact, TEffect>
        {
            Stream = new StreamName(stream),
            Build = build,
            Restarted = asHeard((TInput)steps[0].Input),
            Store = store,
            Clock = () => now,
            Driver = new Listener<TEffect>(told),
            Core = CoreBuild.Name,
        };
        MachineRuntime<TInput, TFact, TEffect>? runtime = null;
        foreach (RecordedStep step in steps)
        {
            now = step.Now;
            if (runtime is null)
            {
                runtime = await MachineRuntime<TInput, TFact, TEffect>.StartAsync(parts);
            }
            else
            {
                _ = runtime.Step(asHeard((TInput)step.Input));
                await Task.Yield(); // Some steps share a batch, and some do not.
            }
        }

        await runtime!.Settled();
        var expected = new ByteBuffer();
        foreach (object fact in steps.SelectMany(step => step.Facts))
        {
            MachineMemory.Append(expected, (TFact)fact);
        }

        var durable = new ByteBuffer();
        await foreach (StreamBatch batch in store.ReadAsync(parts.Stream, 0))
        {
            durable.Add(batch.Run.Span);
        }

        Assert.True(expected.Written.SequenceEqual(durable.Written), $"the facts of {stream} differ");
        Assert.Equal(
            steps.SelectMany(step => step.Effects).Select(effect => Hex((TEffect)effect)), told.Select(Hex));
        return steps.Sum(step => step.Facts.Length);
    }

    private static string Hex<T>(T value)
        where T : class, IShaped<T> => Convert.ToHexString(CborWriter.Bytes(value));

    private static StrategyInput AsHeard(StrategyInput input) =>
        input is StrategyInput.FrameArrived(var frame)
            ? new StrategyInput.FrameArrived(OverTheWire(frame)) : input;

    private static HubInput AsHeard(HubInput input) =>
        input is HubInput.FrameArrived(var frame) ? new HubInput.FrameArrived(OverTheWire(frame)) : input;

    private static NodeInput AsHeard(NodeInput input) =>
        input is NodeInput.FrameArrived(var frame) ? new NodeInput.FrameArrived(OverTheWire(frame)) : input;

    private static Frame OverTheWire(Frame frame)
    {
        Assert.True(FrameCodec.TryDecode(FrameCodec.Encode(frame), out Frame? heard, out _));
        return heard;
    }

    private sealed class Listener<TEffect>(List<TEffect> told) : IEffectDriver<TEffect>
    {
        public void CarryOut(TEffect effect) => told.Add(effect);
    }
}
