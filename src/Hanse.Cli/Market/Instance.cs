using System;
using System.IO;
using System.Linq;
using Hanse.Core.Clearing;

namespace Hanse.Cli.Market;

/// <summary>A market that someone else wrote.</summary>
/// <param name="Problem">Its nodes, tasks and costs.</param>
/// <param name="Terms">Loads and capacities; null when a node takes one task.</param>
internal sealed record Instance(ClearingProblem Problem, BundleTerms? Terms)
{
    /// <summary>Bids of one instance; 20 bytes of memory each, and as much again while it is
    /// cleared.</summary>
    public const int BidsMax = 10_000_000;

    /// <summary>Nodes of one instance, and tasks.</summary>
    public const int PartiesMax = 100_000;

    /// <summary>The greatest cost, load and reserve.</summary>
    public const long NumberMax = 1_000_000_000_000;

    /// <summary>Reads one of either format: a file whose first letter is a digit is of the published one, any
    /// other has columns with names.</summary>
    /// <exception cref="InstanceRefusedException">It is neither.</exception>
    public static Instance Read(string file)
    {
        using (var reader = new StreamReader(file))
        {
            int letter;
            do
            {
                letter = reader.Read();
            }
            while (letter is ' ' or '\t' or '\r' or '\n');
            if (letter is < '0' or > '9')
            {
                return CsvInstance.Read(file);
            }
        }

        return GapInstance.Read(file);
    }

    /// <summary>What every task is worth when a file does not say: so much that leaving one out never pays.
    /// </summary>
    public static long[] Reserves(long greatestCost, int tasks, bool hasLoads)
    {
        // With one task a node a chain of exchanges may pass by every task; with several, three times the
        // greatest cost has always been enough, and keeps digits for the prices of capacity.
        long times = hasLoads ? 3 : tasks + 1L;
        long most = Math.Min(ClearingProblem.ValueMax, ClearingProblem.SumMax / Math.Max(1, tasks));
        long reserve = Math.Min(most, Math.Max(1, greatestCost) * times);
        return [.. Enumerable.Repeat(reserve, tasks)];
    }
}
