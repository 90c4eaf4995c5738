namespace Hanse.Simulation.Orbits;

/// <summary>How a leg is flown.</summary>
public enum LegMode
{
    /// <summary>Half an ellipse, arriving on the far side of the body.</summary>
    Hohmann,

    /// <summary>Straight across at walking pace, where gravity hardly matters.</summary>
    Hop,
}

/// <summary>The two kinds of place in a region.</summary>
public enum PlaceKind
{
    /// <summary>A mining site, on the ground.</summary>
    Site,

    /// <summary>A depot, in orbit.</summary>
    Depot,
}

/// <summary>One end of a leg.</summary>
/// <param name="Kind">Site or depot.</param>
/// <param name="Index">From 0, among the places of that kind.</param>
public readonly record struct Place(PlaceKind Kind, int Index)
{
    /// <summary>The site of that index.</summary>
    public static Place Site(int index) => new(PlaceKind.Site, index);

    /// <summary>The depot of that index.</summary>
    public static Place Depot(int index) => new(PlaceKind.Depot, index);

    /// <summary>"site 3" or "depot 0".</summary>
    public override string ToString() => Kind == PlaceKind.Site ? $"site {Index}" : $"depot {Index}";
}

/// <summary>A one-way flight between two places of a region, rounded to whole units.</summary>
/// <remarks>Costs and times are rounded up: a craft that trusts them is never late nor dry.</remarks>
public sealed record Leg
{
    /// <summary>Where the flight starts.</summary>
    public required Place From { get; init; }

    /// <summary>Where it ends; another place.</summary>
    public required Place To { get; init; }

    /// <summary>How it is flown.</summary>
    public required LegMode Mode { get; init; }

    /// <summary>Propulsive effort, mm/s; at least 2,000.</summary>
    public required long DeltaVMillimetresPerSecond { get; init; }

    /// <summary>From departure to docked or landed, seconds.</summary>
    public required long FlightSeconds { get; init; }

    /// <summary>When it may start.</summary>
    public required DepartureWindows Windows { get; init; }
}
