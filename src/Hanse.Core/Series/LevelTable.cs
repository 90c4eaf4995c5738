using System.Collections.Generic;
using Hanse.Core.Machine;

namespace Hanse.Core.Series;

/// <summary>The values a reconstruction may take, in ascending order; a sample is told as a rank in
/// it.</summary>
/// <remarks>Levels are whole numbers of ticks of band / 32, so that a level costs two bytes and not
/// six.</remarks>
internal sealed class LevelTable
{
    /// <summary>Levels of one table.</summary>
    public const int CountMax = 65_536;

    /// <summary>Ticks in one dead band.</summary>
    public const int TicksPerBand = 32;

    private readonly List<long> _ticks = [];

    /// <summary>An empty table.</summary>
    /// <param name="band">The dead band, at least 32 units.</param>
    public LevelTable(long band)
    {
        Invariant.Holds(band >= TicksPerBand);
        Band = band;
        Tick = band / TicksPerBand;
    }

    /// <summary>A table of the same levels.</summary>
    public LevelTable(LevelTable other)
        : this(other.Band) => _ticks.AddRange(other._ticks);

    /// <summary>The dead band in units.</summary>
    public long Band { get; }

    /// <summary>One tick in units.</summary>
    public long Tick { get; }

    /// <summary>Number of levels.</summary>
    public int Count => _ticks.Count;

    /// <summary>The levels in ticks, ascending.</summary>
    public List<long> Ticks => [.. _ticks];

    /// <summary>The value of a level in units.</summary>
    public long this[int rank] => _ticks[rank] * Tick;

    /// <summary>Puts levels in.</summary>
    /// <param name="ticks">Ascending, none of them there yet.</param>
    /// <returns>The ranks they got, ascending.</returns>
    public IReadOnlyList<int> Insert(IReadOnlyList<long> ticks)
    {
        var ranks = new List<int>(ticks.Count);
        foreach (long tick in ticks)
        {
            int rank = ~_ticks.BinarySearch(tick);
            Invariant.Holds(rank >= 0);
            _ticks.Insert(rank, tick);
            ranks.Add(rank);
        }

        return ranks;
    }

    /// <summary>Whether a level is there.</summary>
    public bool Contains(long tick) => _ticks.BinarySearch(tick) >= 0;

    /// <summary>The ranks whose values are within the band of a sample.</summary>
    /// <returns>The first, and the last, which is before the first when there is none.</returns>
    public (int First, int Last) Within(long sample) =>
        (FirstAtOrAbove(sample - Band), FirstAtOrAbove(sample + Band + 1) - 1);

    private int FirstAtOrAbove(long value)
    {
        int low = 0;
        int high = _ticks.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (this[middle] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
