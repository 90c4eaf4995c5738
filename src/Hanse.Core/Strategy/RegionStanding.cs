using Hanse.Core.Identity;

namespace Hanse.Core.Strategy;

/// <summary>How a region stands with the strategic layer.</summary>
/// <param name="Region">Which.</param>
/// <param name="Epoch">Its hub's authority, the last one it was given; zero before its charter.</param>
/// <param name="IsEnded">Whether that authority is over.</param>
/// <param name="Successor">Who took over what it had; null when nobody did.</param>
/// <param name="IsQuarantined">Whether its last return waits for an operator.</param>
public sealed record RegionStanding(
    RegionId Region, Epoch Epoch, bool IsEnded, RegionId? Successor, bool IsQuarantined);
