using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Hanse.Api.V1;
using Hanse.Bench.Server;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using Hanse.Server;
using Frame = Hanse.Core.Links.Frame;
using MessageKind = Hanse.Core.Messages.MessageKind;
using Party = Hanse.Core.Identity.Party;

// hanse-bench-server runtime|desk|grpc|storm|idle
//     [--hubs N] [--nodes N] [--in-flight N] [--seconds N] [--store memory] [--hub none]
//     [--places N] [--room N]
string mode = args.Length > 0 ? args[0] : "runtime";
int hubs = Number("--hubs", 100);
int nodes = Number("--nodes", 10_000);
int inFlight = Number("--in-flight", 256);
int seconds = Number("--seconds", 5);
bool isInMemory = args.Contains("memory");
bool isNoHub = args.Contains("none");

var mission = new BenchMission(hubs, nodes);
string folder = Directory.CreateTempSubdirectory("hanse-bench-").FullName;
var clock = new ShiftedClock(
    new MissionClock(TimeProvider.System, DateTimeOffset.UtcNow.AddHours(-1)));
await using IStreamStore store = isInMemory
    ? new NoStore() : SqliteStore.Open(Path.Combine(folder, "hanse.db"));
await using var plane = new ControlPlane(new PlaneParts
{
    Strategy = mission.Strategy,
    Hubs = mission.Hubs,
    KeyOf = region => BenchMission.Key($"hub {region.Value}"),
    Store = store,
    Clock = clock,
    Ports = new NoPorts(),
});
var start = Stopwatch.StartNew();
await plane.StartAsync();
Console.WriteLine($"{hubs} hubs started in {start.ElapsedMilliseconds} ms");
using Ed25519Keys? shared = mode == "idle" ? BenchMission.Key("all") : null;
ReportingNode[] fleet = [.. Enumerable.Range(0, nodes).Select(
    node => mission.NodeOf(node, shared, wantsWork: mode == "storm"))];
byte[] name = SHA256.HashData("bench"u8);
NodeRegistry registry = await NodeRegistry.LoadAsync(store);
var seen = new NoHub(plane);
var desk = new GatewayDesk(
    seen, registry, await GatewayKeys.OpenAsync(store, name, BenchMission.Key),
    mode == "storm"
        ? new GatewayRules
        {
            CallsMax = Number("--places", new GatewayRules().CallsMax),
            RoomMax = Number("--room", new GatewayRules().RoomMax),
        }
        : new GatewayRules { CallsPerSecond = 1e6, CallsBurst = 1e6 },
    TimeProvider.System, clock);
await using HanseServer? server = mode is "grpc" or "storm"
    ? await HanseServer.StartAsync(desk, registry, new ServerOptions()) : null;
GrpcChannel[] channels = server is null
    ? [] : [.. Enumerable.Range(0, (nodes / 90) + 1).Select(_ => GrpcChannel.ForAddress(server.Address))];
var streams = new ConcurrentDictionary<NodeId, AsyncDuplexStreamingCall<Call, Answer>>();
long calls = 0;
Func<ReportingNode, Task> exchange = mode switch
{
    "runtime" or "storm" or "idle" => InProcess,
    "desk" => OverDesk,
    "grpc" => OverStream,
    _ => throw new ArgumentException($"no such mode: {mode}"),
};

if (mode != "runtime")
{
    await Parallel.ForEachAsync(
        fleet, new ParallelOptions { MaxDegreeOfParallelism = 64 },
        async (node, cancel) =>
        {
            byte[] token = await registry.IssueAsync(node.Node, cancel);
            _ = await registry.RedeemAsync(
                token, node.Key.PublicKey, node.Key.Sign(CallSignature.OfEnrolment(token)), cancel);
        });

    Console.WriteLine($"{registry.Count} keys");
}

Console.WriteLine("enrolling");
for (int round = 0; round < 200 && !fleet.All(node => node.IsEnrolled); round++)
{
    await Parallel.ForEachAsync(
        fleet.Where(node => !node.IsEnrolled),
        new ParallelOptions { MaxDegreeOfParallelism = inFlight },
        async (node, _) => await exchange(node));
}

Console.WriteLine($"{fleet.Count(node => node.IsEnrolled)} of {nodes} enrolled; {Megabytes()} MiB");
if (mode == "idle")
{
    // What is left when those who called are gone is the server's.
    fleet = [];
    long objects = GC.GetTotalMemory(forceFullCollection: true) >> 20;
    GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    Console.WriteLine($"idle: {objects} MiB of objects, {Megabytes()} MiB in all");
    return 0;
}

if (mode == "storm")
{
    await GiveWorkAsync();
    return await StormAsync();
}

seen.IsIdle = isNoHub;
await Load(2); // Warm.
(long count, double cpu, double wall, double p50, double p99) = await Load(seconds);
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture,
    $"{mode}{(isNoHub ? " without hubs" : "")}: {count / wall:F0} exchanges/s, "
    + $"{cpu / count * 1e6:F1} us of CPU each, p50 {p50:F2} ms, p99 {p99:F2} ms, {Megabytes()} MiB"));
