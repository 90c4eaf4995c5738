using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hanse.Cli.Commands;
using Hanse.Core.Time;
using Hanse.IO.Journal;

namespace Hanse.Cli.Views;

/// <summary>What a verification or a repair came to.</summary>
internal static class JournalReport
{
    private static readonly JsonWriterOptions _options =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Mission time as <c>12.03:04:05.678</c>: days, hours, minutes, seconds.</summary>
    public static string Time(Instant at) =>
        TimeSpan.FromMicroseconds(at.Micros).ToString("d\\.hh\\:mm\\:ss\\.fff", null);

    /// <summary>Reports a verification.</summary>
    public static void Write(TextWriter output, string path, JournalVerifier verifier, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(Json(verifier));
            return;
        }

        output.WriteLine($"{path}: {Word(verifier.Verdict)}");
        output.WriteLine($"  blocks       {Figures.Count((long)verifier.Blocks)}, with "
            + $"{Figures.Count(verifier.Entries)} entries and {Figures.Count(verifier.Readings)} readings");
        if (verifier.Span is (var from, var until))
        {
            output.WriteLine($"  time         {Time(from)} to {Time(until)}");
        }

        output.WriteLine($"  checkpoints  {Figures.Count(verifier.Checkpoints)}; the last covers "
            + $"{Figures.Count((long)verifier.Covered)} blocks, "
            + $"{Figures.Count((long)(verifier.Blocks - verifier.Covered))} are not attested yet");
        output.WriteLine($"  key trusted  {verifier.FirstKey?.ToString() ?? "none"}{Source(verifier)}");
        if (verifier.Key != verifier.FirstKey)
        {
            output.WriteLine($"  changed to   {verifier.Key}");
        }

        foreach (RawSegment segment in verifier.Segments)
        {
            output.WriteLine($"  raw segment  {segment.Segment}, {segment.Leaves} leaves, {segment.Root}");
        }

        foreach (JournalFinding finding in verifier.Findings)
        {
            output.WriteLine($"  at byte {finding.Offset}: {finding.Reason}");
        }

        if (verifier.FindingsCount > verifier.Findings.Count)
        {
            output.WriteLine($"  and {Figures.Count(verifier.FindingsCount - verifier.Findings.Count)} more");
        }
    }

    /// <summary>Reports a repair, done or not.</summary>
    /// <returns>The exit code.</returns>
    public static int Write(TextWriter output, TextWriter error, string path, RepairReport report)
    {
        if (report.Damage is not { } damage)
        {
            output.WriteLine($"{path}: whole, {Figures.Count(report.BlocksKept)} blocks; nothing to repair");
            return ExitCode.Fine;
        }

        TextWriter writer = report.IsRepairable ? output : error;
        writer.WriteLine($"{path}: at byte {damage.Offset}: {damage.Reason}");
        if (!report.IsRepairable)
        {
            error.WriteLine("hanse: there is no prefix to keep; nothing was changed");
            return ExitCode.Refused;
        }

        string least = report.IsCountComplete ? "" : "at least ";
        output.WriteLine($"  kept         {Figures.Count(report.BlocksKept)} blocks, of which the last "
            + $"checkpoint covers {Figures.Count((long)report.Covered)}");
        output.WriteLine($"  cut off      {Figures.Count(report.BytesCut)} bytes, with {least}"
            + $"{Figures.Count(report.RecordsBeyond)} whole records, {Figures.Count(report.BlocksBeyond)} "
            + "of them blocks");
        output.WriteLine(report.Aside is null
            ? "  nothing was changed"
            : $"  kept aside   {report.Aside}");
        return ExitCode.Fine;
    }

    private static string Word(JournalVerdict verdict) => verdict switch
    {
        JournalVerdict.Verified => "verified",
        JournalVerdict.SelfSigned => "whole and signed, by the key that the file itself names",
        JournalVerdict.Unsigned => "whole, but not signed: no checkpoint attests it",
        _ => "does not hold",
    };

    private static string Source(JournalVerifier verifier) =>
        verifier.FirstKey is null ? " (the file names none, and --key was not given)"
        : verifier.IsKeyGiven ? " (by --key)" : " (named by the file itself; compare it with --key)";

    private static string Json(JournalVerifier verifier)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, _options))
        {
            json.WriteStartObject();
            json.WriteString("verdict", JsonNamingPolicy.CamelCase.ConvertName(verifier.Verdict.ToString()));
            json.WriteNumber("blocks", verifier.Blocks);
            json.WriteNumber("entries", verifier.Entries);
            json.WriteNumber("readings", verifier.Readings);
            json.WriteNumber("checkpoints", verifier.Checkpoints);
            json.WriteNumber("covered", verifier.Covered);
            if (verifier.Span is (var from, var until))
            {
                json.WriteNumber("fromMicros", from.Micros);
                json.WriteNumber("untilMicros", until.Micros);
            }

            json.WriteString("key", verifier.FirstKey?.ToString());
            json.WriteBoolean("keyGiven", verifier.IsKeyGiven);
            json.WriteString("keyNow", verifier.Key?.ToString());
            json.WriteStartArray("segments");
            foreach (RawSegment segment in verifier.Segments)
            {
                json.WriteStartObject();
                json.WriteNumber("segment", segment.Segment);
                json.WriteNumber("leaves", segment.Leaves);
                json.WriteString("root", segment.Root.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("findingsCount", verifier.FindingsCount);
            json.WriteStartArray("findings");
            foreach (JournalFinding finding in verifier.Findings)
            {
                json.WriteStartObject();
                json.WriteNumber("offset", finding.Offset);
                json.WriteString("reason", finding.Reason);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
