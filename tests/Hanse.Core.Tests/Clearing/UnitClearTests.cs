using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Clearing;
using Hanse.Core.Machine;
using Xunit;

namespace Hanse.Core.Tests.Clearing;

/// <summary>At most one task a node: against an auction by the book, and against all allocations there
/// are.</summary>
public sealed class UnitClearTests
{
    private const int None = StandingContracts.None;

    private static readonly ClearingRules _rules = new() { Epoch = 3 };

    // Kept for all samples, as a hub would: what one leaves behind must not reach the next.
    private readonly ClearingEngine _engine = new();

    [Fact]
    public void It_is_the_auction_by_the_book() =>
        Gen.Select(Problems.Small, Gen.ULong[0, 20]).Sample(IsByTheBook, iter: 2_000);

    [Fact]
    public void It_is_the_auction_by_the_book_where_rows_are_longer_than_what_is_kept_of_them() =>
        Gen.Select(Problems.Long, Gen.ULong[0, 20]).Sample(IsByTheBook, iter: 40);

    [Fact]
    public void An_exact_clear_of_long_rows_is_proved() =>
        Problems.Long.Sample(
            problem => Assert.Equal(0, new ClearingEngine().ClearExactly(problem, _rules).Slack), iter: 60);

    [Fact]
    public void The_surplus_is_within_the_slack_of_the_best() =>
        Problems.SmallInThousands.Sample(problem =>
        {
            ClearingOutcome outcome = new ClearingEngine().Clear(problem, _rules);
            long best = DumbMarket.BestSurplus(problem);
            Assert.InRange(outcome.Surplus, best - (outcome.Slack * outcome.Filled), best);
        });

    [Fact]
    public void An_exact_clear_is_the_best_and_pays_what_the_others_would_lose() =>
        Problems.Small.Sample(
            problem =>
            {
                ClearingOutcome outcome = new ClearingEngine().ClearExactly(problem, _rules);
                long best = DumbMarket.BestSurplus(problem);
                Assert.Equal(best, outcome.Surplus);
                Assert.Equal((0, PaymentRule.VickreyRent), (outcome.Slack, outcome.Payment));
                for (int task = 0; task < problem.TaskCount; task++)
                {
                    if (outcome.Owners[task] is int owner and not None)
                    {
                        long rent = outcome.Prices[task] - problem.Costs[problem.Find(owner, task)];
                        Assert.Equal(best - DumbMarket.BestSurplus(Problems.Without(problem, owner)), rent);
                    }
                }
            },
            iter: 2_000);

    [Fact]
    public void The_best_payments_are_between_the_clearing_price_and_the_reserve() =>
        Problems.SmallInThousands.Sample(problem =>
        {
            var engine = new ClearingEngine();
            ClearingOutcome plain = engine.Clear(problem, _rules);
            ClearingOutcome raised = engine.Clear(problem, _rules with { Payment = PaymentRule.NodesBest });
            Assert.Equal(plain.Owners, raised.Owners);
            Assert.All(plain.Prices.Zip(raised.Prices), pair => Assert.True(pair.First <= pair.Second));
        });

    [Fact]
    public void One_engine_clears_one_problem_after_the_other_as_if_each_were_its_first() =>
        Gen.OneOf(Problems.Small, Problems.Long, Problems.SmallInThousands).Array[2, 4].Sample(
            problems => Assert.All(problems, problem =>
            {
                Assert.Equal(new ClearingEngine().Clear(problem, _rules).Prices,
                    _engine.Clear(problem, _rules).Prices);
                Assert.Equal(new ClearingEngine().ClearExactly(problem, _rules).Prices,
                    _engine.ClearExactly(problem, _rules).Prices);
            }),
            iter: 30, threads: 1);

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(77UL)]
    public void Of_nodes_with_the_same_cost_the_least_hash_wins(ulong epoch)
    {
        ClearingProblem problem = Problems.Of([10], [4], [4], [4], [4], [4], [4], [4]);
        ClearingOutcome outcome = _engine.Clear(problem, _rules with { Epoch = epoch });
        Assert.Equal(
            Enumerable.Range(0, 7).MinBy(node => StableHash.Of(0, (ulong)node, epoch)), outcome.Owners[0]);
        Assert.Equal(4, outcome.Prices[0]);
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    [InlineData(77UL)]
    public void Of_tasks_that_gain_the_same_the_least_hash_is_taken(ulong epoch)
    {
        ClearingProblem problem = Problems.Of([10, 10, 10, 10, 10, 10], [4, 4, 4, 4, 4, 4]);
        ClearingOutcome outcome = _engine.Clear(problem, _rules with { Epoch = epoch });
        Assert.Equal(0, outcome.Owners[Enumerable.Range(0, 6)
            .MinBy(task => StableHash.Of((ulong)task, 0, epoch))]);
    }

    [Fact]
    public void Nobody_wins_what_costs_more_than_its_reserve()
    {
        ClearingOutcome outcome = _engine.Clear(Problems.Of([5, 5], [6, 9], [7, 5]), _rules);
        Assert.Equal([None, 1], outcome.Owners);
        Assert.Equal([5, 5], outcome.Prices);
    }

    [Fact]
    public void A_market_without_nodes_or_without_tasks_clears_to_nothing()
    {
        Assert.Empty(_engine.Clear(Problems.Of([]), _rules).Owners);
        Assert.Empty(_engine.Clear(Problems.Of([], [], []), _rules).Owners);
        Assert.Equal([None, None], _engine.ClearExactly(Problems.Of([1, 2]), _rules).Owners);
    }

    [Fact]
    public void Numbers_out_of_their_range_are_refused()
    {
        Assert.Throws<BrokenInvariantException>(() => Problems.Of([-1], [0]));
        Assert.Throws<BrokenInvariantException>(() => Problems.Of([ClearingProblem.ValueMax + 1], [0]));
        Assert.Throws<BrokenInvariantException>(() => new ClearingProblem([0, 2], [0, 0], [1, 1], [3]));
        Assert.Throws<BrokenInvariantException>(() => new ClearingProblem([0, 1], [1], [1], [3]));
        Assert.Throws<BrokenInvariantException>(() => _rules with { IncrementPpm = 4_999 });
    }

    private static void IsByTheBook(ClearingProblem problem, ulong epoch)
    {
        ClearingRules rules = _rules with { Epoch = epoch };
        (int[] owners, long[] prices) = DumbMarket.Auction(problem, epoch, rules.IncrementFor(problem));
        ClearingOutcome outcome = new ClearingEngine().Clear(problem, rules);
        Assert.Equal(owners, outcome.Owners);
        Assert.Equal(prices, outcome.Prices);
    }

    [Fact]
    public void Values_at_the_end_of_their_range_clear_exactly()
    {
        long max = ClearingProblem.ValueMax;
        ClearingOutcome outcome = _engine.ClearExactly(
            Problems.Of([max, max], [0, 1], [2, max], [max, 5]), _rules);
        Assert.Equal((2 * max) - 3, outcome.Surplus);
        Assert.Equal(0, outcome.Slack);
    }
}
