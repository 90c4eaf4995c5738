using System;
using Hanse.Core.Journal;

namespace Hanse.Skills.Packages;

/// <summary>What points at content: its type, digest and size.</summary>
internal readonly record struct Descriptor(string Type, Digest Digest, long Size)
{
    public static Descriptor Of(string type, byte[] content) =>
        new(type, Digest.Of(content), content.Length);

    public static Descriptor Read(Json json)
    {
        string digest = json.Text("digest");
        return digest.StartsWith("sha256:", StringComparison.Ordinal)
            ? new Descriptor(
                json.Text("mediaType"), CapabilityManifest.HexDigest(digest["sha256:".Length..], "'digest'"),
                json.Number("size", 0, Json.NumberMax))
            : throw new SkillRefusedException("'digest' is not of sha256");
    }

    public Json ToJson() => Json.Object(
        ("mediaType", Json.Of(Type)), ("digest", Json.Of(PackageFormat.Named(Digest))),
        ("size", Json.Of(Size)));

    // Type and size first, then the content, then its digest; only then may anything look inside.
    public byte[] Fetch(IBundle files, string part, string type, int most)
    {
        if (Type != type)
        {
            throw new SkillRefusedException($"its {part} is a {Type}; it must be {type}");
        }

        if (Size < 1 || Size > most)
        {
            throw new SkillRefusedException(
                $"its {part} has {Json.Figure(Size)} bytes; allowed: 1 to {Json.Figure(most)}");
        }

        string name = PackageFormat.BlobName(Digest);
        byte[] bytes = files.Read(name, (int)Size, out bool isTooLong)
            ?? throw new SkillRefusedException(isTooLong
                ? $"its {part} is longer than the {Json.Figure(Size)} bytes that are said of it"
                : $"its {part} is not there: {name}");
        return bytes.Length == Size && Digest.Of(bytes) == Digest ? bytes
            : throw new SkillRefusedException($"its {part} is not what its digest says");
    }
}
