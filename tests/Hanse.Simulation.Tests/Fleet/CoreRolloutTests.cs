using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Images of the core in a fleet: one class after the other, and machines that get back by
/// themselves from what does not decide any more.</summary>
public class CoreRolloutTests(ITestOutputHelper output)
{
    private const int Broken = 2;

    [Fact]
    public void A_thousand_machines_that_call_once_a_month_get_it_class_by_class()
    {
        Scenario fleet = Fleet(RolloutLane.Core, ReleaseFault.None, 0, days: 420);
        var tap = new StageTap();
        RolloutFigures core = Play(
            fleet with
            {
                Fleet = fleet.Fleet with { Nodes = 1_000, Variants = 2, ReadingPeriodHours = 720 },
                Regions = fleet.Regions with { Count = 2 },
                Links = fleet.Links with { NodePeriodHours = 720, NodeWindowHours = 12 },
            },
            tap);
        output.WriteLine($"{core.Active} of {core.Fleet}, {string.Join(", ", core.Classes.AsEnumerable())}");
        Assert.Equal((0, 0), (core.RolledBack, core.Refused));
        Assert.Equal(
            [ClassState.Complete, ClassState.Complete], core.Classes.Select(one => one.State));
        Assert.Equal(core.Fleet, core.Active);
        Assert.True(tap.IsOneAtATime);

        // A canary for a month, five waves of a fortnight; and the second class not before.
        Assert.InRange(core.Classes[0].Since, 30 + (5 * 14), 200);
        Assert.InRange(core.Classes[1].Since - core.Classes[0].Since, 30 + (5 * 14), 200);
    }

    [Theory]
    [InlineData(ReleaseFault.None, 0)]
    [InlineData(ReleaseFault.Crash, 100)]
    [InlineData(ReleaseFault.Crash, 50)]
    [InlineData(ReleaseFault.Wrong, 50)]
    [InlineData(ReleaseFault.Slow, 50)]
    [InlineData(ReleaseFault.Unsigned, 50)]
    public void An_image_that_is_bad_on_a_class_ends_there_and_its_machines_go_on_with_what_they_had(
        ReleaseFault fault, double percent)
    {
        Scenario fleet = Fleet(RolloutLane.Expedited, fault, percent, days: 90);
        var tap = new StageTap();
        RunReport report = Report(fleet, tap);
        RolloutFigures core = report.Rollouts.Single();
        output.WriteLine($"{core.Active} of {core.Fleet}, {string.Join(", ", core.Classes.AsEnumerable())}");
        Assert.True(tap.IsOneAtATime);
        Assert.Equal(0, report.Returns.Quarantined);
        if (fault == ReleaseFault.None)
        {
            Assert.Equal(core.Fleet, core.Active);
            Assert.All(core.Classes, one => Assert.Equal(ClassState.Complete, one.State));
            return;
        }

        // Nobody knows beforehand whether a signature is missing for a class only.
        int stopped = fault == ReleaseFault.Unsigned ? 0 : Broken - 1;
        Assert.Equal(ClassState.Stopped, core.Classes[stopped].State);
        Assert.Equal((1, 0), (core.Classes[stopped].Stage, core.Classes[stopped].Active));
        Assert.All(core.Classes[(stopped + 1)..], one => Assert.Equal((0, 0), (one.Stage, one.Exposed)));
        Assert.All(core.Classes[..stopped], one => Assert.Equal(
            (ClassState.Complete, one.Members), (one.State, one.Active)));
        Assert.Equal(
            fault == ReleaseFault.Crash && percent < 100,
            core.Classes[stopped].Exposed > 0); // Only what comes up is ever attested.
    }

