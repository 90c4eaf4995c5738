using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Core.Time;
using Hanse.Skills.Packages;
using Hanse.Skills.Tests.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Trust;

/// <summary>A repository as its keepers change it, read by a client that trusts nothing but its
/// root.</summary>
public sealed class SkillRepositoryTests : IDisposable
{
    private readonly TrustRig _rig = new();

    private readonly string _folder =
        Path.Combine(Path.GetTempPath(), "hanse-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        _rig.Dispose();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void A_new_repository_and_a_package_in_it_are_accepted_by_a_client()
    {
        Done(Create(_rig.Keys), "1.root.json", "1.targets.json", "1.snapshot.json", "timestamp.json");
        TrustState state = Client();
        Done(
            Open(_rig.Keys).Add(PackageRig.Package()), "2.targets.json", "2.snapshot.json", "timestamp.json");
        AdmissionOutcome outcome = Check(state);
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        Assert.Equal(PackageRig.Package().Digest, outcome.Package!.Digest);
        Assert.Equal(["pricing/1.2.0"], Open().Listed());

        // As other clients ask for it, and as other tools read the layout.
        Assert.True(File.Exists(Path.Combine(
            _folder, "targets", "pricing", PackageRig.Package().Digest + ".1.2.0")));
        Assert.NotNull(SkillPackage.Read(new FolderBundle(_folder), out _));
    }

    [Fact]
    public void The_same_changes_under_the_same_keys_make_the_same_bytes()
    {
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        string[] files = [.. Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order()];
        byte[][] once = [.. files.Select(File.ReadAllBytes)];
        Directory.Delete(_folder, recursive: true);
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        Assert.Equal(files, Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Order());
        Assert.Equal(once, files.Select(File.ReadAllBytes));
    }

    // The keys are never in one place.
    [Fact]
    public void Holders_sign_one_after_the_other()
    {
        Waits(Create([_rig.RootKeys[0]]), "root 1 waits for 1 signature");
        Waits(Open([_rig.RootKeys[2]]).Settle(), "targets 1 waits for 2 signatures");
        Waits(Open([_rig.TargetsKeys[0]]).Settle(), "targets 1 waits for 1 signature");
        Waits(Open([_rig.TargetsKeys[1]]).Settle(), "snapshot 1 waits for 1 signature");
        Waits(Open([_rig.SnapshotKey]).Settle(), "timestamp 1 waits for 1 signature");
        Done(Open([_rig.TimestampKey]).Settle(), "timestamp.json");
        TrustState state = Client();

        // A change that is signed by one of two is seen by nobody.
        Waits(
            Open([_rig.TargetsKeys[0], _rig.SnapshotKey, _rig.TimestampKey]).Add(PackageRig.Package()),
            "targets 2 waits for 1 signature");
        Assert.Equal(TrustReason.NoSuchTarget, Check(state).Reason);
        Done(
            Open([_rig.TargetsKeys[1], _rig.SnapshotKey, _rig.TimestampKey]).Settle(), "2.targets.json",
            "2.snapshot.json", "timestamp.json");
        Assert.Equal(AdmissionStage.Admitted, Check(state).Stage);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "drafts")));
    }

    [Fact]
    public void A_strange_key_signs_nothing()
    {
        _ = Create([_rig.RootKeys[0], _rig.Stranger]);
        Waits(Open([_rig.Stranger]).Settle(), "root 1 waits for 1 signature");
    }

    [Fact]
    public void Keys_are_replaced_and_what_they_signed_is_signed_anew()
    {
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        TrustState state = Client();
        RepositoryNews news = Open(_rig.RootKeys).Rotate(
            TrustFormat.Targets, [_rig.TargetsKeys[0].Public.KeyId], [_rig.Keys[9].Public]);
        Assert.Equal(["2.root.json"], news.Published);
        Waits(news, "targets 3 waits for 2 signatures");

        // Until then a client sees what was said above: that too few of the role's keys signed.
        Assert.Equal(TrustReason.TooFewSignatures, Check(state).Reason);
        Done(
            Open([_rig.TargetsKeys[1], _rig.Keys[9], _rig.SnapshotKey, _rig.TimestampKey]).Settle(),
            "3.targets.json", "3.snapshot.json", "timestamp.json");
        Assert.Equal(AdmissionStage.Admitted, Check(state).Stage);
    }

    [Fact]
    public void The_keys_of_the_timestamp_are_replaced()
    {
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        TrustState state = Check(Client()).State;
        Done(
            Open([.. _rig.RootKeys, _rig.Keys[9]]).Rotate(
                TrustFormat.Timestamp, [_rig.TimestampKey.Public.KeyId], [_rig.Keys[9].Public]),
            "2.root.json", "timestamp.json");
        AdmissionOutcome outcome = Check(state);
        Assert.True(outcome.Stage == AdmissionStage.Admitted, outcome.Refusal);
        Assert.Equal((2L, 3L), (outcome.State.RootVersion, outcome.State.TimestampVersion));
    }

    [Fact]
    public void A_lost_root_key_is_replaced_by_those_that_are_left()
    {
        _ = Create(_rig.Keys);
        TrustState state = Client();
        string lost = _rig.RootKeys[0].Public.KeyId;
        SigningKey fresh = _rig.Keys[9];
        Waits(
            Open([_rig.RootKeys[1], fresh]).Rotate(TrustFormat.Root, [lost], [fresh.Public]),
            "root 2 waits for 1 signature by keys of the root before, and for 0 signatures by its own");
        Done(Open([_rig.RootKeys[2]]).Settle(), "2.root.json");
        Assert.Equal(2, TrustUpdate.Apply(state, Open().Metadata, TrustRig.Now).State.RootVersion);
    }

    [Fact]
    public void An_author_adds_what_is_his_with_his_own_key()
    {
        _ = Create(_rig.Keys);
        Waits(
            Open([.. _rig.TargetsKeys, _rig.SnapshotKey, _rig.TimestampKey]).Delegate(
                "author", new RoleKeys([_rig.AuthorKey.Public], 1), ["pricing/*"]),
            "author 1 waits for 1 signature");
        SigningKey[] online = [_rig.AuthorKey, _rig.SnapshotKey, _rig.TimestampKey];
        Done(
            Open(online).Add(PackageRig.Package(), "author"), "1.author.json", "3.snapshot.json",
            "timestamp.json");
        TrustState state = Check(Client()).State;
        Assert.Equal(1, state.VersionOf("author"));
        SkillPackage other = SkillPackage.Of(
            PackageRig.Manifest() with { Name = "hauling" }, PackageRig.Module);
        Refused(
            Open(online).Add(other, "author"),
            "author may not vouch for hauling/1.2.0; it may for pricing/*");
        Refused(Open(online).Add(other, "nobody"), "there is no role 'nobody' here");

        // His key is replaced by those who delegate, and he signs what he vouches for anew.
        SigningKey fresh = _rig.Keys[9];
        RoleKeys keys = new([fresh.Public], 1);
        _ = Open([.. _rig.TargetsKeys, .. online]).Delegate("author", keys, ["pricing/*"]);
        Assert.Equal(TrustReason.UnknownKey, Check(state).Reason);
        Done(
            Open([fresh, _rig.SnapshotKey, _rig.TimestampKey]).Settle(), "2.author.json", "5.snapshot.json",
            "timestamp.json");
        Assert.Equal(AdmissionStage.Admitted, Check(state).Stage);
    }

    [Fact]
    public void A_skill_that_is_withdrawn_is_taken_by_nobody_any_more()
    {
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        TrustState state = Check(Client()).State;
        Done(
            Open(_rig.Keys).Withdraw(TrustRig.Target), "3.targets.json", "3.snapshot.json", "timestamp.json");
        Assert.Equal(TrustReason.NoSuchTarget, Check(state).Reason);
        Assert.Empty(Open().Listed());
        Assert.Empty(SkillPackage.Images(Open().Layout));
        Refused(Open(_rig.Keys).Withdraw(TrustRig.Target), "nobody vouches for pricing/1.2.0");
    }

    [Fact]
    public void One_version_is_one_package()
    {
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        Refused(
            Open(_rig.Keys).Add(PackageRig.Package(Wat.Deciding("i64.const -1"))),
            "targets vouches for another pricing/1.2.0; what differs needs another version");
    }

    [Fact]
    public void A_timestamp_is_signed_anew_before_it_expires()
    {
        _ = Create(_rig.Keys);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        TrustState state = Client();
        Assert.Equal(AdmissionStage.Admitted, Check(state, TrustRig.Day(89)).Stage);
        Assert.Equal(TrustReason.Expired, Check(state, TrustRig.Day(91)).Reason);
        Done(Open([_rig.TimestampKey], TrustRig.Day(80)).Refresh(), "timestamp.json");
        Assert.Equal(AdmissionStage.Admitted, Check(state, TrustRig.Day(91)).Stage);
    }

    [Fact]
    public void What_cannot_be_is_refused_in_words()
    {
        Refused(Open(_rig.Keys).Add(PackageRig.Package()), "there is no role 'targets' here");
        Refused(Open(_rig.Keys).Rotate("root", [], []), "there is no repository");
        Refused(Open(_rig.Keys).Refresh(), "no timestamp is published yet");
        _ = Create(_rig.Keys);
        Refused(Create(_rig.Keys), "there is a repository already");
        Refused(Open(_rig.Keys).Rotate("root", ["00"], []), "root does not have the key 00");
        Refused(Open(_rig.Keys).Rotate("mirrors", [], []), "root names no role 'mirrors'");
        Refused(
            Open(_rig.Keys).Rotate("root", [_rig.RootKeys[0].Public.KeyId], [], 3),
            "root would take 3 signatures and have 2 keys");
        RoleKeys keys = new([_rig.AuthorKey.Public], 1);
        Refused(Open(_rig.Keys).Delegate("timestamp", keys, ["a/*"]), "cannot be a role's name");
        Refused(Open(_rig.Keys).Delegate("author", keys, ["../*"]), "a pattern is of small letters");
        File.WriteAllText(Path.Combine(_folder, "metadata", "2.root.json"), "{");
        Refused(Open(_rig.Keys).Settle(), "metadata/2.root.json: it is no JSON");
    }

    [Fact]
    public void A_package_is_pushed_with_all_it_takes_to_verify_it()
    {
        string goal = Path.Combine(_folder, "mirror");
        _ = Create(_rig.Keys);
        TrustState old = Client();
        _ = Open(_rig.RootKeys).Rotate(TrustFormat.Root, [], [_rig.Keys[9].Public]);
        _ = Open(_rig.Keys).Add(PackageRig.Package());
        AdmissionOutcome outcome = Check(Client());
        Assert.Null(Mirror.Push(outcome, _folder, goal, out _));
        var mirror = new SkillRepository(goal, [], 0);
        AdmissionOutcome there = SkillAdmission.Check(
            old, mirror.Metadata, mirror.Layout, TrustRig.Target, Instant.Epoch, null);
        Assert.True(there.Stage == AdmissionStage.Admitted, there.Refusal);
        Assert.Equal(2, there.State.RootVersion);

        // A second one beside it, and none that would turn the mirror back.
        _ = Open(_rig.Keys).Add(SkillPackage.Of(
            PackageRig.Manifest() with { Version = new SkillVersion(1, 3, 0, "") }, PackageRig.Module));
        AdmissionOutcome next = SkillAdmission.Check(
            old, Open().Metadata, Open().Layout, "pricing/1.3.0", Instant.Epoch, null);
        Assert.Null(Mirror.Push(next, _folder, goal, out _));
        Assert.Contains(
            "newer timestamp", Mirror.Push(outcome, _folder, goal, out _), StringComparison.Ordinal);
        Assert.Equal(2, SkillPackage.Images(mirror.Layout).Length);
    }

    private SkillRepository Open(IReadOnlyList<SigningKey>? keys = null, Instant at = default) =>
        new(_folder, keys ?? [], TrustRig.Epoch.At(at));

    private RepositoryNews Create(IReadOnlyList<SigningKey> keys) => Open(keys).Create(
        new SortedDictionary<string, RoleKeys>(StringComparer.Ordinal)
        {
            [TrustFormat.Root] = Keys(2, _rig.RootKeys),
            [TrustFormat.Targets] = Keys(2, _rig.TargetsKeys),
            [TrustFormat.Snapshot] = Keys(1, _rig.SnapshotKey),
            [TrustFormat.Timestamp] = Keys(1, _rig.TimestampKey),
        });

    private TrustState Client()
    {
        TrustState? state = TrustState.Begin(
            File.ReadAllBytes(Path.Combine(_folder, "metadata", "1.root.json")), TrustRig.Epoch,
            out string? refusal);
        Assert.True(state is not null, refusal);
        return state;
    }

    private AdmissionOutcome Check(TrustState state, Instant now = default) => SkillAdmission.Check(
        state, Open().Metadata, Open().Layout, TrustRig.Target, now, null);

    private static RoleKeys Keys(int threshold, params SigningKey[] keys) =>
        new([.. keys.Select(key => key.Public)], threshold);

    private static void Done(RepositoryNews news, params string[] published)
    {
        Assert.Null(news.Refusal);
        Assert.Empty(news.Waiting);
        Assert.Equal(published, news.Published);
    }

    private static void Waits(RepositoryNews news, string sentence)
    {
        Assert.Null(news.Refusal);
        Assert.Contains(news.Waiting, waiting => waiting.Contains(sentence, StringComparison.Ordinal));
    }

    private static void Refused(RepositoryNews news, string refusal)
    {
        Assert.True(news.Refusal?.Contains(refusal, StringComparison.Ordinal), news.Refusal);
        Assert.Empty(news.Published);
    }
}
