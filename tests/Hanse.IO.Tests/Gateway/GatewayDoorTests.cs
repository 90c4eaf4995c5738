using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Xunit;

namespace Hanse.IO.Tests.Gateway;

/// <summary>Who is let in when there is no room for all.</summary>
public sealed class GatewayDoorTests
{
    private static readonly RegionId _hub = new(1);
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    private readonly ManualTime _time = new();
    private readonly ConcurrentDictionary<uint, NodeWorth> _known = new();
    private readonly ConcurrentDictionary<uint, DoorNode> _nodes = new();
    private int _asked;

    private GatewayDoor? _door;

    // A hundred days into a mission of which a second is ten hours.
    private MissionClock Clock => field ??= new MissionClock(
        _time, _time.GetUtcNow() - TimeSpan.FromSeconds(240), pace: 36_000);

    [Fact]
    public async Task While_a_place_is_free_nobody_waits_and_no_hub_is_asked()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 3 });
        for (uint round = 0; round < 10; round++)
        {
            Assert.True(door.TryEnter(Node(1)));
            Assert.True(door.TryEnter(Node(2)));
            Assert.True(door.TryEnter(Node(3)));
            Assert.Equal(3, door.Inside);
            Assert.False(door.TryEnter(Node(4)));
            door.Leave(Node(1), wasHeard: true);
            door.Leave(Node(2), wasHeard: true);
            door.Leave(Node(3), wasHeard: true);
        }

        // A place that has become free between the two questions is taken.
        Assert.True((await door.EnterAsync(Node(5), _hub, 1, default)).IsIn);
        door.Leave(Node(5), wasHeard: true);
        Assert.Equal((0, 0, 0), (door.Inside, door.Waiting, Volatile.Read(ref _asked)));
    }

    [Fact]
    public async Task The_most_urgent_is_let_in_first_and_equals_as_they_came()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1 });
        Know(1, credits: 10, days: 9);
        Know(2, credits: 90, days: 9);
        Know(3, credits: 10, days: 9);
        Know(4, credits: 0, days: 9);
        Know(5, credits: 0, days: 90); // Older than any value makes up for.
        Know(6, credits: 40, days: 9);
        Know(7, credits: 90, days: 1);
        Assert.True(door.TryEnter(Node(99)));
        Dictionary<uint, Task<Admission>> waiting = await Wait(door, [1, 2, 3, 4, 5, 6, 7, 8]);
        var order = new List<uint>();
        uint inside = 99;
        while (waiting.Count > 0)
        {
            door.Leave(Node(inside), wasHeard: true);
            inside = await Next(waiting);
            order.Add(inside);
        }

        // 8 is a stranger. Urgencies are 171, 891, 171, 81, 8100, 441 and 91 credit days.
        Assert.Equal([5u, 2, 6, 1, 3, 7, 4, 8], order);
        door.Leave(Node(inside), wasHeard: true);
        Assert.Equal((0, 0), (door.Inside, door.Waiting));
    }

    [Fact]
    public async Task A_full_room_sends_the_least_urgent_away_whoever_that_is()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1, RoomMax = 3 });
        for (uint node = 1; node <= 9; node++)
        {
            Know(node, credits: 10 * node, days: 9);
        }

        Assert.True(door.TryEnter(Node(99)));
        Dictionary<uint, Task<Admission>> waiting = await Wait(door, [5, 6, 7]);
        Admission newcomer = await door.EnterAsync(Node(1), _hub, 1, default);
        Assert.False(newcomer.IsIn);
        Assert.True(newcomer.ComeAgain > TimeSpan.Zero);
        waiting[9] = door.EnterAsync(Node(9), _hub, 1, default).AsTask();
        Assert.False((await waiting[5].WaitAsync(_limit)).IsIn);
        Assert.Equal(3, door.Waiting);
        _ = waiting.Remove(5);
        door.Leave(Node(99), wasHeard: true);
        Assert.Equal(9u, await Next(waiting));
    }

    [Fact]
    public async Task Who_is_sent_away_comes_back_later_the_less_urgent_it_is()
    {
        GatewayDoor door = NewDoor(new GatewayRules
        {
            CallsMax = 1,
            RoomMax = 1,
            ComeAgain = TimeSpan.FromMilliseconds(0.1),
        });
        Know(1, credits: 90, days: 9);
        for (uint node = 2; node < 42; node++)
        {
            Know(node, credits: 32 >> (int)((node - 2) / 7 % 5), days: 9);
        }

        Assert.True(door.TryEnter(Node(99)));
        _ = await Wait(door, [1]);

        // Seven of each class of value, the most urgent first; the last five are as urgent as the first.
        var told = new List<TimeSpan>();
        for (uint node = 2; node < 42; node++)
        {
            told.Add((await door.EnterAsync(Node(node), _hub, 1, default)).ComeAgain);
        }

        for (int i = 0; i + 7 < 35; i++)
        {
            Assert.True(told[i] < told[i + 7], $"{told[i]} of {i} and {told[i + 7]} of {i + 7}");
        }

        Assert.All(told[35..], late => Assert.True(late < told[14], $"{late} and {told[14]}"));
    }

    [Fact]
    public async Task A_room_is_full_of_bytes_as_well()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1, RoomBytesMax = 100 });
        Know(1, credits: 10, days: 9);
        Know(2, credits: 20, days: 9);
        Know(3, credits: 30, days: 9);
        Assert.True(door.TryEnter(Node(99)));
        Dictionary<uint, Task<Admission>> waiting = await Wait(door, [1, 2], bytes: 50);
        waiting[3] = door.EnterAsync(Node(3), _hub, 51, default).AsTask();
        Assert.False((await waiting[1].WaitAsync(_limit)).IsIn);
        Assert.False((await waiting[2].WaitAsync(_limit)).IsIn);
        Assert.Equal(1, door.Waiting);
    }

    [Fact]
    public async Task A_flood_of_one_node_holds_a_few_places_and_one_seat()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 10, CallsOfNodeMax = 4, RoomMax = 10 });
        for (int call = 0; call < 4; call++)
        {
            Assert.True(door.TryEnter(Node(1)));
        }

        Assert.False(door.TryEnter(Node(1)));
        Assert.False((await door.EnterAsync(Node(1), _hub, 1, default)).IsIn);
        for (uint node = 2; node <= 7; node++)
        {
            Assert.True(door.TryEnter(Node(node)));
        }

        door.Leave(Node(1), wasHeard: true);
        Assert.True(door.TryEnter(Node(8)));
        Task<Admission>[] calls = [.. Enumerable.Range(0, 1_000)
            .Select(_ => door.EnterAsync(Node(1), _hub, 1, default).AsTask())];
        Assert.Equal(1, door.Waiting);
        Task<Admission>[] told = [.. calls.Where(call => call.IsCompleted)];
        Assert.Equal(999, told.Length);
        Assert.All(told, call => Assert.False(call.Result.IsIn));
        Assert.Equal(10, door.Inside);
    }

    [Fact]
    public async Task A_later_call_takes_the_seat_of_the_one_before()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1 });
        Assert.True(door.TryEnter(Node(99)));
        Task<Admission> first = door.EnterAsync(Node(1), _hub, 1, default).AsTask();
        Task<Admission> second = door.EnterAsync(Node(1), _hub, 1, default).AsTask();
        Assert.False((await first.WaitAsync(_limit)).IsIn);
        Assert.Equal(1, door.Waiting);
        door.Leave(Node(99), wasHeard: true);
        Assert.True((await second.WaitAsync(_limit)).IsIn);
    }

    [Fact]
    public async Task Strangers_push_nobody_out_who_is_known()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1, RoomMax = 10 });
        for (uint node = 1; node <= 10; node++)
        {
            Know(node, credits: 1, days: 1);
        }

        Assert.True(door.TryEnter(Node(99)));
        Task<Admission>[] strangers = [.. Enumerable.Range(100, 500)
            .Select(node => door.EnterAsync(Node((uint)node), _hub, 1, default).AsTask())];
        await Until(() => door.Looks > 0);
        Dictionary<uint, Task<Admission>> waiting =
            await Wait(door, [.. Enumerable.Range(1, 10).Select(node => (uint)node)]);
        Task<Admission>[] more = [.. Enumerable.Range(1_000, 500)
            .Select(node => door.EnterAsync(Node((uint)node), _hub, 1, default).AsTask())];
        foreach (Task<Admission> stranger in strangers.Concat(more))
        {
            Assert.False((await stranger.WaitAsync(_limit)).IsIn);
        }

        Assert.DoesNotContain(waiting.Values, call => call.IsCompleted);
    }

    // Having called once, long ago, buys nothing.
    [Fact]
    public async Task A_stranger_of_an_earlier_storm_is_a_new_one()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1 });
        Assert.True(door.TryEnter(Node(99)));
        Task<Admission> first = door.EnterAsync(Node(7), _hub, 1, default).AsTask();
        door.Leave(Node(99), wasHeard: true);
        Assert.True((await first.WaitAsync(_limit)).IsIn);
        door.Leave(Node(7), wasHeard: false);
        await Tend(TimeSpan.FromSeconds(500));
        Know(1, credits: 10, days: 9);
        Assert.True(door.TryEnter(Node(99)));
        long looks = door.Looks;
        Dictionary<uint, Task<Admission>> waiting = await Wait(door, [7, 1]);
        await Until(() => door.Looks > looks);
        door.Leave(Node(99), wasHeard: true);
        Assert.Equal(1u, await Next(waiting));
    }

    [Fact]
    public async Task Who_has_gone_leaves_the_room()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1 });
        Assert.True(door.TryEnter(Node(99)));
        using var gone = new CancellationTokenSource();
        Task<Admission> first = door.EnterAsync(Node(1), _hub, 1, gone.Token).AsTask();
        Task<Admission> second = door.EnterAsync(Node(2), _hub, 1, default).AsTask();
        await gone.CancelAsync();
        Assert.False((await first.WaitAsync(_limit)).IsIn);
        Assert.Equal(1, door.Waiting);
        Assert.False((await door.EnterAsync(Node(3), _hub, 1, gone.Token)).IsIn);
        door.Leave(Node(99), wasHeard: true);
        Assert.True((await second.WaitAsync(_limit)).IsIn);
        Assert.Equal((1, 0), (door.Inside, door.Waiting));
    }

    [Fact]
    public async Task A_server_that_is_about_to_end_lets_nobody_wait()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1 });
        Assert.True(door.TryEnter(Node(99)));
        Task<Admission>[] calls = [.. Enumerable.Range(1, 50)
            .Select(node => door.EnterAsync(Node((uint)node), _hub, 1, default).AsTask())];
        door.IsDraining = true;
        foreach (Task<Admission> call in calls)
        {
            Assert.False((await call.WaitAsync(_limit)).IsIn);
        }

        Assert.False((await door.EnterAsync(Node(51), _hub, 1, default)).IsIn);
        Assert.Equal((1, 0), (door.Inside, door.Waiting));
    }

    [Fact]
    public async Task Nobody_waits_longer_than_the_limit()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1, CallsStuckMax = 1 });
        Assert.True(door.TryEnter(Node(99)));
        Task<Admission> first = door.EnterAsync(Node(1), _hub, 1, default).AsTask();
        await Tend(TimeSpan.FromSeconds(5));
        Task<Admission> second = door.EnterAsync(Node(2), _hub, 1, default).AsTask();
        await Tend(TimeSpan.FromSeconds(2.9));
        Assert.Equal(2, door.Waiting);
        await Tend(TimeSpan.FromSeconds(0.5));
        Admission told = await first.WaitAsync(_limit);
        Assert.False(told.IsIn);
        Assert.True(told.ComeAgain > TimeSpan.Zero);
        Assert.Equal(1, door.Waiting);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task Calls_that_do_not_come_back_do_not_hold_up_all_others()
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 2, CallsStuckMax = 5 });
        Assert.True(door.TryEnter(Node(98)));
        Assert.True(door.TryEnter(Node(99)));
        Dictionary<uint, Task<Admission>> waiting = await Wait(door, [1, 2, 3, 4, 5]);
        await Tend(TimeSpan.FromSeconds(1.5));
        await Until(() => door.Inside == 4);
        await Tend(TimeSpan.FromSeconds(1.5));
        await Until(() => door.Inside == 5);
        await Tend(TimeSpan.FromSeconds(2));
        Assert.Equal((5, 2), (door.Inside, door.Waiting));
    }

    // Twenty nodes with a hundred credits at risk each call again as soon as they were served, an hour each,
    // for ever. One with nothing at risk is behind them until its staleness alone outweighs theirs, which is
    // 20 h: s^2 > (100 + 20/24) 20/24 credit days, so after 9.2 days. It is told to come again meanwhile.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nothing_starves_under_a_load_that_never_ends(bool isKnown)
    {
        GatewayDoor door = NewDoor(new GatewayRules { CallsMax = 1, CallsStuckMax = 1 });
        for (uint rich = 1; rich <= 20; rich++)
        {
            Know(rich, credits: 100, days: 1);
        }

        if (isKnown)
        {
            Know(50, credits: 0, days: 0);
        }

        Assert.True(door.TryEnter(Node(99)));
        Dictionary<uint, Task<Admission>> waiting =
            await Wait(door, [50, .. Enumerable.Range(1, 20).Select(node => (uint)node)]);
        Instant since = Clock.Now;
        uint inside = 99;
        int told = 0;
        while (inside != 50)
        {
            await Tend(TimeSpan.FromMilliseconds(100));
            foreach (uint away in waiting.Keys.Where(
                node => waiting[node] is { IsCompleted: true } call && !call.Result.IsIn).ToArray())
            {
                told += away == 50 ? 1 : 0;
                waiting[away] = door.EnterAsync(Node(away), _hub, 1, default).AsTask();
            }

            if (_known.TryGetValue(inside, out NodeWorth known))
            {
                _known[inside] = known with { Heard = Clock.Now };
                waiting[inside] = door.EnterAsync(Node(inside), _hub, 1, default).AsTask();
            }

            door.Leave(Node(inside), wasHeard: true);
            inside = await Next(waiting, except: answer => !answer.IsIn);
            Assert.True(Clock.Now - since < TimeSpan.FromDays(11), "it starves");
        }

        Assert.InRange(Clock.Now - since, TimeSpan.FromDays(8), TimeSpan.FromDays(11));
        Assert.InRange(told, 1, 10);
    }

    [Fact]
    public async Task A_hub_that_is_not_there_or_says_nothing_is_no_trouble()
    {
        int failures = 0;
        var door = new GatewayDoor(
            new GatewayRules { CallsMax = 1 },
            region =>
            {
                _ = Interlocked.Increment(ref failures);
                throw region.Value == 7 ? new KeyNotFoundException() : new MachineFailedException("down");
            },
            _time, Clock);
        Assert.True(door.TryEnter(Node(99)));
        Task<Admission>[] calls = [.. Enumerable.Range(1, 4).Select(node => door.EnterAsync(
            Node((uint)node), new RegionId(node % 2 == 0 ? 7u : 8u), 1, default).AsTask())];
        await Until(() => Volatile.Read(ref failures) == 2);
        door.Leave(Node(99), wasHeard: true);
        foreach (Task<Admission> call in calls)
        {
            Assert.True((await call.WaitAsync(_limit)).IsIn);
            door.Leave(Node((uint)Array.IndexOf(calls, call) + 1), wasHeard: true);
        }
    }

    // Threads come, wait, go away and are let out as it happens; the clock of the door is the real one.
    [Fact]
    public async Task Counts_are_exact_under_many_threads()
    {
        const int places = 5;
        for (uint node = 1; node <= 64; node++)
        {
            Know(node, credits: node, days: 9);
        }

        var rules = new GatewayRules { CallsMax = places, CallsStuckMax = places, RoomMax = 20 };
        var door = new GatewayDoor(rules, LookAsync, TimeProvider.System, Clock);
        int inside = 0;
        int most = 0;
        int told = 0;
        int let = 0;
        await Task.WhenAll(Enumerable.Range(0, 32).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 1_000; i++)
            {
                DoorNode node = Node((uint)random.Next(1, 80));
                using var gone = new CancellationTokenSource();
                if (random.Next(5) == 0)
                {
                    gone.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
                }

                if (!door.TryEnter(node)
                    && !(await door.EnterAsync(node, _hub, 1, gone.Token)).IsIn)
                {
                    _ = Interlocked.Increment(ref told);
                    continue;
                }

                int now = Interlocked.Increment(ref inside);
                for (int seen = most; now > seen; seen = most)
                {
                    _ = Interlocked.CompareExchange(ref most, now, seen);
                }

                _ = Interlocked.Increment(ref let);
                await Task.Yield();
                _ = Interlocked.Decrement(ref inside);
                door.Leave(node, random.Next(2) == 0);
            }
        }))).WaitAsync(TimeSpan.FromMinutes(5));
        Assert.Equal((0, 0), (door.Inside, door.Waiting));
        Assert.Equal(32_000, told + let);
        Assert.InRange(most, 1, places);
        Assert.InRange(let, 1_000, 32_000);

        // All nodes have all of their calls again.
        for (uint node = 1; node < 80; node++)
        {
            Assert.Equal(4, Enumerable.Range(0, 4).Count(_ => door.TryEnter(Node(node))));
            for (int i = 0; i < 4; i++)
            {
                door.Leave(Node(node), wasHeard: false);
            }
        }
    }

    private GatewayDoor NewDoor(GatewayRules rules) => _door = new(rules, LookAsync, _time, Clock);

    private DoorNode Node(uint node) => _nodes.GetOrAdd(node, id => new DoorNode(new NodeId(id)));

    private void Know(uint node, long credits, int days) => _known[node] = new NodeWorth(
        new NodeId(node), Credits.FromWhole(credits), Clock.Now - TimeSpan.FromDays(days));

    private Task<HubWorth> LookAsync(RegionId region)
    {
        _ = Interlocked.Increment(ref _asked);
        return Task.FromResult(new HubWorth(
            Credits.FromWhole(1), [.. _known.Values.OrderBy(known => known.Node)]));
    }

    // Nodes that wait, when what is at risk with them is known.
    private async Task<Dictionary<uint, Task<Admission>>> Wait(
        GatewayDoor door, uint[] nodes, int bytes = 1)
    {
        var waiting = nodes.ToDictionary(
            node => node, node => door.EnterAsync(Node(node), _hub, bytes, default).AsTask());
        await Until(() => door.Looks > 0);
        return waiting;
    }

    private static async Task<uint> Next(
        Dictionary<uint, Task<Admission>> waiting, Func<Admission, bool>? except = null)
    {
        uint next = 0;
        await Until(() =>
        {
            next = waiting.FirstOrDefault(one =>
                one.Value.IsCompleted && except?.Invoke(one.Value.Result) is not true).Key;
            return next > 0;
        });
        Assert.True(waiting[next].Result.IsIn);
        _ = waiting.Remove(next);
        return next;
    }

    private async Task Tend(TimeSpan time)
    {
        for (TimeSpan gone = default; gone < time; gone += TimeSpan.FromMilliseconds(100))
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Until(() => _time.IsAwaited || _door!.Waiting == 0);
        }
    }

    private static async Task Until(Func<bool> holds)
    {
        using var late = new CancellationTokenSource(_limit);
        for (int i = 0; !holds(); i++)
        {
            await Task.Delay(i < 20 ? 0 : 5, late.Token);
        }
    }
}
