using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Xunit;

namespace Hanse.IO.Tests.Runtime;

public class MachineRuntimeTests
{
    private static readonly StreamName _stream = new("tally/1");
    private readonly FaultyStore _store = new();
    private readonly List<Tally.Reply> _told = [];
    private Instant _now = Instant.Epoch;

    [Fact]
    public async Task Nothing_leaves_before_it_is_durable()
    {
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        Task one = runtime.Step(new Tally.Input(1, 1, 10));
        Task two = runtime.Step(new Tally.Input(2, 1, 5));
        Task again = runtime.Step(new Tally.Input(1, 1, 10));
        Assert.Equal(15, ((Tally)runtime.Machine).Sum);
        Assert.Empty(_told);
        Assert.Equal(1, _store.PendingCount);
        _store.Finish(0);
        await one;
        Assert.Equal([new Tally.Reply(1, 1, 10)], _told);
        Assert.False(two.IsCompleted || again.IsCompleted);
        _store.Finish(0);
        await two;
        await again;
        Assert.Equal(
            [new Tally.Reply(1, 1, 10), new Tally.Reply(2, 1, 15), new Tally.Reply(1, 1, 15)], _told);
        Assert.Equal(2, _store.Durable(_stream).Count);
        Assert.True(runtime.IsIdle);
    }

    [Fact]
    public async Task A_repeat_waits_for_the_first()
    {
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        Task first = runtime.Step(new Tally.Input(1, 1, 10));
        Task repeat = runtime.Step(new Tally.Input(1, 1, 10));
        Assert.Empty(_told);
        Assert.False(repeat.IsCompleted);
        _store.Finish(0);
        await first;
        await repeat;
        Assert.Equal(2, _told.Count);
        Assert.Single(_store.Durable(_stream));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_append_ends_it_and_whoever_waits_hears(bool isDurable)
    {
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        Task one = runtime.Step(new Tally.Input(1, 1, 10));
        Task two = runtime.Step(new Tally.Input(2, 1, 5));
        _store.Fail(0, isDurable);
        _ = await Assert.ThrowsAsync<MachineFailedException>(() => one);
        _ = await Assert.ThrowsAsync<MachineFailedException>(() => two);
        _ = Assert.Throws<MachineFailedException>(() => { _ = runtime.Step(new Tally.Input(3, 1, 1)); });
        await runtime.Ended;
        Assert.Empty(_told);

        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> next = await Start();
        Assert.Equal(isDurable ? 10 : 0, ((Tally)next.Machine).Sum);
    }

    [Fact]
    public async Task Of_two_who_run_the_same_machine_one_ends()
    {
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> zombie = await Start();
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> heir = await Start();
        Task good = heir.Step(new Tally.Input(1, 1, 10));
        Task late = zombie.Step(new Tally.Input(1, 1, 10));
        _store.Finish(0);
        _store.Finish(0);
        await good;
        MachineFailedException failure = await Assert.ThrowsAsync<MachineFailedException>(() => late);
        _ = Assert.IsType<StreamConflictException>(failure.InnerException);
        Assert.Equal([new Tally.Reply(1, 1, 10)], _told);
        Assert.Single(_store.Durable(_stream));
    }

    [Fact]
    public async Task A_machine_that_breaks_a_claim_is_started_anew()
    {
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        Task one = runtime.Step(new Tally.Input(1, 1, 10));
        _ = Assert.Throws<MachineFailedException>(
            () => { _ = runtime.Step(new Tally.Input(1, 2, Tally.Poison)); });
        Assert.False(runtime.Ended.IsCompleted); // Not while an append is under way.
        _store.Finish(0);
        await runtime.Ended;
        _ = await Assert.ThrowsAsync<MachineFailedException>(() => one);
        Assert.Empty(_told);
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> next = await Start();
        Assert.Equal(10, ((Tally)next.Machine).Sum);
    }

    [Fact]
    public async Task Too_much_that_waits_is_refused_and_nothing_has_happened()
    {
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        _ = runtime.Step(new Tally.Input(1, 1, 1));
        long number = 0;
        void Flood()
        {
            while (true)
            {
                _ = runtime.Step(new Tally.Input(2, number + 1, 1));
                number++;
            }
        }

        _ = Assert.Throws<MachineBusyException>(Flood);
        Assert.Equal(number + 1, ((Tally)runtime.Machine).Sum);
        _store.Finish(0);
        _ = runtime.Step(new Tally.Input(3, 1, 1));
        _store.Finish(0);
        Assert.Equal(number + 1, _told.Count);
    }

    [Fact]
    public async Task Snapshots_are_of_their_version_and_shorten_the_next_start()
    {
        _store.IsImmediate = true;
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        for (int i = 1; i <= 60_000; i++)
        {
            await runtime.Step(new Tally.Input(1, i, 1));
        }

        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> next = await Start();
        Assert.InRange(next.FactsReplayed, 0, 40_000);
        Assert.Equal(60_000, ((Tally)next.Machine).Sum);
        Assert.Equal(60_000, next.Version);
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> other = await Start("another core");
        Assert.Equal(60_000, other.FactsReplayed);
        Assert.Equal(
            MachineMemory.SnapshotOf((Tally)next.Machine), MachineMemory.SnapshotOf((Tally)other.Machine));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40_000)] // With a snapshot, also of the last batch.
    public async Task A_machines_time_never_goes_back(int steps)
    {
        _store.IsImmediate = true;
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> runtime = await Start();
        for (int i = 1; i <= steps; i++)
        {
            _now = new Instant(i);
            await runtime.Step(new Tally.Input(1, i, 1));
            if (i % 4_000 == 0 || i == steps)
            {
                _now = Instant.Epoch;
                MachineRuntime<Tally.Input, Tally.Added, Tally.Reply> next = await Start();
                Assert.Equal(new Instant(i), ((Tally)next.Machine).Now);
            }
        }

        _now = new Instant(steps - 1);
        await runtime.Step(new Tally.Input(1, steps + 1, 1));
        Assert.Equal(new Instant(steps), ((Tally)runtime.Machine).Now);
    }

