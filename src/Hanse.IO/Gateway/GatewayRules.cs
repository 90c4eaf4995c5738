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

    /// <summary>Calls of one node under way or waiting at once: beyond that it is told to come
    /// again.</summary>
    public int CallsOfNodeMax { get; init; } = 4;

    /// <summary>Calls that hubs have in hand at once, of all nodes: beyond that calls wait.</summary>
    public int CallsMax { get; init; } = 512;

    /// <summary>The same, when hubs give nothing back: for every second of that they get as many calls
    /// again, up to this.</summary>
    public int CallsStuckMax { get; init; } = 4_096;

    /// <summary>Calls that wait at once: beyond that the least urgent are told to come again.</summary>
    public int RoomMax { get; init; } = 16_384;

    /// <summary>Bytes of frames of calls that wait at once: beyond that the least urgent are told to come
    /// again.</summary>
    public long RoomBytesMax { get; init; } = 64 << 20;

    /// <summary>Longest time that a call waits for its turn. Well below the 15 s that an agent waits for an
    /// answer.</summary>
    public TimeSpan RoomTimeMax { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>While calls wait, how often a hub is asked what is at risk with its nodes.</summary>
    public TimeSpan LookPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a node is told to stay away, about, when nobody waits for the same reason.</summary>
    public TimeSpan ComeAgain { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest time that a node is told to stay away.</summary>
    public TimeSpan ComeAgainMax { get; init; } = TimeSpan.FromSeconds(10);
}
