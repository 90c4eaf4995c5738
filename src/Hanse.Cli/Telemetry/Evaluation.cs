using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Machine;
using Hanse.Core.Series;
using Hanse.Core.Wire;

namespace Hanse.Cli.Telemetry;

/// <summary>Tells a series from one end to the other, and watches it.</summary>
internal sealed class Evaluation(FixedPoint scale, int windowSamples, bool commandsKnown)
{
    // Without a training file a quarter of the rows must do.
    private const int LearnDivisor = 4;

    /// <summary>Evaluates one series.</summary>
    /// <exception cref="TelemetryRefusedException">A file is not what it should be.</exception>
    public ChannelFigures Evaluate(SeriesFile series)
    {
        Recording recording = Recording.Load(series.File, scale);
        Recording? training = series.Training is null ? null : Recording.Load(series.Training, scale);
        IReadOnlyList<Stretch> labels = series.Labels is null
            ? []
            : LabelFile.Load(series.Labels).Of(series.Channel, series.File, recording);
        (SeriesWindow told, decimal maxError) = Tell(recording);
        int learned = training is null ? Math.Max(1, recording.Count / LearnDivisor) : 0;
        long[] normal = training is null ? [.. recording.Units.Take(learned)] : [.. training.Units];
        var sightings = new Sightings(recording.Count, learned, labels);
        AlarmLog alarms = Watch(recording, learned, normal);
        AlarmLog outOfRange = CheckRange(recording, learned, normal);
        var clock = new ClockFindings(recording);
        return new ChannelFigures
        {
            Channel = series.Channel,
            File = series.File,
            LearnedFrom = series.Training ?? $"its first {learned:N0} rows, which are not judged",
            TrainingSamples = normal.Length,
            IsLabelled = series.Labels is not null,
            Samples = told.Samples,
            Entries = told.Entries,
            LevelRuns = told.Segments,
            Bytes = told.Bytes,
            MaxError = maxError,
            SegmentsLabelled = labels.Count,
            SegmentsDetected = sightings.Detected(alarms),
            AlarmEvents = alarms.Events.Count + alarms.Dropped,
            FalseAlarmEvents = alarms.Events.Count(alarm => !sightings.IsLabelled(alarm)) + alarms.Dropped,
            NominalSamples = sightings.Nominal,
            FalseAlarmSamples = sightings.NominalUnder(alarms),
            RandomSegmentsExpected = sightings.ExpectedAtRandom(alarms),
            RangeCheckSegmentsDetected = sightings.Detected(outOfRange),
            RangeCheckFalseAlarmSamples = sightings.NominalUnder(outOfRange),
            Alarms = [.. alarms.Events.Select(alarm => new Alarm(alarm.Onset, alarm.Last,
                alarm.Reasons.ToString(), sightings.IsLabelled(alarm)))],
            ClockSteps = clock.ClockSteps,
            Duplicates = clock.Duplicates,
            Gaps = clock.Gaps,
        };
    }

    /// <summary>The figures of all series together.</summary>
    public static TelemetryFigures Total(IReadOnlyList<ChannelFigures> channels) => new()
    {
        Samples = channels.Sum(channel => channel.Samples),
        Entries = channels.Sum(channel => channel.Entries),
        LevelRuns = channels.Sum(channel => channel.LevelRuns),
        Bytes = channels.Sum(channel => channel.Bytes),
        MaxError = channels.Max(channel => channel.MaxError),
        SegmentsLabelled = channels.Sum(channel => channel.SegmentsLabelled),
        SegmentsDetected = channels.Sum(channel => channel.SegmentsDetected),
        AlarmEvents = channels.Sum(channel => channel.AlarmEvents),
        FalseAlarmEvents = channels.Sum(channel => channel.FalseAlarmEvents),
        NominalSamples = channels.Sum(channel => channel.NominalSamples),
        FalseAlarmSamples = channels.Sum(channel => channel.FalseAlarmSamples),
        RandomSegmentsExpected = channels.Sum(channel => channel.RandomSegmentsExpected),
        RangeCheckSegmentsDetected = channels.Sum(channel => channel.RangeCheckSegmentsDetected),
        RangeCheckFalseAlarmSamples = channels.Sum(channel => channel.RangeCheckFalseAlarmSamples),
    };

    // Writes windows, reads them again, and compares what was read with the decimals of the file.
    private (SeriesWindow Told, decimal MaxError) Tell(Recording recording)
    {
        var writer = new SeriesWriter(scale.BandUnits - 1);
        var reader = new SeriesReader();
        var bytes = new ByteBuffer();
        var values = new List<long>();
        SeriesWindow sum = default;
        decimal maxError = 0;
        uint[] commands = commandsKnown ? [.. recording.Commands] : new uint[recording.Count];
        for (int row = 0; row < recording.Count; row++)
        {
            Invariant.Holds(writer.Append(recording.Units[row], commands[row]));
            if (writer.Count < windowSamples && row + 1 < recording.Count)
            {
                continue;
            }

            bytes.Clear();
            SeriesWindow told = writer.CloseWindow(bytes);
            bool isRead = reader.TryRead(bytes.Written, commands.AsSpan(sum.Samples), values,
                out int consumed, out _);
            Invariant.Holds(isRead && consumed == told.Bytes && values.Count == told.Samples);
            for (int i = 0; i < values.Count; i++)
            {
                maxError = Math.Max(maxError, scale.Error(recording.Values[sum.Samples + i], values[i]));
            }

            sum = new SeriesWindow(sum.Samples + told.Samples, sum.Entries + told.Entries,
                sum.Segments + told.Segments, sum.Bytes + told.Bytes);
        }

        return (sum, maxError);
    }

    private AlarmLog Watch(Recording recording, int learned, long[] normal)
    {
        var monitor = new PlausibilityMonitor(normal, scale.BandUnits);
        var log = new AlarmLog();
        for (int row = learned; row < recording.Count; row++)
        {
            log.Add(row, monitor.Observe(recording.Units[row]));
        }

        return log;
    }

    // What a simple check would find: values beyond the range of the training by more than a tenth of it and
    // more than the band, or a constant would alarm at its first digit.
    private AlarmLog CheckRange(Recording recording, int learned, long[] normal)
    {
        long low = normal.Min();
        long high = normal.Max();
        long margin = Math.Max((high - low) / 10, scale.BandUnits);
        var log = new AlarmLog();
        for (int row = learned; row < recording.Count; row++)
        {
            long value = recording.Units[row];
            bool isOutside = value < low - margin || value > high + margin;
            log.Add(row, isOutside ? AlarmReasons.Level : AlarmReasons.None);
        }

        return log;
    }
}
