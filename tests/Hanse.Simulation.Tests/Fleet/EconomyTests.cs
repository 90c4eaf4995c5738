using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

public class EconomyTests
{
    // One node, one site, one load: everything that it costs can be said with a pencil.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void The_cost_of_one_trip_is_what_a_pencil_says(int failureShape)
    {
        RunOptions options = Lonely(failureShape);
        var steps = new Recording();
        ContractAccount? account = null;
        using var simulation = new FleetSimulation(options, tap: steps);
        simulation.Economy.Ended = ended => account = ended;
        RunReport report = simulation.Play();
        Assert.NotNull(account);
        Assert.Equal(ContractOutcome.Settled, account.Outcome);

        // The plan of the mission, and what the machines did.
        var plan = new Blueprint(Foresight.Of(options.Scenario), options.Seed);
        MachineDesign design = plan.Design;
        Chart chart = plan.Regions[0].Chart;
        object[] facts = [.. steps.Steps[Party.Of(new NodeId(1))].SelectMany(step => step.Facts)];
        Order.Extract extract = facts.OfType<NodeFact.Ordered>()
            .Select(ordered => ordered.Order).OfType<Order.Extract>().Single();
        ChartLeg there = chart.Leg(Place.Of(plan.Regions[0].Depot), Place.Of(extract.Site))!;
        ChartLeg back = chart.Leg(Place.Of(extract.Site), Place.Of(plan.Regions[0].Depot))!;

        // Rocket equation, out with full tanks and home with the cargo. Tonnes.
        double exhaust = options.Scenario.Fleet.ExhaustMetresPerSecond;
        double dry = options.Scenario.Fleet.DryTonnes;
        double tank = options.Scenario.Fleet.PropellantTonnes;
        double cargo = extract.Target.Value / 1e6;
        double burnOut = (dry + tank) * (1 - Math.Exp(-there.Cost.MillimetresPerSecond / 1e3 / exhaust));
        double burnHome = (dry + tank - burnOut + cargo)
            * (1 - Math.Exp(-back.Cost.MillimetresPerSecond / 1e3 / exhaust));
        double fuel = options.Scenario.Market.PropellantCreditsPerTonne * (burnOut + burnHome);
        Assert.Equal(fuel, account.Propellant / 1e6, tolerance: 2e-6);

        // Ore dug at the drill's power, each tonne of it holding its grade of cargo.
        double grade = chart.Grade(extract.Site, extract.Commodity).Value / 1e6;
        double hours = cargo / grade * options.Scenario.Fleet.ExtractionMegajoulesPerTonne
            / (options.Scenario.Fleet.PowerKilowatts / 1e3) / 3600;
        double life = (hours * design.WearPerHour.Value / 1e6) + (2 * design.WearPerLeg.Value / 1e6);
        FleetSection fleet = options.Scenario.Fleet;
        double danger = failureShape == 0 ? 0
            : fleet.MachineCredits * Math.Pow(life / (fleet.FailureWearPercent / 100), failureShape);
        Assert.Equal(
            (options.Scenario.Market.SparesCreditsPerLife * life) + danger, account.Wear / 1e6,
            tolerance: 1e-5);
        Assert.Equal(failureShape > 0, danger > 0.005);

        // From the award to the scale, by the hub's clock; a second passes between scale and hub.
        RecordedStep[] hub = [.. steps.Steps[Party.Of(new RegionId(1))]];
        RecordedStep awarded = hub.Single(step => Market(step.Facts).Any(fact => fact is MarketFact.Awarded));
        RecordedStep weighed =
            hub.Single(step => Market(step.Facts).Any(fact => fact is MarketFact.Delivered));
        double time = (weighed.Now - awarded.Now).TotalHours - (1.0 / 3600);
        Assert.Equal(options.Scenario.Market.HourCredits * time, account.Time / 1e6, tolerance: 2e-6);

        // And what it brought: the one bounty at its reserve, since nobody else bid.
        Assert.Equal(1, report.Economy.FilledByMass, tolerance: 1e-9);
        Assert.Equal(options.Scenario.Bounties[0].Credits, report.Economy.Paid, tolerance: 1e-6);
        Assert.Equal(report.Economy.Paid - (account.Cost / 1e6), report.Economy.Surplus, tolerance: 1e-6);
    }

