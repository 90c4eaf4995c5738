using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Core.Wire;

namespace Hanse.IO.Cores;

/// <summary>A file of an image.</summary>
/// <param name="Name">Its path in the image, with slashes.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Content">SHA-256 of them.</param>
public sealed record CoreFile(string Name, int Length, Digest Content) : IShaped<CoreFile>
{
    /// <summary>Most bytes of a file.</summary>
    public const int LengthMax = 64 << 20;

    /// <summary>Most signs of a name.</summary>
    public const int NameMax = 160;

    /// <summary>Whether a name is of plain signs, and leads nowhere but into the image.</summary>
    public static bool IsPlain(string name) =>
        name.Length is > 0 and <= NameMax
        && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '.' or '_' or '-' or '+' or '/')
        && name.Split('/').All(part => part.Length > 0 && part is not ("." or ".."));

    /// <inheritdoc/>
    public static CoreFile Shape<TCodec>(ref TCodec codec, CoreFile? value)
        where TCodec : struct, ICodec
    {
        codec.Open("coreFile", 3);
        string name = Encoding.ASCII.GetString(
            codec.Bytes("name", Encoding.ASCII.GetBytes(value?.Name ?? ""), NameMax));
        int length = (int)codec.Integer("length", value?.Length ?? 0, 0, LengthMax);
        Digest content = Digest.Field(ref codec, "content", value?.Content ?? default);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !IsPlain(name))
        {
            codec.Refuse("a name leads out of the image, or has signs other than plain ones");
        }

        return value ?? new CoreFile(name, length, content);
    }
}

/// <summary>What a machine runs, measured: the files of an image, each by its name, its length and its
/// digest.</summary>
/// <remarks>
/// The problem: a machine attests which core it runs, and what it says has to be what it runs and not what
/// somebody has written down beside it. The idea: it reads the files that it was started from and adds them
/// up in one order. The measurement is SHA-256 of this list in canonical CBOR, names rising by their bytes;
/// it is also the name of the image wherever one is ordered, vouched for or approved.
/// <para>
/// Of a folder those files count that are loaded, or read to decide by: <c>.dll</c>, <c>.exe</c>, <c>.so</c>,
/// <c>.dylib</c>, <c>.json</c>, <c>.yaml</c>, <c>.csv</c> and the program <c>hanse</c>. What is for people
/// (symbols, documentation) does not. Not measured are the runtime and the system below it, and what their
/// environment tells them: who controls those can have any measurement said, and without a chip that measures
/// from the first instruction on nobody far away can tell.
/// </para>
/// </remarks>
/// <param name="Files">The files, names rising.</param>
public sealed record CoreImage(ImmutableArray<CoreFile> Files) : IShaped<CoreImage>
{
    /// <summary>Most files of an image.</summary>
    public const int FilesMax = 1_024;

    /// <summary>Most bytes of an image.</summary>
    public const long BytesMax = 512L << 20;

    /// <summary>The program in an image that has it run without <c>dotnet</c>.</summary>
    public const string Program = "hanse";

    private const int Format = 1;

    private static readonly string[] _endings = [".dll", ".exe", ".so", ".dylib", ".json", ".yaml", ".csv"];

    /// <summary>The measurement.</summary>
    public Digest Digest => Digest.Of(CborWriter.Bytes(this));

    /// <summary>Whether a file counts.</summary>
    /// <param name="name">Its path in the folder.</param>
    public static bool Counts(string name) =>
        name == Program || _endings.Contains(Path.GetExtension(name), StringComparer.Ordinal);

    /// <summary>Measures what is in a folder.</summary>
    /// <exception cref="IOException">It cannot be read, or is more than an image may be.</exception>
    public static CoreImage Of(string folder)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string name = Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/');
            if (Counts(name) && !names.Add(name))
            {
                throw new IOException($"'{folder}' has '{name}' twice");
            }
        }

        if (names.Count is 0 or > FilesMax || !names.All(CoreFile.IsPlain))
        {
            throw new IOException(
                $"'{folder}' is no image of a core: it has {names.Count} files that count, and may have 1 to "
                    + $"{FilesMax}, named by letters, digits and . _ - +");
        }

        long bytes = 0;
        ImmutableArray<CoreFile>.Builder files = ImmutableArray.CreateBuilder<CoreFile>(names.Count);
        foreach (string name in names)
        {
            var file = new FileInfo(Path.Combine(folder, name));
            bytes += file.Length;
            if (file.Length > CoreFile.LengthMax || bytes > BytesMax)
            {
                throw new IOException($"'{folder}' is no image of a core: '{name}' is more than one may "
                    + $"have");
            }

            using FileStream content = file.OpenRead();
            files.Add(new CoreFile(name, (int)content.Length, Digest.From(SHA256.HashData(content))));
        }

        return new CoreImage(files.ToImmutable());
    }

    /// <summary>Measures what this process was started from.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static CoreImage OfThisProcess() => Of(AppContext.BaseDirectory);

    /// <summary>Reads a list.</summary>
    /// <param name="bytes">Its bytes, whatever they are.</param>
    /// <param name="refusal">Why it is none; null when it is.</param>
    public static CoreImage? Read(ReadOnlyMemory<byte> bytes, out string? refusal)
    {
        refusal = CborReader.TryRead(bytes, out CoreImage? image, out DecodeError? error) ? null
            : $"it is no list of an image: {error!.Reason} at byte {error.Offset}";
        return refusal is null ? image : null;
    }

    /// <inheritdoc/>
    public static CoreImage Shape<TCodec>(ref TCodec codec, CoreImage? value)
        where TCodec : struct, ICodec
    {
        codec.Open("coreImage", 2);
        _ = codec.Integer("format", Format, Format, Format);
        ImmutableArray<CoreFile> files = codec.List("files", value?.Files ?? [], FilesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed)
        {
            long bytes = 0;
            for (int i = 0; i < files.Length; i++)
            {
                bytes += files[i].Length;
                bool isOut = i > 0 && string.CompareOrdinal(files[i - 1].Name, files[i].Name) >= 0;
                if (isOut || bytes > BytesMax)
                {
                    codec.Refuse("files must be in order, one each, and no more than an image may have");
                    break;
                }
            }
        }

        return value ?? new CoreImage(files);
    }
}
