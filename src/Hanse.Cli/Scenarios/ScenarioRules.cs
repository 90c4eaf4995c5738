using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Messages;
using Hanse.Simulation.Orbits;
using Hanse.Simulation.Scenarios;

namespace Hanse.Cli.Scenarios;

/// <summary>A rule between fields that does not hold.</summary>
/// <param name="Path">The field to change.</param>
/// <param name="Text">What is wrong and what is allowed.</param>
internal sealed record BrokenRule(string Path, string Text);

/// <summary>The rules between fields.</summary>
/// <remarks>A rule is judged only when every field it looks at is sound, so that one slip is reported
/// once.</remarks>
internal static class ScenarioRules
{
    /// <summary>Bytes that a window must carry: one frame of the largest size.</summary>
    private const double WindowBytesMin = Core.Links.Frame.BytesMax;

    private static readonly Rule[] _rules =
    [
        new(["regions.count", "fleet.nodes"],
            s => s.Regions.Count <= s.Fleet.Nodes,
            s => $"{s.Regions.Count:N0} regions need as many nodes; allowed: up to fleet.nodes, "
                + $"{s.Fleet.Nodes:N0}"),
        new(["regions.nodesMax", "fleet.nodes"],
            s => (long)s.Regions.NodesMax * ScenarioShape.RegionsMax >= s.Fleet.Nodes,
            s => $"{s.Fleet.Nodes:N0} nodes would need more than {ScenarioShape.RegionsMax:N0} regions; "
                + $"allowed: {Math.Ceiling((double)s.Fleet.Nodes / ScenarioShape.RegionsMax):N0} and more"),
        new(["regions.depotNames", "regions.count"],
            s => s.Regions.DepotNames.Length <= s.Regions.Count,
            s => $"{s.Regions.DepotNames.Length:N0} names for {s.Regions.Count:N0} regions; "
                + "allowed: at most one for each"),
        new(["links.nodeWindowHours", "links.nodePeriodHours"],
            s => s.Links.NodeWindowHours < s.Links.NodePeriodHours,
            s => $"{Show(s.Links.NodeWindowHours)} is not shorter than the period; "
                + $"allowed: less than links.nodePeriodHours, {Show(s.Links.NodePeriodHours)}"),
        new(["links.nodeWindowHours", "links.clockErrorSeconds"],
            s => s.Links.NodeWindowHours * 3600 > 4 * s.Links.ClockErrorSeconds,
            s => $"{Show(s.Links.NodeWindowHours)} is too short for clocks that are "
                + $"{Show(s.Links.ClockErrorSeconds)} s wrong; "
                + $"allowed: more than {Show(4 * s.Links.ClockErrorSeconds / 3600)}, four clock errors"),
        new(["links.nodeWindowHours", "links.nodeBytesPerSecond"],
            s => WindowBytes(s) >= WindowBytesMin,
            s => $"a window carries {Math.Floor(WindowBytes(s)):N0} bytes, less than a frame; allowed: "
                + $"windows of {WindowBytesMin:N0} bytes and more (hours x 3,600 x "
                + "links.nodeBytesPerSecond)"),
        new(["market.cycleHours", "links.nodePeriodHours"],
            s => s.Market.CycleHours >= s.Links.NodePeriodHours,
            s => $"{Show(s.Market.CycleHours)} is too short for every node to hear and answer; "
                + $"allowed: links.nodePeriodHours, {Show(s.Links.NodePeriodHours)}, and more"),
        new(["market.bondPercent", "market.seedCredits"],
            s => s.Market.BondPercent == 0 || s.Market.SeedCredits > 0,
            s => $"{Show(s.Market.BondPercent)} is more than a node without credits can ever stake; "
                + "allowed: 0, or with market.seedCredits above 0"),
        new(["stream.smallestTonnes", "stream.largestTonnes"],
            s => s.Stream.SmallestTonnes <= s.Stream.LargestTonnes,
            s => $"{Show(s.Stream.SmallestTonnes)} is more than the largest; "
                + $"allowed: up to stream.largestTonnes, {Show(s.Stream.LargestTonnes)}"),
        new(["stream.withinDaysMin", "stream.withinDaysMax"],
            s => s.Stream.WithinDaysMin <= s.Stream.WithinDaysMax,
            s => $"{Show(s.Stream.WithinDaysMin)} is more than the longest; "
                + $"allowed: up to stream.withinDaysMax, {Show(s.Stream.WithinDaysMax)}"),
        new(["stream.worthOverCostMin", "stream.worthOverCostMax"],
            s => s.Stream.WorthOverCostMin <= s.Stream.WorthOverCostMax,
            s => $"{Show(s.Stream.WorthOverCostMin)} is more than the greatest; "
                + $"allowed: up to stream.worthOverCostMax, {Show(s.Stream.WorthOverCostMax)}"),
    ];

