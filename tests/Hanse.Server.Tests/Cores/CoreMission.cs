using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cli.Releases;
using Hanse.Cli.Scenarios;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Cores;
using Hanse.IO.Journal;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>A small mission whose operators sign, and an agent with slots.</summary>
internal sealed class CoreMission : IAsyncDisposable
{
    private const uint Node = 1;
    private const double Pace = 3_600;

    private static readonly TimeSpan _probation = TimeSpan.FromHours(60); // A minute here.

    private readonly ITestOutputHelper _output;
    private readonly Ed25519Keys[] _operators = [Ed25519Keys.Generate(), Ed25519Keys.Generate()];
    private readonly List<string> _lines = [];
    private readonly PackageLibrary _library;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private string _token = "";
    private Process? _agent;

    public CoreMission(ITestOutputHelper output)
    {
        _output = output;
        Maker = new CoreMaker(DateTimeOffset.UtcNow);
        Installed = CoreImage.Of(Maker.Installed).Digest;
        Mission = new SmallMission(change: scenario => scenario with
        {
            Links = scenario.Links with { StrategyPeriodHours = 1 },
        })
        {
            Operators = new OperatorKeys([.. _operators.Select(key => key.PublicKey)], 1, 1),
            Cores = [Installed],
            Packages = (image, from, count) =>
                _library!.Read(image, from, Math.Min(count, Bytes)) ?? [],
        };
        _library = new PackageLibrary(
            Maker.Mirrored, Path.Combine(Mission.Folder, "compiled"), null, Hear);
    }

    public CoreMaker Maker { get; }

    public SmallMission Mission { get; }

    public Digest Installed { get; }

    public List<Digest> Ordered { get; } = [];

    /// <summary>Most bytes of a stretch.</summary>
    public int Bytes { get; init; } = SkillBytes.BytesMax;

    /// <summary>More of what the agent is started with.</summary>
    public string[] Options { get; init; } = [];

    public string Folder => Path.Combine(Mission.Folder, "agent");

    public CoreSlots Slots => CoreSlots.Open(Folder);

    public static async Task Until(Func<Task<bool>> holds, string what)
    {
        long begun = Environment.TickCount64;
        while (!await holds())
        {
            if (Environment.TickCount64 - begun > 180_000)
            {
                throw new TimeoutException($"not within three minutes: {what}");
            }

            await Task.Delay(50);
        }
    }

    public async Task StartAsync()
    {
        await Mission.StartAsync();
        _token = Convert.ToHexString(await Mission.Registry.IssueAsync(new NodeId(Node)));
        await File.WriteAllTextAsync(
            Path.Combine(Mission.Folder, "mission.yaml"), ScenarioText.Write(Mission.Scenario));
        StartAgent();
        await Until(
            async () => await Mission.Plane.AskAsync(Mission.Region, hub => hub.Roster.Count) == 1,
            "the agent is enrolled");
    }

    /// <summary>Ends everything of the agent, and starts it again.</summary>
    public async Task KillAsync(int after)
    {
        await Task.Delay(after);
        Say($"killed; {Text(Slots.Read())}");
        _agent!.Kill(entireProcessTree: true);
        await _agent.WaitForExitAsync();
        _agent.Dispose();
        StartAgent();
    }

    public async Task StopAsync()
    {
        _agent!.Kill(entireProcessTree: true);
        await _agent.WaitForExitAsync();
        _agent.Dispose();
        _agent = null;
        await Mission.StopAsync();
        Assert.Empty(Mission.Failures);
    }

    public async ValueTask DisposeAsync()
    {
        if (_agent is not null)
        {
            _agent.Kill(entireProcessTree: true);
            await _agent.WaitForExitAsync();
            _agent.Dispose();
        }

        foreach (string line in _lines)
        {
            _output.WriteLine(line);
        }

        await Mission.DisposeAsync();
        _library.Dispose();
        Maker.Dispose();
        foreach (Ed25519Keys key in _operators)
        {
            key.Dispose();
        }
    }

