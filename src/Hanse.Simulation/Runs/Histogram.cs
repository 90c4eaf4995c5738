using System;

namespace Hanse.Simulation.Runs;

/// <summary>Quantiles of many non-negative numbers in little memory: buckets a per cent wide.</summary>
internal sealed class Histogram
{
    private const double Least = 1e-6;
    private static readonly double _log = Math.Log(1.01);

    private readonly long[] _buckets = new long[6000];

    private double _sum;

    public long Count { get; private set; }

    /// <summary>Their mean; zero of none.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    public void Add(double value)
    {
        int bucket = value <= Least ? 0 : 1 + (int)(Math.Log(value / Least) / _log);
        _buckets[Math.Min(bucket, _buckets.Length - 1)]++;
        Count++;
        _sum += value;
    }

    /// <summary>The value below which a share of the numbers lies, within a per cent.</summary>
    public double Quantile(double share)
    {
        long wanted = (long)Math.Ceiling(Count * share);
        long seen = 0;
        for (int i = 0; i < _buckets.Length; i++)
        {
            seen += _buckets[i];
            if (seen >= wanted && seen > 0)
            {
                return i == 0 ? 0 : Least * Math.Exp((i - 0.5) * _log);
            }
        }

        return 0;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Count = 0;
        _sum = 0;
    }
}
