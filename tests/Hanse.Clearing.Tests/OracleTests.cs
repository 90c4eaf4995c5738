using System;
using System.Linq;
using Hanse.Core.Clearing;
using Xunit;

namespace Hanse.Clearing.Tests;

/// <summary>The engine beside OR-Tools, to the unit.</summary>
public sealed class OracleTests
{
    private static readonly ClearingRules _rules = new() { Epoch = 5 };

    private readonly ClearingEngine _engine = new();

    [Fact]
    public void The_exact_mode_is_the_best_on_a_thousand_random_markets()
    {
        long[] bounds = [2, 5, 20, 1_000, 1_000_000_000];
        for (int seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            ClearingProblem problem = Markets.Draw(
                seed, random.Next(1, 60), random.Next(1, 60), random.Next(1, 50), bounds[seed % 5]);
            ClearingOutcome outcome = _engine.ClearExactly(problem, _rules);
            Assert.True(outcome.Slack == 0, $"seed {seed}: {outcome.Remark}");
            Assert.True(Oracle.Surplus(problem) == outcome.Surplus, $"seed {seed}: {outcome.Surplus}");
        }
    }

    [Theory]
    [InlineData(1_000, 1_000, 60, 100_000_000)]
    [InlineData(1_000, 1_000, 60, 10)]
    [InlineData(3_000, 1_000, 30, 1_000_000)]
    [InlineData(1_000, 3_000, 30, 1_000_000)]
    [InlineData(10_000, 10_000, 20, 100_000_000)]
    [InlineData(10_000, 10_000, 20, 30)]
    public void The_exact_mode_is_the_best_on_large_markets(int nodes, int tasks, int bids, long bound)
    {
        ClearingProblem problem = Markets.Draw(7, nodes, tasks, bids, bound);
        ClearingOutcome outcome = _engine.ClearExactly(problem, _rules);
        Assert.Equal((0, Oracle.Surplus(problem)), (outcome.Slack, outcome.Surplus));
    }

    [Fact]
    public void The_exact_mode_is_the_best_on_a_line()
    {
        ClearingProblem problem = Markets.OnALine(11, 3_000, 40);
        ClearingOutcome outcome = _engine.ClearExactly(problem, _rules);
        Assert.Equal((0, Oracle.Surplus(problem)), (outcome.Slack, outcome.Surplus));
    }

    [Theory]
    [InlineData(100, 20, 1_000)]
    [InlineData(1_000, 50, 1_000_000)]
    [InlineData(10_000, 30, 100_000)]
    public void What_must_be_filled_costs_what_the_linear_assignment_costs(int size, int bids, long bound)
    {
        ClearingProblem problem = Markets.Square(3, size, bids, bound);
        ClearingOutcome outcome = _engine.ClearExactly(problem, _rules);
        Assert.Equal(size, outcome.Filled);
        long reserves = 0;
        foreach (long reserve in problem.Reserves)
        {
            reserves += reserve;
        }

        Assert.Equal((0, Oracle.Assignment(problem)), (outcome.Slack, reserves - outcome.Surplus));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_ordinary_clear_is_within_its_slack_of_the_best(int seed)
    {
        ClearingProblem problem = Markets.Draw(seed, 2_000, 2_000, 70, 100_000_000);
        ClearingOutcome outcome = _engine.Clear(problem, _rules);
        long best = Oracle.Surplus(problem);
        Assert.InRange(outcome.Surplus, best - (outcome.Slack * outcome.Filled), best);
        Assert.True(outcome.Surplus >= best / 1_000 * 995);
    }

    [Fact]
    public void Divisible_tasks_are_within_a_thousandth_of_the_best()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            ClearingProblem problem = Markets.Draw(seed, 200, 20, 10, 10_000_000);
            long[] supplies = [.. Enumerable.Range(0, 200).Select(_ => random.NextInt64(40))];
            long scale = supplies.Sum() * (seed % 2 == 0 ? 70 : 110) / 100;
            long[] demands = [.. Enumerable.Range(0, 20).Select(_ => random.NextInt64(scale / 10))];
            long best = Oracle.Surplus(problem, supplies, demands);
            LotOutcome outcome = _engine.ClearLots(problem, _rules, new LotTerms(supplies, demands));
            Assert.True((long)outcome.Surplus <= best && (long)outcome.Surplus >= best / 1_000 * 999,
                $"seed {seed}: {outcome.Surplus} of {best}");
        }
    }
}
