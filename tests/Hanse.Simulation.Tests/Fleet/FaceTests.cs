using System;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Node;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.Tests.Facts;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A fleet whose sites are crowded: two faces each for thirty machines and eight sites.</summary>
public sealed class FaceTests
{
    // Fifteen days are enough to look at.
    private static readonly Lazy<FactsRun> _priced = new(() => FactsRun.Play(Short(Options(31, 1))));

    private static readonly Lazy<(double Ratio, RunReport Report)> _anyNumber =
        new(() => Learnt(Short(Options(31, 0, faces: 0))));

    [Fact]
    public void Where_faces_have_a_price_nodes_wait_less_and_bring_more()
    {
        RunReport[] without = [.. Enumerable.Range(31, 2).Select(seed => Play((ulong)seed, 0))];
        RunReport[] with = [.. Enumerable.Range(31, 2).Select(seed => Play((ulong)seed, 1))];

        Assert.True(Waited(with) < 0.9 * Waited(without), $"{Waited(with)} h, {Waited(without)} h without");
        Assert.True(with.Sum(Lost) < without.Sum(Lost), $"{with.Sum(Lost)}, {without.Sum(Lost)} without");
        Assert.True(with.Sum(r => r.Economy.Surplus) > without.Sum(r => r.Economy.Surplus));
        Assert.All(with, report => Assert.True(report.Faces.Tolls > 0));
        Assert.All(without, report => Assert.Equal(0, report.Faces.Tolls));
        Assert.All(with, report => Assert.Equal(
            report.Economy.Paid - report.Economy.Cost - report.Economy.Tolls, report.Economy.Profit, 1e-6));
    }

    [Fact]
    public void The_ledger_of_a_run_with_tolls_of_faces_holds_and_says_what_they_were()
    {
        LedgerAudit audit = FactsRun.Audit(_priced.Value.Steps);
        Assert.Null(audit.Finding);
        Assert.True(audit.FaceTolls > default(Credits));
        Assert.Equal(_priced.Value.Report.Faces.Tolls, audit.FaceTolls.Micro / 1e6, 1e-9);
        Assert.Equal(default, audit.Tolls);
    }

    [Fact]
    public void A_toll_that_is_not_what_was_taken_is_found()
    {
        LedgerAudit audit = FactsRun.Audit([.. _priced.Value.Steps.Select(step => step with
        {
            Hub = [.. step.Hub.Select(fact => fact is HubFact.FaceTolled { Amount.Micro: > 0 } tolled
                ? tolled with { Amount = tolled.Amount + new Credits(1) } : fact)],
        })]);
        Assert.NotNull(audit.Finding);
    }

    // Its own wait in a queue is no property of the rock.
    [Fact]
    public void What_nodes_learn_of_sites_has_no_wait_in_it()
    {
        double few = Learnt(Short(Options(31, 0))).Ratio;
        double any = _anyNumber.Value.Ratio;
        Assert.InRange(few / any, 0.9, 1.1);
    }

    [Fact]
    public void Where_any_number_may_dig_nobody_waits_and_nothing_is_told_of_faces()
    {
        RunReport report = _anyNumber.Value.Report;
        Assert.Equal(0, report.Faces.Dug);
        Assert.Equal(0, report.Faces.Tolls);
    }

    // Deaths, breakdowns, cancellations and lapses: the run itself demands that no face stays taken by one
    // that does not dig and that nobody waits for a free one.
    [Fact]
    public void Whoever_is_gone_makes_room()
    {
        RunOptions options = Options(41, 1);
        RunReport report = SimulationRun.Play(options with
        {
            Scenario = options.Scenario with
            {
                Faults = options.Scenario.Faults with
                {
                    DeathsPercentPer30Days = 40,
                    BreakdownsPercentPer30Days = 40,
                    CrashesPer30Days = 3,
                },
                Stream = options.Scenario.Stream with { CancelPercent = 40 },
            },
        });
        Assert.True(report.Deaths > 5);
        Assert.True(report.Repairs.Breakdowns > 5);
        Assert.True(report.Contracts.Cancelled > 0);
        Assert.True(report.Faces.Dug > 50);
    }

    private static (double Ratio, RunReport Report) Learnt(RunOptions options)
    {
        var recording = new Recording();
        using var simulation = new FleetSimulation(options, tap: recording);
        RunReport report = simulation.Play();
        return (recording.Steps.Values.SelectMany(steps => steps).SelectMany(step => step.Facts)
            .OfType<NodeFact.Assayed>().Average(fact => fact.Ratio.Value), report);
    }

    private static double Waited(RunReport[] reports) => reports.Average(report => report.Faces.MeanHours);

    private static long Lost(RunReport report) => report.Contracts.Expired + report.Contracts.Released;

    private static RunReport Play(ulong seed, int prices) => SimulationRun.Play(Options(seed, prices));

    private static RunOptions Short(RunOptions options) =>
        options with { Scenario = options.Scenario with { Days = 15 } };

    private static RunOptions Options(ulong seed, int prices, int faces = 2)
    {
        Scenario calm = Calm.Fleet(seed);
        return new RunOptions
        {
            Scenario = calm with
            {
                Sites = new SiteSection { Faces = faces, Tonnes = 0 },
                Market = calm.Market with { FacePrices = prices },
            },
            Seed = seed,
        };
    }
}
