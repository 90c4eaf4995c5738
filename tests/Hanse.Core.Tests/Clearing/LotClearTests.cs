using System;
using System.Linq;
using CsCheck;
using Hanse.Core.Clearing;
using Xunit;

namespace Hanse.Core.Tests.Clearing;

/// <summary>Divisible tasks: against one unit after the other along the most profitable path.</summary>
public sealed class LotClearTests
{
    private static readonly ClearingRules _rules = new() { Epoch = 3 };

    private static readonly Gen<(ClearingProblem Problem, LotTerms Terms)> _lots =
        Gen.Select(Problems.SmallInThousands, Gen.Long[0, 4].Array[5], Gen.Long[0, 4].Array[5])
            .Select(drawn => (drawn.Item1, new LotTerms(
                drawn.Item2[..drawn.Item1.Nodes], drawn.Item3[..drawn.Item1.TaskCount])));

    [Fact]
    public void The_surplus_is_within_the_slack_of_the_best_for_every_unit() =>
        _lots.Sample(lots =>
        {
            LotOutcome outcome = new ClearingEngine().ClearLots(lots.Problem, _rules, lots.Terms);
            long best = DumbMarket.BestLots(lots.Problem, lots.Terms);
            Assert.InRange(
                (long)outcome.Surplus, best - (outcome.Slack * lots.Terms.Supplies.ToArray().Sum()), best);
        });

    [Fact]
    public void One_task_goes_to_the_cheapest_units_and_all_are_paid_what_the_next_would_take()
    {
        ClearingProblem problem = Problems.Of([10_000], [4_000], [2_000], [7_000]);
        LotOutcome outcome = new ClearingEngine().ClearLots(
            problem, _rules, new LotTerms([3, 3, 3], [5]));
        Assert.Equal([2, 3, 0], outcome.Units);
        Assert.Equal(4_000, outcome.Prices[0]);
    }

    [Fact]
    public void What_is_scarce_is_paid_its_reserve()
    {
        ClearingProblem problem = Problems.Of([10_000], [4_000], [2_000]);
        LotOutcome outcome = new ClearingEngine().ClearLots(problem, _rules, new LotTerms([3, 3], [7]));
        Assert.Equal([3, 3], outcome.Units);
        Assert.Equal(10_000, outcome.Prices[0]);
    }
}
