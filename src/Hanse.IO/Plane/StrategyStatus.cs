using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;

namespace Hanse.IO.Plane;

/// <summary>The strategic layer in a few numbers, for people.</summary>
/// <param name="LastBounty">The greatest number of an operator's bounty so far; zero before the
/// first.</param>
/// <param name="Posted">Bounties posted and not reported, by number.</param>
/// <param name="Regions">How each region stands, by number.</param>
/// <param name="Rollouts">Rollouts, by number.</param>
public sealed record StrategyStatus(
    BountyId LastBounty, ImmutableArray<PostedBounty> Posted, ImmutableArray<RegionStanding> Regions,
    ImmutableArray<RolloutStatus> Rollouts)
{
    /// <summary>The strategic layer's status. Cost: linear in what it lists.</summary>
    public static StrategyStatus Of(StrategicLayer layer) => new(
        layer.LastBounty,
        [
            .. layer.Posted.Select(posted => new PostedBounty(
                posted.Key, posted.Value, layer.ReducedTo(posted.Key)?.Value)),
        ],
        [.. layer.Receptions.Keys.Select(region => layer.StandingOf(region)!)],
        [.. layer.Rollouts.Values.Select(RolloutStatus.Of)]);

    /// <summary>A region; null when there is none of that number.</summary>
    public RegionStanding? Find(RegionId region) => Regions.FirstOrDefault(one => one.Region == region);

    /// <summary>A bounty that is posted and not reported; null for any other.</summary>
    public PostedBounty? Find(BountyId bounty) => Posted.FirstOrDefault(one => one.Bounty == bounty);
}

/// <summary>A bounty posted and not reported.</summary>
/// <param name="Bounty">Which.</param>
/// <param name="Region">Who has it.</param>
/// <param name="ReducedGrams">What is wanted of it since it was reduced; null when all of it is.</param>
public sealed record PostedBounty(BountyId Bounty, RegionId Region, long? ReducedGrams);

/// <summary>How far a rollout has come.</summary>
/// <param name="Number">Which.</param>
/// <param name="Function">What it decides.</param>
/// <param name="Release">SHA-256 of its package, in hexadecimal digits.</param>
/// <param name="IsPaused">Whether an operator has paused it.</param>
/// <param name="IsOpen">Whether anything may still change by itself.</param>
/// <param name="Classes">Class by class.</param>
public sealed record RolloutStatus(
    uint Number, string Function, string Release, bool IsPaused, bool IsOpen,
    ImmutableArray<ClassProgress> Classes)
{
    /// <summary>Of a rollout's book.</summary>
    public static RolloutStatus Of(RolloutBook book) => new(
        book.Rollout.Id, book.Rollout.Function.ToString(),
        System.Convert.ToHexStringLower(book.Rollout.Release.ToArray()), book.IsPaused, book.IsOpen,
        book.Classes);
}