    // Nodes, hubs and the strategic layer crash at random, before facts and after any effect.
    [Theory]
    [InlineData(ReleaseFault.None, 0, 5)]
    [InlineData(ReleaseFault.None, 0, 6)]
    [InlineData(ReleaseFault.Crash, 100, 7)]
    [InlineData(ReleaseFault.Crash, 50, 8)]
    public void Machines_that_crash_all_the_time_come_to_the_same_end(
        ReleaseFault fault, double percent, ulong seed)
    {
        Scenario fleet = Fleet(RolloutLane.Expedited, fault, percent, days: 90);
        RunReport report = Report(
            fleet with { Faults = fleet.Faults with { CrashesPer30Days = 6 } }, new StageTap(), seed);
        RolloutFigures core = report.Rollouts.Single();
        output.WriteLine($"{core.Active} of {core.Fleet}, {string.Join(", ", core.Classes.AsEnumerable())}");
        Assert.Equal(0, report.Returns.Quarantined);
        Assert.Equal(
            fault == ReleaseFault.None
                ? [ClassState.Complete, ClassState.Complete, ClassState.Complete]
                : [ClassState.Complete, ClassState.Stopped, ClassState.Running],
            core.Classes.Select(one => one.State));
        Assert.Equal(
            fault == ReleaseFault.None ? core.Fleet : core.Classes[0].Members, core.Active);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void One_operator_alone_replaces_no_core(int signatures)
    {
        Scenario fleet = Fleet(RolloutLane.Core, ReleaseFault.None, 0, days: 20);
        RolloutFigures core = Play(
            fleet with { Rollouts = [fleet.Rollouts[0] with { Signatures = signatures }] }, new StageTap());
        Assert.Equal(
            signatures == 1 ? RolloutRefusal.TooFewSignatures : null, core.NotTaken);
        Assert.Equal(signatures == 2, core.Exposed > 0);
    }

    private static RolloutFigures Play(Scenario fleet, IStepTap tap) => Report(fleet, tap).Rollouts.Single();

    private static RunReport Report(Scenario fleet, IStepTap tap, ulong seed = 5)
    {
        using var simulation = new FleetSimulation(
            new RunOptions { Scenario = fleet, Seed = seed }, tap: tap);
        return simulation.Play();
    }

    private static Scenario Fleet(RolloutLane lane, ReleaseFault fault, double percent, double days)
    {
        Scenario calm = Calm.Fleet(5);
        return calm with
        {
            Days = days,
            Fleet = calm.Fleet with { Nodes = 45, Variants = 3, ReadingPeriodHours = 24 },
            Links = calm.Links with { NodePeriodHours = 24, NodeWindowHours = 2 },
            Market = calm.Market with { CycleHours = 720 },
            Returns = calm.Returns with { RawLeavesPerDay = 0 },
            Stream = calm.Stream with { TonnesPerNodeDay = 0 },
            Rollouts =
            [
                new NamedRollout
                {
                    Name = "core",
                    Function = SkillFunction.Core,
                    Day = 2,
                    Kilobytes = 20,
                    Lane = lane,
                    AuthorityDays = 90,
                    DivergencePercent = 0,
                    Fault = fault,
                    FaultClass = Broken,
                    FaultPercent = percent,
                    CalledBackDay = 0,
                    StrainPercent = 0,
                    Signatures = 2,
                },
            ],
        };
    }

    /// <summary>Whether ever a class began while one before it was not complete.</summary>
    private sealed class StageTap : IStepTap
    {
        public bool IsOneAtATime { get; private set; } = true;

        public void See<TInput, TFact, TEffect>(
            Party machine, Instant now, TInput input, IReadOnlyList<TFact> facts,
            IReadOnlyList<TEffect> effects)
            where TInput : class
            where TFact : class
            where TEffect : class
        {
            foreach (StrategyFact.RolloutMoved moved in facts.OfType<StrategyFact.RolloutMoved>())
            {
                bool isComplete = true;
                foreach (ClassProgress one in moved.Book.Classes)
                {
                    IsOneAtATime &= isComplete || one.Stage == 0;
                    isComplete &= one.State == ClassState.Complete;
                }
            }
        }
    }
}
