using System;

namespace Hanse.Core.Market;

/// <summary>From where on a screen flags. The defaults are those whose errors are in
/// docs/protocol/incentives.md.</summary>
public sealed record ScreenRules
{
    /// <summary>Most batches remembered, and the most that may be demanded.</summary>
    public const int BatchesMax = 64;

    /// <summary>Batches in which a node must have bid before it is flagged; from 1 to
    /// <see cref="BatchesMax"/>.</summary>
    public int BatchesMin { get; init => field = Math.Clamp(value, 1, BatchesMax); } = 4;

    /// <summary>Batches that two nodes must have in common before they are compared.</summary>
    public int PairBatchesMin { get; init => field = Math.Clamp(value, 1, BatchesMax); } = 24;

    /// <summary>How far a node's claim over its model cost may be above the median of its class, in
    /// millionths of the median: with 10 % of noise a batch, three sigma of the mean of four.</summary>
    public int ExcessPpm { get; init; } = 150_000;

    /// <summary>Losing bids whose standard deviation is less than this share of their mean are suspiciously
    /// alike. Imhof (2017) found 3 % with the ring and 9 % without in road works; trips vary more.</summary>
    public int SpreadPpm { get; init; } = 60_000;

    /// <summary>As large must the step be from the last winner to the first loser, in standard deviations of
    /// the losing bids, in millionths; Imhof's relative distance is above one with a ring.</summary>
    public int DistancePpm { get; init; } = 1_500_000;

    /// <summary>Losing bids below which spread and distance say nothing.</summary>
    public int LosersMin { get; init => field = Math.Max(2, value); } = 4;

    /// <summary>In such a share of its batches a node must have been among such losers; millionths.</summary>
    public int CoverPpm { get; init; } = 500_000;

    /// <summary>Joint wins of two nodes that chance would have brought before next to none is
    /// suspicious.</summary>
    public int JointWinsMin { get; init => field = Math.Max(1, value); } = 8;

    /// <summary>In such a share of its batches a node must have refused what its model would have gained by,
    /// and never have won, before it counts as one that loses on purpose; in millionths.</summary>
    public int RefusedPpm { get; init; } = 750_000;
}
