using System;

namespace Hanse.Simulation.Orbits;

/// <summary>The moments at which a craft may leave: one interval in every period, for ever.</summary>
/// <remarks>
/// Times are whole microseconds since the region's epoch; windows run backwards before it as well. Intervals
/// are half open: the closing moment is too late. The integers are the truth of the world from here on: what
/// rounding took from the synodic period, below a microsecond a turn, is a drift that nobody in the world can
/// measure.
/// </remarks>
public readonly record struct DepartureWindows
{
    /// <summary>States the windows.</summary>
    /// <param name="phaseMicros">Any moment at which a window opens.</param>
    /// <param name="periodMicros">From one opening to the next; above 0.</param>
    /// <param name="lengthMicros">How long each stays open, above 0; the period or more means always.</param>
    /// <exception cref="ArgumentOutOfRangeException">Period or length is not above 0.</exception>
    public DepartureWindows(long phaseMicros, long periodMicros, long lengthMicros)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(periodMicros);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthMicros);
        PeriodMicros = periodMicros;
        LengthMicros = Math.Min(lengthMicros, periodMicros);
        PhaseMicros = FloorMod(phaseMicros, periodMicros);
    }

    /// <summary>When the first window at or after the epoch opens; from 0 to below the period.</summary>
    public long PhaseMicros { get; }

    /// <summary>From one opening to the next.</summary>
    public long PeriodMicros { get; }

    /// <summary>How long each window stays open, at most the period.</summary>
    public long LengthMicros { get; }

    /// <summary>Whether a craft may leave at any time.</summary>
    public bool IsAlwaysOpen => LengthMicros == PeriodMicros;

    /// <summary>Whether a craft may leave at that moment.</summary>
    public bool IsOpenAt(long micros) => SinceOpening(micros) < LengthMicros;

    /// <summary>The earliest moment at or after the given one at which a craft may leave.</summary>
    public long NextDeparture(long micros) =>
        IsOpenAt(micros) ? micros : micros + PeriodMicros - SinceOpening(micros);

    /// <summary>When the window that is open at that moment closes, or the next one if none is
    /// open.</summary>
    /// <remarks>Where departure is always possible, this is the end of the current period.</remarks>
    public long NextClosing(long micros)
    {
        long departure = NextDeparture(micros);
        return departure - SinceOpening(departure) + LengthMicros;
    }

    private long SinceOpening(long micros) => FloorMod(micros - PhaseMicros, PeriodMicros);

    private static long FloorMod(long value, long modulus) => ((value % modulus) + modulus) % modulus;
}
