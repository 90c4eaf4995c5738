using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Series;

namespace Hanse.Cli.Telemetry;

/// <summary>Holds alarms against labels, and against chance.</summary>
internal sealed class Sightings
{
    private readonly int _rows;

    private readonly int _learned;

    private readonly IReadOnlyList<Stretch> _labels;

    // How many of the rows before each are judged and not labelled.
    private readonly int[] _nominalBefore;

    /// <summary>Sets out what is known of a series.</summary>
    /// <param name="rows">Its length.</param>
    /// <param name="learned">Rows at its beginning that are not judged.</param>
    /// <param name="labels">Its labelled stretches.</param>
    public Sightings(int rows, int learned, IReadOnlyList<Stretch> labels)
    {
        (_rows, _learned, _labels) = (rows, learned, labels);
        bool[] isLabelled = new bool[rows];
        foreach (Stretch label in labels)
        {
            isLabelled.AsSpan(label.First, label.Last - label.First + 1).Fill(true);
        }

        _nominalBefore = new int[rows + 1];
        for (int row = 0; row < rows; row++)
        {
            _nominalBefore[row + 1] = _nominalBefore[row] + (row >= learned && !isLabelled[row] ? 1 : 0);
        }
    }

    /// <summary>Rows that are judged and not labelled.</summary>
    public int Nominal => _nominalBefore[_rows];

    /// <summary>Labelled stretches that an alarm touches.</summary>
    public int Detected(AlarmLog alarms) => _labels.Count(label =>
        alarms.Events.Any(alarm => Touches(alarm, label)));

    /// <summary>Whether an alarm touches a labelled stretch.</summary>
    public bool IsLabelled(AlarmEvent alarm) => _labels.Any(label => Touches(alarm, label));

    /// <summary>Nominal rows under alarm, pauses within an alarm included.</summary>
    public long NominalUnder(AlarmLog alarms) => alarms.Events.Sum(alarm =>
        (long)_nominalBefore[alarm.Last + 1] - _nominalBefore[alarm.Onset]);

    /// <summary>How many labelled stretches the same alarms would touch on average, each placed anywhere in
    /// the judged rows with equal chance and without regard to the others.</summary>
    public double ExpectedAtRandom(AlarmLog alarms)
    {
        double expected = 0;
        foreach (Stretch label in _labels)
        {
            double missed = 1;
            foreach (AlarmEvent alarm in alarms.Events)
            {
                long length = alarm.Last - alarm.Onset + 1;
                long first = Math.Max(_learned, label.First - length + 1);
                long last = Math.Min(label.Last, _rows - length);
                missed *= 1 - ((double)Math.Max(0, last - first + 1) / (_rows - _learned - length + 1));
            }

            expected += 1 - missed;
        }

        return expected;
    }

    private static bool Touches(AlarmEvent alarm, Stretch label) =>
        alarm.Onset <= label.Last && alarm.Last >= label.First;
}
