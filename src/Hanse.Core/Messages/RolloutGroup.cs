using Hanse.Core.Identity;

namespace Hanse.Core.Messages;

/// <summary>What the groups of a rollout divide a fleet by.</summary>
public enum RolloutSplit
{
    /// <summary>By capability class: what machines can do.</summary>
    Class = 1,

    /// <summary>By hardware generation: how they are built.</summary>
    Generation = 2,

    /// <summary>By strain, both: machines that were built alike.</summary>
    Strain = 3,
}

/// <summary>Machines with which a rollout goes on, and stops, by itself.</summary>
/// <remarks>
/// The problem: what breaks a release may be what machines can do, or how they are built, and an order has to
/// say which of the two it goes by; yet its numbers are numbers of classes since there were orders, on disks
/// and under signatures. The idea: a number says it itself. Below 65,536 it is a class of any generation, as
/// always; above, 65,536 times a generation and the class, 0 for any.
/// <code>
///   3        class 3
///   131072   generation 2          2 * 65,536
///   131075   class 3, generation 2 2 * 65,536 + 3
/// </code>
/// The groups of an order are of one kind, so no machine is in two of them.
/// </remarks>
/// <param name="Number">As above.</param>
public readonly record struct RolloutGroup(int Number)
{
    /// <summary>What a generation counts.</summary>
    public const int GenerationUnit = 1 << 16;

    /// <summary>The class; 0 for any.</summary>
    public int Class => Number % GenerationUnit;

    /// <summary>The generation; 0 for any.</summary>
    public int Generation => Number / GenerationUnit;

    /// <summary>What orders with such a group divide the fleet by.</summary>
    public RolloutSplit Split => Generation == 0 ? RolloutSplit.Class
        : Class == 0 ? RolloutSplit.Generation : RolloutSplit.Strain;

    /// <summary>The machines of a generation, whatever they can do.</summary>
    /// <param name="generation">Positive, below 32,768.</param>
    public static RolloutGroup OfGeneration(int generation) => new(generation * GenerationUnit);

    /// <summary>The machines of a class and a generation.</summary>
    /// <param name="kind">Both positive, the class below 65,536, the generation below 32,768.</param>
    public static RolloutGroup OfStrain(MachineKind kind) =>
        new((kind.Generation * GenerationUnit) + kind.Class);

    /// <inheritdoc/>
    public override string ToString() => Split switch
    {
        RolloutSplit.Generation => $"generation {Generation}",
        RolloutSplit.Strain => $"class {Class} of generation {Generation}",
        _ => $"class {Class}",
    };

    /// <summary>Whether a machine is of it.</summary>
    public bool Has(MachineKind kind) => Split == RolloutSplit.Class
        ? kind.Class == Number
        : kind.Generation == Generation && (Class == 0 || kind.Class == Class);
}
