using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Cli.Reviews;
using Hanse.Core.Hub;

namespace Hanse.Cli.Views;

/// <summary>Cases for people, and for programs.</summary>
internal static class CaseTable
{
    /// <summary>One line a case.</summary>
    public static void List(TextWriter output, IReadOnlyCollection<FiledCase> cases)
    {
        foreach (FiledCase filed in cases)
        {
            CaseView view = filed.View;
            string state = filed.Word ?? view.Status.ToString();
            output.WriteLine($"{filed.Name,-8} {JournalReport.Time(view.At),-17} {state,-8} {view.Kind,-18} "
                + view.About);
        }

        output.WriteLine(cases.Count == 0
            ? "no cases"
            : $"{Figures.Count(cases.Count)} cases, {Figures.Count(cases.Count(c => c.Word is null))} "
                + "without a word; see one with 'hanse review show N'");
    }

    /// <summary>All of one case.</summary>
    public static void Show(TextWriter output, FiledCase filed)
    {
        CaseView view = filed.View;
        output.WriteLine($"case {filed.Name}: {view.Kind}");
        output.WriteLine($"  about      {view.About}");
        output.WriteLine(
            $"  opened     {JournalReport.Time(view.At)}, met {Figures.Count(view.Times)} times");
        output.WriteLine($"  state      {view.Status}; the word: {filed.Word ?? "none yet"}");
        if (view.Reasons.Length > 0)
        {
            output.WriteLine($"  found      {string.Join(", ", view.Reasons)}");
        }

        output.WriteLine($"  meanwhile  {view.Meanwhile}");
        output.WriteLine($"  accept     {view.IfAccepted}");
        output.WriteLine($"  reject     {view.IfRejected}");
    }

    /// <summary>A list as JSON.</summary>
    public static string Json(IEnumerable<FiledCase> cases) =>
        JsonSerializer.Serialize([.. cases.Select(CaseLine.Of)], CaseLineJson.Default.CaseLineArray);

    /// <summary>One case as JSON.</summary>
    public static string Json(FiledCase filed) =>
        JsonSerializer.Serialize(CaseLine.Of(filed), CaseLineJson.Default.CaseLine);
}

/// <summary>A case as a JSON object.</summary>
internal sealed record CaseLine(
    string Case, uint Region, ulong Number, long AtMicros, string Status, string? Word, string Kind,
    uint Node, int Times, string About, string[] Reasons, string Meanwhile, string IfAccepted,
    string IfRejected)
{
    /// <summary>Of a case in a file.</summary>
    public static CaseLine Of(FiledCase filed)
    {
        CaseView view = filed.View;
        return new CaseLine(
            filed.Name, view.Region.Value, view.Number, view.At.Micros, view.Status.ToString(), filed.Word,
            view.Kind, view.Node.Value, view.Times, view.About, [.. view.Reasons], view.Meanwhile,
            view.IfAccepted, view.IfRejected);
    }
}

/// <summary>How it is written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(CaseLine))]
[JsonSerializable(typeof(CaseLine[]))]
internal sealed partial class CaseLineJson : JsonSerializerContext
{
}
