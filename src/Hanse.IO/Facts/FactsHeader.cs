using System.Text;
using Hanse.Core.Wire;

namespace Hanse.IO.Facts;

/// <summary>The first record of a file of facts: where they come from.</summary>
/// <param name="Version">The program that wrote it; at most 1,000 bytes of UTF-8.</param>
/// <param name="Scenario">The scenario's name; as long at most.</param>
/// <param name="Seed">Its seed.</param>
public sealed record FactsHeader(string Version, string Scenario, ulong Seed) : IShaped<FactsHeader>
{
    private const int TextMax = 1_000;

    /// <inheritdoc/>
    public static FactsHeader Shape<TCodec>(ref TCodec codec, FactsHeader? value)
        where TCodec : struct, ICodec
    {
        codec.Open("factsHeader", 3);
        string version = Text(ref codec, "version", value?.Version);
        string scenario = Text(ref codec, "scenario", value?.Scenario);
        long seed = codec.Integer("seed", unchecked((long)(value?.Seed ?? 0)), long.MinValue, long.MaxValue);
        codec.Close();
        return value ?? new FactsHeader(version, scenario, unchecked((ulong)seed));
    }

    private static string Text<TCodec>(ref TCodec codec, string name, string? text)
        where TCodec : struct, ICodec
    {
        byte[] bytes = codec.Bytes(name, Encoding.UTF8.GetBytes(text ?? ""), TextMax);
        return text ?? Encoding.UTF8.GetString(bytes);
    }
}
