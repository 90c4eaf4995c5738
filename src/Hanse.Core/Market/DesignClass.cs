using System;

namespace Hanse.Core.Market;

/// <summary>Machines of one design, whose errors have causes in common.</summary>
/// <param name="Value">Its number in the mission's list of designs.</param>
public readonly record struct DesignClass(uint Value) : IComparable<DesignClass>
{
    private const int GenerationBits = 16;

    /// <summary>The class of a machine, by how it enrolled.</summary>
    /// <param name="design">Its capability class.</param>
    /// <param name="generation">Its hardware generation.</param>
    public static DesignClass Of(int design, int generation) =>
        new(((uint)design << GenerationBits) | ((uint)generation & ((1U << GenerationBits) - 1)));

    /// <inheritdoc/>
    public int CompareTo(DesignClass other) => Value.CompareTo(other.Value);
}
