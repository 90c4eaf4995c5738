using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Cores;
using Hanse.Skills.Packages;
using Hanse.Skills.Trust;

namespace Hanse.Cli.Cores;

/// <summary>An image of the core as it travels: the list of its files, which is what is vouched for and whose
/// digest names it, and those of the files that the image it follows does not have.</summary>
/// <remarks>Some fifty megabytes do not fit through the windows of a machine that is out of reach, and of a
/// new image all but a few files are those of the one before. So a machine takes what is not in the package
/// from the image that it runs; each file is what the list says, wherever it came from.</remarks>
internal static class CorePackage
{
    /// <summary>What the names of all images begin with.</summary>
    public const string Family = Parcel.CoreFamily;

    /// <summary>Most bytes of a list.</summary>
    public const int ListMax = 256 * 1024;

    /// <summary>Keys that have to have vouched for an image: as many operators as it takes to order
    /// one.</summary>
    public const int Signers = Hanse.Core.Strategy.OperatorKeys.Core;

    private const string FilesFolder = "files/";

    /// <summary>Packs an image.</summary>
    /// <param name="folder">Where it lies.</param>
    /// <param name="since">The image that machines have, which it follows; null to pack all of it.</param>
    /// <exception cref="IOException">It cannot be read, or is none.</exception>
    public static (CoreImage Image, MemoryBundle Files) Pack(string folder, string? since)
    {
        var image = CoreImage.Of(folder);
        var known = new HashSet<Digest>();
        foreach (CoreFile file in since is null ? [] : CoreImage.Of(since).Files)
        {
            _ = known.Add(file.Content);
        }

        var files = new MemoryBundle { [Parcel.NameOf(image.Digest)] = CborWriter.Bytes(image) };
        foreach (CoreFile file in image.Files)
        {
            if (known.Add(file.Content))
            {
                files[FilesFolder + file.Content] = Compressed(
                    File.ReadAllBytes(Path.Combine(folder, file.Name)));
            }
        }

        return (image, files);
    }

    /// <summary>What a folder or a repository has of a package.</summary>
    /// <param name="from">The folder.</param>
    /// <param name="name">Its measurement.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static MemoryBundle? Load(IBundle from, Digest name, out string? refusal)
    {
        if (Read(from, name, out _, out refusal) is not { } image)
        {
            return null;
        }

        var files = new MemoryBundle { [Parcel.NameOf(name)] = CborWriter.Bytes(image) };
        foreach (CoreFile file in image.Files)
        {
            if (from.Read(FilesFolder + file.Content, Parcel.BytesMax, out _) is { } packed)
            {
                files[FilesFolder + file.Content] = packed;
            }
        }

        return files;
    }

    /// <summary>Makes what nodes download, of an image that enough keys vouch for.</summary>
    /// <param name="repository">The folder of the repository that has it.</param>
    /// <param name="target">Which: <c>core/1.3.0</c>.</param>
    /// <param name="trusted">What is trusted.</param>
    /// <param name="now">Mission time.</param>
    /// <param name="state">What is trusted now.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static Parcel? ParcelOf(
        string repository, string target, TrustState trusted, Instant now, out TrustState state,
        out string? refusal)
    {
        var opened = new SkillRepository(repository, [], 0);
        TrustOutcome outcome = TrustUpdate.Apply(trusted, opened.Metadata, now, target);
        state = outcome.State;
        if (outcome.Target is not { } vouched)
        {
            refusal = outcome.Sentence;
            return null;
        }

        refusal = vouched.Threshold < Signers
            ? $"{vouched.Role} takes {vouched.Threshold} signature, and nodes take {Signers} for an image"
            : null;
        MemoryBundle? files = refusal is null
            ? Load(new FolderBundle(repository), vouched.Hash, out refusal) : null;
        return files is null ? null
            : Parcel.Make(target, vouched.Hash, files, state, opened.Metadata, out refusal);
    }

    /// <summary>The list in a package, if it is the one that it is named by.</summary>
    /// <param name="files">The files of the package, whatever they are.</param>
    /// <param name="name">Its measurement.</param>
    /// <param name="length">Bytes of the list.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static CoreImage? Read(IBundle files, Digest name, out int length, out string? refusal)
    {
        byte[]? list = files.Read(Parcel.NameOf(name), ListMax, out _);
        length = list?.Length ?? 0;
        refusal = list is null || Digest.Of(list) != name ? "the list of its files is not there, or not its "
            + "own"
            : null;
        return refusal is null ? CoreImage.Read(list, out refusal) : null;
    }

    /// <summary>The content of a file.</summary>
    /// <param name="files">The files of the package.</param>
    /// <param name="file">Which.</param>
    /// <param name="here">Where contents are that this machine has.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static byte[]? ContentOf(
        IBundle files, CoreFile file, IReadOnlyDictionary<Digest, string> here, out string? refusal)
    {
        byte[]? content = null;
        refusal = null;
        if (files.Read(FilesFolder + file.Content, Parcel.BytesMax, out _) is { } packed)
        {
            content = Expanded(packed, file.Length);
        }
        else if (here.TryGetValue(file.Content, out string? path))
        {
            content = File.ReadAllBytes(path);
        }
        else
        {
            refusal = $"it follows another image: {file.Name} is not in it, and not here";
            return null;
        }

        if (content is null || content.Length != file.Length || Digest.Of(content) != file.Content)
        {
            refusal = $"{file.Name} is not what its list says";
            return null;
        }

        return content;
    }

    private static byte[] Compressed(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new BrotliStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    // At most so many bytes, whatever it would become.
    private static byte[]? Expanded(byte[] packed, int length)
    {
        using var stream = new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
        byte[] content = new byte[length];
        try
        {
            stream.ReadExactly(content);
            return stream.ReadByte() < 0 ? content : null;
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException
            or InvalidOperationException)
        {
            return null;
        }
    }
}
