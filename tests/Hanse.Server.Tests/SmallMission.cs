using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using Hanse.Agent;
using Hanse.Cli.Serving;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.IO.Cores;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.Server.Operations;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Hanse.Simulation.World;
using Gateway = Hanse.Api.V1.Gateway;

namespace Hanse.Server.Tests;

/// <summary>A mission of a few nodes with a server on this machine, for tests that add one trouble.</summary>
internal sealed class SmallMission : IPlanePorts, IAsyncDisposable
{
    private readonly MissionPlan _plan;
    private readonly DateTimeOffset _epoch;
    private readonly ConcurrentStack<IAsyncDisposable> _open = new();
    private string _fingerprint = "";
    private GrpcChannel _channel = null!;
    private bool _isRunning;

    public SmallMission(
        int nodes = 6, double pace = 3_600, Func<Scenario, Scenario>? change = null, TimeSpan age = default)
    {
        Scenario calm = Calm.Fleet(1);
        Scenario = calm with
        {
            Seed = 1,
            Fleet = calm.Fleet with { Nodes = nodes },
            Regions = calm.Regions with { Count = 1 },
            Links = calm.Links with { NodePeriodHours = 2, NodeWindowHours = 1, ClockErrorSeconds = 1 },
        };
        Scenario = change?.Invoke(Scenario) ?? Scenario;
        Mission = MissionName.Of(Scenario);
        _plan = MissionPlan.Of(Scenario, Scenario.Seed);
        _epoch = DateTimeOffset.UtcNow.AddSeconds(-60 / pace) - (age / pace);
        Clock = new MissionClock(TimeProvider.System, _epoch, pace);
        Folder = Directory.CreateTempSubdirectory("hanse-server-").FullName;
    }

    public Scenario Scenario { get; }

    public DateTimeOffset Epoch => _epoch;

    public string Fingerprint => _fingerprint;

    public string Folder { get; }

    public MissionClock Clock { get; }

    public byte[] Mission { get; }

    public IStreamStore Store { get; private set; } = null!;

    public ControlPlane Plane { get; private set; } = null!;

    public NodeRegistry Registry { get; private set; } = null!;

    public GatewayDesk Desk { get; private set; } = null!;

    public HanseServer Server { get; private set; } = null!;

    public Gateway.GatewayClient Client { get; private set; } = null!;

    public GatewayRules Rules { get; init; } = new();

    public OpenIdBook? OpenId { get; init; }

    /// <summary>What operators do, and what is seen of it.</summary>
    public LiveFeed Feed { get; } = new();

    public PostingDesk Postings { get; private set; } = null!;

    /// <summary>Stands in for the store where the audit trail is.</summary>
    public Func<IStreamStore, IStreamStore> AuditStore { get; init; } = store => store;

    /// <summary>Stands in for the plane as operators reach it.</summary>
    public Func<IControlPlane, IControlPlane> OperatorsPlane { get; init; } = plane => plane;

    public DepotId Depot => _plan.Regions[0].Depots[0];

    /// <summary>Who may order rollouts.</summary>
    public OperatorKeys Operators { get; init; } = OperatorKeys.None;

    /// <summary>Cores that nodes may run besides the one that lies here.</summary>
    public ImmutableArray<Digest> Cores { get; init; } = [];

    /// <summary>What hubs have of packages.</summary>
    public Func<Digest, int, int, byte[]> Packages { get; init; } = (_, _, _) => [];

    /// <summary>How long a package is that hubs have.</summary>
    public Func<Digest, int?> LengthOf { get; init; } = _ => null;

    /// <summary>What hubs run releases with.</summary>
    public ISkills? Skills { get; init; }

    public MissionPlan Plan => _plan;

    public int Nodes => _plan.Nodes.Length;

    public RegionId Region => _plan.Regions[0].Hub.Region;

    public List<string> Failures { get; } = [];

    public List<string> Refusals { get; } = [];

    public static Ed25519Keys Key(string of)
    {
        _ = Ed25519Keys.TryImport(SHA256.HashData(Encoding.ASCII.GetBytes(of)), out Ed25519Keys? key);
        return key!;
    }

    public NodeSpec SpecOf(uint node) =>
        _plan.Nodes[(int)node - 1] with { PublicKey = Key($"node {node}").PublicKey };

