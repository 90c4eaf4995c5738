using System;
using Hanse.Core.Time;

namespace Hanse.Simulation.Fleet;

/// <summary>A machine's own clock: wrong by an offset and a drift, within the mission's clock
/// error.</summary>
internal readonly struct Clock
{
    private readonly long _offset;

    // Drift in units of 2^-32 microseconds a microsecond.
    private readonly long _rate;

    /// <summary>A clock.</summary>
    /// <param name="offset">Error at the beginning, microseconds.</param>
    /// <param name="drift">What is added to it over the horizon, microseconds.</param>
    /// <param name="horizon">The horizon, microseconds.</param>
    public Clock(long offset, long drift, long horizon)
    {
        _offset = offset;
        _rate = (long)(((Int128)drift << 32) / horizon);
    }

    /// <summary>What the clock shows at a true instant.</summary>
    public Instant At(long truth) => new(truth + _offset + Drift(truth));

    /// <summary>The first true instant at which the clock shows at least this.</summary>
    public long WhenShows(Instant local)
    {
        if (local.Micros > long.MaxValue / 4)
        {
            return long.MaxValue;
        }

        // Fixed-point iteration: the drift is so small that each round gains five digits.
        long truth = local.Micros - _offset;
        for (int round = 0; round < 3; round++)
        {
            truth = local.Micros - _offset - Drift(truth);
        }

        while (At(truth) >= local)
        {
            truth--;
        }

        while (At(truth) < local)
        {
            truth++;
        }

        return truth;
    }

    // The high part of a product of 96 bits: truth * rate / 2^32.
    private long Drift(long truth)
    {
        long high = Math.BigMul(truth, _rate, out long low);
        return (high << 32) | (long)((ulong)low >> 32);
    }
}
