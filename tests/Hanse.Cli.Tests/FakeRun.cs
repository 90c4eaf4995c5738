using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Messages;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Tests;

/// <summary>Stands in for the simulator: its figures are invented, but they are shaped like a run's and are
/// the same for the same scenario and seed.</summary>
internal static class FakeRun
{
    // The fake fleet needs this long for what a bounty wants.
    private const double DaysToFill = 36.2;

    public static RunReport Play(RunOptions options)
    {
        Scenario scenario = options.Scenario;
        TimeSpan total = TimeSpan.FromDays(scenario.Days);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<RunEvent> news = [];
        TimeSpan next = TimeSpan.Zero;
        for (TimeSpan now = TimeSpan.Zero; now <= total; now += TimeSpan.FromHours(1))
        {
            int hour = (int)now.TotalHours;
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{now.Ticks / 10} node-{hour % scenario.Fleet.Nodes} "
                    + $"woken{{draw={(ulong)hour * (options.Seed + 1)}}}\n");
            byte[] bytes = Encoding.UTF8.GetBytes(line);
            hash.AppendData(bytes);
            options.Trace?.Write(bytes);
            news.AddRange(Happen(now, hour));
            if (now >= next || now + TimeSpan.FromHours(1) > total)
            {
                next = now + options.ProgressEvery;
                options.Progress?.Report(At(scenario, now, [.. news.TakeLast(50)]));
                news.Clear();
            }
        }

        return Report(scenario, options.Seed, At(scenario, total, []),
            Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    public static RunProgress At(Scenario scenario, TimeSpan now, ImmutableArray<RunEvent> news)
    {
        double days = now.TotalDays;
        int dead = (int)(days * scenario.Fleet.Nodes / 400);
        return new RunProgress
        {
            Elapsed = now,
            Total = TimeSpan.FromDays(scenario.Days),
            Events = (long)(days * 20_000),
            Alive = scenario.Fleet.Nodes - dead,
            Dead = dead,
            UnderContract = scenario.Fleet.Nodes / 3,
            Late = (int)days % 4,
            Bounties = new BountyCounts((int)(days * 4), (int)(days * 2), (int)days, (int)(days / 2),
                (int)days, 0),
            BountiesOpen = (int)days,
            Contracts = new ContractCounts((int)(days * 20), (int)(days * 12), dead / 2, 1, dead / 3,
                (int)days / 9, dead / 4, dead / 5, 0, 0, 0),
            Ledger = new LedgerTotals(1100, 300 - days, 2.5, 780, 17.5 + days, true),
            Staleness = new StalenessFigures(3.9, 9.1),
            Named = [.. scenario.Bounties.Select(bounty => Named(bounty, days))],
            News = news,
        };
    }

    private static IEnumerable<RunEvent> Happen(TimeSpan now, int hour)
    {
        if (hour % 30 == 29)
        {
            yield return new RunEvent(now, RunEventKind.NodeDied, $"node {hour % 497} died under contract "
                + $"{hour * 3}");
        }

        if (hour % 90 == 60)
        {
            yield return new RunEvent(now, RunEventKind.ContractExpired, $"contract {hour * 3} ran out; "
                + "5.0 t are back");
            yield return new RunEvent(
                now, RunEventKind.ContractReawarded, $"node {hour % 331} takes over 5.0 t from contract "
                    + $"{hour * 3}");
        }

        if (hour % 200 == 150)
        {
            yield return new RunEvent(now, RunEventKind.LateDelivery, $"node {hour % 99} delivered 4.9 t "
                + "late");
        }

        if (hour % 6 == 0)
        {
            yield return new RunEvent(now, RunEventKind.BountyPosted, "a bounty that nobody reads about");
        }
    }

    private static NamedBountyStatus Named(NamedBounty bounty, double days)
    {
        double share = Math.Clamp((days - bounty.PostedDay) / DaysToFill, 0, 1);
        bool isFilled = share >= 1;
        return new NamedBountyStatus(
            bounty.Name,
            bounty.Depot,
            bounty.Tonnes,
            bounty.Tonnes * share,
            (int)(bounty.Tonnes * share / 2),
            Math.Min(bounty.Tonnes * (1 - share), 60),
            bounty.Credits * share * 0.63,
            bounty.Credits,
            bounty.PostedDay + bounty.WithinDays,
            isFilled ? bounty.PostedDay + DaysToFill : null,
            isFilled ? BountyOutcome.Filled : null);
    }

    private static RunReport Report(Scenario scenario, ulong seed, RunProgress last, string hash) => new()
    {
        Scenario = scenario.Name,
        Seed = seed,
        IsOracle = false,
        Nodes = scenario.Fleet.Nodes,
        Regions = scenario.Regions.Count,
        SimulatedDays = scenario.Days,
        WallSeconds = 1.5,
        Events = last.Events,
        EventsPerSecond = last.Events / 1.5,
        PeakMemoryBytes = 123_456_789,
        Bounties = last.Bounties,
        Contracts = last.Contracts,
        Ledger = last.Ledger,
        Economy = new EconomyFigures(
            0.91, 0.93, 420, 260, 180, 0, 80, 240,
            new SettledFigures(380, 250, 60, 20, 90, 170, 0.04, 0.03, 1.47, 1.08),
            5.5, 9, 0.8, [new RegionScarcity("Alpha", 380, 1.47, 1.36)], [],
            new CriticalFigures(0, 0, 0, 0),
            new JointFigures(0, 0, 0, 0, 0, 0),
            new OrphanFigures(12, 9, 8, 2, 0, 1, 14, 90), [new NoBidCount("Leased", 900)]),
        TwinError = new TwinErrors(
            new ErrorFigures(40, 260, 250, 9_000),
            new ErrorFigures(20, 140, 150, 9_000),
            new ErrorFigures(0.05, 0.4, 0.5, 9_000),
            new ErrorFigures(2, 18, 20, 9_000)),
        Deviations = 321,
        Replans = 45,
        Messages = new MessageFigures(200_000, 30_000_000, 1_333, 6_048, 210, 4_000, 1_000),
        Returns = new ReturnFigures(
            400, 380, 19, 1, 900, new ConvergenceFigures(0.1, 8, 16), 12, 9, 3,
            new StormFigures(0, new ConvergenceFigures(0, 0, 0)), new AuditFigures(1_200, 2),
            [new ReasonCount("BiasCorrected", 19)],
            [new ConflictCount("LateDelivery", 7, 0), new ConflictCount("CountedTwice", 0, 2)], 3),
        Staleness = last.Staleness,
        PerNodeDay = new WorkRates(0.008, 0.4, 0.04, 0.014, 0.03, 24),
        Berths = new BerthFigures(180, 0.25, 3, 6),
        Deaths = last.Dead,
        Crashes = 0,
        Moves = 0,
        Honoured = 0,
        Recounted = 0,
        Refusals = 17,
        Checks = 1_000_000,
        DeliveredTonnes = 2_400,
        TonnesPerPropellantTonne = 8.25,
        Named = last.Named,
        TraceSha256 = hash,
    };
}
