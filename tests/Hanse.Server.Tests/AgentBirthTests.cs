using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.IO.Journal;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>A machine that a real agent's device has built becomes a node as an agent of its own, though both
/// are ended by the system (SIGKILL) on the way.</summary>
public sealed class AgentBirthTests
{
    private const double Pace = 3_600;

    // A machine that has built another, of which it knows the key: it says so until it has the certificate.
    private const string Device = """
        ( while true; do
            if [ -f "$CHILD_KEY" ]; then
                built="\"build\":1,\"publicKey\":\"$(cat "$CHILD_KEY")\",\"class\":$CLASS,\"generation\":$GEN"
                echo "{\"input\":18,\"childBuilt\":{\"built\":{$built}}}" || exit
            fi
            sleep 0.2
        done ) &
        while read -r line; do
            case "$line" in *'"birth":"'*)
                digits=${line##*'"birth":"'}
                printf %s "${digits%%'"'*}" > "$CHILD_BIRTH.new"
                mv "$CHILD_BIRTH.new" "$CHILD_BIRTH" ;;
            esac
        done
        kill $!
        """;

    [Fact]
    public async Task A_machine_that_an_agents_device_has_built_becomes_a_node()
    {
        Ed25519Keys ada = SmallMission.Key("ada");
        await using var mission = new SmallMission(pace: Pace) { Operators = new([ada.PublicKey], 1, 1) };
        await mission.StartAsync();
        string file = Path.Combine(mission.Folder, "mission.yaml");
        await File.WriteAllTextAsync(file, ScenarioText.Write(mission.Scenario));
        await OrderAsync(mission, ada);
        string token = Convert.ToHexString(await mission.Registry.IssueAsync(new NodeId(1)));
        string[] asParent = ["--token", token, "--device", "bash", "-c", Device];
        string[] asChild = ["--birth", Path.Combine(mission.Folder, "child.birth")];
        Process parent = Run(mission, file, "parent", asParent);
        Process child = Run(mission, file, "child", asChild);
        try
        {
            // The child says its key, and is killed while it waits for its certificate.
            string key = (await child.StandardOutput.ReadLineAsync())!.Trim();
            Assert.Equal(64, key.Length);
            child = await AgainAsync(child, () => Run(mission, file, "child", asChild));
            Assert.Equal(key, (await child.StandardOutput.ReadLineAsync())!.Trim());
            await File.WriteAllTextAsync(Path.Combine(mission.Folder, "child.key.new"), key);
            File.Move(
                Path.Combine(mission.Folder, "child.key.new"), Path.Combine(mission.Folder, "child.key"));

            // The parent is killed while it asks, and again when it has certified.
            await Task.Delay(500);
            parent = await AgainAsync(parent, () => Run(mission, file, "parent", asParent));
            await SmallMission.Until(
                () => Task.FromResult(File.Exists(asChild[1])), "the child has its certificate");
            string first = await File.ReadAllTextAsync(asChild[1]);
            parent = await AgainAsync(parent, () => Run(mission, file, "parent", asParent));
            child = await AgainAsync(child, () => Run(mission, file, "child", asChild));
            await SmallMission.Until(
                () => mission.Plane.AskAsync(
                    mission.Region,
                    hub => hub.Roster.TryGetValue(new NodeId(1_000), out RosterEntry? entry)
                        && entry.IsActive),
                "the child is a node");
            child = await AgainAsync(child, () => Run(mission, file, "child", asChild));
            Core.Time.Instant now = mission.Clock.Now;
            await SmallMission.Until(
                () => mission.Plane.AskAsync(
                    mission.Region, hub => hub.Roster[new NodeId(1_000)].Link.LastHeard > now),
                "it goes on after it was killed");
            Assert.Equal(first, await File.ReadAllTextAsync(asChild[1]));
            Assert.Equal(1, await mission.Plane.AskAsync(mission.Region, hub => hub.Births.Births.Count));
            Assert.Empty(mission.Failures);
        }
        finally
        {
            foreach (Process agent in (Process[])[parent, child])
            {
                agent.Kill(entireProcessTree: true);
                await agent.WaitForExitAsync();
                agent.Dispose();
            }
        }
    }

    private static async Task<Process> AgainAsync(Process old, Func<Process> run)
    {
        old.Kill(entireProcessTree: true);
        await old.WaitForExitAsync();
        old.Dispose();
        return run();
    }

    private static async Task OrderAsync(SmallMission mission, Ed25519Keys ada)
    {
        MachineDesign design = mission.SpecOf(1).Design;
        var quota = new BirthQuota(
            1, default, new BirthRange(1_000, 10),
            new BirthTerms(
                [design.Class], design.Generation, design.Generation,
                (mission.Clock.Now + TimeSpan.FromDays(900)).FloorSecond, TimeSpan.FromDays(300),
                TimeSpan.FromDays(300), TimeSpan.FromDays(30), 1, Credits.FromWhole(1)));
        ImmutableArray<OperatorSignature> signed =
            [new OperatorSignature(ada.PublicKey, ada.Sign(quota.ToSign()))];
        await SmallMission.Until(
            async () =>
            {
                await mission.Plane.TellAsync(new StrategyInput.BirthsOrdered(quota, signed));
                return await mission.Plane.AskAsync(mission.Region, hub => hub.Births.Quotas.Count) == 1;
            },
            "the hub has its share of births");
    }

    private static Process Run(SmallMission mission, string file, string name, string[] rest)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            (IEnumerable<string>)
            [
                Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "agent", file, "--server",
                mission.Server.Address.ToString(), "--fingerprint", mission.Fingerprint,
                "--data", Path.Combine(mission.Folder, name), "--pace",
                Pace.ToString(CultureInfo.InvariantCulture), "--epoch",
                mission.Epoch.ToString("O", CultureInfo.InvariantCulture), .. rest,
            ])
        {
            RedirectStandardOutput = true,
        };
        MachineDesign design = mission.SpecOf(1).Design;
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        start.Environment["CHILD_KEY"] = Path.Combine(mission.Folder, "child.key");
        start.Environment["CHILD_BIRTH"] = Path.Combine(mission.Folder, "child.birth");
        start.Environment["CLASS"] = design.Class.ToString(CultureInfo.InvariantCulture);
        start.Environment["GEN"] = design.Generation.ToString(CultureInfo.InvariantCulture);
        return Process.Start(start)!;
    }
}
