using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;

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
/// <param name="Folder">The folder.</param>
/// <param name="Name">The skill's name; the module is <c>NAME.wasm</c>.</param>
/// <param name="Version">Its version: three numbers.</param>
/// <param name="Function">What it does: price or decide.</param>
/// <param name="Language">What it is written in.</param>
/// <param name="Source">The file that is compiled, in the folder itself.</param>
/// <param name="MemoryPages">Most pages of its memory.</param>
/// <param name="FuelPerCall">Fuel of a call.</param>
/// <param name="Imports">What it asks of its host.</param>
/// <param name="Capabilities">What the machine must be able to do.</param>
/// <param name="Lineage">The code base that it descends from.</param>
/// <param name="DivergencePpm">How many of its answers may differ from its predecessor's, parts per
/// million.</param>
public sealed record SkillProject(
    string Folder, string Name, string Version, SkillFunction Function, SkillLanguage Language, string Source,
    int MemoryPages, ulong FuelPerCall, HostFunctions Imports, ImmutableArray<string> Capabilities,
    string Lineage, int DivergencePpm)
{
    /// <summary>The file that says what is in the folder.</summary>
    public const string FileName = "skill.json";

    /// <summary>The folder of the cases.</summary>
    public const string CasesFolder = "tests";

    /// <summary>Most letters of a name.</summary>
    public const int NameMax = 32;

    /// <summary>Most cases of a skill.</summary>
    public const int CasesMax = 1_000;

    /// <summary>Most fuel of a call.</summary>
    public const long FuelMax = 1_000_000_000;

    private const int FileBytesMax = 65_536;

    /// <summary>The words for what a skill does.</summary>
    public static ImmutableArray<(string Word, SkillFunction Value)> Kinds { get; } =
        [("bid", SkillFunction.Bid), ("decide", SkillFunction.Decide)];

    /// <summary>The words for languages.</summary>
    public static ImmutableArray<(string Word, SkillLanguage Value)> Languages { get; } =
    [
        ("c", SkillLanguage.C), ("assemblyscript", SkillLanguage.AssemblyScript),
        ("rust", SkillLanguage.Rust), ("wat", SkillLanguage.Wat),
    ];

    /// <summary>The words for what a host can be asked.</summary>
    public static ImmutableArray<(string Word, HostFunctions Value)> HostWords { get; } =
    [
        ("telemetry", HostFunctions.Telemetry), ("propose", HostFunctions.Propose),
        ("clock", HostFunctions.Clock), ("random", HostFunctions.Random), ("log", HostFunctions.Log),
    ];

    /// <summary>Where the module is.</summary>
    public string ModulePath => Path.Combine(Folder, Name + ".wasm");

    /// <summary>What a call may use.</summary>
    public SkillBudget Budget => new(
        FuelPerCall, SkillBudget.Decision.Ticks,
        Function == SkillFunction.Bid ? PricingRecord.AnswerBytes : SkillBudget.Decision.AnswerBytes);

    /// <summary>Whether a text may be a skill's name: small letters, digits and hyphens, a letter
    /// first.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= NameMax
        && char.IsAsciiLetterLower(name[0])
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-');

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
            text, "name", "version", "kind", "abi", "language", "source", "memoryPages", "fuelPerCall",
            "imports", "capabilities", "lineage", "divergencePpm");
        JsonElement root = document.RootElement;
        string name = StrictJson.Text(root, "name", NameMax);
        if (!IsName(name))
        {
            throw new SkillRefusedException(
                $"'name' is to be small letters, digits and hyphens, a letter first, up to {NameMax}");
        }

        string version = StrictJson.Text(root, "version", 32);
        string[] parts = version.Split('.');
        if (parts.Length != 3 || !parts.All(part => part.Length is > 0 and < 9 && part.All(char.IsAsciiDigit)))
        {
            throw new SkillRefusedException("'version' is to be three numbers with dots between");
        }

        _ = StrictJson.Number(root, "abi", SkillAbi.Version, SkillAbi.Version);
        string source = StrictJson.Text(root, "source", 64);
        if (source.Length == 0 || source != Path.GetFileName(source) || source[0] is '-' or '.'
            || !source.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'))
        {
            throw new SkillRefusedException(
                "'source' is to be the name of a file in the folder itself: letters, digits, '-', '_', '.'");
        }

        HostFunctions imports = HostFunctions.None;
        foreach (string word in StrictJson.Texts(root, "imports", 16, 64))
        {
            imports |= HostFunction(word);
        }

        return new SkillProject(
            folder, name, version, StrictJson.Word(root, "kind", null, [.. Kinds]),
            StrictJson.Word(root, "language", null, [.. Languages]), source,
            (int)StrictJson.Number(root, "memoryPages", 1, ModuleLimits.MemoryPagesMax),
            (ulong)StrictJson.Number(root, "fuelPerCall", 1, FuelMax), imports,
            [.. StrictJson.Texts(root, "capabilities", 64, 66)],
            StrictJson.Text(root, "lineage", NameMax, name),
            (int)StrictJson.Number(root, "divergencePpm", 0, 1_000_000, 0));
    }

    /// <summary>What a word asks of a host.</summary>
    /// <exception cref="SkillRefusedException">Nothing.</exception>
    internal static HostFunctions HostFunction(string word)
    {
        foreach ((string name, HostFunctions function) in HostWords)
        {
            if (name == word)
            {
                return function;
            }
        }

        throw new SkillRefusedException(
            $"no host has '{word}'; it has {string.Join(", ", HostWords.Select(host => host.Word))}");
    }
}
