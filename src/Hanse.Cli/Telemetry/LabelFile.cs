using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

namespace Hanse.Cli.Telemetry;

/// <summary>A labelled stretch of a series: rows from and to, both included.</summary>
internal readonly record struct Stretch(int First, int Last);

/// <summary>Which stretches of which series experts called anomalous.</summary>
/// <remarks>
/// Two forms are read: <c>channel, anomaly_start, anomaly_end</c> with row numbers from zero in
/// <c>CHANNEL_test.csv</c>, and <c>file, window_start, window_end</c> with dates. In the second a stretch is
/// from the first to the last row stamped within the window, the clock having been what it was.
/// </remarks>
internal sealed class LabelFile
{
    /// <summary>The name that is looked for beside the series.</summary>
    public const string Name = "labels.csv";

    private const int LabelsMax = 100_000;

    private readonly List<(string Series, decimal First, decimal Last)> _labels = [];

    private readonly bool _isDated;

    private LabelFile(bool isDated) => _isDated = isDated;

    /// <summary>Reads a file.</summary>
    /// <exception cref="TelemetryRefusedException">It is none of labels.</exception>
    public static LabelFile Load(string file)
    {
        using CsvRows rows = CsvRows.Open(file);
        bool isDated = rows.Has("file");
        int series = rows.Column("channel", "file");
        int first = rows.Column(isDated ? "window_start" : "anomaly_start");
        int last = rows.Column(isDated ? "window_end" : "anomaly_end");
        var labels = new LabelFile(isDated);
        while (rows.TryRead())
        {
            if (labels._labels.Count == LabelsMax)
            {
                throw rows.Mistaken(0, $"is one label too many; at most {LabelsMax:N0} are read");
            }

            decimal from = labels.Read(rows, first);
            decimal to = labels.Read(rows, last);
            if (to < from)
            {
                throw rows.Mistaken(last, "the label ends before it begins");
            }

            labels._labels.Add((rows.Field(series), from, to));
        }

        return labels;
    }

    /// <summary>The labels of a series, in the order of the file; those that lie outside its rows are left
    /// out.</summary>
    public IReadOnlyList<Stretch> Of(string channel, string file, Recording recording)
    {
        IEnumerable<(string Series, decimal First, decimal Last)> own = _labels.Where(
            label => label.Series == (_isDated ? Path.GetFileName(file) : channel));
        return _isDated
            ? [.. own.Select(label => Rows(recording, label.First, label.Last)).OfType<Stretch>()]
            : [.. own.Where(label => label.First < recording.Count)
                .Select(label => new Stretch((int)label.First,
                    (int)Math.Min(label.Last, recording.Count - 1)))];
    }

    private static Stretch? Rows(Recording recording, decimal from, decimal to)
    {
        int[] rows = [.. Enumerable.Range(0, recording.Count)
            .Where(row => recording.IsDated && recording.Stamps[row] >= from && recording.Stamps[row] <= to)];
        return rows.Length > 0 ? new Stretch(rows[0], rows[^1]) : null;
    }

    private decimal Read(CsvRows rows, int column)
    {
        string text = rows.Field(column);
        if (_isDated)
        {
            return Recording.TryParseDate(text, out decimal seconds)
                ? seconds
                : throw rows.Mistaken(column, $"'{CsvRows.Shown(text)}' is not a date");
        }

        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint row)
            ? row
            : throw rows.Mistaken(column, $"'{CsvRows.Shown(text)}' is not a row number");
    }
}
