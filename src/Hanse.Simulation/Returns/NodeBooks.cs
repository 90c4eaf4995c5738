using System;
using Hanse.Core.Journal;

namespace Hanse.Simulation.Returns;

/// <summary>What is so, and what the node writes down: one pair for every conserved resource.</summary>
internal sealed class NodeBooks
{
    private readonly double[] _truth = new double[5];
    private readonly long[] _book = new long[5];
    private readonly long[] _capacity = new long[5];

    /// <summary>Sets what the books say at the beginning; what is so is less by the bias of the gauge that
    /// said it.</summary>
    public void Begin(Resource resource, long level, long capacity, double bias)
    {
        _truth[(int)resource] = level / (1 + bias);
        _book[(int)resource] = level;
        _capacity[(int)resource] = capacity;
    }

    /// <summary>What is aboard.</summary>
    public double Truth(Resource resource) => _truth[(int)resource];

    /// <summary>What the node's books say is aboard.</summary>
    public long Book(Resource resource) => _book[(int)resource];

    /// <summary>The most that fits.</summary>
    public long Capacity(Resource resource) => _capacity[(int)resource];

    /// <summary>The books go on from a count.</summary>
    /// <returns>What is written.</returns>
    public long Rebase(Resource resource, long counted) =>
        _book[(int)resource] = Math.Clamp(counted, 0, _capacity[(int)resource]);

    /// <summary>Something came: <paramref name="truth"/> did, <paramref name="said"/> is written as far as
    /// the books have room.</summary>
    /// <returns>What is written.</returns>
    public long Grow(Resource resource, double truth, long said)
    {
        int at = (int)resource;
        _truth[at] = Math.Min(_capacity[at], _truth[at] + truth);
        long written = Math.Clamp(said, 0, _capacity[at] - _book[at]);
        _book[at] += written;
        return written;
    }

    /// <summary>Something went: <paramref name="truth"/> did, <paramref name="said"/> is written as far as
    /// the books hold it.</summary>
    /// <returns>What is written.</returns>
    public long Shrink(Resource resource, double truth, long said)
    {
        int at = (int)resource;
        _truth[at] = Math.Max(0, _truth[at] - truth);
        long written = Math.Clamp(said, 0, _book[at]);
        _book[at] -= written;
        return written;
    }
}
