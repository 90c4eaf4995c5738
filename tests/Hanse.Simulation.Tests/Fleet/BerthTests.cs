using System.Linq;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A fleet whose depots are crowded: a berth for thirty machines, and four hours to
/// unload.</summary>
public sealed class BerthTests
{
    [Fact]
    public void Where_berths_have_a_price_nodes_wait_less_and_more_of_them_are_in_time()
    {
        RunReport[] without = [.. Enumerable.Range(31, 3).Select(seed => Play((ulong)seed, 0))];
        RunReport[] with = [.. Enumerable.Range(31, 3).Select(seed => Play((ulong)seed, 1))];

        Assert.True(Waited(with) < 0.9 * Waited(without), $"{Waited(with)} h, {Waited(without)} h without");
        Assert.True(
            with.Sum(report => report.Contracts.Expired) < without.Sum(report => report.Contracts.Expired));
        Assert.All(with, report => Assert.True(report.Economy.Tolls > 0));
        Assert.All(without, report => Assert.Equal(0, report.Economy.Tolls));
        Assert.All(with, report => Assert.Equal(
            report.Economy.Paid - report.Economy.Cost - report.Economy.Tolls, report.Economy.Profit, 1e-6));
    }

    private static double Waited(RunReport[] reports) => reports.Average(report => report.Berths.MeanHours);

    private static RunReport Play(ulong seed, int prices)
    {
        Scenario calm = Calm.Fleet(seed);
        return SimulationRun.Play(new RunOptions
        {
            Scenario = calm with
            {
                Fleet = calm.Fleet with { UnloadTonnesPerHour = 0.5 },
                Regions = calm.Regions with { BerthsPerHundredNodes = 1 },
                Market = calm.Market with { BerthPrices = prices },
            },
            Seed = seed,
        });
    }
}
