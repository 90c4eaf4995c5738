using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.IO.Facts;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Tests.Facts;

/// <summary>The facts of a run, as bytes and as steps.</summary>
internal sealed record FactsRun(RunReport Report, byte[] Bytes, IReadOnlyList<FactStep> Steps)
{
    private static readonly Lazy<FactsRun> _sample = new(() => Play(Sample()));

    private static readonly Lazy<FactsRun> _demands = new(() => Play(Varied(sample => sample with
    {
        Days = 30,
        Fleet = sample.Fleet with { Nodes = 24 },
        Regions = sample.Regions with { Count = 3 },
        Market = sample.Market with
        {
            CycleHours = sample.Links.NodePeriodHours,
            ReserveStartPercent = 100,
            Split = SplitRule.Curves,
        },
        Demands =
        [
            .. Enumerable.Range(1, 3).Select(i => new NamedDemand
            {
                Name = $"Demand {i}",
                Commodity = (Commodity)(i + 1),
                Lots = 30,
                LotTonnes = 1,
                Credits = i == 1 ? 0.3 : 20, // For one of them nobody will move.
                FreightCreditsMin = 0,
                FreightCreditsMax = i == 1 ? 0 : 0.2,
                PostedDay = i,
                WithinDays = 22,
            }),
        ],
    })));

    private static readonly Lazy<FactsRun> _reduced = new(() => Play(Varied(sample => sample with
    {
        Days = 30,
        Stream = sample.Stream with
        {
            TonnesPerNodeDay = 2,
            WorthOverCostMin = 1.5,
            WorthOverCostMax = 3,
            CancelPercent = 90,
        },
        Fleet = sample.Fleet with { Nodes = 24 },
    })));

    private static readonly Lazy<FactsRun> _joint = new(() => Play(Varied(sample => sample with
    {
        Days = 30,
        Stream = sample.Stream with
        {
            TonnesPerNodeDay = 1,
            WorthOverCostMin = 1.5,
            WorthOverCostMax = 3,
            JointPercent = 80,
        },
        Fleet = sample.Fleet with { Nodes = 24 },
        Faults = sample.Faults with { DeathsPercentPer30Days = 50 },
    })));

    /// <summary>The same, with joint works, and deaths that break some of them.</summary>
    public static FactsRun Joint => _joint.Value;

    /// <summary>The same, with bounties of which less is wanted after a while.</summary>
    public static FactsRun Reduced => _reduced.Value;

    /// <summary>Two regions, some deaths, crashes, handovers and paid work.</summary>
    public static FactsRun Shared => _sample.Value;

    /// <summary>Three regions, and demands whose lots come back and are placed again.</summary>
    public static FactsRun Demands => _demands.Value;

    private static RunOptions Varied(Func<Scenario, Scenario> vary)
    {
        RunOptions sample = Sample();
        return sample with { Scenario = vary(sample.Scenario) };
    }

    public static FactsRun Play(RunOptions options)
    {
        using var stream = new MemoryStream();
        var writer = new FactsWriter(stream, new FactsHeader("1.2.3", "swarm", ulong.MaxValue));
        RunReport report = SimulationRun.Play(options with { Facts = new Sink(writer) });
        writer.Complete();
        byte[] bytes = stream.ToArray();
        return new FactsRun(report, bytes, [.. All(new FactsReader(new MemoryStream(bytes)))]);
    }

    /// <summary>All steps that a reader gives.</summary>
    public static IEnumerable<FactStep> All(FactsReader reader)
    {
        while (reader.Read() is { } step)
        {
            yield return step;
        }
    }

    /// <summary>Audits steps.</summary>
    public static LedgerAudit Audit(IEnumerable<FactStep> steps)
    {
        var audit = new LedgerAudit();
        foreach (FactStep step in steps)
        {
            audit.Take(step, 0);
        }

        return audit;
    }

    public static RunOptions Sample()
    {
        RunOptions drawn = Swarm.Draw(3, null);
        return drawn with
        {
            HealAfter = null,
            Scenario = drawn.Scenario with
            {
                Days = 20,
                Growth = GrowthSection.None,
                Market = drawn.Scenario.Market with
                {
                    MilestoneWindows = 2,
                    ExtensionHours = 48,
                    BondPercent = 20,
                    SeedCredits = 2,
                },
                Demands = [],
                Stream = drawn.Scenario.Stream with { CancelPercent = 0 },
                Orders = [],
                Rollouts = [],
                Work = drawn.Scenario.Work with { SurveyHours = 0, BuildHoursPerTonne = 0 },
                Fleet = drawn.Scenario.Fleet with { Nodes = 16 },
                Regions = drawn.Scenario.Regions with { Count = 2 },
                Faults = drawn.Scenario.Faults with { CrashesPer30Days = 1, HandoversPer30Days = 20 },
            },
        };
    }

    private sealed class Sink(FactsWriter writer) : IFactSink
    {
        public void Take(Party machine, Instant at, IReadOnlyList<HubFact> facts) =>
            writer.Append(machine, at, facts);

        public void Take(Party machine, Instant at, IReadOnlyList<StrategyFact> facts) =>
            writer.Append(machine, at, facts);
    }
}
