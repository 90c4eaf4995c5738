using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Clearing;
using Hanse.Core.Machine;

namespace Hanse.Core.Tests.Clearing;

/// <summary>What the engine should say, found without any thought.</summary>
internal static class DumbMarket
{
    /// <summary>The greatest surplus: every allocation is tried.</summary>
    public static long BestSurplus(ClearingProblem problem, int node = 0, int taken = 0)
    {
        if (node == problem.Nodes)
        {
            return 0;
        }

        long best = BestSurplus(problem, node + 1, taken);
        foreach ((int task, long cost) in Problems.Row(problem, node))
        {
            if ((taken & (1 << task)) == 0)
            {
                best = Math.Max(best, problem.Reserves[task] - cost
                    + BestSurplus(problem, node + 1, taken | (1 << task)));
            }
        }

        return best;
    }

    /// <summary>The least cost, what is not placed at its reserve, of several tasks a node.</summary>
    public static long LeastCost(ClearingProblem problem, BundleTerms terms, long[] rooms, int task = 0)
    {
        if (task == problem.TaskCount)
        {
            return 0;
        }

        long least = problem.Reserves[task] + LeastCost(problem, terms, rooms, task + 1);
        for (int node = 0; node < problem.Nodes; node++)
        {
            int bid = problem.Find(node, task);
            if (bid >= 0 && terms.Loads[bid] <= rooms[node])
            {
                rooms[node] -= terms.Loads[bid];
                least = Math.Min(least, problem.Costs[bid] + LeastCost(problem, terms, rooms, task + 1));
                rooms[node] += terms.Loads[bid];
            }
        }

        return least;
    }

    /// <summary>The greatest surplus of divisible tasks: one unit after the other takes the most profitable
    /// way, over units placed before (successive longest paths, by Bellman and Ford).</summary>
    public static long BestLots(ClearingProblem problem, LotTerms terms)
    {
        int tasks = problem.TaskCount;
        long[] left = [.. terms.Supplies];
        long[] open = [.. terms.Demands];
        var units = new long[problem.Bids];
        long surplus = 0;
        while (true)
        {
            long[] gain = [.. left.Select(amount => amount > 0 ? 0 : long.MinValue),
                .. open.Select(_ => long.MinValue)];
            int[] from = [.. gain.Select(_ => -1)];
            for (int pass = 0; pass <= problem.Nodes + tasks; pass++)
            {
                for (int node = 0; node < problem.Nodes; node++)
                {
                    for (int bid = problem.RowStarts[node]; bid < problem.RowStarts[node + 1]; bid++)
                    {
                        int task = problem.Nodes + problem.Tasks[bid];
                        long worth = problem.Reserves[problem.Tasks[bid]] - problem.Costs[bid];
                        if (gain[node] != long.MinValue && gain[node] + worth > gain[task])
                        {
                            (gain[task], from[task]) = (gain[node] + worth, bid);
                        }

                        if (units[bid] > 0 && gain[task] != long.MinValue
                            && gain[task] - worth > gain[node])
                        {
                            (gain[node], from[node]) = (gain[task] - worth, bid);
                        }
                    }
                }
            }

            int end = Enumerable.Range(0, tasks).Where(task => open[task] > 0)
                .OrderByDescending(task => gain[problem.Nodes + task]).FirstOrDefault(-1);
            if (end < 0 || gain[problem.Nodes + end] <= 0)
            {
                return surplus;
            }

            surplus += gain[problem.Nodes + end];
            open[end]--;
            int place = problem.Nodes + end;
            while (place >= problem.Nodes || from[place] >= 0)
            {
                int bid = from[place];
                int node = Enumerable.Range(0, problem.Nodes).First(n => bid < problem.RowStarts[n + 1]);
                units[bid] += place >= problem.Nodes ? 1 : -1;
                place = place >= problem.Nodes ? node : problem.Nodes + problem.Tasks[bid];
            }

            left[place]--;
        }
    }

    /// <summary>The forward auction by the book: whole rows, no shortlists, first come, first
    /// served.</summary>
    public static (int[] Owners, long[] Prices) Auction(ClearingProblem problem, ulong epoch, long increment)
    {
        int[] owners = [.. problem.Reserves.ToArray().Select(_ => StandingContracts.None)];
        long[] prices = [.. problem.Reserves];
        var rents = new long[problem.Nodes];
        int first = problem.Nodes == 0 ? 0 : (int)(StableHash.Of(epoch) % (ulong)problem.Nodes);
        int[] order = [.. Enumerable.Range(0, problem.Nodes).Select(i => (first + i) % problem.Nodes)];
        var queue = new Queue<int>();
        ulong Rank(int task, int node) => StableHash.Of((ulong)task, (ulong)node, epoch);

        foreach (int[] newcomers in order.Chunk(512))
        {
            newcomers.ToList().ForEach(queue.Enqueue);
            while (queue.TryDequeue(out int node))
            {
                (int Task, long Gain)[] gains = [.. Problems.Row(problem, node)
                    .Select(bid => (bid.Task, prices[bid.Task] - bid.Cost))
                    .Where(bid => bid.Item2 >= 0)
                    .OrderByDescending(bid => bid.Item2).ThenBy(bid => Rank(bid.Task, node))];
                if (gains.Length > 0 && gains[0].Gain == 0)
                {
                    gains = [.. gains.Where(at => owners[at.Task] < 0
                        || (rents[owners[at.Task]] == 0
                            && Rank(at.Task, node) < Rank(at.Task, owners[at.Task])))];
                }

                if (gains.Length > 0)
                {
                    (int task, long gain) = gains[0];
                    long second = gains.Length > 1 ? gains[1].Gain : 0;
                    long undercut = Math.Min(gain, gain - second + increment);
                    prices[task] -= undercut;
                    rents[node] = gain - undercut;
                    if (owners[task] >= 0)
                    {
                        queue.Enqueue(owners[task]);
                    }

                    owners[task] = node;
                }
            }
        }

        return (owners, prices);
    }
}
