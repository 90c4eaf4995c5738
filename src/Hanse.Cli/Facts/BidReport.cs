using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Core.Identity;
using Hanse.IO.Facts;

namespace Hanse.Cli.Facts;

/// <summary>What became of a bounty, and why. Amounts are whole microcredits, masses grams, times
/// microseconds of mission time.</summary>
internal sealed record BidReport(
    string File,
    ulong Bounty,
    string Kind,
    string Commodity,
    uint? Site,
    uint? From,
    uint Depot,
    uint Region,
    long PostedMicros,
    long? OpenedMicros,
    long DeadlineMicros,
    long TotalGrams,
    long LotGrams,
    long ValuePerLot,
    string State,
    long? ClosedMicros,
    long CountedGrams,
    long Paid,
    int CyclesNotAsked,
    ImmutableArray<ReductionReport> Reductions,
    ImmutableArray<ReasonReport> Reasons,
    ImmutableArray<GivenReport> Contracts,
    ImmutableArray<BatchReport> Batches)
{
    public static BidReport Of(string file, BountyStory story, NodeId? only) => new(
        file,
        story.Bounty.Id.Value,
        Name(story.Bounty.Kind.ToString()),
        Name(story.Bounty.Commodity.ToString()),
        story.Bounty.Site == default ? null : story.Bounty.Site.Value,
        story.Bounty.From == default ? null : story.Bounty.From.Value,
        story.Bounty.Depot.Value,
        story.Region.Value,
        story.Posted.Micros,
        story.Opened?.Micros,
        story.Bounty.Deadline.Micros,
        story.Bounty.Total.Value,
        story.Bounty.Lot.Value,
        story.Bounty.ValuePerLot.Micro,
        story.Outcome is { } outcome ? Name(outcome.ToString()) : story.Opened is null ? "onItsWay" : "open",
        story.Closed?.Micros,
        story.Contracts.Sum(contract => contract.Counted.Value),
        story.Contracts.Sum(contract => contract.Paid.Micro),
        story.CyclesNotAsked,
        [.. story.Reductions.Select(reduction =>
            new ReductionReport(reduction.At.Micros, reduction.Total.Value))],
        ReasonReport.Count(story, only),
        [.. story.Contracts.Where(c => only is null || c.Winner.Node == only).Select(GivenReport.Of)],
        [.. story.Batches.Select(batch => BatchReport.Of(batch, only))]);

    public static string Name(string value) => JsonNamingPolicy.CamelCase.ConvertName(value);

    /// <summary>An outcome, with the reason of whoever did not bid.</summary>
    public static string Name(BidFate fate) => fate.Outcome == BidOutcome.NoBid
        ? Name(fate.Reason.ToString()) : Name(fate.Outcome.ToString());
}

/// <summary>When less of it was wanted, and what then.</summary>
internal sealed record ReductionReport(long AtMicros, long TotalGrams);

/// <summary>How often something was why a node was not given work, or that it was.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Times">Over all batches.</param>
/// <param name="Nodes">Of how many nodes.</param>
internal sealed record ReasonReport(string Outcome, int Times, int Nodes)
{
    public static ImmutableArray<ReasonReport> Count(BountyStory story, NodeId? only) =>
    [
        .. story.Batches
            .SelectMany(batch => batch.Fates)
            .Where(fate => only is null || fate.Node == only)
            .GroupBy(fate => (fate.Outcome, fate.Reason))
            .OrderByDescending(group => group.Count())
            .ThenBy(group => group.Key)
            .Select(group => new ReasonReport(
                BidReport.Name(group.First()),
                group.Count(),
                group.Select(fate => fate.Node).Distinct().Count())),
    ];
}

/// <summary>Work that was given for the bounty.</summary>
internal sealed record GivenReport(
    string Contract, uint Node, long Grams, long PricePerLot, string Outcome, long CountedGrams, long Paid)
{
    public static GivenReport Of(BountyContract contract) => new(
        PaymentReport.Name(contract.Id),
        contract.Winner.Node.Value,
        contract.Winner.Quantity.Value,
        contract.Winner.PricePerLot.Micro,
        contract.Outcome is { } outcome ? BidReport.Name(outcome.ToString()) : "running",
        contract.Counted.Value,
        contract.Paid.Micro);
}

/// <summary>One batch.</summary>
internal sealed record BatchReport(
    string Hub,
    uint Cycle,
    long OpenedMicros,
    long ClearedMicros,
    long OpenGrams,
    long Reserve,
    int Offers,
    int Given,
    long? Price,
    string? PriceSetBy,
    long? LowestAsk,
    ImmutableArray<FateReport> Nodes)
{
    public static BatchReport Of(BountyBatch batch, NodeId? only)
    {
        BidFate[] offers = [.. batch.Fates.Where(fate => fate.Quantity.Value > 0)];
        BidFate[] losers = [.. offers.Where(fate => fate.Outcome != BidOutcome.Awarded)];
        IEnumerable<BidFate> shown = batch.Fates.Where(fate => only is null || fate.Node == only);
        return new BatchReport(
            batch.Hub.ToString(),
            batch.Cycle.Value,
            batch.Opened.Micros,
            batch.Cleared.Micros,
            batch.Request.Open.Value,
            batch.Request.Reserve.Micro,
            offers.Length,
            offers.Length - losers.Length,
            batch.Price?.Micro,
            batch.PriceSetBy is { } node ? $"node-{node.Value}"
                : batch.Price is not { } paid ? null
                : paid == batch.Request.Reserve ? "reserve" : "auction",
            losers
                .Where(fate => fate.Outcome != BidOutcome.TookOther)
                .Min(fate => (long?)fate.Ask.Micro),
            [.. shown.Select(FateReport.Of)]);
    }
}

/// <summary>What became of one node in a batch.</summary>
internal sealed record FateReport(
    uint Node, string Outcome, long? Grams, long? Ask, long? ForHours, long? RankedAt, long? ArrivesMicros,
    string? Contract, long? Paid)
{
    /// <summary>The site where it would have dug; null where faces have no price.</summary>
    public uint? Site { get; init; }

    /// <summary>The toll of that in its bid.</summary>
    public long? FaceToll { get; init; }

    public static FateReport Of(BidFate fate)
    {
        bool bids = fate.Quantity.Value > 0;
        return new FateReport(
            fate.Node.Value,
            BidReport.Name(fate),
            bids ? fate.Quantity.Value : null,
            bids ? fate.Ask.Micro : null,
            bids && fate.ForHours.Micro > 0 ? fate.ForHours.Micro : null,
            bids && fate.RankedAt > fate.Ask ? fate.RankedAt.Micro : null,
            bids ? fate.Arrives.Micros : null,
            fate.Contract is { } contract ? PaymentReport.Name(contract.Id) : null,
            fate.Contract?.Paid.Micro)
        {
            Site = fate.Visit?.Site.Value,
            FaceToll = fate.Visit?.Toll.Micro,
        };
    }
}

/// <summary>An explanation as one JSON object, its keys the camel case of <see cref="BidReport"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(BidReport))]
internal sealed partial class BidJson : JsonSerializerContext
{
    /// <summary>The object, indented.</summary>
    public static string Write(BidReport report) => JsonSerializer.Serialize(report, Default.BidReport);
}
