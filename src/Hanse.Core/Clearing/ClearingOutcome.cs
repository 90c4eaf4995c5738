using System.Collections.Immutable;

namespace Hanse.Core.Clearing;

/// <summary>How payments were found.</summary>
public enum PaymentRule
{
    /// <summary>The price at which the auction ended.</summary>
    ClearingPrice = 1,

    /// <summary>The highest prices, so the best for the nodes, down to which the auction need not have gone
    /// to keep everybody content within its slack.</summary>
    NodesBest = 2,

    /// <summary>The same without slack: every winner's rent is what the others would lose without it (the
    /// rent of Vickrey, Clarke and Groves).</summary>
    VickreyRent = 3,
}

/// <summary>What a clear came to.</summary>
public sealed record ClearingOutcome
{
    /// <summary>Per task the node that won it, or <see cref="StandingContracts.None"/>.</summary>
    public required ImmutableArray<int> Owners { get; init; }

    /// <summary>Per task its price, in microcredits: what the winner is paid; its reserve when nobody
    /// won.</summary>
    public required ImmutableArray<long> Prices { get; init; }

    /// <summary>Reserves of the tasks that found an owner, less the owners' costs, in microcredits.</summary>
    public required long Surplus { get; init; }

    /// <summary>How many tasks have an owner.</summary>
    public required int Filled { get; init; }

    /// <summary>How often a task was won, for good or until the next bid.</summary>
    public required long BidsMade { get; init; }

    /// <summary>Within how much of a better alternative every node is content, in microcredits; zero when the
    /// allocation is proved to be the best.</summary>
    public required long Slack { get; init; }

    /// <summary>What winners are paid by.</summary>
    public required PaymentRule Payment { get; init; }

    /// <summary>What should be known about it; empty when all is as asked.</summary>
    public string Remark { get; init; } = string.Empty;
}
