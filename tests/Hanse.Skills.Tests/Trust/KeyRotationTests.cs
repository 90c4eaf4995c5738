using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Trust;

/// <summary>Keys are replaced, lost and stolen, and a client that was away for all of it follows.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private static readonly byte[] _content = Encoding.ASCII.GetBytes("an image manifest");

    private readonly TrustRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_client_that_was_away_follows_root_after_root()
    {
        TrustState state = _rig.Begin();
        SigningKey[] before = _rig.RootKeys;
        for (int version = 2; version <= 20; version++)
        {
            // One key goes, one comes; those of before and those of after sign.
            SigningKey[] after = [.. before[1..], TrustRig.KeyOf(20 + version)];
            Put(version, TrustRig.With(
                _rig.Root(version), TrustFormat.Root, TrustRig.Role(2, after)), [.. before[1..], .. after]);
            before = after;
        }

        state = _rig.Fill(1, _rig.Targets(1, _content)).Accepts(state);
        Assert.Equal(20, state.RootVersion);
    }

    [Fact]
    public void A_lost_key_under_the_threshold_is_replaced()
    {
        // Two of three are left, which is what it takes.
        SigningKey[] left = _rig.RootKeys[..2];
        SigningKey[] after = [.. left, _rig.Keys[9]];
        Put(2, TrustRig.With(_rig.Root(2), TrustFormat.Root, TrustRig.Role(2, after)), left);
        TrustState state = _rig.Fill(1, _rig.Targets(1, _content)).Accepts(_rig.Begin());
        Assert.Equal(2, state.RootVersion);

        // Whoever finds the lost one has nothing: it does not count any more, not even with one of ours.
        Put(3, TrustRig.With(_rig.Root(3), TrustFormat.Root, TrustRig.Role(2, after)),
            [_rig.RootKeys[2], left[0]]);
        _ = _rig.Refuses(state, TrustReason.TooFewSignatures, "3.root.json bears 1 of the 2");
    }

    [Fact]
    public void Too_many_lost_keys_cannot_be_replaced()
    {
        SigningKey[] after = [_rig.RootKeys[0], _rig.Keys[9], _rig.Keys[10]];
        Put(2, TrustRig.With(_rig.Root(2), TrustFormat.Root, TrustRig.Role(2, after)), after);
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.TooFewSignatures, "2.root.json bears 1 of the 2");
    }

    [Fact]
    public void A_root_is_signed_by_its_own_keys_too()
    {
        RootMetadata next = TrustRig.With(
            _rig.Root(2), TrustFormat.Root, TrustRig.Role(2, _rig.Keys[9], _rig.Keys[10]));
        Put(2, next, _rig.RootKeys);
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _ = _rig.Refuses(_rig.Begin(), TrustReason.UnknownKey, "2.root.json bears 0 of the 2");
        Put(2, next, [.. _rig.RootKeys, _rig.Keys[9]]);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.TooFewSignatures, "2.root.json bears 1 of the 2");
    }

    [Fact]
    public void A_root_of_another_version_under_that_name()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        _rig.Files["2.root.json"] = TrustRig.Sign(_rig.Root(1, 99).ToJson(), _rig.RootKeys);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.Rollback, "2.root.json is version 1; trusted is 1");
        _rig.Files["2.root.json"] = TrustRig.Sign(_rig.Root(3).ToJson(), _rig.RootKeys);
        _ = _rig.Refuses(_rig.Begin(), TrustReason.MixAndMatch, "2.root.json is version 3");
    }

    [Fact]
    public void A_root_that_expired_on_the_way_does_not_matter_and_the_last_one_does()
    {
        Put(2, _rig.Root(2, expires: 10), _rig.RootKeys);
        Put(3, _rig.Root(3), _rig.RootKeys);
        _ = _rig.Fill(1, _rig.Targets(1, _content)).Accepts(_rig.Begin(_rig.Root(1, expires: 5)));
        _rig.Files.Remove("3.root.json");
        TrustState state = _rig.Refuses(_rig.Begin(), TrustReason.Expired, "the root expired");
        Assert.Equal(2, state.RootVersion);
    }

    [Fact]
    public void A_key_of_targets_that_was_taken_away_vouches_for_nothing()
    {
        TrustState state = _rig.Fill(1, _rig.Targets(1, _content)).Accepts(_rig.Begin());
        Put(2, TrustRig.With(
            _rig.Root(2), TrustFormat.Targets, TrustRig.Role(2, _rig.TargetsKeys[0], _rig.Keys[9])),
            _rig.RootKeys);
        _ = _rig.Refuses(state, TrustReason.TooFewSignatures, "1.targets.json bears 1 of the 2");
    }

    // A thief of snapshot and timestamp sets versions so high that nothing newer could ever come.
    [Theory]
    [InlineData(TrustFormat.Snapshot)]
    [InlineData(TrustFormat.Timestamp)]
    public void Fast_forward_ends_when_the_stolen_key_is_taken_away(string role)
    {
        TrustState state = _rig.Fill(Json.NumberMax, _rig.Targets(1, _content)).Accepts(_rig.Begin());
        _rig.Files = new MemoryBundle();
        _ = _rig.Fill(2, _rig.Targets(2, _content));
        _ = _rig.Refuses(state, TrustReason.Rollback, "timestamp.json is version 2");

        SigningKey fresh = _rig.Keys[9];
        Put(2, TrustRig.With(_rig.Root(2), role, TrustRig.Role(1, fresh)), _rig.RootKeys);
        var notes = new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = FileNote.Of(2, _rig.Files["2.targets.json"]),
        };
        bool isSnapshot = role == TrustFormat.Snapshot;
        _ = _rig.Snapshot(3, notes, key: isSnapshot ? fresh : null);
        if (!isSnapshot)
        {
            _ = _rig.Timestamp(3, FileNote.Of(3, _rig.Files["3.snapshot.json"]), key: fresh);
        }

        state = _rig.Accepts(state);
        Assert.Equal((3L, 3L, 2L), (state.TimestampVersion, state.SnapshotVersion, state.TargetsVersion));
    }

    // A key that is added recovers nothing: who held the old one could else replay an old timestamp.
    [Fact]
    public void A_key_that_is_added_does_not_make_a_client_forget()
    {
        _ = _rig.Fill(1, _rig.Targets(1, _content));
        MemoryBundle old = _rig.Files;
        _rig.Files = new MemoryBundle();
        TrustState state = _rig.Fill(5, _rig.Targets(5, _content)).Accepts(_rig.Begin());
        _rig.Files = old;
        Put(2, TrustRig.With(
            _rig.Root(2), TrustFormat.Timestamp, TrustRig.Role(1, _rig.TimestampKey, _rig.Keys[9])),
            _rig.RootKeys);
        state = _rig.Refuses(state, TrustReason.Rollback, "timestamp.json is version 1; trusted is 5");
        Assert.Equal((2L, 5L), (state.RootVersion, state.TimestampVersion));
    }

    [Fact]
    public void A_root_that_was_followed_stays_followed_whatever_fails_then()
    {
        Put(2, _rig.Root(2), _rig.RootKeys);
        TrustState state = _rig.Refuses(_rig.Begin(), TrustReason.Missing, "timestamp.json");
        Assert.Equal(2, state.RootVersion);
    }

    [Fact]
    public void More_roots_than_one_update_follows_take_two()
    {
        for (int version = 2; version <= TrustFormat.RootsMax + 10; version++)
        {
            Put(version, _rig.Root(version), _rig.RootKeys[..2]);
        }

        TrustState state = _rig.Fill(1, _rig.Targets(1, _content)).Accepts(_rig.Begin());
        Assert.Equal(TrustFormat.RootsMax + 1, state.RootVersion);
        Assert.Equal(TrustFormat.RootsMax + 10, _rig.Accepts(state).RootVersion);
    }

    private void Put(int version, RootMetadata root, IEnumerable<SigningKey> keys) =>
        _rig.Files[$"{version}.root.json"] = TrustRig.Sign(root.ToJson(), [.. keys.Distinct()]);
}
