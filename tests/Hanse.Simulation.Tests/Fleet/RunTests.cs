using System;
using System.IO;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Merge;
using Hanse.Core.Node;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Kernel;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

public class RunTests
{
    // Played once, whoever looks at it.
    private static readonly Lazy<RunReport> _three = new(() => SimulationRun.Play(Options(3)));
    private static readonly Lazy<RunReport> _seven = new(() => SimulationRun.Play(Options(7)));

    [Fact]
    public void The_same_seed_gives_the_same_trace_and_another_seed_another()
    {
        RunReport first = _three.Value;
        RunReport again = SimulationRun.Play(Options(3));
        RunReport other = SimulationRun.Play(Options(4) with { Scenario = Options(3).Scenario });
        Assert.Equal(first.TraceSha256, again.TraceSha256);
        Assert.NotEqual(first.TraceSha256, other.TraceSha256);
    }

    [Fact]
    public void Another_scheduler_gives_the_same_trace()
    {
        using var heaped = new FleetSimulation(Options(3), scheduler: new HeapScheduler());
        Assert.Equal(_three.Value.TraceSha256, heaped.Play().TraceSha256);
    }

    [Fact]
    public void The_hash_is_that_of_the_text()
    {
        using var text = new MemoryStream();
        RunReport report = SimulationRun.Play(Options(5) with { Trace = text });
        Assert.True(text.Length > 10_000);
        Assert.Equal(
            report.TraceSha256,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(text.ToArray())));
    }

    // Every leaf is drawn here, and one in four is spoiled, so a store stays unfound for a few days.
    [Fact]
    public void Raw_logs_that_rot_are_found_by_audits_and_nobody_else_is_quarantined()
    {
        RunOptions drawn = Options(8);
        RunReport rotten = SimulationRun.Play(drawn with
        {
            HealAfter = TimeSpan.FromDays(14), // The run then demands that no honest node is quarantined.
            Scenario = drawn.Scenario with
            {
                Returns = drawn.Scenario.Returns with { RawLeavesPerDay = 2 },
                Faults = drawn.Scenario.Faults with
                {
                    DeathsPercentPer30Days = 0,
                    RottenLogsPercent = 100,
                },
            },
        });
        ReturnFigures returns = rotten.Returns;
        Assert.InRange(returns.Audits.Bad, 1, returns.Audits.Blocks / 2);
        Assert.InRange(returns.Quarantined, 15, 20);
        Assert.Contains(returns.Reasons, reason => reason.Reason == "LeafWrong");
    }

    // No omniscience: wear is twice what it was, every sensor shows what it showed, and nobody does anything
    // else.
    [Fact]
    public void Changing_the_truth_without_changing_a_reading_changes_no_effect()
    {
        RunReport plain = _seven.Value;
        RunReport twisted = Play(Options(7), new WorldTwist(WearTruth: 2));
        Assert.Equal(plain.TraceSha256, twisted.TraceSha256);
        Assert.NotEqual(plain.TwinError.WearPercent.P99, twisted.TwinError.WearPercent.P99);
    }

    [Fact]
    public void A_run_with_reviews_plays_the_same_again_and_a_word_on_another_case_is_not_given()
    {
        var impostor = new WorldTwist(Impostor: 0);
        var none = new ReviewDesk([]);
        RunReport without = Play(Options(9) with { Reviews = none }, impostor);
        RegionCase known = Assert.Single(none.Open, IsImpostors);
        var doubt = (ReviewMatter.Doubt)known.Case.Matter;
        Assert.Equal(none.Open.Length, without.Returns.OpenCases);

        // Let in again, it is doubted again: a new case.
        var word = new OperatorWord(known, IsAccepted: true);
        var desk = new ReviewDesk([word]);
        RunReport with = Play(Options(9) with { Reviews = desk }, impostor);
        Assert.Empty(desk.Stale);
        Assert.True(Assert.Single(desk.Open, IsImpostors).Case.Number > known.Case.Number);
        Assert.NotEqual(without.TraceSha256, with.TraceSha256);
        var same = new ReviewDesk([word]);
        Assert.Equal(with.TraceSha256, Play(Options(9) with { Reviews = same }, impostor).TraceSha256);

        var other = new OperatorWord(
            known with { Case = known.Case with { Matter = doubt with { Node = new NodeId(2) } } }, true);
        var stale = new ReviewDesk([other]);
        Assert.Equal(without.TraceSha256, Play(Options(9) with { Reviews = stale }, impostor).TraceSha256);
        Assert.Equal([other], stale.Stale);

        static bool IsImpostors(RegionCase open) =>
            open.Case.Matter is ReviewMatter.Doubt { Node.Value: 1 };
    }

    // The checker sees that nothing is paid twice and no credit lost; here, that there was something to see.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_lost_hub_is_taken_over_and_its_nodes_and_bounties_go_on(int goesOn)
    {
        int moves = 0;
        int taken = 0;
        for (ulong seed = 31; seed < 34; seed++)
        {
            RunOptions drawn = Options(seed);
            RunReport report = SimulationRun.Play(drawn with
            {
                Scenario = drawn.Scenario with
                {
                    Days = 24,
                    Regions = drawn.Scenario.Regions with { Count = 2 },
                    Links = drawn.Scenario.Links with { NodePeriodHours = 8, NodeWindowHours = 2 },
                    Stream = drawn.Scenario.Stream with { TonnesPerNodeDay = 0.5, WorthOverCostMax = 3 },
                    Faults = drawn.Scenario.Faults with
                    {
                        DeathsPercentPer30Days = 0,
                        GreatBlackoutDays = 0,
                        StrategyBlackoutDays = 0,
                        LostHubDay = 4,
                        LostHubDays = 9,
                        LostHubGoesOn = goesOn,
                        LostHubAdoptedDays = 1,
                        HandoversPer30Days = 0,
                    },
                },
            });
            Assert.True(report.Ledger.Balanced);
            moves += report.Moves;
            taken += report.Honoured + report.Recounted;
        }

        Assert.True(moves >= 2 * 10, $"{moves} moves");
        Assert.True(taken > 0, "no work went on");
    }

    [Fact]
    public void Silence_is_not_empty_nodes_deviate_and_twins_are_wrong()
    {
        RunReport report = _seven.Value;
        Assert.True(report.Deviations > 0);
        Assert.True(report.TwinError.PropellantKilograms.P99 > 0);
        Assert.True(report.TwinError.PropellantKilograms.Samples > 0);
        Assert.True(report.Messages.ReportBytesPerNodeDay < report.Messages.FullTelemetryBytesPerNodeDay);
    }

    [Fact]
    public void The_books_balance_and_checks_were_made()
    {
        RunReport report = SimulationRun.Play(Options(8));
        Assert.True(report.Ledger.Balanced);
        Assert.True(report.Checks > 100);
        Assert.Equal(
            report.Ledger.Minted,
            report.Ledger.Escrow + report.Ledger.InTransit + report.Ledger.Balances + report.Ledger.Burned,
            6);
    }

    // The node has stopped by its own clock before its hub gives the work away by its own: here with the
    // instants of both facts, in true time, beside the checker's look at the node's state.
    [Fact]
    public void A_node_stops_before_its_hub_takes_the_contract_back()
    {
        int expired = 0;
        for (ulong seed = 20; seed < 26; seed++)
        {
            RunOptions drawn = Options(seed);
            RunOptions options = drawn with
            {
                Scenario = drawn.Scenario with
                {
                    Faults = drawn.Scenario.Faults with
                    {
                        DeathsPercentPer30Days = 0,
                        BlackoutsPer30Days = 6,
                        BlackoutHoursMax = 100,
                        LossPercent = 20,
                    },
                    Market = drawn.Scenario.Market with { DueSlackHours = 0 },
                },
            };
            expired += LeasesInOrder(options);
        }

        Assert.True(expired > 0, "no contract expired: the test saw nothing");
    }

    [Fact]
    public void A_planted_early_expiry_is_found()
    {
        // Every node still holds what is being given away.
        var checker = new Checker((_, _) => true, _ => 0, node => (int)node.Value - 1);
        Core.Market.Contract contract = new()
        {
            Id = new ContractId(1),
            Epoch = new Epoch(1),
            Winner = new Core.Market.Winner(
                new BountyId(1), new NodeId(1), new Core.Units.Grams(1), default, default, default, default),
            AcceptBy = default,
            Due = default,
            Status = Core.Market.ContractStatus.Expired,
        };
        _ = Assert.Throws<BrokenInvariantException>(
            () => checker.Returned(0, contract, Core.Messages.ContractOutcome.Expired));
    }

    private static int LeasesInOrder(RunOptions options)
    {
        var recording = new Recording();
        using var simulation = new FleetSimulation(options, tap: recording);
        _ = simulation.Play();
        int expired = 0;
        foreach (Party hub in recording.Steps.Keys.Where(p => p.Kind == PartyKind.Hub))
        {
            foreach (RecordedStep step in recording.Steps[hub])
            {
                foreach (HubFact.Market fact in step.Facts.OfType<HubFact.Market>())
                {
                    if (fact.Fact is Core.Market.MarketFact.Returned
                        {
                            Outcome: Core.Messages.ContractOutcome.Expired,
                        } returned)
                    {
                        expired++;
                        AssertStopped(recording, options, hub, step, returned.Contract);
                    }
                }
            }
        }

        return expired;
    }

    private static void AssertStopped(
        Recording recording, RunOptions options, Party hub, RecordedStep expiry, ContractId contract)
    {
        Core.Market.MarketFact.Awarded award = recording.Steps[hub]
            .SelectMany(step => step.Facts.OfType<HubFact.Market>())
            .Select(fact => fact.Fact)
            .OfType<Core.Market.MarketFact.Awarded>()
            .Single(awarded => awarded.Contract == contract);
        var rules = new Blueprint(options.Scenario, options.Seed).Rules;

        // By the clocks' stated error the two can never overlap.
        Assert.True(expiry.Now >= award.Due + rules.ClockErrorMax);
        if (recording.Steps.TryGetValue(Party.Of(award.Winner.Node), out var steps))
        {
            foreach (RecordedStep step in steps)
            {
                bool begins = step.Facts.OfType<NodeFact.WorkBegun>().Any(begun =>
                    begun.Award.Contract == contract);
                Assert.False(begins && step.Now >= award.Due - rules.ClockErrorMax);
            }

            Assert.All(
                steps.Where(step => step.Facts.OfType<NodeFact.Lapsed>().Any(l => l.Contract == contract)),
                step => Assert.True(step.Now <= award.Due + rules.ClockErrorMax));
        }
    }

    private static RunReport Play(RunOptions options, WorldTwist twist)
    {
        using var simulation = new FleetSimulation(options, twist);
        return simulation.Play();
    }

    private static RunOptions Options(ulong seed)
    {
        RunOptions drawn = Swarm.Draw(seed, null);
        return drawn with
        {
            Scenario = drawn.Scenario with
            {
                Days = 15,
                Growth = GrowthSection.None,
                Fleet = drawn.Scenario.Fleet with { Nodes = 20 },
                Faults = drawn.Scenario.Faults with { CrashesPer30Days = 0 },
            },
            HealAfter = null,
        };
    }
}
