using System.Collections.Immutable;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hanse.Core.Identity;
using Hanse.IO.Facts;

namespace Hanse.Cli.Facts;

/// <summary>What an audit came to. Amounts are whole microcredits, masses grams, times microseconds of
/// mission time.</summary>
internal sealed record LedgerReport
{
    public required string File { get; init; }

    public required string Scenario { get; init; }

    public required ulong Seed { get; init; }

    public required string Version { get; init; }

    /// <summary>Whether everything audited holds.</summary>
    public required bool Holds { get; init; }

    /// <summary>Whether the file was read to its last record.</summary>
    public required bool Complete { get; init; }

    public required long Steps { get; init; }

    public required long Facts { get; init; }

    /// <summary>Facts of hubs whose regions had been given up: no credits are behind them.</summary>
    public required long Passed { get; init; }

    public required long Postings { get; init; }

    public required long Contracts { get; init; }

    public required long Payments { get; init; }

    /// <summary>Contracts whose holders stopped, since the work was not wanted any more.</summary>
    public required long Cancelled { get; init; }

    /// <summary>What was paid for that.</summary>
    public required long Compensated { get; init; }

    public required int TransfersOpen { get; init; }

    public required long Minted { get; init; }

    public required long Escrow { get; init; }

    public required long InTransit { get; init; }

    public required long Nodes { get; init; }

    public required long Reserves { get; init; }

    public required long Budget { get; init; }

    public required long Burned { get; init; }

    /// <summary>The part of what was burned that is demurrage, of regions that were not given up as far as
    /// they say.</summary>
    public required long Demurrage { get; init; }

    /// <summary>Of what is burned, tolls of berths.</summary>
    public required long Tolls { get; init; }

    /// <summary>Of what is burned, tolls of faces.</summary>
    public long FaceTolls { get; init; }

    /// <summary>The part of what was burned that is bonds of work that was not delivered.</summary>
    public required long Forfeited { get; init; }

    /// <summary>The part of what was burned that carriers were charged for goods that they lost.</summary>
    public required long Charged { get; init; }

    /// <summary>The part of what nodes own that they have staked.</summary>
    public required long Staked { get; init; }

    /// <summary>What nodes own that own anything.</summary>
    public required HoardReport Hoard { get; init; }

    public required ViolationReport? Violation { get; init; }

    public required BountyMoneyReport? Bounty { get; init; }

    public required DemandReport? Demand { get; init; }

    public static LedgerReport Of(
        string file, FactsReader reader, LedgerAudit audit, BountyId? bounty, DemandId? demand)
    {
        AuditedTotals totals = audit.Totals;
        return new LedgerReport
        {
            File = file,
            Scenario = reader.Header!.Scenario,
            Seed = reader.Header.Seed,
            Version = reader.Header.Version,
            Holds = audit.Finding is null,
            Complete = reader.IsComplete,
            Steps = audit.Steps,
            Facts = audit.Facts,
            Passed = audit.Passed,
            Postings = audit.Postings,
            Contracts = audit.Contracts,
            Payments = audit.Payments,
            Cancelled = audit.Cancelled,
            Compensated = audit.Compensated.Micro,
            TransfersOpen = audit.TransfersOpen,
            Minted = (long)totals.Minted,
            Escrow = (long)totals.Escrow,
            InTransit = (long)totals.InTransit,
            Nodes = (long)totals.Nodes,
            Reserves = (long)totals.Reserves,
            Budget = (long)totals.Budget,
            Burned = (long)totals.Burned,
            Demurrage = audit.Demurrage.Micro,
            Tolls = audit.Tolls.Micro,
            FaceTolls = audit.FaceTolls.Micro,
            Forfeited = audit.Forfeited.Micro,
            Charged = audit.Charged.Micro,
            Staked = (long)audit.Staked,
            Hoard = HoardReport.Of(audit),
            Violation = audit.Finding is { } finding ? ViolationReport.Of(finding) : null,
            Bounty = bounty is { } id && audit.Bounties.TryGetValue(id, out AuditedBounty? asked)
                ? BountyMoneyReport.Of(asked) : null,
            Demand = demand is { } number && audit.Demands.TryGetValue(number, out AuditedDemand? wanted)
                ? DemandReport.Of(wanted) : null,
        };
    }
}

/// <summary>What nodes own that own anything.</summary>
internal sealed record HoardReport(int Nodes, long Min, long P10, long Median, long P90, long Max)
{
    public static HoardReport Of(LedgerAudit audit)
    {
        long[] owned = [.. audit.Balances.Order()];
        return new HoardReport(owned.Length, At(0), At(10), At(50), At(90), At(100));

        long At(int percent) => owned.Length == 0 ? 0 : owned[(owned.Length - 1) * percent / 100];
    }
}

