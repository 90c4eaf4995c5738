using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Api.V1;
using Hanse.Cluster.Silo;
using Hanse.Cluster.Stores;
using Hanse.Core.Hub;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Npgsql;
using Xunit;
using NodeId = Hanse.Core.Identity.NodeId;

namespace Hanse.Cluster.Tests;

/// <summary>Real processes on one PostgreSQL, under load, to which bad things happen. What is asserted is
/// what must be so whenever they happen; how long callers were without a hub is printed.</summary>
[Collection("one after the other")]
public sealed class ClusterTests(PostgresServer server, ITestOutputHelper output) : IAsyncLifetime
{
    private const int Hubs = 12;
    private const int Nodes = 36;

    private readonly List<SiloProcess> _silos = [];
    private readonly List<Detour> _tables = [];
    private readonly DateTimeOffset _epoch = DateTimeOffset.UtcNow.AddMinutes(-5);
    private readonly ClusterMission _mission = new(Hubs, Nodes);
    private readonly CancellationTokenSource _stop = new();
    private volatile IReadOnlyList<Gateway.GatewayClient> _gateways = [];
    private LoadNode[] _nodes = [];
    private Task _load = Task.CompletedTask;
    private string _database = "";
    private PostgresStore _store = null!;

    [Fact]
    public async Task A_process_that_is_told_to_end_gives_its_hubs_away_and_one_that_is_killed_loses_nothing()
    {
        await StartAsync(2);
        await LoadAsync();
        await SharedAsync();
        long begun = Stopwatch.GetTimestamp();
        Forget();
        await _silos[0].SignalAsync("TERM");
        await _silos[0].WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _silos[0].ExitCode);
        await ServedAsync(begun);
        Tell("SIGTERM of one of two");

