using System;
using System.Collections.Generic;
using Hanse.Core.Machine;

namespace Hanse.Core.Series;

/// <summary>What is out of the ordinary about a series; several may hold at once.</summary>
[Flags]
public enum AlarmReasons
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its level: a value, or the mean of a stretch, beyond what was learned.</summary>
    Level = 1,

    /// <summary>Its roughness: it moves more, or less, than it did; a stuck sensor moves less.</summary>
    Roughness = 2,

    /// <summary>Its activity: moves beyond the dead band come more, or less, often.</summary>
    Activity = 4,

    /// <summary>Its shape: a stretch that resembles none before.</summary>
    Shape = 8,
}

/// <summary>One alarm: a stretch of samples that an operator hears of once.</summary>
/// <param name="Onset">Number of the first sample under alarm.</param>
/// <param name="Last">Number of the last one; not before the first.</param>
/// <param name="Reasons">All that was found in between.</param>
public readonly record struct AlarmEvent(long Onset, long Last, AlarmReasons Reasons);

/// <summary>Joins samples under alarm into alarms.</summary>
/// <remarks>Alarms at most <see cref="QuietMax"/> samples apart are one: an alarm that chatters is one piece
/// of news (ISA-18.2).</remarks>
public sealed class AlarmLog
{
    /// <summary>Alarms kept; later ones are counted in <see cref="Dropped"/> and not kept.</summary>
    public const int EventsMax = 65_536;

    /// <summary>Samples without alarm that do not end it.</summary>
    public const int QuietMax = 32;

    private readonly List<AlarmEvent> _events = [];

    private long _now = -1;

    private bool _isDropping;

    /// <summary>Alarms in the order of their onset.</summary>
    public IReadOnlyList<AlarmEvent> Events => _events;

    /// <summary>Alarms that were not kept.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes what was found at one sample.</summary>
    /// <param name="at">Its number; each greater than the one before.</param>
    /// <param name="reasons">What was found.</param>
    public void Add(long at, AlarmReasons reasons)
    {
        Invariant.Holds(at > _now);
        _now = at;
        if (reasons == AlarmReasons.None)
        {
            return;
        }

        if (_events.Count > 0 && !_isDropping && at - _events[^1].Last <= QuietMax + 1)
        {
            AlarmEvent known = _events[^1];
            _events[^1] = new AlarmEvent(known.Onset, at, known.Reasons | reasons);
            return;
        }

        _isDropping = _events.Count == EventsMax;
        if (_isDropping)
        {
            Dropped++;
            return;
        }

        _events.Add(new AlarmEvent(at, at, reasons));
    }
}
