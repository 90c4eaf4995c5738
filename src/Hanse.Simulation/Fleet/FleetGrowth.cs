using System;
using Hanse.Simulation.Scenarios;

namespace Hanse.Simulation.Fleet;

/// <summary>When each machine of a fleet is built that builds itself.</summary>
/// <remarks>
/// The number of machines doubles every <see cref="GrowthSection.DoublingDays"/>, so it was so many at any
/// time: N(t) = N(T) * 2^((t - T) / D), where all of the fleet are there at T, the end of the run or its
/// beginning. The machine of rank k, from 1, is commissioned when N reaches k: D * log2(k / N(T)) after T. A
/// fleet has a beginning, too: machines that would be older are the first, of the first generation. What is
/// built while a generation is, is of it.
/// <para>Nothing is drawn: when a machine is built follows from its number, so numbering stays as it
/// is.</para>
/// </remarks>
internal sealed class FleetGrowth
{
    private const double SecondMicros = 1e6;

    private readonly GrowthSection _section;
    private readonly int _nodes;
    private readonly long _start;
    private readonly long _complete;
    private readonly long _founded;

    /// <param name="section">What the scenario says.</param>
    /// <param name="nodes">Machines of the whole fleet.</param>
    /// <param name="start">When the run begins, microseconds.</param>
    /// <param name="horizon">When it ends.</param>
    public FleetGrowth(GrowthSection section, int nodes, long start, long horizon)
    {
        _section = section;
        _nodes = nodes;
        _start = start;
        _complete = section.GoesOn ? horizon : 0;
        _founded = -Blueprint.Days(section.AgeDays);
    }

    /// <summary>Whether machines are commissioned during the run.</summary>
    public bool GoesOn => _section.GoesOn;

    /// <summary>Generations that there can be.</summary>
    public int Generations => _section.DoublingDays > 0 ? _section.Generations : 1;

    /// <summary>When a node, from 0, is commissioned, microseconds; zero when it is there from the
    /// beginning.</summary>
    public long CommissionedAt(int node) => BuiltAt(node) is var at && at > _start ? at : 0;

    /// <summary>The hardware generation of a node, from 0: which was built when it was.</summary>
    public int GenerationOf(int node)
    {
        long since = BuiltAt(node) - _founded;
        return (int)Math.Min(Generations, 1 + (since / Blueprint.Days(_section.GenerationDays)));
    }

    /// <summary>Share of all machines that are there at a time.</summary>
    public double ShareAt(long at) => !GoesOn ? 1
        : Math.Min(1, Math.Pow(2, (at - _complete) / (double)Blueprint.Days(_section.DoublingDays)));

    // To the second. Before time zero it is negative.
    private long BuiltAt(int node)
    {
        if (_section.DoublingDays <= 0)
        {
            return _founded;
        }

        double doublings = Math.Log2((node + 1) / (double)_nodes);
        double after = Math.Floor(doublings * Blueprint.Days(_section.DoublingDays) / SecondMicros);
        return Math.Max(_founded, _complete + (long)(after * SecondMicros));
    }
}
