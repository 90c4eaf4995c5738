using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text.Json;
using Hanse.Core.Decisions;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Author;

/// <summary>What a skill is written in.</summary>
public enum SkillLanguage
{
    /// <summary>C.</summary>
    C = 1,

    /// <summary>AssemblyScript: the WebAssembly that looks like TypeScript.</summary>
    AssemblyScript = 2,

    /// <summary>Rust.</summary>
    Rust = 3,

    /// <summary>The text format of WebAssembly.</summary>
    Wat = 4,
}

/// <summary>A folder with a skill as its author has it: <c>skill.json</c>, the source, the module that was
/// built of it, and cases in <c>tests</c>.</summary>
/// <remarks><c>skill.json</c> says of a skill what its package says, and nothing else, so it is what a
/// package is made with; what it is written in shows in the name of its source.</remarks>
/// <param name="Folder">The folder.</param>
/// <param name="Name">The skill's name; the module is <c>NAME.wasm</c>.</param>
/// <param name="Version">Its version: three numbers, and perhaps a preview behind a hyphen.</param>
/// <param name="Function">What it does: price or decide.</param>
/// <param name="MemoryPages">Most pages of its memory.</param>
/// <param name="FuelPerCall">Fuel of a call.</param>
/// <param name="Imports">What it asks of its host.</param>
/// <param name="Capabilities">What the machine must be able to do.</param>
/// <param name="Lineage">The code base that it descends from.</param>
/// <param name="DivergencePpm">How many of its answers may differ from its predecessor's, parts per
/// million.</param>
public sealed record SkillProject(
    string Folder, string Name, string Version, SkillFunction Function, int MemoryPages, ulong FuelPerCall,
    HostFunctions Imports, ImmutableArray<string> Capabilities, string Lineage, int DivergencePpm)
{
    /// <summary>The file that says what is in the folder.</summary>
    public const string FileName = "skill.json";

    /// <summary>The folder of the cases.</summary>
    public const string CasesFolder = "tests";

    /// <summary>Most letters of a name.</summary>
    public const int NameMax = CapabilityManifest.NameMax;

    /// <summary>Most cases of a skill.</summary>
    public const int CasesMax = 1_000;

    /// <summary>Most fuel of a call.</summary>
    public const long FuelMax = CapabilityManifest.FuelMax;

    private const int FileBytesMax = 8_192;

    /// <summary>The words for what a skill does.</summary>
    public static ImmutableArray<(string Word, SkillFunction Value)> Kinds { get; } =
        [("bid", SkillFunction.Bid), ("decide", SkillFunction.Decide)];

    /// <summary>The words for languages, and how names of their files end.</summary>
    public static ImmutableArray<(string Word, string End, SkillLanguage Value)> Languages { get; } =
    [
        ("c", ".c", SkillLanguage.C), ("assemblyscript", ".ts", SkillLanguage.AssemblyScript),
        ("rust", ".rs", SkillLanguage.Rust), ("wat", ".wat", SkillLanguage.Wat),
    ];

    /// <summary>Where the module is.</summary>
    public string ModulePath => Path.Combine(Folder, Name + ".wasm");

    /// <summary>The one file in the folder that the module is compiled of: <c>NAME.c</c>, <c>.ts</c>,
    /// <c>.rs</c> or <c>.wat</c>.</summary>
    /// <param name="language">What it is written in.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public string? Source(out SkillLanguage language, out string? refusal)
    {
        (string Word, string End, SkillLanguage Value)[] found =
            [.. Languages.Where(known => File.Exists(Path.Combine(Folder, Name + known.End)))];
        language = found.Length == 1 ? found[0].Value : default;
        string all = string.Join(", ", Languages.Select(known => Name + known.End));
        refusal = found.Length == 1 ? null : $"it has {found.Length} sources of {all}; a skill has one";
        return refusal is null ? Name + found[0].End : null;
    }

    /// <summary>What a call may use.</summary>
    public SkillBudget Budget => new(
        FuelPerCall, SkillBudget.Decision.Ticks,
        Function == SkillFunction.Bid ? PricingRecord.AnswerBytes : SkillBudget.Decision.AnswerBytes);

    /// <summary>Whether a text may be a skill's name: small letters, digits and hyphens, a letter
    /// first.</summary>
    public static bool IsName(string name) => CapabilityManifest.IsName(name);

    /// <summary>Reads what is in a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static SkillProject? Read(string folder, out string? refusal)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            refusal = $"there is no {FileName}; 'hanse skill new' makes a folder with one";
            return null;
        }

        if (new FileInfo(path).Length > FileBytesMax)
        {
            refusal = $"{FileName} is longer than {FileBytesMax / 1024} KiB";
            return null;
        }

        try
        {
            refusal = null;
            return Parse(folder, File.ReadAllBytes(path));
        }
        catch (SkillRefusedException refused)
        {
            refusal = $"{FileName}: {refused.Message}";
            return null;
        }
    }

    /// <summary>The cases, in order of their names; each is read, or refused with a reason.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    public IEnumerable<(string Path, SkillCase? Case, string? Refusal)> Cases()
    {
        string folder = Path.Combine(Folder, CasesFolder);
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (string path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Take(CasesMax + 1))
        {
            SkillCase? read = SkillCase.Read(path, this, out string? refusal);
            yield return (path, read, refusal);
        }
    }

    private static SkillProject Parse(string folder, byte[] text)
    {
        using JsonDocument document = StrictJson.Object(
            text, "name", "version", "kind", "abi", "imports", "capabilities", "memory_pages", "fuel",
            "divergence_ppm", "lineage");
        JsonElement root = document.RootElement;
        string[] capabilities = StrictJson.Texts(
            root, "capabilities", CapabilityManifest.CapabilitiesMax, NameMax + 2);
        foreach (string capability in capabilities)
        {
            _ = Named("capabilities", capability);
        }

        for (int i = 1; i < capabilities.Length; i++)
        {
            if (string.CompareOrdinal(capabilities[i - 1], capabilities[i]) >= 0)
            {
                throw new SkillRefusedException("'capabilities' are to be in order, each once");
            }
        }

        _ = StrictJson.Number(root, "abi", SkillAbi.Version, SkillAbi.Version, SkillAbi.Version);
        HostFunctions imports = HostFunctions.None;
        foreach (string word in StrictJson.Texts(root, "imports", ModuleLimits.ImportsMax, 64))
        {
            imports |= HostFunction(word);
        }

        string name = Named("name", StrictJson.Text(root, "name", NameMax));
        SkillFunction kind = StrictJson.Word<SkillFunction>(root, "kind", null, [.. Kinds]);
        SkillBudget budget = kind == SkillFunction.Bid ? SkillPricing.Budget : SkillBudget.Decision;
        return new SkillProject(
            folder, name, Versioned(StrictJson.Text(root, "version", 64)), kind,
            (int)StrictJson.Number(root, "memory_pages", 1, ModuleLimits.MemoryPagesMax, 1),
            (ulong)StrictJson.Number(root, "fuel", 1, FuelMax, (long)budget.Fuel), imports, [.. capabilities],
            Named("lineage", StrictJson.Text(root, "lineage", NameMax, name)),
            (int)StrictJson.Number(root, "divergence_ppm", 0, 1_000_000, 0));
    }

    private static string Named(string what, string text) => IsName(text) ? text
        : throw new SkillRefusedException(
            $"'{what}' is to be small letters, digits and hyphens, a letter first, up to {NameMax}");

    private static string Versioned(string text)
    {
        string[] halves = text.Split('-', 2);
        string[] numbers = halves[0].Split('.');
        return numbers.Length == 3
            && numbers.All(part => part.Length is > 0 and < 9 && part.All(char.IsAsciiDigit))
            && halves.Skip(1).All(preview => preview.Length > 0
                && preview.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.'))
            ? text
            : throw new SkillRefusedException(
                "'version' is to be three numbers with dots between, and perhaps a preview behind a hyphen");
    }

    /// <summary>What a word asks of a host.</summary>
    /// <exception cref="SkillRefusedException">Nothing.</exception>
    internal static HostFunctions HostFunction(string word) =>
        HostFunctionNames.Find(word) is var found && found != HostFunctions.None ? found
            : throw new SkillRefusedException($"no host has '{word}'; it has {HostFunctionNames.All}");
}
