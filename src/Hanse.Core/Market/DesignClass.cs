using System;

namespace Hanse.Core.Market;

/// <summary>Machines of one design, whose errors have causes in common.</summary>
/// <param name="Value">Its number in the mission's list of designs.</param>
public readonly record struct DesignClass(uint Value) : IComparable<DesignClass>
{
    /// <inheritdoc/>
    public int CompareTo(DesignClass other) => Value.CompareTo(other.Value);
}