/// <summary>The first violation.</summary>
internal sealed record ViolationReport(
    string Machine, ulong Step, int Fact, long AtMicros, long Offset, string Claim)
{
    public static ViolationReport Of(LedgerFinding finding) => new(
        finding.Place.Machine.ToString(),
        finding.Place.Step,
        finding.Place.Fact,
        finding.Place.At.Micros,
        finding.Place.Offset,
        finding.Claim);
}

/// <summary>The money of one bounty.</summary>
internal sealed record BountyMoneyReport(
    ulong Bounty,
    uint Region,
    long PostedMicros,
    long Worth,
    long Minted,
    long TotalGrams,
    long CountedGrams,
    long Paid,
    long Returned,
    string State,
    long? ClosedMicros,
    ImmutableArray<PaymentReport> Payments)
{
    public static BountyMoneyReport Of(AuditedBounty bounty) => new(
        bounty.Bounty.Id.Value,
        bounty.Region.Value,
        bounty.PostedAt.Micros,
        bounty.Bounty.Worth.Micro,
        bounty.Minted.Micro,
        bounty.Bounty.Total.Value,
        bounty.Counted.Value,
        bounty.Paid.Micro,
        bounty.Returned.Micro,
        bounty.ClosedAt is not null ? JsonNamingPolicy.CamelCase.ConvertName(bounty.Outcome.ToString())
            : bounty.IsOpened ? "open" : "onItsWay",
        bounty.ClosedAt?.Micros,
        [.. bounty.Payments.Select(PaymentReport.Of)]);
}

/// <summary>One demand: where its lots were. The name of a placing is the bounty's number.</summary>
internal sealed record DemandReport(
    ulong Demand,
    long PostedMicros,
    long DeadlineMicros,
    int Lots,
    long LotGrams,
    long ValuePerLot,
    int Waiting,
    int Settled,
    long DeliveredGrams,
    string State,
    ImmutableArray<PlacingReport> Placings)
{
    public static DemandReport Of(AuditedDemand demand) => new(
        demand.Demand.Id.Value,
        demand.At.Micros,
        demand.Demand.Deadline.Micros,
        demand.Demand.Lots,
        demand.Demand.Lot.Value,
        demand.Demand.ValuePerLot.Micro,
        demand.Waiting,
        demand.Settled,
        demand.Delivered.Value,
        demand.Outcome is { } outcome ? JsonNamingPolicy.CamelCase.ConvertName(outcome.ToString()) : "open",
        [.. demand.Placings.Select(PlacingReport.Of)]);
}

/// <summary>Lots of a demand in one region.</summary>
internal sealed record PlacingReport(
    ulong Bounty, uint Region, long AtMicros, int Lots, long WorthPerLot, int Left, int Back, string? Reason,
    long LowestAsk, long DeliveredGrams, long Paid)
{
    public static PlacingReport Of(AuditedPlacing placing) => new(
        placing.Bounty.Value,
        placing.Region.Value,
        placing.At.Micros,
        placing.Lots,
        placing.WorthPerLot.Micro,
        placing.Left,
        placing.Back,
        placing.Reason is { } reason ? JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()) : null,
        placing.LowestAsk.Micro,
        placing.Delivered.Value,
        placing.Paid.Micro);
}

/// <summary>One payment.</summary>
internal sealed record PaymentReport(
    long AtMicros, string Hub, string Contract, uint Node, long PricePerLot, long CountedGrams, long Paid)
{
    public static PaymentReport Of(AuditedPayment payment) => new(
        payment.At.Micros,
        payment.Hub.ToString(),
        Name(payment.Contract),
        payment.Node.Value,
        payment.PricePerLot.Micro,
        payment.Counted.Value,
        payment.Paid.Micro);

    /// <summary>A contract by its region and that region's count.</summary>
    public static string Name(ContractId id) =>
        $"{id.Region.Value}.{id.Value & ((1UL << ContractId.CountBits) - 1)}";
}

/// <summary>An audit as one JSON object, its keys the camel case of <see cref="LedgerReport"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(LedgerReport))]
internal sealed partial class LedgerJson : JsonSerializerContext
{
    /// <summary>The object, indented.</summary>
    public static string Write(LedgerReport report) =>
        JsonSerializer.Serialize(report, Default.LedgerReport);
}
