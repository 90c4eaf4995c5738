using System;
using Hanse.Core.Units;

namespace Hanse.Core.Strategy;

/// <summary>When a region whose hub is silent is given up without an order.</summary>
public sealed record AdoptionRule
{
    /// <summary>Regions are given up by order only.</summary>
    public static AdoptionRule Never { get; } = new();

    /// <summary>How long a hub is silent, as <see cref="HubSilence"/> counts; zero for never.</summary>
    public TimeSpan After { get; init; }

    /// <summary>Whether it may happen at all.</summary>
    public bool IsOn => After > TimeSpan.Zero;

    /// <summary>Share of the hubs that were not given up that have to be heard: with fewer it is the
    /// strategic layer that is cut off, and no silence counts.</summary>
    public PartsPerMillion HeardMin { get; init; } = PartsPerMillion.FromPercent(50);
}
