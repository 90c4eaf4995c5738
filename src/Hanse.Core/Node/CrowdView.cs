using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>What a node counts on at a place.</summary>
/// <param name="ArePosted">Whether hubs post how crowded berths are.</param>
/// <param name="Posted">What was posted; slots that are not in it are free.</param>
internal readonly record struct CrowdView(bool ArePosted, ImmutableArray<CrowdPrice> Posted)
{
    /// <summary>The wait where nothing is posted, as a rule of thumb.</summary>
    public static readonly TimeSpan WaitByRule = TimeSpan.FromHours(2);

    /// <summary>How long one that comes then waits for a berth.</summary>
    public TimeSpan Wait(DepotId depot, Instant comes) => !ArePosted
        ? WaitByRule : CrowdPrice.WaitMin + (Posted.Of(Place.Of(depot), comes)?.Wait ?? TimeSpan.Zero);

    /// <summary>Whether anything is posted for one that comes then.</summary>
    public bool IsCrowded(DepotId depot, Instant comes) => ArePosted && Posted.Of(Place.Of(depot), comes) is not null;

    /// <summary>What it pays for it.</summary>
    public Credits Toll(DepotId depot, Instant comes, TimeSpan takes) => !ArePosted
        ? Credits.Zero : Posted.Of(Place.Of(depot), comes)?.Toll(takes) ?? Credits.Zero;
}
