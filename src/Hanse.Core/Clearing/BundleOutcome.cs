using System.Collections.Immutable;

namespace Hanse.Core.Clearing;

/// <summary>What a clear with several contracts a node came to.</summary>
public sealed record BundleOutcome
{
    /// <summary>Per task the node that won it, or <see cref="StandingContracts.None"/>.</summary>
    public required ImmutableArray<int> Owners { get; init; }

    /// <summary>Per task what its winner is paid, in microcredits: what the next node would have asked, the
    /// capacity it takes there included, but from the winner's claim to the reserve. The reserve when nobody
    /// won.</summary>
    public required ImmutableArray<long> Prices { get; init; }

    /// <summary>Costs of the tasks that found an owner, in microcredits.</summary>
    public required long Cost { get; init; }

    /// <summary>Reserves of the tasks that found an owner, less those costs, in microcredits.</summary>
    public required long Surplus { get; init; }

    /// <summary>How many tasks have an owner.</summary>
    public required int Filled { get; init; }

    /// <summary>No allocation costs less than this, in microcredits, tasks left without owner counted at
    /// their reserves.</summary>
    public required long Bound { get; init; }
}
