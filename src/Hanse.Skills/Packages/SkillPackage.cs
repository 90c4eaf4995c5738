using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;

namespace Hanse.Skills.Packages;

/// <summary>Names and limits of a package: an image layout of the Open Container Initiative, version 1.0.0,
/// with the media types that the Cloud Native Computing Foundation's guide has for WebAssembly.</summary>
public static class PackageFormat
{
    /// <summary>Media type of an image manifest.</summary>
    public const string ImageType = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>Media type of an index.</summary>
    public const string IndexType = "application/vnd.oci.image.index.v1+json";

    /// <summary>Media type of the configuration.</summary>
    public const string ConfigType = "application/vnd.wasm.config.v0+json";

    /// <summary>Media type of the first layer, the module.</summary>
    public const string ModuleType = "application/wasm";

    /// <summary>Media type of the second layer, the capability manifest.</summary>
    public const string ManifestType = "application/vnd.hanse.skill.manifest.v1+json";

    /// <summary>The file that says which layout it is.</summary>
    public const string LayoutFile = "oci-layout";

    /// <summary>The file that names the manifests.</summary>
    public const string IndexFile = "index.json";

    /// <summary>Bytes of the layout file.</summary>
    public const int LayoutBytesMax = 1_024;

    /// <summary>Bytes of an index: of a repository with some thousand packages.</summary>
    public const int IndexBytesMax = 1 << 20;

    /// <summary>Bytes of an image manifest.</summary>
    public const int ImageBytesMax = 8 * 1024;

    /// <summary>Bytes of a configuration.</summary>
    public const int ConfigBytesMax = 8 * 1024;

    /// <summary>Packages that one index may name.</summary>
    public const int PackagesMax = 4_096;

    /// <summary>The layout file.</summary>
    internal static byte[] Layout => Json.Object(("imageLayoutVersion", Json.Of("1.0.0"))).Canonical();

    /// <summary>Where the content of a digest is.</summary>
    internal static string BlobName(Digest digest) => "blobs/sha256/" + digest;

    /// <summary>A digest with the name of its algorithm.</summary>
    internal static string Named(Digest digest) => "sha256:" + digest;
}

/// <summary>A skill as it travels: its module and what it says of itself, under one digest.</summary>
/// <remarks>
/// The image manifest names configuration, module and capability manifest by digest and size, so its own
/// digest stands for all of it: that is what is signed. Every size is looked at before anything is read,
/// and every digest before anything is understood. What is read is exactly one manifest with exactly two
/// layers; addresses and embedded copies, which the format allows, are not looked at.
/// </remarks>
public sealed class SkillPackage
{
    private SkillPackage(byte[] image, byte[] config, byte[] module, byte[] manifestBytes)
    {
        Image = image;
        Config = config;
        Module = module;
        ManifestBytes = manifestBytes;
        Manifest = CapabilityManifest.Read(manifestBytes, out string? refusal)
            ?? throw new SkillRefusedException($"its capability manifest: {refusal}");
        Digest = Digest.Of(image);
    }

    /// <summary>SHA-256 of the image manifest: the package's name everywhere.</summary>
    public Digest Digest { get; }

    /// <summary>What it says of itself.</summary>
    public CapabilityManifest Manifest { get; }

    /// <summary>The module.</summary>
    public byte[] Module { get; }

    /// <summary>The image manifest, as it stands in the repository.</summary>
    public byte[] Image { get; }

    private byte[] Config { get; }

    private byte[] ManifestBytes { get; }

