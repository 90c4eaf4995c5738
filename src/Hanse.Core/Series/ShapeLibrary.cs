using System;

namespace Hanse.Core.Series;

/// <summary>Stretches a series has gone through; a stretch unlike any of them is news.</summary>
/// <remarks>
/// Discords (Keogh, Lin and Fu, ICDM 2005): the distance of a stretch to its nearest neighbour, over means of
/// eighths of the stretch (Keogh et al., KAIS 3, 2001). The threshold is the greatest distance by which any
/// training stretch differs from all others that do not overlap it, and a quarter more. What has been seen is
/// known after <see cref="Delay"/> samples, alarming or not, so a new shape is news once. Every alarm raises
/// the threshold by a quarter: a detector that is wrong about a series grows quiet on it.
/// </remarks>
internal sealed class ShapeLibrary
{
    /// <summary>Samples after which a stretch of service is known: above the longest stretch, so that an
    /// anomaly does not excuse itself while it lasts a few stretches.</summary>
    public const int Delay = 256;

    private const int Points = 8;

    // Training stretches, which stay; and those of service, of which the oldest gives way.
    private const int TrainedMax = 6144;

    private const int ServedMax = 8192;

    // Distances are summed over eight points: two bands are a quarter of a band at each.
    private const int FloorBands = 2;

    private const int SlackDivisor = 4;

    private readonly bool _isCentred;

    private readonly long _floor;

    private readonly int _stride;

    private readonly long[] _shapes = new long[(TrainedMax + ServedMax) * Points];

    private readonly long[] _places = new long[TrainedMax];

    private readonly long[] _query = new long[Points];

    private int _trained;

    private int _served;

    private int _servedAt;

    private long _threshold;

    private long _lastNews = long.MinValue / 2;

    private int _outside;

    private bool _isNews;

    /// <summary>An empty library.</summary>
    /// <param name="length">Samples of a stretch, a multiple of eight.</param>
    /// <param name="isCentred">Whether the mean of a stretch is taken out, so that its level does not
    /// count.</param>
    /// <param name="band">The dead band.</param>
    public ShapeLibrary(int length, bool isCentred, long band)
    {
        Length = length;
        _isCentred = isCentred;
        _floor = FloorBands * band;
        _stride = length / Points;
    }

    /// <summary>Samples of a stretch.</summary>
    public int Length { get; }

    /// <summary>Whether it has learned anything.</summary>
    public bool IsArmed => _trained > 0;

    /// <summary>Learns the stretch that ends with the last training sample.</summary>
    public void Learn(SeriesTail tail, long trainingCount)
    {
        long spacing = (trainingCount / TrainedMax) + 1;
        if (tail.Count % spacing == 0 && _trained < TrainedMax)
        {
            Measure(tail, 0);
            _query.CopyTo(_shapes, _trained * Points);
            _places[_trained++] = tail.Count;
        }
    }

    /// <summary>Ends the training.</summary>
    /// <remarks>Cost: quadratic in the training part, which is bounded.</remarks>
    public void Arm()
    {
        long farthest = 0;
        for (int i = 0; i < _trained; i++)
        {
            if (_places[i] % _stride == 0)
            {
                _shapes.AsSpan(i * Points, Points).CopyTo(_query);
                long distance = Nearest(_places[i], farthest);
                farthest = distance == long.MaxValue ? farthest : Math.Max(farthest, distance);
            }
        }

        _threshold = farthest + (farthest / SlackDivisor) + _floor;
    }

    /// <summary>Whether the stretch that ends with the last sample is news.</summary>
    /// <param name="tail">The samples.</param>
    /// <param name="service">How many of them came after the training.</param>
    public bool IsNews(SeriesTail tail, long service)
    {
        if (tail.Count % _stride != 0)
        {
            return _isNews;
        }

        if (service >= Length + Delay)
        {
            Measure(tail, Delay);
            _query.CopyTo(_shapes, (TrainedMax + _servedAt) * Points);
            _servedAt = (_servedAt + 1) % ServedMax;
            _served = Math.Min(_served + 1, ServedMax);
        }

        Measure(tail, 0);
        bool isFar = Nearest(long.MaxValue, _threshold) > _threshold;
        _outside = isFar ? _outside + _stride : Math.Max(_outside - _stride, 0);
        if (isFar)
        {
            if (tail.Count - _lastNews > Envelope.PersistMax)
            {
                _threshold += Math.Min(_threshold, SeriesWindow.ValueMax) / SlackDivisor;
            }

            _lastNews = tail.Count;
        }

        _isNews = isFar && _outside <= Envelope.PersistMax;
        return _isNews;
    }

    private void Measure(SeriesTail tail, int before)
    {
        long mean = 0;
        for (int i = 0; i < Points; i++)
        {
            _query[i] = tail.Sum(_stride, before + ((Points - 1 - i) * _stride)) / _stride;
            mean += _query[i];
        }

        for (int i = 0; i < Points && _isCentred; i++)
        {
            _query[i] -= mean / Points;
        }
    }

    // The least distance of the query to what is known, the newest first; at most `enough` is as good as
    // nothing. Stretches that overlap the place of a training stretch do not count.
    private long Nearest(long place, long enough)
    {
        long nearest = long.MaxValue;
        for (int i = 1; i <= _served && nearest > enough; i++)
        {
            int at = TrainedMax + ((_servedAt - i + ServedMax) % ServedMax);
            nearest = Math.Min(nearest, Distance(at, nearest));
        }

        for (int i = _trained - 1; i >= 0 && nearest > enough; i--)
        {
            bool isItself = place != long.MaxValue && Math.Abs(_places[i] - place) <= Length;
            nearest = isItself ? nearest : Math.Min(nearest, Distance(i, nearest));
        }

        return nearest;
    }

    private long Distance(int shape, long enough)
    {
        ReadOnlySpan<long> points = _shapes.AsSpan(shape * Points, Points);
        long distance = 0;
        for (int i = 0; i < Points && distance < enough; i++)
        {
            distance += Math.Abs(points[i] - _query[i]);
        }

        return distance;
    }
}
