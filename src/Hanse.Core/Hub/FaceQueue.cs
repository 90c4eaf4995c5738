using System;
using System.Collections.Generic;
using Hanse.Core.Time;

namespace Hanse.Core.Hub;

/// <summary>The faces of one site, and who digs there when: run forward machine by machine.</summary>
/// <remarks>
/// The problem: a machine stays at a face for longer than a slot of time, and a site has few faces. A fluid
/// makes one more wait although a face is free, as it knows of work and not of machines. The idea: first come
/// first served, as it will be. A machine that comes only with some chance takes that part of a face; then
/// all is the mean over who comes.
/// <para>
/// A face that will be free is a part: so many millionths of a face, and from when on. Whoever comes takes
/// the parts that are free first. Without chances a part is a whole face, and this is a queue of single
/// machines. What one more makes the others wait is found by running the queue on with it and without it
/// until nothing differs any more. Cost: for each instant asked about, who comes while it is crowded after
/// that, times the faces.
/// </para>
/// </remarks>
internal sealed class FaceQueue
{
    /// <summary>A whole machine, or a whole face.</summary>
    public const int One = 1_000_000;

    private readonly List<Job> _jobs = [];
    private readonly int _faces;

    // Parts before each job: what Prepare has found out.
    private Part[][] _before = [];
    private long _mean;

    /// <param name="faces">How many; positive.</param>
    public FaceQueue(int faces) => _faces = faces;

    /// <summary>Whether one more could make anybody wait, or wait itself: whether there is ever less than a
    /// face free.</summary>
    public bool IsCrowded { get; private set; }

    /// <summary>When the last that is expected is done.</summary>
    public Instant Ends { get; private set; }

    /// <summary>One that is expected, whole or in part.</summary>
    public void Add(Instant comes, TimeSpan digs, int share)
    {
        if (share > 0)
        {
            _jobs.Add(new Job(
                comes.Micros / 1_000_000, Math.Max(1, digs.Ticks / TimeSpan.TicksPerSecond), share));
        }
    }

    /// <summary>Runs the queue forward; to be called once, when all are in it.</summary>
    public void Prepare()
    {
        _jobs.Sort(); // Alike are those that are equal, so their order does not matter.
        _before = new Part[_jobs.Count + 1][];
        var parts = new List<Part> { new(long.MinValue, (long)_faces * One) };
        Int128 digs = 0;
        long shares = 0;
        for (int i = 0; i < _jobs.Count; i++)
        {
            _before[i] = [.. parts];
            _ = Serve(parts, _jobs[i]);
            IsCrowded |= FreeAt(parts, _jobs[i].Comes) < One;
            digs += (Int128)_jobs[i].Digs * _jobs[i].Share;
            shares += _jobs[i].Share;
        }

        _before[_jobs.Count] = [.. parts];
        Ends = new Instant(Math.Clamp(parts[^1].Free, 0, Instant.MicrosMax / 1_000_000) * 1_000_000);
        _mean = shares == 0 ? 1 : Math.Max(1, (long)(digs / shares));
    }

    /// <summary>How long one more waits that comes then, how long it digs if it is like the others, and how
    /// much longer all others wait then, together; whole seconds.</summary>
    public (TimeSpan Wait, TimeSpan Digs, TimeSpan Delay) OneMore(Instant comes)
    {
        var more = new Job(comes.Micros / 1_000_000, _mean, One);
        int next = 0;
        while (next < _jobs.Count && _jobs[next].Comes <= more.Comes)
        {
            next++;
        }

        List<Part> without = [.. _before[next]];
        List<Part> with = [.. without];
        Int128 wait = Serve(with, more);
        Int128 delay = 0;
        for (int i = next; i < _jobs.Count && !AreAlike(without, with, _jobs[i].Comes); i++)
        {
            delay += Serve(with, _jobs[i]) - Serve(without, _jobs[i]);
        }

        return (Seconds(wait), TimeSpan.FromSeconds(_mean), Seconds(delay));
    }

    private static TimeSpan Seconds(Int128 shares) =>
        TimeSpan.FromSeconds((long)Int128.Clamp(shares / One, 0, long.MaxValue / TimeSpan.TicksPerSecond));

    private static long FreeAt(List<Part> parts, long at)
    {
        long free = 0;
        for (int i = 0; i < parts.Count && parts[i].Free <= at; i++)
        {
            free += parts[i].Amount;
        }

        return free;
    }

    // What it waits, times its share.
    private static Int128 Serve(List<Part> parts, Job job)
    {
        Int128 waited = 0;
        long left = job.Share;
        int taken = 0;
        var over = new List<Part>();
        while (left > 0 && taken < parts.Count)
        {
            Part first = parts[taken];
            long takes = Math.Min(left, first.Amount);
            long begins = Math.Max(job.Comes, first.Free);
            waited += (Int128)(begins - job.Comes) * takes;
            over.Add(new Part(begins + job.Digs, takes));
            left -= takes;
            if (takes < first.Amount)
            {
                parts[taken] = first with { Amount = first.Amount - takes };
                break;
            }

            taken++;
        }

        parts.RemoveRange(0, taken);
        foreach (Part part in over)
        {
            Insert(parts, part);
        }

        return waited;
    }

    private static void Insert(List<Part> parts, Part part)
    {
        int place = parts.Count;
        while (place > 0 && parts[place - 1].Free > part.Free)
        {
            place--;
        }

        if (place > 0 && parts[place - 1].Free == part.Free)
        {
            parts[place - 1] = part with { Amount = parts[place - 1].Amount + part.Amount };
        }
        else
        {
            parts.Insert(place, part);
        }
    }

    // Whatever is free by then is free.
    private static bool AreAlike(List<Part> one, List<Part> other, long at)
    {
        (int i, int k) = (0, 0);
        while (i < one.Count || k < other.Count)
        {
            (long oneFree, long oneAmount) = Next(one, ref i, at);
            (long otherFree, long otherAmount) = Next(other, ref k, at);
            if (oneFree != otherFree || oneAmount != otherAmount)
            {
                return false;
            }
        }

        return true;
    }

    private static (long Free, long Amount) Next(List<Part> parts, ref int place, long at)
    {
        long amount = 0;
        while (place < parts.Count && parts[place].Free <= at)
        {
            amount += parts[place++].Amount;
        }

        if (amount > 0)
        {
            return (at, amount);
        }

        return place < parts.Count ? (parts[place].Free, parts[place++].Amount) : (at, 0);
    }

    private readonly record struct Part(long Free, long Amount);

    private readonly record struct Job(long Comes, long Digs, long Share) : IComparable<Job>
    {
        public int CompareTo(Job other) =>
            Comes != other.Comes ? Comes.CompareTo(other.Comes)
            : Digs != other.Digs ? Digs.CompareTo(other.Digs)
            : Share.CompareTo(other.Share);
    }
}
