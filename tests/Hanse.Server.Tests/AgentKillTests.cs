using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cli.Scenarios;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Node;
using Hanse.Core.Wire;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Real agent processes, ended at random moments by the system (SIGKILL), and started again on their
/// folders.</summary>
/// <remarks>HANSE_KILLS says how often (5); HANSE_SEED when.</remarks>
public sealed class AgentKillTests(ITestOutputHelper output)
{
    private const int Agents = 3;
    private const double Pace = 3_600;

    // A machine whose hold fills without anybody having ordered it: there is always something to report.
    private const string Device = """
        for ((i = 1; ; i++)); do
            sleep 0.2
            reading="{\"variable\":1,\"value\":$((i * 400000 % 2000000))}"
            echo "{\"input\":2,\"observed\":{\"readings\":[$reading]}}" || exit
        done
        """;

    [Fact]
    public async Task A_killed_agent_goes_on_and_nothing_that_its_hub_had_is_lost_or_applied_twice()
    {
        int kills = KillTests.Number("HANSE_KILLS", 5);
        var luck = new Random(KillTests.Number("HANSE_SEED", 1));
        await using var mission = new SmallMission(pace: Pace);
        await mission.StartAsync();
        string file = Path.Combine(mission.Folder, "mission.yaml");
        await File.WriteAllTextAsync(file, ScenarioText.Write(mission.Scenario));
        var tokens = new string[Agents];
        for (int i = 0; i < Agents; i++)
        {
            tokens[i] = Convert.ToHexString(await mission.Registry.IssueAsync(new NodeId((uint)i + 1)));
        }

        Process[] agents = [.. tokens.Select((token, i) => Run(mission, file, i, token))];
        try
        {
            await SmallMission.Until(() => AllEnrolled(mission), "all agents are enrolled");
            for (int kill = 0; kill < kills; kill++)
            {
                await Task.Delay(luck.Next(300, 2_000));
                int victim = luck.Next(Agents);
                agents[victim].Kill();
                await agents[victim].WaitForExitAsync();
                agents[victim].Dispose();
                agents[victim] = Run(mission, file, victim, tokens[victim]);
            }

            await AllCallAgain(mission);
        }
        finally
        {
            foreach (Process agent in agents)
            {
                agent.Kill();
                await agent.WaitForExitAsync();
                agent.Dispose();
            }
        }

        Assert.Empty(mission.Failures);
        await mission.StopAsync();
        await AuditAsync(mission);
    }

    private async Task AuditAsync(SmallMission mission)
    {
        var taken = new HashSet<(NodeId Node, ulong Sequence)>();
        await foreach (HubFact fact in FactsOf<HubFact>(
            Path.Combine(mission.Folder, "hanse.db"), $"hub/{mission.Region.Value}"))
        {
            if (fact is HubFact.NodeLink(var node, LinkFact.Taken link))
            {
                Assert.All(link.Received, sequence => Assert.True(
                    taken.Add((node, sequence)), $"applied twice: message {sequence} of {node}"));
            }
        }

        int acknowledged = 0;
        for (uint number = 1; number <= Agents; number++)
        {
            await foreach (NodeFact fact in FactsOf<NodeFact>(
                Path.Combine(mission.Folder, $"agent-{number}", "node.db"), $"node/{number}"))
            {
                if (fact is NodeFact.Link(LinkFact.Taken link))
                {
                    acknowledged += link.Acked.Length;
                    Assert.All(link.Acked, sequence => Assert.True(
                        taken.Contains((new NodeId(number), sequence)),
                        $"lost: {sequence} of node {number}"));
                }
            }
        }

        output.WriteLine($"{acknowledged} messages acknowledged, {taken.Count} durable at the hub");
        Assert.InRange(acknowledged, 3 * Agents, taken.Count);
    }

    internal static async IAsyncEnumerable<T> FactsOf<T>(string path, string stream)
        where T : class, IShaped<T>
    {
        await using var store = SqliteStore.OpenToRead(path);
        Assert.Empty(await StoreAudit.ReadAsync(store, (_, _) => { }));
        await foreach (StreamBatch batch in store.ReadAsync(new StreamName(stream), 0))
        {
            var facts = new List<T>();
            Assert.Null(MachineMemory.Read<T>(batch.Run, facts.Add));
            foreach (T fact in facts)
            {
                yield return fact;
            }
        }
    }

    private static async Task<bool> AllEnrolled(SmallMission mission) =>
        await mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count) == Agents;

    private static async Task AllCallAgain(SmallMission mission)
    {
        Core.Time.Instant now = mission.Clock.Now;
        await SmallMission.Until(
            () => mission.Plane.AskAsync(
                mission.Region, hub => hub.Roster.Values.All(entry => entry.Link.LastHeard > now)),
            "every agent has called after the last kill");
    }

    private static Process Run(SmallMission mission, string file, int agent, string token)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "agent", file, "--server",
                mission.Server.Address.ToString(), "--fingerprint", mission.Fingerprint, "--token", token,
                "--data", Path.Combine(mission.Folder, $"agent-{agent + 1}"), "--pace",
                Pace.ToString(CultureInfo.InvariantCulture), "--epoch",
                mission.Epoch.ToString("O", CultureInfo.InvariantCulture), "--device", "bash", "-c", Device,
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        return Process.Start(start)!;
    }
}
