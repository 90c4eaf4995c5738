namespace Hanse.Core.Reconcile;

/// <summary>The layers of validation, cheapest first.</summary>
public enum Layer
{
    /// <summary>Sizes, limits, schema version.</summary>
    WellFormed = 1,

    /// <summary>One append-only journal, block after block, with a clock and boots that make sense.</summary>
    Continuous = 2,

    /// <summary>Signed by the key that was valid.</summary>
    Authentic = 3,

    /// <summary>Decided by software that was authorised.</summary>
    ApprovedSoftware = 4,

    /// <summary>Nothing out of nothing.</summary>
    Conserved = 5,

    /// <summary>As the plan, physics and independent sightings have it.</summary>
    Plausible = 6,

    /// <summary>The same decision when taken again.</summary>
    ReExecuted = 7,

    /// <summary>The raw logs are there and are what was signed.</summary>
    Audited = 8,
}

/// <summary>What a reason does to a return.</summary>
public enum Severity
{
    /// <summary>Worth knowing; nothing follows.</summary>
    Noted = 0,

    /// <summary>The claims are taken with a stated correction.</summary>
    Corrected = 1,

    /// <summary>The claims of this return are not acted on.</summary>
    Quarantined = 2,
}

/// <summary>Why a return is what it is found to be. The hundreds are the <see cref="Layer"/>; a number is
/// never used again. What an operator should do is in <c>docs/protocol/validation.md</c>.</summary>
public enum ReasonCode
{
    /// <summary>The offer has no readable signed note, or its notes are not in order.</summary>
    OfferMalformed = 101,

    /// <summary>A block longer than a block may be.</summary>
    BlockTooLong = 102,

    /// <summary>A block that is no canonical block, sent alike twice.</summary>
    BlockMalformed = 103,

    /// <summary>A limit of the return was passed: blocks, bytes, claims or segments.</summary>
    LimitExceeded = 104,

    /// <summary>The upload was not complete by its deadline.</summary>
    Incomplete = 105,

    /// <summary>Bytes do not lead to the signed root, even when sent again: storage or link is broken, or
    /// they are not the bytes that were signed.</summary>
    Damaged = 106,

    /// <summary>Bytes were damaged and came whole when sent again.</summary>
    Resent = 107,

    /// <summary>Packed observations that do not unpack.</summary>
    ObservationsMalformed = 108,

    /// <summary>A block of a schema that this hub does not read.</summary>
    SchemaUnknown = 109,

    /// <summary>The journal of another node.</summary>
    OtherNode = 201,

    /// <summary>A block is missing or out of its place.</summary>
    NumberSkipped = 202,

    /// <summary>Two different signed roots for one size.</summary>
    Equivocation = 203,

    /// <summary>The offered head is older than the accepted one.</summary>
    RolledBack = 204,

    /// <summary>The offered head does not extend the accepted one.</summary>
    Rewritten = 205,

    /// <summary>Time went back and no entry says so.</summary>
    ClockWentBack = 206,

    /// <summary>The clock was set, as an entry says.</summary>
    ClockStepped = 207,

    /// <summary>The node's clock is ahead of the hub's by more than the mission allows.</summary>
    ClockAhead = 208,

    /// <summary>A boot with a number that was used before.</summary>
    BootWentBack = 209,

    /// <summary>Another boot began without an entry that says so.</summary>
    BootUndeclared = 210,

    /// <summary>Boots that left no entry.</summary>
    BootsSkipped = 211,

    /// <summary>Nothing was recorded for a time, as an entry says.</summary>
    GapDeclared = 212,

    /// <summary>The clock was set more often than a clock is.</summary>
    ClockUnsteady = 213,

    /// <summary>A raw segment out of its place.</summary>
    SegmentSkipped = 214,

    /// <summary>A signature that does not verify.</summary>
    Forged = 301,

    /// <summary>Signed by no key of this node.</summary>
    KeyUnknown = 302,

    /// <summary>Signed by a key after its successor was named: stolen, or never erased.</summary>
    KeyRetired = 303,

    /// <summary>A key was changed twice without a checkpoint between.</summary>
    KeyChangedTwice = 304,

    /// <summary>The key was changed, by a checkpoint that the former one signed.</summary>
    KeyChanged = 305,

    /// <summary>The measured core was not authorised for this node at that time.</summary>
    CoreUnapproved = 401,

    /// <summary>A decision by a skill that was not authorised for this node at that time.</summary>
    SkillUnapproved = 402,

    /// <summary>A decision by a skill that is not in the manifest of its boot.</summary>
    SkillUnknown = 403,

