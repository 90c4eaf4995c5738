using System;
using Hanse.Core.Time;

namespace Hanse.IO.Runtime;

/// <summary>The time of a mission, and how long it is until an instant of it in the time of this
/// machine.</summary>
public interface IMissionClock
{
    /// <summary>Now.</summary>
    Instant Now { get; }

    /// <summary>How long to wait; zero for what has been.</summary>
    TimeSpan Until(Instant instant);
}

/// <summary>Mission time that runs with the clock of this machine, at its pace or a faster one.</summary>
/// <param name="time">The machine's clock.</param>
/// <param name="epoch">When the mission's epoch was, by that clock.</param>
/// <param name="pace">Mission seconds a second; positive.</param>
public sealed class MissionClock(TimeProvider time, DateTimeOffset epoch, double pace = 1) : IMissionClock
{
    /// <summary>Mission seconds a second.</summary>
    public double Pace { get; } = pace is > 0 and <= 1e6
        ? pace : throw new ArgumentOutOfRangeException(nameof(pace), pace, "a pace is from 0 to a million");

    /// <inheritdoc/>
    public Instant Now
    {
        get
        {
            double micros = (time.GetUtcNow() - epoch).TotalMicroseconds * Pace;
            return new Instant((long)Math.Clamp(micros, 0, Instant.MicrosMax));
        }
    }

    /// <inheritdoc/>
    public TimeSpan Until(Instant instant)
    {
        double left = (instant.Micros - (double)Now.Micros) / Pace;
        return TimeSpan.FromMicroseconds(Math.Clamp(left, 0, TimeSpan.FromDays(20).TotalMicroseconds));
    }
}
