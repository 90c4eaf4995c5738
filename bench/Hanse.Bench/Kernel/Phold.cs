using System;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Hanse.Simulation.Kernel;

namespace Hanse.Bench.Kernel;

/// <summary>PHOLD, the usual yardstick of event kernels: each event causes one more, at a random
/// participant.</summary>
/// <remarks>
/// Fujimoto, "Performance of Time Warp under synthetic workloads" (SCS, 1990). Delay 0.1 s plus an
/// exponential of mean 0.9 s, destination uniform. A participant is 16 bytes: its own SplitMix64 stream, a
/// counter of its events and a hash of what it received, in order; so two engines end alike only if they ran
/// in the same order. All integers, so that the checksum is the same on every machine.
/// </remarks>
internal abstract class Phold : IDisposable
{
    /// <summary>The engine, as the table calls it.</summary>
    public abstract string Name { get; }

    /// <summary>Handles so many events.</summary>
    public abstract void Run(long events);

    /// <summary>What all participants have seen so far, folded to 64 bits.</summary>
    public abstract ulong Checksum();

    public abstract void Dispose();
}

/// <inheritdoc/>
internal sealed unsafe class Phold<TEngine> : Phold
    where TEngine : struct, IEngine
{
    private const long DelayMin = 100_000;
    private const long DelayMean = 900_000;
    private const int PrefetchDistance = 12;

    private readonly uint _population;
    private readonly Participant* _participants;
    private readonly TEngine _engine;

    public Phold(string name, TEngine engine, uint population, int eventsEach)
    {
        Name = name;
        _engine = engine;
        _population = population;
        nuint bytes = population * (nuint)sizeof(Participant);
        _participants = (Participant*)NativeMemory.AlignedAlloc(bytes, 64);
        for (uint id = 0; id < population; id++)
        {
            _participants[id] = new Participant { Stream = Mix(id + 1) };
        }

        for (uint id = 0; id < population; id++)
        {
            for (int i = 0; i < eventsEach; i++)
            {
                Send(0, id, id);
            }
        }
    }

    public override string Name { get; }

    public override void Run(long events)
    {
        for (long i = 0; i < events; i++)
        {
            if (Sse.IsSupported && _engine.TryGlance(PrefetchDistance, out uint ahead))
            {
                Sse.Prefetch0(_participants + ahead);
            }

            Event due = _engine.Take();
            uint id = due.Destination;
            Participant* self = _participants + id;
            uint news = (uint)due.Time ^ (due.Source * 0x9E3779B9u) ^ due.Sequence;
            self->Hash = BitOperations.RotateLeft(self->Hash ^ news, 13) * 0x85EBCA6Bu;
            Send(due.Time, id, (uint)Math.BigMul(Draw(self), _population, out _));
        }
    }

    public override ulong Checksum()
    {
        ulong sum = 0;
        for (uint id = 0; id < _population; id++)
        {
            Participant* p = _participants + id;
            sum += Mix(p->Stream ^ Mix(((ulong)p->Hash << 32) | p->Sequence));
        }

        return sum;
    }

    public override void Dispose()
    {
        _engine.Dispose();
        NativeMemory.AlignedFree(_participants);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Draw(Participant* self) => Mix(self->Stream += 0x9E3779B97F4A7C15);

    private void Send(long now, uint source, uint destination)
    {
        Participant* self = _participants + source;
        long delay = DelayMin + Exponential.Draw(Draw(self), DelayMean);
        _engine.Add(new Event(now + delay, destination, source, self->Sequence++, 0));
    }

    private struct Participant
    {
        public ulong Stream;
        public uint Hash;
        public uint Sequence;
    }
}

/// <summary>Exponential variates by table and integers.</summary>
internal static class Exponential
{
    private const int FractionBits = 32;
    private const int StepBits = 8;

    // ln 2 in units of 2^-32.
    private const long LnOfTwo = 2_977_044_472;

    // ln(1 + i/256), rounded to 2^-32: far coarser than any two math libraries differ.
    private static readonly long[] _ln = Table();

    /// <summary>-mean * ln(uniform / 2^64).</summary>
    public static long Draw(ulong uniform, long mean)
    {
        int zeros = BitOperations.LeadingZeroCount(uniform | 1);
        ulong mantissa = (uniform | 1) << zeros << 1; // Without its leading one.
        var step = (int)(mantissa >> (64 - StepBits));
        var fraction = (long)((mantissa << StepBits) >> FractionBits);
        long ln = _ln[step] + (((_ln[step + 1] - _ln[step]) * fraction) >> FractionBits);
        return (((((zeros + 1) * LnOfTwo) - ln) >> 8) * mean) >> (FractionBits - 8);
    }

    private static long[] Table()
    {
        var ln = new long[(1 << StepBits) + 1];
        for (int i = 0; i < ln.Length; i++)
        {
            ln[i] = (long)Math.Round(Math.Log(1 + (i / (double)(1 << StepBits))) * (1L << FractionBits));
        }

        return ln;
    }
}
