using System.Collections.Immutable;
using System.Linq;
using System.Text.Json.Serialization;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.IO.Facts;

namespace Hanse.Cli.Facts;

/// <summary>Who bids as rings do.</summary>
/// <param name="File">The facts.</param>
/// <param name="Batches">Batches looked over.</param>
/// <param name="Nodes">Nodes that bid, counted at each hub.</param>
/// <param name="Flagged">Nodes with a finding, counted at each hub.</param>
/// <param name="Groups">Flagged nodes of one reason at one depot, where there are several.</param>
/// <param name="Findings">Every finding.</param>
internal sealed record ScreenReport(
    string File,
    int Batches,
    int Nodes,
    int Flagged,
    ImmutableArray<GroupReport> Groups,
    ImmutableArray<FindingReport> Findings)
{
    public static ScreenReport Of(string file, BidScreening screening)
    {
        ImmutableArray<(RegionId Region, ImmutableArray<ScreenFinding> Findings)> found =
            screening.Findings();
        return new ScreenReport(
            file,
            screening.Batches,
            screening.Nodes,
            found.Sum(hub => hub.Findings.Select(finding => finding.Node).Distinct().Count()),
            [.. found.SelectMany(hub => CollusionScreen.Groups(hub.Findings).Select(group =>
                new GroupReport(hub.Region.Value, group.Depot.Value, BidReport.Name(group.Reason.ToString()),
                    [.. group.Nodes.Select(node => node.Value)])))],
            [.. found.SelectMany(hub => hub.Findings.Select(finding => new FindingReport(
                hub.Region.Value, finding.Depot.Value, finding.Node.Value,
                BidReport.Name(finding.Reason.ToString()), finding.Measure / 1e6, finding.Batches)))]);
    }
}

/// <summary>Flagged nodes at one depot.</summary>
internal sealed record GroupReport(uint Region, uint Depot, string Reason, ImmutableArray<uint> Nodes);

/// <summary>One finding.</summary>
/// <param name="Region">The hub.</param>
/// <param name="Depot">Where the node bids most cheaply.</param>
/// <param name="Node">Who.</param>
/// <param name="Reason">By what it was flagged.</param>
/// <param name="Measure">Of claims above the class the ratio; of the others a share of batches, or a number
/// of partners.</param>
/// <param name="Batches">On how many batches that rests.</param>
internal sealed record FindingReport(
    uint Region, uint Depot, uint Node, string Reason, double Measure, int Batches);

/// <summary>A screening as one JSON object, its keys the camel case of <see cref="ScreenReport"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(ScreenReport))]
internal sealed partial class ScreenJson : JsonSerializerContext
{
    /// <summary>The object, indented.</summary>
    public static string Write(ScreenReport report) =>
        System.Text.Json.JsonSerializer.Serialize(report, Default.ScreenReport);
}
