using System;
using System.Globalization;
using System.IO;
using System.Linq;
using CsCheck;
using Hanse.Core.Clearing;
using Hanse.Core.Tests.Tidy;
using Xunit;

namespace Hanse.Core.Tests.Clearing;

/// <summary>Several tasks a node: against all allocations there are, and against what is known of published
/// instances.</summary>
public sealed class BundleClearTests
{
    private static readonly ClearingRules _rules = new() { Epoch = 3 };

    private static readonly Gen<(ClearingProblem Problem, BundleTerms Terms)> _bundles =
        Gen.Select(Problems.Small, Gen.Long[0, 3].Array[25], Gen.Long[0, 6].Array[5])
            .Select(drawn => (drawn.Item1, new BundleTerms(
                drawn.Item2[..drawn.Item1.Bids], drawn.Item3[..drawn.Item1.Nodes])));

    [Fact]
    public void A_small_problem_is_solved_to_the_best() =>
        _bundles.Sample(
            bundles =>
            {
                BundleOutcome outcome = new ClearingEngine().ClearBundles(
                    bundles.Problem, _rules, bundles.Terms);
                long unplaced = Enumerable.Range(0, bundles.Problem.TaskCount)
                    .Where(task => outcome.Owners[task] == StandingContracts.None)
                    .Sum(task => bundles.Problem.Reserves[task]);
                long least = DumbMarket.LeastCost(
                    bundles.Problem, bundles.Terms, [.. bundles.Terms.Capacities]);
                Assert.Equal(least, outcome.Cost + unplaced);
                Assert.True(outcome.Bound <= least);
            },
            iter: 60);

    [Fact]
    public void Every_winner_is_paid_at_least_its_claim_and_at_most_the_reserve() =>
        _bundles.Sample(
            bundles =>
            {
                BundleOutcome outcome = new ClearingEngine().ClearBundles(
                    bundles.Problem, _rules, bundles.Terms);
                for (int task = 0; task < bundles.Problem.TaskCount; task++)
                {
                    int owner = outcome.Owners[task];
                    long claim = owner == StandingContracts.None
                        ? 0
                        : bundles.Problem.Costs[bundles.Problem.Find(owner, task)];
                    Assert.InRange(outcome.Prices[task], claim, bundles.Problem.Reserves[task]);
                }
            },
            iter: 30);

    [Fact]
    public void Published_instances_are_placed_in_whole_and_near_the_best_known()
    {
        var engine = new ClearingEngine();
        string folder = Path.Combine(Repository.Root, "data/market/gap");
        var gaps = new System.Collections.Generic.List<decimal>();
        foreach (string[] line in File.ReadLines(Path.Combine(folder, "bounds.txt"))
            .Select(line => line.Split('\t')))
        {
            string file = Path.Combine(folder, line[0].Replace("_Min", "", StringComparison.Ordinal));
            if (File.Exists(file))
            {
                (ClearingProblem problem, BundleTerms terms) = Read(file);
                BundleOutcome outcome = engine.ClearBundles(problem, _rules, terms);
                long known = long.Parse(line[2], CultureInfo.InvariantCulture);
                decimal gap = (outcome.Cost - known) * 100m / known;
                Assert.Equal(problem.TaskCount, outcome.Filled);
                Assert.True(gap <= 3.5m, $"{line[0]}: {gap:0.00} % above the best known");
                Assert.True(outcome.Bound <= known, $"{line[0]}: the bound {outcome.Bound} is above {known}");
                gaps.Add(gap);
            }
        }

        Assert.Equal(15, gaps.Count);
        Assert.True(gaps.Average() <= 1m, $"{gaps.Average():0.00} % above the best known on average");
    }

    private static (ClearingProblem Problem, BundleTerms Terms) Read(string file)
    {
        long[] numbers = [.. File.ReadAllText(file)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        int nodes = (int)numbers[0];
        int tasks = (int)numbers[1];
        long[] costs = numbers[2..(2 + (nodes * tasks))];
        long[] rest = numbers[(2 + (nodes * tasks))..];
        long reserve = costs.Max() * 3;
        return (
            Problems.Of(
                [.. Enumerable.Repeat(reserve, tasks)],
                [.. Enumerable.Range(0, nodes).Select(node => costs[(node * tasks)..((node + 1) * tasks)])]),
            new BundleTerms(rest[..(nodes * tasks)], rest[(nodes * tasks)..]));
    }
}
