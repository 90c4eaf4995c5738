using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;
using Hanse.Agent;
using Hanse.Cli.Scenarios;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>A real agent process that changes its key again and again, and is ended at random moments by the
/// system (SIGKILL).</summary>
/// <remarks>HANSE_KILLS says how often (5); HANSE_SEED when.</remarks>
public sealed class AgentKeyKillTests(ITestOutputHelper output)
{
    private const double Pace = 3_600;
    private static readonly NodeId _node = new(1);

    [Fact]
    public async Task However_it_is_killed_an_agent_ends_with_a_key_that_speaks_for_it()
    {
        int kills = KillTests.Number("HANSE_KILLS", 5);
        var luck = new Random(KillTests.Number("HANSE_SEED", 1));
        await using var mission = new SmallMission(pace: Pace);
        await mission.StartAsync();
        string file = Path.Combine(mission.Folder, "mission.yaml");
        await File.WriteAllTextAsync(file, ScenarioText.Write(mission.Scenario));
        string token = Convert.ToHexString(await mission.Registry.IssueAsync(_node));
        string folder = Path.Combine(mission.Folder, "agent-1");
        Process agent = Run(mission, file, folder, token);
        try
        {
            await SmallMission.Until(
                () => mission.Plane.AskAsync(mission.Region, hub => hub.Roster.Count == 1), "it is enrolled");
            byte[] first = AgentFolder.Open(folder).Keys.First;

            // Made, with nobody there to be told.
            await EndAsync(agent);
            await mission.StopAsync();
            agent = Run(mission, file, folder, token, "--rotate-key");
            await SmallMission.Until(
                () => Task.FromResult(AgentFolder.Open(folder).Keys.Next is not null), "a key is made");
            await EndAsync(agent);
            await mission.StartAsync();
            agent = Run(mission, file, folder, token);
            await SettledAsync(mission, folder, 2);

            for (int kill = 0; kill < kills; kill++)
            {
                _ = await mission.Registry.OrderChangeAsync(_node);
                await Task.Delay(luck.Next(0, 2_500));
                await EndAsync(agent);
                agent = Run(mission, file, folder, token);
            }

            await SmallMission.Until(
                () => Task.FromResult(
                    mission.Registry.DueOf(_node) == 0 && !AgentFolder.Open(folder).Keys.IsUnsettled),
                "what was ordered is done");
            uint serial = mission.Registry.SerialOf(_node);
            await SettledAsync(mission, folder, serial);
            Assert.Equal(first, AgentFolder.Open(folder).Keys.First);
            await SmallMission.Until(
                () => mission.Plane.AskAsync(mission.Region, hub => hub.Reconciler.Receptions[_node]
                    .Accepted.Key.AsSpan().SequenceEqual(mission.Registry.KeyOf(_node))),
                "its hub goes by its last key");
            Reception reception = await mission.Plane.AskAsync(
                mission.Region, hub => hub.Reconciler.Receptions[_node]);
            Assert.Null(reception.Quarantine);
            Assert.Equal((int)serial - 1, reception.Accepted.FormerKeys.Length);
            Assert.InRange(serial, 3u, uint.MaxValue);
            output.WriteLine($"{kills} kills, {serial} keys, one after the other");
        }
        finally
        {
            await EndAsync(agent);
        }

        Assert.Empty(mission.Failures);
    }

    private static async Task SettledAsync(SmallMission mission, string folder, uint serial)
    {
        Instant now = mission.Clock.Now;
        await SmallMission.Until(
            async () =>
            {
                NodeKeys keys = AgentFolder.Open(folder).Keys;
                return keys.Own.Serial == serial && keys.Next is null && !keys.IsUnsettled
                    && keys.Own.Key.PublicKey.AsSpan().SequenceEqual(mission.Registry.KeyOf(_node))
                    && await mission.Plane.AskAsync(
                        mission.Region, hub => hub.Roster[_node].Link.LastHeard > now);
            },
            $"key {serial} speaks for it, and it is heard");
    }

    private static async Task EndAsync(Process agent)
    {
        agent.Kill();
        await agent.WaitForExitAsync();
        agent.Dispose();
    }

    private static Process Run(
        SmallMission mission, string file, string folder, string token, params string[] more)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "agent", file, "--server",
                mission.Server.Address.ToString(), "--fingerprint", mission.Fingerprint, "--token", token,
                "--data", folder, "--pace", Pace.ToString(CultureInfo.InvariantCulture), "--epoch",
                mission.Epoch.ToString("O", CultureInfo.InvariantCulture), .. more,
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        return Process.Start(start)!;
    }
}
