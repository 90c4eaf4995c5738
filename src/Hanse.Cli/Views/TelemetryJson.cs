using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Cli.Telemetry;

namespace Hanse.Cli.Views;

/// <summary>An evaluation as one JSON object, its keys the camel case of
/// <see cref="TelemetryReport"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(TelemetryReport))]
internal sealed partial class TelemetryJson : JsonSerializerContext
{
    /// <summary>The object, indented.</summary>
    public static string Write(TelemetryReport report) =>
        JsonSerializer.Serialize(report, Default.TelemetryReport);
}
