using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>What became of a node in one batch in which a bounty was asked for.</summary>
public enum BidOutcome
{
    /// <summary>It was not heard while the batch was open: out of reach, or dead.</summary>
    NotHeard = 1,

    /// <summary>It held a contract, and so was not asked.</summary>
    Leased,

    /// <summary>It was heard and did not answer: it was to leave the region, may not bid, or its answer was
    /// lost.</summary>
    NoAnswer,

    /// <summary>It answered that it does not bid; <see cref="BidFate.Reason"/> says why.</summary>
    NoBid,

    /// <summary>It asked for more than the reserve.</summary>
    AboveReserve,

    /// <summary>It would have come after the deadline.</summary>
    AfterDeadline,

    /// <summary>It won another bounty of the batch.</summary>
    TookOther,

    /// <summary>Others asked for less, and took all there was.</summary>
    Outbid,

    /// <summary>Others asked for as much, and the draw gave them all there was.</summary>
    LostDraw,

    /// <summary>It was not taken though some was left: what it offered came to nothing meanwhile.</summary>
    NotGiven,

    /// <summary>It was not taken since a part of the joint work found nobody, and so none of it was
    /// given.</summary>
    NotWhole,

    /// <summary>It was held back for a joint work, and so not in the batch for this.</summary>
    HeldBack,

    /// <summary>It was given work.</summary>
    Awarded,
}

/// <summary>What became of one node in one batch.</summary>
/// <param name="Node">The node.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why it did not bid.</param>
/// <param name="Quantity">What it offered.</param>
/// <param name="Ask">The least it would have taken per lot.</param>
/// <param name="Arrives">When it would have come.</param>
/// <param name="Contract">The work it was given.</param>
public sealed record BidFate(
    NodeId Node,
    BidOutcome Outcome,
    NoBidReason Reason = NoBidReason.None,
    Grams Quantity = default,
    Credits Ask = default,
    Instant Arrives = default,
    BountyContract? Contract = null)
{
    /// <summary>As what its ask was ranked: more, when its work has cost more than it asked.</summary>
    public Credits RankedAt { get; init; } = Ask;

    /// <summary>What of its ask is the worth of its hours, as it was posted.</summary>
    public Credits ForHours { get; init; }

    /// <summary>The site where it would have dug, and the toll of that by what it was shown; null where faces
    /// have no price.</summary>
    public (SiteId Site, Credits Toll)? Visit { get; init; }
}

/// <summary>Work that was given for a bounty, and what became of it.</summary>
/// <param name="id">Its name.</param>
/// <param name="winner">Who does what, and what for.</param>
public sealed class BountyContract(ContractId id, Winner winner)
{
    /// <summary>Its name.</summary>
    public ContractId Id { get; } = id;

    /// <summary>Who does what, and what for.</summary>
    public Winner Winner { get; } = winner;

    /// <summary>How it ended; null while it runs.</summary>
    public ContractOutcome? Outcome { get; internal set; }

    /// <summary>What counted.</summary>
    public Grams Counted { get; internal set; }

    /// <summary>What was paid.</summary>
    public Credits Paid { get; internal set; }
}