    /// <summary>Makes a package. The same input makes the same bytes.</summary>
    /// <exception cref="SkillRefusedException">Manifest and module do not belong together.</exception>
    public static SkillPackage Of(CapabilityManifest manifest, byte[] module)
    {
        byte[] text = manifest.ToBytes();
        Descriptor[] layers =
        [
            Descriptor.Of(PackageFormat.ModuleType, module), Descriptor.Of(PackageFormat.ManifestType, text),
        ];
        byte[] config = Json.Object(
            ("architecture", Json.Of("wasm")),
            ("created", Json.Of("1970-01-01T00:00:00Z")), // The same input makes the same bytes.
            ("layerDigests", Json.List(layers.Select(layer => PackageFormat.Named(layer.Digest)))),
            ("os", Json.Of("wasip1"))).Canonical(); // What the guide has for a plain module.
        byte[] image = Json.Object(
            ("schemaVersion", Json.Of(2)),
            ("mediaType", Json.Of(PackageFormat.ImageType)),
            ("config", Descriptor.Of(PackageFormat.ConfigType, config).ToJson()),
            ("layers", Json.List(layers.Select(layer => layer.ToJson())))).Canonical();
        var package = new SkillPackage(image, config, module, text);
        package.CheckModule();
        return package;
    }

    /// <summary>Makes a package of a module and of a manifest as its author writes it.</summary>
    /// <param name="source">JSON with <c>name</c>, <c>version</c> and <c>kind</c>. What else it does not
    /// have is taken from the module, or from what this host is: a lineage of the skill's own name, no
    /// capabilities, the fuel of its kind, no divergence.</param>
    /// <param name="module">The module, whatever it is.</param>
    /// <param name="refusal">Why there is none; null when there is.</param>
    public static SkillPackage? Pack(
        ReadOnlySpan<byte> source, ReadOnlySpan<byte> module, out string? refusal)
    {
        byte[] text = source.Length > CapabilityManifest.BytesMax ? [] : source.ToArray();
        byte[] bytes = module.ToArray();
        if (ModuleScan.Of(bytes, out refusal) is not { } scan)
        {
            return null;
        }

        return Guarded(
            () =>
            {
                CapabilityManifest manifest = Within(
                    "manifest", () => CapabilityManifest.Completed(Json.Parse(text), bytes, scan));
                return SkillAdmission.Unmatched(manifest, bytes) is { } beyond
                    ? throw new SkillRefusedException(beyond) : Of(manifest, bytes);
            },
            out refusal);
    }

