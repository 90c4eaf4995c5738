using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Skills.Packages;
using Hanse.Skills.Tests.Packages;
using Hanse.Skills.Tests.Trust;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>The one door onto a node: in which order things are looked at, and that no compiler ever sees
/// what is not vouched for.</summary>
public sealed class SkillAdmissionTests : IClassFixture<SandboxFixture>, IDisposable
{
    private static readonly NodeGrant _grant = new(
        HostFunctions.Clock | HostFunctions.Log | HostFunctions.Telemetry,
        new SortedSet<string>(StringComparer.Ordinal) { "drill", "haul", "weld" });

    private readonly SandboxFixture _sandbox;
    private readonly TrustRig _rig = new();
    private readonly string _folder =
        Path.Combine(Path.GetTempPath(), "hanse-" + Guid.NewGuid().ToString("N"));

    private int _compiled;

    public SkillAdmissionTests(SandboxFixture sandbox) => _sandbox = sandbox;

    public void Dispose()
    {
        _rig.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_skill_that_is_vouched_for_whole_and_within_its_bounds_is_admitted_and_runs()
    {
        AdmissionOutcome outcome = Admit(PackageRig.Package());
        using Skill? skill = outcome.Skill;
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        Assert.Equal((TrustReason.None, ""), (outcome.Reason, outcome.Refusal));
        Assert.Equal(PackageRig.Manifest(), outcome.Package!.Manifest);
        Assert.Equal(1, outcome.State.TimestampVersion);
        Assert.Equal(HostFunctions.Clock, skill!.Asks);
        SkillResult result = _sandbox.Decide(
            skill, host: new ReplayedHost(new HostCall(HostFunctions.Clock, 0, [], 7)));
        Assert.True(result.IsAnswered, result.Detail);
    }

    [Fact]
    public void Nothing_is_compiled_before_the_signatures_hold()
    {
        SkillPackage package = PackageRig.Package();
        MemoryBundle layout = package.ToLayout();

        // Not even what an earlier admission left in the cache is used.
        var cache = new CompiledCache(_folder);
        cache.Keep(package.Manifest.Module, Skill.Compile(_sandbox.Engine, package.Module, out _)!);
        foreach ((TrustReason reason, Action spoil) in new (TrustReason, Action)[]
        {
            (TrustReason.TooFewSignatures, () => Sign(package, _rig.TargetsKeys[0])),
            (TrustReason.UnknownKey, () => Sign(package, _rig.Stranger)),
            (TrustReason.Missing, () => _rig.Files.Remove("timestamp.json")),
            (TrustReason.Expired, () => Vouch(package, expires: 99)),
            (TrustReason.EndlessData, () => _rig.Files["1.targets.json"] = new byte[600_000]),
            (TrustReason.Malformed, () => _rig.Files["timestamp.json"] = [(byte)'{']),
        })
        {
            Vouch(package);
            spoil();
            AdmissionOutcome outcome = Door(cache: cache).Admit(
                _rig.Begin(), _rig.Files, layout, TrustRig.Target, TrustRig.Now);
            Assert.Equal((AdmissionStage.Trust, reason), (outcome.Stage, outcome.Reason));
            Assert.Null(outcome.Skill);
            Assert.Null(outcome.Package);
            Assert.NotEmpty(outcome.Refusal);
        }

        Assert.Equal(0, _compiled);
    }

    // The package is only looked for once its digest is known from somebody who may say so.
    [Fact]
    public void Nothing_of_a_package_is_read_before_the_signatures_hold()
    {
        var layout = new Watched(PackageRig.Package().ToLayout());
        AdmissionOutcome outcome = Door().Admit(
            _rig.Begin(), _rig.Files, layout, TrustRig.Target, TrustRig.Now);
        Assert.Equal(AdmissionStage.Trust, outcome.Stage);
        Assert.Empty(layout.Asked);
    }

    [Fact]
    public void A_package_that_is_not_the_one_vouched_for()
    {
        Vouch(PackageRig.Package());
        SkillPackage other = PackageRig.Package(Wat.Deciding("i64.const -1"));
        Refuses(other.ToLayout(), AdmissionStage.Package, "is not there");

        // Under the name of the right one, every part of it spoilt.
        MemoryBundle layout = PackageRig.Package().ToLayout();
        foreach (string name in layout.Names.Where(
            name => name.StartsWith("blobs", StringComparison.Ordinal)))
        {
            MemoryBundle spoilt = PackageRig.Package().ToLayout();
            spoilt[name] = [.. spoilt[name][..^1], (byte)(spoilt[name][^1] ^ 1)];
            Refuses(spoilt, AdmissionStage.Package, "is not what its digest says");
        }
    }

    [Fact]
    public void A_package_that_is_vouched_for_under_another_name()
    {
        SkillPackage other = SkillPackage.Of(
            PackageRig.Manifest() with { Version = new SkillVersion(1, 1, 0, "") }, PackageRig.Module);
        Vouch(other);
        Refuses(
            other.ToLayout(), AdmissionStage.Package, "calls itself pricing/1.1.0, and is vouched for as "
                + "pricing/1.2.0");
    }

    [Fact]
    public void What_is_not_granted_or_not_there()
    {
        Refuses(PackageRig.Manifest() with { Imports = HostFunctions.Clock | HostFunctions.Propose },
            AdmissionStage.Grant, "it asks for propose, which is not granted");
        Refuses(PackageRig.Manifest() with { Capabilities = ["crane", "drill", "furnace"] },
            AdmissionStage.Grant, "it needs crane, furnace, which this machine does not have");
        Refuses(PackageRig.Manifest() with { Fuel = 2_000_000 },
            AdmissionStage.Grant, "2,000,000 steps a call; allowed: up to 1,000,000");
        Assert.Equal(0, _compiled);
    }

    // A node of version N runs skills of N, N-1 and N-2.
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    [InlineData(2, 1, true)]
    [InlineData(5, 2, false)]
    [InlineData(5, 3, true)]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, false)]
    public void Versions_of_the_contract(int node, int skill, bool isTaken)
    {
        string? refusal = SkillAdmission.Ungranted(
            PackageRig.Manifest() with { Abi = skill }, _grant with { Abi = node });
        Assert.Equal(isTaken, refusal is null);
        Assert.True(isTaken || refusal!.Contains($"it speaks version {skill}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_module_that_goes_beyond_its_manifest()
    {
        const string Random = """(import "hanse" "random" (func $r (result i64)))""";
        Refuses(
            Wat.Deciding("i64.const -1", Random), "imports hanse.random, which its manifest does not ask");
        Refuses(
            Wat.Deciding("i64.const -1", """(import "wasi" "clock" (func $r (result i64)))"""),
            "imports wasi.clock, which no host has; allowed: clock, log, propose, random, telemetry");
        Refuses(
            Wat.Deciding("i64.const -1", """(import "hanse" "socket" (func $r (result i64)))"""),
            "imports hanse.socket, which no host has");
        Refuses(
            Wat.Module("""(func (export "decide") (param i32 i32) (result i64) i64.const -1)""",
                head: Wat.Head.Replace("1 2)", "1 3)", StringComparison.Ordinal)),
            "may grow to 3 pages; its manifest says 2");
        Refuses([1, 2, 3, 4], "does not begin as a module");
        Assert.Equal(0, _compiled);
    }

    [Fact]
    public void A_module_that_cannot_be_compiled_or_is_of_another_kind()
    {
        SkillPackage broken = PackageRig.Package(Wat.Module("""
            (func (export "decide") (param i32 i32) (result i64) i32.const 1)
            """));
        Vouch(broken);
        Refuses(broken.ToLayout(), AdmissionStage.Compile, "no valid module");
        SkillPackage other = SkillPackage.Of(
            PackageRig.Manifest() with { Kind = SkillKind.Bid }, PackageRig.Module);
        Vouch(other);
        Refuses(other.ToLayout(), AdmissionStage.Compile, "it does not export bid, which is its kind");
    }

    [Fact]
    public void Code_that_was_kept_is_used_again_and_spoilt_code_is_made_anew()
    {
        SkillPackage package = PackageRig.Package();
        Vouch(package);
        var cache = new CompiledCache(_folder);
        for (int i = 0; i < 3; i++)
        {
            AdmissionOutcome outcome = Door(cache: cache).Admit(
                _rig.Begin(), _rig.Files, package.ToLayout(), TrustRig.Target, TrustRig.Now);
            Assert.True(outcome.Skill is not null, outcome.Refusal);
            outcome.Skill.Dispose();
            Assert.Equal(i == 2 ? 2 : 1, _compiled);
            if (i == 1)
            {
                string kept = Directory.GetFiles(_folder, "*.cwasm").Single();
                byte[] bytes = File.ReadAllBytes(kept);
                bytes[^1] ^= 1;
                File.WriteAllBytes(kept, bytes);
            }
        }
    }

    // A check takes a state in and gives the next; whoever keeps the next one is not led back.
    [Fact]
    public void The_state_goes_on_whatever_becomes_of_the_skill()
    {
        SkillPackage package = PackageRig.Package();
        Vouch(package, 4);
        AdmissionOutcome outcome = Door().Admit(
            _rig.Begin(), _rig.Files, new MemoryBundle(), TrustRig.Target, TrustRig.Now);
        Assert.Equal((AdmissionStage.Package, 4L), (outcome.Stage, outcome.State.TimestampVersion));
        Vouch(package, 3);
        outcome = Door().Admit(
            outcome.State, _rig.Files, package.ToLayout(), TrustRig.Target, TrustRig.Now);
        Assert.Equal(TrustReason.Rollback, outcome.Reason);
    }

    private SkillAdmission Door(NodeGrant? grant = null, CompiledCache? cache = null) => new(
        _sandbox.Engine, grant ?? _grant with { FuelMax = 1_000_000 }, Compile, cache);

    private byte[]? Compile(ReadOnlySpan<byte> module, out string? refusal)
    {
        _compiled++;
        return Skill.Compile(_sandbox.Engine, module, out refusal);
    }

    private AdmissionOutcome Admit(SkillPackage package)
    {
        Vouch(package);
        return Door().Admit(
            _rig.Begin(), _rig.Files, package.ToLayout(), TrustRig.Target, TrustRig.Now);
    }

    private void Vouch(SkillPackage package, long version = 1, double expires = 400)
    {
        _rig.Files = new MemoryBundle();
        _ = _rig.Fill(version, _rig.Targets(version, package.Image), expires);
    }

    private void Sign(SkillPackage package, SigningKey key)
    {
        byte[] targets = TrustRig.Sign(_rig.Targets(1, package.Image).ToJson(), key);
        _rig.Files["1.targets.json"] = targets;
        _ = _rig.Snapshot(1, new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = FileNote.Of(1, targets),
        });
    }

    private void Refuses(CapabilityManifest manifest, AdmissionStage stage, string refusal)
    {
        SkillPackage package = SkillPackage.Of(manifest, PackageRig.Module);
        Vouch(package);
        Refuses(package.ToLayout(), stage, refusal);
    }

    private void Refuses(byte[] module, string refusal)
    {
        SkillPackage package = PackageRig.Package(module);
        Vouch(package);
        Refuses(package.ToLayout(), AdmissionStage.Module, refusal);
    }

    private void Refuses(IBundle layout, AdmissionStage stage, string refusal)
    {
        AdmissionOutcome outcome = Door().Admit(
            _rig.Begin(), _rig.Files, layout, TrustRig.Target, TrustRig.Now);
        Assert.True(
            outcome.Stage == stage && outcome.Refusal.Contains(refusal, StringComparison.Ordinal),
            $"{outcome.Stage}: {outcome.Refusal}");
        Assert.Null(outcome.Skill);
    }

    private sealed class Watched(IBundle files) : IBundle
    {
        public List<string> Asked { get; } = [];

        public byte[]? Read(string name, int most, out bool isTooLong)
        {
            Asked.Add(name);
            return files.Read(name, most, out isTooLong);
        }
    }
}
