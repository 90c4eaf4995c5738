using System;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>What milestones, extensions, bonds and withdrawn bounties do in a fleet; that nothing is paid
/// twice or unpaid is checked in every run.</summary>
public sealed class ContractLifeTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void With_milestones_the_work_of_the_dead_is_back_sooner(ulong seed)
    {
        RunReport without = Play(seed, market => market);
        RunReport with = Play(seed, market => market with { MilestoneWindows = 2 });
        OrphanFigures late = without.Economy.Orphans;
        OrphanFigures soon = with.Economy.Orphans;
        Assert.Equal(0, without.Contracts.Missed);
        Assert.InRange(with.Contracts.Missed, 5, int.MaxValue);
        Assert.InRange(soon.Asked, 3, int.MaxValue);
        Assert.Equal((soon.Asked, 0), (soon.AskedWithinCycle, soon.Missed));
        Assert.True(
            soon.MeanHoursFromDeath < 0.7 * late.MeanHoursFromDeath,
            $"{soon.MeanHoursFromDeath} h after a death with milestones, {late.MeanHoursFromDeath} h "
                + "without");
    }

    [Fact]
    public void After_a_blackout_most_of_the_silent_hold_their_work_again()
    {
        RunReport report = Play(
            5, market => market with { MilestoneWindows = 1, BondPercent = 20 }, blackouts: 6);
        Assert.InRange(report.Contracts.Resumed, 5, report.Contracts.Missed);
    }

    [Fact]
    public void A_due_time_that_moves_saves_work_that_slips()
    {
        RunReport without = Play(6, market => market with { DueSlackHours = 0 }, deaths: 0, error: 30);
        RunReport with = Play(
            6, market => market with { DueSlackHours = 0, ExtensionHours = 72 }, deaths: 0, error: 30);
        Assert.Equal(0, without.Contracts.Extended);
        Assert.InRange(with.Contracts.Extended, 3, int.MaxValue);
        Assert.True(
            Lost(with) < Lost(without),
            $"{Lost(with)} contracts lost with extensions, {Lost(without)} without");
    }

    [Fact]
    public void Work_that_is_withdrawn_ends_by_the_scale_or_by_an_answer()
    {
        RunReport report = Play(7, market => market with { BondPercent = 20 }, deaths: 0, cancels: 90);
        ContractCounts contracts = report.Contracts;
        Assert.True(contracts.Cancelled >= 10, $"{contracts} {report.Bounties}");
        Assert.InRange(report.Bounties.Withdrawn, 5, int.MaxValue);
        int ended = contracts.Settled + contracts.Expired + contracts.Released + contracts.Cancelled;
        Assert.InRange(contracts.Awarded - ended, 0, report.Nodes); // The rest is under way.
        Assert.True(report.Ledger.Balanced);
    }

    // Half of the machines die in a month, the deadlines leave no time for a second trip, and nodes have
    // time. Where they have none, what is asked for in case keeps them from what is needed.
    [Fact]
    public void Critical_bounties_with_a_backup_are_filled_more_often()
    {
        (int count, int without, int with) = (0, 0, 0);
        for (ulong seed = 60; seed < 64; seed++)
        {
            RunReport report = Play(seed, market => market, backup: 0.001, stream: (0.5, 5));
            RunReport secured = Play(seed, market => market, backup: 30, stream: (0.5, 5));
            count += secured.Economy.Critical.Count;
            without += report.Economy.Critical.Whole;
            with += secured.Economy.Critical.Whole;
            Assert.True(secured.Ledger.Balanced);
            Assert.InRange(secured.Economy.Critical.BeyondByMass, 0, 0.3);
        }

        Assert.True(with > without + 2, $"{with} of {count} with a backup, {without} without");
    }

    // Nobody has half of a joint work for long: it comes whole, or next to nothing comes of it.
    [Fact]
    public void Joint_works_come_whole_or_not_at_all()
    {
        (int count, int whole, int none) = (0, 0, 0);
        for (ulong seed = 60; seed < 63; seed++)
        {
            RunReport report = Play(seed, market => market, deaths: 20, stream: (0.5, 10), joint: 60);
            count += report.Economy.Joint.Count;
            whole += report.Economy.Joint.Whole;
            none += report.Economy.Joint.None;
            Assert.True(report.Ledger.Balanced);
        }

        Assert.True(count > 30 && whole > 0.6 * count, $"{whole} of {count} whole, of {none} nothing came");
        Assert.True(whole + none > 0.75 * count, $"{whole} of {count} whole, of {none} nothing came");
    }

    // Works of up to three fifths of the fleet, which is otherwise busy.
    [Fact]
    public void More_large_joint_works_begin_where_nodes_are_held_back_for_them()
    {
        (int count, int without, int with, int held) = (0, 0, 0, 0);
        (double before, double after) = (0, 0);
        for (ulong seed = 60; seed < 64; seed++)
        {
            RunReport report = Play(seed, Large, deaths: 0, stream: (1, 14), joint: 60);
            RunReport holding = Play(
                seed, market => Large(market) with { JointHoldPercent = 70, JointHoldBatches = 10 },
                deaths: 0, stream: (1, 14), joint: 60);
            count += holding.Economy.Joint.Count;
            without += report.Economy.Joint.Begun;
            with += holding.Economy.Joint.Begun;
            held += holding.Economy.Joint.HeldBack;
            before += report.Economy.Surplus;
            after += holding.Economy.Surplus;
            Assert.Equal(0, report.Economy.Joint.HeldBack);
            Assert.True(holding.Ledger.Balanced);
        }

        Assert.True(
            held > 0 && with > without,
            $"{with} of {count} begun with holds, {without} without; {held} held, {after} for {before}");
        Assert.True(after > 0.95 * before, $"{after} for {before}");

        static MarketSection Large(MarketSection market) => market with { FillTolerancePercent = 2 };
    }

    private static int Lost(RunReport report) => report.Contracts.Expired + report.Contracts.Released;

    private static RunReport Play(
        ulong seed, Func<MarketSection, MarketSection> change, double blackouts = 0, double deaths = 50,
        double error = 3, double cancels = 0, double backup = 0,
        double joint = 0, (double Load, double Days) stream = default)
    {
        Scenario calm = Calm.Fleet(1);
        return SimulationRun.Play(new RunOptions
        {
            Seed = seed,
            Scenario = calm with
            {
                Fleet = calm.Fleet with { Nodes = 40, BuildSpreadPercent = error },
                Regions = calm.Regions with
                {
                    Count = 1,
                    Anchors = ["Kalliope"],
                    AssayErrorPercent = 1.6 * error,
                },
                Market = change(calm.Market),
                Returns = calm.Returns with { RawLeavesPerDay = 0 },
                Stream = Calm.SmallAndUrgent(calm.Stream) with
                {
                    TonnesPerNodeDay = stream.Days > 0 ? stream.Load : 1.2,
                    WithinDaysMin = stream.Days > 0 ? stream.Days : 8,
                    WithinDaysMax = stream.Days > 0 ? stream.Days + 1 : 14,
                    CancelPercent = cancels,
                    CriticalPercent = backup > 0 ? 30 : 0,
                    BackupPercent = backup,
                    JointPercent = joint,
                },
                Faults = calm.Faults with
                {
                    DeathsPercentPer30Days = deaths,
                    LossPercent = 2,
                    DuplicatePercent = 2,
                    ExtraDelaySecondsMax = 20,
                    BlackoutsPer30Days = blackouts,
                    BlackoutHoursMax = 30,
                    CrashesPer30Days = 5,
                },
            },
        });
    }
}
