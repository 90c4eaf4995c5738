using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Simulation.Kernel;
using Xunit;

namespace Hanse.Simulation.Tests.Kernel;

/// <summary>Every scheduler takes the same events in the same order.</summary>
public sealed class SchedulerOrderTests
{
    private static readonly int[] _spreads = [0, 1, 3, 300, 70_000];

    private static readonly Gen<Act> _few = ActsOf([1, 2, 3]);
    private static readonly Gen<Act> _crowds = ActsOf([1, 40, 700, 3_000]);

    [Fact]
    public void Few_events_near_the_borders_are_taken_as_a_sorted_set_would() =>
        _few.Array[1, 40].Sample(AssertAllAgree, iter: 3_000);

    [Fact]
    public void Crowds_are_taken_as_a_sorted_set_would() =>
        _crowds.Array[1, 12].Sample(AssertAllAgree, iter: 150);

    [Fact]
    public void The_order_of_insertion_changes_nothing() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 4], (seed, spread) => (seed, _spreads[spread])).Sample(
            (seed, spread) =>
            {
                Event[] events = Crowd(seed, 2_000, spread);
                using var forwards = new WindowScheduler();
                using var backwards = new WindowScheduler();
                Assert.Equal(TakeAll(forwards, events), TakeAll(backwards, events.Reverse()));
            },
            iter: 50);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50_000)]
    [InlineData(int.MaxValue)]
    public void A_million_events_leave_in_total_order(int spread)
    {
        using var scheduler = new WindowScheduler();
        List<Event> taken = TakeAll(scheduler, Crowd(seed: 5, count: 1_000_000, spread));
        Assert.Equal(1_000_000, taken.Count);
        for (int i = 1; i < taken.Count; i++)
        {
            Assert.True(SortedTwin.KeyOf(taken[i - 1]).CompareTo(SortedTwin.KeyOf(taken[i])) < 0);
        }
    }

    // All report to one destination at one instant: only the source tells them apart.
    [Fact]
    public void A_hundred_thousand_reports_to_one_hub_are_taken_by_source()
    {
        using var scheduler = new WindowScheduler();
        IEnumerable<Event> reports = Enumerable.Range(0, 100_000)
            .Select(i => new Event(7, 3, (uint)(i * 7_919 % 100_000), 0, 0));
        Assert.Equal(
            Enumerable.Range(0, 100_000).Select(i => (uint)i),
            TakeAll(scheduler, reports).Select(e => e.Source));
    }

    [Theory]
    [InlineData(10, 1_000)]
    [InlineData(1_000, 1_000_000)]
    [InlineData(30_000, 1_000_000)]
    [InlineData(30_000, 60)]
    public void Holding_a_population_gives_one_hash_in_both_schedulers(int population, long delayMean)
    {
        using var window = new WindowScheduler();
        using var heap = new HeapScheduler();
        Assert.Equal(Hold(heap, population, delayMean), Hold(window, population, delayMean));
    }

    // A year's timer opens a window of months; then a dense stream starts inside it, and must not lose its
    // order.
    [Fact]
    public void A_stream_that_starts_inside_a_wide_window_keeps_its_order()
    {
        using var window = new WindowScheduler();
        using var heap = new HeapScheduler();
        Assert.Equal(StreamInside(heap), StreamInside(window));
    }

    private static ulong StreamInside(IScheduler scheduler)
    {
        const long Year = 31_557_600_000_000;
        for (uint i = 0; i < 5; i++)
        {
            scheduler.Add(new Event(Year + i, i, i, 0, 0));
        }

        _ = scheduler.TryTake(out _);
        for (uint i = 0; i < 20_000; i++)
        {
            scheduler.Add(new Event(Year + (i * 37 % 20_000), i, i, 1, 0));
        }

        return Hold(scheduler, 0, 1_000);
    }

    // The hold model: each event taken causes another; every eighth has no delay. Folds what is taken, in
    // order.
    private static ulong Hold(IScheduler scheduler, int population, long delayMean)
    {
        for (uint id = 0; id < population; id++)
        {
            scheduler.Add(new Event(id % delayMean, id, id, 0, 0));
        }

        ulong stream = 1;
        ulong hash = 0;
        for (uint taken = 1; taken <= 300_000; taken++)
        {
            Assert.True(scheduler.TryTake(out Event e));
            hash = (hash ^ (ulong)e.Time ^ ((ulong)e.Destination << 40) ^ e.Source) * 0x9E3779B97F4A7C15;
            ulong draw = Rehearsal.Mix(ref stream);
            long delay = draw % 8 == 0 ? 0 : (long)(draw >> 8) % (2 * delayMean);
            scheduler.Add(new Event(e.Time + delay, (uint)(draw >> 40) % 1_000, e.Destination, taken, 0));
        }

        return hash;
    }

    private static void AssertAllAgree(Act[] acts)
    {
        List<string> expected = Rehearsal.Play(new SortedTwin(), acts);
        Assert.Equal(expected, Rehearsal.Play(new HeapScheduler(), acts));
        Assert.Equal(expected, Rehearsal.Play(new WindowScheduler(), acts));
    }

    private static Gen<Act> ActsOf(int[] amounts) =>
        Gen.Select(
            Gen.Int[0, 9],
            Gen.Int[0, amounts.Length - 1],
            Gen.Int[0, Rehearsal.DelayCount - 1],
            Gen.Int[0, _spreads.Length - 1],
            Gen.ULong,
            (verb, amount, delay, spread, seed) =>
                new Act(VerbOf(verb), amounts[amount], delay, _spreads[spread], seed));

    private static Act.Verb VerbOf(int draw) => draw switch
    {
        < 5 => Act.Verb.Add,
        5 or 6 => Act.Verb.TakeAndEcho,
        7 => Act.Verb.Take,
        8 => Act.Verb.Peek,
        _ => Act.Verb.Drain,
    };

    private static Event[] Crowd(ulong seed, int count, int spread)
    {
        var events = new Event[count];
        for (int i = 0; i < count; i++)
        {
            ulong draw = Rehearsal.Mix(ref seed);
            long time = spread == 0 ? 0 : (long)(draw >> 32) % spread;
            events[i] = new Event(time, (uint)draw % 1_000, (uint)(draw >> 16) % 3, (uint)i, i);
        }

        return events;
    }

    private static List<Event> TakeAll(IScheduler scheduler, IEnumerable<Event> events)
    {
        foreach (Event e in events)
        {
            scheduler.Add(e);
        }

        var taken = new List<Event>();
        while (scheduler.TryTake(out Event e))
        {
            taken.Add(e);
        }

        return taken;
    }
}
