using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Merge;

/// <summary>One return met by what its node was last known to be and what the fleet has decided
/// since.</summary>
/// <remarks>
/// Each part of a return has its rule; <c>docs/protocol/merge.md</c> is the table of them. Parts that stay
/// safe in doubt (deliveries, which the scale weighs; spending, which a right bounds; leases, which only
/// yield conflicts) are taken from a quarantined node too. Its word on its own state and on what others
/// share is not.
/// </remarks>
internal sealed class ThreeWayMerge(
    MergeBook ours, NodeLine start, NodeReturn theirs, Standing verdict, BiasEstimate cargo)
{
    // Beyond three sigma of both a level is no rounding; a kilogram is the resolution of any scale.
    private const int MismatchSigmas = 3;
    private const long MismatchMin = 1_000;

    private readonly List<Conflict> _conflicts = [];

    private readonly Standing _standing =
        start.Standing == Standing.Quarantined ? Standing.Quarantined : verdict;

    /// <summary>What contradicted, in the order of the return.</summary>
    public ImmutableArray<Conflict> Conflicts => [.. _conflicts];

    /// <summary>Merges everything but the node's own line, and returns that.</summary>
    public NodeLine Carry()
    {
        CarryLeases();
        CarryDeliveries();
        CarrySpending();
        if (_standing.May(NodeAct.ClaimShared))
        {
            CarryShared();
        }

        NodeLine line = start with
        {
            Size = theirs.Size,
            Standing = _standing,
            Running = Running(),
            Stocks = Stocks(),
        };
        return _standing == Standing.Quarantined ? line : line with
        {
            // An intent of another hub that is newer than ours is not reverted.
            Intent = Math.Max(start.Intent, theirs.IntentHeard),
            Intended = theirs.IntentHeard > start.Intent ? theirs.Running : start.Intended,
            Propellant = theirs.Propellant,
            Wear = LeastWear(),
        };
    }

    private void CarryLeases()
    {
        foreach (Lease lease in theirs.Leases)
        {
            Lease claim = lease with { Holder = theirs.Node };
            if (claim.Subject.Kind == LeaseKind.Contract)
            {
                CarryAward(claim);
                continue;
            }

            ClaimVerdict judged = ours.Leases.Judge(claim);
            if (judged == ClaimVerdict.Held)
            {
                continue;
            }

            Lease? rival = Rival(claim);
            var mine = new ConflictClaim(theirs.Node, claim.Epoch, claim.Until.Micros - claim.From.Micros);
            _conflicts.Add(rival is null
                ? new Conflict(
                    ConflictKind.StaleLease, claim.Subject.Number, mine,
                    new ConflictClaim(theirs.Node, ours.Leases.NextEpoch(claim.Subject), 0),
                    MergeRule.EpochFences, judged == ClaimVerdict.Stale)
                : new Conflict(
                    ConflictKind.DoubleAllocation, claim.Subject.Number, mine,
                    new ConflictClaim(
                        rival.Holder, rival.Epoch, rival.Until.Micros - rival.From.Micros),
                    MergeRule.HubAllots, IsSettled: false));
        }
    }

    // A contract is a lease that the market keeps. One that ran out was the node's until it was due; what the
    // market has forgotten was given to somebody once, and is too old to matter.
    private void CarryAward(Lease claim)
    {
        AwardLine award = ours.Awards.Find(new ContractId(claim.Subject.Number));
        bool isOwn = award.IsOf(theirs.Node, claim.Epoch);
        if (isOwn && claim.Until <= award.Until)
        {
            return;
        }

        bool isForgotten = award.Status == AwardStatus.Forgotten;
        bool isNobodys = isForgotten || award.Status == AwardStatus.Unknown;
        bool isAnothers = !isOwn && !isNobodys;
        _conflicts.Add(new Conflict(
            isAnothers ? ConflictKind.DoubleAllocation : ConflictKind.StaleLease,
            claim.Subject.Number,
            new ConflictClaim(theirs.Node, claim.Epoch, claim.Until.Micros - claim.From.Micros),
            new ConflictClaim(isNobodys ? theirs.Node : award.Holder, award.Epoch, 0),
            isAnothers ? MergeRule.HubAllots : MergeRule.EpochFences,
            IsSettled: isOwn || isForgotten));
    }

    private Lease? Rival(Lease claim)
    {
        foreach (Lease lease in ours.Leases.Of(claim.Subject))
        {
            if (lease.Holder != claim.Holder && lease.Overlaps(claim))
            {
                return lease;
            }
        }

        return null;
    }

    private void CarryDeliveries()
    {
        foreach (DeliveryClaim claim in theirs.Deliveries)
        {
            var docking = new DockingId(theirs.Node, claim.Docking);
            if (ours.Deliveries.IsTold(docking))
            {
                Met(claim, 0, false); // A journal tells each docking once, and in order.
                continue;
            }

            if (claim.Receipt > Grams.Zero
                && ours.Deliveries.Weigh(Receipt(claim)) == WeighVerdict.Contradicted)
            {
                Met(claim, ours.Deliveries.Find(docking)!.Weighing.Mass.Value, false);
            }

            Judge(claim, ours.Deliveries.Find(docking));
            _ = ours.Deliveries.Tell(docking, new ToldCargo(claim.Commodity, claim.Claimed));
        }
    }

    private void Judge(DeliveryClaim claim, Docking? known)
    {
        if (known is null ? claim.Claimed > Grams.Zero
            : Apart(Corrected(claim.Claimed), (known.Weighing.Mass.Value, 0)))
        {
            // The scale's word counts: another mass, or one that is still to come.
            Met(claim, known?.Weighing.Mass.Value ?? 0, true);
        }

        AwardLine work = ours.Awards.Find(claim.Contract);
        if (work.Status == AwardStatus.Recalled && work.IsOf(theirs.Node, claim.Epoch))
        {
            _conflicts.Add(new Conflict(
                ConflictKind.LateDelivery, claim.Contract.Value,
                new ConflictClaim(theirs.Node, claim.Epoch, claim.Claimed.Value),
                new ConflictClaim(theirs.Node, work.Epoch, work.Quantity.Value),
                MergeRule.LateIsRecognised, IsSettled: true));
        }
    }

    private void Met(DeliveryClaim claim, long weighed, bool isSettled) =>
        _conflicts.Add(new Conflict(
            ConflictKind.StockMismatch, claim.Docking,
            new ConflictClaim(theirs.Node, claim.Epoch, claim.Claimed.Value),
            new ConflictClaim(theirs.Node, claim.Epoch, weighed),
            MergeRule.ScaleCounts, isSettled));

    private Weighing Receipt(DeliveryClaim claim) => new()
    {
        Docking = new DockingId(theirs.Node, claim.Docking),
        Contract = claim.Contract,
        Epoch = claim.Epoch,
        Commodity = claim.Commodity,
        Mass = claim.Receipt,
        At = claim.At,
    };

    private void CarrySpending()
    {
        foreach (SpendClaim claim in theirs.Spent)
        {
            SpendVerdict judged =
                ours.Quotas.Report(claim.Quota, theirs.Node, claim.Epoch, claim.Amount, claim.IsLast);
            if (judged != SpendVerdict.Accepted)
            {
                _conflicts.Add(new Conflict(
                    ConflictKind.OverSpentQuota, claim.Quota.Value,
                    new ConflictClaim(theirs.Node, claim.Epoch, claim.Amount),
                    new ConflictClaim(
                        theirs.Node, ours.Quotas.Find(claim.Quota)?.Last ?? default,
                        ours.Quotas.Find(claim.Quota)?.Free ?? 0),
                    MergeRule.RightsBound, judged == SpendVerdict.Stale && claim.Amount == 0));
            }
        }
    }

    private void CarryShared()
    {
        foreach (SiteClaim claim in theirs.Sites)
        {
            ours.Find(claim.Site, claim.Remaining);
            foreach (Lease lease in ours.Leases.Of(new LeaseSubject(LeaseKind.Site, claim.Site.Value)))
            {
                if (claim.Remaining == Grams.Zero && lease.Holder != theirs.Node)
                {
                    _conflicts.Add(new Conflict(
                        ConflictKind.DepletedFeedstock, claim.Site.Value,
                        new ConflictClaim(theirs.Node, default, 0),
                        new ConflictClaim(lease.Holder, lease.Epoch, 0),
                        MergeRule.RunningWorkStays, IsSettled: false));
                }
            }
        }

        foreach (MapClaim claim in theirs.Maps)
        {
            ours.Map(claim.Tile, theirs.Node, claim.Belief);
        }
    }

    // Work goes on unless the hub has given it to somebody else, or it is done.
    private ContractId Running()
    {
        if (theirs.Running == default)
        {
            return default;
        }

        AwardLine work = ours.Awards.Find(theirs.Running);
        bool isOwn = work.Holder == theirs.Node
            && work.Status is AwardStatus.Live or AwardStatus.Recalled or AwardStatus.Delivered;
        if (isOwn && work.Status == AwardStatus.Live)
        {
            return theirs.Running;
        }

        if (!isOwn || work.Status == AwardStatus.Recalled)
        {
            bool isGone = work.Status is AwardStatus.Unknown or AwardStatus.Forgotten;
            _conflicts.Add(new Conflict(
                ConflictKind.StaleLease, theirs.Running.Value,
                new ConflictClaim(theirs.Node, default, 0),
                new ConflictClaim(isGone ? theirs.Node : work.Holder, work.Epoch, 0),
                MergeRule.EpochFences, IsSettled: work.Status != AwardStatus.Unknown));
        }

        return default; // Done, or not its own any more.
    }

    // Wear falls only by repairs that the journal records.
    private PartsPerMillion LeastWear()
    {
        int least = Math.Max(0, start.Wear.Value - theirs.Repaired.Value);
        return new PartsPerMillion(Math.Max(theirs.Wear.Value, least));
    }

    private ImmutableArray<StockLine> Stocks()
    {
        ImmutableArray<StockLine>.Builder lines = ImmutableArray.CreateBuilder<StockLine>();
        foreach (Commodity commodity in Enum.GetValues<Commodity>())
        {
            StockLine before = start.StockOf(commodity);
            StockClaim? claim = null;
            foreach (StockClaim stock in theirs.Stocks)
            {
                claim = stock.Commodity == commodity ? stock : claim;
            }

            if (claim is not null || before.Gained > Grams.Zero || before.Doubted > Grams.Zero)
            {
                lines.Add(
                    claim is null ? Given(before)
                    : _standing == Standing.Quarantined ? Doubted(before, claim)
                    : Stock(before, claim));
            }
        }

        return lines.ToImmutable();
    }

    private StockLine Stock(StockLine before, StockClaim claim)
    {
        Grams given = ours.Deliveries.Outflow(theirs.Node, claim.Commodity);
        (long level, long levelSigma) = Corrected(claim.Level);
        (long gained, long gainedSigma) = Corrected(claim.Gained);
        long expected = Math.Max(0, before.Level.Value + gained - (given - before.Given).Value);
        Int128 variance = ((Int128)before.Sigma.Value * before.Sigma.Value)
            + ((Int128)gainedSigma * gainedSigma);
        if (Apart((level, levelSigma), (expected, variance)))
        {
            _conflicts.Add(new Conflict(
                ConflictKind.StockMismatch, (ulong)claim.Commodity,
                new ConflictClaim(theirs.Node, default, level),
                new ConflictClaim(theirs.Node, default, expected),
                MergeRule.LesserStands, IsSettled: false));
            level = Math.Min(level, expected);
        }

        return new StockLine(
            claim.Commodity, new Grams(level), new Grams(levelSigma),
            before.Gained + new Grams(gained), given, before.Doubted);
    }

    private StockLine Doubted(StockLine before, StockClaim claim) => Given(before) with
    {
        Doubted = before.Doubted + new Grams(Corrected(claim.Gained).Value),
    };

    // A level that was not claimed, or is doubted, bears what was delivered.
    private StockLine Given(StockLine before)
    {
        Grams given = ours.Deliveries.Outflow(theirs.Node, before.Commodity);
        Grams level = Grams.Max(Grams.Zero, before.Level - (given - before.Given));
        return before with { Level = level, Given = given };
    }

    // A reading as it counts: as it is, or less the bias that is known of the sensor.
    private (long Value, long Sigma) Corrected(Grams read)
    {
        (long value, long sigma) = cargo.Correct(read.Value);
        return _standing == Standing.Trusted ? (read.Value, sigma)
            : (Math.Min(value, Grams.ValueMax), Math.Min(sigma, Grams.ValueMax));
    }

    private static bool Apart((long Value, long Sigma) a, (long Value, Int128 Variance) b)
    {
        Int128 apart = Int128.Abs((Int128)a.Value - b.Value);
        Int128 variance = ((Int128)a.Sigma * a.Sigma) + b.Variance;
        return apart > MismatchMin && apart * apart > variance * MismatchSigmas * MismatchSigmas;
    }
}
