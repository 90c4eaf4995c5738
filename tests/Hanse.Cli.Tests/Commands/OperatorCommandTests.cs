using System;
using System.Globalization;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Commands;
using Hanse.Cli.Serving;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary>What operators do from the command line, with a server that serves a small mission.</summary>
public sealed class OperatorCommandTests : IAsyncLifetime
{
    private readonly Rig _rig = new();
    private LiveMission _mission = null!;

    private string Data => _rig.File("data");

    public async ValueTask InitializeAsync() => _mission = await LiveMission.StartAsync(
        new LiveOptions
        {
            Folder = Data,
            Scenario = Small(),
            Pace = 3_600,
            HasFleet = false,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Time = TimeProvider.System,
            Log = _ => { },
        },
        CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _mission.DisposeAsync();
        _rig.Dispose();
    }

    [Fact]
    public void Status_shows_the_mission_and_its_hubs()
    {
        Assert.Equal(ExitCode.Fine, Run("status"));
        Assert.Contains("0 nodes enrolled", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, Run("status", "-o", "json"));
        Assert.Contains("\"hubs\"", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_is_invited_and_a_bounty_is_posted_once()
    {
        Assert.Equal(ExitCode.Fine, Run("node", "invite", "3"));
        Assert.Equal(64, _rig.Output.Trim().Length);
        string depot = _mission.Plan.Regions[0].Depots[0].Value.ToString(
            System.Globalization.CultureInfo.InvariantCulture);
        string[] order =
        [
            "bounty", "post", "by-hand", "--region", "1", "--depot", depot, "--commodity", "nickel",
            "--tonnes", "2.5", "--credits", "10", "--until", "900.5",
        ];
        Assert.True(Run(order) == ExitCode.Fine, _rig.Error);
        string first = _rig.Output.Trim();
        Assert.Equal(ExitCode.Fine, Run(order));
        Assert.Equal(first + ", posted before", _rig.Output.Trim());
        Assert.Equal(ExitCode.Refused, Run([.. order[..^1], "0"]));
        Assert.Contains("deadlineMicros", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, Run([.. order[..^1], "901"]));
        Assert.Contains("another order", _rig.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_is_let_in_once_by_name()
    {
        Assert.Equal(ExitCode.Fine, _rig.Run("operator", "add", "viewer", "anna", "--data", Data));
        Assert.StartsWith("hanse_", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, _rig.Run("operator", "add", "admin", "anna", "--data", Data));
        Assert.Equal(ExitCode.Refused, _rig.Run("operator", "add", "admin", "an na", "--data", Data));
        Assert.Equal(ExitCode.Refused, _rig.Run("operator", "add", "king", "bert", "--data", Data));
        Assert.Equal(
            ExitCode.Environment, _rig.Run("operator", "add", "viewer", "carl", "--data", _rig.File("none")));
    }

    [Fact]
    public void An_operator_is_let_in_for_days_shown_and_taken_out()
    {
        Assert.Equal(
            ExitCode.Refused, _rig.Run("operator", "add", "viewer", "dora", "--days", "0", "--data", Data));
        Assert.Equal(
            ExitCode.Fine, _rig.Run("operator", "add", "viewer", "dora", "--days", "9", "--data", Data));
        Assert.Equal(ExitCode.Fine, _rig.Run("operator", "add", "depot", "depot-1", "--data", Data));
        Assert.Equal(ExitCode.Fine, _rig.Run("operator", "list", "--data", Data));
        string day = DateTime.UtcNow.AddDays(9).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Contains($"viewer   dora, until {day}", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("depot    depot-1\n", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, _rig.Run("operator", "remove", "dora", "--data", Data));
        Assert.Equal(ExitCode.Refused, _rig.Run("operator", "remove", "dora", "--data", Data));
        Assert.Equal(ExitCode.Fine, _rig.Run("operator", "list", "--data", Data));
        Assert.DoesNotContain("dora", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("depot-1", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, Run("status")); // The admin is still there.
    }

    [Fact]
    public void What_is_not_there_is_told()
    {
        Assert.Equal(ExitCode.Refused, Run("node", "invite", "0"));
        Assert.Contains("node", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(
            ExitCode.Environment, _rig.Run("status", "--data", Data, "--server", "https://127.0.0.1:1"));
        Assert.Equal(ExitCode.Refused, _rig.Run("status", "--data", Data, "--server", "nonsense"));
        Assert.Equal(
            ExitCode.Environment,
            _rig.Run("status", "--data", _rig.File("none"), "--server", _mission.Address.ToString()));
        Assert.Contains("HANSE_TOKEN", _rig.Error, StringComparison.Ordinal);
        string digits = Path.Combine(Data, "tls.sha256");
        File.WriteAllText(digits, new string('0', 64));
        Assert.Equal(ExitCode.Environment, Run("status"));
        Assert.Contains("certificate", _rig.Error, StringComparison.Ordinal);
    }

    private int Run(params string[] arguments) =>
        _rig.Run([.. arguments, "--data", Data, "--server", _mission.Address.ToString()]);

    private static Scenario Small()
    {
        Scenario calm = Calm.Fleet(1);
        return calm with
        {
            Fleet = calm.Fleet with { Nodes = 6 },
            Regions = calm.Regions with { Count = 1 },
        };
    }
}
