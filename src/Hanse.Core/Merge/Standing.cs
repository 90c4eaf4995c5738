namespace Hanse.Core.Merge;

/// <summary>How far a node's word counts. In order of gravity; the numbers are in snapshots.</summary>
public enum Standing
{
    /// <summary>Its claims count as they are.</summary>
    Trusted = 1,

    /// <summary>Its claims count once corrected by what is known of its sensors.</summary>
    Corrected = 2,

    /// <summary>Its claims do not count until an operator has looked.</summary>
    Quarantined = 3,
}

/// <summary>What a node may want to do.</summary>
public enum NodeAct
{
    /// <summary>Finish work it was allotted before.</summary>
    FinishAllotted,

    /// <summary>Come home, and dock.</summary>
    ComeHome,

    /// <summary>Buy propellant and spares from its own balance.</summary>
    Refuel,

    /// <summary>Spend a quota it was given before.</summary>
    SpendGiven,

    /// <summary>Bid for work.</summary>
    Bid,

    /// <summary>Take a new lease or a new right.</summary>
    TakeLease,

    /// <summary>Have what it says of sites and maps counted.</summary>
    ClaimShared,
}

/// <summary>What a standing allows.</summary>
/// <remarks>
/// Quarantine keeps a node's claims out of what others rely on; it does not strand the node. A machine that
/// may not come home or buy propellant would be lost for certain, and one that may not finish what it was
/// allotted would leave the fleet with less than it plans with; what it delivers is weighed by the depot
/// anyway, and what it spends was set aside for it.
/// </remarks>
public static class Privileges
{
    /// <summary>Whether a node of a standing may act so.</summary>
    public static bool May(this Standing standing, NodeAct act) =>
        standing != Standing.Quarantined
        || act is NodeAct.FinishAllotted or NodeAct.ComeHome or NodeAct.Refuel or NodeAct.SpendGiven;
}
