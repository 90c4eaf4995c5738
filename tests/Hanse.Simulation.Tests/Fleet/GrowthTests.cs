using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Node;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Kernel;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A fleet that builds itself: when machines are commissioned, and of which generation.</summary>
public class GrowthTests
{
    private static readonly GrowthSection _quick = new()
    {
        DoublingDays = 12,
        GenerationDays = 15,
        Generations = 4,
        AgeDays = 36,
        Commissions = 1,
        BornPercent = 0,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void A_fleet_doubles_in_its_doubling_time_and_is_complete_when_it_should_be(int commissions)
    {
        const int Nodes = 4_096;
        long horizon = Blueprint.Days(300);
        var growth = new FleetGrowth(_quick with
        {
            DoublingDays = 100,
            AgeDays = 10_000,
            Commissions = commissions,
        }, Nodes, 0, horizon);
        int There(double day) => Enumerable.Range(0, Nodes).Count(n =>
            growth.CommissionedAt(n) <= Blueprint.Days(day));
        Assert.Equal(Nodes, There(300));
        Assert.Equal(commissions == 1 ? Nodes / 8 : Nodes, There(0));
        Assert.Equal(commissions == 1 ? Nodes / 4 : Nodes, There(100));
        Assert.Equal(commissions == 1 ? Nodes / 2 : Nodes, There(200));
        Assert.Equal(commissions == 1 ? 0.5 : 1, growth.ShareAt(Blueprint.Days(200)), 9);
    }

    [Fact]
    public void Who_is_built_later_is_of_no_earlier_generation_and_the_last_is_built_for_ever()
    {
        var growth = new FleetGrowth(_quick, 1_000, 0, Blueprint.Days(60));
        int[] generations = [.. Enumerable.Range(0, 1_000).Select(growth.GenerationOf)];
        Assert.Equal(generations.Order(), generations);
        Assert.Equal([1, 2, 3, 4], generations.Distinct());
        int founders = generations.Count(one => one == 1);
        int second = generations.Count(one => one == 2);

        // Founded 96 days before its end: 1,000 / 2^8 machines, and after 15 days 2^(15/12) as many.
        Assert.InRange(founders, 8, 10);
        Assert.InRange((double)(founders + second) / founders, 2.2, 2.6);
    }

    [Fact]
    public void Without_a_doubling_time_nothing_is_as_it_would_be_with_one()
    {
        RunOptions options = Growing(GrowthSection.None);
        RunReport off = SimulationRun.Play(options);
        RunReport idle = SimulationRun.Play(Growing(_quick with { DoublingDays = 0 }));
        Assert.Equal(off.TraceSha256, idle.TraceSha256);
        Assert.All(
            new Blueprint(Growing(_quick with { DoublingDays = 0 }).Scenario, 5).Nodes,
            node => Assert.Equal(1, node.Design.Generation));
    }

    [Fact]
    public void A_machine_that_is_not_built_yet_does_nothing_and_one_that_is_enrols_in_its_generation()
    {
        RunOptions options = Growing(_quick);
        var recording = new Recording();
        using var simulation = new FleetSimulation(options, tap: recording);
        RunReport report = simulation.Play();
        var plan = new Blueprint(options.Scenario, options.Seed);
        int late = 0;
        for (int n = 0; n < plan.Nodes.Length; n++)
        {
            var id = new NodeId((uint)n + 1);
            var built = new Instant(plan.CommissionedAt(n));
            late += built > Instant.Epoch ? 1 : 0;
            if (recording.Steps.TryGetValue(Party.Of(id), out List<RecordedStep>? steps))
            {
                Assert.True(steps[0].Now + plan.Rules.ClockErrorMax >= built, $"node {id}");
            }
            else
            {
                Assert.Equal(plan.Horizon, built.Micros); // The last one is there when all is over.
            }

            HubFact.NodeEnrolled? enrolled = recording.Steps
                .Where(steps => steps.Key.Kind == PartyKind.Hub)
                .SelectMany(steps => steps.Value).SelectMany(step => step.Facts)
                .OfType<HubFact.NodeEnrolled>().SingleOrDefault(fact => fact.Node == id);
            if (built.Micros + Blueprint.Days(2) < plan.Horizon)
            {
                Assert.Equal(plan.GenerationOf(n), enrolled!.Enrol.Generation);
                Assert.Equal(plan.VariantOf(n), enrolled.Enrol.Class);
            }
        }

        Assert.InRange(late, 40, 56);
        Assert.Equal([1, 2, 3, 4], plan.Nodes.Select(node => node.Design.Generation).Distinct());
        Assert.True(report.Contracts.Settled > 0);
        Assert.True(report.Ledger.Balanced);
    }

    [Fact]
    public void The_same_seed_commissions_the_same_machines_with_any_scheduler_and_through_crashes()
    {
        RunOptions options = Growing(_quick);
        options = options with
        {
            Scenario = options.Scenario with
            {
                Faults = options.Scenario.Faults with { CrashesPer30Days = 20, DeathsPercentPer30Days = 20 },
            },
        };
        RunReport first = SimulationRun.Play(options);
        Assert.Equal(first.TraceSha256, SimulationRun.Play(options).TraceSha256);
        using var heaped = new FleetSimulation(options, scheduler: new HeapScheduler());
        Assert.Equal(first.TraceSha256, heaped.Play().TraceSha256);
        Assert.True(first.Crashes > 10);
        Assert.InRange(first.Deaths, 1, 60);
    }

    [Fact]
    public void Each_generation_is_a_little_better_and_the_first_is_what_the_scenario_says()
    {
        Scenario scenario = Growing(_quick).Scenario;
        var plan = new Blueprint(scenario, 5);
        var plain = new Blueprint(scenario with { Growth = GrowthSection.None }, 5);
        Assert.Equal(plain.Nodes[0].Design, plan.Nodes[0].Design);
        Assert.All(plan.Nodes, node => Assert.Equal(
            HardwareGeneration.Of(plan.Design, node.Design.Generation) with { Class = node.Design.Class },
            node.Design));
        for (int generation = 2; generation <= 4; generation++)
        {
            MachineDesign before = HardwareGeneration.Of(plan.Design, generation - 1);
            MachineDesign after = HardwareGeneration.Of(plan.Design, generation);
            Assert.True(after.Power.Value > before.Power.Value);
            Assert.True(after.ExtractionPerTonne.Value < before.ExtractionPerTonne.Value);
            Assert.True(after.Exhaust.MillimetresPerSecond > before.Exhaust.MillimetresPerSecond);
            Assert.True(after.CargoMax > before.CargoMax);
            Assert.True(after.UnloadPerHour > before.UnloadPerHour);
            Assert.True(after.WearPerHour.Value < before.WearPerHour.Value);
            Assert.True(after.WearPerLeg.Value < before.WearPerLeg.Value);
            Assert.True(HardwareGeneration.NoiseOf(generation) < HardwareGeneration.NoiseOf(generation - 1));
            Assert.True(
                HardwareGeneration.ComputeOf(generation) > HardwareGeneration.ComputeOf(generation - 1));
        }
    }

    [Fact]
    public void A_live_world_says_that_it_cannot()
    {
        Scenario scenario = Growing(_quick).Scenario;
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new LiveWorld(
            scenario, 1, () => Instant.Epoch, _ => Timeout.InfiniteTimeSpan, port: null!));
        Assert.StartsWith("machines are not commissioned in a live world", refused.Message);
    }

    private static RunOptions Growing(GrowthSection growth)
    {
        Scenario calm = Calm.Fleet(5);
        return new RunOptions
        {
            Seed = 5,
            Scenario = calm with
            {
                Growth = growth,
                Fleet = calm.Fleet with { Variants = 2 },
                Stream = Calm.SmallAndUrgent(calm.Stream),
            },
        };
    }
}
