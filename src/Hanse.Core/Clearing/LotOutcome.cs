using System;
using System.Collections.Immutable;

namespace Hanse.Core.Clearing;

/// <summary>What a clear of divisible tasks came to.</summary>
public sealed record LotOutcome
{
    /// <summary>Per bid of the problem, in its order: how many units it won.</summary>
    public required ImmutableArray<long> Units { get; init; }

    /// <summary>Per task what every winner is paid a unit, in microcredits; its reserve when some of it found
    /// nobody.</summary>
    public required ImmutableArray<long> Prices { get; init; }

    /// <summary>Reserves less costs of all units won, in microcredits.</summary>
    public required Int128 Surplus { get; init; }

    /// <summary>Units won, of all tasks.</summary>
    public required Int128 Filled { get; init; }

    /// <summary>How many bids were made.</summary>
    public required long BidsMade { get; init; }

    /// <summary>Within how much a unit of a better alternative every node is content, in
    /// microcredits.</summary>
    public required long Slack { get; init; }
}
