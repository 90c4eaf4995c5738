using System;
using System.Collections.Generic;
using System.IO;
using Hanse.Core.Journal;

namespace Hanse.IO.Slots;

/// <summary>Packages of releases on a machine's disk, as far as they have come.</summary>
/// <remarks>A process may be ended at any byte of any write. A package grows in place; its length is what
/// counts, and its digest is verified when it is whole, so a torn end costs at most a download.</remarks>
public sealed class PackageFolder
{
    private readonly string _path;

    private PackageFolder(string path) => _path = path;

    /// <summary>Opens a folder, or makes one.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static PackageFolder Open(string path) => new(Directory.CreateDirectory(path).FullName);

    /// <summary>How much of a package is here.</summary>
    public int Held(Digest release) => File.Exists(PathOf(release))
        ? (int)Math.Min(int.MaxValue, new FileInfo(PathOf(release)).Length) : 0;

    /// <summary>Appends to a package, if the bytes begin where those that are here end; durable when it
    /// returns.</summary>
    /// <returns>How much is here now.</returns>
    public int Keep(Digest release, int from, ReadOnlySpan<byte> bytes)
    {
        using var package = new FileStream(PathOf(release), FileMode.OpenOrCreate, FileAccess.Write);
        if (package.Length == from)
        {
            package.Position = from;
            package.Write(bytes);
            package.Flush(flushToDisk: true);
        }

        return (int)package.Length;
    }

    /// <summary>The package, or null when it is not all here or not what its name says; one that is long
    /// enough and wrong is thrown away, to be fetched anew.</summary>
    public byte[]? Read(Digest release, int length)
    {
        if (Held(release) < length)
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(PathOf(release));
        if (bytes.Length == length && Digest.Of(bytes) == release)
        {
            return bytes;
        }

        Drop(release);
        return null;
    }

    /// <summary>A package of so many bytes, whatever they are: for one that is not named by the digest of all
    /// of them.</summary>
    /// <returns>Null when it is not all here.</returns>
    public byte[]? ReadAny(Digest release, int length)
    {
        byte[]? bytes = Held(release) == length ? File.ReadAllBytes(PathOf(release)) : null;
        return bytes?.Length == length ? bytes : null;
    }

    /// <summary>Throws a package away.</summary>
    public void Drop(Digest release) => File.Delete(PathOf(release));

    /// <summary>Throws away what nobody will ask for again: a crash may have come before it was
    /// dropped.</summary>
    /// <param name="needed">What is needed.</param>
    /// <returns>How many were thrown away.</returns>
    public int KeepOnly(IReadOnlySet<Digest> needed)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (Digest release in needed)
        {
            _ = names.Add(release.ToString());
        }

        int dropped = 0;
        foreach (string file in Directory.GetFiles(_path))
        {
            if (!names.Contains(Path.GetFileName(file)))
            {
                File.Delete(file);
                dropped++;
            }
        }

        return dropped;
    }

    private string PathOf(Digest release) => Path.Combine(_path, release.ToString());
}
