using System;
using System.Collections.Generic;
using Hanse.Simulation.Kernel;

namespace Hanse.Simulation.Tests.Kernel;

/// <summary>One thing a test does to a scheduler. Seed fixes the contents of what is added.</summary>
internal readonly record struct Act(Act.Verb Do, int Amount, int Delay, int Spread, ulong Seed)
{
    internal enum Verb
    {
        Add,
        Take,
        TakeAndEcho,
        Peek,
        Drain,
    }
}

/// <summary>Plays a list of acts to a scheduler and writes down all it answers.</summary>
internal sealed class Rehearsal
{
    // Few values, on both sides of each border of the wheel's digits, and the far future.
    private static readonly long[] _delays =
    [
        0, 0, 1, 2, 255, 256, 257, 65_535, 65_536, 65_537, (1 << 24) - 1, 1 << 24, (1L << 40) + 1,
        long.MaxValue,
    ];

    private static readonly uint[] _ids = [0, 1, 2, 255, 256, uint.MaxValue];

    private readonly IScheduler _scheduler;
    private readonly List<string> _trace = [];
    private long _now;
    private uint _sequence;

    private Rehearsal(IScheduler scheduler) => _scheduler = scheduler;

    /// <summary>How many delays there are to choose from.</summary>
    public static int DelayCount => _delays.Length;

    public static List<string> Play(IScheduler scheduler, IEnumerable<Act> acts)
    {
        using (scheduler)
        {
            var rehearsal = new Rehearsal(scheduler);
            foreach (Act act in acts)
            {
                rehearsal.Perform(act);
            }

            rehearsal.Take(int.MaxValue, echo: false);
            return rehearsal._trace;
        }
    }

    private void Perform(Act act)
    {
        switch (act.Do)
        {
            case Act.Verb.Add:
                Add(act);
                break;
            case Act.Verb.Take:
                Take(act.Amount, echo: false);
                break;
            case Act.Verb.TakeAndEcho:
                Take(act.Amount, echo: true);
                break;
            case Act.Verb.Drain:
                Take(int.MaxValue, echo: false);
                break;
            case Act.Verb.Peek:
                bool any = _scheduler.TryPeekTime(out long time);
                _trace.Add($"peek {any} {(any ? time : 0)} of {_scheduler.Count}");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(act));
        }
    }

    private void Add(Act act)
    {
        ulong stream = act.Seed;
        for (int i = 0; i < act.Amount; i++)
        {
            ulong draw = Mix(ref stream);
            long spread = act.Spread == 0 ? 0 : (long)(draw >> 32) % act.Spread;
            Send(_delays[act.Delay], spread, _ids[draw % 6], _ids[draw / 6 % 6]);
        }
    }

    // Half of the echoes come back at once, inside the window that is running.
    private void Take(int amount, bool echo)
    {
        for (int i = 0; i < amount && _scheduler.TryTake(out Event least); i++)
        {
            _now = least.Time;
            _trace.Add($"{least} of {_scheduler.Count}");
            if (echo && least.Sequence % 4 != 0)
            {
                long delay = _delays[least.Sequence % 2 == 0 ? 0 : least.Sequence / 2 % _delays.Length];
                Send(delay, 0, _ids[least.Sequence % 5], least.Destination);
            }
        }
    }

    // One counter for all sources keeps the keys unique.
    private void Send(long delay, long spread, uint destination, uint source)
    {
        long time = delay > long.MaxValue - spread - _now ? long.MaxValue : _now + delay + spread;
        uint sequence = _sequence++;
        _scheduler.Add(new Event(time, destination, source, sequence, (int)(sequence * 7)));
    }

    public static ulong Mix(ref ulong stream)
    {
        ulong z = stream += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