    /// <summary>Reads a package from a layout that has one.</summary>
    /// <param name="files">The layout, whatever it is.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    public static SkillPackage? Read(IBundle files, out string? refusal) => Guarded(
        () =>
        {
            _ = Index(files);
            Descriptor[] images = Images(files);
            return images.Length == 1 ? Read(files, images[0])
                : throw new SkillRefusedException(
                    $"its index names {Json.Figure(images.Length)} manifests; a package has one");
        },
        out refusal);

    /// <summary>Reads the package of a digest from a layout, whatever else is in there.</summary>
    /// <param name="files">The layout, whatever it is.</param>
    /// <param name="image">Digest of its image manifest.</param>
    /// <param name="size">Bytes of its image manifest.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    public static SkillPackage? Read(IBundle files, Digest image, long size, out string? refusal) =>
        Guarded(() => Read(files, new Descriptor(PackageFormat.ImageType, image, size)), out refusal);

    /// <summary>The package as a layout of its own.</summary>
    public MemoryBundle ToLayout()
    {
        var files = new MemoryBundle
        {
            [PackageFormat.LayoutFile] = PackageFormat.Layout,
            [PackageFormat.IndexFile] = IndexOf([(Manifest.Target, Image)]),
        };
        foreach (byte[] blob in Blobs)
        {
            files[PackageFormat.BlobName(Digest.Of(blob))] = blob;
        }

        return files;
    }

    /// <summary>All that it consists of, the image manifest last.</summary>
    internal IEnumerable<byte[]> Blobs => [Module, ManifestBytes, Config, Image];

    /// <summary>An index of packages. Their names are notes for people and tools; what counts is signed
    /// elsewhere.</summary>
    internal static byte[] IndexOf(IEnumerable<(string Target, byte[] Image)> packages) => Json.Object(
        ("schemaVersion", Json.Of(2)),
        ("mediaType", Json.Of(PackageFormat.IndexType)),
        ("manifests", Json.List(packages.Select(one => Descriptor.Of(
            PackageFormat.ImageType, one.Image).ToJson().With(("annotations", Json.Object(
                ("org.opencontainers.image.ref.name", Json.Of(
                    one.Target.Replace('/', '-')))))))))).Canonical();

    private static SkillPackage Read(IBundle files, Descriptor image)
    {
        byte[] imageBytes = image.Fetch(files, "image manifest", PackageFormat.ImageType,
            PackageFormat.ImageBytesMax);
        Json json = Within("image manifest", () => Json.Parse(imageBytes));
        (Descriptor config, Descriptor[] layers) = Within("image manifest", () =>
        {
            _ = json.Number("schemaVersion", 2, 2);
            if (json.Find("mediaType") is not null && json.Text("mediaType") != PackageFormat.ImageType)
            {
                throw new SkillRefusedException($"it is a {json.Text("mediaType")}");
            }

            IReadOnlyList<Json> entries = json.Items("layers", 16);
            return entries.Count == 2
                ? (Descriptor.Read(json.Inner("config", 16)), entries.Select(Descriptor.Read).ToArray())
                : throw new SkillRefusedException(
                    $"it has {Json.Figure(entries.Count)} layers; a skill has two: module and capability "
                        + "manifest");
        });
        byte[] configBytes = config.Fetch(files, "configuration", PackageFormat.ConfigType,
            PackageFormat.ConfigBytesMax);
        Within("configuration", () =>
        {
            Json said = Json.Parse(configBytes);
            string[] digests = said.Texts("layerDigests", 16);
            return said.Text("architecture") == "wasm" && digests.SequenceEqual(layers.Select(layer =>
                PackageFormat.Named(layer.Digest))) ? said
                : throw new SkillRefusedException("it is of another architecture or names other layers");
        });
        byte[] manifest = layers[1].Fetch(files, "capability manifest", PackageFormat.ManifestType,
            CapabilityManifest.BytesMax);
        byte[] module = layers[0].Fetch(files, "module", PackageFormat.ModuleType,
            ModuleLimits.ModuleBytesMax);
        var package = new SkillPackage(imageBytes, configBytes, module, manifest);
        package.CheckModule();
        return package;
    }

    private void CheckModule()
    {
        if (Manifest.ModuleBytes != Module.Length || Manifest.Module != Digest.Of(Module))
        {
            throw new SkillRefusedException("its capability manifest is of another module");
        }
    }

    private static Json Index(IBundle files)
    {
        byte[] layout = Bytes(files, PackageFormat.LayoutFile, PackageFormat.LayoutBytesMax);
        return Within(PackageFormat.LayoutFile, () =>
        {
            Json json = Json.Parse(layout);
            return json.Text("imageLayoutVersion") == "1.0.0" ? json
                : throw new SkillRefusedException("'imageLayoutVersion' is not 1.0.0");
        });
    }

    /// <summary>Image manifests that an index names.</summary>
    /// <exception cref="SkillRefusedException">It is no index.</exception>
    internal static Descriptor[] Images(IBundle files)
    {
        byte[] bytes = Bytes(files, PackageFormat.IndexFile, PackageFormat.IndexBytesMax);
        return Within(PackageFormat.IndexFile, () =>
        {
            Json json = Json.Parse(bytes);
            _ = json.Number("schemaVersion", 2, 2);
            return json.Items("manifests", PackageFormat.PackagesMax).Select(Descriptor.Read).ToArray();
        });
    }

    private static byte[] Bytes(IBundle files, string name, int most) =>
        files.Read(name, most, out bool isTooLong) ?? throw new SkillRefusedException(isTooLong
            ? $"{name} has more bytes than allowed: up to {Json.Figure(most)}" : $"{name} is not there");

    private static T Within<T>(string part, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SkillRefusedException refused)
        {
            throw new SkillRefusedException($"its {part}: {refused.Message}");
        }
    }

    private static SkillPackage? Guarded(Func<SkillPackage> read, out string? refusal)
    {
        try
        {
            refusal = null;
            return read();
        }
        catch (SkillRefusedException refused)
        {
            refusal = Json.Printable(refused.Message);
            return null;
        }
    }
}
