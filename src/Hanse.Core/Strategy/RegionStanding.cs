using System;
using Hanse.Core.Identity;
using Hanse.Core.Time;

namespace Hanse.Core.Strategy;

/// <summary>How a region stands with the strategic layer.</summary>
/// <param name="Region">Which.</param>
/// <param name="Epoch">Its hub's authority, the last one it was given; zero before its charter.</param>
/// <param name="IsEnded">Whether that authority is over.</param>
/// <param name="Successor">Who took over what it had; null when nobody did.</param>
/// <param name="IsQuarantined">Whether its last return waits for an operator.</param>
/// <param name="IsKept">Whether it is given up by order only.</param>
/// <param name="LastHeard">When its hub was heard last; null when it never was.</param>
/// <param name="Silent">How long that counts as silent; zero where nobody counts.</param>
/// <param name="Abandoned">The silence that it was given up for; null when it was not, or by order.</param>
public sealed record RegionStanding(
    RegionId Region, Epoch Epoch, bool IsEnded, RegionId? Successor, bool IsQuarantined, bool IsKept,
    Instant? LastHeard, TimeSpan Silent, HubSilence? Abandoned);
