using System;
using System.IO;
using System.Text;
using System.Text.Json;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>What a client trusts: the last root, and the timestamp and snapshot that it has seen.</summary>
/// <remarks>
/// It begins with a root that came on a way that is trusted by itself, such as commissioning, and with the
/// date at which mission time begins. From there only <see cref="TrustUpdate"/> makes the next one. Never
/// changed; a client keeps <see cref="ToBytes"/> and replaces it as a whole.
/// </remarks>
public sealed class TrustState
{
    /// <summary>Bytes of a state as it is kept.</summary>
    public const int BytesMax = 512 * 1024;

    private const int Format = 1;

    private TrustState(
        MissionEpoch epoch, byte[] rootBytes, RootMetadata root, byte[]? timestampBytes,
        byte[]? snapshotBytes)
    {
        Epoch = epoch;
        RootBytes = rootBytes;
        Root = root;
        TimestampBytes = timestampBytes;
        SnapshotBytes = snapshotBytes;
        Timestamp = timestampBytes is null ? null
            : TimestampMetadata.Read(SignedFile.Read(timestampBytes).Signed, "its timestamp");
        Snapshot = snapshotBytes is null ? null
            : SnapshotMetadata.Read(SignedFile.Read(snapshotBytes).Signed, "its snapshot");
    }

    /// <summary>When mission time begins.</summary>
    public MissionEpoch Epoch { get; }

    /// <summary>Version of the trusted root.</summary>
    public long RootVersion => Root.Version;

    /// <summary>Version of the trusted timestamp; 0 when there is none.</summary>
    public long TimestampVersion => Timestamp?.Version ?? 0;

    /// <summary>Version of the trusted snapshot; 0 when there is none.</summary>
    public long SnapshotVersion => Snapshot?.Version ?? 0;

    /// <summary>Version of the trusted file of targets; 0 when there is none.</summary>
    public long TargetsVersion => VersionOf(TrustFormat.Targets);

    internal byte[] RootBytes { get; }

    internal RootMetadata Root { get; }

    internal byte[]? TimestampBytes { get; }

    internal TimestampMetadata? Timestamp { get; }

    internal byte[]? SnapshotBytes { get; }

    internal SnapshotMetadata? Snapshot { get; }

    /// <summary>Version of a role's file in the trusted snapshot; 0 when it lists none.</summary>
    public long VersionOf(string role) =>
        Snapshot is not null
            && Snapshot.Files.TryGetValue(TrustFormat.FileName(role, null), out FileNote note)
                ? note.Version : 0;

    /// <summary>Begins to trust a root that came on a safe way.</summary>
    /// <param name="root">Its file. That it has expired does not matter: it is where updates begin.</param>
    /// <param name="epoch">When mission time begins.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    public static TrustState? Begin(ReadOnlySpan<byte> root, MissionEpoch epoch, out string? refusal)
    {
        byte[] bytes = root.ToArray();
        return Guarded(() => Begin(bytes, epoch, null, null), out refusal);
    }

    /// <summary>Reads a state that was kept.</summary>
    /// <param name="bytes">Its bytes, whatever they are.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    public static TrustState? Read(ReadOnlySpan<byte> bytes, out string? refusal)
    {
        byte[] copy = bytes.Length > BytesMax ? [] : bytes.ToArray();
        return Guarded(
            () =>
            {
                Json json = Json.Parse(copy);
                json.Only("hanse_trust", "epoch", "root", "timestamp", "snapshot");
                _ = json.Number("hanse_trust", Format, Format);
                return Begin(
                    File(json, TrustFormat.Root)!,
                    new MissionEpoch(MissionEpoch.Parse(json.Text("epoch"))
                        ?? throw new SkillRefusedException("'epoch' is no date")),
                    File(json, TrustFormat.Timestamp), File(json, TrustFormat.Snapshot));
            },
            out refusal);
    }

    /// <summary>As it is kept: JSON with the files as texts.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber("hanse_trust", Format);
            writer.WriteString("epoch", MissionEpoch.Text(Epoch.UnixSeconds));
            writer.WriteString(TrustFormat.Root, RootBytes);
            if (TimestampBytes is not null)
            {
                writer.WriteString(TrustFormat.Timestamp, TimestampBytes);
            }

            if (SnapshotBytes is not null)
            {
                writer.WriteString(TrustFormat.Snapshot, SnapshotBytes);
            }

            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>With the next root. Timestamp and snapshot are forgotten when a key that might have signed
    /// them was taken away: whoever had it may have set their versions so high that nothing newer could ever
    /// come (section 5.3.11).</summary>
    internal TrustState With(byte[] rootBytes, RootMetadata root)
    {
        bool isRecovered =
            IsTakenAway(root, TrustFormat.Timestamp) || IsTakenAway(root, TrustFormat.Snapshot);
        return new TrustState(
            Epoch, rootBytes, root, isRecovered ? null : TimestampBytes, isRecovered ? null : SnapshotBytes);
    }

    /// <summary>With the next timestamp.</summary>
    internal TrustState WithTimestamp(byte[] bytes) => new(Epoch, RootBytes, Root, bytes, SnapshotBytes);

    /// <summary>With the next snapshot.</summary>
    internal TrustState WithSnapshot(byte[] bytes) => new(Epoch, RootBytes, Root, TimestampBytes, bytes);

    private bool IsTakenAway(RootMetadata next, string role)
    {
        foreach (string keyId in Root.Roles[role].Keys.Keys)
        {
            if (!next.Roles[role].Keys.ContainsKey(keyId))
            {
                return true;
            }
        }

        return false;
    }

    private static TrustState Begin(byte[] root, MissionEpoch epoch, byte[]? timestamp, byte[]? snapshot)
    {
        if (root.Length > TrustFormat.RootBytesMax)
        {
            throw new SkillRefusedException("the root is longer than any root may be");
        }

        var file = SignedFile.Read(root);
        var read = RootMetadata.Read(file.Signed, "the root");
        file.Require(read.Roles[TrustFormat.Root], "the root");
        return new TrustState(epoch, root, read, timestamp, snapshot);
    }

    private static byte[]? File(Json json, string name) =>
        name != TrustFormat.Root && json.Find(name) is null
            ? null : Encoding.UTF8.GetBytes(json.Text(name, BytesMax));

    private static TrustState? Guarded(Func<TrustState> read, out string? refusal)
    {
        try
        {
            refusal = null;
            return read();
        }
        catch (Exception refused) when (refused is SkillRefusedException or TrustRefusedException)
        {
            refusal = Json.Printable(refused.Message);
            return null;
        }
    }
}
