using System.Collections.Generic;
using System.Globalization;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Trust;

/// <summary>Carries a verified package from one repository to another folder, with all the metadata that it
/// takes to verify it there.</summary>
public static class Mirror
{
    /// <summary>Copies one package.</summary>
    /// <param name="outcome">What came of admission or of the check before it: admitted.</param>
    /// <param name="from">The repository.</param>
    /// <param name="to">The other folder; made when it is not there.</param>
    /// <param name="parcel">What nodes download of it, which is put there too; null when it is not
    /// done.</param>
    /// <returns>Why it is not done; null when it is.</returns>
    public static string? Push(AdmissionOutcome outcome, string from, string to, out Parcel? parcel)
    {
        parcel = null;
        var source = new RepositoryFolder(from);
        var goal = new RepositoryFolder(to);
        TrustState state = outcome.State;
        try
        {
            if (goal.Newest(TrustFormat.Timestamp) is { } there
                && TimestampMetadata.Read(there.File.Signed, there.Name).Version > state.TimestampVersion)
            {
                return $"{to} has a newer timestamp: it would be turned back";
            }

            if (Parcel.Make(outcome, source.Metadata, out string? refusal) is not { } made)
            {
                return refusal;
            }

            SkillPackage package = outcome.Package!;
            foreach (byte[] blob in package.Blobs)
            {
                goal.Write(PackageFormat.BlobName(Digest.Of(blob)), blob);
            }

            goal.Write(
                SkillRepository.TargetName(package.Manifest.Target, package.Digest), package.Image);
            goal.Write(PackageFormat.LayoutFile, PackageFormat.Layout);
            goal.Write(PackageFormat.IndexFile, Index(goal, package));
            Metadata(state, source, goal);
            goal.Write(Parcel.FileName(made.Digest), made.Bytes);
            parcel = made;
            return null;
        }
        catch (SkillRefusedException refused)
        {
            return Json.Printable(refused.Message);
        }
    }

    // Roots of all versions, since whoever reads there may know an old one only; the timestamp last.
    private static void Metadata(TrustState state, RepositoryFolder source, RepositoryFolder goal)
    {
        foreach (long version in source.VersionsOf(TrustFormat.Root))
        {
            Copy(source, goal, TrustFormat.FileName(TrustFormat.Root, version));
        }

        foreach ((string name, FileNote note) in state.Snapshot!.Files)
        {
            Copy(source, goal, note.Version.ToString(CultureInfo.InvariantCulture) + "." + name);
        }

        goal.Write(
            "metadata/" + TrustFormat.FileName(TrustFormat.Snapshot, state.SnapshotVersion),
            state.SnapshotBytes);
        goal.Write(
            "metadata/" + TrustFormat.FileName(TrustFormat.Timestamp, null), state.TimestampBytes);
    }

    private static void Copy(RepositoryFolder source, RepositoryFolder goal, string name)
    {
        if (source.Metadata.Read(name, TrustFormat.TargetsBytesMax, out _) is { } bytes)
        {
            goal.Write("metadata/" + name, bytes);
        }
    }

    private static byte[] Index(RepositoryFolder goal, SkillPackage package)
    {
        List<(string, byte[])> images = [(package.Manifest.Target, package.Image)];
        if (goal.Layout.Read(PackageFormat.IndexFile, PackageFormat.IndexBytesMax, out _) is not null)
        {
            foreach (Descriptor image in SkillPackage.Images(goal.Layout))
            {
                if (image.Digest != package.Digest && SkillPackage.Read(
                    goal.Layout, image.Digest, image.Size, out _) is { } other)
                {
                    images.Add((other.Manifest.Target, other.Image));
                }
            }
        }

        return SkillPackage.IndexOf(images);
    }
}
