using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cli.Releases;
using Hanse.Cluster;
using Hanse.Cluster.Stores;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Server;
using Hanse.Server.Operations;
using Hanse.Simulation.World;
using MessageKind = Hanse.Core.Messages.MessageKind;
using Party = Hanse.Core.Identity.Party;

namespace Hanse.Cli.Serving;

/// <summary>This process's part of a mission that several processes serve from one PostgreSQL.</summary>
/// <remarks>What all must have alike is noted by the first and compared by the others: the scenario, the keys
/// that come of the secret in the folder, and the clock, which runs from one instant on, whether anybody
/// serves or not.</remarks>
internal sealed class ClusteredMission : IPlanePorts, IAsyncDisposable
{
    private static readonly TimeSpan _seatEvery = TimeSpan.FromSeconds(2);

    private readonly LiveOptions _options;
    private readonly MissionPlan _plan;
    private readonly PostgresStore _store;
    private readonly MissionClock _clock;
    private readonly byte[] _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly LiveFeed _feed = new();
    private PackageLibrary? _library;
    private ClusterServer _server = null!;
    private volatile PostingDesk? _postings;
    private Task _seat = Task.CompletedTask;

    private ClusteredMission(LiveOptions options, MissionPlan plan, PostgresStore store, MissionClock clock,
        DateTimeOffset epoch, byte[] name)
    {
        _options = options;
        _plan = plan;
        _store = store;
        _clock = clock;
        _name = name;
        Epoch = epoch;
    }

    /// <summary>When the mission began, by the clock on the wall; agents need it.</summary>
    public DateTimeOffset Epoch { get; }

    /// <summary>Where nodes reach this process.</summary>
    public Uri Address => _server.Address;

    /// <summary>What answers to nodes are signed with.</summary>
    public GatewayKeys Keys => _server.Desk.Keys;

    /// <summary>The mission's time.</summary>
    public Instant Now => _clock.Now;

    /// <summary>Machines that run in this process.</summary>
    public int Machines => _server.Machines;

    /// <summary>Times that a machine of this process was started anew.</summary>
    public long Failures => _feed.Failures;

    /// <summary>Whether this process has the operators' seat: it orders bounties and gives the scenario's
    /// orders.</summary>
    public bool TakesOrders => _postings is not null;