        await AddAsync();
        begun = Stopwatch.GetTimestamp();
        Forget();
        _silos[1].Kill();
        await ServedAsync(begun);
        Tell("kill -9 of one of two");
        await VerifyAsync();
    }

    [Fact]
    public async Task A_frozen_process_ends_when_it_is_woken()
    {
        await FreezeAsync();
        long woken = Stopwatch.GetTimestamp();
        await _silos[0].SignalAsync("CONT");
        await EndedAsync(woken);
    }

    // As after a partition: it knows of nothing, so both processes run the same hubs and are called.
    [Fact]
    public async Task A_process_that_does_not_know_that_it_is_dead_cannot_write_what_it_does_not_know_of()
    {
        await FreezeAsync();
        _tables[0].IsDeaf = true;
        await _silos[0].SignalAsync("CONT");
        _gateways = [_silos[0].Gateway, _silos[1].Gateway];
        await Until(() => _silos[0].Conflicts > 5, "it finds that somebody else writes its streams");
        Assert.False(_silos[0].HasExited);
        _tables[0].IsDeaf = false;
        await EndedAsync(Stopwatch.GetTimestamp());
    }

    [Fact]
    public async Task Hubs_run_elsewhere_though_nobody_calls_and_all_come_back_when_all_were_killed()
    {
        await StartAsync(2);
        await SharedAsync();
        long begun = Stopwatch.GetTimestamp();
        _silos[0].Kill();
        await Until(() => _silos[1].Hubs.Length == Hubs, "all hubs run on the process that is left");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kill -9 of one of two without any caller: all hubs ran again after "
            + $"{Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s"));

        await AddAsync();
        await LoadAsync();
        begun = Stopwatch.GetTimestamp();
        Forget();
        _silos[1].Kill();
        _silos[2].Kill();
        _gateways = [];
        await AddAsync();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"kill -9 of all: one that was started again had joined after "
            + $"{Stopwatch.GetElapsedTime(begun).TotalSeconds:F1} s"));
        await ServedAsync(begun);
        Tell("kill -9 of all, one started again");
        await VerifyAsync();
    }

    public async ValueTask InitializeAsync()
    {
        _database = await server.NewDatabaseAsync();

        // Every commit takes its time: so there is always something that is told and not yet durable.
        string? name = new NpgsqlConnectionStringBuilder(_database).Database;
        _ = await PostgresServer.SqlAsync(_database, $"ALTER DATABASE {name} SET commit_siblings = 0");
        _ = await PostgresServer.SqlAsync(_database, $"ALTER DATABASE {name} SET commit_delay = 20000");
        _store = await PostgresStore.OpenAsync(_database);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _load;
        foreach (SiloProcess silo in _silos)
        {
            silo.Dispose();
        }

        _tables.ForEach(table => table.Dispose());
        if (_store is not null)
        {
            await _store.DisposeAsync();
            await server.DropAsync(_database);
        }

        _stop.Dispose();
    }

    // One of two is frozen, and the other has all hubs.
    private async Task FreezeAsync()
    {
        await StartAsync(2);
        await LoadAsync();
        await SharedAsync();
        long begun = Stopwatch.GetTimestamp();
        Forget();
        await _silos[0].SignalAsync("STOP");
        await ServedAsync(begun);
        Tell("SIGSTOP of one of two");
        Forget();
    }

    private async Task EndedAsync(long since)
    {
        await _silos[0].WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"it ended after {Stopwatch.GetElapsedTime(since).TotalSeconds:F1} s with "
            + $"{_silos[0].ExitCode}; {_silos[0].Conflicts} of its appends had been refused"));
        Assert.NotEqual(0, _silos[0].ExitCode);
        _gateways = [_silos[1].Gateway];
        await ServedAsync(Stopwatch.GetTimestamp());
        Tell("afterwards");
        await VerifyAsync();
    }

    private async Task StartAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            await AddAsync();
        }
    }

    private async Task AddAsync()
    {
        var settings = new NpgsqlConnectionStringBuilder(_database);
        var table = new Detour(settings.Port);
        _tables.Add(table);
        settings.Port = table.Port;
        SiloProcess silo = await SiloProcess.StartAsync(_database, settings.ToString(), _epoch, Hubs, Nodes);
        _silos.Add(silo);
        _gateways = [.. _gateways, silo.Gateway];
    }

    // All nodes have enrolled, and report.
    private async Task LoadAsync()
    {
        NodeRegistry registry = await NodeRegistry.LoadAsync(_store);
        MissionClock clock = ClusterMission.ClockFrom(_epoch);
        _nodes =
        [
            .. Enumerable.Range(1, Nodes).Select(
                node => new LoadNode((uint)node, _mission, clock, () => _gateways)),
        ];
        foreach (LoadNode node in _nodes)
        {
            byte[] token = await registry.IssueAsync(node.Node);
            (NodeId? taken, string? refused) = await registry.RedeemAsync(
                token, node.Key.PublicKey, node.Key.Sign(CallSignature.OfEnrolment(token)));
            Assert.True(taken == node.Node, refused);
        }

        _load = Task.WhenAll(_nodes.Select(node => Task.Run(() => node.RunAsync(_stop.Token))));
        await Until(() => _nodes.All(node => node.Acknowledged.Length >= 12), "all nodes report");
    }

    // The first process had all hubs when it was alone, and gives the second its share.
    private async Task SharedAsync()
    {
        Forget();
        await Until(
            () => _silos.All(silo => silo.Hubs.Length >= (Hubs / 2) - 1)
                && _silos.SelectMany(silo => silo.Hubs).Distinct().Count() == Hubs,
            "both run hubs");
        output.WriteLine($"{_silos[1].Hubs.Length} of {Hubs} hubs have moved to the process that joined");
        if (_nodes.Length > 0)
        {
            await Task.Delay(500);
            Tell("hubs moved to one that joined");
        }
    }

    private void Forget()
    {
        foreach (LoadNode node in _nodes)
        {
            node.Outage = default;
        }
    }

    // Every node has been answered twice since: the first may have been on its way.
    private async Task ServedAsync(long since)
    {
        await Until(() => _nodes.All(node => node.LastTaken > since), "every node is served again");
        since = Stopwatch.GetTimestamp();
        await Until(() => _nodes.All(node => node.LastTaken > since), "every node is served again");
    }

    private void Tell(string what)
    {
        TimeSpan[] outages = [.. _nodes.Select(node => node.Outage).Order()];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: longest time of a node between two calls that were taken "
            + $"{outages[^1].TotalSeconds:F1} s, median {outages[outages.Length / 2].TotalSeconds:F1} s; "
            + $"{_nodes.Sum(node => node.Acknowledged.Length)} reports acknowledged so far"));
    }

    // Every report that a hub acknowledged is in its stream, none is there twice, and books balance.
    private async Task VerifyAsync()
    {
        await _stop.CancelAsync();
        await _load;
        int reports = 0;
        foreach (HubSpec spec in _mission.Hubs)
        {
            var hub = new RegionalHub(spec);
            var taken = new HashSet<(NodeId, long)>();
            var received = new HashSet<(NodeId, ulong)>();
            var stream = new StreamName($"hub/{spec.Region.Value}");
            await foreach (StreamBatch batch in _store.ReadAsync(stream, 0))
            {
                Assert.Null(MachineMemory.Read<HubFact>(batch.Run, fact =>
                {
                    hub.Apply(fact);
                    if (fact is HubFact.DeviationsTaken(var node, var report))
                    {
                        Assert.True(taken.Add((node, report.Deviations[0].Value)), $"{fact} came twice");
                    }
                    else if (fact is HubFact.NodeLink(var sender, LinkFact.Taken link))
                    {
                        Assert.All(link.Received, sequence => Assert.True(received.Add((sender, sequence))));
                    }
                }));
            }

            reports += taken.Count;
            Assert.True(HubStatus.Of(hub).IsBalanced);
            foreach (LoadNode node in _nodes.Where(node => node.Hub.Region == spec.Region))
            {
                Assert.All(node.Acknowledged, number => Assert.Contains((node.Node, number), taken));
            }
        }

        var strategy = new StrategicLayer(_mission.Strategy);
        await foreach (StreamBatch batch in _store.ReadAsync(new StreamName("strategy"), 0))
        {
            Assert.Null(MachineMemory.Read<StrategyFact>(batch.Run, strategy.Apply));
        }

        long sum = 0;
        foreach (KeyValuePair<AccountId, Credits> account in strategy.Books.Accounts)
        {
            sum += account.Value.Micro;
        }

        Assert.Equal(0, sum);
        int acknowledged = _nodes.Sum(node => node.Acknowledged.Length);
        Assert.True(acknowledged > 10 * Nodes, $"only {acknowledged} reports");
        output.WriteLine($"{acknowledged} acknowledged, {reports} in the streams, "
            + $"{_nodes.Sum(node => node.Refusals)} calls not taken");
    }

    private async Task Until(Func<bool> holds, string what)
    {
        for (int i = 0; i < 1_800; i++)
        {
            if (holds())
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"not within 90 s: {what}\n"
            + string.Join("\n---\n", _silos.Select(silo => silo.Said)));
    }
}
