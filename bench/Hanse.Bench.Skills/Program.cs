using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hanse.Core.Decisions;
using Hanse.Core.Units;

namespace Hanse.Skills.Bench;

/// <summary>What the sandbox costs, beside a plain call: processor time of one thread, the least of several
/// rounds that take turns.</summary>
internal static class Program
{
    private const int Rounds = 7;

    private static readonly byte[] _question = new byte[4_096];

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 1 || !File.Exists(arguments[0]))
        {
            Console.Error.WriteLine("usage: Hanse.Bench.Skills MODULE\n"
                + "  skills/pricing/pricing.wasm has 'bid'; 'decide' is measured with a module of its own");
            return 2;
        }

        using var workers = new SkillWorkers(1);
        return workers.Run(() => Measure(File.ReadAllBytes(arguments[0]))).GetAwaiter().GetResult();
    }

    private static int Measure(byte[] module)
    {
        using var engine = new SkillEngine();
        using Skill? pricing = Skill.Load(engine, module, HostFunctions.None, out string? refusal);
        using Skill? echo = Skill.Load(
            engine, Wasmtime.Module.ConvertText(Echo), HostFunctions.None, out string? second);
        if (pricing is null || echo is null)
        {
            Console.Error.WriteLine(refusal ?? second);
            return 1;
        }

        using WarmSkill warm = pricing.Warm(SkillPricing.Budget.Fuel);
        using WarmSkill minimum = echo.Warm(SkillPricing.Budget.Fuel);
        var fresh = new SkillPricing(pricing);
        byte[] record = new byte[PricingRecord.Bytes];
        PricingInput trip = Trip(0);
        var works = new List<(string Name, int Times, Action<int> Work)>
        {
            ("plain call of the built-in pricing", 200_000, n =>
            {
                for (int i = 0; i < n; i++)
                {
                    _ = Plain(trip);
                }
            }),
            ("warm bid that adds two numbers", 200_000, n =>
            {
                for (int i = 0; i < n; i++)
                {
                    _ = minimum.TryBid(record);
                }
            }),
            ("warm bid of the pricing skill", 200_000, n =>
            {
                for (int i = 0; i < n; i++)
                {
                    PricingRecord.Write(trip, record);
                    _ = warm.TryBid(record);
                }
            }),
            ("fresh bid: an instance of its own", 20_000, n =>
            {
                for (int i = 0; i < n; i++)
                {
                    _ = fresh.Price(trip);
                }
            }),
            ("fresh decide: 4 KiB in, 1 KiB out", 20_000, n =>
            {
                for (int i = 0; i < n; i++)
                {
                    _ = echo.Decide(_question, SkillBudget.Decision, NoHost.Instance);
                }
            }),
        };
        double[] least = new double[works.Count];
        Array.Fill(least, double.MaxValue);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < works.Count; i++)
            {
                double began = ProcessorSeconds();
                works[i].Work(works[i].Times);
                least[i] = Math.Min(least[i], (ProcessorSeconds() - began) / works[i].Times);
            }
        }

        for (int i = 0; i < works.Count; i++)
        {
            (double nanos, double ratio) = (least[i] * 1e9, least[i] / least[0]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{works[i].Name,-40} {nanos,9:N1} ns {ratio,7:N1} x plain"));
        }

        double start = ProcessorSeconds();
        int priced = 0;
        for (int node = 0; node < 100_000; node++)
        {
            priced += fresh.Price(Trip(node)) is not null ? 1 : 0;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"100,000 nodes, one fresh bid each: {ProcessorSeconds() - start:N2} s; {priced:N0} priced"));
        return 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PricingAnswer? Plain(in PricingInput trip) => BuiltInPricing.Instance.Price(trip);

    // Of this thread: others may work beside.
    private static double ProcessorSeconds()
    {
        return OperatingSystem.IsLinux() && GetTime(3, out Time time) == 0
            ? time.Seconds + (time.Nanos / 1e9) : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
    }

    private static PricingInput Trip(int node) => new()
    {
        Quantity = new Grams(2_000_000 + node),
        Lot = Grams.FromTonnes(1),
        Propellant = new Grams(900_000 + (node * 7)),
        PropellantPerTonne = new Credits(120_000),
        WearBefore = new PartsPerMillion(200_000),
        Wear = new PartsPerMillion(9_000),
        SparesPerLife = Credits.FromWhole(9),
        Minutes = 4_200,
        HourlyCost = new Credits(2_000),
        Toll = new Credits(1_000),
        Hazard = new HazardLaw(3, new PartsPerMillion(1_500_000), Credits.FromWhole(20)),
        Margin = new PartsPerMillion(80_000),
        HourlyWorth = new Credits(500),
    };

    private const string Echo = """
        (module (memory (export "memory") 2 2)
        (func (export "hanse_skill_abi") (result i32) i32.const 1)
        (func (export "hanse_input") (param i32) (result i32) i32.const 1024)
        (func (export "bid") (param $at i32) (result i32)
            (i64.store (local.get $at)
                (i64.add (i64.load (local.get $at)) (i64.load offset=8 (local.get $at))))
            i32.const 1)
        (func (export "decide") (param $at i32) (param $length i32) (result i64)
            (local $i i32)
            (loop $l
                (i64.store (i32.add (i32.const 8192) (local.get $i))
                    (i64.add (i64.load (i32.add (local.get $at) (local.get $i))) (i64.const 1)))
                (local.set $i (i32.add (local.get $i) (i32.const 8)))
                (br_if $l (i32.lt_u (local.get $i) (i32.const 1024))))
            i64.const 0x0000200000000400))
        """;

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanos;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetTime(int clock, out Time time);
}
