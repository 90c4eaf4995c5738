using System;
using System.Globalization;
using Hanse.Core.Time;

namespace Hanse.Skills.Trust;

/// <summary>The date at which mission time begins: metadata expires by the calendar, and a machine knows
/// mission time only.</summary>
/// <param name="UnixSeconds">Seconds since 1970, UTC.</param>
public readonly record struct MissionEpoch(long UnixSeconds)
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>An instant as seconds since 1970, cut to the second below.</summary>
    public long At(Instant now) => UnixSeconds + (now.FloorSecond.Micros / 1_000_000);

    /// <summary>Reads a date as metadata has it, <c>2041-03-01T00:00:00Z</c>; null when it is none.</summary>
    public static long? Parse(string text) => DateTime.TryParseExact(
        text, Form, CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime date)
            ? (date - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond : null;

    /// <summary>Writes a date as metadata has it.</summary>
    public static string Text(long unixSeconds) =>
        DateTime.UnixEpoch.AddSeconds(unixSeconds).ToString(Form, CultureInfo.InvariantCulture);
}
