using System;

namespace Hanse.Simulation.Orbits;

/// <summary>What a mine can yield.</summary>
public enum Ore
{
    /// <summary>Nickel of the metal phase.</summary>
    Nickel,

    /// <summary>Iron of the metal phase and of troilite.</summary>
    Iron,

    /// <summary>Water, bound in hydrated minerals.</summary>
    Water,

    /// <summary>Rock: shielding, glass, regolith for printing.</summary>
    Silicate,
}

/// <summary>Parts per million by mass of each ore in the ground; none negative, together at most a
/// million.</summary>
public readonly record struct OreGrade(int NickelPpm, int IronPpm, int WaterPpm, int SilicatePpm)
{
    /// <summary>Parts per million of one ore.</summary>
    public int this[Ore ore] => ore switch
    {
        Ore.Nickel => NickelPpm,
        Ore.Iron => IronPpm,
        Ore.Water => WaterPpm,
        Ore.Silicate => SilicatePpm,
        _ => throw new ArgumentOutOfRangeException(nameof(ore), ore, "no such ore"),
    };

    /// <summary>Parts per million of all ores together; what is missing from a million is of no
    /// use.</summary>
    public int TotalPpm => NickelPpm + IronPpm + WaterPpm + SilicatePpm;
}

/// <summary>What the class of an asteroid lets one expect of its ground.</summary>
/// <param name="Mean">Grades of the class, before any place differs from another.</param>
/// <param name="Analogue">The class whose row of the table was used.</param>
/// <param name="IsAssumed">Whether that is another class than the asteroid's own, by rule, for want of a
/// row.</param>
public sealed record OreExpectation(OreGrade Mean, Taxon Analogue, bool IsAssumed);

/// <summary>The ground at one site: what the chart says, and what the drill will find.</summary>
/// <param name="Assay">Known to everybody.</param>
/// <param name="True">Known to the world alone, until somebody digs.</param>
public readonly record struct SiteOre(OreGrade Assay, OreGrade True);
