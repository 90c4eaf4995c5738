using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Releases of skills in a fleet that is out of reach most of the time.</summary>
public class RolloutTests(ITestOutputHelper output)
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

    // What breaks is how machines are built. A small canary may have none of them; the first wave that has
    // some is the last.
    [Fact]
    public void A_release_that_breaks_one_generation_stops_every_class_as_soon_as_some_of_it_run_it()
    {
        RolloutFigures release = Generations(RolloutSplit.Class, new()
        {
            Fault = ReleaseFault.Crash,
            FaultGeneration = 3,
            FaultPercent = 4,
        });
        Assert.All(release.Classes, one => Assert.True(
            one.State == ClassState.Stopped && one.Stage < 6, $"{one}"));
        Assert.Equal((0, 0, 0L), (release.Active, release.HoursBackMax, release.WrongDecisions));
        Assert.True(release.ExposedToFault <= 16, $"{release}");
    }

    // Those of other generations call first and run it well. Where hours alone counted, they vouched for all:
    // in these fleets up to a tenth of the generation ran it before it was heard of.
    [Fact]
    public void What_breaks_a_generation_that_the_canary_has_comes_to_few_of_it_whoever_calls_first()
    {
        int fleets = 0;
        int exposed = 0;
        for (ulong seed = 1; seed <= 4; seed++)
        {
            Scenario fleet = Grown(
                RolloutSplit.Class,
                new() { Fault = ReleaseFault.Crash, FaultGeneration = 3, FaultPercent = 4 }, commissions: 0);
            fleet = fleet with
            {
                Days = 80,
                Fleet = fleet.Fleet with { Nodes = 1_000, Variants = 1, ReadingPeriodHours = 168 },
            };
            NodeSpec[] canary =
            [
                .. new Blueprint(fleet, seed).Nodes.OrderBy(spec => RolloutTold.Rank(spec.Node, 1)).Take(10),
            ];
            if (canary.Any(spec => spec.Design.Generation == 3))
            {
                RolloutFigures release = SimulationRun.Play(new RunOptions { Scenario = fleet, Seed = seed })
                    .Rollouts.Single();
                output.WriteLine($"{seed}: {release.ExposedToFault} of {release.Exposed}");
                Assert.Equal(ClassState.Stopped, release.Classes.Single().State);
                Assert.Equal((0, 0L), (release.HoursBackMax, release.WrongDecisions));
                Assert.InRange(release.ExposedToFault, 1, 30);
                fleets++;
                exposed += release.ExposedToFault;
            }
        }

        Assert.InRange(fleets, 2, 4);
        Assert.InRange(exposed, fleets, 10 * fleets);
    }

    [Theory]
    [InlineData(ReleaseFault.Crash, 3, 0)]
    [InlineData(ReleaseFault.Slow, 0, 200)] // As much as the third generation may use, and not the second.
    public void By_strains_what_breaks_some_generations_stops_there_and_goes_on_with_the_others(
        ReleaseFault fault, int generation, double fuel)
    {
        RolloutFigures release = Generations(RolloutSplit.Strain, new()
        {
            Fault = fault,
            FaultGeneration = generation,
            FuelPercent = fuel,
            FaultPercent = 4,
        });
        Assert.Equal(8, release.Classes.Length);
        foreach (ClassFigures one in release.Classes)
        {
            bool isBroken = fuel > 0 ? one.Generation <= 2 : one.Generation == generation;
            Assert.True(
                isBroken ? one.State == ClassState.Stopped && one.Stage == 1 && one.Active == 0
                    : one.State != ClassState.Stopped && one.Stage > 1 && one.Active > 0,
                $"{one}");
        }

        Assert.True(release.ExposedToFault <= 12, $"{release}");
        Assert.Equal((0, 0L), (release.HoursBackMax, release.WrongDecisions));
    }

    [Fact]
    public void Image_by_image_each_generation_waits_for_the_tests_of_those_before_it()
    {
        RolloutFigures release = Generations(
            RolloutSplit.Generation, new() { Lane = RolloutLane.Monolithic });
        Assert.Equal([1, 2, 3, 4], release.Classes.Select(one => one.Generation));
        Assert.All(
            release.Classes, one => Assert.Equal((0, ClassState.Complete), (one.Capability, one.State)));
        double[] since = [.. release.Classes.Select(one => one.Since)];
        Assert.Equal(since.Order(), since);
        Assert.True(release.Classes[3].Since > 2 + (4 * 14), $"{release.Classes[3]}");
    }

    // It enrols, is chosen by its rank or since its strain is complete, and runs it as the others do.
    [Fact]
    public void A_machine_that_is_commissioned_in_the_middle_of_a_rollout_joins_it()
    {
        Scenario fleet = Grown(RolloutSplit.Strain, new(), commissions: 1);
        var recording = new Recording();
        using var simulation = new FleetSimulation(
            new RunOptions { Scenario = fleet, Seed = 5 }, tap: recording);
        RolloutFigures release = simulation.Play().Rollouts.Single();
        var plan = new Blueprint(fleet, 5);
        int[] late = [.. Enumerable.Range(0, plan.Nodes.Length).Where(n =>
            plan.CommissionedAt(n) > Blueprint.Days(10) && plan.CommissionedAt(n) < Blueprint.Days(100))];
        Assert.True(late.Length > 20, $"{late.Length}");
        Assert.All(late, n => Assert.Contains(
            recording.Steps[Party.Of(new NodeId((uint)n + 1))].SelectMany(step => step.Facts)
                .OfType<NodeFact.SkillMoved>(),
            fact => fact.Slot.State == SkillState.Settled));
        Assert.Equal((0, 0), (release.RolledBack, release.Refused));
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

    // Two functions have nothing to do with each other: each release has its own canary, waves and end.
    [Fact]
    public void Loads_and_prices_are_rolled_out_side_by_side()
    {
        ImmutableArray<RolloutFigures> releases = Market(
            Release("loads", SkillFunction.Extraction), Release("prices", SkillFunction.Pricing));
        foreach (RolloutFigures release in releases)
        {
            Assert.True(release.Active >= 0.99 * release.Fleet, $"{release}");
            Assert.All(release.Classes, one => Assert.Equal(ClassState.Complete, one.State));
            Assert.Equal((0, 0, 0L), (release.RolledBack, release.Refused, release.WrongDecisions));
        }
    }

    [Theory]
    [InlineData(ReleaseFault.Crash)]
    [InlineData(ReleaseFault.Slow)]
    public void Prices_that_break_one_class_stop_there_and_loads_go_on(ReleaseFault fault)
    {
        ImmutableArray<RolloutFigures> releases = Market(
            Release("loads", SkillFunction.Extraction),
            Release("prices", SkillFunction.Pricing) with
            {
                Fault = fault,
                FaultClass = Broken,
                FaultPercent = 4,
            });
        Assert.True(releases[0].Active >= 0.99 * releases[0].Fleet, $"{releases[0]}");
        Assert.All(releases[0].Classes, one => Assert.Equal(ClassState.Complete, one.State));
        Assert.Equal((0, 0), (releases[0].RolledBack, releases[0].Refused));
        foreach (ClassFigures one in releases[1].Classes)
        {
            Assert.Equal(one.Class == Broken ? ClassState.Stopped : ClassState.Complete, one.State);
        }

        ClassFigures broken = releases[1].Classes.Single(one => one.Class == Broken);
        Assert.Equal((1, 0), (broken.Stage, broken.Active));
        Assert.True(broken.Exposed <= 3, $"{broken}"); // Its canary.
        Assert.Equal((0, 0L), (releases[1].HoursBackMax, releases[1].WrongDecisions));
    }

    // A fifth less than it should, for some questions only: it may stand its shadow, and no price of it is
    // attested that differs more than was allowed.
    [Fact]
    public void Prices_that_are_subtly_wrong_end_with_the_canary_and_no_sheet_has_one()
    {
        RolloutFigures prices = Market(Release("prices", SkillFunction.Pricing) with
        {
            Fault = ReleaseFault.Wrong,
            FaultPercent = 1,
        }).Single();
        Assert.All(prices.Classes, one => Assert.Equal((ClassState.Stopped, 0), (one.State, one.Active)));
        Assert.True(prices.Exposed <= 12, $"{prices}");
        Assert.True(prices.RolledBack + prices.Refused > 0, $"{prices}");
        Assert.Equal(0, prices.WrongDecisions);
    }

    // Each sheet that a release has priced is priced again by a machine that remembers everything but the
    // release. A hub sees of a price nothing but the sheet, so what is awarded and paid is the same as well.
    [Fact]
    public void A_release_that_answers_as_the_core_makes_the_cores_sheets_bit_for_bit()
    {
        (int alike, int other) = Sheets(Release("prices", SkillFunction.Pricing));
        Assert.True(alike > 50 && other == 0, $"{alike} alike, {other} not");

        // And it is the release that is asked: one that asks a fifth less, and may, makes other sheets, until
        // a price of it does not pay for its trip and the machine prices that sheet anew and lets it go.
        (alike, other) = Sheets(Release("prices", SkillFunction.Pricing) with
        {
            Fault = ReleaseFault.Wrong,
            FaultPercent = 100,
            DivergencePercent = 50,
        });
        Assert.True(other > 0, $"{alike} alike, {other} not");
    }

    // How many sheets of bids that a release has priced are those of the core, and how many are not.
    private static (int Alike, int Other) Sheets(NamedRollout release)
    {
        // Where hours are most of a price, a fifth less still pays for propellant and spares.
        Scenario calm = Calm.Fleet(5);
        RunOptions options = Market(
            calm with { Days = 40, Market = calm.Market with { HourCredits = 0.02 } }, release);
        var recording = new Recording();
        using var simulation = new FleetSimulation(options, tap: recording);
        _ = simulation.Play();
        var plan = new Blueprint(options.Scenario, options.Seed);
        int[] found = new int[2];
        foreach (NodeSpec spec in plan.Nodes)
        {
            var before = new List<NodeFact>();
            bool isPriced = false;
            foreach (RecordedStep step in recording.Steps[Party.Of(spec.Node)])
            {
                NodeFact[] facts = [.. step.Facts.Cast<NodeFact>()];
                if (isPriced && SheetOf(facts) is { } sheet)
                {
                    var twin = new NodeAgent(spec, skills: plan.Releases.Skills);
                    before.ForEach(twin.Apply);
                    var outbox = new Outbox<NodeFact, NodeEffect>();
                    twin.Step(step.Now, (NodeInput)step.Input, outbox);
                    found[SheetOf(outbox.Facts)!.AsSpan().SequenceEqual(sheet) ? 0 : 1]++;
                }

                before.AddRange(facts.Where(fact => fact is not NodeFact.SkillMoved));
                isPriced = facts.OfType<NodeFact.SkillMoved>().LastOrDefault() is { Slot: var slot }
                    ? slot.Active != default : isPriced;
            }
        }

        return (found[0], found[1]);
    }

    // Null when nothing is offered.
    private static byte[]? SheetOf(IEnumerable<NodeFact> facts)
    {
        BidSheet? sheet = facts.OfType<NodeFact.Link>().Select(link => link.Fact)
            .OfType<LinkFact.Queued>().Select(queued => queued.Message).OfType<BidSheet>().SingleOrDefault();
        return sheet is null || sheet.Bids.All(bid => !bid.IsOffer) ? null : CborWriter.Bytes(sheet);
    }

    private static ImmutableArray<RolloutFigures> Market(params ImmutableArray<NamedRollout> releases) =>
        SimulationRun.Play(Market(Calm.Fleet(5), releases)).Rollouts;

    // A fleet that calls three times a day and has work.
    private static RunOptions Market(Scenario calm, params ImmutableArray<NamedRollout> releases) => new()
    {
        Scenario = calm with
        {
            Fleet = calm.Fleet with { Variants = 4 },
            Returns = calm.Returns with { RawLeavesPerDay = 0 },
            Rollouts = releases,
        },
        Seed = 5,
    };

    private static NamedRollout Release(string name, SkillFunction function) => new()
    {
        Name = name,
        Function = function,
        Day = 1,
        Kilobytes = 6,
        Lane = RolloutLane.Expedited,
        AuthorityDays = 20,
        DivergencePercent = 5,
        Fault = ReleaseFault.None,
        FaultClass = 0,
        FaultPercent = 0,
        CalledBackDay = 0,
        StrainPercent = 0,
        Signatures = 0,
    };

    private static RolloutFigures Play(
        ReleaseFault fault, int faultClass, double days, double authorityDays = 70) =>
        SimulationRun.Play(new RunOptions
        {
            Scenario = Fleet(fault, faultClass, days, authorityDays),
            Seed = 5,
        }).Rollouts.Single();

    // Two classes, each of four generations.
    private static RolloutFigures Generations(RolloutSplit groups, Trouble trouble) =>
        SimulationRun.Play(new RunOptions { Scenario = Grown(groups, trouble, commissions: 0), Seed = 5 })
            .Rollouts.Single();

    private static Scenario Grown(RolloutSplit groups, Trouble trouble, int commissions)
    {
        Scenario fleet = Fleet(trouble.Fault, 0, 150, 70);
        return fleet with
        {
            Fleet = fleet.Fleet with { Variants = 2, Nodes = 320 },
            Growth = new GrowthSection
            {
                DoublingDays = 600,
                GenerationDays = 600,
                Generations = 4,
                AgeDays = commissions == 1 ? 2250 : 2400,
                Commissions = commissions,
                BornPercent = 0,
            },
            Rollouts =
            [
                fleet.Rollouts[0] with
                {
                    Groups = groups,
                    Lane = trouble.Lane,
                    FaultGeneration = trouble.FaultGeneration,
                    FuelPercent = trouble.FuelPercent,
                    FaultPercent = trouble.FaultPercent,
                },
            ],
        };
    }

    private sealed record Trouble
    {
        public RolloutLane Lane { get; init; } = RolloutLane.Standard;

        public ReleaseFault Fault { get; init; } = ReleaseFault.None;

        public int FaultGeneration { get; init; }

        public double FuelPercent { get; init; }

        public double FaultPercent { get; init; }
    }

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
                    Function = SkillFunction.Extraction,
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
