using System.Linq;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Releases of skills in a fleet that is out of reach most of the time.</summary>
public class RolloutTests
{
    private const int Broken = 3;

    [Fact]
    public void A_good_release_reaches_everybody_who_can_be_reached()
    {
        RolloutFigures release = Play(ReleaseFault.None, 0, 150);
        Assert.True(release.Active >= 0.99 * release.Fleet, $"{release}");
        Assert.All(release.Classes, one => Assert.Equal(ClassState.Complete, one.State));
        Assert.Equal((0, 0), (release.RolledBack, release.Refused));
    }

    [Theory]
    [InlineData(ReleaseFault.Crash)]
    [InlineData(ReleaseFault.Slow)]
    public void A_release_that_breaks_one_class_stops_there_within_its_canary(ReleaseFault fault)
    {
        RolloutFigures release = Play(fault, Broken, 150);
        foreach (ClassFigures one in release.Classes)
        {
            Assert.Equal(one.Class == Broken ? ClassState.Stopped : ClassState.Complete, one.State);
        }

        ClassFigures broken = release.Classes.Single(one => one.Class == Broken);
        Assert.Equal(1, broken.Stage);
        Assert.Equal(0, broken.Active);
        Assert.True(broken.Exposed <= 1, $"{broken}");
        Assert.Equal(0, release.HoursBackMax);
        Assert.Equal(0, release.WrongDecisions);
    }

    [Fact]
    public void A_release_that_was_not_signed_never_decides_anything()
    {
        RolloutFigures release = Play(ReleaseFault.Unsigned, 0, 70);
        Assert.Equal((0, 0), (release.Exposed, release.RolledBack));
        Assert.InRange(release.Refused, 1, 12);
        Assert.All(release.Classes, one => Assert.Equal((ClassState.Stopped, 1), (one.State, one.Stage)));
    }

    [Fact]
    public void A_release_that_differs_more_than_it_may_never_decides_anything()
    {
        RolloutFigures release = Play(ReleaseFault.Wrong, 0, 70);
        Assert.Equal((0, 0), (release.Exposed, release.RolledBack));
        Assert.All(release.Classes, one => Assert.Equal((ClassState.Stopped, 1), (one.State, one.Stage)));
    }

    // It is let go in the middle of a silence, by nobody's order, and never becomes more than a canary.
    [Fact]
    public void What_is_not_confirmed_in_time_is_let_go_in_the_silence()
    {
        RolloutFigures release = Play(ReleaseFault.None, 0, 100, authorityDays: 12);
        Assert.True(release.Lapsed > 0, $"{release}");
        Assert.Equal(0, release.Refused);
        Assert.All(release.Classes, one => Assert.Equal((ClassState.Running, 1), (one.State, one.Stage)));
    }

    // Nodes decide by it for weeks after it was called back, change their region with it, and their hub is
    // lost; a run ends when an honest node is quarantined.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(20, 0)]
    [InlineData(10, 60)]
    public void What_is_called_back_is_let_go_and_nobody_is_blamed_for_what_he_did_not_hear(
        double handovers, double lostHub)
    {
        Scenario fleet = Fleet(ReleaseFault.None, 0, 130 + lostHub, 70);
        fleet = fleet with
        {
            Fleet = fleet.Fleet with { Nodes = 80 },
            Links = fleet.Links with { NodePeriodHours = 360 },
            Faults = fleet.Faults with
            {
                HandoversPer30Days = handovers,
                LostHubDay = 60,
                LostHubDays = lostHub,
                LostHubGoesOn = 0,
                LostHubAdoptedDays = 12,
            },
            Rollouts = [fleet.Rollouts[0] with { Lane = RolloutLane.Expedited, CalledBackDay = 70 }],
        };
        RunReport report = SimulationRun.Play(new RunOptions { Scenario = fleet, Seed = 5 });
        RolloutFigures release = report.Rollouts.Single();
        Assert.True(release.Exposed >= 0.5 * release.Fleet, $"{release}");
        Assert.Equal(0, report.Returns.Quarantined);
        Assert.All(release.Classes, one => Assert.Equal(ClassState.Stopped, one.State));
        Assert.Equal(0, release.Active);
    }

    [Theory]
    [InlineData(RolloutLane.Expedited, 1, RolloutRefusal.TooFewSignatures)]
    [InlineData(RolloutLane.Expedited, 2, null)]
    [InlineData(RolloutLane.Standard, 1, null)]
    public void A_faster_lane_takes_a_second_signature(
        RolloutLane lane, int signatures, RolloutRefusal? refusal)
    {
        Scenario fleet = Fleet(ReleaseFault.None, 0, 40, 70);
        RolloutFigures release = SimulationRun.Play(new RunOptions
        {
            Scenario = fleet with
            {
                Fleet = fleet.Fleet with { Nodes = 60 },
                Links = fleet.Links with { NodePeriodHours = 48 },
                Rollouts = [fleet.Rollouts[0] with { Lane = lane, Signatures = signatures }],
            },
            Seed = 5,
        }).Rollouts.Single();
        Assert.Equal(refusal, release.NotTaken);
        Assert.Equal(refusal is null, release.Exposed > 0);
        Assert.Equal(refusal is null, release.Classes.Length > 0);
    }

    private static RolloutFigures Play(
        ReleaseFault fault, int faultClass, double days, double authorityDays = 70) =>
        SimulationRun.Play(new RunOptions
        {
            Scenario = Fleet(fault, faultClass, days, authorityDays),
            Seed = 5,
        }).Rollouts.Single();

    private static Scenario Fleet(ReleaseFault fault, int faultClass, double days, double authorityDays)
    {
        Scenario calm = Calm.Fleet(5);
        return calm with
        {
            Days = days,
            Fleet = calm.Fleet with { Nodes = 240, Variants = 4, ReadingPeriodHours = 24 },
            Regions = calm.Regions with { Count = 2 },
            Links = calm.Links with { NodePeriodHours = 720, NodeWindowHours = 12 },
            Market = calm.Market with { CycleHours = 720 },
            Returns = calm.Returns with { RawLeavesPerDay = 0 },
            Stream = calm.Stream with { TonnesPerNodeDay = 0 },
            Rollouts =
            [
                new NamedRollout
                {
                    Name = "release",
                    Day = 2,
                    Kilobytes = 12,
                    Lane = RolloutLane.Standard,
                    AuthorityDays = authorityDays,
                    DivergencePercent = 5,
                    Fault = fault,
                    FaultClass = faultClass,
                    FaultPercent = fault == ReleaseFault.Wrong ? 60 : 4,
                    CalledBackDay = 0,
                    StrainPercent = 0,
                    Signatures = 0,
                },
            ],
        };
    }
}
