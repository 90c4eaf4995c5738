using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Hanse.Skills.Packages;

/// <summary>A set of files that came from outside, by name: a folder, or what arrived over a link.</summary>
public interface IBundle
{
    /// <summary>Reads a file of at most so many bytes; one that is longer is not read at all.</summary>
    /// <param name="name">Its name, with slashes.</param>
    /// <param name="most">Most bytes it may have.</param>
    /// <param name="isTooLong">Whether it has more than that.</param>
    /// <returns>Null when there is none, or it is too long.</returns>
    byte[]? Read(string name, int most, out bool isTooLong);
}

/// <summary>Files in memory.</summary>
public sealed class MemoryBundle : IBundle
{
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>Names of what it has, in order.</summary>
    public IEnumerable<string> Names => _files.Keys;

    /// <summary>A file.</summary>
    public byte[] this[string name]
    {
        get => _files[name];
        set => _files[name] = value;
    }

    /// <summary>Takes a file away.</summary>
    public void Remove(string name) => _files.Remove(name);

    /// <inheritdoc/>
    public byte[]? Read(string name, int most, out bool isTooLong)
    {
        byte[]? file = _files.GetValueOrDefault(name);
        isTooLong = file?.Length > most;
        return isTooLong ? null : file;
    }

    /// <summary>Writes all of it into a folder.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void WriteTo(string folder)
    {
        foreach ((string name, byte[] file) in _files)
        {
            FolderBundle.Write(folder, name, file);
        }
    }
}

/// <summary>Files of a folder. Links are not followed, and names cannot lead out of it.</summary>
public sealed class FolderBundle : IBundle
{
    private readonly string _folder;

    /// <summary>The files of a folder, which need not be there.</summary>
    public FolderBundle(string folder) => _folder = folder;

    /// <inheritdoc/>
    /// <exception cref="IOException">The disk fails.</exception>
    public byte[]? Read(string name, int most, out bool isTooLong)
    {
        isTooLong = false;
        if (!IsName(name))
        {
            return null;
        }

        // Links, pipes and devices have no length here: opening one might wait for ever.
        var info = new FileInfo(Path.Combine(_folder, name));
        if (!info.Exists || info.LinkTarget is not null || info.Length == 0)
        {
            return null;
        }

        if (info.Length > most)
        {
            isTooLong = true;
            return null;
        }

        using FileStream file = info.OpenRead();
        byte[] bytes = new byte[most + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        isTooLong = length > most;
        return isTooLong ? null : bytes[..length];
    }

    /// <summary>Writes a file beside its place and moves it there, so that nobody sees half of it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        string path = Path.Combine(folder, name);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string draft = path + "." + Guid.NewGuid().ToString("N");
        File.WriteAllBytes(draft, bytes);
        File.Move(draft, path, overwrite: true);
    }

    // Letters, digits, dots and hyphens, and no part that begins with a dot.
    private static bool IsName(string name) => name.Split('/').All(part =>
        part.Length > 0 && part[0] != '.'
            && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'));
}

/// <summary>A part of a bundle: the files below one of its folders.</summary>
public sealed class InnerBundle(IBundle whole, string folder) : IBundle
{
    /// <inheritdoc/>
    public byte[]? Read(string name, int most, out bool isTooLong) =>
        whole.Read(folder + "/" + name, most, out isTooLong);
}
