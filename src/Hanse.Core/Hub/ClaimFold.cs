using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <summary>The claims of a validated return, folded to what a merge takes.</summary>
/// <remarks>
/// A lease is claimed for the time that the journal shows it used; one that was taken in an earlier stretch
/// was judged there until its end, so its leaving adds an instant only. What is spent of a quota is summed to
/// what was accepted before, since a merge wants it all told. Cargo by commodity is left out: validation has
/// judged the levels, and a journal does not tell them apart by commodity.
/// </remarks>
internal static class ClaimFold
{
    // A sighting names a subject and one of its properties; a tile of the shared map is both.
    private const int QuantityBits = 6;

    internal static NodeReturn Of(
        NodeId node, MergeBook book, AcceptedState accepted, ReturnClaims claims)
    {
        var leases = ImmutableArray.CreateBuilder<Lease>();
        var deliveries = ImmutableArray.CreateBuilder<DeliveryClaim>();
        var maps = ImmutableArray.CreateBuilder<MapClaim>();
        var spent = new SortedDictionary<ulong, long>();
        var open = new SortedDictionary<LeaseSubject, Lease>();
        NodeLine start = book.Of(node);
        ContractId running = start.Running;
        foreach ((Instant at, _, Entry entry) in claims.Items)
        {
            switch (entry)
            {
                case Entry.LeaseTaken(var kind, var number, var epoch, var until):
                    var subject = new LeaseSubject(KindOf(kind), number);
                    running = subject.Kind == Merge.LeaseKind.Contract ? new ContractId(number) : running;
                    open[subject] = new Lease(subject, node, epoch, at, Instant.Max(until, After(at)));
                    break;
                case Entry.LeaseLeft(var kind, var number, var epoch):
                    var left = new LeaseSubject(KindOf(kind), number);
                    bool isRunning =
                        left.Kind == Merge.LeaseKind.Contract && running == new ContractId(number);
                    running = isRunning ? default : running;
                    Instant from = open.Remove(left, out Lease? taken) ? taken.From : at;
                    leases.Add(new Lease(left, node, epoch, from, Instant.Max(at, After(from))));
                    break;
                case Entry.Unloaded unloaded:
                    deliveries.Add(new DeliveryClaim
                    {
                        Docking = unloaded.Docking,
                        Contract = unloaded.Contract,
                        Epoch = unloaded.Epoch,
                        Commodity = unloaded.Commodity,
                        Claimed = unloaded.Claimed,
                        Receipt = Grams.Zero,
                        At = at,
                    });
                    break;
                case Entry.QuotaSpent(var quota, var amount):
                    spent[quota] = Math.Min(
                        Quota.TotalMax, spent.GetValueOrDefault(quota) + Math.Min(amount, Quota.TotalMax));
                    break;
                case Entry.Sighted(var seen, var quantity, var value, var sigma)
                    when quantity < 1 << QuantityBits && seen <= long.MaxValue >> QuantityBits
                        && Math.Abs(value) <= Belief.ValueMax && sigma <= Belief.SigmaMax:
                    maps.Add(new MapClaim(
                        (seen << QuantityBits) | (uint)quantity, Belief.Of(value, sigma)));
                    break;
                default:
                    break; // Of nobody else's concern.
            }
        }

        leases.AddRange(open.Values);
        return new NodeReturn
        {
            Node = node,
            Base = start.Size,
            Size = accepted.Head.Size,
            At = accepted.At,
            Stocks = [],
            Propellant = new Grams(LevelOf(accepted, Resource.Propellant)),
            Wear = new PartsPerMillion((int)Math.Min(LevelOf(accepted, Resource.Wear), 1_000_000)),
            Repaired = new PartsPerMillion(1_000_000), // Validation has held wear against the repairs.
            Leases = leases.ToImmutable(),
            Deliveries = deliveries.ToImmutable(),
            Spent = Spent(node, book, spent),
            Sites = [],
            Maps = maps.ToImmutable(),
            Running = running,
            IntentHeard = 0,
        };
    }

    /// <summary>What extractions showed of their sites: the claims that follow the unloading of their cargo,
    /// which a scale has weighed, or the return would not be accepted.</summary>
    internal static ImmutableArray<Finding> Dug(ReturnClaims claims)
    {
        var found = ImmutableArray.CreateBuilder<Finding>();
        Entry? before = null;
        foreach (Claim claim in claims.Items)
        {
            if (before is Entry.Unloaded { Claimed.Value: > 0 } unloaded
                && claim.Entry is Entry.Sighted(var site, var quantity, var value, var sigma)
                && quantity == Entry.DugQuantity + (int)unloaded.Commodity
                && site <= uint.MaxValue && value is >= 0 and <= Finding.GradeMax
                && sigma <= Finding.GradeMax)
            {
                found.Add(new Finding(
                    new SiteId((uint)site), unloaded.Commodity, new PartsPerMillion((int)value),
                    new PartsPerMillion((int)sigma)));
            }

            before = claim.Entry;
        }

        return found.ToImmutable();
    }

    private static Merge.LeaseKind KindOf(Journal.LeaseKind kind) => kind switch
    {
        Journal.LeaseKind.Contract => Merge.LeaseKind.Contract,
        Journal.LeaseKind.Site => Merge.LeaseKind.Site,
        Journal.LeaseKind.Berth => Merge.LeaseKind.Berth,
        Journal.LeaseKind.Corridor => Merge.LeaseKind.Corridor,
        _ => throw new UnreachableException($"no rule for {kind}"),
    };

    private static ImmutableArray<SpendClaim> Spent(
        NodeId node, MergeBook book, SortedDictionary<ulong, long> spent)
    {
        var claims = ImmutableArray.CreateBuilder<SpendClaim>();
        foreach ((ulong quota, long amount) in spent)
        {
            var id = new QuotaId(quota);
            (Epoch epoch, Right? right) = book.Quotas.Newest(id, node);
            long all = Math.Min(Quota.TotalMax, (right?.Spent ?? 0) + amount);
            claims.Add(new SpendClaim(id, epoch, all, IsLast: false));
        }

        return claims.ToImmutable();
    }

    private static long LevelOf(AcceptedState accepted, Resource resource) =>
        (long)Math.Min(accepted.Levels[(int)resource - 1], (ulong)Grams.ValueMax);

    private static Instant After(Instant at) => at + TimeSpan.FromMicroseconds(1);
}
