using System;
using Hanse.Core.Links;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>For how long a hub could have called and did not, as far as the strategic layer can
/// tell.</summary>
/// <param name="Heard">When it was heard last; what follows is counted from there.</param>
/// <param name="Silent">Time since then in which the strategic layer heard others, less planned
/// outages.</param>
/// <param name="Missed">Windows that closed in that time.</param>
public sealed record HubSilence(Instant Heard, TimeSpan Silent, int Missed) : IShaped<HubSilence>
{
    /// <summary>Windows that a silence has to outlast whatever time is stated: loss takes one, a blackout
    /// another, as with nodes.</summary>
    public const int MissedMin = 3;

    // Longer ones are as long as this.
    private static readonly TimeSpan _silentMax = TimeSpan.FromDays(3_650 - 1);

    /// <summary>Of a hub that has just been heard.</summary>
    public static HubSilence From(Instant heard) => new(heard, TimeSpan.Zero, 0);

    /// <summary>Whether it has been silent for so long.</summary>
    public bool Outlasts(TimeSpan time) => Silent >= time && Missed >= MissedMin;

    /// <summary>With a stretch of silence more.</summary>
    /// <remarks>In whole milliseconds. What is sent last in a window is here a light time later, and the
    /// window in which it was heard is none that it missed.</remarks>
    internal HubSilence With(ContactPlan plan, Instant from, Instant to)
    {
        if (from >= to || Silent >= _silentMax || plan.HasOutage(from - plan.LightTime, to))
        {
            return this;
        }

        Instant after = Instant.Max(from - plan.LightTime, Heard + plan.Length);
        return this with
        {
            Silent = Silent + TimeSpan.FromMilliseconds((to - from).Ticks / TimeSpan.TicksPerMillisecond),
            Missed = checked(Missed + (int)plan.WindowsClosed(after, to - plan.LightTime)),
        };
    }

    /// <inheritdoc/>
    public static HubSilence Shape<TCodec>(ref TCodec codec, HubSilence? value)
        where TCodec : struct, ICodec
    {
        codec.Open("hubSilence", 3);
        Instant heard = codec.Moment("heard", value?.Heard ?? default);
        TimeSpan silent = codec.Duration("silent", value?.Silent ?? default);
        int missed = codec.Number("missed", value?.Missed ?? 0);
        codec.Close();
        return value ?? new HubSilence(heard, silent, missed);
    }
}
