using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Orders in a fleet: a survey, what is dug after it, and what is built of that.</summary>
public sealed class OrderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Parts_open_when_those_before_them_are_filled_and_the_whole_is_built(ulong seed)
    {
        WorkFleet fleet = WorkFleet.Play(Options(seed, credits: 20, within: 75));
        OrderFigures order = Assert.Single(fleet.Report.Orders);
        string days = string.Join(", ", fleet.Strategy.OfType<StrategyFact.BountyReported>()
            .Where(fact => fact.Report.Bounty.IsPart).Select(fact => $"{fact.Report}"));
        Assert.True((5, 5, BountyOutcome.Filled) == (order.Parts, order.Filled, order.Outcome), days);
        Assert.InRange(order.Paid, 0.01, order.Worth);
        Assert.Equal([0, 1, 2, 3, 4], Posted(fleet).Select(bounty => bounty.Id.PartOfOrder));
        Assert.Equal(
            [WorkKind.Survey, WorkKind.Deliver, WorkKind.Deliver, WorkKind.Build, WorkKind.Build],
            Posted(fleet).Select(bounty => bounty.Kind));
        WorkOrder given = fleet.Strategy.OfType<StrategyFact.OrderPosted>().Single().Order;
        Assert.InRange(Posted(fleet).Sum(bounty => bounty.Worth.Micro), 0, given.Value.Micro);
    }

    [Fact]
    public void What_nobody_does_costs_nothing_of_what_would_have_come_after()
    {
        WorkFleet fleet = WorkFleet.Play(Options(3, credits: 0.02, within: 20));
        OrderFigures order = Assert.Single(fleet.Report.Orders);
        Assert.Equal(BountyOutcome.Unfilled, order.Outcome);
        Assert.InRange(Posted(fleet).Count(), 1, 2);
    }

    private static IEnumerable<Bounty> Posted(WorkFleet fleet) => fleet.Strategy
        .OfType<StrategyFact.BountyPosted>().Select(fact => fact.Bounty).Where(bounty => bounty.Id.IsPart);

    private static RunOptions Options(ulong seed, double credits, double within) => WorkFleet.Options(
        seed,
        work => work with { SurveyHoldDays = 1 },
        scenario => scenario with
        {
            Days = 80,

            // What waits for a part waits in vain if that ends a crumb short.
            Market = scenario.Market with { FillTolerancePercent = 2 },
            Stream = scenario.Stream with { TonnesPerNodeDay = 0.2 },
            Orders =
            [
                new NamedOrder
                {
                    Name = "A smelter",
                    Depot = "Alpha",
                    Credits = credits,
                    TimePercent = 20,
                    PostedDay = 1,
                    WithinDays = within,
                    Parts =
                    [
                        Part("Survey", WorkKind.Survey, 2, Commodity.Iron, 1),
                        Part("Iron", WorkKind.Deliver, 0, Commodity.Iron, 20, "Survey"),
                        Part("Nickel", WorkKind.Deliver, 0, Commodity.Nickel, 8, "Survey"),
                        Part("Frame", WorkKind.Build, 2, Commodity.Iron, 16, "Iron"),
                        Part("Hearth", WorkKind.Build, 2, Commodity.Nickel, 6, "Nickel", "Frame"),
                    ],
                },
            ],
        });

    private static NamedPart Part(
        string name, WorkKind kind, int site, Commodity commodity, double tonnes,
        params ReadOnlySpan<string> after) => new()
        {
            Name = name,
            Kind = kind,
            Site = site,
            Commodity = commodity,
            Tonnes = tonnes,
            LotTonnes = Math.Min(tonnes, 2),
            After = [.. after],
        };
}
