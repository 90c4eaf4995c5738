using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace Hanse.Cli.Telemetry;

/// <summary>A place where a clock did not go on as it does elsewhere.</summary>
/// <param name="Line">Line of the later stamp, from 1.</param>
/// <param name="From">The stamp before.</param>
/// <param name="To">The later stamp.</param>
/// <param name="Seconds">From the one to the other; steps when the column is <c>t</c>.</param>
internal sealed record ClockFinding(int Line, string From, string To, double Seconds);

/// <summary>What is odd about the stamps of a series. Rows are told in the order of the file whatever their
/// stamps say, so none is lost or counted twice.</summary>
internal sealed class ClockFindings
{
    /// <summary>Findings of each kind that are listed, the first ones.</summary>
    public const int ListedMax = 1000;

    private readonly Recording _recording;

    private readonly decimal _usual;

    /// <summary>Looks through the stamps.</summary>
    public ClockFindings(Recording recording)
    {
        _recording = recording;
        _usual = Enumerable.Range(1, Math.Max(0, recording.Count - 1)).Select(Step)
            .Where(step => step > 0)
            .GroupBy(step => step)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
            .Select(group => group.Key)
            .FirstOrDefault(1);
    }

    /// <summary>Stamps earlier than the one before.</summary>
    public IReadOnlyList<ClockFinding> ClockSteps => Those(step => step < 0);

    /// <summary>Stamps equal to the one before.</summary>
    public IReadOnlyList<ClockFinding> Duplicates => Those(step => step == 0);

    /// <summary>Stamps one and a half times as late as usual, or later: one may be missing.</summary>
    public IReadOnlyList<ClockFinding> Gaps => Those(step => step >= 1.5m * _usual);

    private decimal Step(int row) => _recording.Stamps[row] - _recording.Stamps[row - 1];

    private ClockFinding[] Those(Func<decimal, bool> which) =>
        [.. Enumerable.Range(1, Math.Max(0, _recording.Count - 1))
            .Where(row => which(Step(row)))
            .Take(ListedMax)
            .Select(row => new ClockFinding(_recording.Lines[row], Shown(row - 1), Shown(row),
                (double)Step(row)))];

    private string Shown(int row) => _recording.IsDated
        ? DateTime.UnixEpoch.AddTicks((long)(_recording.Stamps[row] * TimeSpan.TicksPerSecond))
            .ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture)
        : _recording.Stamps[row].ToString(CultureInfo.InvariantCulture);
}
