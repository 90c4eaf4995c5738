namespace Hanse.Core.Journal;

/// <summary>The measures of raw sensor logs, which stay on the node under attested roots.</summary>
/// <remarks>A leaf is what is hashed and committed to; a block inside it is what an audit ships over a thin
/// link: 460 leaves take 67 hours at 1 kbit/s, 460 blocks about two.</remarks>
public static class RawLog
{
    /// <summary>Bytes of a leaf.</summary>
    public const int LeafBytes = 64 * 1024;

    /// <summary>Bytes of a block inside a leaf; a leaf is the RFC 6962 tree over its 64 blocks.</summary>
    public const int BlockBytes = 1024;

    /// <summary>Most leaves of a segment: 1 GiB.</summary>
    public const int SegmentLeavesMax = 16_384;
}
