using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Bench.Server;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.Server.Tests;

/// <summary>Three hundred nodes that hold contracts of ten worths come back to three real hubs at once, over
/// the real desk with two places: what is worth more is heard first, and nothing is lost or taken
/// twice.</summary>
public sealed class StormOrderTests : IAsyncLifetime
{
    private const int Nodes = 300;
    private const int Hubs = 3;
    private const int Places = 2;
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-storm-").FullName;
    private readonly ShiftedClock _clock = new(
        new MissionClock(TimeProvider.System, DateTimeOffset.UtcNow.AddHours(-1)));

    private readonly BenchMission _mission = new(Hubs, Nodes);
    private readonly byte[] _name = new byte[32];
    private IStreamStore _store = null!;
    private ControlPlane _plane = null!;
    private HeldPlane _held = null!;
    private NodeRegistry _registry = null!;
    private ReportingNode[] _fleet = [];
    private long[] _worths = [];
    private ulong _count;

    public async ValueTask InitializeAsync()
    {
        _store = SqliteStore.Open(Path.Combine(_folder, "hanse.db"));
        _plane = new ControlPlane(new PlaneParts
        {
            Strategy = _mission.Strategy,
            Hubs = _mission.Hubs,
            KeyOf = region => BenchMission.Key($"hub {region.Value}"),
            Store = _store,
            Clock = _clock,
            Ports = new NoPorts(),
        });
        await _plane.StartAsync();
        _held = new HeldPlane(_plane);
        _registry = await NodeRegistry.LoadAsync(_store);
        _fleet = [.. Enumerable.Range(0, Nodes).Select(node => _mission.NodeOf(node, wantsWork: true))];
        foreach (ReportingNode node in _fleet)
        {
            byte[] token = await _registry.IssueAsync(node.Node);
            (NodeId? taken, _) = await _registry.RedeemAsync(
                token, node.Key.PublicKey, node.Key.Sign(CallSignature.OfEnrolment(token)));
            Assert.Equal(node.Node, taken);
        }

        await GiveWorkAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _plane.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task All_who_wait_are_heard_in_order_of_value()
    {
        GatewayDesk desk = await NewDeskAsync(new GatewayRules
        {
            CallsMax = Places,
            CallsStuckMax = Places,
            LookPeriod = TimeSpan.FromHours(1), // Once for each hub: what it says is known before it begins.
            RoomTimeMax = _limit,
        });
        long told = await StormAsync(desk, () => desk.Door.Waiting == Nodes - Places);
        Assert.Equal(0, told);
        AssertOrder(_held.Given);
        Assert.Equal(Nodes, _held.Given.Length);
    }

    // The room is full of the most valuable; the others are told to come again, and do.
    [Fact]
    public async Task Who_is_told_to_come_again_is_heard_in_the_end_and_nothing_is_lost()
    {
        GatewayDesk desk = await NewDeskAsync(new GatewayRules
        {
            CallsMax = Places,
            CallsStuckMax = Places,
            RoomMax = Nodes / 4,
            LookPeriod = TimeSpan.FromHours(1),
            RoomTimeMax = _limit,
            ComeAgain = TimeSpan.FromMilliseconds(50),
            ComeAgainMax = TimeSpan.FromSeconds(1),
        });
        var called = new HashSet<NodeId>();
        long told = await StormAsync(
            desk,
            () =>
            {
                lock (called)
                {
                    return called.Count == Nodes && desk.Door.Waiting == Nodes / 4;
                }
            },
            node =>
            {
                lock (called)
                {
                    _ = called.Add(node);
                }
            });
        Assert.InRange(told, Nodes - (Nodes / 4) - Places, long.MaxValue);
        AssertOrder(_held.Given);
    }

    [Fact]
    public async Task A_server_that_is_about_to_end_sends_all_away_and_takes_what_it_has_begun()
    {
        GatewayDesk desk = await NewDeskAsync(new GatewayRules { CallsMax = Places, CallsStuckMax = Places });
        _held.Hold();
        Task<CallOutcome>[] calls = [.. _fleet.Select(node => TakeAsync(desk, node, FrameOf(node)))];
        await Until(() => desk.Door.Waiting == Nodes - Places);
        desk.IsDraining = true;
        await Until(() => desk.Door.Waiting == 0);
        _held.LetGo();
        CallOutcome[] outcomes = await Task.WhenAll(calls).WaitAsync(_limit);
        Assert.Equal(Places, outcomes.Count(outcome => outcome.Refusal == CallRefusal.None));
        Assert.Equal(Nodes - Places, outcomes.Count(outcome => outcome.Refusal == CallRefusal.NotNow));
        Assert.Equal(Places, (await TakenAsync()).Count);
    }

    [Fact]
    public async Task Who_does_not_show_who_he_is_does_not_wait()
    {
        GatewayDesk desk = await NewDeskAsync(new GatewayRules { CallsMax = 1, CallsStuckMax = 1 });
        _held.Hold();
        Task<CallOutcome> inside = TakeAsync(desk, _fleet[0], FrameOf(_fleet[0]));
        Task<CallOutcome> waits = TakeAsync(desk, _fleet[1], FrameOf(_fleet[1]));
        await Until(() => desk.Door.Waiting == 1);
        byte[] frame = FrameOf(_fleet[2]);
        byte[] signed = CallSignature.OfCall(_name, _fleet[2].Node.Value, 1_000, [frame]);
        CallOutcome forged = await desk.TakeAsync(
            new NodeCall(_fleet[2].Node, 1_000, [frame], _fleet[3].Key.Sign(signed)));
        Assert.Equal(CallRefusal.NotAuthentic, forged.Refusal);
        signed = CallSignature.OfCall(_name, _fleet[1].Node.Value, 1, [frame]);
        CallOutcome repeated = await desk.TakeAsync(
            new NodeCall(_fleet[1].Node, 1, [frame], _fleet[1].Key.Sign(signed)));
        Assert.Equal(CallRefusal.Repeated, repeated.Refusal);
        Assert.Equal((1, 1), (desk.Door.Inside, desk.Door.Waiting));
        _held.LetGo();
        Assert.Equal(CallRefusal.None, (await inside.WaitAsync(_limit)).Refusal);
        Assert.Equal(CallRefusal.None, (await waits.WaitAsync(_limit)).Refusal);
    }

    // The most valuable tenth before the least valuable one, but for the calls that came first.
    private void AssertOrder(ImmutableArray<NodeId> given)
    {
        NodeId[] order = [.. given.Skip(Places)];
        int last = order.Select((node, place) => Worth(node) == 100_000_000 ? place : 0).Max();
        int first = order.Select((node, place) => Worth(node) == 10_000_000 ? place : order.Length).Min();
        Assert.True(last < first, $"a node with 100 credits came {last}., one with 10 came {first}.");
        Assert.True(order.Length >= Nodes - Places);
    }

    private long Worth(NodeId node) => _worths[node.Value - 1];

    // All call; when all wait who will, hubs begin to take.
    private async Task<long> StormAsync(
        GatewayDesk desk, Func<bool> isReady, Action<NodeId>? onAway = null)
    {
        long told = 0;
        _held.Hold();
        var luck = new Random(1);
        ReportingNode[] order = [.. _fleet];
        luck.Shuffle(order);

        // Hubs have been asked when most come: some hold the places, and one waits for each hub.
        ReportingNode[] first = [.. order.Take(Places)];
        first = [
            .. first,
            .. order.Skip(Places).DistinctBy(node => _mission.Nodes[(int)node.Node.Value - 1].Region),
        ];
        Task begun = Task.WhenAll(first.Select(CallAsync));
        await Until(() => desk.Door.Looks >= Hubs);
        Task storm = Task.WhenAll(order.Except(first).Select(node => Task.Run(() => CallAsync(node))));
        await Until(isReady);
        _held.LetGo();
        await Task.WhenAll(begun, storm).WaitAsync(_limit);
        Assert.Equal((0, 0), (desk.Door.Inside, desk.Door.Waiting));
        Dictionary<NodeId, int> taken = await TakenAsync();
        Assert.Equal(Nodes, taken.Count);
        Assert.All(taken.Values, times => Assert.Equal(1, times));
        return told;

        async Task CallAsync(ReportingNode node)
        {
            byte[] frame = FrameOf(node);
            Task<CallOutcome> call = TakeAsync(desk, node, frame);
            onAway?.Invoke(node.Node);
            CallOutcome outcome = await call;
            while (outcome.Refusal == CallRefusal.NotNow)
            {
                _ = Interlocked.Increment(ref told);
                await Task.Delay(outcome.ComeAgain > TimeSpan.Zero ? outcome.ComeAgain : desk.ComeAgain());
                outcome = await TakeAsync(desk, node, frame);
            }

            Assert.Equal(CallRefusal.None, outcome.Refusal);
        }
    }

    // Reports in the streams of the hubs, by node.
    private async Task<Dictionary<NodeId, int>> TakenAsync()
    {
        var taken = new Dictionary<NodeId, int>();
        foreach (HubSpec hub in _mission.Hubs)
        {
            await foreach (StreamBatch batch in _store.ReadAsync(StreamName.Hub(hub.Region), 0))
            {
                _ = MachineMemory.Read<HubFact>(batch.Run, fact =>
                {
                    if (fact is HubFact.DeviationsTaken(var node, _))
                    {
                        taken[node] = taken.GetValueOrDefault(node) + 1;
                    }
                });
            }
        }

        return taken;
    }

    private byte[] FrameOf(ReportingNode node) => FrameCodec.Encode(node.Next(_clock.Now, hasReport: true));

    private Task<CallOutcome> TakeAsync(GatewayDesk desk, ReportingNode node, byte[] frame)
    {
        ulong count = Interlocked.Increment(ref _count);
        byte[] signed = CallSignature.OfCall(_name, node.Node.Value, count, [frame]);
        return desk.TakeAsync(new NodeCall(node.Node, count, [frame], node.Key.Sign(signed)));
    }

    private async Task<GatewayDesk> NewDeskAsync(GatewayRules rules) => new(
        _held, _registry, await GatewayKeys.OpenAsync(_store, _name, BenchMission.Key), rules,
        TimeProvider.System, _clock);

    // Straight to the hubs: every node is enrolled, and wins a lot of the bounty that it wants.
    private async Task GiveWorkAsync()
    {
        foreach (StrategyInput order in _mission.Work(_clock.Now + TimeSpan.FromDays(80)))
        {
            await _plane.TellAsync(order);
        }

        for (int round = 0; round < 80 && !_fleet.All(node => node.HoldsContract); round++)
        {
            _clock.PutForward(TimeSpan.FromHours(3));
            await CallAllAsync();
        }

        await CallAllAsync();
        _clock.PutForward(TimeSpan.FromDays(3));
        _worths = new long[Nodes];
        foreach (HubSpec hub in _mission.Hubs)
        {
            foreach (NodeWorth node in (await _plane.WorthAsync(hub.Region)).Nodes)
            {
                _worths[node.Node.Value - 1] = node.Value.Micro;
            }
        }

        Assert.Equal(
            Enumerable.Range(1, 10).Select(tenth => (tenth * 10_000_000L, Nodes / 10)),
            _worths.GroupBy(worth => worth).OrderBy(worth => worth.Key)
                .Select(worth => (worth.Key, worth.Count())));
    }

    private Task CallAllAsync() => Task.WhenAll(_fleet.Select(async node =>
    {
        await _plane.ReceiveAsync(node.Next(_clock.Now, hasReport: false));
        foreach (Frame answer in _plane.MailboxOf(node.Node).Take())
        {
            node.Take(_clock.Now, answer);
        }
    }));

    private static async Task Until(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(_limit);
        while (!holds())
        {
            await Task.Delay(20, late.Token);
        }
    }

    private sealed class NoPorts : IPlanePorts
    {
        public void Serve(RegionId region, HubEffect.Serve serve)
        {
        }

        public void Issue(RegionId region, HubEffect.Issue issue)
        {
        }

        public byte[] ReadPackage(Digest release, int from, int count) => [];

        public void Refused(Party machine, Party from, MessageKind kind, Refusal reason)
        {
        }

        public void Failed(Party machine, string why)
        {
        }
    }
}
