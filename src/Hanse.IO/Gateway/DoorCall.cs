using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Time;

namespace Hanse.IO.Gateway;

/// <summary>What a door says to a call.</summary>
/// <param name="IsIn">Whether it may be given to its hub.</param>
/// <param name="ComeAgain">When it may not: how long its node is to stay away; zero for the usual
/// while.</param>
public readonly record struct Admission(bool IsIn, TimeSpan ComeAgain);

/// <summary>A call that waits at a door. Of its frames it knows only how many bytes they are.</summary>
internal sealed class DoorCall
{
    public required DoorNode Caller { get; init; }

    public required RegionId Hub { get; init; }

    public required int Bytes { get; init; }

    /// <summary>When it came, by the clock of this machine.</summary>
    public required long Came { get; init; }

    /// <summary>The number of its coming: of two that are as urgent the first.</summary>
    public required ulong Number { get; init; }

    /// <summary>What is at risk, in microcredits.</summary>
    public long Value { get; set; }

    /// <summary>The class of that under which it waits.</summary>
    public int ValueClass { get; set; }

    /// <summary>Since when its hub has not heard its node.</summary>
    public Instant Oldest { get; set; }

    public TaskCompletionSource<Admission> Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its place among all that wait, in order of coming.</summary>
    public LinkedListNode<DoorCall>? Place { get; set; }
}
