using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Machine;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>Joint work: bounties that are given together or not at all.</content>
/// <remarks>
/// The problem: nickel without water builds nothing, and two machines that were sent for one of them have
/// been sent for nothing. An auction prices one bounty at a time and gives what it can; that prices which
/// make all or nothing right need not even exist is known (Bikhchandani and Mamer, J. Economic Theory 74,
/// 1997). The idea: clear, and look. While a joint work lacks somebody, the one that lacks the largest share
/// is left out of the batch, which is cleared again without it, so that those who had won a part of it are
/// there for other work at once. Its reserves rise, and the next batch tries again.
/// <para>
/// Once all of it was given it is work like any other, part by part: what a lost machine leaves open is asked
/// for again, whole or not, since the rest is under way. If nobody takes that in
/// <see cref="JointBatchesMax"/> batches, or a part is over and not whole, the work is broken: of each part
/// no more is wanted than has arrived, so whoever has nothing aboard yet is asked to stop and compensated
/// (cancelling), and whoever has is paid.
/// </para>
/// <para>
/// Invariant, asserted after every batch: of a work that had not begun all is under contract, or nothing.
/// What is found is not always the best choice of works: the one that is left out might have been whole
/// without another. Not promised: that all of it arrives. Nodes are paid for what they bring, whatever the
/// others do; the risk is the one's who ordered it.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>Batches in which what is missing of a joint work may be asked for in vain.</summary>
    public const int JointBatchesMax = 4;

    private readonly JointBook _joints = new();

    // What is asked for together with a bounty: itself; of a joint work that has not begun all parts, or
    // nothing if not all of them can be.
    private ImmutableArray<BountyId> Together(OpenBounty bounty, Instant now, int most)
    {
        JointWork joint = bounty.Bounty.Joint;
        if (!_joints.IsUnbegun(joint.Number))
        {
            return [bounty.Bounty.Id];
        }

        bool canBe = _joints.IsComplete(joint.Number);
        var parts = ImmutableArray.CreateBuilder<BountyId>();
        foreach (OpenBounty part in _bounties.Values)
        {
            if (part.Bounty.Joint.Number == joint.Number)
            {
                canBe &= part.IsWanted(now, _rules.FillTolerance);
                parts.Add(part.Bounty.Id);
            }
        }

        return canBe && parts.Count <= most ? parts.ToImmutable() : [];
    }

    // What a batch comes to when nothing is given of works that are not whole. The lowest asks are those of
    // all requests: what is asked but not cleared keeps the asks of when it was.
    private Opened ClearWhole(
        Instant now, SortedDictionary<NodeId, BidSheet> ranked, ImmutableArray<Request> asked,
        ImmutableArray<Credits> asks)
    {
        Credits[] lowest = [.. asks];
        var left = ImmutableArray.CreateBuilder<LeftOut>();
        while (true)
        {
            ClearingResult result = _clearing.Run(Cycle, Closes, asked, ranked);
            for (int i = 0; i < asked.Length; i++)
            {
                lowest[Requests.Find(asked[i].Bounty)] = result.LowestAsks[i];
            }

            if (MostLacking(now, asked, result.Winners) is not { } lacking)
            {
                return new Opened(result.Winners, [.. lowest], left.ToImmutable());
            }

            left.Add(new LeftOut(
                lacking,
                result.Winners.RemoveAll(winner => JointOf(winner.Bounty).Number != lacking.Joint)));
            asked = Without(asked, lacking.Joint);
        }
    }

    private ImmutableArray<Request> Without(ImmutableArray<Request> asked, uint work) =>
        asked.RemoveAll(request => JointOf(request.Bounty).Number == work);

    // Of the joint works that have not begun the one of which the largest share found nobody.
    private MarketFact.JointLeft? MostLacking(
        Instant now, ImmutableArray<Request> asked, ImmutableArray<Winner> winners)
    {
        MarketFact.JointLeft? most = null;
        Grams of = Grams.Zero;
        foreach (Request request in asked)
        {
            if (_bounties.GetValueOrDefault(request.Bounty) is not { } bounty
                || !_joints.IsUnbegun(bounty.Bounty.Joint.Number))
            {
                continue;
            }

            Grams missing = Missing(bounty);
            foreach (Winner winner in winners)
            {
                missing -= winner.Bounty == request.Bounty && Givable(winner, now) is var (quantity, _)
                    ? quantity : Grams.Zero;
            }

            bool isMost = most is null
                || (Int128)missing.Value * of.Value > (Int128)most.Missing.Value * bounty.Bounty.Total.Value;
            if (missing > bounty.Bounty.Total.Share(_rules.FillTolerance) && isMost)
            {
                most = new MarketFact.JointLeft(bounty.Bounty.Joint.Number, request.Bounty, missing);
                of = bounty.Bounty.Total;
            }
        }

        return most;
    }

    // What the work needs of it that nobody brings.
    private static Grams Missing(OpenBounty bounty) =>
        bounty.Bounty.Needed - bounty.Delivered - bounty.UnderContract;

    private bool IsShort(OpenBounty bounty) =>
        Missing(bounty) > bounty.Bounty.Total.Share(_rules.FillTolerance);

    private JointWork JointOf(BountyId bounty) =>
        _bounties.GetValueOrDefault(bounty)?.Bounty.Joint ?? default;

    // The works of the open cycle of which nothing was given before its batch.
    private SortedSet<uint> Unbegun()
    {
        var works = new SortedSet<uint>();
        foreach (uint work in _joints.Works)
        {
            _ = _joints.IsUnbegun(work) && works.Add(work);
        }

        return works;
    }

    private void HoldsWhole(SortedSet<uint> unbegun)
    {
        if (unbegun.Count == 0)
        {
            return;
        }

        foreach (OpenBounty bounty in _bounties.Values)
        {
            JointWork joint = bounty.Bounty.Joint;
            Invariant.Holds(
                !unbegun.Contains(joint.Number) || _joints.IsUnbegun(joint.Number) || !IsShort(bounty));
        }
    }

    private bool IsShort(uint work)
    {
        bool isShort = false;
        foreach (OpenBounty bounty in _bounties.Values)
        {
            isShort |= bounty.Bounty.Joint.Number == work && IsShort(bounty);
        }

        return isShort;
    }

    // After a batch: what is missing was asked for often enough.
    private void BreakJoints()
    {
        foreach (uint work in (uint[])[.. _joints.Works])
        {
            if (_joints.Short(work) >= JointBatchesMax && !_joints.IsBroken(work) && IsShort(work))
            {
                _record(new MarketFact.JointBroken(work));
            }
        }
    }

    // What has not arrived of a broken work is not wanted: as if the operator had said so.
    private void EndJoints(Instant now)
    {
        if (!_joints.HasBroken)
        {
            return;
        }

        foreach (OpenBounty bounty in (OpenBounty[])[.. _bounties.Values])
        {
            if (_joints.IsBroken(bounty.Bounty.Joint.Number) && bounty.Delivered < bounty.Wanted)
            {
                Reduce(now, bounty, bounty.Delivered);
            }
        }
    }

    private void ApplyAsked()
    {
        foreach (uint work in (uint[])[.. _joints.Works])
        {
            _joints.Ask(work, !_joints.IsUnbegun(work) && IsShort(work));
        }
    }

    // A work that is left out of a batch, and who would have had its parts.
    private sealed record LeftOut(MarketFact.JointLeft Fact, ImmutableArray<Winner> Winners);

    // What a batch comes to, and the works that it leaves out, in that order.
    private sealed record Opened(
        ImmutableArray<Winner> Winners, ImmutableArray<Credits> LowestAsks, ImmutableArray<LeftOut> Left);
}
