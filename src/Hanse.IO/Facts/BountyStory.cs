using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>One batch in which a bounty was asked for.</summary>
/// <param name="Hub">Whose.</param>
/// <param name="Cycle">Its number.</param>
/// <param name="Opened">When the requests went out, by the hub's clock.</param>
/// <param name="Cleared">When the answers were opened.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Price">What all winners are paid per lot; null when there were none.</param>
/// <param name="PriceSetBy">The node whose bid set it, being the lowest that did not win; null when it is the
/// reserve, or when nobody won.</param>
/// <param name="Fates">Every node of the region, in order.</param>
public sealed record BountyBatch(
    Party Hub,
    CycleNumber Cycle,
    Instant Opened,
    Instant Cleared,
    Request Request,
    Credits? Price,
    NodeId? PriceSetBy,
    IReadOnlyList<BidFate> Fates);

/// <summary>What became of a bounty, and why.</summary>
public sealed class BountyStory
{
    internal BountyStory(Bounty bounty, Instant posted, RegionId region)
    {
        Bounty = bounty;
        Posted = posted;
        Region = region;
    }

    /// <summary>What was posted.</summary>
    public Bounty Bounty { get; }

    /// <summary>When, by the strategic layer's clock.</summary>
    public Instant Posted { get; }

    /// <summary>To which region at first.</summary>
    public RegionId Region { get; }

    /// <summary>When a hub had it, by its clock; null when none has.</summary>
    public Instant? Opened { get; internal set; }

    /// <summary>When it was over; null while it is open.</summary>
    public Instant? Closed { get; internal set; }

    /// <summary>How it ended; nothing while it is open.</summary>
    public BountyOutcome? Outcome { get; internal set; }

    /// <summary>Cycles that were opened while it was on the market and did not ask for it: it was under
    /// contract or delivered, or others were more urgent.</summary>
    public int CyclesNotAsked { get; internal set; }

    /// <summary>Batches in which it was asked for, in their order.</summary>
    public IReadOnlyList<BountyBatch> Batches => BatchList;

    /// <summary>Contracts of it, in their order.</summary>
    public IReadOnlyList<BountyContract> Contracts => ContractList;

    /// <summary>When less of it was wanted, and what then, as its hub heard; in order.</summary>
    public IReadOnlyList<(Instant At, Grams Total)> Reductions => ReductionList;

    internal List<(Instant At, Grams Total)> ReductionList { get; } = [];

    internal List<BountyBatch> BatchList { get; } = [];

    internal List<BountyContract> ContractList { get; } = [];
}
