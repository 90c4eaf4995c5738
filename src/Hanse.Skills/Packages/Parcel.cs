using System;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Wire;
using Hanse.Skills.Trust;

namespace Hanse.Skills.Packages;

/// <summary>A release as it is downloaded: a package and all that vouches for it, in one run of
/// bytes.</summary>
/// <remarks>
/// An order names a release by one digest and one length, and a machine fetches it byte by byte over months.
/// So it is one run of bytes that never changes, and brings what it takes to verify it with nobody to ask:
/// the parts of the package, and the metadata as it was when the parcel was made. Its digest is in the signed
/// order, which says that operators want it; whether it is genuine is what the metadata in it is for. Names
/// of files are looked up and never made a path. What is read has one encoding: canonical CBOR, names rising.
/// </remarks>
public sealed class Parcel
{
    /// <summary>What the names of all images of the core begin with.</summary>
    public const string CoreFamily = "core/";

    /// <summary>Most bytes of a parcel.</summary>
    public const int BytesMax = SkillOrder.LengthMax;

    /// <summary>Most files in a parcel.</summary>
    public const int FilesMax = 512;

    private const string MetadataFolder = "metadata";

    /// <summary>Where in a parcel the content of a digest is.</summary>
    public static string NameOf(Digest content) => PackageFormat.BlobName(content);

    private Parcel(string target, Digest image, MemoryBundle files, byte[] bytes)
    {
        Target = target;
        Image = image;
        Files = files;
        Bytes = bytes;
        Digest = Digest.Of(bytes);
    }

    /// <summary>Which skill it brings: <c>pricing/1.2.0</c>.</summary>
    public string Target { get; }

    /// <summary>Digest of its package.</summary>
    public Digest Image { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/>: the name of the release in orders.</summary>
    public Digest Digest { get; }

    /// <summary>The parcel as it travels.</summary>
    public byte[] Bytes { get; }

    /// <summary>All files in it.</summary>
    public MemoryBundle Files { get; }

    /// <summary>What vouches for it.</summary>
    public IBundle Metadata => new InnerBundle(Files, MetadataFolder);

    /// <summary>The name of the file that a parcel is kept in, in a repository.</summary>
    public static string FileName(Digest parcel) => "parcels/" + parcel;

    /// <summary>Makes the parcel of a skill that has been checked. The same package and metadata make the
    /// same bytes.</summary>
    /// <param name="outcome">What came of the check: admitted.</param>
    /// <param name="metadata">The metadata that it was checked with.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static Parcel? Make(AdmissionOutcome outcome, IBundle metadata, out string? refusal)
    {
        SkillPackage package = outcome.Package!;
        var files = new MemoryBundle();
        foreach (byte[] blob in package.Blobs)
        {
            files[PackageFormat.BlobName(Digest.Of(blob))] = blob;
        }

        return Make(package.Manifest.Target, package.Digest, files, outcome.State, metadata, out refusal);
    }

    /// <summary>Makes the parcel of anything that is vouched for.</summary>
    /// <param name="target">Under which name.</param>
    /// <param name="image">What is vouched for.</param>
    /// <param name="files">What it is made of; the metadata is added to them.</param>
    /// <param name="state">What is trusted, after the check.</param>
    /// <param name="metadata">The metadata that it was checked with.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static Parcel? Make(
        string target, Digest image, MemoryBundle files, TrustState state, IBundle metadata,
        out string? refusal)
    {
        // A client may know an old root only, and all that the snapshot lists may stand for other releases
        // that were fetched before.
        for (long version = 2; version <= state.RootVersion; version++)
        {
            Take(TrustFormat.FileName(TrustFormat.Root, version));
        }

        bool isConsistent = state.Root.IsConsistent;
        foreach ((string name, FileNote note) in state.Snapshot!.Files)
        {
            Take(isConsistent ? note.Version.ToString(CultureInfo.InvariantCulture) + "." + name : name);
        }

        string snapshot = TrustFormat.FileName(
            TrustFormat.Snapshot, isConsistent ? state.SnapshotVersion : null);
        files[MetadataFolder + "/" + snapshot] = state.SnapshotBytes!;
        files[MetadataFolder + "/" + TrustFormat.FileName(TrustFormat.Timestamp, null)] =
            state.TimestampBytes!;
        return Of(target, image, files, out refusal);

        void Take(string name)
        {
            if (metadata.Read(name, TrustFormat.TargetsBytesMax, out _) is { } bytes)
            {
                files[MetadataFolder + "/" + name] = bytes;
            }
        }
    }

