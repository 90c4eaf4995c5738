using System;
using System.Globalization;
using System.Linq;

namespace Hanse.Bench.Clearing;

/// <summary>The figures of docs/clearing.md; with OR-Tools beside the engine, and so apart from other
/// benchmarks.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        string which = arguments.FirstOrDefault() ?? string.Empty;
        bool isShuffled = arguments.Contains("--shuffled");
        int[] sizes = [.. arguments.Skip(1).Where(word => word != "--shuffled")
            .Select(word => int.Parse(word, CultureInfo.InvariantCulture))];
        const int Seed = 1;
        switch (which)
        {
            case "market":
                return MarketBench.Run(sizes.Length > 0 ? sizes : [1_000, 10_000, 100_000], Seed, isShuffled);
            case "churn":
                return ChurnBench.Run(sizes.Length > 0 ? sizes[0] : 10_000, Seed);
            case "lots":
                return LotBench.Run(sizes.Length > 0 ? sizes : [1_000, 10_000], Seed);
            case "liars":
                return LiarBench.Run(sizes.Length > 0 ? sizes[0] : 100);
            case "claims":
                return LiarBench.RunSingle(sizes.Length > 0 ? sizes[0] : 100);
            case "screens":
                return ScreenBench.Run(sizes.Length > 0 ? sizes[0] : 10);
            case "bias":
                return BiasBench.Run(sizes.Length > 0 ? sizes[0] : 20);
            default:
                Console.Error.WriteLine(
                    "usage: Hanse.Bench.Clearing market [SIZES] [--shuffled] | churn [SIZE] | lots [SIZES] "
                    + "| liars [SEEDS] | claims [SEEDS] | screens [SEEDS] | bias [SEEDS]");
                return 2;
        }
    }
}
