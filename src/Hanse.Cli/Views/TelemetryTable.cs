using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Cli.Telemetry;

namespace Hanse.Cli.Views;

/// <summary>An evaluation for people: one row a series, then sentences.</summary>
internal static class TelemetryTable
{
    private const int FindingsShown = 12;

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, TelemetryReport report)
    {
        int width = report.Channels.Max(channel => channel.Channel.Length);
        output.WriteLine("series".PadRight(width) + "   samples  entries  share    bytes  of full  "
            + "max error  labelled  found  alarms  false");
        foreach (ChannelFigures channel in report.Channels)
        {
            WriteRow(output, channel.Channel.PadRight(width), channel);
        }

        WriteRow(output, "total".PadRight(width), report.Total);
        output.WriteLine();
        foreach (string sentence in Sentences(report))
        {
            output.WriteLine(sentence);
        }

        foreach (ChannelFigures channel in report.Channels)
        {
            WriteNotes(output, channel);
        }
    }

    private static void WriteRow(TextWriter output, string name, TelemetryFigures figures)
    {
        string entries = Percent(figures.EntryShare, "0.0");
        string bytes = Percent(figures.ByteShare, "0.00");
        string error = figures.MaxError.ToString("0.######", CultureInfo.InvariantCulture);
        output.WriteLine($"{name}  {Figures.Count(figures.Samples),8} {Figures.Count(figures.Entries),8} "
            + $"{entries,6} {Figures.Count(figures.Bytes),8} {bytes,8} {error,10} "
            + $"{figures.SegmentsLabelled,9} {figures.SegmentsDetected,6} {figures.AlarmEvents,7} "
            + $"{figures.FalseAlarmEvents,6}");
    }

    private static IEnumerable<string> Sentences(TelemetryReport report)
    {
        TelemetryFigures total = report.Total;
        yield return $"Told within {report.Band} of every value, in windows of up to "
            + $"{Figures.Count(report.WindowSamples)} samples, commands "
            + $"{(report.CommandsKnown ? "known to both ends" : "not known")}: "
            + $"{Figures.Count(total.Bytes)} of {Figures.Count(total.FullBytes)} bytes "
            + $"({TelemetryFigures.FullBytesPerSample} a sample); a receiver that only holds the last value "
            + $"would take {Figures.Count(total.LevelRuns)} entries.";
        if (report.Channels.All(channel => !channel.IsLabelled))
        {
            yield return $"{Figures.Count(total.AlarmEvents)} alarms; without labels none can be called "
                + "false or true.";
            yield break;
        }

        string random = total.RandomSegmentsExpected.ToString("0.0", CultureInfo.InvariantCulture);
        yield return $"Found {total.SegmentsDetected} of {total.SegmentsLabelled} labelled stretches with "
            + $"{Figures.Count(total.AlarmEvents)} alarms; as many alarms at random find {random}.";
        yield return $"False alarms: {Figures.Count(total.FalseAlarmEvents)} on "
            + $"{Figures.Count(total.NominalSamples)} nominal samples "
            + $"({Percent(total.FalseAlarmRate, "0.000")}), of which "
            + $"{Percent(total.FalseAlarmSampleShare, "0.00")} are under alarm.";
        yield return $"A check of the training range, widened by a tenth or the band, finds "
            + $"{total.RangeCheckSegmentsDetected} with "
            + $"{Percent(total.RangeCheckFalseAlarmSampleShare, "0.00")} of the nominal samples under alarm.";
    }

    private static void WriteNotes(TextWriter output, ChannelFigures channel)
    {
        output.WriteLine();
        output.WriteLine($"{channel.Channel}: learned from {channel.LearnedFrom}");
        foreach (Alarm alarm in channel.Alarms.Take(FindingsShown))
        {
            output.WriteLine($"  alarm    rows {alarm.Onset} to {alarm.Last}: {alarm.Reasons}"
                + (alarm.Labelled || !channel.IsLabelled ? "" : " (false)"));
        }

        WriteRest(output, channel.Alarms.Count);
        WriteFindings(output, "clock goes back", channel.ClockSteps);
        WriteFindings(output, "stamp twice", channel.Duplicates);
        WriteFindings(output, "gap", channel.Gaps);
    }

    private static void WriteFindings(TextWriter output, string what, IReadOnlyList<ClockFinding> findings)
    {
        foreach (ClockFinding finding in findings.Take(FindingsShown))
        {
            string seconds = finding.Seconds.ToString("+0.###;-0.###;0", CultureInfo.InvariantCulture);
            output.WriteLine($"  {what}  line {finding.Line}: {finding.From} to {finding.To} ({seconds} s)");
        }

        WriteRest(output, findings.Count);
    }

    private static void WriteRest(TextWriter output, int count)
    {
        if (count > FindingsShown)
        {
            output.WriteLine($"  and {count - FindingsShown:N0} more; -o json lists them");
        }
    }

    private static string Percent(double share, string form) =>
        (100 * share).ToString(form, CultureInfo.InvariantCulture) + " %";
}
