using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;

namespace Hanse.Bench.Kernel;

/// <summary>PHOLD on each scheduler, side by side; prints a markdown table.</summary>
/// <remarks>
/// <c>kernel [--rounds n] [--only case]</c>. Figures are processor time, not wall time, for the machine may
/// be shared; engines take turns within each round, so that a bad minute hits all of them; the least round
/// counts and the mean stands beside it. All engines must end with the same checksum, or the exit code is 1.
/// </remarks>
public static class KernelBench
{
    private static readonly (string Name, uint Population, int EventsEach, long EventsPerRound)[] _cases =
    [
        ("1k x1", 1_000, 1, 2_000_000),
        ("1k x16", 1_000, 16, 2_000_000),
        ("100k x1", 100_000, 1, 2_000_000),
        ("100k x16", 100_000, 16, 2_000_000),
        ("1M x1", 1_000_000, 1, 3_000_000),
        ("1M x16", 1_000_000, 16, 4_000_000),
    ];

    /// <summary>Runs the cases; 0 if all engines agreed.</summary>
    public static int Run(string[] args)
    {
        int rounds = int.Parse(Option(args, "--rounds") ?? "4", CultureInfo.InvariantCulture);
        string? only = Option(args, "--only");
        Console.WriteLine("PHOLD, ns of processor time an event: least round (mean).");
        Console.WriteLine();
        Console.WriteLine(
            "| LPs x events | window | no prefetch | binary heap | .NET PriorityQueue | heap / window "
            + "| .NET / window | window B/event | checksum |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        bool agreed = true;
        foreach (var (name, population, eventsEach, eventsPerRound) in _cases)
        {
            if (only is null || only == name)
            {
                agreed &= RunCase(name, population, eventsEach, eventsPerRound, rounds);
            }
        }

        return agreed ? 0 : 1;
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Each model owns its engine; all end below.")]
    private static bool RunCase(string name, uint population, int eventsEach, long events, int rounds)
    {
        Phold[] models =
        [
            new Phold<WindowEngine>("window", new(new(), looksAhead: true), population, eventsEach),
            new Phold<WindowEngine>("no prefetch", new(new(), looksAhead: false), population, eventsEach),
            new Phold<HeapEngine>("heap", new(new()), population, eventsEach),
            new Phold<PriorityQueueEngine>(".NET", new(), population, eventsEach),
        ];
        var times = models.Select(_ => new List<double>()).ToArray();
        long bytes = 0;
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < models.Length; i++)
            {
                GC.Collect();
                long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
                TimeSpan before = Environment.CpuUsage.TotalTime;
                models[i].Run(events);
                times[i].Add((Environment.CpuUsage.TotalTime - before).TotalNanoseconds / events);
                bytes = i == 0 ? GC.GetAllocatedBytesForCurrentThread() - bytesBefore : bytes;
            }
        }

        ulong[] checksums = [.. models.Select(m => m.Checksum()).Distinct()];
        double[] least = [.. times.Select(t => t.Min())];
        string figures = string.Join(" | ", times.Select(t => $"{t.Min():F1} ({t.Average():F1})"));
        string sums = string.Join(" != ", checksums.Select(c => $"{c:x16}"));
        Console.WriteLine(
            $"| {name} | {figures} | {least[2] / least[0]:F1} | {least[3] / least[0]:F1} "
            + $"| {(double)bytes / events:F2} | {sums} |");
        foreach (Phold model in models)
        {
            model.Dispose();
        }

        return checksums.Length == 1;
    }

    private static string? Option(string[] args, string name)
    {
        int at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
