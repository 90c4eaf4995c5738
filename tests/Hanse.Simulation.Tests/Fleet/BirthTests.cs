using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Kernel;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Machines that are built during a run and become nodes by their parents' word.</summary>
public class BirthTests(ITestOutputHelper output)
{
    [Fact]
    public void A_fleet_that_may_grow_as_planned_is_all_born()
    {
        (RunReport report, Recording recording) = Play(Growing(100), 5);
        BirthFigures births = report.Births!;
        output.WriteLine($"{births}");
        Assert.Equal(births.Quota, births.Built);
        Assert.InRange(births.Born, births.Built - 3, births.Built); // The last ones are still asked for.
        Assert.Equal((0, 0L, 0), (births.Refused, births.Declined, births.Parentless));
        Assert.InRange(births.OnProbation, 1, births.Born);
        Assert.True(report.Ledger.Balanced);

        // Who was born is of its parent's region, of the kind that it was built as, and works.
        BirthCertificate[] born =
        [
            .. Facts(recording).OfType<HubFact.Birth>().Select(fact => fact.Fact).OfType<BirthFact.Born>()
                .Select(fact => fact.Certificate),
        ];
        Assert.Equal(births.Born, born.Length);
        Assert.True(born.Select(one => one.Parent).Distinct().Count() > born.Length / 4);
        Assert.Contains(born, one => born.Any(other => other.Child == one.Parent)); // Grandchildren.
        Assert.Contains(
            Facts(recording).OfType<HubFact.Market>().Select(fact => fact.Fact)
                .OfType<MarketFact.Awarded>(),
            fact => born.Any(one => one.Child == fact.Winner.Node));
    }

    // Crashes of all machines in the middle of what they do, parents that die before they have a number, hubs
    // and nodes that call every four days over links that lose: numbers are conserved and never exceeded at
    // every look, or the run ends.
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    public void Whatever_is_lost_nobody_is_born_twice_and_each_has_its_capital_once(ulong seed)
    {
        Scenario fleet = Growing(100);
        var durable = new Durable();
        RunReport report = SimulationRun.Play(new RunOptions
        {
            Scenario = fleet with
            {
                Links = fleet.Links with { NodePeriodHours = 96, NodeWindowHours = 6 },
                Market = fleet.Market with { CycleHours = 96 },
                Faults = fleet.Faults with
                {
                    CrashesPer30Days = 30,
                    DeathsPercentPer30Days = 75,
                    LossPercent = 20,
                    DuplicatePercent = 10,
                },
            },
            Seed = seed,
            Facts = durable,
        });
        BirthFigures births = report.Births!;
        output.WriteLine($"{births}, {report.Crashes} crashes");
        Assert.InRange(births.Born, 10, (int)births.Quota);
        Assert.Equal(births.Built, births.Born + births.Shown + births.Asked + births.Parentless);
        Assert.True(births.Orphaned > 0 && report.Crashes > 10);
        Assert.True(report.Ledger.Balanced);
        BirthFact.Born[] born = [.. durable.Births.OfType<BirthFact.Born>()];
        Assert.InRange(born.Length, births.Born, births.Born + births.Shown);
        Assert.Equal(born.Length, born.Select(one => one.Certificate.Child).Distinct().Count());
        int enrolled = 0;
        foreach (NodeId child in born.Select(one => one.Certificate.Child))
        {
            int times = durable.Enrolled.Count(node => node == child);
            Assert.InRange(times, 0, 1);
            Assert.Equal(times, durable.Seeded.Count(node => node == child));
            enrolled += times;
        }

        Assert.InRange(enrolled, 10, born.Length);
    }

    [Fact]
    public void When_the_quota_is_used_up_machines_wait_and_the_report_says_so()
    {
        (RunReport report, _) = Play(Growing(30), 5);
        BirthFigures births = report.Births!;
        output.WriteLine($"{births}");
        Assert.InRange(births.Quota, 1, births.Built / 2);
        Assert.Equal(births.Quota, births.Born);
        Assert.Equal(births.Built - births.Born, births.Asked);
        Assert.True(births.Declined > births.Asked);
    }

