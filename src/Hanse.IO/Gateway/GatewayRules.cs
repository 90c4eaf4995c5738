using System;

namespace Hanse.IO.Gateway;

/// <summary>The limits of a gateway.</summary>
public sealed record GatewayRules
{
    /// <summary>Most frames of a call.</summary>
    public const int FramesMax = 16;

    /// <summary>Longest time a call may wait for an answer.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>Calls a second that a node may make, over a while.</summary>
    public double CallsPerSecond { get; init; } = 50;

    /// <summary>Calls that it may make at once after a rest.</summary>
    public double CallsBurst { get; init; } = 200;

    /// <summary>Calls that are being taken at once, of all nodes: beyond that nodes are told to come
    /// again.</summary>
    public int CallsMax { get; init; } = 4_096;

    /// <summary>How long a node is told to stay away, about, when too much is going on.</summary>
    public TimeSpan ComeAgain { get; init; } = TimeSpan.FromSeconds(2);
}
