using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Hub;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Hub;

/// <summary>What one more machine waits at a site, and what it makes the others wait: against a queue of
/// single machines, with it and without.</summary>
public sealed class FaceQueueTests
{
    private const int One = FaceQueue.One;

    // Few instants and few lengths, so that many come at once and many are done at once.
    private static readonly Gen<(int Comes, int Digs)[]> _crowd =
        Gen.Select(Gen.Int[0, 30], Gen.Int[1, 12]).Array[0, 40];

    [Fact]
    public void The_toll_is_what_the_others_wait_longer() =>
        Gen.Select(_crowd, Gen.Int[1, 6], Gen.Int[0, 40]).Sample(
            (crowd, faces, comes) =>
            {
                FaceQueue queue = Queue(crowd, faces);
                (TimeSpan wait, TimeSpan digs, TimeSpan delay) = queue.OneMore(At(comes));

                // It is like the mean of the others, and comes after those that come at the same instant.
                List<(long Comes, long Digs)> others =
                    [.. crowd.Order().Select(one => (3600L * one.Comes, 3600L * one.Digs))];
                int place = others.Count(one => one.Comes <= 3600L * comes);
                long mean = others.Count == 0 ? 1 : others.Sum(one => one.Digs) / others.Count;
                Assert.Equal(mean, (long)digs.TotalSeconds);
                long[] without = Waits(others, faces);
                others.Insert(place, (3600L * comes, mean));
                long[] with = Waits(others, faces);

                Assert.Equal(with[place], (long)wait.TotalSeconds);
                Assert.Equal(with.Sum() - with[place] - without.Sum(), (long)delay.TotalSeconds);
                Assert.True(queue.IsCrowded || (wait == default && delay == default));
                Assert.True(At(comes) < queue.Ends || (wait == default && delay == default));
            },
            iter: 20_000);

    // Two that come with half a chance each are one that surely comes, as far as who is behind them can tell
    // on the mean; and nobody waits for one that has no chance.
    [Fact]
    public void One_that_may_come_counts_by_its_chance()
    {
        var queue = new FaceQueue(1);
        queue.Add(At(10), TimeSpan.FromHours(4), One / 2);
        queue.Add(At(10), TimeSpan.FromHours(4), One / 2);
        queue.Add(At(10), TimeSpan.FromHours(4), 0);
        queue.Prepare();

        Assert.Equal(TimeSpan.FromHours(4), queue.OneMore(At(10)).Wait);
        Assert.Equal(TimeSpan.FromHours(1), queue.OneMore(At(13)).Wait);
        Assert.Equal(TimeSpan.Zero, queue.OneMore(At(14)).Wait);
    }

    [Fact]
    public void With_a_face_free_nobody_waits_however_much_is_dug_beside_it() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 100]).Sample((busy, digs) =>
        {
            (int, int)[] crowd = [.. Enumerable.Range(0, busy).Select(_ => (0, digs + 1))];
            Assert.Equal(TimeSpan.Zero, Queue(crowd, busy + 1).OneMore(At(1)).Wait);
            Assert.Equal(TimeSpan.FromHours(digs), Queue(crowd, busy).OneMore(At(1)).Wait);
        });

    // Whatever the shares are: no face is given twice, and none is left free while somebody waits.
    [Fact]
    public void Waits_in_parts_lie_between_those_without_and_with_everybody() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 30], Gen.Int[1, 12], Gen.Int[0, One]).Array[0, 30], Gen.Int[1, 4],
            Gen.Int[0, 40]).Sample(
            (crowd, faces, comes) =>
            {
                var parts = new FaceQueue(faces);
                foreach ((int at, int digs, int share) in crowd)
                {
                    parts.Add(At(at), TimeSpan.FromHours(digs), share);
                }

                parts.Prepare();
                TimeSpan wait = parts.OneMore(At(comes)).Wait;
                FaceQueue all = Queue([.. crowd.Select(one => (one.Item1, one.Item2))], faces);
                Assert.InRange(wait, TimeSpan.Zero, all.OneMore(At(comes)).Wait + TimeSpan.FromHours(12));
            },
            iter: 5_000);

    private static FaceQueue Queue((int Comes, int Digs)[] crowd, int faces)
    {
        var queue = new FaceQueue(faces);
        foreach ((int comes, int digs) in crowd)
        {
            queue.Add(At(comes), TimeSpan.FromHours(digs), One);
        }

        queue.Prepare();
        return queue;
    }

    // First come, first served, one machine after the other, each at the face that is free first.
    private static long[] Waits(List<(long Comes, long Digs)> crowd, int faces)
    {
        long[] free = new long[faces];
        long[] waits = new long[crowd.Count];
        for (int i = 0; i < waits.Length; i++)
        {
            int face = Array.IndexOf(free, free.Min());
            long begins = Math.Max(crowd[i].Comes, free[face]);
            waits[i] = begins - crowd[i].Comes;
            free[face] = begins + crowd[i].Digs;
        }

        return waits;
    }

    private static Instant At(int hour) => Instant.Epoch + TimeSpan.FromHours(hour);
}
