using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;

namespace Hanse.Skills;

/// <summary>How far a skill came. The numbers are on record.</summary>
public enum AdmissionStage
{
    /// <summary>Nobody vouches for it, or not enough.</summary>
    Trust = 1,

    /// <summary>Its package is not whole, or not the one that is vouched for.</summary>
    Package = 2,

    /// <summary>It asks for more than this node grants or has.</summary>
    Grant = 3,

    /// <summary>Its module is no module of this kind, or asks for more than its manifest says.</summary>
    Module = 4,

    /// <summary>It cannot be compiled or linked.</summary>
    Compile = 5,

    /// <summary>It is admitted.</summary>
    Admitted = 6,
}

/// <summary>What a node grants to skills, and what it has.</summary>
/// <param name="Functions">What they may ask of it.</param>
/// <param name="Capabilities">Capabilities of the machine.</param>
/// <param name="FuelMax">Most fuel that a call may take here.</param>
public sealed record NodeGrant(
    HostFunctions Functions, IReadOnlySet<string> Capabilities, long FuelMax = CapabilityManifest.FuelMax)
{
    /// <summary>The version of <c>hanse:skill</c> that the node speaks.</summary>
    public int Abi { get; init; } = SkillAbi.Version;

    /// <summary>Versions before its own that it still speaks: a fleet is never all of one age.</summary>
    public const int AbisBefore = SkillContract.AbiSpan;

    /// <summary>The oldest version it speaks.</summary>
    public int AbiLeast => Math.Max(1, Abi - AbisBefore);
}

/// <summary>Compiles a module, somewhere.</summary>
/// <param name="module">Its bytes.</param>
/// <param name="refusal">Why there is no code; null when there is.</param>
public delegate byte[]? SkillCompiler(ReadOnlySpan<byte> module, out string? refusal);

/// <summary>What came of asking for admission.</summary>
/// <param name="Stage">How far it came.</param>
/// <param name="State">What is trusted now, whatever became of the skill.</param>
/// <param name="Reason">Why it is not trusted; none when the refusal is of another kind.</param>
/// <param name="Refusal">Why it is not admitted, for people; empty when it is.</param>
/// <param name="Package">The package, when it is whole and vouched for.</param>
/// <param name="Skill">The skill, ready to run; whoever gets it disposes of it.</param>
public sealed record AdmissionOutcome(
    AdmissionStage Stage, TrustState State, TrustReason Reason, string Refusal, SkillPackage? Package,
    Skill? Skill);

/// <summary>The one door through which a skill gets onto a node.</summary>
/// <remarks>
/// The order is the point. First signatures, over files whose lengths are limited; then digests, of what was
/// signed; then what the manifest asks for against what the node grants and has; then the outermost
/// structure of the module against the manifest; and only then the compiler, which cannot be bounded as the
/// rest is and had better never see a stranger's code. What an honest compiler made of the same module on
/// this machine is used again.
/// </remarks>
public sealed class SkillAdmission
{
    private readonly SkillEngine _engine;
    private readonly NodeGrant _grant;
    private readonly SkillCompiler _compile;
    private readonly CompiledCache? _cache;

    /// <summary>A door.</summary>
    /// <param name="engine">Where admitted skills will run.</param>
    /// <param name="grant">What they may ask for.</param>
    /// <param name="compile">The compiler: <see cref="CompileWorker"/>, where there can be processes.</param>
    /// <param name="cache">Where its code is kept; null to keep none.</param>
    public SkillAdmission(
        SkillEngine engine, NodeGrant grant, SkillCompiler compile, CompiledCache? cache = null)
    {
        _engine = engine;
        _grant = grant;
        _compile = compile;
        _cache = cache;
    }

    /// <summary>Admits a skill, or says why not.</summary>
    /// <param name="state">What is trusted.</param>
    /// <param name="metadata">Files of metadata, whatever they are.</param>
    /// <param name="layout">The image layout that has the package, whatever it is.</param>
    /// <param name="target">Which skill: <c>pricing/1.2.0</c>.</param>
    /// <param name="now">Mission time.</param>
    public AdmissionOutcome Admit(
        TrustState state, IBundle metadata, IBundle layout, string target, Instant now)
    {
        AdmissionOutcome checked_ = Check(state, metadata, layout, target, now, _grant);
        return checked_.Stage == AdmissionStage.Admitted ? Compiled(checked_) : checked_;
    }

