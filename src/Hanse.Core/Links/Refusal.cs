namespace Hanse.Core.Links;

/// <summary>Why a machine did not act on what it was sent. An answer of the protocol, for logs and
/// counters.</summary>
public enum Refusal
{
    /// <summary>The frame is for somebody else.</summary>
    NotForMe = 1,

    /// <summary>The sender does not belong here.</summary>
    UnknownSender,

    /// <summary>This sender may not send this kind of message.</summary>
    WrongDirection,

    /// <summary>The machine has no authority yet.</summary>
    NotChartered,

    /// <summary>The roster is full.</summary>
    RosterFull,

    /// <summary>The bids answer another cycle, or came twice, or from a node under contract.</summary>
    BidsNotTaken,

    /// <summary>No such live contract of this node under this epoch.</summary>
    UnknownContract,

    /// <summary>The cargo was weighed before.</summary>
    AlreadyDelivered,

    /// <summary>The bounty cannot be put on this market.</summary>
    BountyNotTaken,

    /// <summary>No such transfer is under way.</summary>
    UnknownTransfer,

    /// <summary>The operator's order makes no sense here.</summary>
    UnknownRegion,

    /// <summary>The node has been enrolled already.</summary>
    AlreadyEnrolled,

    /// <summary>More bytes at once than the receiver takes: offer fewer.</summary>
    TooMuch,

    /// <summary>The region's last return was quarantined: it gets nothing new until an operator has
    /// looked.</summary>
    RegionQuarantined,

    /// <summary>What the node says of sites does not count now, or there is no room for another
    /// site.</summary>
    NotHeard,

    /// <summary>A call for help that cannot be taken up.</summary>
    HelpNotTaken,

    /// <summary>No such rollout, or none that can be meant.</summary>
    RolloutNotTaken,

    /// <summary>The order of a rollout is not signed by as many operators as it takes, or a signature does
    /// not hold.</summary>
    RolloutNotSigned,

    /// <summary>A number that may be born enrols without a certificate, or with another key.</summary>
    NotBorn,

    /// <summary>A quota of births that cannot be meant, is another's, or is not signed as it must
    /// be.</summary>
    BirthsNotTaken,

    /// <summary>A hub has been silent for so long that its region is to be given up, and no other hub can
    /// take over.</summary>
    NoSuccessor,
}
