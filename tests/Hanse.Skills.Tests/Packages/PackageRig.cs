using System;
using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Skills.Packages;

namespace Hanse.Skills.Tests.Packages;

/// <summary>A small skill and its manifest.</summary>
internal static class PackageRig
{
    public static readonly byte[] Module = Wat.Deciding(
        "(drop (call $clock)) (i64.const 0x0000001000000002)",
        """(import "hanse" "clock" (func $clock (result i64)))""");

    public static CapabilityManifest Manifest(byte[]? module = null) => new()
    {
        Name = "pricing",
        Version = new SkillVersion(1, 2, 0, ""),
        Kind = SkillKind.Decide,
        Abi = 1,
        Module = Digest.Of(module ?? Module),
        ModuleBytes = (module ?? Module).Length,
        Imports = HostFunctions.Clock | HostFunctions.Log,
        Capabilities = ["drill", "haul"],
        MemoryPages = 2,
        Fuel = 100_000,
        DivergencePpm = 5_000,
        Lineage = "pricing-c",
        Engine = SkillEngine.Fingerprint,
    };

    public static SkillPackage Package(byte[]? module = null) =>
        SkillPackage.Of(Manifest(module), module ?? Module);

    /// <summary>A package put together from parts that need not fit: what an attacker could write.</summary>
    public static MemoryBundle Forged(
        byte[] manifest, byte[] module, Func<Json, Json>? image = null, Func<Json, Json>? index = null)
    {
        Descriptor[] layers =
        [
            Descriptor.Of(PackageFormat.ModuleType, module),
            Descriptor.Of(PackageFormat.ManifestType, manifest),
        ];
        byte[] config = Json.Object(
            ("architecture", Json.Of("wasm")),
            ("layerDigests", Json.List([PackageFormat.Named(layers[0].Digest),
                PackageFormat.Named(layers[1].Digest)]))).Canonical();
        Json whole = Json.Object(
            ("schemaVersion", Json.Of(2)),
            ("config", Descriptor.Of(PackageFormat.ConfigType, config).ToJson()),
            ("layers", Json.List([layers[0].ToJson(), layers[1].ToJson()])));
        byte[] imageBytes = (image?.Invoke(whole) ?? whole).Canonical();
        Json indexJson = Json.Parse(SkillPackage.IndexOf([("pricing/1.2.0", imageBytes)]));
        var files = new MemoryBundle
        {
            [PackageFormat.LayoutFile] = PackageFormat.Layout,
            [PackageFormat.IndexFile] = (index?.Invoke(indexJson) ?? indexJson).Canonical(),
        };
        foreach (byte[] blob in (IEnumerable<byte[]>)[manifest, module, config, imageBytes])
        {
            files[PackageFormat.BlobName(Digest.Of(blob))] = blob;
        }

        return files;
    }
}