    public async Task StartAsync()
    {
        _isRunning = true;
        var folder = DataFolder.Open(Folder);
        Store = SqliteStore.Open(folder.StorePath);
        MissionPlan plan = _plan.WithKeys(
            region => folder.KeyOf($"hub/{region.Value}").PublicKey,
            node => Key($"node {node.Value}").PublicKey)
            .WithCores([CoreImage.OfThisProcess().Digest, .. Cores]);
        Plane = new ControlPlane(new PlaneParts
        {
            Strategy = plan.Strategy with { Operators = Operators },
            Hubs = [.. plan.Regions.Select(region => region.Hub)],
            KeyOf = region => folder.KeyOf($"hub/{region.Value}"),
            Store = Store,
            Clock = Clock,
            Ports = this,
            Skills = Skills,
        });
        Registry = await NodeRegistry.LoadAsync(Store);
        await Plane.StartAsync();
        GatewayKeys keys = await GatewayKeys.OpenAsync(Store, Mission, folder.KeyOf);
        Desk = new GatewayDesk(Plane, Registry, keys, Rules, TimeProvider.System, Clock);
        IControlPlane seen = OperatorsPlane(Plane);
        Postings = new PostingDesk(seen, Store);
        var options = new ServerOptions
        {
            Certificate = folder.Certificate(DateTimeOffset.UtcNow),
            RescueFolder = Path.Combine(Folder, "rescue"),
            Operations = new OperationsParts
            {
                Title = "a small mission",
                Plane = seen,
                Clock = Clock,
                Pace = Clock.Pace,
                Store = AuditStore(Store),
                Operators = OperatorBook.Open(Folder, TimeProvider.System),
                OpenId = OpenId,
                Postings = () => Postings,
                Feed = Feed,
                Signers = Operators,
                Release = LengthOf,
                Regions = _plan.Regions.ToImmutableSortedDictionary(
                    region => region.Hub.Region, region => new RegionCard(region.Name, region.Hub.Depots)),
            },
        };
        Server = await HanseServer.StartAsync(Desk, Registry, options);
        _fingerprint = (await File.ReadAllTextAsync(Path.Combine(Folder, "tls.sha256"))).Trim();
        _channel = NewChannel();
        _open.Push(new Closing(_channel));
        Client = new Gateway.GatewayClient(_channel);
    }

    /// <summary>Lets somebody in, and gives his token.</summary>
    public string LetIn(OperatorRole role, string? name = null, DateTimeOffset? until = null)
    {
        string token = OperatorBook.NewToken();
        File.AppendAllText(
            OperatorBook.FileIn(Folder),
            OperatorBook.Line(role, name ?? $"{role}-{token[^8..]}", token, until) + "\n");
        return token;
    }

    /// <summary>The token that the server made at its first start.</summary>
    public string AdminToken() => File.ReadAllText(OperatorBook.AdminTokenIn(Folder)).Trim();

    /// <summary>A client of the routes.</summary>
    public HttpClient NewHttp(string? token)
    {
        var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => string.Equals(
                    certificate?.GetCertHashString(HashAlgorithmName.SHA256), _fingerprint,
                    StringComparison.OrdinalIgnoreCase),
            },
        })
        {
            BaseAddress = Server.Address,
            DefaultRequestVersion = HttpVersion.Version20,
        };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    public GrpcChannel NewChannel() => GatewayChannel.Open(Server.Address, _fingerprint);

    public async Task StopAsync()
    {
        if (!_isRunning)
        {
            return;
        }

        _isRunning = false;
        foreach (IAsyncDisposable open in _open) // The last first.
        {
            await open.DisposeAsync();
        }

        _open.Clear();
        await Server.DisposeAsync();
        Postings.Dispose();
        await Plane.DisposeAsync();
        await Store.DisposeAsync();
    }

    /// <summary>Enrols a node by a token and runs it, with a machine that does nothing unless there is
    /// another.</summary>
    public async Task<NodeHost> RunNodeAsync(
        uint node, bool isStreaming = true, IDevice? device = null, IReleaseShelf? shelf = null,
        Interceptor? relay = null, Action<string>? doubt = null, NodeKeys? keys = null,
        IMissionClock? clock = null, Digest? core = null)
    {
        Ed25519Keys key = keys?.Own.Key ?? Key($"node {node}");
        var pin = new GatewayPin();
        if (Registry.KeyOf(new NodeId(node)) is null || keys is null)
        {
            byte[] token = await Registry.IssueAsync(new NodeId(node));
            _ = await GatewayUplink.EnrolAsync(Client, token, key, pin);
        }

        keys ??= new NodeKeys(key);
        ulong count = (ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << 10;
        var store = SqliteStore.Open(Path.Combine(Folder, $"node-{node}.db"));
        var host = new NodeHost(new AgentParts
        {
            Spec = SpecOf(node) with { PublicKey = keys.First, Core = core ?? SpecOf(node).Core },
            Keys = keys,
            Store = store,
            Clock = clock ?? Clock,
            Uplink = new GatewayUplink(
                relay is null ? Client : new Gateway.GatewayClient(_channel.Intercept(relay)),
                new GatewayCaller(new NodeId(node), Mission, keys, () => ++count, pin), isStreaming)
            {
                OnDoubt = doubt,
            },
            Device = device ?? new IdleDevice(),
            Shelf = shelf,
        });
        if (shelf is IAsyncDisposable closing)
        {
            _open.Push(closing);
        }

        _open.Push(store);
        _open.Push(host);
        await host.StartAsync();
        return host;
    }

    public void Serve(RegionId region, HubEffect.Serve serve)
    {
    }

    public void Issue(RegionId region, HubEffect.Issue issue)
    {
    }

    public byte[] ReadPackage(Digest release, int from, int count) => Packages(release, from, count);

    public void Refused(Party machine, Party from, MessageKind kind, Refusal reason)
    {
        lock (Refusals)
        {
            Refusals.Add($"{machine} refused {kind} of {from}: {reason}");
        }
    }

    public bool HasRefused(string reason)
    {
        lock (Refusals)
        {
            return Refusals.Exists(line => line.Contains(reason, StringComparison.Ordinal));
        }
    }

    public void Retired(RegionId region, NodeId node) => _ = Task.Run(() => Registry.RetireAsync(node));

    public void Failed(Party machine, string why)
    {
        Feed.Failed(machine, why);
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

    private sealed class Closing(IDisposable inner) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            inner.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
