using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cli.Releases;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.IO.Journal;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>A small mission whose hub has real releases, and whose operators sign.</summary>
internal sealed class ReleaseMission : IAsyncDisposable
{
    private readonly Ed25519Keys[] _operators = [Ed25519Keys.Generate(), Ed25519Keys.Generate()];
    private readonly SortedDictionary<long, int> _served = [];
    private readonly List<string> _log = [];
    private readonly PackageLibrary _library;

    public ReleaseMission()
    {
        Mission = new SmallMission(change: scenario => scenario with
        {
            Links = scenario.Links with { StrategyPeriodHours = 1 },
            Market = scenario.Market with { CycleHours = 4 },
        })
        {
            Operators = new OperatorKeys([.. _operators.Select(key => key.PublicKey)], 1, 2),
            Packages = Read,
            Skills = new Late(() => _library!),
        };
        Maker = new ReleaseMaker(Mission.Epoch);
        _library = new PackageLibrary(
            Maker.Mirrored, Path.Combine(Mission.Folder, "compiled"), null, Log);
    }

    public SmallMission Mission { get; }

    public ReleaseMaker Maker { get; }

    /// <summary>Most bytes of a stretch, and most stretches in a period of the contact plan.</summary>
    public (int Bytes, int Stretches) Narrow { get; init; } = (SkillBytes.BytesMax, int.MaxValue);

    /// <summary>A release of which every byte at this place comes spoilt.</summary>
    public (Digest Release, int At)? Spoilt { get; set; }

    /// <summary>Periods of the contact plan in which bytes were handed out.</summary>
    public int Windows
    {
        get
        {
            lock (_served)
            {
                return _served.Count;
            }
        }
    }

    public string[] Lines
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    public void Log(string line)
    {
        lock (_log)
        {
            _log.Add(line);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Mission.DisposeAsync();
        _library.Dispose();
        Maker.Dispose();
        foreach (Ed25519Keys key in _operators)
        {
            key.Dispose();
        }
    }

    /// <summary>An operator's order, as fast as can be: which takes two signatures.</summary>
    public Task OrderAsync(uint id, Parcel parcel, int signatures = 2)
    {
        var everybody = new PartsPerMillion(1_000_000);
        var rollout = new Rollout(
            id, SkillFunction.Pricing, 1, parcel.Digest, parcel.Bytes.Length,
            [.. Mission.Plan.Nodes.Select(node => node.Design.Class).Distinct().Order()],
            new SkillTrial(8, default, TimeSpan.FromHours(2), TimeSpan.FromMinutes(10)),
            RolloutRules.Standard with
            {
                Canary = everybody,
                Exposure = everybody,
                CanaryTime = TimeSpan.FromHours(1),
                Errors = everybody,
                Gate = default,
                Quorum = null,
            });
        return Mission.Plane.TellAsync(new StrategyInput.RolloutOrdered(
            rollout,
            [
                .. _operators[..signatures].Select(
                    key => new OperatorSignature(key.PublicKey, key.Sign(rollout.ToSign()))),
            ]));
    }

    /// <summary>Has work posted, and waits until some of it is somebody's.</summary>
    public async Task WorkAsync()
    {
        foreach (StrategyInput order in Mission.Plan.Orders.Select(order => order.Input))
        {
            await Mission.Plane.TellAsync(order);
        }

        await SmallMission.Until(
            async () => (await Mission.Plane.StatusAsync(Mission.Region)).Contracts > 0, "work is awarded");
    }

    /// <summary>What a node has told its hub of a rollout.</summary>
    public async Task<SkillReport?> ReportAsync(uint node, uint rollout)
    {
        SkillErrandView? view = await Mission.Plane.AskAsync(
            Mission.Region, hub => hub.Errands.TryGetValue(
                (new NodeId(node), SkillFunction.Pricing), out var errand)
                    ? new SkillErrandView(errand.Order.Rollout, errand.Report) : null);
        return view?.Rollout == rollout ? view.Report : null;
    }

    /// <summary>What a node's memory says: where its release went through, and how many decisions it
    /// took.</summary>
    public static async Task<(List<SkillSlot> Slots, int Decisions)> FactsAsync(
        string store, uint node, Digest release)
    {
        var slots = new List<SkillSlot>();
        ImmutableArray<Digest> manifest = [];
        int decisions = 0;
        await foreach (NodeFact fact in AgentKillTests.FactsOf<NodeFact>(store, $"node/{node}"))
        {
            switch (fact)
            {
                case NodeFact.SkillMoved(var slot):
                    slots.Add(slot);
                    break;
                case NodeFact.Log(LogFact.Attested(_, Entry.Booted(_, _, var skills))):
                    manifest = skills;
                    break;
                case NodeFact.Log(LogFact.Attested(_, Entry.Decided decided))
                    when manifest[decided.Skill] == release:
                    decisions++;
                    break;
                default:
                    break;
            }
        }

        Assert.NotEmpty(slots);
        return (slots, decisions);
    }

    private byte[] Read(Digest release, int from, int count)
    {
        long window = Mission.Clock.Now.Micros / (2 * 3_600_000_000L);
        lock (_served)
        {
            int before = _served.GetValueOrDefault(window);
            if (before >= Narrow.Stretches)
            {
                return [];
            }

            _served[window] = before + 1;
        }

        byte[] bytes = [.. _library.Read(release, from, Math.Min(count, Narrow.Bytes)) ?? []];
        if (Spoilt is var (spoilt, at) && spoilt == release && at >= from && at < from + bytes.Length)
        {
            bytes[at - from] ^= 1;
        }

        return bytes;
    }

    private sealed record SkillErrandView(uint Rollout, SkillReport? Report);

    // The mission needs it before the repository of its epoch is there.
    private sealed class Late(Func<ISkills> skills) : ISkills
    {
        public int Abi => skills().Abi;

        public SkillAnswer Run(
            Digest release, SkillFunction function, MachineKind kind, ReadOnlyMemory<byte> question) =>
            skills().Run(release, function, kind, question);
    }
}
