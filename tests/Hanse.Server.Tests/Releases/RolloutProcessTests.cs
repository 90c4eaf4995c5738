using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.Core.Identity;
using Hanse.Core.Skills;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Releases;

/// <summary>A release on its whole way as people walk it: a server and an agent, each a process of its own,
/// and commands for everything else.</summary>
public sealed class RolloutProcessTests(ITestOutputHelper output) : IDisposable
{
    private const string Pace = "3600";

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-rollout-").FullName;
    private readonly List<Process> _processes = [];

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_release_that_two_have_signed_comes_to_decide_on_a_real_agent()
    {
        using var maker = new ReleaseMaker(DateTimeOffset.UtcNow);
        Parcel parcel = maker.Push("1.0.0");
        string mission = Path.Combine(_folder, "mission.yaml");
        await File.WriteAllTextAsync(mission, ScenarioText.Write(Reachable()));
        string signers = Path.Combine(_folder, "signers");
        _ = await RunAsync(0, "key", "new", At("ada"), "--name", "ada");
        _ = await RunAsync(0, "key", "new", At("bo"), "--name", "bo");
        await File.WriteAllTextAsync(
            signers,
            "usual 1\nfaster 2 # who is in a hurry\n" + await File.ReadAllTextAsync(At("ada.pub"))
                + await File.ReadAllTextAsync(At("bo.pub")));

        int port = KillTests.FreePort();
        string server = $"https://127.0.0.1:{port}";
        string[] serve =
        [
            "serve", mission, "--data", At("data"), "--listen", $"127.0.0.1:{port}", "--pace", Pace,
            "--packages", maker.Mirrored, "--signers", signers,
        ];
        Process serving = Start(serve, out Task<string> epoch, "for agents: --epoch ");
        string began = await epoch;
        string[] link = ["--server", server, "--data", At("data")];
        string token = (await RunAsync(0, ["node", "invite", "1", .. link])).Trim();
        _ = Start(
            [
                "agent", mission, "--server", server, "--fingerprint",
                (await File.ReadAllTextAsync(Path.Combine(At("data"), "tls.sha256"))).Trim(), "--token",
                token,
                "--data", At("agent"), "--pace", Pace, "--epoch", began, "--trust", maker.RootFile,
            ],
            out Task<string> runs, "node 1 runs");
        _ = await runs;

        // As fast as can be, which takes two.
        string order = At("order.json");
        _ = await RunAsync(
            0, "rollout", "new", order, "--packages", maker.Mirrored, "--release", parcel.Digest.ToString(),
            "--number", "1", "--classes", "1", "--canary-percent", "100", "--exposure-percent", "100",
            "--canary-days", "0.05", "--gate-percent", "0", "--quorum-percent", "0",
            "--errors-percent", "100", "--shadow-runs", "4", "--probation-days", "0.1",
            "--pulse-hours", "0.2");
        Assert.Contains("1 to 16 signatures", await RunAsync(2, ["rollout", "order", order, .. link]));
        _ = await RunAsync(0, "rollout", "sign", order, "--key", At("ada"));
        Assert.Contains(
            "takes signatures by more keys", await RunAsync(2, ["rollout", "order", order, .. link]));
        string signed = await RunAsync(0, "rollout", "sign", order, "--key", At("bo"));
        Assert.Contains("faster than the standard lane", signed);
        Assert.Contains("class 1: running", await RunAsync(0, ["rollout", "order", order, .. link]));

        // The server is killed and started again: the order is where it was, and the clock has gone on.
        serving.Kill();
        await serving.WaitForExitAsync();
        _ = Start(serve, out Task<string> later, "for agents: --epoch ");
        Assert.Equal(began, await later);
        Assert.Contains("class 1: running", await RunAsync(0, ["rollout", "order", order, .. link]));
        string shown = "";
        await SmallMission.Until(
            async () => (shown = await RunAsync(0, ["rollout", "list", .. link])).Contains(
                "class 1: complete", StringComparison.Ordinal),
            "the class is complete");
        output.WriteLine(shown);
        Assert.Contains($"release {parcel.Digest}, over", shown);
        (List<SkillSlot> slots, _) = await ReleaseMission.FactsAsync(
            Path.Combine(At("agent"), "node.db"), 1, parcel.Digest);
        Assert.Equal(parcel.Digest, slots[^1].Active);

        // And back.
        _ = await RunAsync(0, ["rollout", "abort", "1", .. link]);
        await SmallMission.Until(
            async () => (await ReleaseMission.FactsAsync(
                Path.Combine(At("agent"), "node.db"), 1, parcel.Digest)).Slots[^1].Active == default,
            "the node has let it go");
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static Scenario Reachable()
    {
        Scenario calm = Calm.Fleet(1);
        return calm with
        {
            Seed = 1,
            Fleet = calm.Fleet with { Nodes = 3 },
            Regions = calm.Regions with { Count = 1 },
            Links = calm.Links with
            {
                NodePeriodHours = 2,
                NodeWindowHours = 1,
                StrategyPeriodHours = 1,
                ClockErrorSeconds = 60,
            },
            Market = calm.Market with { CycleHours = 4 },
        };
    }

    // Ends when it does, with the code that it should have.
    private static async Task<string> RunAsync(int code, params string[] arguments)
    {
        using Process process = Process.Start(Hanse(arguments))!;
        Task<string> said = process.StandardOutput.ReadToEndAsync();
        Task<string> failed = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        string all = await said + await failed;
        Assert.True(process.ExitCode == code, $"{string.Join(' ', arguments)}: {process.ExitCode}\n{all}");
        return all;
    }

    // Goes on; what follows on the first line that begins so.
    private Process Start(string[] arguments, out Task<string> rest, string begins)
    {
        Process process = Process.Start(Hanse(arguments))!;
        _processes.Add(process);
        var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var lines = new List<string>();
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        rest = found.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return process;

        void Hear(string? line)
        {
            lock (lines)
            {
                lines.Add(line ?? "it has ended");
                if (line is null)
                {
                    _ = found.TrySetException(new InvalidOperationException(string.Join('\n', lines)));
                }
                else if (line.StartsWith(begins, StringComparison.Ordinal))
                {
                    _ = found.TrySetResult(line[begins.Length..]);
                }
            }
        }
    }

    private static ProcessStartInfo Hanse(string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "hanse.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        return start;
    }
}
