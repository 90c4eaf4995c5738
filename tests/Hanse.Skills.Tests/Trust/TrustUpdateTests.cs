using System;
using System.Collections.Generic;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Trust;

/// <summary>Each attack on a client that The Update Framework names, and that it is refused with its
/// reason.</summary>
public sealed class TrustUpdateTests : IDisposable
{
    private static readonly byte[] _content = Encoding.ASCII.GetBytes("an image manifest");

    private readonly TrustRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_target_that_enough_keys_vouch_for_is_found_with_length_and_digest()
    {
        TrustState state = _rig.Begin();
        TrustOutcome outcome = _rig.Fill(1, _rig.Targets(1, _content)).Apply(state);
        Assert.Equal(
            new VerifiedTarget(TrustRig.Target, _content.Length, Digest.Of(_content), "targets")
            {
                Threshold = 2,
            },
            outcome.Target);
        Assert.Equal(
            (1L, 1L, 1L, 1L),
            (outcome.State.RootVersion, outcome.State.TimestampVersion, outcome.State.SnapshotVersion,
                outcome.State.TargetsVersion));
        Assert.Equal(0, state.TimestampVersion); // A state is never changed.
    }

    [Fact]
    public void The_same_bundle_again_changes_nothing()
    {
        TrustState state = _rig.Fill(1, _rig.Targets(1, _content)).Accepts(_rig.Begin());
        Assert.Equal(state.ToBytes(), _rig.Accepts(state).ToBytes());
    }

    [Fact]
    public void A_state_that_was_kept_is_the_state()
    {
        TrustState state = _rig.Fill(3, _rig.Targets(2, _content)).Accepts(_rig.Begin());
        TrustState? read = TrustState.Read(state.ToBytes(), out string? refusal);
        Assert.True(read is not null, refusal);
        Assert.Equal(state.ToBytes(), read.ToBytes());
        Assert.Equal(
            (state.Epoch, 3L, 2L), (read.Epoch, read.TimestampVersion, read.VersionOf("targets")));
        _ = _rig.Accepts(read);
    }