    // Ruins of every kind; nobody takes a hub over, since then credits are paid that nobody has.
    [Theory]
    [InlineData(3)]
    [InlineData(21)]
    [InlineData(37)]
    public void Profits_and_costs_add_up_to_what_was_paid_and_every_gram_burnt_is_some_contracts(ulong seed)
    {
        RunOptions options = Stormy(seed);
        var steps = new Recording();
        List<ContractAccount> ended = [];
        using var simulation = new FleetSimulation(options, tap: steps);
        simulation.Economy.Ended = ended.Add;
        RunReport report = simulation.Play();
        EconomyFigures economy = report.Economy;
        Assert.True(ended.Count > 20);
        Assert.Equal(ended.Count, ended.Select(account => account.Id).Distinct().Count());
        Assert.Equal(ended.Count(account => account.Outcome == ContractOutcome.Settled),
            economy.Settled.Count);
        Assert.Equal(ended.Sum(account => account.Cost) / 1e6, economy.Cost, tolerance: 1e-6);
        Assert.Equal(economy.Paid, economy.Profit + economy.Cost + economy.Tolls, tolerance: 1e-6);
        Assert.Equal(economy.Value, economy.Surplus + economy.Cost, tolerance: 1e-6);

        // By the ledgers: what left an escrow for a node.
        long paid = steps.Steps.Where(machine => machine.Key.Kind == PartyKind.Hub)
            .SelectMany(machine => machine.Value)
            .SelectMany(step => step.Facts)
            .OfType<HubFact.Posted>()
            .Where(posted => posted.Posting.From.Kind == AccountKind.Escrow
                && posted.Posting.To.Kind == AccountKind.Balance)
            .Sum(posted => posted.Posting.Amount.Micro);
        long early = simulation.Economy.UnderWay.Sum(account => account.Paid); // On the way home with it.
        Assert.Equal((paid - early) / 1e6, economy.Paid, tolerance: 1e-6);

        // By the tanks: the contracts that are over and those under way have burnt it all.
        double burnt = report.DeliveredTonnes / report.TonnesPerPropellantTonne;
        double price = options.Scenario.Market.PropellantCreditsPerTonne;
        double accounted = (ended.Sum(account => account.Propellant)
            + simulation.Economy.UnderWay.Sum(account => account.Propellant)) / 1e6;
        Assert.Equal(burnt * price, accounted, tolerance: 1e-6 * report.Contracts.Awarded);
        OrphanFigures orphans = economy.Orphans;
        Assert.Equal(orphans.Count, orphans.Asked + orphans.Gone + orphans.Missed + orphans.Waiting);
    }

    private static IEnumerable<MarketFact> Market(object[] facts) =>
        facts.OfType<HubFact.Market>().Select(fact => fact.Fact);

    private static RunOptions Stormy(ulong seed)
    {
        RunOptions drawn = Swarm.Draw(seed, null);
        return drawn with
        {
            HealAfter = null,
            Scenario = drawn.Scenario with
            {
                Growth = GrowthSection.None,
                Stream = drawn.Scenario.Stream with { TonnesPerNodeDay = 0.5 },
                Faults = drawn.Scenario.Faults with
                {
                    DeathsPercentPer30Days = 40,
                    CrashesPer30Days = 0,
                    LostHubDays = 0,
                    HandoversPer30Days = 0,
                },
            },
        };
    }

    private static RunOptions Lonely(int failureShape)
    {
        Scenario quiet = Stormy(1).Scenario;
        return new RunOptions
        {
            Seed = 5,
            IsOracle = true,
            Scenario = quiet with
            {
                Days = 30,
                Fleet = quiet.Fleet with
                {
                    Nodes = 1,
                    DryTonnes = 3,
                    CargoTonnes = 2,
                    PropellantTonnes = 2.5,
                    PropellantReservePercent = 10,
                    ExhaustMetresPerSecond = 3000,
                    PowerKilowatts = 6,
                    ExtractionMegajoulesPerTonne = 40,
                    WearPercentPerExtractionDay = 0.5,
                    WearPercentPerTransfer = 0.2,
                    FailureShape = failureShape,
                    FailureWearPercent = 4,
                    MachineCredits = 5,
                },
                Conduct = quiet.Conduct with { NoShowsPercent = 0 },
                Regions = quiet.Regions with { Count = 1, Anchors = ["Kalliope"], Sites = 1 },
                Links = quiet.Links with { ConjunctionDegrees = 0, ClockErrorSeconds = 1 },
                Market = quiet.Market with
                {
                    PropellantCreditsPerTonne = 0.05,
                    SparesCreditsPerLife = 10,
                    HourCredits = 0.002,
                    MarginPercent = 0,
                    ReserveStartPercent = 100,
                    FillTolerancePercent = 0,
                },
                Bounties =
                [
                    new NamedBounty
                    {
                        Name = "One load",
                        Commodity = Commodity.Nickel,
                        Tonnes = 2,
                        LotTonnes = 2,
                        BackupPercent = 0,
                        Depot = quiet.Regions.DepotNames[0],
                        Credits = 5,
                        PostedDay = 1,
                        WithinDays = 25,
                    },
                ],
                Demands = [],
                Orders = [],
                Rollouts = [],
                Work = quiet.Work with { SurveyHours = 0, BuildHoursPerTonne = 0 },
                Stream = quiet.Stream with { TonnesPerNodeDay = 0, CancelPercent = 0 },
                Faults = quiet.Faults with
                {
                    DeathsPercentPer30Days = 0,
                    LossPercent = 0,
                    DuplicatePercent = 0,
                    ExtraDelaySecondsMax = 0,
                    BlackoutsPer30Days = 0,
                    GreatBlackoutDays = 0,
                    StrategyBlackoutDays = 0,
                },
            },
        };
    }
}
