using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Clearing;
using Xunit;

namespace Hanse.Core.Tests.Clearing;

/// <summary>From one cycle to the next: nodes die and come, tasks go and come, contracts are
/// locked.</summary>
public sealed class StandingTests
{
    private const int None = StandingContracts.None;

    private static readonly ClearingRules _rules = new() { Epoch = 3 };

    // A market, and which of its nodes (low bits) and tasks (high bits) were not there a cycle ago; and which
    // die.
    private static readonly Gen<(ClearingProblem Problem, int Absent, int Dying, int Locked)> _changes =
        Gen.Select(Problems.SmallInThousands, Gen.Int[0, 1023], Gen.Int[0, 1023], Gen.Int[0, 31]);

    [Fact]
    public void What_changed_is_mended_to_within_the_slack_of_the_best() =>
        _changes.Sample(
            change =>
            {
                var engine = new ClearingEngine();
                ClearingProblem now = Cut(change.Problem, change.Dying);
                StandingContracts standing = Stand(engine, change.Problem, change.Absent, change.Dying, 0);
                ClearingOutcome outcome = engine.ClearAgain(now, _rules, standing);
                long best = DumbMarket.BestSurplus(now);
                Assert.InRange(outcome.Surplus, best - (outcome.Slack * now.Nodes), best);
            },
            iter: 3_000);

    [Fact]
    public void A_locked_contract_stays_at_its_price() =>
        _changes.Sample(
            change =>
            {
                var engine = new ClearingEngine();
                ClearingProblem now = Cut(change.Problem, change.Dying);
                StandingContracts standing =
                    Stand(engine, change.Problem, change.Absent, change.Dying, change.Locked);
                ClearingOutcome outcome = engine.ClearAgain(
                    now, _rules with { Payment = PaymentRule.NodesBest }, standing);
                for (int task = 0; task < now.TaskCount; task++)
                {
                    if (standing.Locked[task])
                    {
                        Assert.Equal(standing.Owners[task], outcome.Owners[task]);
                        Assert.Equal(standing.Prices[task], outcome.Prices[task]);
                    }
                }
            },
            iter: 3_000);

    [Fact]
    public void With_free_nodes_only_nothing_moves() =>
        _changes.Sample(change =>
        {
            var engine = new ClearingEngine();
            ClearingProblem now = Cut(change.Problem, change.Dying);
            StandingContracts standing = Stand(engine, change.Problem, change.Absent, change.Dying, 0);
            ClearingOutcome outcome = engine.ClearAgain(now, _rules, standing.ForFreeNodesOnly());
            for (int task = 0; task < now.TaskCount; task++)
            {
                Assert.True(standing.Owners[task] == None || standing.Owners[task] == outcome.Owners[task]);
            }
        });

    [Fact]
    public void Nothing_changed_is_nothing_to_do() =>
        Problems.SmallInThousands.Sample(problem =>
        {
            var engine = new ClearingEngine();
            ClearingOutcome first = engine.Clear(problem, _rules);
            ClearingOutcome again = engine.ClearAgain(problem, _rules, Of(first));
            Assert.Equal(first.Owners, again.Owners);
            Assert.Equal(first.Prices, again.Prices);
            Assert.Equal(0, again.BidsMade);
        });

    [Fact]
    public void A_price_that_stood_without_an_owner_rises_again()
    {
        // Two nodes undercut each other for one task; the winner dies, and the other is paid its own cost,
        // not the price that stood.
        ClearingProblem before = Problems.Of([10_000], [4_000], [7_000]);
        var engine = new ClearingEngine();
        ClearingOutcome first = engine.Clear(before, _rules);
        Assert.Equal([0], first.Owners);
        ClearingProblem now = Problems.Of([10_000], [-1], [7_000]);
        ClearingOutcome again = engine.ClearAgain(
            now, _rules, new StandingContracts([.. first.Prices], [None], [false]));
        Assert.Equal([1], again.Owners);
        Assert.InRange(again.Prices[0], 7_000, 10_000);
    }

    // The market without the nodes and the tasks of a mask: they bid on nothing, and nobody bids on them.
    private static ClearingProblem Cut(ClearingProblem problem, int mask) =>
        Problems.Of(
            [.. problem.Reserves],
            [.. Enumerable.Range(0, problem.Nodes).Select(node => Problems.Dense(problem, node)
                .Select((cost, task) => Has(mask, node) || Has(mask, task + 5) ? -1 : cost).ToArray())]);

    private static StandingContracts Stand(
        ClearingEngine engine, ClearingProblem problem, int absent, int dying, int locked)
    {
        ClearingOutcome before = engine.Clear(Cut(problem, absent), _rules);
        bool Stays(int task, int owner) => owner != None && !Has(dying, owner) && !Has(dying, task + 5);
        int[] owners = [.. before.Owners.Select((owner, task) => Stays(task, owner) ? owner : None)];
        return new StandingContracts(
            [.. before.Prices], owners,
            [.. owners.Select((owner, task) => owner != None && Has(locked, task))]);
    }

    private static StandingContracts Of(ClearingOutcome outcome) =>
        new([.. outcome.Prices], [.. outcome.Owners], new bool[outcome.Owners.Length]);

    private static bool Has(int mask, int bit) => (mask >> bit & 1) != 0;
}