if (store is SqliteStore sqlite)
{
    Console.WriteLine($"{sqlite.Commits} transactions");
}

return 0;

async Task InProcess(ReportingNode node)
{
    Frame frame = node.Next(clock.Now);
    await seen.ReceiveAsync(frame);
    foreach (Frame answer in isNoHub
        ? await seen.FetchAsync(new RegionId(frame.To.Number), node.Node, default, default)
        : plane.MailboxOf(node.Node).Take())
    {
        node.Take(clock.Now, answer);
    }
}

async Task OverDesk(ReportingNode node)
{
    Call call = CallOf(node);
    CallOutcome outcome = await desk.TakeAsync(new NodeCall(
        node.Node, call.Count, [.. call.Frames.Select(frame => frame.Memory)], call.Signature.Memory));
    foreach (Frame answer in await desk.FetchAsync(node.Node))
    {
        node.Take(clock.Now, answer);
    }

    if (outcome.Refusal != CallRefusal.None)
    {
        throw new InvalidOperationException(outcome.Reason);
    }
}

async Task OverStream(ReportingNode node)
{
    AsyncDuplexStreamingCall<Call, Answer> stream = streams.GetOrAdd(
        node.Node, _ => new Gateway.GatewayClient(channels[node.Node.Value % channels.Length]).Connect());
    Call call = CallOf(node);
    await stream.RequestStream.WriteAsync(call);
    while (await stream.ResponseStream.MoveNext(default))
    {
        Answer answer = stream.ResponseStream.Current;
        foreach (ByteString bytes in answer.Frames)
        {
            if (FrameCodec.TryDecode(bytes.Memory, out Frame? frame, out _))
            {
                node.Take(clock.Now, frame);
            }
        }

        if (answer.Count == call.Count)
        {
            return;
        }
    }
}

// Every node is given a contract by its hub's market, and is then out of reach for three days.
async Task GiveWorkAsync()
{
    foreach (StrategyInput order in mission.Work(clock.Now + TimeSpan.FromDays(80)))
    {
        await plane.TellAsync(order);
    }

    for (int round = 0; round < 80 && !fleet.All(node => node.HoldsContract); round++)
    {
        clock.PutForward(TimeSpan.FromHours(3));
        await CallAllAsync();
    }

    await CallAllAsync(); // What they were given they take.
    clock.PutForward(TimeSpan.FromDays(3));
    Console.WriteLine($"{fleet.Count(node => node.HoldsContract)} of {nodes} hold a contract");
}

Task CallAllAsync() => Parallel.ForEachAsync(
    fleet, new ParallelOptions { MaxDegreeOfParallelism = inFlight },
    async (node, _) => await exchange(node));

// What each node's contract is worth, as its hub has it.
async Task<long[]> WorthsAsync()
{
    long[] worths = new long[nodes];
    foreach (HubSpec hub in mission.Hubs)
    {
        _ = await plane.AskAsync(hub.Region, machine =>
        {
            foreach (NodeId node in machine.Roster.Keys)
            {
                worths[node.Value - 1] = machine.Market.WorthHeldBy(node).Micro;
            }

            return true;
        });
    }

    return worths;
}