    /// <summary>Admits what a parcel brings, or says why not.</summary>
    /// <remarks>Parcels come in any order, and one that was made earlier brings older metadata, which is a
    /// rollback. What was withdrawn meanwhile must not come in that way; what the newer metadata still
    /// vouches for may.</remarks>
    /// <param name="state">What is trusted.</param>
    /// <param name="parcel">The parcel.</param>
    /// <param name="heard">The newest metadata heard so far, to vouch for what comes with older; null for
    /// none.</param>
    /// <param name="now">Mission time.</param>
    public AdmissionOutcome Admit(TrustState state, Parcel parcel, IBundle? heard, Instant now)
    {
        AdmissionOutcome outcome = Of(state, parcel, parcel.Metadata, now);
        if (outcome.Reason == TrustReason.Rollback && heard is not null)
        {
            AdmissionOutcome newer = Of(outcome.State, parcel, heard, now);
            outcome = newer.Reason == TrustReason.None ? newer : outcome with { State = newer.State };
        }

        return outcome;
    }

    /// <summary>Makes ready what was admitted before, after a restart: of trust nothing is asked again, since
    /// what a node runs goes on when metadata has expired; of everything else all.</summary>
    /// <param name="parcel">The parcel that was admitted, bit for bit.</param>
    /// <param name="refusal">Why it is not ready; null when it is.</param>
    /// <returns>The skill; whoever gets it disposes of it.</returns>
    public Skill? Again(Parcel parcel, out string? refusal)
    {
        if (parcel.Package(out refusal) is not { } package)
        {
            return null;
        }

        refusal = Ungranted(package.Manifest, _grant) ?? Unmatched(package.Manifest, package.Module);
        return refusal is null ? Compiled(package, out refusal) : null;
    }

    /// <summary>All that is looked at before anything is compiled.</summary>
    /// <param name="state">What is trusted.</param>
    /// <param name="metadata">Files of metadata, whatever they are.</param>
    /// <param name="layout">The image layout that has the package, whatever it is.</param>
    /// <param name="target">Which skill: <c>pricing/1.2.0</c>.</param>
    /// <param name="now">Mission time.</param>
    /// <param name="grant">What the node grants; null not to look at that.</param>
    /// <returns>Admitted, without a skill, when nothing is wrong so far.</returns>
    public static AdmissionOutcome Check(
        TrustState state, IBundle metadata, IBundle layout, string target, Instant now, NodeGrant? grant)
    {
        TrustOutcome trust = TrustUpdate.Apply(state, metadata, now, target);
        AdmissionOutcome Refused(AdmissionStage stage, string refusal, SkillPackage? package = null) =>
            new(stage, trust.State, trust.Reason, Json.Printable(refusal), package, null);

        if (trust.Target is not { } vouched)
        {
            return Refused(AdmissionStage.Trust, trust.Sentence);
        }

        SkillPackage? package = SkillPackage.Read(
            layout, vouched.Hash, vouched.Length, out string? refusal);
        if (package is null)
        {
            return Refused(AdmissionStage.Package, refusal!);
        }

        CapabilityManifest manifest = package.Manifest;
        if (manifest.Target != target)
        {
            return Refused(
                AdmissionStage.Package, $"it calls itself {manifest.Target}, and is vouched for as {target}",
                package);
        }

        refusal = grant is null ? null : Ungranted(manifest, grant);
        if (refusal is not null)
        {
            return Refused(AdmissionStage.Grant, refusal, package);
        }

        refusal = Unmatched(manifest, package.Module);
        return refusal is not null ? Refused(AdmissionStage.Module, refusal, package)
            : new AdmissionOutcome(
                AdmissionStage.Admitted, trust.State, TrustReason.None, "", package, null);
    }

