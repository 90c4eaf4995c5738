namespace Hanse.Simulation.Fleet;

/// <summary>The kinds of event; the low four bits of an event's payload.</summary>
internal enum Happening
{
    /// <summary>A machine's alarm.</summary>
    Alarm,

    /// <summary>A frame arrives; the argument is its place in the slab.</summary>
    Frame,

    /// <summary>A node's sensors are read.</summary>
    Reading,

    /// <summary>A node leaves on a flight; the argument is the order's number.</summary>
    Departure,

    /// <summary>A node's machine is done with an order; the argument is its number.</summary>
    OrderEnd,

    /// <summary>A served node hears that its docking is over; the argument is the order's number.</summary>
    Undocking,

    /// <summary>A docked node's cargo is on the scale: the hub hears of it; the argument is its place in the
    /// slab.</summary>
    Weighing,

    /// <summary>A node dies.</summary>
    Death,

    /// <summary>The operator orders a bounty; the argument is its place in the list.</summary>
    BountyOrder,

    /// <summary>Twins are compared with the truth, and people are told how things stand.</summary>
    Look,

    /// <summary>A machine's driver answers what it was asked (a signature, a nonce); the argument is the
    /// input's place in the slab.</summary>
    Answer,

    /// <summary>A node's raw log of a day is sealed.</summary>
    Seal,

    /// <summary>A machine will crash in its next step.</summary>
    Crash,

    /// <summary>The operator orders a node, drawn by lot, to another region.</summary>
    Handover,

    /// <summary>A node breaks down, as soon as it stands still.</summary>
    Breakdown,

    /// <summary>A node is commissioned.</summary>
    Commission,
}
