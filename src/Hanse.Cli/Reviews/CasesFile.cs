using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Cli.Scenarios;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Merge;
using Hanse.Core.Wire;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Reviews;

/// <summary>The cases of a run and the operator's words on them, as a file between two runs.</summary>
/// <remarks>
/// A run writes what is open at its end; an operator writes words into it; the next run of the same scenario
/// is given them when the cases arise, and writes them down again with what is open then. A case is kept as
/// its canonical bytes beside the sentence for people, so that nothing is said twice, and a case that came
/// out otherwise is known. The file is read as a stranger's: limits, and an error that says what to do.
/// </remarks>
/// <param name="Scenario">The name of what was played.</param>
/// <param name="Sha256">Of the scenario's text with its overrides and seed, in lower-case hex.</param>
/// <param name="Cases">Open cases and decided ones, by region and number, each once.</param>
internal sealed record CasesFile(string Scenario, string Sha256, ImmutableArray<FiledCase> Cases)
{
    private const string Format = "hanse-cases 1";
    private const int BytesMax = 16 * 1024 * 1024;

    /// <summary>The file of a run.</summary>
    public static CasesFile Of(Scenario scenario, ReviewDesk desk)
    {
        var cases = new SortedDictionary<(RegionId, ulong), FiledCase>();
        foreach (OperatorWord word in desk.Words)
        {
            cases[Key(word.Case)] = new FiledCase(word.Case, word.IsAccepted);
        }

        foreach (RegionCase open in desk.Open)
        {
            // One that was rejected and stays keeps its word.
            bool? word = cases.TryGetValue(Key(open), out FiledCase? known) ? known.IsAccepted : null;
            cases[Key(open)] = new FiledCase(open, word);
        }

        return new CasesFile(scenario.Name, Digest(scenario), [.. cases.Values]);
    }

    /// <summary>Whether it is about this scenario, with its seed and overrides.</summary>
    public bool IsOf(Scenario scenario) => Sha256 == Digest(scenario);

    /// <summary>The words in it.</summary>
    public ReviewDesk Desk() => new(
    [
        .. Cases.Where(filed => filed.IsAccepted is not null)
            .Select(filed => new OperatorWord(filed.Case, filed.IsAccepted!.Value)),
    ]);

    /// <summary>The case of a number, <c>REGION.CASE</c>, or <c>CASE</c> where only one region has
    /// it.</summary>
    /// <exception cref="CasesRefusedException">There is none, or more than one.</exception>
    public FiledCase Find(string asked)
    {
        FiledCase[] found =
        [
            .. Cases.Where(filed =>
                filed.Name == asked || filed.Name.EndsWith("." + asked, StringComparison.Ordinal)),
        ];
        return found switch
        {
            [var one] => one,
            [] => throw new CasesRefusedException($"there is no case {asked}; 'hanse review list' shows all"),
            _ => throw new CasesRefusedException($"there is a case {asked} in more than one region: say "
                + string.Join(" or ", found.Select(filed => filed.Name))),
        };
    }

    /// <summary>The same file with an operator's word.</summary>
    public CasesFile With(FiledCase filed, bool isAccepted) =>
        this with { Cases = Cases.Replace(filed, filed with { IsAccepted = isAccepted }) };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CasesRefusedException">It is not such a file.</exception>
    public static CasesFile Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > BytesMax)
        {
            throw new CasesRefusedException($"{path}: larger than {BytesMax} bytes; is it a file of cases?");
        }

        FileText? text;
        try
        {
            text = JsonSerializer.Deserialize(stream, CasesJson.Default.FileText);
        }
        catch (JsonException failure)
        {
            throw new CasesRefusedException(
                $"{path}: not a file of 'hanse sim run --cases': {failure.Message}");
        }

        return text is { Format: Format, Scenario: { } scenario, Sha256: { } hash, Cases: { } lines }
            ? new CasesFile(scenario, hash, Parse(path, lines))
            : throw new CasesRefusedException($"{path}: not a file of cases: it should say \"format\": "
                + $"\"{Format}\", scenario, sha256 and cases; make one with 'hanse sim run --cases {path}'");
    }

    /// <summary>Writes it; the former one stays until all of it is there.</summary>
    public void Write(string path)
    {
        var text = new FileText(Format, Scenario, Sha256, [.. Cases.Select(filed => filed.Text)]);
        string draft = path + ".new";
        File.WriteAllText(draft, JsonSerializer.Serialize(text, CasesJson.Default.FileText) + "\n");
        File.Move(draft, path, overwrite: true);
    }

    private static ImmutableArray<FiledCase> Parse(string path, CaseText[] lines)
    {
        var cases = new SortedDictionary<(RegionId, ulong), FiledCase>();
        for (int i = 0; i < lines.Length; i++)
        {
            FiledCase filed = Parse($"{path}: case {i + 1}", lines[i]);
            if (!cases.TryAdd(Key(filed.Case), filed))
            {
                throw new CasesRefusedException($"{path}: case {filed.Name} is there twice; take one out");
            }
        }

        return [.. cases.Values];
    }

    private static FiledCase Parse(string place, CaseText line)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromHexString(line?.Bytes ?? "");
        }
        catch (FormatException)
        {
            throw new CasesRefusedException($"{place}: its bytes are not hexadecimal");
        }

        if (!CborReader.TryRead(bytes, out ReviewCase? known, out DecodeError? error))
        {
            throw new CasesRefusedException($"{place}: its bytes are not a case: {error}");
        }

        return line!.Word switch
        {
            null => new FiledCase(new RegionCase(new RegionId(line.Region), known), null),
            "accept" => new FiledCase(new RegionCase(new RegionId(line.Region), known), true),
            "reject" => new FiledCase(new RegionCase(new RegionId(line.Region), known), false),
            _ => throw new CasesRefusedException(
                $"{place}: the word '{line.Word}' is none; allowed: accept, reject"),
        };
    }

    private static (RegionId Region, ulong Number) Key(RegionCase known) => (known.Region, known.Case.Number);

    private static string Digest(Scenario scenario) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(ScenarioText.Write(scenario))));
}

/// <summary>A case in a file.</summary>
/// <param name="Case">The case.</param>
/// <param name="IsAccepted">The operator's word; null when there is none yet.</param>
internal sealed record FiledCase(RegionCase Case, bool? IsAccepted)
{
    /// <summary><c>REGION.CASE</c>.</summary>
    public string Name => FormattableString.Invariant($"{Case.Region.Value}.{Case.Case.Number}");

    /// <summary>For people and programs.</summary>
    public CaseView View => CaseView.Of(Case.Region, Case.Case);

    /// <summary>The word as it is written.</summary>
    public string? Word => IsAccepted switch
    {
        null => null,
        true => "accept",
        false => "reject",
    };

    /// <summary>As it is in the file.</summary>
    public CaseText Text => new(
        Case.Region.Value, View.About, Word, Convert.ToHexStringLower(CborWriter.Bytes(Case.Case)));
}

/// <summary>The file as JSON.</summary>
internal sealed record FileText(string? Format, string? Scenario, string? Sha256, CaseText[]? Cases);

/// <summary>A case as JSON.</summary>
internal sealed record CaseText(uint Region, string? About, string? Word, string? Bytes);

/// <summary>How both are written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(FileText))]
internal sealed partial class CasesJson : JsonSerializerContext
{
}
