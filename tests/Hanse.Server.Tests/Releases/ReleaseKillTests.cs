using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>A real agent process is ended at random moments by the system (SIGKILL) while a release is
/// downloaded, admitted and put in place, and started again on its folder.</summary>
/// <remarks>HANSE_KILLS says how often in each of the three (3); HANSE_SEED when.</remarks>
public sealed class ReleaseKillTests(ITestOutputHelper output)
{
    private const uint Node = 1;
    private const double Pace = 3_600;

    [Fact]
    public async Task A_killed_agent_goes_on_and_ends_with_a_release_that_works_and_was_admitted_once()
    {
        int kills = KillTests.Number("HANSE_KILLS", 3);
        var luck = new Random(KillTests.Number("HANSE_SEED", 1));
        await using var releases = new ReleaseMission { Narrow = (256, 8) };
        SmallMission mission = releases.Mission;
        Parcel parcel = releases.Maker.Push("1.0.0");
        await mission.StartAsync();
        await using var agent = new Agent(releases, await TokenAsync(mission));
        await agent.StartAsync();
        await SmallMission.Until(
            async () => await mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count) == 1,
            "the agent is enrolled");
        await releases.OrderAsync(1, parcel);
        string package = Path.Combine(agent.Folder, "packages", parcel.Digest.ToString());

        // In the middle of a download, each time further on.
        long held = 0;
        for (int kill = 0; kill < kills; kill++)
        {
            long next = held + luck.Next(1, parcel.Bytes.Length / (kills + 1));
            await SmallMission.Until(() => Task.FromResult(Length(package) > next), "more has come");
            await agent.KillAsync(luck.Next(0, 40));
            held = Length(package);
            output.WriteLine($"killed at {held} of {parcel.Bytes.Length} bytes");
            await agent.StartAsync();
        }

        // While it verifies and compiles: that begins when all is there, and anew at each start.
        await SmallMission.Until(
            () => Task.FromResult(Length(package) == parcel.Bytes.Length), "all has come");
        string admitted = $"release {parcel.Digest}: admitted";
        for (int kill = 0; kill < kills; kill++)
        {
            await agent.KillAsync(luck.Next(0, 1_500));
            output.WriteLine($"killed, {(agent.Says(admitted) ? "admitted" : "not admitted yet")}");
            await agent.StartAsync();
        }

        // Between the shadow and its first days.
        await SmallMission.Until(() => Task.FromResult(
            agent.Says(admitted) || agent.Says($"release {parcel.Digest}: ready again")), "it is admitted");
        for (int kill = 0; kill < kills; kill++)
        {
            await agent.KillAsync(luck.Next(0, 1_500));
            await agent.StartAsync();
        }

        await SmallMission.Until(
            async () => (await releases.ReportAsync(Node, 1))?.State
                is SkillState.Active or SkillState.Settled,
            "it decides");
        await agent.KillAsync(0);
        await agent.StartAsync();
        await releases.WorkAsync();
        await agent.KillAsync(500);
        await mission.StopAsync();
        Assert.Empty(mission.Failures);
        Assert.InRange(releases.Windows, 3, int.MaxValue);
        (List<SkillSlot> slots, int decisions) = await ReleaseMission.FactsAsync(
            Path.Combine(agent.Folder, "node.db"), Node, parcel.Digest);
        output.WriteLine($"{agent.Starts} starts, {releases.Windows} windows, {decisions} decisions");
        Assert.InRange(decisions, 1, int.MaxValue);
        Assert.Equal(
            [SkillState.Fetching, SkillState.Admitting, SkillState.Shadowing, SkillState.Active],
            slots.Select(slot => slot.State).Where((state, i) => i == 0 || slots[i - 1].State != state)
                .Where(state => state != SkillState.Settled)); // It may have been proven meanwhile.
        Assert.Equal(parcel.Digest, slots[^1].Active);
        Assert.Equal(0, slots[^1].Faults);
        Assert.Equal(
            [parcel.Digest.ToString()],
            Directory.GetFiles(Path.Combine(agent.Folder, "packages"))
                .Select(file => Path.GetFileName(file)));
        Assert.Equal(parcel.Bytes, await File.ReadAllBytesAsync(package));
    }

    private static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    private static async Task<string> TokenAsync(SmallMission mission) =>
        Convert.ToHexString(await mission.Registry.IssueAsync(new NodeId(Node)));

    private sealed class Agent(ReleaseMission releases, string token) : IAsyncDisposable
    {
        private readonly List<string> _lines = [];
        private Process? _process;

        public string Folder => Path.Combine(releases.Mission.Folder, "agent");

        public int Starts { get; private set; }

        public bool Says(string line)
        {
            lock (_lines)
            {
                return _lines.Contains(line);
            }
        }

        /// <summary>Starts it, and waits until it runs.</summary>
        public async Task StartAsync()
        {
            SmallMission mission = releases.Mission;
            string file = Path.Combine(mission.Folder, "mission.yaml");
            await File.WriteAllTextAsync(file, ScenarioText.Write(mission.Scenario));
            var start = new ProcessStartInfo(
                "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "agent", file, "--server",
                    mission.Server.Address.ToString(), "--fingerprint", mission.Fingerprint, "--token", token,
                    "--data", Folder, "--pace", Pace.ToString(CultureInfo.InvariantCulture), "--epoch",
                    mission.Epoch.ToString("O", CultureInfo.InvariantCulture), "--trust",
                    releases.Maker.RootFile,
                ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
            Process process = Process.Start(start)!;
            _process = process;
            Starts++;
            process.ErrorDataReceived += (_, line) => Hear(line.Data);
            process.BeginErrorReadLine();
            string? runs = await process.StandardOutput.ReadLineAsync();
            Assert.True(runs?.StartsWith("node 1 runs", StringComparison.Ordinal), string.Join("\n", _lines));
        }

        public async Task KillAsync(int after)
        {
            await Task.Delay(after);
            _process!.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }

        public async ValueTask DisposeAsync()
        {
            if (_process is not null)
            {
                await KillAsync(0);
            }
        }

        private void Hear(string? line)
        {
            lock (_lines)
            {
                if (line is not null)
                {
                    _lines.Add(line);
                }
            }
        }
    }
}
