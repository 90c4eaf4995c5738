using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Cluster.Grains;
using Hanse.Cluster.Silo;
using Hanse.Cluster.Stores;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.Cluster.Tests;

/// <summary>A cluster of one process, this one.</summary>
[Collection("one after the other")]
public sealed class OneProcessTests(PostgresServer server)
{
    private readonly ClusterMission _mission = new(3, 6);

    [Fact]
    public async Task Hubs_are_chartered_though_nobody_calls_and_are_there_again_after_a_restart()
    {
        string database = await server.NewDatabaseAsync();
        MissionClock clock = ClusterMission.ClockFrom(DateTimeOffset.UtcNow.AddMinutes(-5));
        await using PostgresStore store = await PostgresStore.OpenAsync(database);
        for (int round = 0; round < 2; round++)
        {
            await using ClusterServer cluster = await JoinAsync(store, database, clock);
            await Until(async () => (await store.ListAsync()).Length == 4, "all machines remember something");
            foreach (HubSpec hub in _mission.Hubs)
            {
                await Until(
                    async () => await cluster.Plane.StatusAsync(hub.Region) is { Epoch: 1, IsBalanced: true },
                    "the hub has its charter");
            }

            await LookAsync(cluster);
        }
    }

    [Fact]
    public async Task A_mission_that_one_process_began_on_a_file_goes_on_in_a_cluster_and_comes_back()
    {
        string database = await server.NewDatabaseAsync();
        string folder = System.IO.Directory.CreateTempSubdirectory("hanse-moved-").FullName;
        string first = System.IO.Path.Combine(folder, "first.db");
        string second = System.IO.Path.Combine(folder, "second.db");
        MissionClock clock = ClusterMission.ClockFrom(DateTimeOffset.UtcNow.AddMinutes(-5));
        RegionId region = _mission.Hubs[0].Region;
        await AloneAsync(first, expected: 0);
        await using (var old = SqliteStore.OpenToMove(first))
        await using (PostgresStore copy = await PostgresStore.OpenToMoveAsync(database))
        {
            _ = await StoreMove.RunAsync(old, copy, "a database", CoreBuild.Name, _ => { });
        }

        await using (PostgresStore store = await PostgresStore.OpenAsync(database))
        await using (ClusterServer cluster = await JoinAsync(store, database, clock))
        {
            Assert.Equal(1, (await cluster.Plane.StatusAsync(region)).Nodes);
            await HailAsync(cluster, region);
            Assert.True((await cluster.Plane.StatusAsync(region)).IsBalanced);
        }

        await using (PostgresStore old = await PostgresStore.OpenToMoveAsync(database))
        await using (var copy = SqliteStore.OpenToMove(second))
        {
            _ = await StoreMove.RunAsync(old, copy, second, CoreBuild.Name, _ => { });
        }

        await AloneAsync(second, expected: 1);
        System.IO.Directory.Delete(folder, recursive: true);

        async Task AloneAsync(string path, int expected)
        {
            await using var store = SqliteStore.Open(path);
            await using var plane = new ControlPlane(_mission.PartsOn(store, clock, new SiloPorts()));
            await plane.StartAsync();
            await Until(
                async () => await plane.StatusAsync(region) is { Epoch: 1 }, "the hub has its charter");
            Assert.Equal(expected, (await plane.StatusAsync(region)).Nodes);
            int node = Enumerable.Range(0, _mission.Nodes.Length)
                .First(index => _mission.Nodes[index].Region == region);
            var load = new LoadNode((uint)node + 1, _mission, clock, () => []);
            await plane.ReceiveAsync(load.Next());
            Assert.True((await plane.StatusAsync(region)) is { Nodes: 1, IsBalanced: true });
        }
    }

    [Fact]
    public async Task Who_finds_another_writer_ends_and_is_there_again_from_the_store()
    {
        string database = await server.NewDatabaseAsync();
        MissionClock clock = ClusterMission.ClockFrom(DateTimeOffset.UtcNow.AddMinutes(-5));
        await using PostgresStore store = await PostgresStore.OpenAsync(database);
        await using ClusterServer cluster = await JoinAsync(store, database, clock);
        RegionId region = _mission.Hubs[0].Region;
        await Until(
            async () => await cluster.Plane.StatusAsync(region) is { Epoch: 1 }, "the hub has its charter");
        await Until(async () => await NextAsync() > 0, "the hub is at rest");

        // Behind its back: an empty batch, as a rival's.
        await using PostgresStore rival = await PostgresStore.OpenAsync(database);
        await rival.AppendAsync(StreamOf(region), new StreamBatch(await NextAsync(), default, 0, default));
        _ = await Assert.ThrowsAsync<MachineFailedException>(() => HailAsync(cluster, region));
        await Until(
            async () =>
            {
                try
                {
                    await HailAsync(cluster, region);
                    return true;
                }
                catch (MachineFailedException)
                {
                    return false;
                }
            },
            "the hub is there again");
        Assert.Equal(1u, (await cluster.Plane.StatusAsync(region)).Epoch);

        async Task<long> NextAsync()
        {
            long before = (await store.ListAsync()).First(state => state.Stream == StreamOf(region)).Version;
            await Task.Delay(300);
            long after = (await store.ListAsync()).First(state => state.Stream == StreamOf(region)).Version;
            return before == after ? after + 1 : 0;
        }
    }