    // A hub is lost for good, and its nodes are another's.
    [Fact]
    public void Where_no_parent_is_left_machines_stand_and_wait()
    {
        Scenario fleet = Growing(100);
        (RunReport report, _) = Play(
            fleet with
            {
                Faults = fleet.Faults with
                {
                    LostHubDay = 8,
                    LostHubDays = 60,
                    LostHubGoesOn = 0,
                    LostHubAdoptedDays = 3,
                },
            },
            5);
        BirthFigures births = report.Births!;
        output.WriteLine($"{births}");
        Assert.InRange(births.Parentless, 5, births.Built - births.Born);
        Assert.True(report.Ledger.Balanced);
        Assert.Equal(births.Built, births.Born + births.Shown + births.Asked + births.Parentless);
    }

    [Fact]
    public void The_same_seed_bears_the_same_machines_with_any_scheduler()
    {
        Scenario fleet = Growing(60);
        var options = new RunOptions
        {
            Seed = 5,
            Scenario = fleet with { Faults = fleet.Faults with { CrashesPer30Days = 20 } },
        };
        RunReport first = SimulationRun.Play(options);
        Assert.Equal(first.TraceSha256, SimulationRun.Play(options).TraceSha256);
        using var heaped = new FleetSimulation(options, scheduler: new HeapScheduler());
        RunReport other = heaped.Play();
        Assert.Equal((first.TraceSha256, first.Births), (other.TraceSha256, other.Births));
    }

    // Operators of a mission that names keys sign the quota, too.
    [Fact]
    public void A_quota_is_signed_where_operators_sign_rollouts()
    {
        Scenario fleet = Growing(100);
        (RunReport report, Recording recording) = Play(
            fleet with
            {
                Rollouts =
                [
                    new NamedRollout
                    {
                        Name = "release",
                        Function = SkillFunction.Extraction,
                        Day = 2,
                        Kilobytes = 6,
                        Lane = RolloutLane.Standard,
                        AuthorityDays = 40,
                        DivergencePercent = 5,
                        Fault = ReleaseFault.None,
                        FaultClass = 0,
                        FaultPercent = 0,
                        CalledBackDay = 0,
                        StrainPercent = 0,
                        Signatures = 1,
                    },
                ],
            },
            5);
        Assert.True(report.Births!.Born > 10, $"{report.Births}");
        Assert.True(report.Rollouts.Single().Exposed > 0);
        Assert.Equal(2, recording.Steps[Party.Strategy].SelectMany(step => step.Facts)
            .OfType<StrategyFact.QuotaSigned>().Single().Signatures.Length);
    }

    /// <summary>What hubs remember, whatever crashed.</summary>
    private sealed class Durable : IFactSink
    {
        public List<BirthFact> Births { get; } = [];

        public List<NodeId> Enrolled { get; } = [];

        public List<NodeId> Seeded { get; } = [];

        public void Take(Party machine, Instant at, IReadOnlyList<HubFact> facts)
        {
            Births.AddRange(facts.OfType<HubFact.Birth>().Select(fact => fact.Fact));
            Enrolled.AddRange(facts.OfType<HubFact.NodeEnrolled>().Select(fact => fact.Node));
            Seeded.AddRange(facts.OfType<HubFact.Posted>().Select(fact => fact.Posting)
                .Where(posting => posting.From.Kind == AccountKind.Reserve
                    && posting.To.Kind == AccountKind.Balance)
                .Select(posting => new NodeId((uint)posting.To.Number)));
        }

        public void Take(Party machine, Instant at, IReadOnlyList<StrategyFact> facts)
        {
        }
    }

    private static IEnumerable<HubFact> Facts(Recording recording) => recording.Steps
        .Where(steps => steps.Key.Kind == PartyKind.Hub)
        .SelectMany(steps => steps.Value).SelectMany(step => step.Facts).Cast<HubFact>();

    private static (RunReport Report, Recording Recording) Play(Scenario scenario, ulong seed)
    {
        var recording = new Recording();
        using var simulation = new FleetSimulation(
            new RunOptions { Scenario = scenario, Seed = seed }, tap: recording);
        return (simulation.Play(), recording);
    }

    private static Scenario Growing(double percent)
    {
        Scenario calm = Calm.Fleet(5);
        return calm with
        {
            Growth = new GrowthSection
            {
                DoublingDays = 12,
                GenerationDays = 15,
                Generations = 4,
                AgeDays = 36,
                Commissions = 1,
                BornPercent = percent,
            },
            Fleet = calm.Fleet with { Variants = 2 },
            Stream = Calm.SmallAndUrgent(calm.Stream),
        };
    }
}
