using System.Linq;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Fleets with more work than they can do, in which an hour has a worth.</summary>
public sealed class HourTests
{
    // One run says little; over a few the lie pays less where everybody asks for its hours, and the fleet
    // loses next to nothing by it.
    [Fact]
    public void Who_asks_too_much_gains_less_where_hours_have_a_worth()
    {
        RunReport[] without = [.. Enumerable.Range(41, 3).Select(seed => Play((ulong)seed, 0))];
        RunReport[] with = [.. Enumerable.Range(41, 3).Select(seed => Play((ulong)seed, 1))];
        Assert.True(Lead(with) < Lead(without) - 0.05, $"{Lead(with)}, {Lead(without)} without");
        double before = without.Sum(report => report.Economy.Surplus);
        Assert.InRange(with.Sum(report => report.Economy.Surplus), 0.95 * before, 1.1 * before);
        Assert.True(with.Max(report => report.Economy.Settled.LosingShare) < 0.05);
    }

    // What an over-claimer earns over what an honest node does.
    private static double Lead(RunReport[] reports) =>
        reports.Sum(report => Profit(report, "OverClaimer"))
            / reports.Sum(report => Profit(report, "Honest"));

    private static double Profit(RunReport report, string conduct) =>
        report.Economy.Conduct.Single(kind => kind.Conduct == conduct).Profit;

    private static RunReport Play(ulong seed, int worth)
    {
        Scenario calm = Calm.Fleet(seed);
        return SimulationRun.Play(new RunOptions
        {
            Scenario = calm with
            {
                Market = calm.Market with { HourWorth = worth },
                Conduct = calm.Conduct with { OverClaimersPercent = 20, ClaimPercent = 130 },
            },
            Seed = seed,
        });
    }
}