// All nodes call at the same moment with a report each, and each calls until its hub says that it has it.
async Task<int> StormAsync()
{
    long refused = 0;
    long failed = 0;
    double[] times = new double[nodes];
    long[] worths = await WorthsAsync();
    int[] before = [.. fleet.Select(node => node.Acknowledged.Count)];
    using var process = Process.GetCurrentProcess();
    TimeSpan cpu = process.TotalProcessorTime;
    long begun = Stopwatch.GetTimestamp();
    await Task.WhenAll(fleet.Select((node, i) => Task.Run(async () =>
    {
        var client = new Gateway.GatewayClient(channels[i % channels.Length]);
        while (node.Acknowledged.Count == before[i])
        {
            try
            {
                Answer answer = await client.SyncAsync(
                    CallOf(node), deadline: DateTime.UtcNow.AddSeconds(15));
                foreach (ByteString bytes in answer.Frames)
                {
                    if (FrameCodec.TryDecode(bytes.Memory, out Frame? frame, out _))
                    {
                        node.Take(clock.Now, frame);
                    }
                }

                if (answer.ComeAgainMilliseconds > 0)
                {
                    _ = Interlocked.Increment(ref refused);
                    await Task.Delay((int)answer.ComeAgainMilliseconds);
                }
            }
            catch (RpcException)
            {
                _ = Interlocked.Increment(ref failed);
                await Task.Delay(Random.Shared.Next(500, 1_500));
            }
        }

        times[i] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
    })));
    process.Refresh();
    double[] all = [.. times.Order()];
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"storm of {nodes}: all acknowledged after {all[^1]:F1} s, half after {all[all.Length / 2]:F1} s; "
        + $"{refused} calls told to come again, {failed} failed; "
        + $"{(process.TotalProcessorTime - cpu).TotalSeconds:F1} s of CPU, {Megabytes()} MiB"));

    int[] order = [.. Enumerable.Range(0, nodes).OrderByDescending(node => worths[node])];
    for (int tenth = 0; tenth < 10; tenth++)
    {
        int[] those = order[(nodes * tenth / 10)..(nodes * (tenth + 1) / 10)];
        double[] done = [.. those.Select(node => times[node]).Order()];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  tenth {tenth + 1,2}: {worths[those[^1]] / 1e6:F1} to {worths[those[0]] / 1e6:F1} credits, "
            + $"first after {done[0]:F2} s, half {done[done.Length / 2]:F2} s, last {done[^1]:F2} s"));
    }

    // What was acknowledged is in the hubs' streams.
    var durable = new HashSet<(NodeId Node, long Serial)>();
    foreach (HubSpec hub in mission.Hubs)
    {
        await foreach (StreamBatch batch in store.ReadAsync(new StreamName($"hub/{hub.Region.Value}"), 0))
        {
            _ = MachineMemory.Read<HubFact>(batch.Run, fact =>
            {
                if (fact is HubFact.DeviationsTaken(var who, var report))
                {
                    durable.UnionWith(report.Deviations.Select(one => (who, one.Value)));
                }
            });
        }
    }

    int lost = fleet.Sum(node => node.Acknowledged.Count(serial => !durable.Contains((node.Node, serial))));
    Console.WriteLine($"{lost} acknowledged reports are not in the store");
    return lost == 0 ? 0 : 1;
}

Call CallOf(ReportingNode node)
{
    byte[] frame = FrameCodec.Encode(node.Next(clock.Now));
    ulong count = (ulong)Interlocked.Increment(ref calls);
    return new Call
    {
        Node = node.Node.Value,
        Count = count,
        Frames = { UnsafeByteOperations.UnsafeWrap(frame) },
        Signature = UnsafeByteOperations.UnsafeWrap(
            node.Key.Sign(CallSignature.OfCall(name, node.Node.Value, count, [frame]))),
    };
}

async Task<(long Count, double Cpu, double Wall, double P50, double P99)> Load(double time)
{
    using var process = Process.GetCurrentProcess();
    TimeSpan cpuBefore = process.TotalProcessorTime;
    var watch = Stopwatch.StartNew();
    var latencies = new List<double>[inFlight];
    await Task.WhenAll(Enumerable.Range(0, inFlight).Select(caller => Task.Run(async () =>
    {
        List<double> mine = latencies[caller] = [];
        int i = caller;
        for (; watch.Elapsed.TotalSeconds < time; i = i + inFlight < nodes ? i + inFlight : caller)
        {
            long begun = Stopwatch.GetTimestamp();
            await exchange(fleet[i]);
            mine.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    })));
    double wall = watch.Elapsed.TotalSeconds;
    process.Refresh();
    double[] all = [.. latencies.SelectMany(one => one).Order()];
    return (all.Length, (process.TotalProcessorTime - cpuBefore).TotalSeconds, wall,
        all[all.Length / 2], all[(int)(all.Length * 0.99)]);
}

int Number(string name, int otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;
}

static long Megabytes()
{
    using var process = Process.GetCurrentProcess();
    return process.WorkingSet64 >> 20;
}

internal sealed class NoPorts : IPlanePorts
{
    public void Serve(RegionId region, HubEffect.Serve serve)
    {
    }

    public void Issue(RegionId region, HubEffect.Issue issue)
    {
    }

    public byte[] ReadPackage(Digest release, int from, int count) => [];

    public void Refused(Party machine, Party from, MessageKind kind, Refusal reason) =>
        Interlocked.Increment(ref _refused);

    public void Failed(Party machine, string why) => Console.WriteLine($"{machine}: {why}");

    private long _refused;
}

/// <summary>Keeps nothing: what the rest costs.</summary>
internal sealed class NoStore : IStreamStore
{
    public Task AppendAsync(StreamName stream, StreamBatch batch, StreamSnapshot? snapshot = null) =>
        Task.CompletedTask;

    public Task<StreamSnapshot?> SnapshotAsync(StreamName stream, string core, CancellationToken cancel) =>
        Task.FromResult<StreamSnapshot?>(null);

    public async IAsyncEnumerable<StreamBatch> ReadAsync(StreamName stream, long after,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task<ImmutableArray<StreamState>> ListAsync(CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task<string?> NoteAsync(string key, CancellationToken cancel) => Task.FromResult<string?>(null);

    public async IAsyncEnumerable<KeyValuePair<string, string>> NotesAsync(string prefix,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        yield break;
    }

    public Task<string> NoteAsync(string key, string value, CancellationToken cancel) =>
        Task.FromResult(value);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
