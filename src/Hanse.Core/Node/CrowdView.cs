using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Node;

/// <summary>What a node counts on at a place.</summary>
/// <param name="AreBerthsPosted">Whether hubs post how crowded berths are.</param>
/// <param name="AreFacesPosted">Whether hubs post how crowded the faces of sites are.</param>
/// <param name="Posted">What was posted; slots that are not in it are free.</param>
internal readonly record struct CrowdView(
    bool AreBerthsPosted, bool AreFacesPosted, ImmutableArray<CrowdPrice> Posted)
{
    /// <summary>The wait for a berth where nothing is posted, as a rule of thumb.</summary>
    public static readonly TimeSpan WaitByRule = TimeSpan.FromHours(2);

    /// <summary>How long one that comes then waits for a berth.</summary>
    public TimeSpan Wait(DepotId depot, Instant comes) => !AreBerthsPosted
        ? WaitByRule : CrowdPrice.WaitMin + (Posted.Of(Place.Of(depot), comes)?.Wait ?? TimeSpan.Zero);

    /// <summary>How long one that comes then waits for a face; nothing where nothing is posted.</summary>
    public TimeSpan Wait(SiteId site, Instant comes) => At(site, comes)?.Wait ?? TimeSpan.Zero;

    /// <summary>Whether anything is posted for one that comes then.</summary>
    public bool IsCrowded(DepotId depot, Instant comes) =>
        AreBerthsPosted && Posted.Of(Place.Of(depot), comes) is not null;

    /// <summary>Whether anything is posted for one that comes to a site then.</summary>
    public bool IsCrowded(SiteId site, Instant comes) => At(site, comes) is not null;

    /// <summary>What it pays for the berth.</summary>
    public Credits Toll(DepotId depot, Instant comes, TimeSpan takes) => !AreBerthsPosted
        ? Credits.Zero : Posted.Of(Place.Of(depot), comes)?.Toll(takes) ?? Credits.Zero;

    /// <summary>What it pays for the face.</summary>
    public Credits Toll(SiteId site, Instant comes, TimeSpan digs) =>
        At(site, comes)?.Toll(digs) ?? Credits.Zero;

    private CrowdPrice? At(SiteId site, Instant comes) =>
        AreFacesPosted ? Posted.Of(Place.Of(site), comes) : null;
}
