using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>The folder of a repository: an image layout with metadata beside it.</summary>
/// <remarks>
/// <c>metadata</c> has what is published, all versions of it; <c>drafts</c> what still waits for signatures;
/// <c>targets</c> each image manifest under the name by which other clients of The Update Framework ask for
/// it. Whoever may write here is trusted with nothing: what counts is signed.
/// </remarks>
internal sealed class RepositoryFolder(string folder)
{
    private const string MetadataFolder = "metadata";
    private const string DraftsFolder = "drafts";
    private const int FileBytesMax = TrustFormat.TargetsBytesMax;

    public IBundle Metadata { get; } = new InnerBundle(new FolderBundle(folder), MetadataFolder);

    public IBundle Layout { get; } = new FolderBundle(folder);

    /// <summary>The newest published file of a role; null when there is none.</summary>
    public Published? Newest(string role)
    {
        long version = role == TrustFormat.Timestamp ? 0 : VersionsOf(role).DefaultIfEmpty(-1).Max();
        string name = TrustFormat.FileName(role, role == TrustFormat.Timestamp ? null : version);
        return Metadata.Read(name, FileBytesMax, out bool isTooLong) is { } bytes
            ? new Published(name, bytes, Of(MetadataFolder, name, bytes))
            : isTooLong ? throw new SkillRefusedException($"{MetadataFolder}/{name} is too long") : null;
    }

    /// <summary>The draft of a role; null when there is none.</summary>
    public SignedFile? Draft(string role)
    {
        string name = TrustFormat.FileName(role, null);
        return new InnerBundle(Layout, DraftsFolder).Read(name, FileBytesMax, out _) is { } bytes
            ? Of(DraftsFolder, name, bytes) : null;
    }

    /// <summary>Puts a draft in place, or takes it away.</summary>
    public void SetDraft(string role, SignedFile? draft)
    {
        string name = DraftsFolder + "/" + TrustFormat.FileName(role, null);
        if (draft is null)
        {
            File.Delete(Path.Combine(folder, name));
        }
        else
        {
            FolderBundle.Write(folder, name, draft.ToBytes());
        }
    }

    /// <summary>Publishes a file.</summary>
    public string Publish(string role, long version, SignedFile file)
    {
        string name = TrustFormat.FileName(role, role == TrustFormat.Timestamp ? null : version);
        Write(MetadataFolder + "/" + name, file.ToBytes());
        SetDraft(role, null);
        return name;
    }

    /// <summary>Puts a file in place.</summary>
    public void Write(string name, ReadOnlySpan<byte> bytes) => FolderBundle.Write(folder, name, bytes);

    /// <summary>Versions of a role that are published.</summary>
    public IEnumerable<long> VersionsOf(string role)
    {
        string path = Path.Combine(folder, MetadataFolder);
        string end = "." + role + ".json";
        return !Directory.Exists(path) ? []
            : Directory.GetFiles(path).Select(file => Path.GetFileName(file))
                .Where(name => name.EndsWith(end, StringComparison.Ordinal))
                .Select(name => long.TryParse(
                    name[..^end.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long version)
                        ? version : -1)
                .Where(version => version > 0);
    }

    private static SignedFile Of(string part, string name, byte[] bytes)
    {
        try
        {
            return SignedFile.Read(bytes);
        }
        catch (SkillRefusedException refused)
        {
            throw new SkillRefusedException($"{part}/{name}: {refused.Message}");
        }
    }
}

/// <summary>A file as it is published.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="File">What is in it.</param>
internal sealed record Published(string Name, byte[] Bytes, SignedFile File);
