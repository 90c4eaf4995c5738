using System.Collections.Immutable;

namespace Hanse.Simulation.Runs;

/// <summary>What a run came to. The names are those of the JSON output, in camel case.</summary>
public sealed record RunReport
{
    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Whether it was played with perfect knowledge.</summary>
    public required bool IsOracle { get; init; }

    /// <summary>Nodes of the whole fleet: those at the start, and those commissioned later.</summary>
    public required int Nodes { get; init; }

    /// <summary>Regions.</summary>
    public required int Regions { get; init; }

    /// <summary>Mission time played, in days.</summary>
    public required double SimulatedDays { get; init; }

    /// <summary>Wall time, set-up included.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Inputs given to machines and events of the world.</summary>
    public required long Events { get; init; }

    /// <summary>Events over wall time.</summary>
    public required double EventsPerSecond { get; init; }

    /// <summary>Largest resident set of the process.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>How bounties ended.</summary>
    public required BountyCounts Bounties { get; init; }

    /// <summary>How contracts ended.</summary>
    public required ContractCounts Contracts { get; init; }

    /// <summary>The books of all machines together, in credits.</summary>
    public required LedgerTotals Ledger { get; init; }

    /// <summary>What the market was worth.</summary>
    public required EconomyFigures Economy { get; init; }

    /// <summary>Error of the hubs' twins against the truth, per variable.</summary>
    public required TwinErrors TwinError { get; init; }

    /// <summary>Deviations that nodes recorded.</summary>
    public required long Deviations { get; init; }

    /// <summary>Plan revisions sent in place of deviations.</summary>
    public required long Replans { get; init; }

