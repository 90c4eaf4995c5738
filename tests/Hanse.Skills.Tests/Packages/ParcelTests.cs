using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Skills.Packages;
using Hanse.Skills.Tests.Trust;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Packages;

/// <summary>A release as it is downloaded, and that it is admitted as it would be from its
/// repository.</summary>
public sealed class ParcelTests : IClassFixture<SandboxFixture>, IDisposable
{
    private readonly SandboxFixture _sandbox;
    private readonly TrustRig _rig = new();
    private readonly string _folder =
        Path.Combine(Path.GetTempPath(), "hanse-" + Guid.NewGuid().ToString("N"));

    public ParcelTests(SandboxFixture sandbox)
    {
        _sandbox = sandbox;
        Assert.Null(Open().Create(new SortedDictionary<string, RoleKeys>(StringComparer.Ordinal)
        {
            [TrustFormat.Root] = Keys(2, _rig.RootKeys),
            [TrustFormat.Targets] = Keys(2, _rig.TargetsKeys),
            [TrustFormat.Snapshot] = Keys(1, _rig.SnapshotKey),
            [TrustFormat.Timestamp] = Keys(1, _rig.TimestampKey),
        }).Refusal);
        State = TrustState.Begin(
            File.ReadAllBytes(Path.Combine(_folder, "metadata", "1.root.json")), TrustRig.Epoch, out _)!;
    }

    private TrustState State { get; }