    /// <summary>Work given under an authority that the hub did not have, or an authority that nobody gave
    /// it.</summary>
    AuthorityUnfounded = 404,

    /// <summary>More left than there was.</summary>
    BelowZero = 501,

    /// <summary>More than there is room for.</summary>
    AboveCapacity = 502,

    /// <summary>A resource changed for a cause that cannot change it.</summary>
    CauseImpossible = 503,

    /// <summary>An unloading or a refuelling that no depot knows of.</summary>
    DockingUnmatched = 504,

    /// <summary>An unloading or a refuelling claimed twice.</summary>
    DockingRepeated = 505,

    /// <summary>A depot knows of an unloading or a refuelling that the node does not.</summary>
    DockingUnreported = 506,

    /// <summary>A counted level a little off the books: the books go on from it.</summary>
    CountRebased = 507,

    /// <summary>A counted level that no movement explains.</summary>
    CountImpossible = 508,

    /// <summary>A depot measured something else than was taken from it.</summary>
    DockingDiffers = 509,

    /// <summary>Work of a bounty, or an end of one, that is not in the region's books.</summary>
    BountyUnknown = 510,

    /// <summary>More was given to a node, or counted, than was open.</summary>
    AwardExceedsOpen = 511,

    /// <summary>A contract at a price above its bounty's.</summary>
    PriceAboveReserve = 512,

    /// <summary>A node that does not belong to the region, or joined it twice.</summary>
    NodeUnknown = 513,

    /// <summary>A node with two live contracts.</summary>
    NodeHeldTwice = 514,

    /// <summary>A contract whose number or epoch does not fence off those before it.</summary>
    EpochNotRising = 515,

    /// <summary>The end of a contract that nobody holds: unknown, or ended before.</summary>
    ContractNotHeld = 516,

    /// <summary>A payment that is not the price of what counted.</summary>
    PaidOtherwise = 517,

    /// <summary>More was paid or sent home than is left of the escrow, or less than that was sent
    /// home.</summary>
    EscrowExceeded = 518,

    /// <summary>More was taken from a balance or the reserve than was in it.</summary>
    BalanceExceeded = 519,

    /// <summary>A verdict on a node that does not follow the one before it.</summary>
    VerdictUnfounded = 520,

    /// <summary>Parts that no store had, that were handed out before, or of which more was built or brought
    /// back than was handed out.</summary>
    PartsUnfounded = 521,

    /// <summary>Wear that was undone, and no depot sold spares for it, nor was another machine paid for
    /// it.</summary>
    RepairUnfounded = 522,

    /// <summary>More in the time than the machine can do.</summary>
    RateExceeded = 601,

    /// <summary>Readings outside what the sensor can read.</summary>
    ReadingOutOfRange = 602,

    /// <summary>Readings that change faster than they can.</summary>
    ReadingTooFast = 603,

    /// <summary>Claims are off by a steady share, which is taken out.</summary>
    BiasCorrected = 604,

    /// <summary>Claims and independent sightings have nothing to do with each other.</summary>
    BiasDoubted = 605,

    /// <summary>Credits came or went that the strategic layer's own ledger tells otherwise.</summary>
    LedgerDiffers = 606,

    /// <summary>The output is not the one that was recorded.</summary>
    OutputDiffers = 701,

    /// <summary>A decision could not be taken again here.</summary>
    ReplayUnavailable = 702,

    /// <summary>A raw block that is not the one under the signed root.</summary>
    LeafWrong = 801,

    /// <summary>A raw block that the node does not have any more.</summary>
    LeafMissing = 802,

    /// <summary>A raw block that did not come in time.</summary>
    LeafLate = 803,

    /// <summary>Cited raw leaves that were not asked for: they lie in no segment sealed by this return, or
    /// are too many.</summary>
    CitedUnchecked = 804,
}

/// <summary>Properties of reason codes.</summary>
public static class ReasonCodes
{
    /// <summary>The layer that finds it.</summary>
    public static Layer LayerOf(this ReasonCode code) => (Layer)((int)code / 100);

    /// <summary>What it does to a return.</summary>
    public static Severity SeverityOf(this ReasonCode code) => code switch
    {
        ReasonCode.Resent or ReasonCode.ClockStepped or ReasonCode.BootsSkipped or ReasonCode.GapDeclared
            or ReasonCode.KeyChanged or ReasonCode.ReplayUnavailable or ReasonCode.CitedUnchecked
            => Severity.Noted,
        ReasonCode.ClockAhead or ReasonCode.CountRebased or ReasonCode.BiasCorrected => Severity.Corrected,
        _ => Severity.Quarantined,
    };
}
