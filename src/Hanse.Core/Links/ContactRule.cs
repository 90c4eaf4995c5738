using System;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;

namespace Hanse.Core.Links;

/// <summary>The contact plan of every node of a region, staggered by identity so that they do not all call at
/// once.</summary>
/// <param name="Period">From one window of a node to its next.</param>
/// <param name="Length">How long it stays open.</param>
/// <param name="BytesPerSecond">What it carries each way.</param>
/// <param name="LightTime">Longest one-way light time between hub and node.</param>
public sealed record ContactRule(TimeSpan Period, TimeSpan Length, int BytesPerSecond, TimeSpan LightTime)
{
    /// <summary>The plan of one node. Hub and node compute it alike.</summary>
    public ContactPlan PlanFor(NodeId node)
    {
        long seconds = (long)Period.TotalSeconds;
        long stagger = (long)Math.BigMul(StableHash.Of(node.Value), (ulong)seconds, out _);
        return new ContactPlan
        {
            Phase = Instant.Epoch + TimeSpan.FromSeconds(stagger),
            Period = Period,
            Length = Length,
            BytesPerSecond = BytesPerSecond,
            LightTime = LightTime,
        };
    }
}
