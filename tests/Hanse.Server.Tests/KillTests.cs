using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Hanse.Agent;
using Hanse.Api.V1;
using Hanse.Bench.Server;
using Hanse.Cli.Scenarios;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Gateway;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Fleet;
using Hanse.Simulation.World;
using Xunit;
using Frame = Hanse.Core.Links.Frame;

namespace Hanse.Server.Tests;

/// <summary>A real server process under load, ended at random moments by the system (SIGKILL), and started
/// again on its folder.</summary>
/// <remarks>HANSE_KILLS says how often (5); HANSE_SEED when; HANSE_PROGRAM which build, if not the one beside
/// these tests.</remarks>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Nodes = 500;
    private const int Callers = 24;
    private const double Pace = 3_600;

    private static readonly int _kills = Number("HANSE_KILLS", 5);
    private static readonly int _seed = Number("HANSE_SEED", 1);
    private static readonly string _program = Environment.GetEnvironmentVariable("HANSE_PROGRAM")
        ?? Path.Combine(AppContext.BaseDirectory, "hanse.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-kill-").FullName;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly List<TimeSpan> _outages = [];
    private MissionPlan _plan = null!;
    private Process? _server;
    private int _port;
    private ulong _count;
    private long _answers;

    private string Data => Path.Combine(_folder, "data");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_killed_server_has_lost_nothing_that_it_acknowledged()
    {
        Scenario scenario = Reachable();
        string file = Path.Combine(_folder, "mission.yaml");
        await File.WriteAllTextAsync(file, ScenarioText.Write(scenario));
        _plan = MissionPlan.Of(scenario, scenario.Seed);
        ReportingNode[] fleet = [.. _plan.Nodes.Select(node => new ReportingNode(
            node.Node, node.Region, HubOf(node.Region).NodeContacts, _plan.Strategy.Rules.ClockErrorMax,
            node.Design.CargoMax, SmallMission.Key($"node {node.Node.Value}")))];
        ReadOnlyMemory<byte> mission = await EnrolAsync(fleet);
        _port = FreePort();
        Process server = Serve(file);
        try
        {
            using var stop = new CancellationTokenSource();
            using GrpcChannel channel = GatewayChannel.Open(
                new Uri($"https://127.0.0.1:{_port}"), await FingerprintAsync());
            var client = new Gateway.GatewayClient(channel);
            Task load = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
                () => CallAsync(
                    client, [.. fleet.Where((_, i) => i % Callers == caller)], mission, stop.Token))));
            await AnswersAsync(1);
            await AnswersAsync(2 * Nodes);
            var luck = new Random(_seed);
            for (int kill = 0; kill < _kills; kill++)
            {
                await Task.Delay(luck.Next(200, 1_500));
                server.Kill();
                await server.WaitForExitAsync();
                server.Dispose();
                long began = Stopwatch.GetTimestamp();
                server = Serve(file);
                await AnswersAsync(1);
                _outages.Add(Stopwatch.GetElapsedTime(began));
            }

            await stop.CancelAsync();
            await load;
            server.Kill();
            await server.WaitForExitAsync();
        }
        finally
        {
            server.Dispose();
        }

        TimeSpan[] sorted = [.. _outages.Order()];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_kills} kills, {_answers} answers; from start to first durable answer: median "
            + $"{sorted[sorted.Length / 2].TotalSeconds:F2} s, longest {sorted[^1].TotalSeconds:F2} s"));
        await AuditAsync(fleet);
    }

    // What the store says after all that, against what the nodes were told.
    private async Task AuditAsync(ReportingNode[] fleet)
    {
        await using var store = SqliteStore.Open(Path.Combine(Data, "hanse.db"));
        Assert.Empty(await store.InspectAsync());
        Assert.Empty(await StoreAudit.ReadAsync(store, (_, _) => { }));
        var taken = new HashSet<(NodeId Node, ulong Sequence)>();
        var serials = new HashSet<(NodeId Node, long Serial)>();
        long sum = 0;
        foreach (MissionRegion region in _plan.Regions)
        {
            var hub = new RegionalHub(region.Hub);
            await foreach (StreamBatch batch in store.ReadAsync(
                new StreamName($"hub/{region.Hub.Region.Value}"), 0))
            {
                Assert.Null(MachineMemory.Read<HubFact>(batch.Run, fact =>
                {
                    hub.Apply(fact);
                    See(fact, taken, serials);
                }));
            }

            sum += Sum(hub.Books);
        }

        var strategy = new StrategicLayer(_plan.Strategy);
        await foreach (StreamBatch batch in store.ReadAsync(new StreamName("strategy"), 0))
        {
            Assert.Null(MachineMemory.Read<StrategyFact>(batch.Run, strategy.Apply));
        }

        Assert.Equal(0, sum + Sum(strategy.Books));
        int acknowledged = 0;
        foreach (ReportingNode node in fleet)
        {
            Assert.True(node.IsEnrolled);
            foreach (long serial in node.Acknowledged)
            {
                acknowledged++;
                Assert.True(serials.Contains((node.Node, serial)), $"lost: report {serial} of {node.Node}");
            }
        }

        output.WriteLine($"{acknowledged} reports acknowledged, {serials.Count} durable");
        Assert.InRange(acknowledged, 100, serials.Count);
    }

    private static void See(
        HubFact fact, HashSet<(NodeId Node, ulong Sequence)> taken,
        HashSet<(NodeId Node, long Serial)> serials)
    {
        switch (fact)
        {
            case HubFact.NodeLink(var node, LinkFact.Taken link):
                Assert.All(link.Received, sequence => Assert.True(
                    taken.Add((node, sequence)), $"applied twice: message {sequence} of {node}"));
                break;
            case HubFact.DeviationsTaken(var node, var report):
                Assert.All(report.Deviations, deviation => Assert.True(
                    serials.Add((node, deviation.Value)), $"applied twice: {deviation.Value} of {node}"));
                break;
            default:
                break;
        }
    }

    private static long Sum(Books books) => books.Accounts.Sum(account => account.Value.Micro);

    private async Task CallAsync(
        Gateway.GatewayClient client, ReportingNode[] nodes, ReadOnlyMemory<byte> mission,
        CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (ReportingNode node in nodes)
            {
                try
                {
                    Answer answer = await client.SyncAsync(
                        CallOf(node, mission), deadline: DateTime.UtcNow.AddSeconds(5));
                    foreach (ByteString bytes in answer.Frames)
                    {
                        Assert.True(FrameCodec.TryDecode(bytes.Memory, out Frame? frame, out _));
                        node.Take(Now, frame);
                    }

                    if (answer.ComeAgainMilliseconds == 0)
                    {
                        _ = Interlocked.Increment(ref _answers);
                    }
                }
                catch (RpcException)
                {
                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }
    }

    private Call CallOf(ReportingNode node, ReadOnlyMemory<byte> mission)
    {
        byte[] frame = FrameCodec.Encode(node.Next(Now));
        ulong count = Interlocked.Increment(ref _count);
        return new Call
        {
            Node = node.Node.Value,
            Count = count,
            Frames = { ByteString.CopyFrom(frame) },
            Signature = ByteString.CopyFrom(node.Key.Sign(
                CallSignature.OfCall(mission.Span, node.Node.Value, count, [frame]))),
        };
    }

    private Instant Now => new((long)(_time.Elapsed.TotalMicroseconds * Pace) + 60_000_000);

    private async Task AnswersAsync(int more)
    {
        long wanted = Interlocked.Read(ref _answers) + more;
        for (int i = 0; i < 6_000; i++)
        {
            if (Interlocked.Read(ref _answers) >= wanted)
            {
                return;
            }

            Assert.False(_server!.HasExited, "the server has ended by itself");

            await Task.Delay(10);
        }

        throw new TimeoutException("no answer for a minute");
    }

    // Keys by tokens, as an operator would: the server does not run yet.
    private async Task<ReadOnlyMemory<byte>> EnrolAsync(ReportingNode[] fleet)
    {
        var folder = DataFolder.Open(Data);
        folder.Certificate(DateTimeOffset.UtcNow).Dispose();
        await using var store = SqliteStore.Open(folder.StorePath);
        NodeRegistry registry = await NodeRegistry.LoadAsync(store);
        await Parallel.ForEachAsync(fleet, async (node, _) =>
        {
            byte[] token = await registry.IssueAsync(node.Node);
            (NodeId? bound, string? refused) = await registry.RedeemAsync(
                token, node.Key.PublicKey, node.Key.Sign(CallSignature.OfEnrolment(token)));
            Assert.True(bound == node.Node, refused);
        });
        return Hanse.Cli.Serving.MissionName.Of(_plan.Scenario);
    }

    private async Task<string> FingerprintAsync() =>
        (await File.ReadAllTextAsync(Path.Combine(Data, "tls.sha256"))).Trim();

    // Started as people do: compiling hot code at once serves a simulation, not a start.
    private Process Serve(string file)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                _program, "serve", file, "--data", Data,
                "--listen", $"127.0.0.1:{_port}", "--pace", Pace.ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "64";
        start.Environment["DOTNET_GCgen0size"] = "0x4000000";
        return _server = Process.Start(start)!;
    }

    private HubSpec HubOf(RegionId region) => _plan.Regions.Single(one => one.Hub.Region == region).Hub;

    // Nodes that are nearly always in reach, and have nothing else to do.
    private static Scenario Reachable()
    {
        Scenario calm = Calm.Fleet(1);
        return calm with
        {
            Seed = 1,
            Fleet = calm.Fleet with { Nodes = Nodes },
            Links = calm.Links with
            {
                NodePeriodHours = 12,
                NodeWindowHours = 11.9,
                NodeBytesPerSecond = 1_000_000,
                ClockErrorSeconds = 1,
            },
            Market = calm.Market with { CycleHours = 24 },
            Stream = calm.Stream with { TonnesPerNodeDay = 0 },
        };
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal static int Number(string variable, int otherwise) => int.TryParse(
        Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture,
        out int number) ? number : otherwise;
}
