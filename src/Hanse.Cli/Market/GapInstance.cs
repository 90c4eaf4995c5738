using System;
using System.IO;
using System.Linq;
using Hanse.Cli.Scenarios;
using Hanse.Core.Clearing;

namespace Hanse.Cli.Market;

/// <summary>The format of the OR-Library and of Yagiura for the generalised assignment problem: <c>m n</c>,
/// then for each of m nodes n costs, for each n loads, and m capacities; whole numbers between
/// blanks.</summary>
internal static class GapInstance
{
    /// <summary>Reads one.</summary>
    /// <exception cref="InstanceRefusedException">It is none.</exception>
    public static Instance Read(string file)
    {
        using var words = new Words(file);
        int nodes = (int)words.Next("the number of nodes", 1, Instance.PartiesMax);
        int tasks = (int)words.Next("the number of tasks", 1, Instance.PartiesMax);
        if ((long)nodes * tasks > Instance.BidsMax)
        {
            throw words.Refused($"{nodes:N0} nodes with {tasks:N0} tasks are more than {Instance.BidsMax:N0} "
                + "bids; split the instance");
        }

        long[] costs = All(nodes * tasks, "a cost", Instance.NumberMax);
        long[] loads = All(nodes * tasks, "a load", Instance.NumberMax);
        long[] capacities = All(nodes, "a capacity", Instance.NumberMax);
        words.End();
        return new Instance(
            new ClearingProblem(
                [.. Enumerable.Range(0, nodes + 1).Select(node => node * tasks)],
                [.. Enumerable.Range(0, nodes * tasks).Select(bid => bid % tasks)],
                costs,
                Instance.Reserves(costs.Max(), tasks, hasLoads: true)),
            new BundleTerms(loads, capacities));

        long[] All(int count, string what, long max)
        {
            var numbers = new long[count];
            for (int i = 0; i < count; i++)
            {
                numbers[i] = words.Next(what, 0, max);
            }

            return numbers;
        }
    }

    // Whole numbers between blanks, read one at a time, so that no file takes more memory than its numbers.
    private sealed class Words : IDisposable
    {
        private const int DigitsMax = 18;

        private readonly string _file;
        private readonly StreamReader _reader;
        private long _line = 1;

        public Words(string file)
        {
            _file = file;
            _reader = new StreamReader(file);
        }

        public void Dispose() => _reader.Dispose();

        public InstanceRefusedException Refused(string text) => new(new Mistake(_file, _line, 1, text));

        public long Next(string what, long min, long max)
        {
            SkipBlanks();
            if (_reader.Peek() < 0)
            {
                throw Refused($"ends where {what} should be");
            }

            long number = 0;
            int digits = 0;
            for (; _reader.Peek() is >= '0' and <= '9'; digits++)
            {
                number = (number * 10) + (_reader.Read() - '0');
                if (digits == DigitsMax)
                {
                    throw Refused($"{what} is not allowed to be so long; allowed: {min:N0} to {max:N0}");
                }
            }

            if (digits == 0 || _reader.Peek() is not (< 0 or ' ' or '\t' or '\r' or '\n'))
            {
                throw Refused($"{what} must be a whole number without sign or point, between blanks");
            }

            return number >= min && number <= max
                ? number
                : throw Refused($"{what} is {number:N0}; allowed: {min:N0} to {max:N0}");
        }

        public void End()
        {
            SkipBlanks();
            if (_reader.Peek() >= 0)
            {
                throw Refused("goes on after the last capacity; a file holds one instance, 'm n', costs, "
                    + "loads and capacities");
            }
        }

        private void SkipBlanks()
        {
            while (_reader.Peek() is ' ' or '\t' or '\r' or '\n')
            {
                _line += _reader.Read() == '\n' ? 1 : 0;
            }
        }
    }
}
