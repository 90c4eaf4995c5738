using System;
using System.Collections.Immutable;
using System.Numerics;
using Hanse.Core.Machine;

namespace Hanse.Core.Clearing;

/// <summary>Several contracts a node: prices of capacity first, then the search, then the judgement of what
/// came of it.</summary>
internal sealed class BundleAuction
{
    // Costs have this many bits at least, so that a price of a unit of capacity has some behind the point.
    private const int CostBits = 24;
    private const int SumBitsMax = 59;
    private const int PenaltyBitsMax = 58;

    private readonly Transposed _columns = new();
    private readonly CapacityPrices _prices = new();
    private readonly BundleChoices _choices = new();
    private readonly BundleSearch _search;

    public BundleAuction() => _search = new BundleSearch(_choices);

    /// <summary>Clears.</summary>
    public BundleOutcome Run(ClearingProblem problem, BundleTerms terms, ClearingRules rules)
    {
        Invariant.Holds(terms.Loads.Length == problem.Bids && terms.Capacities.Length == problem.Nodes);
        long greatest = 1;
        long sum = 1;
        foreach (long reserve in problem.Reserves)
        {
            greatest = Math.Max(greatest, reserve);
            sum += reserve;
        }

        long load = 1;
        foreach (long amount in terms.Loads)
        {
            load = Math.Max(load, amount);
        }

        int scaleBits = Math.Max(0, Math.Min(
            CostBits - BitOperations.Log2((ulong)greatest), SumBitsMax - BitOperations.Log2((ulong)sum)));
        long priceMax = Math.Max(1, (1L << PenaltyBitsMax) / load / Math.Max(1, problem.TaskCount));
        _columns.Forget();
        _columns.Of(problem);
        _prices.Find(problem, terms, _columns, scaleBits, priceMax);
        _choices.Choose(problem, terms, _columns, _prices.Prices, scaleBits);
        _search.Run(
            terms, problem.TaskCount, _prices.Prices, priceMax, Prng.For(rules.Epoch, "bundles"));
        return Judge(problem, terms, scaleBits);
    }

    private BundleOutcome Judge(ClearingProblem problem, BundleTerms terms, int scaleBits)
    {
        var owners = new int[problem.TaskCount];
        var prices = new long[problem.TaskCount];
        var rooms = new long[problem.Nodes];
        terms.Capacities.CopyTo(rooms);
        long cost = 0;
        long surplus = 0;
        int filled = 0;
        for (int task = 0; task < owners.Length; task++)
        {
            int owner = _search.NodeOf(task);
            owners[task] = owner == problem.Nodes ? StandingContracts.None : owner;
            prices[task] = problem.Reserves[task];
            if (owners[task] == StandingContracts.None)
            {
                continue;
            }

            int bid = problem.Find(owner, task);
            Claim(bid >= 0, "node {0} has task {1}, on which it did not bid", owner, task);
            long claim = problem.Costs[bid];
            Claim(claim <= prices[task], "task {0} costs {1}, more than its reserve", task, claim);
            prices[task] = Math.Clamp(Next(problem, task, owner) >> scaleBits, claim, prices[task]);
            rooms[owner] -= terms.Loads[bid];
            cost += claim;
            surplus += problem.Reserves[task] - claim;
            filled++;
        }

        for (int node = 0; node < rooms.Length; node++)
        {
            Claim(rooms[node] >= 0, "node {0} is given {1} more than it has room for", node, -rooms[node]);
        }

        return new BundleOutcome
        {
            Owners = ImmutableArray.Create(owners),
            Prices = ImmutableArray.Create(prices),
            Cost = cost,
            Surplus = surplus,
            Filled = filled,
            Bound = (_prices.Bound + (1L << scaleBits) - 1) >> scaleBits,
        };
    }

    // The least that any other node would ask, its capacity included; scaled.
    private long Next(ClearingProblem problem, int task, int owner)
    {
        long least = long.MaxValue;
        for (int choice = _choices.Starts[task]; choice < _choices.Starts[task + 1]; choice++)
        {
            int node = _choices.Nodes[choice];
            if (node != owner)
            {
                long price = node == problem.Nodes ? 0 : _prices.Prices[node] * _choices.Loads[choice];
                least = Math.Min(least, _choices.Costs[choice] + price);
            }
        }

        return least;
    }

    private static void Claim(bool holds, string text, long a, long b)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(
                string.Format(System.Globalization.CultureInfo.InvariantCulture, text, a, b));
        }
    }
}