    /// <summary>Puts files together.</summary>
    /// <param name="target">Which skill it brings.</param>
    /// <param name="image">Digest of its package.</param>
    /// <param name="files">The files.</param>
    /// <param name="refusal">Why it is none; null when it is.</param>
    public static Parcel? Of(string target, Digest image, MemoryBundle files, out string? refusal)
    {
        ImmutableArray<Part> parts =
            [.. files.Names.Select(name => new Part(Encoding.ASCII.GetBytes(name), files[name]))];
        long length = parts.Sum(part => (long)part.Content.Length);
        int most = target.StartsWith(CoreFamily, StringComparison.Ordinal)
            ? BytesMax : SkillOrder.ReleaseLengthMax;
        byte[] bytes = parts.Length > FilesMax || length > most ? []
            : CborWriter.Bytes(new Content(Encoding.ASCII.GetBytes(target), image, parts));
        refusal = bytes.Length > 0 && bytes.Length <= most ? null
            : $"with its metadata it has {Json.Figure(Math.Max(length, bytes.Length))} bytes in "
                + $"{parts.Length} files; {target.Split('/')[0]}: up to {Json.Figure(most)} in {FilesMax}";
        return refusal is null ? new Parcel(target, image, files, bytes) : null;
    }

    /// <summary>Reads a parcel.</summary>
    /// <param name="bytes">Its bytes, whatever they are.</param>
    /// <param name="refusal">Why it is none; null when it is.</param>
    public static Parcel? Read(byte[] bytes, out string? refusal)
    {
        refusal = bytes.Length > BytesMax ? $"it has more than {Json.Figure(BytesMax)} bytes" : null;
        DecodeError? error = null;
        if (refusal is not null || !CborReader.TryRead(bytes, out Content? content, out error))
        {
            refusal ??= $"it is no parcel: {error!.Reason} at byte {error.Offset}";
            return null;
        }

        var files = new MemoryBundle();
        foreach (Part part in content.Parts)
        {
            files[Encoding.ASCII.GetString(part.Name)] = part.Content;
        }

        return new Parcel(Encoding.ASCII.GetString(content.Target), content.Image, files, bytes);
    }

    /// <summary>The package in it, of which nothing is verified but that it is whole.</summary>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public SkillPackage? Package(out string? refusal)
    {
        string name = PackageFormat.BlobName(Image);
        byte[]? image = Files.Read(name, PackageFormat.ImageBytesMax, out _);
        refusal = image is null ? $"{name} is not there, or too long" : null;
        return image is null ? null : SkillPackage.Read(Files, Image, image.Length, out refusal);
    }

    private sealed record Part(byte[] Name, byte[] Content) : IShaped<Part>
    {
        private const int NameMax = 128;

        public static Part Shape<TCodec>(ref TCodec codec, Part? value)
            where TCodec : struct, ICodec
        {
            codec.Open("part", 2);
            byte[] name = codec.Bytes("name", value?.Name ?? [], NameMax);
            byte[] content = codec.Bytes("content", value?.Content ?? [], BytesMax);
            codec.Close();
            if (codec.IsReading && !codec.Failed && !IsPlain(name))
            {
                codec.Refuse("a name has signs other than plain ones");
            }

            return value ?? new Part(name, content);
        }
    }

    private sealed record Content(byte[] Target, Digest Image, ImmutableArray<Part> Parts) : IShaped<Content>
    {
        private const int Format = 1;
        private const int TargetMax = 96;

        public static Content Shape<TCodec>(ref TCodec codec, Content? value)
            where TCodec : struct, ICodec
        {
            codec.Open("parcel", 4);
            _ = codec.Integer("format", Format, Format, Format);
            byte[] target = codec.Bytes("target", value?.Target ?? [], TargetMax);
            Digest image = Digest.Field(ref codec, "image", value?.Image ?? default);
            ImmutableArray<Part> parts = codec.List("files", value?.Parts ?? [], FilesMax);
            codec.Close();
            if (codec.IsReading && !codec.Failed && (!IsPlain(target) || !Rises(parts)))
            {
                codec.Refuse("names must be plain and in order, one each");
            }

            return value ?? new Content(target, image, parts);
        }

        private static bool Rises(ImmutableArray<Part> parts)
        {
            for (int i = 1; i < parts.Length; i++)
            {
                if (parts[i - 1].Name.AsSpan().SequenceCompareTo(parts[i].Name) >= 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    // Letters and what stands between them in names: nothing of it means anything to a terminal.
    private static bool IsPlain(byte[] name)
    {
        bool isPlain = name.Length > 0;
        foreach (byte letter in name)
        {
            isPlain &= letter is > 0x20 and < 0x7f;
        }

        return isPlain;
    }
}
