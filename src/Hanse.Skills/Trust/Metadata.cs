using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>Names and limits of metadata: The Update Framework 1.0, sections 4 and 6.2.</summary>
public static class TrustFormat
{
    /// <summary>The version of the specification that is written; any of its major version is read.</summary>
    public const string SpecVersion = "1.0.31";

    /// <summary>Bytes of a file of root.</summary>
    public const int RootBytesMax = 64 * 1024;

    /// <summary>Bytes of a file of timestamp.</summary>
    public const int TimestampBytesMax = 16 * 1024;

    /// <summary>Bytes of a file of snapshot.</summary>
    public const int SnapshotBytesMax = 128 * 1024;

    /// <summary>Bytes of a file of targets, delegated ones included.</summary>
    public const int TargetsBytesMax = 512 * 1024;

    /// <summary>New files of root in one update.</summary>
    public const int RootsMax = 256;

    /// <summary>Delegated roles that one file of targets may name.</summary>
    public const int RolesMax = 32;

    /// <summary>Path patterns of one delegated role.</summary>
    public const int PathsMax = 64;

    /// <summary>Targets of one file.</summary>
    public const int TargetsMax = 2_000;

    /// <summary>Files of one snapshot.</summary>
    public const int FilesMax = 64;

    /// <summary>Name of the root role.</summary>
    public const string Root = "root";

    /// <summary>Name of the timestamp role.</summary>
    public const string Timestamp = "timestamp";

    /// <summary>Name of the snapshot role.</summary>
    public const string Snapshot = "snapshot";

    /// <summary>Name of the targets role.</summary>
    public const string Targets = "targets";

    /// <summary>The four roles that root names.</summary>
    public static IReadOnlyList<string> Roles { get; } = [Root, Snapshot, Targets, Timestamp];

    /// <summary>A role's file; with a version before it where several stand side by side.</summary>
    internal static string FileName(string role, long? version) =>
        version is null ? role + ".json" : $"{version}.{role}.json";
}

/// <summary>What all metadata has: whose it is, its version and until when it is good.</summary>
/// <param name="Type">The role's type.</param>
/// <param name="Version">Counts up from 1.</param>
/// <param name="Expires">Seconds since 1970 at which it is good no more.</param>
internal abstract record Metadata(string Type, long Version, long Expires)
{
    /// <summary>What every kind begins with.</summary>
    /// <exception cref="SkillRefusedException">It is no metadata.</exception>
    /// <exception cref="TrustRefusedException">It is of another type.</exception>
    protected static (long Version, long Expires) ReadHead(Json json, string type, string what)
    {
        string found = json.Text("_type");
        if (found != type)
        {
            throw new TrustRefusedException(TrustReason.WrongType, $"{what} is metadata of '{found}'");
        }

        string[] spec = json.Text("spec_version").Split('.');
        if (spec.Length is < 2 or > 3 || spec[0] != "1" || !spec.All(
            part => part.Length is > 0 and <= 6 && part.All(char.IsAsciiDigit)))
        {
            throw new SkillRefusedException("'spec_version' is not 1.x");
        }

        return (json.Number("version", 1, Json.NumberMax), MissionEpoch.Parse(json.Text("expires"))
            ?? throw new SkillRefusedException("'expires' is no date like 2041-03-01T00:00:00Z"));
    }

    /// <summary>What every kind begins with.</summary>
    protected Json Written(params IEnumerable<(string Name, Json? Value)> members) => Json.Object(
    [
        ("_type", Json.Of(Type)), ("spec_version", Json.Of(TrustFormat.SpecVersion)),
        ("version", Json.Of(Version)), ("expires", Json.Of(MissionEpoch.Text(Expires))), .. members,
    ]);
}

/// <summary>Who may sign what.</summary>
internal sealed record RootMetadata(
    long Version, long Expires, bool IsConsistent, SortedDictionary<string, TrustRole> Roles)
    : Metadata(TrustFormat.Root, Version, Expires)
{
    public static RootMetadata Read(Json json, string what)
    {
        (long version, long expires) = ReadHead(json, TrustFormat.Root, what);
        SortedDictionary<string, TrustKey> keys = TrustRole.ReadKeys(json);
        Json roles = json.Inner("roles", 16);
        var read = new SortedDictionary<string, TrustRole>(StringComparer.Ordinal);
        foreach (string role in TrustFormat.Roles)
        {
            read[role] = TrustRole.Read(roles.Member(role), keys);
        }

        return new RootMetadata(
            version, expires,
            json.Find("consistent_snapshot") is not null && json.Flag("consistent_snapshot"), read);
    }

    public Json ToJson() => Written(
        ("consistent_snapshot", Json.Of(IsConsistent)),
        ("keys", TrustRole.KeysToJson(Roles.Values.SelectMany(role => role.Keys.Values))),
        ("roles", Json.Object(Roles.Select(role => (role.Key, (Json?)Json.Object(role.Value.Members()))))));
}

/// <summary>What a file of metadata says of another.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Length">Its bytes; null when that is not said.</param>
/// <param name="Hash">Its SHA-256; null when that is not said.</param>
internal readonly record struct FileNote(long Version, long? Length, Digest? Hash)
{
    public static FileNote Of(long version, byte[] bytes) => new(version, bytes.Length, Digest.Of(bytes));

    public static FileNote Read(Json json) => new(
        json.Number("version", 1, Json.NumberMax),
        json.Find("length") is null ? null : json.Number("length", 0, Json.NumberMax),
        json.Find("hashes") is null ? null : ReadHash(json));

    public static Digest ReadHash(Json json) =>
        CapabilityManifest.HexDigest(json.Inner("hashes", 8).Text("sha256"), "'sha256'");

    public Json ToJson() => Json.Object(
        ("version", Json.Of(Version)), ("length", Length is { } length ? Json.Of(length) : null),
        ("hashes", Hash is { } hash ? Json.Object(("sha256", Json.Of(hash.ToString()))) : null));
}

/// <summary>Which snapshot is the newest.</summary>
internal sealed record TimestampMetadata(long Version, long Expires, FileNote Snapshot)
    : Metadata(TrustFormat.Timestamp, Version, Expires)
{
    private const string SnapshotFile = "snapshot.json";

    public static TimestampMetadata Read(Json json, string what)
    {
        (long version, long expires) = ReadHead(json, TrustFormat.Timestamp, what);
        return new TimestampMetadata(
            version, expires, FileNote.Read(json.Inner("meta", 1).Member(SnapshotFile)));
    }

    public Json ToJson() => Written(("meta", Json.Object((SnapshotFile, Snapshot.ToJson()))));
}

/// <summary>Which files of targets belong together.</summary>
internal sealed record SnapshotMetadata(long Version, long Expires, SortedDictionary<string, FileNote> Files)
    : Metadata(TrustFormat.Snapshot, Version, Expires)
{
    public static SnapshotMetadata Read(Json json, string what)
    {
        (long version, long expires) = ReadHead(json, TrustFormat.Snapshot, what);
        Json meta = json.Inner("meta", TrustFormat.FilesMax);
        var files = new SortedDictionary<string, FileNote>(StringComparer.Ordinal);
        foreach (string name in meta.Names)
        {
            files[name] = FileNote.Read(meta.Member(name));
        }

        return new SnapshotMetadata(version, expires, files);
    }

    public Json ToJson() => Written(("meta", Json.Object(
        Files.Select(file => (file.Key, (Json?)file.Value.ToJson())))));
}
