using System;
using System.Runtime.CompilerServices;
using Hanse.Simulation.Kernel;
using Xunit;

namespace Hanse.Simulation.Tests.Kernel;

/// <summary>What a scheduler promises besides the order.</summary>
public sealed class SchedulerContractTests
{
    public static TheoryData<string> Schedulers => ["window", "heap"];

    [Theory]
    [InlineData(1, 9, 9, 9, 2, 0, 0, 0)]
    [InlineData(1, 1, 9, 9, 1, 2, 0, 0)]
    [InlineData(1, 1, 1, 9, 1, 1, 2, 0)]
    [InlineData(1, 1, 1, 1, 1, 1, 1, 2)]
    public void Time_decides_then_destination_then_source_then_sequence(
        long time,
        uint destination,
        uint source,
        uint sequence,
        long time2,
        uint destination2,
        uint source2,
        uint sequence2)
    {
        var first = new Event(time, destination, source, sequence, 1);
        var second = new Event(time2, destination2, source2, sequence2, 0);
        Assert.True(first < second && first <= second && second > first && second >= first);
        Assert.False(second < first || second <= first || first > second || first >= second);
        Assert.True(first.CompareTo(second) < 0 && second.CompareTo(first) > 0);
    }

    [Fact]
    public void The_payload_takes_no_part_in_the_order() =>
        Assert.Equal(0, new Event(1, 2, 3, 4, 5).CompareTo(new Event(1, 2, 3, 4, 6)));

    [Fact]
    public void An_event_is_24_bytes() => Assert.Equal(24, Unsafe.SizeOf<Event>());

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void An_event_before_the_last_one_taken_is_refused_and_one_at_its_instant_is_not(string name)
    {
        using IScheduler scheduler = Create(name);
        scheduler.Add(At(100));
        scheduler.Add(At(200));
        Assert.True(scheduler.TryTake(out _));
        var error = Assert.Throws<InvalidOperationException>(() => scheduler.Add(At(99)));
        Assert.Contains("99 us", error.Message, StringComparison.Ordinal);
        Assert.Contains("100 us", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, scheduler.Count);
        scheduler.Add(At(100));
        Assert.True(scheduler.TryTake(out Event e));
        Assert.Equal(100, e.Time);
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void An_event_before_zero_is_refused(string name)
    {
        using IScheduler scheduler = Create(name);
        Assert.Throws<InvalidOperationException>(() => scheduler.Add(At(-1)));
        Assert.Equal(0, scheduler.Count);
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void Looking_at_the_next_time_lets_an_earlier_event_still_come(string name)
    {
        using IScheduler scheduler = Create(name);
        Assert.False(scheduler.TryPeekTime(out _));
        foreach (long time in (long[])[1L << 50, 1_000_000, 70_000, 300, 1, 0])
        {
            scheduler.Add(At(time));
            Assert.True(scheduler.TryPeekTime(out long least));
            Assert.Equal(time, least);
        }

        Assert.True(scheduler.TryTake(out Event e));
        Assert.Equal(0, e.Time);
    }

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void Timers_of_a_microsecond_and_of_ages_share_a_scheduler(string name)
    {
        using IScheduler scheduler = Create(name);
        long[] times = [0, 1, 3_155_760_000_000_000, 9_000_000_000_000_000_000, long.MaxValue, long.MaxValue];
        for (int i = times.Length - 1; i >= 0; i--)
        {
            scheduler.Add(new Event(times[i], 0, 0, (uint)i, 0));
        }

        foreach (long time in times)
        {
            Assert.True(scheduler.TryTake(out Event e));
            Assert.Equal(time, e.Time);
        }

        Assert.False(scheduler.TryTake(out _));
    }

    [Fact]
    public void What_lies_ahead_is_what_is_taken_next()
    {
        using var scheduler = new WindowScheduler();
        for (uint i = 0; i < 1_000; i++)
        {
            scheduler.Add(new Event(i * 17 % 500, i, i, 0, 0));
        }

        Assert.True(scheduler.Ahead.IsEmpty);
        Assert.True(scheduler.TryTake(out _));
        Event[] ahead = scheduler.Ahead.ToArray();
        Assert.NotEmpty(ahead);
        foreach (Event expected in ahead)
        {
            Assert.True(scheduler.TryTake(out Event e));
            Assert.Equal(expected, e);
        }
    }

    [Fact]
    public void Nothing_is_allocated_in_steady_state()
    {
        using var scheduler = new WindowScheduler();
        for (uint id = 0; id < 20_000; id++)
        {
            scheduler.Add(new Event(id * 31, id, id, 0, 0));
        }

        ulong stream = 3;
        Hold(scheduler, 400_000, ref stream);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Hold(scheduler, 400_000, ref stream);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void After_its_end_a_scheduler_takes_nothing_in_and_gives_nothing_out()
    {
        var scheduler = new WindowScheduler();
        scheduler.Add(At(5));
        scheduler.Dispose();
        scheduler.Dispose();
        Assert.False(scheduler.TryTake(out _));
        Assert.False(scheduler.TryPeekTime(out _));
        Assert.Throws<ObjectDisposedException>(() => scheduler.Add(At(6)));
    }

    private static void Hold(WindowScheduler scheduler, int steps, ref ulong stream)
    {
        for (int i = 0; i < steps; i++)
        {
            _ = scheduler.TryTake(out Event e);
            ulong draw = Rehearsal.Mix(ref stream);
            long delay = draw % 16 == 0 ? (long)(draw >> 60) : (long)(draw >> 8) % 1_000_000;
            scheduler.Add(e with { Time = e.Time + delay, Sequence = e.Sequence + 1 });
        }
    }

    private static Event At(long time) => new(time, 0, 0, 0, 0);

    private static IScheduler Create(string name) =>
        name == "window" ? new WindowScheduler() : new HeapScheduler();
}
