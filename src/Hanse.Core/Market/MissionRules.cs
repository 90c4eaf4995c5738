using System;
using System.Collections.Immutable;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <summary>What every machine of a mission agrees on before it starts: tempo, margins and posted
/// prices.</summary>
public sealed record MissionRules
{
    /// <summary>Furthest any clock is from mission time. Every margin of a lease is built on it.</summary>
    public required TimeSpan ClockErrorMax { get; init; }

    /// <summary>How long a hub collects sealed bids before it opens them; at least a contact
    /// period.</summary>
    public required TimeSpan CyclePeriod { get; init; }

    /// <summary>How long after clearing a node may still accept: it must first come into contact.</summary>
    public required TimeSpan AcceptDelayMax { get; init; }

    /// <summary>Slack of a contract's due time over the arrival that was bid, on top of three
    /// sigma.</summary>
    public required TimeSpan DueSlack { get; init; }

    /// <summary>Dead band per variable, in order of <see cref="Messages.Variable"/> and in its
    /// unit.</summary>
    public required ImmutableArray<ulong> DeadBands { get; init; }

    /// <summary>Price of propellant at every depot, per tonne.</summary>
    public required Credits PropellantPerTonne { get; init; }

    /// <summary>Price of the spares that undo wear, per whole life of a machine.</summary>
    public required Credits SparesPerLife { get; init; }

    /// <summary>What an hour of a node's time is worth to it.</summary>
    public required Credits HourlyCost { get; init; }

    /// <summary>What a node adds to its cost: about one sigma of its own error, against the winner's
    /// curse.</summary>
    public required PartsPerMillion Margin { get; init; }

    /// <summary>What is paid at most for a bounty that has just come on the market, as a share of its value;
    /// at half-time it is all of it.</summary>
    public required PartsPerMillion ReserveStart { get; init; }

    /// <summary>Working capital of a newly enrolled node.</summary>
    public required Credits SeedPerNode { get; init; }

    /// <summary>What a node may own without demurrage.</summary>
    public required Credits HoardCeiling { get; init; }

    /// <summary>Share of a bounty that may be missing and it still counts as filled: the scale's
    /// tolerance.</summary>
    public required PartsPerMillion FillTolerance { get; init; }

    /// <summary>How long after its due time a hub still recognises a delivery.</summary>
    public required TimeSpan LateDeliveryMax { get; init; }

    /// <summary>So many contact windows in a row without a word from the holder, after a milestone of its
    /// contract, end its lease; zero for never. Loss takes one, a short blackout another.</summary>
    public required int MilestoneWindows { get; init; }

    /// <summary>How much later one extension moves a due time at most; zero for no extensions.</summary>
    public required TimeSpan ExtensionMax { get; init; }

    /// <summary>What a winner stakes, as a share of what it is to be paid; zero for nothing.</summary>
    public required PartsPerMillion BondShare { get; init; }

    /// <summary>Whether hubs post what their berths are going to cost and how long the wait is; without that,
    /// nodes count on a wait by rule of thumb.</summary>
    public bool ArePricedBerths { get; init; }

    /// <summary>Whether hubs post what an hour of their nodes has earned of late, which nodes ask for on top
    /// of what a trip costs.</summary>
    public bool IsHourPosted { get; init; }

    /// <summary>Whether hubs post what faces of their sites are going to cost and how long the wait is;
    /// without that, nodes count on no wait there.</summary>
    public bool ArePricedFaces { get; init; }

    /// <summary>Share of a region's nodes that may be held back for a joint work that needs more than are
    /// free; zero for none.</summary>
    public PartsPerMillion JointHoldShare { get; init; }

    /// <summary>Batches in a row through which they are held back at most.</summary>
    public int JointHoldBatches { get; init; }

    /// <summary>Work other than deliveries; none by default.</summary>
    public WorkRules Work { get; init; } = WorkRules.None;

    /// <summary>The bond of work for so much, rounded down.</summary>
    public Credits Bond(Credits worth) =>
        new((long)((Int128)worth.Micro * BondShare.Value / 1_000_000));
}