    public void Dispose()
    {
        _rig.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_is_read_as_it_was_made_and_brings_all_it_takes_to_be_admitted()
    {
        Parcel made = Make(PackageRig.Package());
        Parcel again = Make(null);
        Assert.Equal(made.Bytes, again.Bytes);
        var parcel = Parcel.Read(made.Bytes, out string? refusal);
        Assert.True(parcel is not null, refusal);
        Assert.Equal(made.Digest, parcel.Digest);
        Assert.Equal((TrustRig.Target, PackageRig.Package().Digest), (parcel.Target, parcel.Image));
        AdmissionOutcome outcome = Door().Admit(State, parcel, null, Instant.Epoch);
        using Skill? skill = outcome.Skill;
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        using Skill? ready = Door().Again(parcel, out refusal);
        Assert.True(ready is not null, refusal);
        Assert.Equal(skill!.Digest, ready.Digest);
    }

    // What an old root vouches for reaches a client that knows that one only.
    [Fact]
    public void It_brings_the_roots_that_lead_from_an_old_one_to_its_own()
    {
        Assert.Null(Open().Rotate(TrustFormat.Root, [], [_rig.Keys[9].Public]).Refusal);
        AdmissionOutcome outcome = Door().Admit(State, Make(PackageRig.Package()), null, Instant.Epoch);
        outcome.Skill?.Dispose();
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        Assert.Equal(2, outcome.State.RootVersion);
    }

    [Fact]
    public void An_older_parcel_is_admitted_only_if_newer_metadata_still_vouches_for_it()
    {
        Parcel older = Make(PackageRig.Package());
        Parcel newer = Make(Version(1, 3));
        TrustState state = Admitted(State, newer, null);
        AdmissionOutcome rolled = Door().Admit(state, older, null, Instant.Epoch);
        Assert.Equal((AdmissionStage.Trust, TrustReason.Rollback), (rolled.Stage, rolled.Reason));
        _ = Admitted(state, older, newer.Metadata);

        // Withdrawn, it stays away, whatever it brings.
        Assert.Null(Open().Withdraw(TrustRig.Target).Refusal);
        Parcel newest = Make(Version(1, 4));
        state = Admitted(state, newest, newer.Metadata);
        rolled = Door().Admit(state, older, newest.Metadata, Instant.Epoch);
        Assert.Equal((AdmissionStage.Trust, TrustReason.Rollback), (rolled.Stage, rolled.Reason));
        Assert.Equal(state.TimestampVersion, rolled.State.TimestampVersion);
    }

    // What a restart makes ready has to be what was admitted, and not another package that came with it.
    [Fact]
    public void A_parcel_that_names_another_package_than_is_vouched_for_is_refused()
    {
        Parcel parcel = Make(PackageRig.Package());
        SkillPackage other = Version(9, 9);
        foreach (string name in other.ToLayout().Names)
        {
            parcel.Files[name] = other.ToLayout()[name];
        }

        Parcel forged = Parcel.Of(parcel.Target, other.Digest, parcel.Files, out _)!;
        AdmissionOutcome outcome = Door().Admit(State, forged, null, Instant.Epoch);
        Assert.Equal(AdmissionStage.Package, outcome.Stage);
        Assert.Contains("it says that it brings", outcome.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_ready_again_is_held_to_what_the_machine_grants_now()
    {
        Parcel parcel = Make(PackageRig.Package());
        Assert.Null(Door([]).Again(parcel, out string? refusal));
        Assert.Equal("it needs drill, haul, which this machine does not have", refusal);
    }

    [Fact]
    public void Whatever_else_comes_is_no_parcel_or_is_not_admitted()
    {
        byte[] bytes = Make(PackageRig.Package()).Bytes;
        Assert.Null(Parcel.Read([], out string? refusal));
        Assert.StartsWith("it is no parcel", refusal, StringComparison.Ordinal);
        Assert.Null(Parcel.Read(new byte[Parcel.BytesMax + 1], out _));
        Assert.Null(Parcel.Read([.. bytes, 0], out _));
        var draw = new Random(1);
        int read = 0;
        for (int i = 0; i < 2_000; i++)
        {
            byte[] mutant = [.. bytes];
            for (int change = draw.Next(1, 4); change > 0; change--)
            {
                mutant[draw.Next(mutant.Length)] ^= (byte)draw.Next(1, 256);
            }

            if (draw.Next(4) == 0)
            {
                mutant = mutant[..draw.Next(mutant.Length)];
            }

            if (Parcel.Read(mutant, out refusal) is not { } parcel)
            {
                Assert.NotNull(refusal);
                continue;
            }

            // One encoding; and what is admitted of a mutant is what was vouched for.
            read++;
            Assert.Equal(
                mutant, Parcel.Of(parcel.Target, parcel.Image, parcel.Files, out _)!.Bytes);
            AdmissionOutcome outcome = Door().Admit(State, parcel, null, Instant.Epoch);
            using Skill? skill = outcome.Skill;
            Assert.True(skill is null || skill.Digest == Digest.Of(PackageRig.Module), $"mutant {i}");
        }

        Assert.InRange(read, 100, 2_000);
    }

    [Fact]
    public void What_is_too_long_is_not_put_together()
    {
        var files = new MemoryBundle { ["metadata/1.targets.json"] = new byte[SkillOrder.ReleaseLengthMax] };
        Assert.Null(Parcel.Of(TrustRig.Target, default, files, out string? refusal));
        Assert.Contains("pricing: up to 1,048,576", refusal, StringComparison.Ordinal);
    }

    private static SkillPackage Version(int major, int minor) => SkillPackage.Of(
        PackageRig.Manifest() with { Version = new SkillVersion(major, minor, 0, "") }, PackageRig.Module);

    private SkillAdmission Door(string[]? has = null) => new(
        _sandbox.Engine,
        new NodeGrant(
            HostFunctions.Clock | HostFunctions.Log,
            new SortedSet<string>(has ?? ["drill", "haul"], StringComparer.Ordinal)),
        (ReadOnlySpan<byte> module, out string? refusal) =>
            Skill.Compile(_sandbox.Engine, module, out refusal));

    private TrustState Admitted(TrustState state, Parcel parcel, IBundle? heard)
    {
        AdmissionOutcome outcome = Door().Admit(state, parcel, heard, Instant.Epoch);
        outcome.Skill?.Dispose();
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        return outcome.State;
    }

    // Of a package that is added first, or of the one that is there.
    private Parcel Make(SkillPackage? package)
    {
        if (package is not null)
        {
            Assert.Null(Open().Add(package).Refusal);
        }

        SkillRepository opened = Open();
        AdmissionOutcome outcome = SkillAdmission.Check(
            State, opened.Metadata, opened.Layout, package?.Manifest.Target ?? TrustRig.Target, Instant.Epoch,
            null);
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        var parcel = Parcel.Make(outcome, opened.Metadata, out string? refusal);
        Assert.True(parcel is not null, refusal);
        return parcel;
    }

    private SkillRepository Open() => new(_folder, _rig.Keys, TrustRig.Epoch.At(Instant.Epoch));

    private static RoleKeys Keys(int threshold, params SigningKey[] keys) =>
        new([.. keys.Select(key => key.Public)], threshold);
}
