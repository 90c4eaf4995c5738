using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Grpc.Net.Client;
using Hanse.Agent;
using Hanse.Api.V1;
using Hanse.Cli.Releases;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Server;
using Hanse.Server.Operations;
using Hanse.Simulation.World;
using MessageKind = Hanse.Core.Messages.MessageKind;
using Party = Hanse.Core.Identity.Party;

namespace Hanse.Cli.Serving;

/// <summary>A mission that is served from one folder: its machines, its gateway, and on request a simulated
/// fleet that calls it over the network.</summary>
internal sealed class LiveMission : IPlanePorts, ILiveWorldPort, IAsyncDisposable
{
    private const int StartsAtOnce = 32;
    private static readonly TimeSpan _saveWorldEvery = TimeSpan.FromSeconds(5);

    private readonly LiveOptions _options;
    private readonly DataFolder _folder;
    private readonly IMissionClock _clock;
    private readonly SqliteStore _store;
    private readonly MissionPlan _plan;
    private readonly byte[] _name;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<NodeId, WorldDevice> _devices = new();
    private readonly ConcurrentDictionary<NodeId, NodeHost> _nodes = new();
    private readonly List<GrpcChannel> _channels = [];
    private readonly List<Task> _loops = [];
    private readonly LiveFeed _feed = new();
    private ControlPlane _plane = null!;
    private PostingDesk _postings = null!;
    private NodeRegistry _registry = null!;
    private GatewayDesk _desk = null!;
    private HanseServer _server = null!;
    private PackageLibrary? _library;
    private SqliteStore? _fleetStore;
    private LiveWorld? _world;
    private long _refusals;

    private LiveMission(
        LiveOptions options, DataFolder folder, IMissionClock clock, SqliteStore store, MissionPlan plan,
        byte[] name)
    {
        _options = options;
        _folder = folder;
        _clock = clock;
        _store = store;
        _plan = plan;
        _name = name;
    }

    /// <summary>When the mission began, by the clock on the wall, as agents are told; null when its clock
    /// stands still while nobody plays it.</summary>
    public DateTimeOffset? Epoch { get; private init; }

    /// <summary>Where nodes and operators find it.</summary>
    public Uri Address => _server.Address;

    /// <summary>What answers to nodes are signed with.</summary>
    public GatewayKeys Keys => _desk.Keys;

    /// <summary>What is served.</summary>
    public MissionPlan Plan => _plan;

    /// <summary>The mission's time.</summary>
    public Instant Now => _clock.Now;

    /// <summary>Nodes of the simulated fleet that are dead, also since before this process.</summary>
    public int Dead => _world is { } world ? _plan.Nodes.Count(node => !world.IsAlive(node.Node)) : 0;

    /// <summary>What its machines remember.</summary>
    public IStreamStore Store => _store;

    /// <summary>Times that a machine was started anew.</summary>
    public long Failures => _feed.Failures;

    /// <summary>Calls taken from nodes.</summary>
    public long Calls => _desk.Taken;

    /// <summary>Things that machines were told and did not act on.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>Nodes of the simulated fleet that run.</summary>
    public int Running => _nodes.Count;

