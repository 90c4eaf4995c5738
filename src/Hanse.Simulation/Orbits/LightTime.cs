using System;

namespace Hanse.Simulation.Orbits;

/// <summary>How long a radio signal travels between Earth and a body.</summary>
/// <remarks>
/// <para>
/// We take the distance at the moment of sending, divided by the speed of light, and do not iterate for the
/// motion of the receiver during the flight. The answer is off by at most the closing speed over c: with 70
/// km/s that is 0.023 %, or a quarter of a second in twenty minutes. In return both directions agree, one
/// call costs two Kepler solutions, and no iteration can end differently for neighbouring moments.
/// </para>
/// <para>
/// Signals never overtake each other: the distance changes far slower than light travels, and rounding is
/// down to whole microseconds, so the arrival t + delay(t) never decreases when t grows.
/// </para>
/// </remarks>
public static class LightTime
{
    /// <summary>Light seconds in one AU: 149,597,870.700 km (IAU 2012) over 299,792.458 km/s.</summary>
    public const double SecondsPerAu = 149_597_870.700 / 299_792.458;

    /// <summary>Distance between Earth and the body at that moment, AU.</summary>
    public static double DistanceAu(KeplerOrbit orbit, Mjd moment) =>
        (orbit.Position(moment) - Earth.Position(moment)).Length;

    /// <summary>One-way travel time of a signal sent at that moment, whole microseconds.</summary>
    public static long Micros(KeplerOrbit orbit, Mjd moment) =>
        (long)Math.Floor(DistanceAu(orbit, moment) * SecondsPerAu * 1e6);
}
