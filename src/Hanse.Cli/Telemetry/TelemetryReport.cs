using System.Collections.Generic;

namespace Hanse.Cli.Telemetry;

/// <summary>Figures of an evaluation; docs/telemetry.md says what each means.</summary>
internal sealed record TelemetryReport
{
    public required decimal Band { get; init; }

    public required int WindowSamples { get; init; }

    public required bool CommandsKnown { get; init; }

    public required IReadOnlyList<ChannelFigures> Channels { get; init; }

    public required TelemetryFigures Total { get; init; }
}

/// <summary>What one series or all of them came to.</summary>
internal record TelemetryFigures
{
    /// <summary>Bytes of a sample in full telemetry: a stamp and a value of eight bytes each.</summary>
    public const int FullBytesPerSample = 16;

    public required long Samples { get; init; }

    public required long Entries { get; init; }

    public double EntryShare => Share(Entries, Samples);

    public required long LevelRuns { get; init; }

    public required long Bytes { get; init; }

    public long FullBytes => Samples * FullBytesPerSample;

    public double ByteShare => Share(Bytes, FullBytes);

    public required decimal MaxError { get; init; }

    public required int SegmentsLabelled { get; init; }

    public required int SegmentsDetected { get; init; }

    public required long AlarmEvents { get; init; }

    public required long FalseAlarmEvents { get; init; }

    public required long NominalSamples { get; init; }

    public required long FalseAlarmSamples { get; init; }

    public double FalseAlarmRate => Share(FalseAlarmEvents, NominalSamples);

    public double FalseAlarmSampleShare => Share(FalseAlarmSamples, NominalSamples);

    public required double RandomSegmentsExpected { get; init; }

    public required int RangeCheckSegmentsDetected { get; init; }

    public required long RangeCheckFalseAlarmSamples { get; init; }

    public double RangeCheckFalseAlarmSampleShare => Share(RangeCheckFalseAlarmSamples, NominalSamples);

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}

/// <summary>One series.</summary>
internal sealed record ChannelFigures : TelemetryFigures
{
    public required string Channel { get; init; }

    public required string File { get; init; }

    public required string LearnedFrom { get; init; }

    public required int TrainingSamples { get; init; }

    public required bool IsLabelled { get; init; }

    public required IReadOnlyList<Alarm> Alarms { get; init; }

    public required IReadOnlyList<ClockFinding> ClockSteps { get; init; }

    public required IReadOnlyList<ClockFinding> Duplicates { get; init; }

    public required IReadOnlyList<ClockFinding> Gaps { get; init; }
}

/// <summary>One alarm.</summary>
/// <param name="Onset">Row of its first sample, from 0.</param>
/// <param name="Last">Row of its last sample.</param>
/// <param name="Reasons">What was new.</param>
/// <param name="Labelled">Whether it touches a labelled stretch.</param>
internal sealed record Alarm(long Onset, long Last, string Reasons, bool Labelled);
