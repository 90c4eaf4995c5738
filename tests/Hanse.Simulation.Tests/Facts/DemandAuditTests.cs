using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Strategy;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

/// <summary>The audit of lots, against facts that were tampered with.</summary>
public class DemandAuditTests
{
    [Fact]
    public void The_lots_of_a_run_are_where_the_strategic_layer_says()
    {
        FactsRun run = FactsRun.Demands;
        LedgerAudit audit = FactsRun.Audit(run.Steps);
        Assert.Null(audit.Finding);
        Assert.Equal(run.Report.Demands.Length, audit.Demands.Count);
        Assert.True(audit.Demands.Values.Sum(demand => demand.Placings.Sum(placing => placing.Back)) > 10);
        Assert.True(audit.Demands.Values.Sum(demand => demand.Delivered.Value) > 0);
        foreach (AuditedDemand demand in audit.Demands.Values)
        {
            int there = demand.Placings.Sum(placing => placing.Left);
            Assert.Equal(demand.Demand.Lots, demand.Waiting + demand.Settled + there);
        }
    }

    [Fact]
    public void Lots_that_come_back_twice_are_found() => Finds(
        "has not let them go", Strategy(fact => fact is StrategyFact.LotsBack, fact => [fact, fact]));

    [Fact]
    public void Lots_that_are_placed_while_they_are_elsewhere_are_found() => Finds(
        "that are elsewhere",
        Strategy(
            fact => fact is StrategyFact.LotsPlaced,
            fact => [((StrategyFact.LotsPlaced)fact) with { Lots = 31 }]));

    [Fact]
    public void Lots_that_are_posted_as_more_than_was_placed_are_found() => Finds(
        "was not placed like that",
        Strategy(
            fact => fact is StrategyFact.BountyPosted { Bounty.Id.IsLots: true },
            fact =>
            {
                var posted = (StrategyFact.BountyPosted)fact;
                Grams more = posted.Bounty.Total + posted.Bounty.Lot;
                return [posted with { Bounty = posted.Bounty with { Total = more } }];
            }));

    [Fact]
    public void Lots_that_are_worth_more_than_their_demand_says_are_found() => Finds(
        "worth more than their demand",
        Strategy(
            fact => fact is StrategyFact.LotsPlaced,
            fact => [((StrategyFact.LotsPlaced)fact) with { WorthPerLot = Credits.FromWhole(1_000) }]));

    [Fact]
    public void Lots_that_leave_with_less_than_they_are_worth_are_found() => Finds(
        "and are worth",
        Hub(
            fact => fact is HubFact.LotsSent,
            fact =>
            {
                var sent = (HubFact.LotsSent)fact;
                return [sent with { Amount = sent.Amount - new Credits(1) }];
            }));

    [Fact]
    public void Lots_that_leave_though_somebody_holds_them_are_found() => Finds(
        "that somebody holds",
        Hub(
            fact => fact is HubFact.LotsSent,
            fact =>
            {
                var sent = (HubFact.LotsSent)fact;
                return [sent with { Quantity = new Grams(sent.Quantity.Value * 1_000) }];
            }));

    [Fact]
    public void A_transfer_of_lots_that_is_not_posted_is_found() => Finds(
        "should go from the escrow of bounty",
        Hub(
            fact => fact is HubFact.Posted { Posting.To.Kind: AccountKind.Transit } posted
                && new BountyId(posted.Posting.From.Number).IsLots,
            _ => []));

    [Fact]
    public void A_demand_that_is_over_while_lots_of_it_are_not_is_found() => Finds(
        "and lots of it are not",
        Strategy(
            fact => fact is StrategyFact.LotsPlaced,
            fact => [fact, new StrategyFact.DemandClosed(
                ((StrategyFact.LotsPlaced)fact).Bounty.Demand, default, default, default, [])]));

    private static void Finds(string claim, IReadOnlyList<FactStep> steps)
    {
        LedgerFinding? finding = FactsRun.Audit(steps).Finding;
        Assert.NotNull(finding);
        Assert.Contains(claim, finding.Claim, StringComparison.Ordinal);
    }

    // Changes the first fact like this.
    private static IReadOnlyList<FactStep> Hub(
        Func<HubFact, bool> isIt, Func<HubFact, IReadOnlyList<HubFact>> change)
    {
        FactStep[] steps = [.. FactsRun.Demands.Steps];
        int s = Array.FindIndex(steps, step => step.Hub.Any(isIt));
        int f = steps[s].Hub.ToList().FindIndex(fact => isIt(fact));
        ImmutableArray<HubFact> hub = steps[s].Hub.RemoveAt(f).InsertRange(f, change(steps[s].Hub[f]));
        steps[s] = steps[s] with { Hub = hub };
        return steps;
    }

    private static IReadOnlyList<FactStep> Strategy(
        Func<StrategyFact, bool> isIt, Func<StrategyFact, IReadOnlyList<StrategyFact>> change)
    {
        FactStep[] steps = [.. FactsRun.Demands.Steps];
        int s = Array.FindIndex(steps, step => step.Strategy.Any(isIt));
        int f = steps[s].Strategy.ToList().FindIndex(fact => isIt(fact));
        ImmutableArray<StrategyFact> strategy =
            steps[s].Strategy.RemoveAt(f).InsertRange(f, change(steps[s].Strategy[f]));
        steps[s] = steps[s] with { Strategy = strategy };
        return steps;
    }
}