    // Clients that repeat until they are answered; a store that acknowledges late, fails with or without
    // effect, and loses power; a machine that is broken by its input now and then. What was acknowledged is
    // there, once, whatever happened.
    [Fact]
    public async Task What_was_acknowledged_is_there_once_over_many_seeds()
    {
        for (int seed = 1; seed <= 400; seed++)
        {
            var trial = new Trial(seed);
            string? wrong = await trial.Run();
            Assert.True(wrong is null, $"seed {seed}: {wrong}");
        }
    }

    private Task<MachineRuntime<Tally.Input, Tally.Added, Tally.Reply>> Start(string core = "core") =>
        MachineRuntime<Tally.Input, Tally.Added, Tally.Reply>.StartAsync(
            PartsOf(_store, _told.Add, core) with { Clock = () => _now });

    private static RuntimeParts<Tally.Input, Tally.Added, Tally.Reply> PartsOf(
        FaultyStore store, Action<Tally.Reply> tell, string core = "core") => new()
        {
            Stream = _stream,
            Build = () => new Tally(),
            Restarted = new Tally.Input(0, 0, 0),
            Store = store,
            Clock = () => Instant.Epoch,
            Driver = new Teller(tell),
            Core = core,
        };

    private sealed class Teller(Action<Tally.Reply> tell) : IEffectDriver<Tally.Reply>
    {
        public void CarryOut(Tally.Reply effect) => tell(effect);
    }

    private sealed class Trial(int seed)
    {
        private const int Senders = 5;
        private readonly Random _luck = new(seed);
        private readonly FaultyStore _store = new();
        private readonly long[] _answered = new long[Senders + 1];
        private readonly HashSet<(int Sender, long Number)> _before = [];

        public async Task<string?> Run()
        {
            string? wrong = null;
            MachineRuntime<Tally.Input, Tally.Added, Tally.Reply>? runtime = null;
            for (int i = 0; i < 300 && wrong is null; i++)
            {
                runtime = runtime is { Failure: null }
                    ? runtime : await Start(reply => wrong ??= Hear(reply));
                wrong ??= Act(ref runtime);
            }

            while (wrong is null && _store.PendingCount > 0)
            {
                _store.Finish(0);
            }

            return wrong ?? Audit();
        }

        private string? Act(ref MachineRuntime<Tally.Input, Tally.Added, Tally.Reply>? runtime)
        {
            int what = _luck.Next(100);
            if (what < 70)
            {
                int sender = 1 + _luck.Next(Senders);
                long number = _answered[sender] + 1;
                long amount = what == 0 ? Tally.Poison : sender * number;
                try
                {
                    _ = runtime!.Step(new Tally.Input(sender, number, amount));
                }
                catch (MachineFailedException)
                {
                }
            }
            else if (what < 95 && _store.PendingCount > 0)
            {
                _store.Finish(0);
            }
            else if (what < 98 && _store.PendingCount > 0)
            {
                _store.Fail(0, _luck.Next(2) == 0);
            }
            else if (what >= 98)
            {
                _store.CutPower(() => _luck.Next(2) == 0);
                runtime = null;
            }

            return null;
        }

        private string? Hear(Tally.Reply reply)
        {
            bool isDurable = Facts().Any(fact => (fact.Sender, fact.Number) == (reply.Sender, reply.Number));
            _answered[reply.Sender] = Math.Max(_answered[reply.Sender], reply.Number);
            _ = _before.Add((reply.Sender, reply.Number));
            return isDurable ? null : $"{reply} was told before it was durable";
        }

        private string? Audit()
        {
            List<Tally.Added> facts = Facts();
            var seen = facts.Select(fact => (fact.Sender, fact.Number)).ToList();
            return seen.Count != seen.Distinct().Count() ? "something was applied twice"
                : _before.Any(told => !seen.Contains(told)) ? "something acknowledged is lost" : null;
        }

        private List<Tally.Added> Facts()
        {
            var facts = new List<Tally.Added>();
            foreach (StreamBatch batch in _store.Durable(_stream))
            {
                Assert.Null(MachineMemory.Read<Tally.Added>(batch.Run, facts.Add));
            }

            return facts;
        }

        private Task<MachineRuntime<Tally.Input, Tally.Added, Tally.Reply>> Start(Action<Tally.Reply> tell) =>
            MachineRuntime<Tally.Input, Tally.Added, Tally.Reply>.StartAsync(PartsOf(_store, tell));
    }
}
