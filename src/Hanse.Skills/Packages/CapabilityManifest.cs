using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Hanse.Core.Journal;

namespace Hanse.Skills.Packages;

/// <summary>What a skill is for.</summary>
public enum SkillKind
{
    /// <summary>It prices trips: <see cref="SkillAbi.BidFunction"/>.</summary>
    Bid = 1,

    /// <summary>It decides questions: <see cref="SkillAbi.DecideFunction"/>.</summary>
    Decide = 2,
}

/// <summary>What a skill says of itself and asks for: all that a node or a hub has to know before it looks at
/// the module.</summary>
/// <remarks>
/// One layer of a package, of media type <see cref="PackageFormat.ManifestType"/>. It has one spelling, the
/// canonical one, and no members but these: a restriction that an older node passes over would be none. A
/// manifest only asks; what a module gets is what it asks for here, what it imports and what the node
/// grants, all three.
/// </remarks>
public sealed record CapabilityManifest
{
    /// <summary>Bytes of a manifest.</summary>
    public const int BytesMax = 8 * 1024;

    /// <summary>Characters of a name.</summary>
    public const int NameMax = 32;

    /// <summary>Capabilities that a skill may need.</summary>
    public const int CapabilitiesMax = 32;

    /// <summary>Fuel of one call, at most.</summary>
    public const long FuelMax = 1_000_000_000;

    /// <summary>All of a whole, parts per million.</summary>
    public const int PartsPerMillion = 1_000_000;

    private static readonly string[] _members =
    [
        "name", "version", "kind", "abi", "module", "imports", "capabilities", "memory_pages", "fuel",
        "divergence_ppm", "lineage", "engine",
    ];

    /// <summary>Small letters, digits and hyphens, beginning with a letter.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required SkillVersion Version { get; init; }

    /// <summary>What it is for.</summary>
    public required SkillKind Kind { get; init; }

    /// <summary>The version of <c>hanse:skill</c> that it speaks.</summary>
    public required int Abi { get; init; }

    /// <summary>SHA-256 of the module.</summary>
    public required Digest Module { get; init; }

    /// <summary>Bytes of the module.</summary>
    public required int ModuleBytes { get; init; }

    /// <summary>What it asks of its host.</summary>
    public required HostFunctions Imports { get; init; }

    /// <summary>What the machine has to have, in order and each once: <c>drill</c>.</summary>
    public required IReadOnlyList<string> Capabilities { get; init; }

    /// <summary>Pages of memory, at most.</summary>
    public required int MemoryPages { get; init; }

    /// <summary>Fuel that one call may take.</summary>
    public required long Fuel { get; init; }

    /// <summary>How many of its decisions may differ from its predecessor's in a shadow run, parts per
    /// million.</summary>
    public required int DivergencePpm { get; init; }

    /// <summary>The code base that it descends from; those of one lineage may share their faults.</summary>
    public required string Lineage { get; init; }

    /// <summary>What it was tested with: <see cref="SkillEngine.Fingerprint"/>. Results are the same under
    /// the same one only; another one is no reason to refuse.</summary>
    public required string Engine { get; init; }

    /// <summary>Where it is found in a repository: <c>pricing/1.2.0</c>.</summary>
    public string Target => Name + "/" + Version;

    /// <summary>The function that its kind calls.</summary>
    public string Function => Kind == SkillKind.Bid ? SkillAbi.BidFunction : SkillAbi.DecideFunction;

    /// <summary>Reads a manifest.</summary>
    /// <param name="bytes">Its bytes, whatever they are.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    public static CapabilityManifest? Read(ReadOnlySpan<byte> bytes, out string? refusal)
    {
        try
        {
            CapabilityManifest manifest = Of(Json.Parse(bytes));
            refusal = manifest.ToBytes().AsSpan().SequenceEqual(bytes) ? null
                : "it is not written in its one spelling: members and lists in order, no blanks";
            return refusal is null ? manifest : null;
        }
        catch (SkillRefusedException refused)
        {
            refusal = Json.Printable(refused.Message);
            return null;
        }
    }

    /// <summary>Its one spelling.</summary>
    public byte[] ToBytes() => Json.Object(
        ("name", Json.Of(Name)),
        ("version", Json.Of(Version.ToString())),
        ("kind", Json.Of(KindName(Kind))),
        ("abi", Json.Of(Abi)),
        ("module", Json.Object(
            ("sha256", Json.Of(Module.ToString())), ("size", Json.Of(ModuleBytes)))),
        ("imports", Json.List(HostFunctionNames.Of(Imports))),
        ("capabilities", Json.List(Capabilities)),
        ("memory_pages", Json.Of(MemoryPages)),
        ("fuel", Json.Of(Fuel)),
        ("divergence_ppm", Json.Of(DivergencePpm)),
        ("lineage", Json.Of(Lineage)),
        ("engine", Json.Of(Engine))).Canonical();

    /// <summary>Whether a text may name a skill, a lineage or a capability.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= NameMax
        && text[0] is >= 'a' and <= 'z'
        && text.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-');

    /// <summary>Same members.</summary>
    public bool Equals(CapabilityManifest? other) =>
        other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.Of(ToBytes()).GetHashCode();

