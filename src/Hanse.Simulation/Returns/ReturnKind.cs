namespace Hanse.Simulation.Returns;

/// <summary>What kind of return is played: honest ones first, then every kind of bad node.</summary>
public enum ReturnKind
{
    /// <summary>Honest, with sensors that are right but for noise; nothing happens to it.</summary>
    Exact,

    /// <summary>Honest, with sensors off by 5 to 10 %, reboots, declared clock steps, gaps and a torn
    /// tail.</summary>
    Honest,

    /// <summary>Honest, over a link that turns bits over and repeats pieces.</summary>
    LinkRot,

    /// <summary>Its storage rots after signing: what it sends is not what it signed.</summary>
    StoredRot,

    /// <summary>Its memory rots before signing: it signs what it did not mean.</summary>
    SignedRot,

    /// <summary>The upload ends in the middle and never goes on.</summary>
    Truncated,

    /// <summary>It forgets its last days and signs what is left.</summary>
    Shortened,

    /// <summary>Its clock jumps back by more than a block and nothing says so.</summary>
    ClockBack,

    /// <summary>Its clock jumps ahead and nothing says so.</summary>
    ClockAhead,

    /// <summary>It signs two heads of one size.</summary>
    Equivocation,

    /// <summary>It changes what was accepted before and goes on from there.</summary>
    Rewritten,

    /// <summary>It decides by a skill that nobody approved.</summary>
    UnapprovedSkill,

    /// <summary>It runs a core that nobody approved.</summary>
    UnapprovedCore,

    /// <summary>It unloads more than is aboard.</summary>
    ImpossibleBalance,

    /// <summary>Plausible lie: it claims a constant share too much cargo.</summary>
    Overclaim,

    /// <summary>Plausible lie: it claims more too much with every trip.</summary>
    GrowingLie,

    /// <summary>Plausible lie: it leaves out wear.</summary>
    HiddenWear,

    /// <summary>It claims to dig faster than its class can.</summary>
    BeyondRate,

    /// <summary>Some of its decisions are not what their function says.</summary>
    WrongDecision,

    /// <summary>A share of its raw leaves is not what it sealed.</summary>
    SpoiledLeaves,

    /// <summary>A share of its raw leaves is gone.</summary>
    MissingLeaf,

    /// <summary>It shows a head that is older than the accepted one.</summary>
    ReplayedOld,

    /// <summary>A thief goes on from a head with a key that was rotated out.</summary>
    StolenKey,

    /// <summary>A signature that no key of the node made.</summary>
    ForgedSignature,

    /// <summary>It shows the journal of another node.</summary>
    OtherNode,

    /// <summary>It claims one docking twice.</summary>
    DuplicateDelivery,
}

/// <summary>Properties of kinds.</summary>
public static class ReturnKinds
{
    /// <summary>Whether nothing may be held against it.</summary>
    public static bool IsHonest(this ReturnKind kind) => kind <= ReturnKind.LinkRot;

    /// <summary>Whether every single one must be caught: it can be seen from the bytes alone.</summary>
    public static bool MustBeCaught(this ReturnKind kind) => kind is ReturnKind.StoredRot
        or ReturnKind.Truncated or ReturnKind.ClockBack or ReturnKind.Equivocation or ReturnKind.Rewritten
        or ReturnKind.UnapprovedSkill or ReturnKind.UnapprovedCore or ReturnKind.ImpossibleBalance
        or ReturnKind.ReplayedOld or ReturnKind.StolenKey or ReturnKind.ForgedSignature
        or ReturnKind.OtherNode or ReturnKind.DuplicateDelivery;
}
