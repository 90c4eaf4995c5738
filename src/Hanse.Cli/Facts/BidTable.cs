using System.Collections.Generic;
using System.IO;
using System.Linq;
using Hanse.Cli.Views;
using Hanse.Core.Time;

namespace Hanse.Cli.Facts;

/// <summary>An explanation for people: how it ended, why in a line a reason, then batch by batch.</summary>
internal static class BidTable
{
    private static readonly Dictionary<string, string> _meanings = new()
    {
        ["awarded"] = "was given work",
        ["notHeard"] = "was not heard while bids were collected: out of reach, or dead",
        ["leased"] = "held a contract, and was not asked",
        ["noAnswer"] = "was heard and did not answer: was to leave, may not bid, or the answer was lost",
        ["noCapability"] = "did not bid: no site it knows yields this, or the depot is out of reach",
        ["noPropellant"] = "did not bid: the round trip needs more propellant than it may spend",
        ["noTime"] = "did not bid: no trajectory closes before the deadline",
        ["noProfit"] = "did not bid: it would cost more than the reserve pays",
        ["worn"] = "did not bid: too worn to take work",
        ["noBond"] = "had no credit to stake the bond at the highest price of the cycle",
        ["noPrice"] = "did not bid: its pricing gave no price",
        ["aboveReserve"] = "asked for more than the reserve",
        ["afterDeadline"] = "would have come after the deadline",
        ["tookOther"] = "won another bounty of the batch",
        ["outbid"] = "was outbid: others asked for less, and took all there was",
        ["lostDraw"] = "lost the draw: others asked for as much, and took all there was",
        ["notWhole"] = "was not taken: a part of the joint work found nobody, so none of it was given",
        ["heldBack"] = "was not taken: it was held back for a joint work that is not whole yet",
        ["notGiven"] = "was not taken: what it offered came to nothing when the batch was opened",
    };

    public static void Write(TextWriter output, BidReport report, uint? node)
    {
        string closed = report.ClosedMicros is { } at ? $" {Time(at)}" : "";
        output.WriteLine($"Bounty {report.Bounty}: {Work(report)} of region {report.Region} by "
            + $"{Time(report.DeadlineMicros)}, at most {Credits(report.ValuePerLot)} a lot of "
            + $"{Tonnes(report.LotGrams)}.");
        output.WriteLine($"  {report.State}{closed}: {Tonnes(report.CountedGrams)} counted, "
            + $"{Credits(report.Paid)} paid{(node is { } one ? $"; below, node {one} alone" : "")}");
        output.WriteLine($"  contracts    {Contracts(report)}");
        foreach (ReductionReport reduction in report.Reductions)
        {
            output.WriteLine($"  {Time(reduction.AtMicros)}: " + (reduction.TotalGrams == 0
                ? "withdrawn; nothing more was asked for"
                : $"reduced to {Tonnes(reduction.TotalGrams)}")
                + "; holders in excess with nothing aboard were to stop");
        }

        output.WriteLine($"  asked for    in {Figures.Count(report.Batches.Length)} batches, with "
            + $"{Figures.Count(report.Batches.Sum(batch => batch.Offers))} offers; not in "
            + $"{Figures.Count(report.CyclesNotAsked)} cycles, when all was delivered or under contract, or "
            + "others were more urgent");
        foreach (ReasonReport reason in report.Reasons)
        {
            output.WriteLine($"  {Figures.Count(reason.Times),9} times a node {Meaning(reason.Outcome)} "
                + $"({Figures.Count(reason.Nodes)} {(reason.Nodes == 1 ? "node" : "nodes")})");
        }

        output.WriteLine();
        foreach (BatchReport batch in report.Batches)
        {
            output.WriteLine(node is null ? Line(batch) : Line(batch, batch.Nodes));
        }
    }

    // What is to be done, and where.
    private static string Work(BidReport report)
    {
        string goods = $"{Tonnes(report.TotalGrams)} of {report.Commodity}";
        return report.Kind switch
        {
            "survey" => $"a survey of {report.Commodity} at site {report.Site}, "
                + $"{Tonnes(report.TotalGrams)} in reports, for depot {report.Depot}",
            "build" => $"a building of {goods} at site {report.Site}, out of depot {report.Depot}",
            "transport" => $"a transport of {goods} from depot {report.From} to depot {report.Depot}",
            _ => $"{goods} to depot {report.Depot}",
        };
    }

    private static string Contracts(BidReport report) => report.Contracts.Length == 0
        ? "none given"
        : $"{Figures.Count(report.Contracts.Length)} given: " + string.Join(", ", report.Contracts
            .GroupBy(contract => contract.Outcome)
            .OrderByDescending(group => group.Count())
            .Select(group => $"{Figures.Count(group.Count())} {group.Key}"));

    private static string Setter(BatchReport batch) => batch.PriceSetBy switch
    {
        "reserve" => "the reserve",
        "auction" => "where the auction ended",
        _ => $"the bid of {batch.PriceSetBy}",
    };

    private static string Line(BatchReport batch)
    {
        string price = batch.Price is { } paid
            ? $"{Figures.Count(batch.Given)} given at {Credits(paid)} a lot, by "
                + Setter(batch)
            : "none given";
        string ask = batch.LowestAsk is { } lowest ? $"; lowest ask not taken {Credits(lowest)}" : "";
        return $"  {Time(batch.ClearedMicros),16} {batch.Hub,-7} cycle {batch.Cycle,-4} "
            + $"{Tonnes(batch.OpenGrams),8} at {Credits(batch.Reserve)} or less: "
            + $"{Figures.Count(batch.Offers)} offers, {price}{ask}";
    }

    private static string Line(BatchReport batch, IEnumerable<FateReport> nodes)
    {
        string fate = "did not belong to the region";
        foreach (FateReport node in nodes)
        {
            string offer = node.Ask is { } ask
                ? $"; it asked for {Credits(ask)} a lot of {Tonnes(node.Grams ?? 0)}, to come "
                    + Time(node.ArrivesMicros ?? 0) + Dug(node)
                : "";
            string hours = node.ForHours is { } worth
                ? $", {Credits(worth)} of it for what its hours are posted to be worth" : "";
            string ranked = node.RankedAt is { } more
                ? $", ranked as {Credits(more)} since its work has cost more than it asked" : "";
            string won = node.Contract is null ? ""
                : $"; contract {node.Contract}, paid {Credits(node.Paid ?? 0)} at "
                    + $"{Credits(batch.Price ?? 0)} a lot, set by "
                    + Setter(batch);
            string lost = node.Outcome is "outbid" or "lostDraw" && batch.Price is { } price
                ? $"; the clearing price was {Credits(price)}" : "";
            fate = Meaning(node.Outcome) + offer + hours + ranked + lost + won;
        }

        return $"  {Time(batch.ClearedMicros),16} {batch.Hub,-7} cycle {batch.Cycle,-4} {fate}";
    }

    private static string Dug(FateReport node) => node.Site is not { } site ? ""
        : node.FaceToll is > 0 and var toll ? $" from site {site}, with {Credits(toll)} of toll"
        : $" from site {site}, which it saw no crowd at";

    private static string Meaning(string outcome) => _meanings.GetValueOrDefault(outcome, outcome);

    private static string Credits(long micro) => Figures.Credits(micro / 1e6);

    private static string Tonnes(long grams) => Figures.Number(grams / 1e6) + " t";

    private static string Time(long micros) => JournalReport.Time(new Instant(micros));
}