    /// <summary>What a manifest asks for and a node does not grant or have; null when it is all
    /// there.</summary>
    public static string? Ungranted(CapabilityManifest manifest, NodeGrant grant)
    {
        if (manifest.Abi < grant.AbiLeast || manifest.Abi > grant.Abi)
        {
            return $"it speaks version {manifest.Abi} of hanse:skill; this node: {grant.AbiLeast} to "
                + $"{grant.Abi}";
        }

        HostFunctions beyond = manifest.Imports & ~grant.Functions;
        if (beyond != HostFunctions.None)
        {
            return $"it asks for {string.Join(", ", HostFunctionNames.Of(beyond))}, which is not granted";
        }

        string[] lacking = [.. manifest.Capabilities.Where(one => !grant.Capabilities.Contains(one))];
        return lacking.Length > 0 ? $"it needs {string.Join(", ", lacking)}, which this machine does not have"
            : manifest.Fuel > grant.FuelMax
            ? $"it asks for {Json.Figure(manifest.Fuel)} steps a call; allowed: up to "
                + Json.Figure(grant.FuelMax)
            : null;
    }

    /// <summary>Where a module goes beyond its manifest; null when it does not.</summary>
    public static string? Unmatched(CapabilityManifest manifest, ReadOnlySpan<byte> module)
    {
        if (ModuleScan.Of(module, out string? refusal) is not { } scan)
        {
            return refusal;
        }

        foreach (SkillImport import in scan.Imports)
        {
            HostFunctions function = import.Module == SkillAbi.HostModule
                ? HostFunctionNames.Find(import.Name) : HostFunctions.None;
            if (function == HostFunctions.None)
            {
                return $"it imports {import.Module}.{import.Name}, which no host has; allowed: "
                    + HostFunctionNames.All;
            }

            if (!manifest.Imports.HasFlag(function))
            {
                return $"it imports {import.Module}.{import.Name}, which its manifest does not ask for";
            }
        }

        return scan.MemoryPages > manifest.MemoryPages
            ? $"its memory may grow to {scan.MemoryPages} pages; its manifest says {manifest.MemoryPages}"
            : null;
    }

    // What is admitted has to be what a restart makes ready.
    private AdmissionOutcome Of(TrustState state, Parcel parcel, IBundle metadata, Instant now)
    {
        AdmissionOutcome checked_ = Check(state, metadata, parcel.Files, parcel.Target, now, _grant);
        if (checked_.Stage != AdmissionStage.Admitted)
        {
            return checked_;
        }

        Digest vouched = checked_.Package!.Digest;
        return vouched == parcel.Image ? Compiled(checked_) : checked_ with
        {
            Stage = AdmissionStage.Package,
            Refusal = $"it says that it brings {parcel.Image}; {parcel.Target} is {vouched}",
        };
    }

    private AdmissionOutcome Compiled(AdmissionOutcome outcome)
    {
#pragma warning disable CA2000 // Whoever gets the outcome disposes of its skill.
        Skill? skill = Compiled(outcome.Package!, out string? refusal);
#pragma warning restore CA2000
        return skill is not null ? outcome with { Skill = skill }
            : outcome with { Stage = AdmissionStage.Compile, Refusal = Json.Printable(refusal!) };
    }

    private Skill? Compiled(SkillPackage package, out string? refusal)
    {
        Digest module = package.Manifest.Module;
        byte[]? code = _cache?.Find(module);
        refusal = null;
        if (code is null)
        {
            code = _compile(package.Module, out refusal);
            if (code is not null)
            {
                _cache?.Keep(module, code);
            }
        }

        return code is null ? null : Loaded(package, code, out refusal);
    }

    private Skill? Loaded(SkillPackage package, byte[] code, out string? refusal)
    {
        CapabilityManifest manifest = package.Manifest;
        var skill = Skill.Load(_engine, package.Module, manifest.Imports, out refusal, code);
        if (skill is null || skill.Has(manifest.Function))
        {
            return skill;
        }

        skill.Dispose();
        refusal = $"it does not export {manifest.Function}, which is its kind";
        return null;
    }
}
