using System;
using BenchmarkDotNet.Running;
using Hanse.Bench.Kernel;
using Hanse.Bench.Market;

namespace Hanse.Bench;

/// <summary>Every figure of docs/benchmarks.md comes from one of these.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        string which = arguments.Length > 0 ? arguments[0] : string.Empty;
        string[] rest = arguments.Length > 0 ? arguments[1..] : [];
        switch (which)
        {
            case "kernel":
                return KernelBench.Run(rest);
            case "core":
                string[] all = ["--filter", "*", "--inProcess", .. rest];
                _ = BenchmarkSwitcher.FromTypes([typeof(CoreBenchmarks)]).Run(all);
                return 0;
            case "journal":
                string[] journal = ["--filter", "*", "--inProcess", .. rest];
                _ = BenchmarkSwitcher.FromTypes([typeof(JournalBenchmarks)]).Run(journal);
                return 0;
            case "awards":
                return AwardBench.Run(rest);
            default:
                Console.Error.WriteLine(
                    "usage: Hanse.Bench kernel|core|journal|awards [options]; the fleet: bench/fleet.sh");
                return 2;
        }
    }
}
