using System;

namespace Hanse.Core.Series;

/// <summary>The latest samples of a series as running sums, from which any short stretch is summed at
/// once.</summary>
/// <remarks>Sums wrap around; their differences are right as long as a stretch's own sum fits.</remarks>
internal sealed class SeriesTail(long band)
{
    /// <summary>Samples that can be looked back on.</summary>
    public const int Length = 1024;

    private readonly long _band = band;

    private readonly long[] _sums = new long[Length];

    private readonly long[] _moves = new long[Length];

    private readonly long[] _strides = new long[Length];

    private long _last;

    /// <summary>Samples taken so far.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next sample.</summary>
    public void Add(long value)
    {
        long move = Count == 0 ? 0 : Math.Abs(value - _last);
        long before = (Count + Length - 1) % Length;
        long at = Count % Length;
        unchecked
        {
            _sums[at] = _sums[before] + value;
            _moves[at] = _moves[before] + move;
            _strides[at] = _strides[before] + (move > _band ? 1 : 0);
        }

        _last = value;
        Count++;
    }

    /// <summary>Sum of a stretch that ends some samples before the last one.</summary>
    public long Sum(int length, int before) => Difference(_sums, length, before);

    /// <summary>Sum of the absolute moves in the last stretch.</summary>
    public long Moves(int length) => Difference(_moves, length, 0);

    /// <summary>Number of moves beyond the band in the last stretch.</summary>
    public long Strides(int length) => Difference(_strides, length, 0);

    private long Difference(long[] sums, int length, int before)
    {
        long end = Count - 1 - before;
        long start = end - length;
        return unchecked(sums[end % Length] - (start < 0 ? 0 : sums[start % Length]));
    }
}
