using System;

namespace Hanse.Simulation.Returns;

/// <summary>How much a node writes down while it is away.</summary>
/// <remarks>
/// <see cref="Quiet"/> and <see cref="Noisy"/> are the full scale, for cost: one block a minute, 40 channels
/// read once a second, a decision a minute, a signed checkpoint an hour. <see cref="Thin"/> is for scores
/// over thousands of seeds: as many days, trips, sightings, keys and reboots, so that every gate judges as
/// often as in a real return, but one block an hour and four channels.
/// </remarks>
public sealed record ReturnProfile
{
    /// <summary>What it is called on the command line.</summary>
    public required string Name { get; init; }

    /// <summary>How long the node was away.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>From one block to the next; a block itself covers at most a minute.</summary>
    public required TimeSpan BlockEvery { get; init; }

    /// <summary>Channels, each read once a second.</summary>
    public required int Channels { get; init; }

    /// <summary>Readings of one block that left their dead bands, in thousandths, on average.</summary>
    public required int ReportedPerBlockMilli { get; init; }

    /// <summary>From one signed checkpoint to the next.</summary>
    public required TimeSpan CheckpointEvery { get; init; }

    /// <summary>From one key to the next.</summary>
    public required TimeSpan KeyEvery { get; init; }

    /// <summary>From one sealed segment of the raw log to the next.</summary>
    public required TimeSpan SegmentEvery { get; init; }

    /// <summary>Raw leaves of 64 KiB of a segment.</summary>
    public required int LeavesPerSegment { get; init; }

    /// <summary>One raw leaf is cited by every so many routine decisions.</summary>
    public required int CiteEvery { get; init; }

    /// <summary>0.3 % of samples reported: 311,040 observations and 43,200 decisions in 30 days.</summary>
    public static ReturnProfile Quiet { get; } = new()
    {
        Name = "quiet",
        Length = TimeSpan.FromDays(30),
        BlockEvery = TimeSpan.FromMinutes(1),
        Channels = 40,
        ReportedPerBlockMilli = 7_200,
        CheckpointEvery = TimeSpan.FromHours(1),
        KeyEvery = TimeSpan.FromDays(1),
        SegmentEvery = TimeSpan.FromHours(1),
        LeavesPerSegment = 64,
        CiteEvery = 1_000,
    };

    /// <summary>13.9 % of samples reported: 14.4 million observations in 30 days.</summary>
    public static ReturnProfile Noisy { get; } = Quiet with
    {
        Name = "noisy",
        ReportedPerBlockMilli = 333_334,
    };

    /// <summary>As long, thinned out sixtyfold: for scores.</summary>
    public static ReturnProfile Thin { get; } = Quiet with
    {
        Name = "thin",
        BlockEvery = TimeSpan.FromHours(1),
        Channels = 4,
        ReportedPerBlockMilli = 3_000,
        CheckpointEvery = TimeSpan.FromDays(1),
        KeyEvery = TimeSpan.FromDays(7),
        SegmentEvery = TimeSpan.FromDays(5),
        LeavesPerSegment = 512,
        CiteEvery = 40,
    };

    /// <summary>Segments sealed by the end: the last stretch is still open.</summary>
    public int SealedSegments => (int)(Length / SegmentEvery) - 1;

    /// <summary>Number of blocks.</summary>
    public int Blocks => (int)(Length / BlockEvery);
}
