using System.Collections.Generic;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>A payment for cargo that was weighed, or for work that was cancelled.</summary>
/// <param name="At">When, by the hub's clock.</param>
/// <param name="Hub">Who paid.</param>
/// <param name="Contract">What for.</param>
/// <param name="Node">To whom.</param>
/// <param name="PricePerLot">The contract's price.</param>
/// <param name="Counted">What counted.</param>
/// <param name="Paid">What was paid.</param>
public sealed record AuditedPayment(
    Instant At, Party Hub, ContractId Contract, NodeId Node, Credits PricePerLot, Grams Counted,
        Credits Paid)
{
    /// <summary>Whether it is for work that was cancelled.</summary>
    public bool IsCompensation { get; init; }
}

/// <summary>The money of one bounty, over all machines.</summary>
public sealed class AuditedBounty
{
    internal AuditedBounty(Bounty bounty) => Bounty = bounty;

    /// <summary>What was posted.</summary>
    public Bounty Bounty { get; }

    /// <summary>Lots that went back, with their worth, while it was open.</summary>
    public Grams GoneBack { get; internal set; }

    /// <summary>The bounty as it stands: less by what went back.</summary>
    public Bounty Standing => Bounty with { Total = Bounty.Total - GoneBack };

    /// <summary>When the strategic layer posted it, by its clock.</summary>
    public Instant PostedAt { get; internal set; }

    /// <summary>The region that has it, or had it last.</summary>
    public RegionId Region { get; internal set; }

    /// <summary>Minted for it; the rest of its worth was in the budget.</summary>
    public Credits Minted { get; internal set; }

    /// <summary>Whether a hub has its escrow.</summary>
    public bool IsOpened { get; internal set; }

    /// <summary>What is wanted of it by the strategic layer's last order; null when all is.</summary>
    public Grams? Ordered { get; internal set; }

    /// <summary>The same as its hub has heard it.</summary>
    public Grams? Wanted { get; internal set; }

    /// <summary>Of what was paid, for work that was cancelled.</summary>
    public Credits Compensated { get; internal set; }

    /// <summary>Whether its joint work will not be whole any more.</summary>
    public bool IsBroken { get; internal set; }

    /// <summary>Weighed and counted.</summary>
    public Grams Counted { get; internal set; }

    /// <summary>Paid to nodes.</summary>
    public Credits Paid { get; internal set; }

    /// <summary>Sent home when it was over.</summary>
    public Credits Returned { get; internal set; }

    /// <summary>When it was over, by the hub's clock; null while it is open.</summary>
    public Instant? ClosedAt { get; internal set; }

    /// <summary>How it ended; meaningless while it is open.</summary>
    public BountyOutcome Outcome { get; internal set; }

    /// <summary>Payments in their order.</summary>
    public IReadOnlyList<AuditedPayment> Payments => List;

    internal List<AuditedPayment> List { get; } = [];

    /// <summary>Whether it may be reduced to this since the rest has arrived. How much of that suffices is a
    /// matter of the scale's tolerance, which is not in the file.</summary>
    internal bool IsBackupOver(Grams total) =>
        Bounty.Backup > Grams.Zero && total == Bounty.Needed && Counted > Grams.Zero;

    /// <summary>Whether it may be reduced to this since the rest of its joint work will not come: no less is
    /// wanted than has arrived.</summary>
    internal bool IsJointOver(Grams total) => IsBroken && total == Counted;

    /// <summary>Pays, and checks that no more is paid than the bounty is worth.</summary>
    internal void Pay(AuditStep step, AuditedPayment payment)
    {
        Counted += payment.Counted;
        Paid += payment.Paid;
        Compensated += payment.IsCompensation ? payment.Paid : Credits.Zero;
        List.Add(payment);
        _ = step.Demand(
            Counted <= Standing.Total, $"more counts for bounty {Bounty.Id.Value} than it asks for");
        _ = step.Demand(
            Paid <= Standing.Worth, $"more is paid for bounty {Bounty.Id.Value} than it is worth");
    }

    /// <summary>Another region takes it over as accepted books have it: what was paid after that is
    /// void.</summary>
    /// <returns>The payments that are void.</returns>
    internal IReadOnlyList<AuditedPayment> TakeOver(AuditStep step, Grams counted, Credits paid)
    {
        int kept = 0;
        (Grams countedSoFar, Credits paidSoFar) = (Grams.Zero, Credits.Zero);
        while (kept < List.Count && (paidSoFar != paid || countedSoFar != counted))
        {
            countedSoFar += List[kept].Counted;
            paidSoFar += List[kept].Paid;
            kept++;
        }

        _ = step.Demand(
            paidSoFar == paid && countedSoFar == counted,
            $"bounty {Bounty.Id.Value} is handed on with {Text.Credits(paid)} paid, which it never had");
        AuditedPayment[] rest = [.. List[kept..]];
        foreach (AuditedPayment undone in rest)
        {
            Compensated -= undone.IsCompensation ? undone.Paid : Credits.Zero;
        }

        List.RemoveRange(kept, rest.Length);
        (Counted, Paid) = (counted, paid);
        return rest;
    }
}
