using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Series;

/// <summary>What one measure of a stretch of samples may be: what it was in training, and a margin.</summary>
/// <remarks>
/// The margin is found by leaving out: each quarter of the training part is judged by the other three, and
/// the farthest that any quarter strays is added, so that a series that wanders gets the room it needs. To
/// that come an eighth of the range, since the extremes of a short training part understate those of a long
/// service, and the least that matters: one dead band for a level.
/// <para>
/// A state of alarm that lasts longer than <see cref="PersistMax"/> samples is the new normal: it has been
/// told, and the envelope takes it in.
/// </para>
/// </remarks>
internal sealed class Envelope
{
    /// <summary>Samples after which a lasting deviation is taken in: as long as the longest stretch whose
    /// level is watched.</summary>
    public const int PersistMax = 64;

    private const int Quarters = 4;

    private const int SlackDivisor = 8;

    // Counts are compared in sixteenths, so that an eighth of a small range is not nothing.
    private const int CountScale = 16;

    private readonly AlarmReasons _measure;

    private readonly long _floor;

    private readonly long[] _least = new long[Quarters];

    private readonly long[] _most = new long[Quarters];

    private long _low;

    private long _high;

    private int _outside;

    /// <summary>An envelope that has learned nothing.</summary>
    /// <param name="measure">Level, roughness or activity.</param>
    /// <param name="length">Samples of a stretch.</param>
    /// <param name="band">The dead band.</param>
    public Envelope(AlarmReasons measure, int length, long band)
    {
        _measure = measure;
        Length = length;
        Array.Fill(_least, long.MaxValue);
        Array.Fill(_most, long.MinValue);

        // A level: the band. Roughness: one excursion of a band, there and back. Activity: two strides, for
        // the same reason.
        _floor = measure switch
        {
            AlarmReasons.Level => band,
            AlarmReasons.Roughness => 2 * band / length,
            _ => 2 * CountScale,
        };
    }

    /// <summary>Samples of a stretch.</summary>
    public int Length { get; }

    /// <summary>What it measures.</summary>
    public AlarmReasons Measure => _measure;

    /// <summary>Whether it has learned anything.</summary>
    public bool IsArmed { get; private set; }

    /// <summary>Learns from the stretch that ends with the last training sample.</summary>
    public void Learn(SeriesTail tail, long trainingCount)
    {
        int quarter = (int)((tail.Count - 1) * Quarters / trainingCount);
        long value = Value(tail);
        _least[quarter] = Math.Min(_least[quarter], value);
        _most[quarter] = Math.Max(_most[quarter], value);
    }

    /// <summary>Ends the training.</summary>
    public void Arm()
    {
        (_low, _high) = Range(-1);
        IsArmed = _low <= _high;
        if (!IsArmed)
        {
            return;
        }

        long stray = 0;
        for (int quarter = 0; quarter < Quarters; quarter++)
        {
            (long low, long high) = Range(quarter);
            if (_least[quarter] <= _most[quarter] && low <= high)
            {
                stray = Math.Max(stray, Math.Max(low - _least[quarter], _most[quarter] - high));
            }
        }

        long margin = stray + _floor + ((_high - _low) / SlackDivisor);
        (_low, _high) = (_low - margin, _high + margin);
    }

    /// <summary>Whether the stretch that ends with the last sample is news.</summary>
    public bool IsOutside(SeriesTail tail)
    {
        Invariant.Holds(IsArmed);
        long value = Value(tail);
        if (value >= _low && value <= _high)
        {
            _outside = Math.Max(_outside - 1, 0);
            return false;
        }

        _outside++;
        if (_outside <= PersistMax)
        {
            return true;
        }

        _low = Math.Min(_low, value - _floor);
        _high = Math.Max(_high, value + _floor);
        return false;
    }

    private long Value(SeriesTail tail) => _measure switch
    {
        AlarmReasons.Level => tail.Sum(Length, 0) / Length,
        AlarmReasons.Roughness => tail.Moves(Length) / Length,
        _ => tail.Strides(Length) * CountScale,
    };

    private (long Low, long High) Range(int without)
    {
        long low = long.MaxValue;
        long high = long.MinValue;
        for (int quarter = 0; quarter < Quarters; quarter++)
        {
            if (quarter != without)
            {
                low = Math.Min(low, _least[quarter]);
                high = Math.Max(high, _most[quarter]);
            }
        }

        return (low, high);
    }
}
