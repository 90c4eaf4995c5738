using System;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Hubs that are destroyed without anybody ordering anything.</summary>
/// <remarks>The checker sees in every run that nothing is paid twice and no credit lost, and that every node
/// finds the hub that has taken it over; here, that there was something to see.</remarks>
public class AdoptionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_region_is_taken_over_when_its_hub_has_been_silent_for_the_stated_time(int goesOn)
    {
        int taken = 0;
        for (ulong seed = 41; seed < 53; seed++)
        {
            RunReport report = Play(seed, faults => faults with
            {
                LostHubDay = 6,
                LostHubDays = goesOn == 0 ? 3_000 : 9,
                LostHubGoesOn = goesOn,
            });
            Assert.True(report.Ledger.Balanced);
            Assert.Equal(5, report.Moves); // A third of the fleet.
            taken += report.Honoured + report.Recounted;
        }

        Assert.True(taken > 0, "no work went on");
    }

    [Fact]
    public void Nobody_is_given_up_while_the_strategic_layer_is_cut_off_from_all()
    {
        for (ulong seed = 41; seed < 46; seed++)
        {
            RunReport report = Play(seed, faults => faults with
            {
                StrategyBlackoutDay = 3,
                StrategyBlackoutDays = 12,
            });
            Assert.True(report.Ledger.Balanced);
            Assert.Equal(0, report.Moves);
        }
    }

    [Fact]
    public void Without_a_stated_time_its_nodes_stay_where_they_are_and_less_is_done()
    {
        long with = 0;
        long without = 0;
        for (ulong seed = 41; seed < 44; seed++)
        {
            with += Settled(seed, 2);
            without += Settled(seed, 0);
        }

        Assert.True(with > without, $"{with} and {without} contracts");

        static long Settled(ulong seed, double after)
        {
            RunReport report = Play(
                seed,
                faults => faults with { LostHubDay = 6, LostHubDays = 3_000, LostHubGoesOn = 0 },
                after);
            Assert.Equal(after > 0, report.Moves > 0);
            return report.Contracts.Settled;
        }
    }

    private static RunReport Play(ulong seed, Func<FaultSection, FaultSection> faults, double after = 2)
    {
        Scenario calm = Calm.Fleet(seed);
        return SimulationRun.Play(new RunOptions
        {
            Seed = seed,
            Scenario = calm with
            {
                Days = 26,
                Fleet = calm.Fleet with { Nodes = 15 },
                Regions = calm.Regions with { Count = 3, AdoptAfterDays = after },
                Links = calm.Links with
                {
                    NodePeriodHours = 8,
                    NodeWindowHours = 2,
                    StrategyPeriodHours = 6,
                    ConjunctionDegrees = 0,
                },
                Stream = Calm.SmallAndUrgent(calm.Stream) with { TonnesPerNodeDay = 1 },
                Faults = faults(calm.Faults with
                {
                    LossPercent = 5,
                    DuplicatePercent = 1,
                    LostHubAdoptedDays = 3_000, // Nobody orders it.
                    HandoversPer30Days = 0,
                }),
            },
        });
    }
}
