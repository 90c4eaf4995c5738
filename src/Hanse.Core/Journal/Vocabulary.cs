namespace Hanse.Core.Journal;

/// <summary>What is conserved on a node, each with one unit. The numbers are in journals for ever.</summary>
public enum Resource
{
    /// <summary>Cargo aboard, in grams.</summary>
    Cargo = 1,

    /// <summary>Propellant aboard, in grams.</summary>
    Propellant = 2,

    /// <summary>Wear: parts per million of the machine's life used up. Only a repair takes it back.</summary>
    Wear = 3,

    /// <summary>Energy stored, in joules.</summary>
    Energy = 4,
}

/// <summary>Why a conserved quantity changed. The numbers are in journals for ever.</summary>
public enum Cause
{
    /// <summary>Dug or baked out of a body: it grows.</summary>
    Extracted = 1,

    /// <summary>Taken aboard at a depot, or from another node: it grows.</summary>
    Taken = 2,

    /// <summary>Generated aboard, or worn: it grows.</summary>
    Accrued = 3,

    /// <summary>Burned, consumed or spent: it shrinks.</summary>
    Used = 4,

    /// <summary>Handed to a depot or to another node: it shrinks.</summary>
    Given = 5,

    /// <summary>Lost: leaked, dropped, boiled off: it shrinks.</summary>
    Lost = 6,

    /// <summary>Undone by a repair: wear shrinks.</summary>
    Repaired = 7,
}

/// <summary>What a lease is for. The numbers are in journals for ever.</summary>
public enum LeaseKind
{
    /// <summary>A contract; the subject is its number.</summary>
    Contract = 1,

    /// <summary>A mining site.</summary>
    Site = 2,

    /// <summary>A berth of a depot.</summary>
    Berth = 3,

    /// <summary>A flight corridor.</summary>
    Corridor = 4,
}

/// <summary>Who could be harmed by a decision. The numbers are in journals for ever.</summary>
public enum DecisionClass
{
    /// <summary>Nobody: re-executed by sample.</summary>
    Routine = 1,

    /// <summary>Somebody: every one is re-executed.</summary>
    Safety = 2,
}
