using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Merge;

/// <summary>Awarded work, of which the market keeps the only book: what a merge needs to ask about
/// it.</summary>
/// <remarks>An award goes from live to recalled or delivered, from recalled to delivered if it comes late,
/// and from both to forgotten; never back.</remarks>
public interface IAwards
{
    /// <summary>The award of a contract.</summary>
    AwardLine Find(ContractId contract);

    /// <summary>Counts and pays what was weighed, by the market's rule, once for each contract.</summary>
    /// <remarks>What is counted is never more than was weighed, and never what somebody else delivered or
    /// holds.</remarks>
    Settlement Settle(Weighing weighing);
}

/// <summary>Where awarded work stands.</summary>
public enum AwardStatus
{
    /// <summary>No such contract was ever given.</summary>
    Unknown,

    /// <summary>It holds its part of the bounty.</summary>
    Live,

    /// <summary>It ran out or was given back; its part is open again, or somebody else's.</summary>
    Recalled,

    /// <summary>Delivered and settled, in time or late.</summary>
    Delivered,

    /// <summary>It was given once, so long ago that the market knows no more of it.</summary>
    Forgotten,
}

/// <summary>An award as the market knows it.</summary>
/// <param name="Status">Where it stands; the rest is empty when it is unknown or forgotten.</param>
/// <param name="Holder">Whose it is or was.</param>
/// <param name="Epoch">Its fence.</param>
/// <param name="Commodity">What it was for; zero when its bounty is closed.</param>
/// <param name="Quantity">How much of that.</param>
/// <param name="Until">When the cargo was due.</param>
public readonly record struct AwardLine(
    AwardStatus Status, NodeId Holder, Epoch Epoch, Commodity Commodity, Grams Quantity, Instant Until)
{
    /// <summary>Whether it is, or was, a node's under an epoch.</summary>
    public bool IsOf(NodeId node, Epoch epoch) =>
        Status is AwardStatus.Live or AwardStatus.Recalled or AwardStatus.Delivered
        && Holder == node && Epoch == epoch;
}

/// <summary>What the market made of a weighing.</summary>
/// <param name="As">How it was settled.</param>
/// <param name="Counted">What counts towards the bounty.</param>
/// <param name="Paid">What was paid for that.</param>
public readonly record struct Settlement(SettledAs As, Grams Counted, Credits Paid);