    [Fact]
    public async Task What_cannot_be_taken_is_refused_at_once()
    {
        string database = await server.NewDatabaseAsync();
        MissionClock clock = ClusterMission.ClockFrom(DateTimeOffset.UtcNow.AddMinutes(-5));
        await using PostgresStore store = await PostgresStore.OpenAsync(database);
        await using ClusterServer cluster = await JoinAsync(store, database, clock);
        _ = await Assert.ThrowsAsync<KeyNotFoundException>(
            () => cluster.Plane.ReceiveAsync(HailOf(new RegionId(99))));
        _ = await Assert.ThrowsAsync<KeyNotFoundException>(
            () => cluster.Plane.WorthAsync(new RegionId(99)));
        _ = await Assert.ThrowsAsync<KeyNotFoundException>(() =>
            cluster.Plane.ReceiveAsync(HailOf(_mission.Hubs[0].Region) with { To = Party.Strategy }));
        Assert.Empty(await cluster.Plane.FetchAsync(
            _mission.Hubs[0].Region, new NodeId(1), TimeSpan.FromMilliseconds(100), default));
        _ = await Assert.ThrowsAnyAsync<StoreException>(
            () => SiloTables.PrepareAsync("Host=127.0.0.1;Port=1;Username=x;Database=x", default));
    }

    // Views are of what is durable, so they have what was just answered.
    private async Task LookAsync(ClusterServer cluster)
    {
        RegionId region = _mission.Hubs[0].Region;
        await HailAsync(cluster, region);
        HubNode node = Assert.Single(await cluster.Plane.NodesAsync(region, default, 10));
        Assert.Equal(NodePresence.Active, node.Presence);
        Assert.Empty(await cluster.Plane.NodesAsync(region, node.Node, 10));
        Assert.Empty(await cluster.Plane.BountiesAsync(region, default, 10));
        Assert.Empty(await cluster.Plane.CasesAsync(region, 0, 10));
        StrategyStatus strategy = await cluster.Plane.StrategyAsync();
        Assert.Equal(1u, strategy.Find(region)!.Epoch.Value);
        Assert.Null(await cluster.Plane.DestinationAsync(node.Node));
        NodeWorth worth = Assert.Single((await cluster.Plane.WorthAsync(region)).Nodes);
        Assert.Equal((node.Node, node.LastHeard, Credits.Zero), (worth.Node, worth.Heard, worth.Value));
        await cluster.Plane.ProbeAsync();
    }

    [Fact]
    public void What_is_at_risk_with_nodes_crosses_the_cluster_as_it_is()
    {
        var worth = new HubWorth(Credits.FromWhole(7),
        [
            new NodeWorth(new NodeId(3), Credits.FromWhole(5), new Instant(0)),
            new NodeWorth(new NodeId(9), Credits.Zero, null),
            new NodeWorth(new NodeId(uint.MaxValue), new Credits(Credits.MicroMax), new Instant(77)),
        ]);
        HubWorth crossed = WorthFigures.Of(worth).ToWorth();
        Assert.Equal(worth.AgeingPerDay, crossed.AgeingPerDay);
        Assert.Equal(worth.Nodes.AsEnumerable(), crossed.Nodes);
        Assert.Equal(worth.Nodes[1], crossed.Find(new NodeId(9)));
        Assert.Null(crossed.Find(new NodeId(4)));
    }

    private Task<ClusterServer> JoinAsync(PostgresStore store, string database, MissionClock clock) =>
        ClusterServer.StartAsync(
            _mission.PartsOn(store, clock, new SiloPorts()),
            new ClusterSettings
            {
                Connection = database,
                Mission = ClusterMission.Name,
                GatewayKeyOf = ClusterMission.Key,
            });

    // An enrolment makes facts.
    private Task HailAsync(ClusterServer cluster, RegionId region)
    {
        int node = Enumerable.Range(0, _mission.Nodes.Length)
            .First(index => _mission.Nodes[index].Region == region);
        var load = new LoadNode(
            (uint)node + 1, _mission, ClusterMission.ClockFrom(DateTimeOffset.UtcNow.AddMinutes(-5)),
            () => []);
        return cluster.Plane.ReceiveAsync(load.Next());
    }

    private static Frame HailOf(RegionId region) =>
        new(Party.Of(new NodeId(1)), Party.Of(region), true, 1, 0, [], []);

    private static StreamName StreamOf(RegionId region) => new($"hub/{region.Value}");

    private static async Task Until(Func<Task<bool>> holds, string what)
    {
        for (int i = 0; i < 600; i++)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (MachineFailedException)
            {
                // Being started.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"not within 30 s: {what}");
    }
}
