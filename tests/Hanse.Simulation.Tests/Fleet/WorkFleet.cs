using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.IO.Facts;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>A region of forty miners at Kalliope, with other work than deliveries.</summary>
internal sealed class WorkFleet : IFactSink
{
    private readonly LedgerAudit _audit = new();

    private WorkFleet()
    {
    }

    /// <summary>What hubs remembered of their markets.</summary>
    public List<MarketFact> Market { get; } = [];

    /// <summary>All steps, as an auditor reads them.</summary>
    public List<FactStep> Steps { get; } = [];

    /// <summary>Everything else that hubs remembered.</summary>
    public List<HubFact> Hub { get; } = [];

    /// <summary>What the strategic layer remembered.</summary>
    public List<StrategyFact> Strategy { get; } = [];

    /// <summary>What truly stands of all that was built, grams.</summary>
    public double Built { get; private set; }

    public RunReport Report { get; private set; } = null!;

    /// <summary>Plays, with the ledger audited on the way.</summary>
    public static WorkFleet Play(RunOptions options, WorldTwist? twist = null)
    {
        var fleet = new WorkFleet();
        using var simulation = new FleetSimulation(options with { Facts = fleet }, twist);
        fleet.Report = simulation.Play();
        fleet.Built = simulation.Built;
        Assert.True(fleet._audit.Finding is null, $"{fleet._audit.Finding}");
        return fleet;
    }

    public IEnumerable<T> Of<T>()
        where T : MarketFact => Market.OfType<T>();

    /// <summary>The bounties of a kind that were opened.</summary>
    public ImmutableSortedDictionary<BountyId, Bounty> Opened(WorkKind kind) =>
        Of<MarketFact.BountyOpened>().Select(opened => opened.Bounty)
            .Concat(Of<MarketFact.BountyAdopted>().Select(adopted => adopted.Bounty))
            .Where(bounty => bounty.Kind == kind)
            .DistinctBy(bounty => bounty.Id)
            .ToImmutableSortedDictionary(bounty => bounty.Id, bounty => bounty);

    /// <summary>What was delivered for a kind of work.</summary>
    public IEnumerable<(MarketFact.Awarded Award, MarketFact.Delivered Delivery)> Delivered(WorkKind kind)
    {
        ImmutableSortedDictionary<BountyId, Bounty> bounties = Opened(kind);
        var awards = Of<MarketFact.Awarded>().Where(award => bounties.ContainsKey(award.Winner.Bounty))
            .ToDictionary(award => award.Contract);
        return Of<MarketFact.Delivered>().Where(delivery => awards.ContainsKey(delivery.Contract))
            .Select(delivery => (awards[delivery.Contract], delivery));
    }

    public void Take(Party machine, Instant at, IReadOnlyList<HubFact> facts)
    {
        Market.AddRange(facts.OfType<HubFact.Market>().Select(market => market.Fact));
        Hub.AddRange(facts.Where(fact => fact is not HubFact.Market));
        Audit(new FactStep(machine, 1, at, [.. facts], []));
    }

    public void Take(Party machine, Instant at, IReadOnlyList<StrategyFact> facts)
    {
        Strategy.AddRange(facts);
        Audit(new FactStep(machine, 1, at, [], [.. facts]));
    }

    private void Audit(FactStep step)
    {
        Steps.Add(step);
        _audit.Take(step, 0);
    }

    /// <summary>The mission.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="work">Work other than deliveries.</param>
    /// <param name="change">What else is different.</param>
    public static RunOptions Options(
        ulong seed, Func<WorkSection, WorkSection> work, Func<Scenario, Scenario>? change = null)
    {
        Scenario calm = Calm.Fleet(1);
        Scenario scenario = calm with
        {
            Days = 40,
            Fleet = calm.Fleet with { Nodes = 40, BuildSpreadPercent = 4 },
            Regions = calm.Regions with
            {
                Count = 1,
                Anchors = ["Kalliope"],
                DepotNames = ["Alpha"],
                AssayErrorPercent = 10,
            },
            Market = calm.Market with { MilestoneWindows = 2, ExtensionHours = 24, BondPercent = 5 },
            Returns = calm.Returns with
            {
                RawLeavesPerDay = 0,
                ValidationCorePercent = 5,
                ExtraSecondsPerReturn = 0,
            },
            Stream = Calm.SmallAndUrgent(calm.Stream) with { TonnesPerNodeDay = 0.6 },
            Work = work(calm.Work with
            {
                SurveyHours = 12,
                SurveySigmaPercent = 4,
                SurveyHeldPercent = 40,
                SurveyHoldDays = 15,
                DigSigmaPercent = 8,
                SurveysPer30Days = 0,
                BuildHoursPerTonne = 6,
                InspectionHours = 4,
                InspectionSigmaPercent = 0.5,
                BuildFlawPercent = 0,
                BuildsPer30Days = 0,
                TransportsPer30Days = 0,
                TransportLossPercent = 0,
                LossChargePercent = 100,
                RepairHours = 0,
                RepairSparesTonnes = 0,
                RepairWearPercent = 20,
                RepairConsentDays = 8,
                RepairHoldDays = 8,
            }),
            Faults = calm.Faults with
            {
                DeathsPercentPer30Days = 15,
                LossPercent = 2,
                DuplicatePercent = 2,
                ExtraDelaySecondsMax = 20,
                BlackoutsPer30Days = 1,
                BlackoutHoursMax = 30,
                CrashesPer30Days = 5,
            },
        };
        return new RunOptions { Seed = seed, Scenario = change is null ? scenario : change(scenario) };
    }
}