    public Task OrderAsync(uint id, Parcel parcel, int signatures)
    {
        Say($"order {id}, {signatures} signatures");
        var everybody = new PartsPerMillion(1_000_000);
        var rollout = new Rollout(
            id, SkillFunction.Core, CoreBay.Abi, parcel.Image, parcel.Bytes.Length,
            [.. Mission.Plan.Nodes.Select(node => node.Design.Class).Distinct().Order()],
            new SkillTrial(0, default, _probation, TimeSpan.FromHours(6)),
            RolloutRules.Core with
            {
                Canary = everybody,
                Exposure = everybody,
                CanaryTime = TimeSpan.FromHours(1),
                Errors = everybody,
                Gate = default,
                Quorum = null,
                Strain = everybody,
            });
        return Mission.Plane.TellAsync(new StrategyInput.RolloutOrdered(
            rollout,
            [
                .. _operators[..signatures].Select(
                    key => new OperatorSignature(key.PublicKey, key.Sign(rollout.ToSign()))),
            ]));
    }

    /// <summary>Orders an image, and waits until this has become of it, and the hub hears of the node
    /// again.</summary>
    public async Task EndsAsync(
        uint id, Parcel parcel, SkillState state, SkillReason reason, bool isOrdered = false)
    {
        if (!isOrdered)
        {
            await OrderAsync(id, parcel, signatures: 2);
        }

        Ordered.Add(parcel.Image);
        SkillReport? report = null;
        await Until(
            async () => (report = await ReportAsync(id))?.State is SkillState.Refused
                or SkillState.RolledBack or SkillState.Settled,
            $"rollout {id} has come to an end");
        Say($"rollout {id}: {report!.State}, {report.Reason}; {Text(Slots.Read())}");
        Assert.Equal((state, reason), (report.State, report.Reason));
        await IsHeardAsync();
    }

    public async Task<SkillReport?> ReportAsync(uint rollout) => await Mission.Plane.AskAsync(
        Mission.Region, hub => hub.Errands.TryGetValue(
            (new NodeId(Node), SkillFunction.Core), out SkillErrand? errand)
            && errand.Order.Rollout == rollout ? errand.Report : null);

    /// <summary>The node calls as before.</summary>
    public async Task IsHeardAsync()
    {
        Instant now = Mission.Clock.Now;
        await Until(
            async () => await Mission.Plane.AskAsync(
                Mission.Region, hub => hub.Roster[new NodeId(Node)].Link.LastHeard) > now,
            "the node is heard again");
    }

    /// <summary>The cores that the node attested, one after the other.</summary>
    public async Task<Digest[]> AttestedAsync()
    {
        var cores = new List<Digest>();
        await foreach (NodeFact fact in AgentKillTests.FactsOf<NodeFact>(
            Path.Combine(Folder, "node.db"), $"node/{Node}"))
        {
            if (fact is NodeFact.Log(LogFact.Attested(_, Entry.Booted booted)))
            {
                cores.Add(booted.Core);
            }
        }

        return [.. cores];
    }

    /// <summary>Whatever it ran, it was approved then.</summary>
    public async Task NobodyIsBlamedAsync()
    {
        int accepted = 0;
        await foreach (HubFact fact in AgentKillTests.FactsOf<HubFact>(
            Path.Combine(Mission.Folder, "hanse.db"), $"hub/{Mission.Region.Value}"))
        {
            if (fact is HubFact.Reconcile(ReconcileFact.Judged(_, _, var verdict)))
            {
                Assert.NotEqual(ReturnOutcome.Quarantined, verdict.Outcome);
                accepted++;
            }
        }

        Assert.InRange(accepted, 1, int.MaxValue);
    }

    private static string Text(CoreChoice choice) => string.Create(
        CultureInfo.InvariantCulture,
        $"proven {choice.Proven.Slot}, trial {choice.Trial?.Slot ?? '.'}, starts {choice.Starts}");

    private void StartAgent()
    {
        string file = Path.Combine(Mission.Folder, "mission.yaml");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(Maker.Installed, "hanse.dll"), "agent", file, "--server",
                Mission.Server.Address.ToString(), "--fingerprint", Mission.Fingerprint, "--token",
                _token, "--data", Folder, "--pace", Pace.ToString(CultureInfo.InvariantCulture),
                "--epoch",
                Mission.Epoch.ToString("O", CultureInfo.InvariantCulture), "--trust", Maker.RootFile,
                "--core-slots", "--core-patience", "10", .. Options,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        Process process = Process.Start(start)!;
        _agent = process;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>How often the agent has said something.</summary>
    public int Said(string words)
    {
        lock (_lines)
        {
            return _lines.Count(line => line.Contains(words, StringComparison.Ordinal));
        }
    }

    private void Say(string line) => Hear("-- " + line);

    private void Hear(string? line)
    {
        lock (_lines)
        {
            if (line is not null)
            {
                _lines.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,6:F1} {line}"));
            }
        }
    }
}
