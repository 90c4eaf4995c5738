using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using Hanse.Cli.Cores;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.IO.Cores;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Server.Tests.Cores;

/// <summary>What travels of an image, and what is made of it.</summary>
public sealed class CorePackageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hanse-package-").FullName;

    public CorePackageTests()
    {
        Put("old/Hanse.Core.dll", "decides");
        Put("old/hanse.dll", "carries out");
        Put("new/Hanse.Core.dll", "decides better");
        Put("new/hanse.dll", "carries out");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Only_what_machines_do_not_have_travels_and_the_rest_is_taken_from_what_they_run()
    {
        (CoreImage image, MemoryBundle files) = CorePackage.Pack(In("new"), In("old"));
        Assert.Equal(CoreImage.Of(In("new")).Digest, image.Digest);
        Assert.Equal(2, files.Names.Count()); // The list, and one file.
        CoreImage read = CorePackage.Read(files, image.Digest, out int length, out _)!;
        Assert.Equal(image.Digest, read.Digest);
        Assert.Equal(files[Parcel.NameOf(image.Digest)].Length, length);
        Dictionary<Digest, string> here = Here("old");
        Assert.Equal(
            ["decides better", "carries out"],
            read.Files.Select(file => Encoding.ASCII.GetString(
                CorePackage.ContentOf(files, file, here, out _)!)));

        // A machine that runs something else says which file it lacks.
        here.Clear();
        Assert.Null(CorePackage.ContentOf(files, read.Files[1], here, out string? refusal));
        Assert.Equal("it follows another image: hanse.dll is not in it, and not here", refusal);
        (_, MemoryBundle whole) = CorePackage.Pack(In("new"), null);
        Assert.NotNull(CorePackage.ContentOf(whole, read.Files[1], here, out _));
    }

    [Fact]
    public void What_is_spoilt_cut_or_grows_without_end_is_refused()
    {
        (CoreImage image, MemoryBundle files) = CorePackage.Pack(In("new"), In("old"));
        CoreFile file = image.Files[0];
        string name = files.Names.Single(one => one.StartsWith("files/", StringComparison.Ordinal));
        byte[] packed = files[name];
        int refused = 0;
        for (int bit = 0; bit < packed.Length * 8; bit++)
        {
            byte[] changed = [.. packed];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            files[name] = changed;
            byte[]? changedTo = CorePackage.ContentOf(
                files, file, new Dictionary<Digest, string>(), out _);
            Assert.True(changedTo is null || Digest.Of(changedTo) == file.Content);
            refused += changedTo is null ? 1 : 0;
        }

        Assert.InRange(refused, packed.Length, packed.Length * 8);
        for (int length = 0; length < packed.Length; length++)
        {
            files[name] = packed[..length]; // What is cut may have had no more to say.
            byte[]? content = CorePackage.ContentOf(files, file, new Dictionary<Digest, string>(), out _);
            Assert.True(content is null || Digest.Of(content) == file.Content);
        }

        using var bomb = new MemoryStream();
        using (var stream = new BrotliStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(new byte[64 << 20]);
        }

        files[name] = bomb.ToArray();
        Assert.Null(CorePackage.ContentOf(
            files, file, new Dictionary<Digest, string>(), out string? refusal));
        Assert.Equal("Hanse.Core.dll is not what its list says", refusal);
    }

    [Fact]
    public void A_list_that_is_not_its_own_is_none()
    {
        (CoreImage image, MemoryBundle files) = CorePackage.Pack(In("new"), null);
        (CoreImage old, MemoryBundle others) = CorePackage.Pack(In("old"), null);
        files[Parcel.NameOf(image.Digest)] = others[Parcel.NameOf(old.Digest)];
        Assert.Null(CorePackage.Read(files, image.Digest, out _, out string? refusal));
        Assert.NotNull(refusal);
        files.Remove(Parcel.NameOf(image.Digest));
        Assert.Null(CorePackage.Read(files, image.Digest, out _, out refusal));
        Assert.NotNull(refusal);
    }

    [Fact]
    public void A_new_build_of_all_of_our_own_files_fits_and_a_skill_as_large_does_not()
    {
        string built = Path.GetDirectoryName(typeof(CorePackage).Assembly.Location)!;
        foreach (string file in Directory.GetFiles(built, "?anse*.dll"))
        {
            File.Copy(file, In("old/" + Path.GetFileName(file)), overwrite: true);
            byte[] bytes = File.ReadAllBytes(file);
            File.WriteAllBytes(In("new/" + Path.GetFileName(file)), [.. bytes, 1]);
        }

        (CoreImage image, MemoryBundle files) = CorePackage.Pack(In("new"), In("old"));
        Parcel? parcel = Parcel.Of("core/2.0.0", image.Digest, files, out string? refusal);
        Assert.Null(refusal);
        Assert.InRange(parcel!.Bytes.Length, SkillOrder.ReleaseLengthMax, SkillOrder.LengthMax);
        Assert.Equal(parcel.Bytes, Parcel.Read(parcel.Bytes, out _)!.Bytes);
        Assert.Null(Parcel.Of("pricing/2.0.0", image.Digest, files, out refusal));
        Assert.Contains("1,048,576", refusal, StringComparison.Ordinal);
    }

    private Dictionary<Digest, string> Here(string folder) => CoreImage.Of(In(folder)).Files.ToDictionary(
        file => file.Content, file => Path.Combine(In(folder), file.Name));

    private string In(string name) => Path.Combine(_folder, name);

    private void Put(string name, string content)
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllText(In(name), content);
    }
}