    // Loaded once and only when a scenario names anchors.
    private static readonly Lazy<Catalogue> _catalogue = new(Catalogue.Load);

    /// <summary>All rules that do not hold.</summary>
    /// <param name="scenario">Each of its fields in range, but for those that are not sound.</param>
    /// <param name="isSound">Whether the field of a path can be relied on.</param>
    public static IEnumerable<BrokenRule> Check(Scenario scenario, Func<string, bool> isSound) =>
    [
        .. _rules.Where(rule => rule.Paths.All(isSound) && !rule.Holds(scenario))
            .Select(rule => new BrokenRule(rule.Paths[0], rule.Explain(scenario))),
        .. Bounties(scenario).Where(broken => isSound(broken.Path)),
        .. Demands(scenario).Where(broken => isSound(broken.Path)),
        .. Orders(scenario).Where(broken => isSound(broken.Path)),
        .. Rollouts(scenario).Where(broken => isSound(broken.Path) && isSound("growth")
            && isSound("fleet.variants")),
        .. Depots(scenario).Where(broken => isSound(broken.Path) && isSound("regions.depotNames")),
        .. Anchors(scenario).Where(broken => isSound(broken.Path)),
    ];

    private const string RepairIsAsked =
        "repair is asked for by machines that broke down; allowed: deliver, survey, build";

