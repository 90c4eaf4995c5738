using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;
using Xunit;

namespace Hanse.Skills.Tests.Trust;

/// <summary>A repository in memory that can be forged file by file: what an attacker with some of the keys
/// could put together.</summary>
internal sealed class TrustRig : IDisposable
{
    public const string Target = "pricing/1.2.0";

    public static readonly MissionEpoch Epoch = new(MissionEpoch.Parse("2040-01-01T00:00:00Z")!.Value);

    public static readonly Instant Now = Day(100);

    public SigningKey[] Keys { get; } = [.. Enumerable.Range(0, 12).Select(KeyOf)];

    public MemoryBundle Files { get; set; } = new();

    // Root takes two of three, targets two of two; snapshot, timestamp and the author have one each.
    public SigningKey[] RootKeys => Keys[..3];

    public SigningKey[] TargetsKeys => Keys[3..5];

    public SigningKey SnapshotKey => Keys[5];

    public SigningKey TimestampKey => Keys[6];

    public SigningKey AuthorKey => Keys[7];

    public SigningKey Stranger => Keys[8];

    public static Instant Day(double day) => Instant.Epoch + TimeSpan.FromDays(day);

    public static long Expiry(double day) => Epoch.At(Day(day));

    public static SigningKey KeyOf(int number)
    {
        byte[] seed = new byte[SigningKey.SeedLength];
        seed[0] = (byte)(number + 1);
        return SigningKey.Import(seed);
    }

    public static TrustRole Role(int threshold, params SigningKey[] keys) =>
        TrustRole.Of(keys.Select(key => key.Public), threshold);

    public static byte[] Sign(Json signed, params SigningKey[] keys)
    {
        var file = SignedFile.Of(signed);
        foreach (SigningKey key in keys)
        {
            _ = file.Sign(key);
        }

        return file.ToBytes();
    }

    public RootMetadata Root(long version = 1, double expires = 3_650, bool isConsistent = true) => new(
        version, Expiry(expires), isConsistent,
        new SortedDictionary<string, TrustRole>(StringComparer.Ordinal)
        {
            [TrustFormat.Root] = Role(2, RootKeys),
            [TrustFormat.Targets] = Role(2, TargetsKeys),
            [TrustFormat.Snapshot] = Role(1, SnapshotKey),
            [TrustFormat.Timestamp] = Role(1, TimestampKey),
        });

    public static RootMetadata With(RootMetadata root, string role, TrustRole signers) => root with
    {
        Roles = new SortedDictionary<string, TrustRole>(root.Roles, StringComparer.Ordinal)
        {
            [role] = signers,
        },
    };

    public TrustState Begin(RootMetadata? root = null)
    {
        TrustState? state = TrustState.Begin(
            Sign((root ?? Root()).ToJson(), RootKeys), Epoch, out string? refusal);
        Assert.True(state is not null, refusal);
        return state;
    }

    public TargetsMetadata Targets(long version, byte[] content, double expires = 1_000) => new(
        version, Expiry(expires), new SortedDictionary<string, TargetNote>(StringComparer.Ordinal)
        {
            [Target] = new TargetNote(content.Length, Digest.Of(content)),
        },
        []);

    public TargetsMetadata Empty(long version, params Delegation[] delegations) =>
        new(version, Expiry(1_000), new(StringComparer.Ordinal), delegations);

    /// <summary>Fills the files: targets as given, and a snapshot and a timestamp of the version.</summary>
    public TrustRig Fill(
        long version, TargetsMetadata targets, double expires = 400, TargetsMetadata? author = null)
    {
        byte[] bytes = Sign(targets.ToJson(), TargetsKeys);
        Files[$"{targets.Version}.targets.json"] = bytes;
        var notes = new SortedDictionary<string, FileNote>(StringComparer.Ordinal)
        {
            ["targets.json"] = FileNote.Of(targets.Version, bytes),
        };
        if (author is not null)
        {
            bytes = Sign(author.ToJson(), AuthorKey);
            Files[$"{author.Version}.author.json"] = bytes;
            notes["author.json"] = FileNote.Of(author.Version, bytes);
        }

        return Snapshot(version, notes, expires);
    }

    public TrustRig Snapshot(
        long version, SortedDictionary<string, FileNote> notes, double expires = 400, SigningKey? key = null)
    {
        byte[] bytes = Sign(
            new SnapshotMetadata(version, Expiry(expires), notes).ToJson(), key ?? SnapshotKey);
        Files[$"{version}.snapshot.json"] = bytes;
        return Timestamp(version, FileNote.Of(version, bytes), expires);
    }

    public TrustRig Timestamp(long version, FileNote snapshot, double expires = 400, SigningKey? key = null)
    {
        Files["timestamp.json"] = Sign(
            new TimestampMetadata(version, Expiry(expires), snapshot).ToJson(), key ?? TimestampKey);
        return this;
    }

    public TrustOutcome Apply(TrustState state, Instant? now = null, string? target = Target) =>
        TrustUpdate.Apply(state, Files, now ?? Now, target);

    public TrustState Accepts(TrustState state, Instant? now = null, string? target = Target)
    {
        TrustOutcome outcome = Apply(state, now, target);
        Assert.True(outcome.Reason == TrustReason.None, $"{outcome.Reason}: {outcome.Sentence}");
        Assert.Equal(target, outcome.Target?.Path);
        return outcome.State;
    }

    public TrustState Refuses(
        TrustState state, TrustReason reason, string sentence, Instant? now = null, string? target = Target)
    {
        TrustOutcome outcome = Apply(state, now, target);
        Assert.True(
            outcome.Reason == reason && outcome.Sentence.Contains(sentence, StringComparison.Ordinal),
            $"{outcome.Reason}: {outcome.Sentence}");
        Assert.Null(outcome.Target);
        return outcome.State;
    }

    public void Dispose()
    {
        foreach (SigningKey key in Keys)
        {
            key.Dispose();
        }
    }
}
