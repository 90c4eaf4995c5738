using System;

namespace Hanse.Core.Units;

/// <summary>Energy in whole joules.</summary>
/// <param name="Value">Joules.</param>
public readonly record struct Joules(long Value)
{
    /// <summary>How long <paramref name="power"/> takes to supply this energy, rounded up to a
    /// microsecond.</summary>
    public TimeSpan At(Watts power) =>
        TimeSpan.FromMicroseconds((long)((((Int128)Value * 1_000_000) + power.Value - 1) / power.Value));
}

/// <summary>Power in whole watts.</summary>
/// <param name="Value">Watts; positive where it divides.</param>
public readonly record struct Watts(long Value)
{
    /// <summary>Energy supplied in a time, rounded down to a joule.</summary>
    public static Joules operator *(Watts power, TimeSpan time) =>
        new((long)((Int128)power.Value * time.Ticks / TimeSpan.TicksPerSecond));
}
