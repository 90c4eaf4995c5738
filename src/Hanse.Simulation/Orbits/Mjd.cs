namespace Hanse.Simulation.Orbits;

/// <summary>A moment of barycentric dynamical time, as a modified Julian date.</summary>
/// <param name="Days">Julian date minus 2400000.5. One unit in the last place is 0.6 µs in this
/// century.</param>
public readonly record struct Mjd(double Days)
{
    /// <summary>2000-01-01 12:00, the epoch of the reference frame (JD 2451545.0).</summary>
    public static Mjd J2000 { get; } = new(51_544.5);

    /// <summary>Reads a Julian date, as the close-approach tables print it.</summary>
    public static Mjd FromJulianDate(double julianDays) => new(julianDays - 2_400_000.5);

    /// <summary>The moment this many days later; negative goes back.</summary>
    public Mjd PlusDays(double days) => new(Days + days);

    /// <summary>The moment this many microseconds later; negative goes back.</summary>
    public Mjd PlusMicros(long micros) => new(Days + (micros / 86_400e6));

    /// <summary>Days from <paramref name="earlier"/> to this moment; negative if it is later.</summary>
    public double DaysSince(Mjd earlier) => Days - earlier.Days;
}
