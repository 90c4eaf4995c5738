using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Cli.Commands;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Cores;
using Hanse.IO.Stores;
using Hanse.Simulation.World;
using Hanse.Skills;
using CoreFunction = Hanse.Core.Messages.SkillFunction;

namespace Hanse.Cli.Cores;

/// <summary>Reads a node's memory again, changes nothing, and says in one line what this core makes of
/// it.</summary>
/// <remarks>All facts from the first one on; every decision in them that this core has the function for is
/// taken again; and the machine that comes of it takes the step that it would take when it is started. What
/// it decides in that step is its own affair and may be new: nothing could ever be changed otherwise. That it
/// can, and what it makes of all that was before, is what is compared.</remarks>
internal static class CoreReplay
{
    /// <summary>Reads it.</summary>
    /// <param name="plan">The mission.</param>
    /// <param name="data">The agent's folder.</param>
    /// <param name="until">The last batch to read; null for all.</param>
    /// <param name="output">Takes the line.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <exception cref="StoreException">The memory cannot be read.</exception>
    public static async Task<int> RunAsync(
        MissionPlan plan, string data, long? until, TextWriter output, CancellationToken cancel)
    {
        var folder = AgentFolder.Open(data);
        if (folder.ReadEnrolment() is not var (self, _)
            || AgentCommand.SpecOf(plan, folder, self) is not { } spec)
        {
            return ExitCode.Refused;
        }

        var node = new NodeAgent(
            spec with { PublicKey = folder.Keys.First, Core = CoreImage.OfThisProcess().Digest },
            skills: new NoSkills(), hasCoreSlots: true);
        long version = 0;
        var decisions = new Decisions();
        Instant last = Instant.Epoch;
        await using var store = SqliteStore.OpenToRead(folder.StorePath);
        await foreach (StreamBatch batch in store.ReadAsync(StreamName.Node(self), 0, cancel))
        {
            if (batch.Version > until)
            {
                break;
            }

            version = batch.Version;
            last = Instant.Max(last, batch.At);
            DecodeError? error = MachineMemory.Read<NodeFact>(batch.Run, fact =>
            {
                node.Apply(fact);
                decisions.See(fact);
            });
            if (error is not null)
            {
                throw new StoreException($"batch {version} cannot be read: {error.Reason}");
            }
        }

        Digest standing = node.Standing;
        node.Step(last, new NodeInput.Restarted(), new Outbox<NodeFact, NodeEffect>());
        output.WriteLine(
            $"standing {standing} decisions {decisions.Again} otherwise {decisions.Otherwise} batches "
                + $"{version}");
        return ExitCode.Fine;
    }

    // Takes again what the core itself has decided.
    private sealed class Decisions
    {
        private ImmutableArray<Digest> _manifest = [];

        public int Again { get; private set; }

        public int Otherwise { get; private set; }

        public void See(NodeFact fact)
        {
            if (fact is NodeFact.Log(LogFact.Attested(_, Entry.Booted booted)))
            {
                _manifest = booted.Skills;
            }
            else if (fact is NodeFact.Log(LogFact.Attested(_, Entry.Decided decided))
                && decided.Skill < _manifest.Length
                && BuiltInDecisions.TryDecide(_manifest[decided.Skill], decided.Input, out byte[]? output))
            {
                Again++;
                Otherwise += output.AsSpan().SequenceEqual(decided.Output) ? 0 : 1;
            }
        }
    }

    // Releases are not run: what they decided is in the facts.
    private sealed class NoSkills : ISkills
    {
        public int Abi => SkillAbi.Version;

        public SkillAnswer Run(
            Digest release, CoreFunction function, MachineKind machine, ReadOnlyMemory<byte> question) =>
            new(SkillOutcome.NoAnswer, []);
    }
}