    /// <summary>Opens a folder and serves the mission in it; a new folder begins a new one.</summary>
    /// <exception cref="StoreException">The folder has another mission, or cannot be used.</exception>
    /// <exception cref="IOException">The folder cannot be read or written, or the port is taken.</exception>
    public static async Task<LiveMission> StartAsync(LiveOptions options, CancellationToken cancel)
    {
        var folder = DataFolder.Open(options.Folder);
        var store = SqliteStore.Open(folder.StorePath);
        try
        {
            byte[] name = await MissionName.HoldAsync(store, $"'{options.Folder}'", options.Scenario, cancel);
            MissionPlan plan = options.Plan(folder);
            Instant begin = Instant.Epoch + (2 * plan.Strategy.Rules.ClockErrorMax);
            (IMissionClock clock, DateTimeOffset? epoch) = await ClockAsync(options, store, begin, cancel);
            var mission = new LiveMission(options, folder, clock, store, plan, name) { Epoch = epoch };
            await mission.RunAsync(cancel);
            return mission;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    // A simulated fleet stands still with its hubs; real machines do not.
    private static async Task<(IMissionClock Clock, DateTimeOffset? Epoch)> ClockAsync(
        LiveOptions options, SqliteStore store, Instant begin, CancellationToken cancel)
    {
        if (!options.HasFleet)
        {
            Instant shown = PausingClock.Shown(options.Folder, options.Pace) ?? begin;
            return await RunningClock.OpenAsync(store, options, shown, cancel);
        }

        return await RunningClock.IsInAsync(store, cancel)
            ? throw new StoreException(
                $"'{options.Folder}' has a mission of real machines, whose clock runs on while nobody "
                    + "serves; a simulated fleet needs a folder of its own")
            : (PausingClock.Open(options.Folder, options.Pace, begin, options.Time), null);
    }

    /// <summary>How each hub stands.</summary>
    /// <exception cref="MachineFailedException">One is being started anew.</exception>
    public async Task<ImmutableArray<HubStatus>> StatusAsync() =>
        [.. await Task.WhenAll(_plan.Regions.Select(region => _plane.StatusAsync(region.Hub.Region)))];

    /// <summary>Looks at a hub.</summary>
    /// <exception cref="MachineFailedException">It is being started anew.</exception>
    public Task<T> AskAsync<T>(RegionId region, Func<RegionalHub, T> look) => _plane.AskAsync(region, look);

    void IPlanePorts.Serve(RegionId region, HubEffect.Serve serve) => _world?.Serve(serve);

    void IPlanePorts.Issue(RegionId region, HubEffect.Issue issue) => _world?.Issue(issue);

    byte[] IPlanePorts.ReadPackage(Digest release, int from, int count) =>
        _library?.Read(release, from, count) ?? _plan.ReadPackage(release, from, count);

    void IPlanePorts.Refused(Party machine, Party from, MessageKind kind, Refusal reason) =>
        Interlocked.Increment(ref _refusals);

    // Told again at each start, so a note that could not be written is written then.
    void IPlanePorts.Retired(RegionId region, NodeId node) => _ = Task.Run(async () =>
    {
        try
        {
            await _registry.RetireAsync(node);
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

    void ILiveWorldPort.Give(NodeId node, NodeInput input)
    {
        if (_devices.TryGetValue(node, out WorldDevice? device))
        {
            device.Give(input);
        }
    }

    bool ILiveWorldPort.Tell(RegionId region, HubInput input)
    {
        _plane.Answer(region, input);
        return true; // If it is lost, or no answer comes, the world tells it again.
    }

    void ILiveWorldPort.Died(NodeId node, string how)
    {
        _options.Died?.Invoke(node, how);
        if (_nodes.TryRemove(node, out NodeHost? host))
        {
            _ = Task.Run(host.DisposeAsync); // Not in the world's loop.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        await Parallel.ForEachAsync(_nodes.Values, async (node, _) => await node.DisposeAsync());
        if (_world is not null)
        {
            await _world.DisposeAsync();
            SaveWorld();
        }

        _channels.ForEach(channel => channel.Dispose());
        await _server.DisposeAsync();
        await _plane.DisposeAsync();
        _postings.Dispose();
        _library?.Dispose();
        await _store.DisposeAsync();
        if (_fleetStore is not null)
        {
            await _fleetStore.DisposeAsync();
        }

        (_clock as IDisposable)?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        _library = _options.Library(_folder, _plan);
        _plane = new ControlPlane(new PlaneParts
        {
            Strategy = _plan.Strategy,
            Hubs = [.. _plan.Regions.Select(region => region.Hub)],
            KeyOf = region => _folder.KeyOf($"hub/{region.Value}"),
            Store = _store,
            Clock = _clock,
            Ports = this,
            Skills = _library ?? _plan.Skills,
        });
        _registry = await NodeRegistry.LoadAsync(_store, cancel);
        if (_options.HasFleet)
        {
            _fleetStore = SqliteStore.Open(Path.Combine(_folder.Path, "fleet.db"));
            _world = NewWorld();
        }

        await _plane.StartAsync();
        _postings = new PostingDesk(_plane, _store);
        GatewayKeys keys = await GatewayKeys.OpenAsync(_store, _name, _folder.KeyOf, cancel);
        _folder.Show(keys);
        _desk = new GatewayDesk(_plane, _registry, keys, _options.Rules, _options.Time, _clock);
        ServerOptions server = _options.Server(_folder) with
        {
            Operations = _options.Operations(
                _plan, _plane, _clock, _store, _feed, () => _postings, _library),
        };
        _server = await HanseServer.StartAsync(_desk, _registry, server, cancel);
        _loops.Add(Task.Run(
            () => PlanOrders.GiveAsync(_plan, _plane, _postings, _clock, _stop.Token),
            CancellationToken.None));
        if (_world is not null)
        {
            await RunFleetAsync(_world, cancel);
        }
    }

    private LiveWorld NewWorld()
    {
        string file = WorldFile;
        return File.Exists(file)
            ? new LiveWorld(
                _plan.Scenario, _plan.Seed, () => _clock.Now, _clock.Until, this, File.ReadAllBytes(file))
            : new LiveWorld(_plan.Scenario, _plan.Seed, () => _clock.Now, _clock.Until, this);
    }

    private string WorldFile => Path.Combine(_folder.Path, "world");

    private void SaveWorld()
    {
        File.WriteAllBytes(WorldFile + ".new", _world!.Save());
        File.Move(WorldFile + ".new", WorldFile, overwrite: true);
    }

    private async Task RunFleetAsync(LiveWorld world, CancellationToken cancel)
    {
        // A connection carries 100 streams.
        for (int i = 0; i <= _plan.Nodes.Length / 90; i++)
        {
            _channels.Add(GatewayChannel.Open(_server.Address, LiveOptions.Fingerprint(_folder)));
        }

        foreach (NodeSpec node in _plan.Nodes)
        {
            _devices[node.Node] = new WorldDevice(node.Node, () => world);
        }

        world.Start(_stop.Token);
        await Parallel.ForEachAsync(
            _plan.Nodes.Where(node => world.IsAlive(node.Node)),
            new ParallelOptions { MaxDegreeOfParallelism = StartsAtOnce, CancellationToken = cancel },
            async (node, stop) => await RunNodeAsync(node, stop));
        _loops.Add(Task.Run(KeepWorldAsync, CancellationToken.None));
    }

    private async Task RunNodeAsync(NodeSpec spec, CancellationToken cancel)
    {
        Ed25519Keys key = _folder.KeyOf($"node/{spec.Node.Value}");
        var client = new Gateway.GatewayClient(_channels[(int)(spec.Node.Value % _channels.Count)]);
        var pin = new GatewayPin(new PinnedKey(_desk.Keys.Serial, _desk.Keys.Key));
        if (_registry.KeyOf(spec.Node) is null)
        {
            byte[] token = await _registry.IssueAsync(spec.Node, cancel);
            _ = await GatewayUplink.EnrolAsync(client, token, key, pin, cancel);
        }

        // Counts on from any earlier process: no node makes a thousand calls a millisecond.
        ulong count = (ulong)_options.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;
        var keys = new NodeKeys(key);
        var node = new NodeHost(new AgentParts
        {
            Spec = spec,
            Keys = keys,
            Store = _fleetStore!,
            Clock = _clock,
            Uplink = new GatewayUplink(
                client, new GatewayCaller(spec.Node, _name, keys, () => ++count, pin), isStreaming: false),
            Device = _devices[spec.Node],
            Skills = _plan.Skills,
            OnFailure = failure => _options.Log($"node {spec.Node.Value}: {failure.Message}"),
        });
        _nodes[spec.Node] = node;
        await node.StartAsync();
    }

    private async Task KeepWorldAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(_saveWorldEvery, _stop.Token);
                SaveWorld();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (IOException failure)
            {
                _options.Log("the world was not saved: " + failure.Message);
            }
        }
    }
}