    private static IEnumerable<BrokenRule> Bounties(Scenario scenario)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((int index, NamedBounty bounty) in scenario.Bounties.Index())
        {
            if (bounty.LotTonnes > bounty.Tonnes)
            {
                yield return new BrokenRule(
                    $"bounties[{index}].lotTonnes",
                    $"{Show(bounty.LotTonnes)} is more than the bounty; allowed: up to tonnes, "
                        + $"{Show(bounty.Tonnes)}");
            }

            if (Place(
                $"bounties[{index}]", bounty.Kind, (bounty.Site, bounty.FromDepot, bounty.ToDepot),
                scenario.Regions.Depots) is { } misplaced)
            {
                yield return misplaced;
            }

            if (bounty.Kind == Core.Messages.WorkKind.Repair)
            {
                yield return new BrokenRule($"bounties[{index}].kind", RepairIsAsked);
            }

            if (Joint(scenario, bounty) is { } unsound)
            {
                yield return new BrokenRule($"bounties[{index}].joint", unsound);
            }

            if (!names.Add(bounty.Name))
            {
                yield return new BrokenRule(
                    $"bounties[{index}].name", $"'{bounty.Name}' is another bounty's name; allowed: each "
                        + "once");
            }
        }
    }

    // Its parts are given out by one hub, and the work that is stopped if it breaks is deliveries only.
    private static string? Joint(Scenario scenario, NamedBounty bounty)
    {
        NamedBounty[] parts = [.. scenario.Bounties.Where(other => other.Joint == bounty.Joint)];
        return bounty.Joint == 0 ? null
            : parts.Length is < 2 or > JointWork.PartsMax
            ? $"{bounty.Joint} is a work of {parts.Length} parts; allowed: 2 to {JointWork.PartsMax}, or 0 "
                + "for none"
            : bounty.Kind != WorkKind.Deliver
            ? $"{bounty.Joint} is a work of deliveries; allowed for other kinds of work: 0"
            : parts[0].Depot != bounty.Depot
            ? $"{bounty.Joint} is a work at '{parts[0].Depot}'; allowed there only, since all parts are in "
                + "one region"
            : null;
    }

    private static IEnumerable<BrokenRule> Demands(Scenario scenario)
    {
        foreach ((int index, NamedDemand demand) in scenario.Demands.Index())
        {
            if (demand.FreightCreditsMin > demand.FreightCreditsMax)
            {
                yield return new BrokenRule(
                    $"demands[{index}].freightCreditsMin",
                    $"{Show(demand.FreightCreditsMin)} is more than the greatest; allowed: up to "
                        + $"freightCreditsMax, {Show(demand.FreightCreditsMax)}");
            }
        }
    }

    private static IEnumerable<BrokenRule> Orders(Scenario scenario)
    {
        foreach ((int index, NamedOrder order) in scenario.Orders.Index())
        {
            if (!scenario.Regions.DepotNames.Contains(order.Depot))
            {
                yield return new BrokenRule(
                    $"orders[{index}].depot",
                    $"no depot is called '{order.Depot}'; allowed: a name of regions.depotNames"
                        + Nearest.Hint(order.Depot, scenario.Regions.DepotNames));
            }

            HashSet<string> before = new(StringComparer.Ordinal);
            foreach ((int place, NamedPart part) in order.Parts.Index())
            {
                string path = $"orders[{index}].parts[{place}]";
                foreach (string waited in part.After.Where(name => !before.Contains(name)))
                {
                    yield return new BrokenRule(
                        path + ".after",
                        $"no part before it is called '{waited}'; allowed: names of earlier parts"
                            + Nearest.Hint(waited, before));
                }

                if (Place(path, part.Kind, (part.Site, part.FromDepot, part.ToDepot), scenario.Regions.Depots)
                    is { } misplaced)
                {
                    yield return misplaced;
                }

                if (part.Kind == Core.Messages.WorkKind.Repair)
                {
                    yield return new BrokenRule(path + ".kind", RepairIsAsked);
                }

                if (!before.Add(part.Name))
                {
                    yield return new BrokenRule(
                        path + ".name", $"'{part.Name}' is another part's name; allowed: each once");
                }
            }
        }
    }

    // An order of a rollout names so many groups at most.
    private static IEnumerable<BrokenRule> Rollouts(Scenario scenario)
    {
        int classes = scenario.Fleet.Variants;
        int generations = scenario.Growth.DoublingDays > 0 ? scenario.Growth.Generations : 1;
        foreach ((int index, NamedRollout rollout) in scenario.Rollouts.Index())
        {
            int groups = rollout.Groups switch
            {
                RolloutSplit.Generation => generations,
                RolloutSplit.Strain => classes * generations,
                _ => classes,
            };
            if (groups > RolloutTold.ClassesMax)
            {
                yield return new BrokenRule(
                    $"rollouts[{index}].groups",
                    $"{groups} groups are more than an order can name; allowed: up to "
                        + $"{RolloutTold.ClassesMax}, by fleet.variants and growth.generations");
            }
        }
    }

    // Where work is done: at a site, at one of the node's choice, or between two depots of the region.
    private static BrokenRule? Place(
        string path, WorkKind kind, (int Site, int From, int To) place, int depots)
    {
        bool isTransport = kind == WorkKind.Transport;
        return !isTransport && kind != WorkKind.Deliver && place.Site == 0
            ? new BrokenRule(path + ".site", "0 is no site; allowed: 0 for deliveries and transports only")
            : isTransport && place.Site != 0
            ? new BrokenRule(path + ".site", $"{place.Site} is a site; allowed for a transport: 0")
            : place.To > depots
            ? new BrokenRule(path + ".toDepot", $"{place.To} is no depot; allowed: 1 to regions.depots, "
                + $"{depots}")
            : isTransport && (place.From == 0 || place.From > depots || place.From == place.To)
            ? new BrokenRule(path + ".fromDepot", $"{place.From} is no depot for a transport to {place.To}; "
                + $"allowed: another, of 1 to regions.depots, {depots}")
            : !isTransport && place.From != 0
            ? new BrokenRule(path + ".fromDepot", $"{place.From} is a depot; allowed for other work than "
                + "transports: 0")
            : null;
    }

    private static IEnumerable<BrokenRule> Depots(Scenario scenario)
    {
        foreach ((int index, NamedBounty bounty) in scenario.Bounties.Index())
        {
            if (!scenario.Regions.DepotNames.Contains(bounty.Depot))
            {
                yield return new BrokenRule(
                    $"bounties[{index}].depot",
                    $"no depot is called '{bounty.Depot}'; allowed: "
                    + (scenario.Regions.DepotNames.Length == 0
                        ? "a name of regions.depotNames, which is empty"
                        : string.Join(", ", scenario.Regions.DepotNames.Take(20)))
                    + Nearest.Hint(bounty.Depot, scenario.Regions.DepotNames));
            }
        }
    }

    private static IEnumerable<BrokenRule> Anchors(Scenario scenario) =>
        from item in scenario.Regions.Anchors.Index()
        where _catalogue.Value.Find(item.Item) is null
        select new BrokenRule(
            $"regions.anchors[{item.Index}]",
            $"no asteroid '{item.Item}' is in the catalogue; allowed: a number, a name or a designation"
            + Nearest.Hint(item.Item, _catalogue.Value.All.Select(asteroid => asteroid.Name ?? "")));

    private static double WindowBytes(Scenario scenario) =>
        scenario.Links.NodeWindowHours * 3600 * scenario.Links.NodeBytesPerSecond;

    private static string Show(double number) => Allowed.Show(number);

    // The first path is the field to change; the others are looked at too.
    private sealed record Rule(string[] Paths, Func<Scenario, bool> Holds, Func<Scenario, string> Explain);
}
