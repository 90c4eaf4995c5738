using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Grpc.Net.Client;
using Hanse.Agent;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Gateway = Hanse.Api.V1.Gateway;

namespace Hanse.Server.Tests;

/// <summary>A mission of a few nodes with a server on this machine, for tests that add one trouble.</summary>
internal sealed class SmallMission : IPlanePorts, IAsyncDisposable
{
    private readonly Blueprint _plan;
    private readonly List<IAsyncDisposable> _open = [];
    private string? _fingerprint;

    public SmallMission(int nodes = 6, double pace = 3_600)
    {
        Scenario calm = Calm.Fleet(1);
        _plan = new Blueprint(
            calm with
            {
                Fleet = calm.Fleet with { Nodes = nodes },
                Regions = calm.Regions with { Count = 1 },
                Links = calm.Links with { NodePeriodHours = 2, NodeWindowHours = 1, ClockErrorSeconds = 1 },
            },
            seed: 1);
        Clock = new MissionClock(TimeProvider.System, DateTimeOffset.UtcNow.AddSeconds(-60 / pace), pace);
        Folder = Directory.CreateTempSubdirectory("hanse-server-").FullName;
    }

    public string Folder { get; }

    public MissionClock Clock { get; }

    public byte[] Mission { get; } = SHA256.HashData("a small mission"u8);

    public IStreamStore Store { get; private set; } = null!;

    public ControlPlane Plane { get; private set; } = null!;

    public NodeRegistry Registry { get; private set; } = null!;

    public GatewayDesk Desk { get; private set; } = null!;

    public HanseServer Server { get; private set; } = null!;

    public Gateway.GatewayClient Client { get; private set; } = null!;

    public GatewayRules Rules { get; init; } = new();

    public int Nodes => _plan.Nodes.Length;

    public RegionId Region => _plan.Regions[0].Id;

    public List<string> Failures { get; } = [];

    public List<string> Refusals { get; } = [];

    public static Ed25519Keys Key(string of)
    {
        _ = Ed25519Keys.TryImport(SHA256.HashData(Encoding.ASCII.GetBytes(of)), out Ed25519Keys? key);
        return key!;
    }

    public NodeSpec SpecOf(uint node) =>
        _plan.Nodes[node - 1] with { PublicKey = Key($"node {node}").PublicKey };

    public async Task StartAsync()
    {
        var folder = DataFolder.Open(Folder);
        Store = SqliteStore.Open(folder.StorePath);
        Plane = new ControlPlane(new PlaneParts
        {
            Strategy = _plan.Strategy with
            {
                Regions = _plan.Strategy.Regions.ToImmutableSortedDictionary(
                    region => region.Key,
                    region => region.Value with { PublicKey = folder.KeyOf($"hub/{region.Key.Value}").PublicKey }),
            },
            Hubs =
            [
                .. _plan.Regions.Select(region => region.Hub with
                {
                    PublicKey = folder.KeyOf($"hub/{region.Id.Value}").PublicKey,
                }),
            ],
            KeyOf = region => folder.KeyOf($"hub/{region.Value}"),
            Store = Store,
            Clock = Clock,
            Ports = this,
        });
        await Plane.StartAsync();
        Registry = await NodeRegistry.LoadAsync(Store);
        Desk = new GatewayDesk(Plane, Registry, Mission, Rules, TimeProvider.System);
        Server = await HanseServer.StartAsync(
            Desk, Registry, new ServerOptions { Certificate = folder.Certificate(DateTimeOffset.UtcNow) });
        _fingerprint = (await File.ReadAllTextAsync(Path.Combine(Folder, "tls.sha256"))).Trim();
        GrpcChannel channel = NewChannel();
        _open.Add(new Closing(channel));
        Client = new Gateway.GatewayClient(channel);
    }

    public GrpcChannel NewChannel() => GatewayChannel.Open(Server.Address, _fingerprint);

    public async Task StopAsync()
    {
        foreach (IAsyncDisposable open in Enumerable.Reverse(_open))
        {
            await open.DisposeAsync();
        }

        _open.Clear();
        await Server.DisposeAsync();
        await Plane.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Enrols a node by a token and runs it with a machine that does nothing.</summary>
    public async Task<NodeHost> RunNodeAsync(uint node, bool isStreaming = true)
    {
        Ed25519Keys key = Key($"node {node}");
        byte[] token = await Registry.IssueAsync(new NodeId(node));
        _ = await GatewayUplink.EnrolAsync(Client, token, key);
        ulong count = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 10;
        var store = SqliteStore.Open(Path.Combine(Folder, $"node-{node}.db"));
        var host = new NodeHost(new AgentParts
        {
            Spec = SpecOf(node),
            Key = key,
            Store = store,
            Clock = Clock,
            Uplink = new GatewayUplink(
                Client, new GatewayCaller(new NodeId(node), Mission, key, () => ++count), isStreaming),
            Device = new Idle(),
        });
        _open.Add(store);
        _open.Add(host);
        await host.StartAsync();
        return host;
    }

    public void Serve(RegionId region, HubEffect.Serve serve)
    {
    }

    public void Issue(RegionId region, HubEffect.Issue issue)
    {
    }

    public byte[] ReadPackage(Digest release, int from, int count) => [];

    public void Refused(Party machine, Party from, MessageKind kind, Refusal reason)
    {
        lock (Refusals)
        {
            Refusals.Add($"{machine} refused {kind} of {from}: {reason}");
        }
    }

    public void Failed(Party machine, string why)
    {
        lock (Failures)
        {
            Failures.Add($"{machine}: {why}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public static async Task Until(Func<Task<bool>> holds, string what)
    {
        for (int i = 0; i < 600; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"not within 30 s: {what}");
    }

    private sealed class Idle : IDevice
    {
        public void Start(Action<NodeInput> tell)
        {
        }

        public void Act(uint number, Order order)
        {
        }

        public void ReadRaw(BlocksAsked asked)
        {
        }

        public void Handle(PackageWork work)
        {
        }
    }

    private sealed class Closing(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
