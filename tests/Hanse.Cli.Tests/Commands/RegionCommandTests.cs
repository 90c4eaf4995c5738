using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Commands;
using Hanse.Cli.Serving;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Xunit;

namespace Hanse.Cli.Tests.Commands;

/// <summary>Authority and succession of hubs, ordered from the command line of a mission with three of
/// them.</summary>
public sealed class RegionCommandTests : IAsyncLifetime
{
    private readonly Rig _rig = new();
    private LiveMission _mission = null!;

    private string Data => _rig.File("data");

    public async ValueTask InitializeAsync() => _mission = await LiveMission.StartAsync(
        new LiveOptions
        {
            Folder = Data,
            Scenario = Three(),
            Pace = 36_000,
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
    public void A_region_is_kept_ends_begins_again_and_is_given_up()
    {
        Assert.Equal(ExitCode.Refused, Run("region", "adopt", "1", "--successor", "1"));
        Assert.Equal(ExitCode.Refused, Run("region", "end", "9"));
        UntilChartered();
        Assert.Equal(ExitCode.Fine, Run("region", "forbid", "1"));
        Assert.Contains("by order only", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, Run("region", "list"));
        Assert.Contains("by order only", _rig.Output, StringComparison.Ordinal);
        Assert.Contains("day ", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, Run("region", "allow", "1"));
        Assert.DoesNotContain("by order only", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Fine, Run("region", "end", "2"));
        Assert.Contains("authority is over", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, Run("region", "adopt", "1", "--successor", "2"));
        Assert.Equal(ExitCode.Fine, Run("region", "give", "2"));
        Assert.Contains("has authority", _rig.Output, StringComparison.Ordinal);

        Assert.Equal(ExitCode.Fine, Run("region", "adopt", "1", "--successor", "2"));
        Assert.Contains("taken over by 2", _rig.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Fine, Run("region", "adopt", "1", "--successor", "2")); // The same again.
        Assert.Equal(ExitCode.Refused, Run("region", "adopt", "1", "--successor", "3"));
        Assert.Equal(ExitCode.Refused, Run("region", "give", "1"));
        Assert.Contains("region 2 has taken over", _rig.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Refused, Run("region", "forbid", "1"));
        Assert.Equal(ExitCode.Fine, Run("status"));
        Assert.Contains("taken over by 2", _rig.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_is_not_there_is_handed_over_to_nobody()
    {
        Assert.Equal(ExitCode.Refused, Run("node", "handover", "4", "--from", "1", "--to", "1"));
        Assert.Contains("are the same", _rig.Error, StringComparison.Ordinal);
        UntilChartered();
        Assert.Equal(ExitCode.Refused, Run("node", "handover", "4", "--from", "1", "--to", "2"));
    }

    private void UntilChartered()
    {
        for (int i = 0; i < 600; i++)
        {
            Assert.Equal(ExitCode.Fine, Run("region", "list"));
            if (!_rig.Output.Contains("waits for its charter", StringComparison.Ordinal))
            {
                return;
            }

            Thread.Sleep(100);
        }

        Assert.Fail(_rig.Output);
    }

    private int Run(params string[] arguments) =>
        _rig.Run([.. arguments, "--data", Data, "--server", _mission.Address.ToString()]);

    private static Scenario Three()
    {
        Scenario calm = Calm.Fleet(1);
        return calm with
        {
            Fleet = calm.Fleet with { Nodes = 6 },
            Regions = calm.Regions with { Count = 3 },
        };
    }
}
