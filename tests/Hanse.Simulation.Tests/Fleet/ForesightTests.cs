using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

public class ForesightTests
{
    // Played once, whoever looks at it.
    private static readonly Lazy<(List<string> Deaths, RunReport Report)> _foreseen =
        new(() => Play(Deadly(4) with { IsOracle = true }));

    [Fact]
    public void The_same_mission_is_asked_for()
    {
        RunOptions options = Deadly(4);
        var plain = new Blueprint(options.Scenario, options.Seed);
        var exact = new Blueprint(Foresight.Of(options.Scenario), options.Seed);
        Assert.Equal(plain.Bounties, exact.Bounties);
        Assert.All(exact.Regions.SelectMany(region => region.Plan.Sites), site =>
            Assert.Equal(site.Ore.Assay, site.Ore.True));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    public void The_same_nodes_die_at_the_same_time_and_fewer_with_work_in_hand(ulong seed)
    {
        (List<string> deaths, RunReport plain) = Play(Deadly(seed));
        (List<string> foreseen, RunReport oracle) =
            seed == 4 ? _foreseen.Value : Play(Deadly(seed) with { IsOracle = true });
        string[] stranded =
            [.. deaths.Concat(foreseen).Where(death => death.EndsWith("ran dry", StringComparison.Ordinal))];
        Assert.Empty(stranded); // One that ran dry dies of that, and not by lot.
        Assert.True(deaths.Count > 5);
        Assert.Equal(deaths, foreseen);
        Assert.True(oracle.IsOracle);
        Assert.True(plain.Economy.Orphans.Count > 3);
        Assert.InRange(oracle.Economy.Orphans.Count, 0, plain.Economy.Orphans.Count / 3);
    }

    [Fact]
    public void Perfect_knowledge_is_as_repeatable_as_any_run()
    {
        RunOptions options = Deadly(4) with { IsOracle = true };
        Assert.Equal(_foreseen.Value.Report.TraceSha256, SimulationRun.Play(options).TraceSha256);
    }

    private static (List<string> Deaths, RunReport Report) Play(RunOptions options)
    {
        var news = new News();
        RunReport report = SimulationRun.Play(options with { Progress = news });
        return (news.Deaths, report);
    }

    private static RunOptions Deadly(ulong seed)
    {
        RunOptions drawn = Swarm.Draw(seed, null);
        return drawn with
        {
            HealAfter = null,
            FrameCodec = null,
            Scenario = drawn.Scenario with
            {
                Days = 25,
                Growth = GrowthSection.None,
                Fleet = drawn.Scenario.Fleet with { Nodes = 40, BuildSpreadPercent = 2 },
                Market = drawn.Scenario.Market with
                {
                    MilestoneWindows = 0, // An early end is an end more that an orphan can have.
                    ExtensionHours = 0,
                    BondPercent = 0,
                },
                Stream = drawn.Scenario.Stream with { TonnesPerNodeDay = 0.6, WorthOverCostMin = 1.5 },
                Faults = drawn.Scenario.Faults with
                {
                    DeathsPercentPer30Days = 60,
                    CrashesPer30Days = 0,
                    GreatBlackoutDays = 0,
                    StrategyBlackoutDays = 0,
                    LostHubDays = 0,
                },
            },
        };
    }

    private sealed class News : IProgress<RunProgress>
    {
        public List<string> Deaths { get; } = [];

        public void Report(RunProgress value) => Deaths.AddRange(value.News
            .Where(item => item.Kind == RunEventKind.NodeDied)
            .Select(item => $"{item.At.Ticks} {item.Text}"));
    }
}
