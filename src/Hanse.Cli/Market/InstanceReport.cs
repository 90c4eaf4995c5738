using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hanse.Cli.Market;

/// <summary>What clearing an instance came to.</summary>
internal sealed record InstanceReport
{
    /// <summary>Its file.</summary>
    public required string Instance { get; init; }

    /// <summary>How many nodes bid.</summary>
    public required int Nodes { get; init; }

    /// <summary>How many tasks there are.</summary>
    public required int Tasks { get; init; }

    /// <summary>Cost of what was placed, in the units of the file.</summary>
    public required long Cost { get; init; }

    /// <summary>Tasks that found no node.</summary>
    public required int Unplaced { get; init; }

    /// <summary>Time of the clear, without reading.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>The best cost known; null when none was given.</summary>
    public required long? Bound { get; init; }

    /// <summary>Cost less bound, as a share of the bound; null without one, or when something is
    /// unplaced.</summary>
    public required double? Gap { get; init; }
}

/// <summary>A report as one JSON object.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(InstanceReport))]
internal sealed partial class InstanceJson : JsonSerializerContext
{
    /// <summary>The object, indented.</summary>
    public static string Write(InstanceReport report) =>
        JsonSerializer.Serialize(report, Default.InstanceReport);
}