    [Fact]
    public void Plain_names_are_used_when_root_says_so()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _rig.Files["snapshot.json"] = _rig.Files["1.snapshot.json"];
        _rig.Files["targets.json"] = _rig.Files["1.targets.json"];
        _rig.Files.Remove("1.snapshot.json");
        _rig.Files.Remove("1.targets.json");
        _ = _rig.Accepts(_rig.Begin(_rig.Root(isConsistent: false)));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Missing, "1.snapshot.json is not there");
    }

    [Fact]
    public void Too_few_signatures()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        Replace("1.targets.json", TrustRig.Sign(_rig.Targets(1, _content).ToJson(), _rig.TargetsKeys[0]));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.TooFewSignatures, "bears 1 of the 2 signatures");
        Replace("1.targets.json", TrustRig.Sign(_rig.Targets(1, _content).ToJson()));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.TooFewSignatures, "bears 0 of the 2 signatures");
    }

    [Fact]
    public void A_bad_signature()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        string text = Encoding.UTF8.GetString(_rig.Files["timestamp.json"]);
        int sig = text.IndexOf("\"sig\":\"", StringComparison.Ordinal) + 7;
        _rig.Files["timestamp.json"] = Encoding.UTF8.GetBytes(
            text[..sig] + (text[sig] == '0' ? '1' : '0') + text[(sig + 1)..]);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.BadSignature, "timestamp.json bears 0 of the 1");
        foreach (string broken in new[] { "", "0", "zz", new string('0', 126), new string('0', 130) })
        {
            _rig.Files["timestamp.json"] = Encoding.UTF8.GetBytes(text[..sig] + broken + text[(sig + 128)..]);
            _ = _rig.Refuses(_rig.Begin(), TrustReason.BadSignature, "timestamp.json bears 0 of the 1");
        }
    }

    [Fact]
    public void A_signature_over_something_else()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        string text = Encoding.UTF8.GetString(_rig.Files["timestamp.json"]);
        _rig.Files["timestamp.json"] = Encoding.UTF8.GetBytes(
            text.Replace("\"expires\":\"2041", "\"expires\":\"2091", StringComparison.Ordinal));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.BadSignature, "1 by its keys do not hold");
    }

    [Fact]
    public void A_key_of_nobody_or_of_another_role()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        FileNote note = FileNote.Of(1, _rig.Files["1.snapshot.json"]);
        foreach (SigningKey key in new[] { _rig.Stranger, _rig.SnapshotKey, _rig.TargetsKeys[0] })
        {
            _ = _rig.Timestamp(1, note, key: key);
            _ = _rig.Refuses(_rig.Begin(), TrustReason.UnknownKey, "by keys that may not sign it");
        }
    }

    // What counts is that enough hold: others cannot take a good file away by adding to it.
    [Fact]
    public void Good_signatures_suffice_whatever_stands_beside_them()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        TimestampMetadata timestamp = TimestampMetadata.Read(
            SignedFile.Read(_rig.Files["timestamp.json"]).Signed, "");
        _rig.Files["timestamp.json"] = TrustRig.Sign(timestamp.ToJson(), _rig.TimestampKey, _rig.Stranger);
        _ = _rig.Accepts(_rig.Begin());
    }

    [Fact]
    public void One_key_counts_once()
    {
        // Twice under one name, which the specification forbids.
        Json targets = _rig.Targets(1, _content).ToJson();
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        string one = Encoding.UTF8.GetString(TrustRig.Sign(targets, _rig.TargetsKeys[0]));
        int open = one.IndexOf('{', 1);
        int close = one.IndexOf('}', StringComparison.Ordinal) + 1;
        Replace("1.targets.json", Encoding.UTF8.GetBytes(
            one[..close] + "," + one[open..close] + one[close..]));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Malformed, "two signatures of the key");

        // Under two names: a key with a note in it has another digest, and is the same key.
        SigningKey key = _rig.TargetsKeys[0];
        TrustKey alias = TrustKey.Read(key.Public.ToJson().With(("note", Json.Of("another name"))));
        Assert.NotEqual(alias.KeyId, key.Public.KeyId);
        RootMetadata root = TrustRig.With(
            _rig.Root(), TrustFormat.Targets, TrustRole.Of([key.Public, alias], 2));
        Json signed = Json.Parse(TrustRig.Sign(targets, key));
        Json mine = signed.Items("signatures", 1)[0];
        byte[] twice = Json.Object(
            ("signed", targets),
            ("signatures", Json.List([mine, mine.With(("keyid", Json.Of(alias.KeyId)))]))).Canonical();
        Replace("1.targets.json", twice);
        _ = _rig.Refuses(_rig.Begin(root), TrustReason.TooFewSignatures, "bears 1 of the 2 signatures");
    }

    [Fact]
    public void Rollback_of_the_timestamp()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        MemoryBundle old = _rig.Files;
        _rig.Files = new MemoryBundle();
        TrustState state = _rig.Fill(2, _rig.Targets(2, _content)).Accepts(_rig.Begin());
        _rig.Files = old;
        TrustState after = _rig.Refuses(
            state, TrustReason.Rollback, "timestamp.json is version 1; trusted is 2");
        Assert.Equal(state.ToBytes(), after.ToBytes());
    }

    [Fact]
    public void Rollback_of_the_snapshot_by_who_has_the_timestamp_key()
    {
        TrustState state = _rig.Fill(2, _rig.Targets(2, _content)).Accepts(_rig.Begin());
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _ = _rig.Timestamp(3, FileNote.Of(1, _rig.Files["1.snapshot.json"]));
        _ = _rig.Refuses(state, TrustReason.Rollback, "snapshot that timestamp.json names is version 1");
    }

    [Fact]
    public void Rollback_of_targets_by_who_has_the_keys_of_snapshot_and_timestamp()
    {
        TrustState state = _rig.Fill(2, _rig.Targets(2, _content)).Accepts(_rig.Begin());
        _ = _rig.Fill(3, _rig.Targets(1, _content));
        _ = _rig.Refuses(
            state, TrustReason.Rollback, "targets.json in 3.snapshot.json is version 1; trusted is 2");
    }

    [Fact]
    public void A_file_that_was_listed_stays_listed()
    {
        var delegation = new Delegation("author", TrustRig.Role(1, _rig.AuthorKey), ["pricing/*"], false);
        TargetsMetadata targets = _rig.Empty(1, delegation);
        TrustState state = _rig.Fill(1, targets, author: _rig.Targets(1, _content)).Accepts(_rig.Begin());
        _ = _rig.Fill(2, targets);
        _ = _rig.Refuses(state, TrustReason.Rollback, "leaves out author.json");
    }

    [Fact]
    public void Freeze()
    {
        TrustState state = _rig.Begin();
        _ = _rig.Fill(1, _rig.Targets(1, _content), expires: 120);
        _ = _rig.Refuses(
            state, TrustReason.Expired, "timestamp.json expired on 2040-04-30T00:00:00Z", TrustRig.Day(120));
        state = _rig.Accepts(state, TrustRig.Day(119.99999));

        // Held back from then on: what was good once is not for ever.
        _ = _rig.Refuses(state, TrustReason.Expired, "timestamp.json expired", TrustRig.Day(130));
    }

    [Fact]
    public void Every_role_expires()
    {
        byte[] targets = TrustRig.Sign(_rig.Targets(1, _content, expires: 50).ToJson(), _rig.TargetsKeys);
        _ = _rig.Fill(1, _rig.Targets(1, _content, expires: 50));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Expired, "1.targets.json expired");
        var notes = new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = FileNote.Of(1, targets),
        };
        _ = _rig.Snapshot(1, notes, 50).Timestamp(1, FileNote.Of(1, _rig.Files["1.snapshot.json"]));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Expired, "1.snapshot.json expired");
        _ = _rig.Refuses(_rig.Begin(_rig.Root(expires: 100)), TrustReason.Expired, "the root expired");
    }

    [Fact]
    public void Mix_and_match()
    {
        _ = _rig.Fill(2, _rig.Targets(2, _content));
        byte[] newer = _rig.Files["2.targets.json"];
        byte[] snapshot = _rig.Files["2.snapshot.json"];
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _rig.Files["1.targets.json"] = newer; // Genuine, and of another time.
        _ = _rig.Refuses(
            _rig.Begin(), TrustReason.MixAndMatch, "1.targets.json is not the one that the snapshot");
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _rig.Files["1.snapshot.json"] = snapshot;
        _ = _rig.Refuses(
            _rig.Begin(), TrustReason.MixAndMatch, "1.snapshot.json is not the one that the timestamp");
    }

    // Where no digests are noted, versions still have to agree.
    [Fact]
    public void Mix_and_match_without_digests()
    {
        _ = _rig.Fill(2, _rig.Targets(2, _content));
        var notes = new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = new FileNote(1, null, null),
        };
        _rig.Files["1.targets.json"] = _rig.Files["2.targets.json"];
        byte[] second = _rig.Files["2.snapshot.json"];
        _ = _rig.Snapshot(1, notes);
        _ = _rig.Refuses(
            _rig.Begin(), TrustReason.MixAndMatch, "1.targets.json is version 2; the snapshot names 1");
        _ = _rig.Timestamp(1, new FileNote(1, null, null));
        _rig.Files["1.snapshot.json"] = second;
        _ = _rig.Refuses(
            _rig.Begin(), TrustReason.MixAndMatch, "1.snapshot.json is version 2; the timestamp names 1");
    }

    [Fact]
    public void Endless_data()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        byte[] timestamp = _rig.Files["timestamp.json"];
        _rig.Files["timestamp.json"] = Padded(timestamp, TrustFormat.TimestampBytesMax + 1);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.EndlessData, "timestamp.json has more bytes than allowed");
        _rig.Files["timestamp.json"] = Padded(timestamp, TrustFormat.TimestampBytesMax);
        _ = _rig.Accepts(_rig.Begin());

        // Beyond what was said of it, by one byte.
        byte[] snapshot = _rig.Files["1.snapshot.json"];
        _rig.Files["1.snapshot.json"] = Padded(snapshot, snapshot.Length + 1);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.EndlessData, "1.snapshot.json has more bytes");
        _rig.Files["1.snapshot.json"] = snapshot;
        _rig.Files["2.root.json"] = new byte[TrustFormat.RootBytesMax + 1];
        _ = _rig.Refuses(_rig.Begin(), TrustReason.EndlessData, "2.root.json has more bytes");
        _rig.Files.Remove("2.root.json");

        // What the snapshot says of its length does not lift the limit.
        var notes = new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = new FileNote(1, 1L << 40, null),
        };
        _rig.Files["1.targets.json"] = new byte[TrustFormat.TargetsBytesMax + 1];
        _ = _rig.Snapshot(1, notes);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.EndlessData, "1.targets.json has more bytes");
    }

    [Fact]
    public void Metadata_of_another_role()
    {
        // One key for all: only the type tells them apart.
        SigningKey key = _rig.TargetsKeys[0];
        RootMetadata root = _rig.Root();
        foreach (string role in new[] { TrustFormat.Targets, TrustFormat.Snapshot, TrustFormat.Timestamp })
        {
            root = TrustRig.With(root, role, TrustRig.Role(1, key));
        }

        byte[] targets = TrustRig.Sign(_rig.Targets(1, _content).ToJson(), key);
        _ = _rig.Timestamp(1, FileNote.Of(1, targets), key: key);
        _rig.Files["1.snapshot.json"] = targets;
        _ = _rig.Refuses(_rig.Begin(root), TrustReason.WrongType, "1.snapshot.json is metadata of 'targets'");
        _rig.Files["timestamp.json"] = targets;
        _ = _rig.Refuses(_rig.Begin(root), TrustReason.WrongType, "timestamp.json is metadata of 'targets'");
        Assert.Null(TrustState.Begin(targets, TrustRig.Epoch, out string? refusal));
        Assert.Contains("the root is metadata of 'targets'", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_nobody_vouches_for()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _ = _rig.Refuses(
            _rig.Begin(), TrustReason.NoSuchTarget, "no role that may vouch for pricing/9.9.9 does",
            target: "pricing/9.9.9");
        _ = _rig.Accepts(_rig.Begin(), target: null);
    }

    [Fact]
    public void Content_of_another_length_or_digest()
    {
        VerifiedTarget target = _rig.Fill(1, _rig.Targets(1, _content)).Apply(_rig.Begin()).Target!;
        Assert.Equal(TrustReason.None, target.Check(_content, out _));
        Assert.Equal(TrustReason.WrongLength, target.Check([.. _content, 0], out string sentence));
        Assert.Contains("18 bytes; targets vouches for 17", sentence, StringComparison.Ordinal);
        byte[] other = [.. _content];
        other[3] ^= 1;
        Assert.Equal(TrustReason.WrongHash, target.Check(other, out _));
    }

    [Fact]
    public void Files_that_are_not_there()
    {
        TrustState state = _rig.Begin();
        _ = _rig.Refuses(state, TrustReason.Missing, "timestamp.json is not there");
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _rig.Files.Remove("1.targets.json");
        state = _rig.Refuses(state, TrustReason.Missing, "1.targets.json is not there");

        // What was reached is kept, and the rest can come later: neither timestamp nor snapshot again.
        Assert.Equal((1L, 1L), (state.TimestampVersion, state.SnapshotVersion));
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _rig.Files.Remove("1.snapshot.json");
        _ = _rig.Accepts(state);
        var notes = new SortedDictionary<string, FileNote>(StringComparer.Ordinal);
        _ = _rig.Snapshot(1, notes);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Missing, "the snapshot does not list targets.json");
    }

    [Theory]
    [InlineData("\"spec_version\":\"1.0.31\"", "\"spec_version\":\"2.0.0\"", "'spec_version' is not 1.x")]
    [InlineData("\"spec_version\":\"1.0.31\"", "\"spec_version\":\"1\"", "'spec_version' is not 1.x")]
    [InlineData("\"version\":1}", "\"version\":0}", "'version' is not a whole number from 1")]
    [InlineData("\"version\":1}", "\"version\":1.0}", "it has the number 1.0; allowed: whole ones")]
    [InlineData("\"version\":1}", "\"version\":1,\"version\":1}", "it has 'version' twice")]
    [InlineData("\"version\":1}", "\"version\":\"1\"}", "'version' is not a whole number")]
    [InlineData("T00:00:00Z", "T00:00:00", "'expires' is no date")]
    [InlineData("\"meta\":{\"snapshot.json\"", "\"meta\":{\"other.json\"", "it has no 'snapshot.json'")]
    [InlineData("\"_type\"", "\"_typf\"", "it has no '_type'")]
    public void Malformed(string what, string instead, string sentence)
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        string signed = Encoding.UTF8.GetString(SignedFile.Read(_rig.Files["timestamp.json"]).Message);
        int at = signed.LastIndexOf(what, StringComparison.Ordinal);
        Assert.True(at >= 0, signed);
        byte[] message = Encoding.UTF8.GetBytes(signed[..at] + instead + signed[(at + what.Length)..]);

        // Signed by the right key, as far as it can be read at all.
        byte[] signature = _rig.TimestampKey.Sign(message);
        string text = $$"""
            {"signatures":[{"keyid":"{{_rig.TimestampKey.Public.KeyId}}",
            "sig":"{{Convert.ToHexStringLower(signature)}}"}],"signed":{{Encoding.UTF8.GetString(message)}}}
            """;
        _rig.Files["timestamp.json"] = Encoding.UTF8.GetBytes(text);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Malformed, sentence);
    }

    [Fact]
    public void Members_that_are_not_known_are_signed_and_passed_over()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        Json timestamp = SignedFile.Read(_rig.Files["timestamp.json"]).Signed;
        _rig.Files["timestamp.json"] = TrustRig.Sign(
            timestamp.With(("x-note", Json.List(["\"quoted\" \\ \u00e9 \ud83d\ude00"]))), _rig.TimestampKey);
        _ = _rig.Accepts(_rig.Begin());
    }

    [Fact]
    public void A_role_that_can_never_be_fulfilled_is_no_role()
    {
        RootMetadata root = TrustRig.With(
            _rig.Root(), TrustFormat.Targets, TrustRig.Role(3, _rig.TargetsKeys));
        Assert.Null(TrustState.Begin(
            TrustRig.Sign(root.ToJson(), _rig.RootKeys), TrustRig.Epoch, out string? refusal));
        Assert.Contains("takes 3 signatures and has 2 keys", refusal, StringComparison.Ordinal);
    }

    // Else a key could be slipped in under the name of another that a role lists.
    [Fact]
    public void A_key_under_a_name_that_is_not_its_digest()
    {
        Json root = _rig.Root().ToJson();
        Json keys = root.Member("keys");
        Json stolen = keys.With((_rig.RootKeys[0].Public.KeyId, _rig.Stranger.Public.ToJson()));
        Assert.Null(TrustState.Begin(
            TrustRig.Sign(root.With(("keys", stolen)), _rig.RootKeys), TrustRig.Epoch, out string? refusal));
        Assert.Contains("a key has a name that is not its digest", refusal, StringComparison.Ordinal);
    }

    private void Replace(string name, byte[] targets)
    {
        _rig.Files[name] = targets;
        _ = _rig.Snapshot(1, new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = FileNote.Of(1, targets),
        });
    }

    private static byte[] Padded(byte[] file, int length)
    {
        byte[] padded = new byte[length];
        Array.Fill(padded, (byte)' ');
        file.CopyTo(padded, 0);
        return padded;
    }
}
