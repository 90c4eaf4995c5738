using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Cli.Views;

namespace Hanse.Cli.Facts;

/// <summary>A screening for people: how many were flagged and why, then groups, then nodes.</summary>
internal static class ScreenTable
{
    private const int NodesShown = 12;

    private static readonly Dictionary<string, string> _meanings = new()
    {
        ["claimsAboveClass"] = "ask far more than their peers for the same work",
        ["coverBids"] = "lose with bids that are alike and far from the last winner",
        ["winsInTurns"] = "bid with others and hardly ever win together with them",
        ["losesTogether"] = "never win, together with others, what they would gain by",
    };

    public static void Write(TextWriter output, ScreenReport report)
    {
        output.WriteLine($"{report.File}: {Figures.Count(report.Batches)} batches, "
            + $"{Figures.Count(report.Nodes)} nodes that bid, {Figures.Count(report.Flagged)} flagged");
        foreach (IGrouping<string, FindingReport> reason in report.Findings.GroupBy(f => f.Reason))
        {
            output.WriteLine($"  {Figures.Count(reason.Count()),6} {_meanings[reason.Key]}");
        }

        foreach (GroupReport group in report.Groups)
        {
            string more = group.Nodes.Length > NodesShown
                ? $" and {Figures.Count(group.Nodes.Length - NodesShown)} more (-o json has all)" : "";
            output.WriteLine($"  at depot {group.Depot} of region {group.Region}, "
                + $"{Figures.Count(group.Nodes.Length)} that {_meanings[group.Reason]}: "
                + string.Join(", ", group.Nodes.Take(NodesShown)) + more);
        }

        foreach (FindingReport alone in report.Findings.Where(finding => !report.Groups.Any(group =>
            group.Region == finding.Region && group.Depot == finding.Depot
                && group.Reason == finding.Reason)))
        {
            output.WriteLine($"  node {alone.Node} of region {alone.Region}: one of those that "
                + $"{_meanings[alone.Reason]} ({Figures.Number(alone.Measure)}, in "
                + $"{Figures.Count(alone.Batches)} batches)");
        }
    }
}