    /// <summary>Of JSON that has some members, and of the module for the rest.</summary>
    /// <exception cref="SkillRefusedException">It is no manifest of this module.</exception>
    internal static CapabilityManifest Completed(Json json, byte[] module, ModuleScan scan)
    {
        json.Only(_members);
        bool isBid = json.Text("kind") == SkillAbi.BidFunction;
        (string Name, Json Value)[] defaults =
        [
            ("abi", Json.Of(SkillAbi.Version)),
            ("module", Json.Object(
                ("sha256", Json.Of(Digest.Of(module).ToString())), ("size", Json.Of(module.Length)))),
            ("imports", Json.List(HostFunctionNames.Of(HostFunctionNames.Read(
                scan.Imports.Select(import => import.Name))))),
            ("capabilities", Json.List(Array.Empty<string>())),
            ("memory_pages", Json.Of(scan.MemoryPages)),
            ("fuel", Json.Of((long)(isBid ? SkillPricing.Budget : SkillBudget.Decision).Fuel)),
            ("divergence_ppm", Json.Of(0)),
            ("lineage", Json.Of(json.Text("name"))),
            ("engine", Json.Of(SkillEngine.Fingerprint)),
        ];
        return Of(json.With([.. defaults.Select(one => (one.Name, json.Find(one.Name) ?? one.Value))]));
    }

    /// <summary>Of JSON that has all members.</summary>
    /// <exception cref="SkillRefusedException">It is no manifest.</exception>
    internal static CapabilityManifest Of(Json json)
    {
        json.Only(_members);
        Json module = json.Inner("module", 2);
        module.Only("sha256", "size");
        string[] capabilities = json.Texts("capabilities", CapabilitiesMax, NameMax);
        foreach (string capability in capabilities)
        {
            _ = Named("capabilities", capability);
        }

        return new CapabilityManifest
        {
            Name = Named("name", json.Text("name")),
            Version = SkillVersion.TryParse(json.Text("version"), out SkillVersion? version) ? version
                : throw new SkillRefusedException(
                    "'version' is no semantic version: three numbers, and a preview behind a hyphen"),
            Kind = json.Text("kind") switch
            {
                SkillAbi.BidFunction => SkillKind.Bid,
                SkillAbi.DecideFunction => SkillKind.Decide,
                _ => throw new SkillRefusedException("'kind' is neither bid nor decide"),
            },
            Abi = (int)json.Number("abi", 1, 1_000),
            Module = HexDigest(module.Text("sha256"), "'sha256' of the module"),
            ModuleBytes = (int)module.Number("size", 1, ModuleLimits.ModuleBytesMax),
            Imports = HostFunctionNames.Read(json.Texts("imports", ModuleLimits.ImportsMax)),
            Capabilities = InOrder("capabilities", capabilities),
            MemoryPages = (int)json.Number("memory_pages", 0, ModuleLimits.MemoryPagesMax),
            Fuel = json.Number("fuel", 1, FuelMax),
            DivergencePpm = (int)json.Number("divergence_ppm", 0, PartsPerMillion),
            Lineage = Named("lineage", json.Text("lineage")),
            Engine = Plain("engine", json.Text("engine", 96)),
        };
    }

    /// <summary>A digest of 64 small hexadecimal digits: one spelling, and nothing that leads out of a
    /// folder.</summary>
    /// <exception cref="SkillRefusedException">It is none.</exception>
    internal static Digest HexDigest(string text, string what) =>
        text.Length == 2 * Digest.Length && text.All(char.IsAsciiHexDigitLower)
            ? Digest.From(Convert.FromHexString(text))
            : throw new SkillRefusedException($"{what} is not 64 small hexadecimal digits");

    private static string[] InOrder(string what, string[] names)
    {
        for (int i = 1; i < names.Length; i++)
        {
            if (string.CompareOrdinal(names[i - 1], names[i]) >= 0)
            {
                throw new SkillRefusedException($"'{what}' are not in order, or one is there twice");
            }
        }

        return names;
    }

    private static string Named(string what, string text) => IsName(text) ? text
        : throw new SkillRefusedException(string.Create(CultureInfo.InvariantCulture,
            $"'{what}' has a name that is not of 1 to {NameMax} small letters, digits and hyphens"));

    private static string Plain(string what, string text) => text.Length > 0
        && text.All(letter => letter is > ' ' and <= '~' and not '"' and not '\\') ? text
        : throw new SkillRefusedException($"'{what}' is empty or has blanks or signs in it");

    private static string KindName(SkillKind kind) =>
        kind == SkillKind.Bid ? SkillAbi.BidFunction : SkillAbi.DecideFunction;
}

/// <summary>Names of what a host answers, as modules import them.</summary>
internal static class HostFunctionNames
{
    private static readonly (string Name, HostFunctions Function)[] _all =
    [
        ("clock", HostFunctions.Clock),
        ("log", HostFunctions.Log),
        ("propose", HostFunctions.Propose),
        ("random", HostFunctions.Random),
        ("telemetry", HostFunctions.Telemetry),
    ];

    /// <summary>All of them, in order.</summary>
    public static string All => string.Join(", ", _all.Select(one => one.Name));

    /// <summary>Names of some, in order.</summary>
    public static IEnumerable<string> Of(HostFunctions functions) =>
        _all.Where(one => functions.HasFlag(one.Function)).Select(one => one.Name);

    /// <summary>The function of a name; none for a strange one.</summary>
    public static HostFunctions Find(string name) =>
        _all.FirstOrDefault(one => one.Name == name).Function;

    /// <summary>What names ask for.</summary>
    /// <exception cref="SkillRefusedException">One is strange.</exception>
    public static HostFunctions Read(IEnumerable<string> names)
    {
        HostFunctions functions = HostFunctions.None;
        foreach (string name in names)
        {
            HostFunctions found = Find(name);
            functions |= found != HostFunctions.None ? found
                : throw new SkillRefusedException($"'imports' has {name}, which no host has; allowed: {All}");
        }

        return functions;
    }
}
