using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;

namespace Hanse.IO.Plane;

/// <summary>The strategic layer in a few numbers, for people.</summary>
/// <param name="LastBounty">The greatest number of an operator's bounty so far; zero before the
/// first.</param>
/// <param name="Posted">Bounties posted and not reported, by number.</param>
/// <param name="Regions">How each region stands, by number.</param>
/// <param name="Rollouts">Rollouts, by number.</param>
/// <param name="Signed">Numbers of orders whose signatures are being verified.</param>
/// <param name="RefusedRollouts">Why orders of rollouts were not taken, by number.</param>
/// <param name="Quotas">Quotas of births, by number.</param>
public sealed record StrategyStatus(
    BountyId LastBounty, ImmutableArray<PostedBounty> Posted, ImmutableArray<RegionStanding> Regions,
    ImmutableArray<RolloutStatus> Rollouts, ImmutableArray<uint> Signed,
    ImmutableSortedDictionary<uint, RolloutRefusal> RefusedRollouts, ImmutableArray<QuotaStatus> Quotas)
{
    /// <summary>The strategic layer's status. Cost: linear in what it lists.</summary>
    public static StrategyStatus Of(StrategicLayer layer) => new(
        layer.LastBounty,
        [
            .. layer.Posted.Select(posted => new PostedBounty(
                posted.Key, posted.Value, layer.ReducedTo(posted.Key)?.Value)),
        ],
        [.. layer.Receptions.Keys.Select(region => layer.StandingOf(region)!)],
        [
            .. layer.Rollouts.Values.Select(
                book => RolloutStatus.Of(book, layer.ReportsOf(book.Rollout.Id).Values)),
        ],
        [.. layer.SignedRollouts],
        layer.RefusedRollouts.ToImmutableSortedDictionary(),
        QuotaStatus.Of(layer));

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
/// <param name="Order">SHA-256 of the order, in canonical bytes.</param>
/// <param name="Function">What it decides.</param>
/// <param name="Release">SHA-256 of its package, in hexadecimal digits.</param>
/// <param name="IsPaused">Whether an operator has paused it.</param>
/// <param name="IsOpen">Whether anything may still change by itself.</param>
/// <param name="Classes">Class by class.</param>
public sealed record RolloutStatus(
    uint Number, Digest Order, string Function, string Release, bool IsPaused, bool IsOpen,
    ImmutableArray<RolloutClassStatus> Classes)
{
    /// <summary>Of a rollout's book, and what regions told last.</summary>
    public static RolloutStatus Of(RolloutBook book, IEnumerable<RolloutReport> reports)
    {
        ILookup<int, ClassReport> told = reports.SelectMany(report => report.Classes)
            .ToLookup(one => one.Class);
        return new RolloutStatus(
            book.Rollout.Id, Digest.Of(CborWriter.Bytes(book.Rollout)), book.Rollout.Function.ToString(),
            Convert.ToHexStringLower(book.Rollout.Release.ToArray()), book.IsPaused, book.IsOpen,
            [.. book.Classes.Select(one => RolloutClassStatus.Of(one, told[one.Class]))]);
    }
}

/// <summary>How far a rollout has come with one class, and what regions told of it last.</summary>
/// <param name="Progress">How far.</param>
/// <param name="Members">Nodes of the class.</param>
/// <param name="Chosen">Those who are to run it.</param>
/// <param name="UnderWay">Offered it, and not running it yet.</param>
/// <param name="Active">Running it, as they say.</param>
/// <param name="Proven">Running it, as their accepted journals prove.</param>
/// <param name="RolledBack">Ran it and let it go by themselves.</param>
/// <param name="Refused">Never ran it.</param>
/// <param name="Unknown">Silent for longer than their contact plan explains.</param>
public sealed record RolloutClassStatus(
    ClassProgress Progress, int Members, int Chosen, int UnderWay, int Active, int Proven, int RolledBack,
    int Refused, int Unknown)
{
    /// <summary>The sum over regions.</summary>
    public static RolloutClassStatus Of(
        ClassProgress progress, IEnumerable<ClassReport> told) => told.Aggregate(
        new RolloutClassStatus(progress, 0, 0, 0, 0, 0, 0, 0, 0),
        (sum, one) => new RolloutClassStatus(
            progress, sum.Members + one.Members, sum.Chosen + one.Chosen, sum.UnderWay + one.UnderWay,
            sum.Active + one.Active, sum.Proven + one.Proven, sum.RolledBack + one.RolledBack,
            sum.Refused + one.Refused, sum.Unknown + one.Unknown));
}

/// <summary>What has become of a quota of births.</summary>
/// <param name="Number">Which.</param>
/// <param name="IsTaken">Whether hubs were given its numbers.</param>
/// <param name="Given">How many.</param>
/// <param name="Refusal">Why it was not taken, last; null when it was, or is being looked at.</param>
/// <param name="Text">It in canonical CBOR, in hexadecimal digits; empty when it was not taken.</param>
/// <param name="Lapsed">How many of those given are nobody's for ever, since their region was given
/// up.</param>
public sealed record QuotaStatus(
    uint Number, bool IsTaken, uint Given, QuotaRefusal? Refusal, string Text, uint Lapsed)
{
    /// <summary>All that are known.</summary>
    public static ImmutableArray<QuotaStatus> Of(StrategicLayer layer) =>
    [
        .. layer.Quotas.Keys.Union(layer.RefusedQuotas.Keys).Order().Select(number =>
        {
            _ = layer.Quotas.TryGetValue(number, out QuotaBook? book);
            return new QuotaStatus(
                number, book?.IsTaken ?? false, book?.Given ?? 0,
                book is null ? layer.RefusedQuotas[number] : null,
                book is null ? "" : Convert.ToHexStringLower(CborWriter.Bytes(book.Quota)),
                book?.Lapsed ?? 0);
        }),
    ];
}
