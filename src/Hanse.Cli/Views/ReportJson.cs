using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Core.Messages;
using Hanse.Simulation.Runs;

namespace Hanse.Cli.Views;

/// <summary>A report as one JSON object, its keys in the order and the camel case of
/// <see cref="RunReport"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    Converters = [typeof(OutcomeName)])]
[JsonSerializable(typeof(RunReport))]
internal sealed partial class ReportJson : JsonSerializerContext
{
    /// <summary>The object, indented.</summary>
    public static string Write(RunReport report) => JsonSerializer.Serialize(report, Default.RunReport);
}

/// <summary>Outcomes by name.</summary>
internal sealed class OutcomeName : JsonStringEnumConverter<BountyOutcome>
{
    public OutcomeName()
        : base(JsonNamingPolicy.CamelCase)
    {
    }
}
