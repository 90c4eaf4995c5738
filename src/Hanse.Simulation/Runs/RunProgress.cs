using System;
using System.Collections.Immutable;

namespace Hanse.Simulation.Runs;

/// <summary>How a run stands at an instant, for people who watch.</summary>
public sealed record RunProgress
{
    /// <summary>Mission time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The whole length.</summary>
    public required TimeSpan Total { get; init; }

    /// <summary>Events so far.</summary>
    public required long Events { get; init; }

    /// <summary>Nodes that live.</summary>
    public required int Alive { get; init; }

    /// <summary>Nodes that have died.</summary>
    public required int Dead { get; init; }

    /// <summary>Nodes under contract by their hubs' books.</summary>
    public required int UnderContract { get; init; }

    /// <summary>Nodes that their hubs call late.</summary>
    public required int Late { get; init; }

    /// <summary>How bounties stand.</summary>
    public required BountyCounts Bounties { get; init; }

    /// <summary>Bounties on the market.</summary>
    public required int BountiesOpen { get; init; }

    /// <summary>How contracts stand.</summary>
    public required ContractCounts Contracts { get; init; }

    /// <summary>The books of all machines together.</summary>
    public required LedgerTotals Ledger { get; init; }

    /// <summary>Median and 99th percentile of the age of the newest frame heard from a living node, in
    /// hours.</summary>
    public required StalenessFigures Staleness { get; init; }

    /// <summary>The named bounties of the scenario.</summary>
    public required ImmutableArray<NamedBountyStatus> Named { get; init; }

    /// <summary>What happened since the last call that people would like to hear, oldest first; at most
    /// 50.</summary>
    public required ImmutableArray<RunEvent> News { get; init; }
}

/// <summary>One thing that happened.</summary>
/// <param name="At">Mission time.</param>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Text">In words.</param>
public sealed record RunEvent(TimeSpan At, RunEventKind Kind, string Text);

/// <summary>Kinds of things that happen.</summary>
public enum RunEventKind
{
    /// <summary>A bounty was posted.</summary>
    BountyPosted,

    /// <summary>A bounty was filled.</summary>
    BountyFilled,

    /// <summary>A bounty ended unfilled or partly filled.</summary>
    BountyFailed,

    /// <summary>A node died.</summary>
    NodeDied,

    /// <summary>A contract ran out and its work went back on the market.</summary>
    ContractExpired,

    /// <summary>Work that had come back was awarded to another node.</summary>
    ContractReawarded,

    /// <summary>A delivery came late and was recognised.</summary>
    LateDelivery,

    /// <summary>A region lost or regained the strategic layer.</summary>
    RegionDark,
}

/// <summary>A named bounty, as its hub's books have it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Depot">Where.</param>
/// <param name="WantedTonnes">How much.</param>
/// <param name="DeliveredTonnes">Weighed so far.</param>
/// <param name="Deliveries">How many deliveries that took.</param>
/// <param name="UnderContractTonnes">Held by live contracts.</param>
/// <param name="PaidCredits">Paid so far.</param>
/// <param name="WorthCredits">Its whole worth.</param>
/// <param name="DeadlineDay">By when.</param>
/// <param name="FilledDay">When it was filled; null while it is not.</param>
/// <param name="Outcome">How it ended; null while it is open or not yet posted.</param>
public sealed record NamedBountyStatus(
    string Name,
    string Depot,
    double WantedTonnes,
    double DeliveredTonnes,
    int Deliveries,
    double UnderContractTonnes,
    double PaidCredits,
    double WorthCredits,
    double DeadlineDay,
    double? FilledDay,
    Core.Messages.BountyOutcome? Outcome);
