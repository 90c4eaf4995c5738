using System;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Serving;
using Hanse.Core.Time;
using Hanse.IO.Stores;
using Hanse.Simulation.Tests.Fleet;
using Xunit;

namespace Hanse.Cli.Tests.Serving;

/// <summary>The clock of a served mission: with real machines it runs on while nobody serves, as theirs do;
/// with a simulated fleet it stands.</summary>
public sealed class MissionClockTests : IDisposable
{
    private const double Pace = 60;

    private readonly string _folder = System.IO.Directory.CreateTempSubdirectory("hanse-clock-").FullName;
    private readonly Shifted _time = new();

    public void Dispose() => System.IO.Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_runs_on_while_nobody_serves_and_keeps_its_beginning()
    {
        (Instant before, DateTimeOffset? epoch) = await ServeAsync(hasFleet: false);
        _time.By += TimeSpan.FromHours(1);
        (Instant after, DateTimeOffset? later) = await ServeAsync(hasFleet: false);
        Assert.NotNull(epoch);
        Assert.Equal(epoch, later);
        Assert.InRange(after - before, Pace * TimeSpan.FromHours(1), Pace * TimeSpan.FromHours(1.1));
    }

    [Fact]
    public async Task Another_pace_and_a_simulated_fleet_are_refused()
    {
        _ = await ServeAsync(hasFleet: false);
        StoreException pace = await Assert.ThrowsAsync<StoreException>(() => ServeAsync(false, 2 * Pace));
        Assert.Contains("--pace 60", pace.Message, StringComparison.Ordinal);
        StoreException fleet = await Assert.ThrowsAsync<StoreException>(() => ServeAsync(hasFleet: true));
        Assert.Contains("a folder of its own", fleet.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_stood_goes_on_from_what_it_showed()
    {
        (Instant before, DateTimeOffset? none) = await ServeAsync(hasFleet: true);
        Assert.Null(none);
        _time.By += TimeSpan.FromDays(1);
        (Instant after, DateTimeOffset? epoch) = await ServeAsync(hasFleet: false);
        Assert.NotNull(epoch);
        Assert.InRange(after - before, TimeSpan.FromSeconds(1), Pace * TimeSpan.FromMinutes(5));
    }

    private async Task<(Instant Shown, DateTimeOffset? Epoch)> ServeAsync(bool hasFleet, double pace = Pace)
    {
        var calm = Calm.Fleet(1);
        await using LiveMission mission = await LiveMission.StartAsync(
            new LiveOptions
            {
                Folder = _folder,
                Scenario = calm with
                {
                    Seed = 1,
                    Fleet = calm.Fleet with { Nodes = 1 },
                    Regions = calm.Regions with { Count = 1 },
                },
                Pace = pace,
                HasFleet = hasFleet,
                Listen = new IPEndPoint(IPAddress.Loopback, 0),
                Time = _time,
                Log = _ => { },
            },
            CancellationToken.None);
        return (mission.Now, mission.Epoch);
    }

    private sealed class Shifted : TimeProvider
    {
        public TimeSpan By { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + By;
    }
}
