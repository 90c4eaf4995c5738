using System;
using System.IO;
using System.Linq;
using System.Text;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;
using Xunit;

namespace Hanse.Skills.Tests.Packages;

/// <summary>Packages: the same input makes the same bytes, and what is not whole is refused before it is
/// understood.</summary>
public sealed class SkillPackageTests : IDisposable
{
    private readonly string _folder =
        Path.Combine(Path.GetTempPath(), "hanse-" + Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    [Fact]
    public void What_is_written_is_read_in_memory_and_in_a_folder()
    {
        SkillPackage package = PackageRig.Package();
        MemoryBundle layout = package.ToLayout();
        layout.WriteTo(_folder);
        foreach (IBundle files in new IBundle[] { layout, new FolderBundle(_folder) })
        {
            SkillPackage? read = SkillPackage.Read(files, out string? refusal);
            Assert.True(read is not null, refusal);
            Assert.Equal(package.Digest, read.Digest);
            Assert.Equal(PackageRig.Manifest(), read.Manifest);
            Assert.Equal(PackageRig.Module, read.Module);
            Assert.Equal(
                package.Digest, SkillPackage.Read(files, read.Digest, read.Image.Length, out _)?.Digest);
        }

        Assert.Equal(6, Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public void The_same_input_makes_the_same_bytes()
    {
        MemoryBundle once = PackageRig.Package().ToLayout();
        MemoryBundle again = PackageRig.Package().ToLayout();
        Assert.Equal(once.Names, again.Names);
        Assert.All(once.Names, name => Assert.Equal(once[name], again[name]));
    }

    // The formats are others' and do not move: a change here is a change of what is on the wire.
    [Fact]
    public void It_is_an_image_layout_with_the_media_types_of_wasm()
    {
        SkillPackage package = PackageRig.Package();
        MemoryBundle layout = package.ToLayout();
        Digest module = Digest.Of(package.Module);
        Digest manifest = Digest.Of(package.Manifest.ToBytes());
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", Text(layout["oci-layout"]));
        Equal(
            $$"""
            {"manifests":[{"annotations":{"org.opencontainers.image.ref.name":"pricing-1.2.0"},
            "digest":"sha256:{{package.Digest}}",
            "mediaType":"application/vnd.oci.image.manifest.v1+json","size":{{package.Image.Length}}}],
            "mediaType":"application/vnd.oci.image.index.v1+json","schemaVersion":2}
            """,
            layout["index.json"]);
        byte[] config = Bytes($$"""
            {"architecture":"wasm","created":"1970-01-01T00:00:00Z",
            "layerDigests":["sha256:{{module}}","sha256:{{manifest}}"],"os":"wasip1"}
            """);
        Assert.Equal(config, layout[$"blobs/sha256/{Digest.Of(config)}"]);
        Equal(
            $$"""
            {"config":{"digest":"sha256:{{Digest.Of(config)}}",
            "mediaType":"application/vnd.wasm.config.v0+json","size":{{config.Length}}},
            "layers":[{"digest":"sha256:{{module}}","mediaType":"application/wasm",
            "size":{{package.Module.Length}}},{"digest":"sha256:{{manifest}}",
            "mediaType":"application/vnd.hanse.skill.manifest.v1+json",
            "size":{{package.Manifest.ToBytes().Length}}}],
            "mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}
            """,
            package.Image);
        Equal(
            $$"""
            {"abi":1,"capabilities":["drill","haul"],"divergence_ppm":5000,
            "engine":"{{SkillEngine.Fingerprint}}","fuel":100000,"imports":["clock","log"],
            "kind":"decide","lineage":"pricing-c","memory_pages":2,
            "module":{"sha256":"{{module}}","size":{{package.Module.Length}}},
            "name":"pricing","version":"1.2.0"}
            """,
            package.Manifest.ToBytes());
    }

    [Fact]
    public void A_package_of_parts_that_fit_is_taken_whoever_put_it_together() =>
        Assert.NotNull(SkillPackage.Read(
            PackageRig.Forged(PackageRig.Manifest().ToBytes(), PackageRig.Module), out _));

    [Fact]
    public void Parts_that_are_missing_or_wrong()
    {
        SkillPackage package = PackageRig.Package();
        string[] names = [.. package.ToLayout().Names];
        foreach (string name in names)
        {
            bool isBlob = name.StartsWith("blobs", StringComparison.Ordinal);
            MemoryBundle without = package.ToLayout();
            without.Remove(name);
            Refuses(without, "is not there");
            MemoryBundle longer = package.ToLayout();
            longer[name] = [.. longer[name], 0];
            Refuses(longer, isBlob ? "is longer than" : "no JSON");
            if (isBlob)
            {
                MemoryBundle other = package.ToLayout();
                other[name] = [(byte)(other[name][0] ^ 1), .. other[name][1..]];
                Refuses(other, "is not what its digest says");
            }

            MemoryBundle endless = package.ToLayout();
            endless[name] = new byte[PackageFormat.IndexBytesMax + 1];
            Refuses(endless, isBlob ? "is longer than" : "more bytes than allowed");
        }
    }

    [Fact]
    public void One_manifest_and_two_layers_and_nothing_else()
    {
        Json Twice(Json json, string list) => json.With(
            (list, Json.List([.. json.Items(list, 9), json.Items(list, 9)[0]])));
        Refuses(Forged(index: json => Twice(json, "manifests")), "names 2 manifests; a package has one");
        Refuses(Forged(index: json => json.With(("manifests", Json.List(Array.Empty<Json>())))),
            "names 0 manifests");
        Refuses(Forged(index: json => json.With(("schemaVersion", Json.Of(1)))), "'schemaVersion'");
        Refuses(Forged(json => Twice(json, "layers")), "has 3 layers; a skill has two");
        Refuses(Forged(json => json.With(("layers", Json.List([.. json.Items("layers", 2).Reverse()])))),
            "names other layers");
        Refuses(Forged(json => json.With(("mediaType", Json.Of("text/html")))), "it is a text/html");
        Refuses(Forged(json => json.With(("config", Json.Of(1)))), "'config' is no object");
        Refuses(Forged(json => json.With(("config", json.Items("layers", 2)[0]))),
            "its configuration is a application/wasm");
    }

    [Theory]
    [InlineData("sha256:../../../../etc/passwd", "not 64 small hexadecimal digits")]
    [InlineData("sha512:0000000000000000000000000000000000000000000000000000000000000000", "not of sha256")]
    [InlineData("sha256:ABCDEF0000000000000000000000000000000000000000000000000000000000", "not 64 small")]
    [InlineData("sha256:00", "not 64 small")]
    [InlineData("sha256:/absolute00000000000000000000000000000000000000000000000000000000", "not 64 small")]
    public void A_digest_is_no_path(string digest, string refusal)
    {
        Refuses(
            Forged(json => json.With(("layers", Json.List(
            [
                json.Items("layers", 2)[0].With(("digest", Json.Of(digest))), json.Items("layers", 2)[1],
            ])))),
            refusal);
        Refuses(
            Forged(index: json => json.With(("manifests", Json.List(
                [json.Items("manifests", 1)[0].With(("digest", Json.Of(digest)))])))),
            refusal);
    }

    // A size is looked at before anything is read.
    [Fact]
    public void A_size_that_is_too_large_is_not_read()
    {
        foreach (long size in new[] { 0, ModuleLimits.ModuleBytesMax + 1, 1L << 50 })
        {
            MemoryBundle files = Forged(json => json.With(("layers", Json.List(
                [json.Items("layers", 2)[0].With(("size", Json.Of(size))), json.Items("layers", 2)[1]]))));
            files.Remove(PackageFormat.BlobName(Digest.Of(PackageRig.Module)));
            Refuses(files, $"its module has {size:N0} bytes; allowed: 1 to 262,144");
        }
    }

    [Fact]
    public void A_manifest_of_another_module()
    {
        byte[] other = Wat.Deciding("i64.const -1");
        Refuses(PackageRig.Forged(PackageRig.Manifest(other).ToBytes(), PackageRig.Module), "another module");
        Assert.Throws<SkillRefusedException>(() => SkillPackage.Of(PackageRig.Manifest(other),
            PackageRig.Module));
    }

    [Fact]
    public void Links_and_names_that_lead_out_of_a_folder_are_not_followed()
    {
        PackageRig.Package().ToLayout().WriteTo(_folder);
        var files = new FolderBundle(Path.Combine(_folder, "blobs"));
        foreach (string name in new[] { "../index.json", "/etc/passwd", "", ".", "sha256/../../index.json" })
        {
            Assert.Null(files.Read(name, 100_000, out bool isTooLong));
            Assert.False(isTooLong);
        }

        if (!OperatingSystem.IsWindows())
        {
            string index = Path.Combine(_folder, "index.json");
            File.Move(index, index + ".real");
            _ = File.CreateSymbolicLink(index, index + ".real");
            Refuses(new FolderBundle(_folder), "index.json is not there");
            File.Delete(index);
            _ = File.CreateSymbolicLink(index, "/dev/zero");
            Refuses(new FolderBundle(_folder), "index.json is not there");
        }
    }

    // A pipe that nobody writes to would be waited for without end.
    [Fact]
    public void A_pipe_is_not_opened()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        PackageRig.Package().ToLayout().WriteTo(_folder);
        string index = Path.Combine(_folder, "index.json");
        File.Delete(index);
        using (var made = System.Diagnostics.Process.Start("mkfifo", index))
        {
            made.WaitForExit();
        }

        Refuses(new FolderBundle(_folder), "index.json is not there");
    }

    private static MemoryBundle Forged(Func<Json, Json>? image = null, Func<Json, Json>? index = null) =>
        PackageRig.Forged(PackageRig.Manifest().ToBytes(), PackageRig.Module, image, index);

    private static void Refuses(IBundle files, string refusal)
    {
        Assert.Null(SkillPackage.Read(files, out string? why));
        Assert.True(why!.Contains(refusal, StringComparison.Ordinal), why);
    }

    // Written over several lines for whoever reads it.
    private static void Equal(string json, byte[] bytes) => Assert.Equal(Text(Bytes(json)), Text(bytes));

    private static byte[] Bytes(string json) =>
        Encoding.UTF8.GetBytes(json.ReplaceLineEndings(""));

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