    /// <summary>Machines that broke down, and what became of them.</summary>
    public RepairFigures Repairs { get; init; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>What went over the links.</summary>
    public required MessageFigures Messages { get; init; }

    /// <summary>Journals that came home and how they were judged.</summary>
    public required ReturnFigures Returns { get; init; }

    /// <summary>Age of the newest frame heard from a living node.</summary>
    public required StalenessFigures Staleness { get; init; }

    /// <summary>Work done per node and day: what a run of another size must keep to be comparable.</summary>
    public required WorkRates PerNodeDay { get; init; }

    /// <summary>How long nodes waited for a berth.</summary>
    public required BerthFigures Berths { get; init; }

    /// <summary>How long nodes waited for a face, where sites have few.</summary>
    public FaceFigures Faces { get; init; } = new(0, 0, 0, 0, 0);

    /// <summary>Sites that gave out, and what that did to those who dug.</summary>
    public SiteFigures Sites { get; init; } = new(0, 0, 0);

    /// <summary>Nodes that died.</summary>
    public required int Deaths { get; init; }

    /// <summary>Machines that crashed and were rebuilt from their journals.</summary>
    public required long Crashes { get; init; }

    /// <summary>How often a node came to belong to another hub.</summary>
    public required int Moves { get; init; }

    /// <summary>Contracts that another hub gave and the new one honours.</summary>
    public required int Honoured { get; init; }

    /// <summary>Deliveries that a hub weighed after it had been taken over, and that its successor
    /// counts.</summary>
    public required int Recounted { get; init; }

    /// <summary>Inputs that machines refused, with reasons in the trace.</summary>
    public required long Refusals { get; init; }

    /// <summary>Invariant checks made by the checker that sees all machines; all of them held.</summary>
    public required long Checks { get; init; }

    /// <summary>Tonnes weighed at depots.</summary>
    public required double DeliveredTonnes { get; init; }

    /// <summary>Tonnes delivered per tonne of propellant burnt.</summary>
    public required double TonnesPerPropellantTonne { get; init; }

    /// <summary>The named bounties of the scenario.</summary>
    public required ImmutableArray<NamedBountyStatus> Named { get; init; }

    /// <summary>The demands of the scenario that were posted.</summary>
    public ImmutableArray<DemandFigures> Demands { get; init; } = [];

    /// <summary>What became of each order.</summary>
    public ImmutableArray<OrderFigures> Orders { get; init; } = [];

    /// <summary>What became of each release of a skill.</summary>
    public ImmutableArray<RolloutFigures> Rollouts { get; init; } = [];

    /// <summary>What became of the machines that were to be born; null where none were.</summary>
    public BirthFigures? Births { get; init; }

    /// <summary>What was carried between depots.</summary>
    public TransportFigures Transports { get; init; } = new(0, 0, 0, 0, 0, 0, 0, 0);

    /// <summary>SHA-256 of the canonical text of every input, fact and effect of every machine, in lower-case
    /// hex.</summary>
    public required string TraceSha256 { get; init; }
}

/// <summary>Births: built = born + shown + asked + parentless.</summary>
/// <param name="Quota">Numbers that operators have signed.</param>
/// <param name="Built">Machines that were built during the run.</param>
/// <param name="Born">Those who became nodes.</param>
/// <param name="Refused">Times that a hub refused a certificate.</param>
/// <param name="Declined">Times that a hub lent a parent no number; it asks again every day.</param>
/// <param name="Orphaned">Times that a machine lost its parent before it had a certificate, and another
/// answered for it.</param>
/// <param name="Shown">Machines that wait at the end for the answer of a hub.</param>
/// <param name="Asked">Machines whose parent waits for a number.</param>
/// <param name="Parentless">Machines for which no node of their region is fit to answer.</param>
/// <param name="WaitHoursMean">From built to born.</param>
/// <param name="OnProbation">Children on probation at the end.</param>
public sealed record BirthFigures(
    long Quota, int Built, int Born, int Refused, long Declined, int Orphaned, int Shown, int Asked,
    int Parentless, double WaitHoursMean, int OnProbation);

/// <summary>Bounties: posted = filled + partlyFilled + unfilled + open + withdrawn.</summary>
/// <param name="Posted">Posted by the strategic layer.</param>
/// <param name="Filled">Filled.</param>
/// <param name="PartlyFilled">Ended with some delivered.</param>
/// <param name="Unfilled">Ended with nothing delivered.</param>
/// <param name="Open">Not over at the end of the run, or still on its way to the region.</param>
/// <param name="Withdrawn">Ended since they were not wanted any more.</param>
public sealed record BountyCounts(
    int Posted, int Filled, int PartlyFilled, int Unfilled, int Open, int Withdrawn);

/// <summary>Transports between depots. True figures are of the world, the others of the hubs.</summary>
/// <param name="Carriages">How often goods were taken aboard.</param>
/// <param name="HandedTonnes">How much that was, in truth.</param>
/// <param name="CountedTonnes">What counted at its destination.</param>
/// <param name="Losses">How often a carrier lost some of it, in truth; deaths are not among those.</param>
/// <param name="LossesFound">How often hubs found goods missing beyond what two scales err by.</param>
/// <param name="LostTonnes">What was lost, in truth.</param>
/// <param name="LostFoundTonnes">What hubs found missing.</param>
/// <param name="Charged">What carriers were charged for that, credits.</param>
public sealed record TransportFigures(
    int Carriages, double HandedTonnes, double CountedTonnes, int Losses, int LossesFound, double LostTonnes,
    double LostFoundTonnes, double Charged);

/// <summary>Contracts.</summary>
/// <param name="Awarded">Awarded.</param>
/// <param name="Settled">Delivered in time and paid.</param>
/// <param name="Expired">Ran out undelivered.</param>
/// <param name="Released">Given back by the node.</param>
/// <param name="Remarketed">Awards of work that had come back before.</param>
/// <param name="LateDeliveries">Delivered after they had expired.</param>
/// <param name="Missed">Taken back since their holders were silent after a milestone; not among those that
/// ran out.</param>
/// <param name="Resumed">Of those, held again when the holder was heard.</param>
/// <param name="Extended">Due times moved.</param>
/// <param name="Cancelled">Stopped since the work was not wanted any more.</param>
/// <param name="CancelKept">Asked to stop, and delivered since there was cargo aboard.</param>
public sealed record ContractCounts(
    int Awarded, int Settled, int Expired, int Released, int Remarketed, int LateDeliveries, int Missed,
    int Resumed, int Extended, int Cancelled, int CancelKept);

/// <summary>Credits: minted = escrow + inTransit + balances + burned, checked at every fact.</summary>
/// <param name="Minted">Everything ever minted.</param>
/// <param name="Escrow">Held for bounties.</param>
/// <param name="InTransit">On the way between machines.</param>
/// <param name="Balances">Of nodes, of the regions' reserves and of the strategic budget.</param>
/// <param name="Burned">Spent on propellant and spares.</param>
/// <param name="Balanced">Whether the two sides are equal, to the microcredit.</param>
public sealed record LedgerTotals(
    double Minted, double Escrow, double InTransit, double Balances, double Burned, bool Balanced);

/// <summary>Error of the twins, per variable.</summary>
public sealed record TwinErrors(
    ErrorFigures CargoKilograms,
    ErrorFigures PropellantKilograms,
    ErrorFigures WearPercent,
    ErrorFigures PositionKilometres);

/// <summary>Absolute error of the twin of a living, enrolled node, sampled every six hours,
/// fleet-wide.</summary>
/// <param name="P50">Median.</param>
/// <param name="P99">99th percentile.</param>
/// <param name="DeadBand">The dead band, for comparison.</param>
/// <param name="Samples">How many.</param>
public sealed record ErrorFigures(double P50, double P99, double DeadBand, long Samples);

/// <summary>What went over the links.</summary>
/// <param name="Count">Frames given to links.</param>
/// <param name="Bytes">Their bytes, by the size function.</param>
/// <param name="BytesPerNodeDay">Bytes per node and day, both ways.</param>
/// <param name="FullTelemetryBytesPerNodeDay">What the same readings would cost if each set were
/// sent.</param>
/// <param name="ReportBytesPerNodeDay">The part of them that reports state: deviations and revised
/// plans.</param>
/// <param name="Lost">Frames that never arrived: loss, blackout, closed window, dead receiver.</param>
/// <param name="Duplicated">Frames that arrived twice.</param>
public sealed record MessageFigures(
    long Count,
    long Bytes,
    double BytesPerNodeDay,
    double FullTelemetryBytesPerNodeDay,
    double ReportBytesPerNodeDay,
    long Lost,
    long Duplicated);

/// <summary>Returns: judged = accepted + corrected + quarantined.</summary>
/// <param name="Judged">Judged.</param>
/// <param name="Accepted">As they were.</param>
/// <param name="Corrected">With corrections.</param>
/// <param name="Quarantined">Set aside for an operator.</param>
/// <param name="JournalBytesPerNodeDay">Bytes of journals offered.</param>
/// <param name="Convergence">From a node's first offer to the verdict.</param>
/// <param name="BacklogMax">Most returns waiting at once, all hubs together, seen every six hours.</param>
/// <param name="OldestHours">Greatest age of what was not accepted of a returning node.</param>
/// <param name="Waiting">Waiting at the end.</param>
/// <param name="Storm">The return of those whom the great blackout had struck.</param>
/// <param name="Audits">Blocks of raw logs that were asked for.</param>
/// <param name="Reasons">What was found, by name, how often.</param>
/// <param name="Conflicts">What contradicted what the fleet had decided, by kind.</param>
/// <param name="OpenCases">Cases that wait for an operator at the end, all regions together.</param>
public sealed record ReturnFigures(
    long Judged,
    long Accepted,
    long Corrected,
    long Quarantined,
    double JournalBytesPerNodeDay,
    ConvergenceFigures Convergence,
    int BacklogMax,
    double OldestHours,
    int Waiting,
    StormFigures Storm,
    AuditFigures Audits,
    ImmutableArray<ReasonCount> Reasons,
    ImmutableArray<ConflictCount> Conflicts,
    int OpenCases);

/// <summary>How often a kind of conflict was met.</summary>
/// <param name="Kind">Its name; <c>docs/protocol/merge.md</c> says what it means.</param>
/// <param name="Settled">Settled by a rule.</param>
/// <param name="Unsettled">Left to an operator.</param>
public sealed record ConflictCount(string Kind, long Settled, long Unsettled);

/// <summary>Audits of raw logs.</summary>
/// <param name="Blocks">Blocks answered for.</param>
/// <param name="Bad">Those that were wrong, missing or late.</param>
public sealed record AuditFigures(long Blocks, long Bad);

/// <summary>A re-synchronization storm.</summary>
/// <param name="Nodes">Nodes judged since the great blackout ended.</param>
/// <param name="Convergence">From its end to the verdict on each; the slowest is when the storm is
/// over.</param>
public sealed record StormFigures(int Nodes, ConvergenceFigures Convergence);

/// <summary>How long a return takes, in hours.</summary>
/// <param name="P50Hours">Median.</param>
/// <param name="P99Hours">99th percentile.</param>
/// <param name="MaxHours">The slowest.</param>
public sealed record ConvergenceFigures(double P50Hours, double P99Hours, double MaxHours);

/// <summary>Waiting for a berth, in hours; those that berth at once are among them.</summary>
/// <param name="Berthed">How often a node came to a berth.</param>
/// <param name="MeanHours">Mean.</param>
/// <param name="P99Hours">99th percentile.</param>
/// <param name="MaxHours">The longest.</param>
public sealed record BerthFigures(long Berthed, double MeanHours, double P99Hours, double MaxHours);

/// <summary>Waiting for a face at a site, in hours; those that find one free are among them.</summary>
/// <param name="Dug">How often a node began to dig; zero where sites have any number of faces.</param>
/// <param name="MeanHours">Mean.</param>
/// <param name="P99Hours">99th percentile.</param>
/// <param name="MaxHours">The longest.</param>
/// <param name="Tolls">What was paid for faces, credits; part of all tolls.</param>
public sealed record FaceFigures(
    long Dug, double MeanHours, double P99Hours, double MaxHours, double Tolls);

/// <summary>Sites that gave out.</summary>
/// <param name="Over">How many have nothing left at the end.</param>
/// <param name="Short">Extractions that ended for it.</param>
/// <param name="Empty">Of those the ones with next to nothing aboard: wasted trips.</param>
public sealed record SiteFigures(int Over, long Short, long Empty);

/// <summary>How often something was found in returns.</summary>
/// <param name="Reason">Its name; <c>docs/protocol/validation.md</c> says what it means.</param>
/// <param name="Count">How often.</param>
public sealed record ReasonCount(string Reason, long Count);

/// <summary>Staleness in hours.</summary>
/// <param name="P50Hours">Median.</param>
/// <param name="P99Hours">99th percentile.</param>
public sealed record StalenessFigures(double P50Hours, double P99Hours);

/// <summary>Work per node and day.</summary>
/// <param name="Bounties">Bounties posted.</param>
/// <param name="Bids">Offers made.</param>
/// <param name="Awards">Contracts awarded.</param>
/// <param name="Deviations">Deviations recorded.</param>
/// <param name="Deliveries">Deliveries weighed.</param>
/// <param name="Readings">Sets of readings taken.</param>
public sealed record WorkRates(
    double Bounties, double Bids, double Awards, double Deviations, double Deliveries, double Readings);