    /// <summary>Joins.</summary>
    /// <param name="options">How it is served.</param>
    /// <param name="connection">The database.</param>
    /// <param name="among">Where the other processes reach this one.</param>
    /// <param name="cancel">Whether to give up.</param>
    /// <exception cref="StoreException">The database cannot be used, or has another mission.</exception>
    /// <exception cref="IOException">The folder cannot be used, or a port is taken.</exception>
    public static async Task<ClusteredMission> StartAsync(
        LiveOptions options, string connection, IPEndPoint among, CancellationToken cancel)
    {
        var folder = DataFolder.Open(options.Folder);
        PostgresStore store = await PostgresStore.OpenAsync(connection, cancel);
        try
        {
            MissionPlan plan = options.Plan(folder);
            byte[] name = await MissionName.HoldAsync(store, "the database", options.Scenario, cancel);
            await AgreeAsync(
                store, "mission/keys", KeysOf(plan),
                "the others have another secret: copy the file 'secret' of one of them to "
                    + $"'{options.Folder}'",
                cancel);
            Instant shown = PausingClock.Shown(options.Folder, options.Pace)
                ?? Instant.Epoch + (2 * plan.Strategy.Rules.ClockErrorMax);
            (MissionClock clock, DateTimeOffset epoch) =
                await RunningClock.OpenAsync(store, options, shown, cancel);
            var mission = new ClusteredMission(options, plan, store, clock, epoch, name);
            await mission.RunAsync(folder, connection, among, cancel);
            return mission;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>How each hub stands, wherever it runs.</summary>
    /// <exception cref="MachineFailedException">One cannot be reached.</exception>
    public async Task<ImmutableArray<HubStatus>> StatusAsync() =>
        [.. await Task.WhenAll(_plan.Regions.Select(region => _server.Plane.StatusAsync(region.Hub.Region)))];

    // A simulated world runs in one process, and hubs reach only that of their own: there is none here.
    void IPlanePorts.Serve(RegionId region, HubEffect.Serve serve)
    {
    }

    void IPlanePorts.Issue(RegionId region, HubEffect.Issue issue)
    {
    }

    byte[] IPlanePorts.ReadPackage(Digest release, int from, int count) =>
        _library?.Read(release, from, count) ?? _plan.ReadPackage(release, from, count);

    void IPlanePorts.Refused(Party machine, Party from, MessageKind kind, Refusal reason)
    {
    }

    // Told again at each start of the hub, so a note that could not be written is written then.
    void IPlanePorts.Retired(RegionId region, NodeId node) => _ = Task.Run(async () =>
    {
        try
        {
            await NodeRegistry.RetireAsync(_store, node);
        }
        catch (StoreException failure)
        {
            _options.Log($"node {node.Value} is retired, and that cannot be noted: {failure.Message}");
        }
    });

    void IPlanePorts.Failed(Party machine, string why)
    {
        _feed.Failed(machine, why);
        _options.Log($"{machine}: {why}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _seat;
        await _server.DisposeAsync();
        _library?.Dispose();
        await _store.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync(
        DataFolder folder, string connection, IPEndPoint among, CancellationToken cancel)
    {
        _library = _options.Library(folder, _plan);
        OperatorSeat? seat = await OperatorSeat.TryTakeAsync(connection, cancel);
        var parts = new PlaneParts
        {
            Strategy = _plan.Strategy,
            Hubs = [.. _plan.Regions.Select(region => region.Hub)],
            KeyOf = region => folder.KeyOf($"hub/{region.Value}"),
            Store = _store,
            Clock = _clock,
            Ports = this,
            Skills = _library ?? _plan.Skills,
        };
        _server = await ClusterServer.StartAsync(
            parts,
            new ClusterSettings
            {
                Connection = connection,
                Mission = _name,
                GatewayKeyOf = folder.KeyOf,
                Address = among.Address,
                Port = among.Port,
                Server = _options.Server(folder),
                Operations = plane => _options.Operations(
                    _plan, plane, _clock, _store, _feed, () => _postings, _library),
            },
            cancel);
        folder.Show(_server.Desk.Keys);
        _postings = seat is null ? null : new PostingDesk(_server.Plane, _store);
        _seat = Task.Run(() => KeepSeatAsync(seat, connection), CancellationToken.None);
    }

    // While it has the seat, it orders; whoever has it not looks now and then whether it is free.
    private async Task KeepSeatAsync(OperatorSeat? seat, string connection)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                seat ??= await OperatorSeat.TryTakeAsync(connection, _stop.Token);
                if (seat is null)
                {
                    await Task.Delay(_seatEvery, _stop.Token);
                }
                else
                {
                    await OrderAsync(seat);
                    seat = null;
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (StoreException)
            {
                // The database is out of reach; the next look may find it.
                await Task.Delay(_seatEvery, CancellationToken.None);
            }
        }

        if (seat is not null)
        {
            await seat.DisposeAsync();
        }
    }

    // Until the seat is lost, or the mission ends.
    [SuppressMessage(
        "Reliability", "CA2025:Tasks that use disposable instances", Justification = "Awaited at the end.")]
    private async Task OrderAsync(OperatorSeat seat)
    {
        await using OperatorSeat held = seat;
        using var postings = _postings ?? new PostingDesk(_server.Plane, _store);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        _postings = postings;
        Task orders = PlanOrders.GiveAsync(_plan, _server.Plane, postings, _clock, over.Token);
        try
        {
            while (await held.IsHeldAsync(over.Token))
            {
                await Task.Delay(_seatEvery, over.Token);
            }
        }
        finally
        {
            _postings = null;
            await over.CancelAsync();
            await orders;
        }
    }

    private static async Task AgreeAsync(
        PostgresStore store, string key, string value, string otherwise, CancellationToken cancel)
    {
        if (await store.NoteAsync(key, value, cancel) != value)
        {
            throw new StoreException(otherwise);
        }
    }

    private static string KeysOf(MissionPlan plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (HubSpec hub in plan.Regions.Select(region => region.Hub))
        {
            hash.AppendData(hub.PublicKey.AsSpan());
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
