using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>Nodes that are held back for joint work that needs more of them than are free at once.</content>
/// <remarks>
/// The problem: a work that needs thirty nodes begins in a batch in which thirty are free, and who is free is
/// given other work at once, so there never is such a batch. The idea: when a work is left out, those whom
/// it would have had are given nothing else in this batch, and in the next the work has first call on them,
/// while others finish theirs. Backfilling schedulers reserve processors for a wide job in the same way
/// (Mu'alem and Feitelson, IEEE TPDS 12, 2001); here nothing is known of when the others will be done but
/// what they bid.
/// <para>
/// A node is told nothing of it and nothing is promised to it: it bids in every batch anew and sees no award,
/// like whoever is outbid. What it loses is hours, so they are what the hub holds against it. With lost what
/// this batch gains less without the held nodes, over the hours that they would have been away for it, and
/// the hours of the wait and of the work itself, a hold is worth it while those hours at that rate come to
/// less than what the parts gain that the held nodes would take; of what is missing nothing is counted.
/// </para>
/// <para>
/// Invariants: one work at a time; a work that has had fewer turns comes before one that has had more, and
/// of those the one that is worth more; and a turn ends after <see cref="MissionRules.JointHoldBatches"/>
/// batches at the latest; so works do not wait for each other's nodes. A work has at most
/// <see cref="TurnsMax"/> turns, and none when those who are to finish in time are too few or loads as they
/// are offered do not add up to a part, so that what can never be whole holds nobody for long.
/// Held are at most <see cref="MissionRules.JointHoldShare"/> of the nodes that work or offer to, and
/// <see cref="JointHold.NodesMax"/>. Cost: a few clears for each work that is left out. Deliberately absent:
/// pay for the wait; the reserve of what is left open rises with every batch, and with it what the parts are
/// paid.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>How often nodes are held back for the same work.</summary>
    public const int TurnsMax = 2;

    private (ImmutableArray<Winner> Winners, ImmutableArray<Credits> LowestAsks) ClearHolding(
        Instant now, SortedDictionary<NodeId, BidSheet> ranked)
    {
        ImmutableArray<Credits> none = [.. new Credits[Requests.Length]];
        JointHold? hold = _joints.Hold;
        bool isAsked = hold is not null && Without(Requests, hold.Work).Length < Requests.Length;
        if (hold is not null && (!isAsked || Closes > hold.Until))
        {
            _record(new MarketFact.JointHoldEnded(hold.Work));
            hold = null;
        }

        if (hold is null)
        {
            Opened free = ClearWhole(now, ranked, Requests, none);
            return Record(Held(now, ranked, free) ?? free);
        }

        Opened first = ClearWhole(now, hold.Restrict(ranked, IsPartOf(hold.Work)), Requests, none);
        return Record(LeftOf(first, hold.Work) is null ? first : GoOn(now, ranked, first, hold));
    }

    private (ImmutableArray<Winner> Winners, ImmutableArray<Credits> LowestAsks) Record(Opened batch)
    {
        foreach (LeftOut left in batch.Left)
        {
            _record(left.Fact);
        }

        return (batch.Winners, batch.LowestAsks);
    }

    // The turn of a work begins: the batch without those that it would have had; null when none is worth it.
    private Opened? Held(Instant now, SortedDictionary<NodeId, BidSheet> ranked, Opened free)
    {
        if (_rules.JointHoldShare.Value == 0 || IsWindingDown)
        {
            return null;
        }

        var turns = new SortedSet<(int Turns, Credits Less, uint Work)>();
        foreach (LeftOut left in free.Left)
        {
            uint work = left.Fact.Joint;
            if (_joints.Turns(work) < TurnsMax)
            {
                _ = turns.Add((_joints.Turns(work), -WorthOf(work), work));
            }
        }

        Instant until = Closes + (_rules.JointHoldBatches * _rules.CyclePeriod);
        foreach ((int _, Credits _, uint work) in turns)
        {
            Opened alone = ClearWhole(now, ranked, WithoutOthers(free, work), free.LowestAsks);
            if (LeftOf(alone, work) is { } left && Keep(now, ranked, free, left, until) is { } held)
            {
                return held;
            }
        }

        return null;
    }

    // The turn of a work goes on, or is over: it begins, without other works that are not whole if need be,
    // or the others clear the batch with those it had held.
    private Opened GoOn(
        Instant now, SortedDictionary<NodeId, BidSheet> ranked, Opened first, JointHold hold)
    {
        Opened alone = ClearWhole(
            now, hold.Restrict(ranked, IsPartOf(hold.Work)), WithoutOthers(first, hold.Work),
            first.LowestAsks);
        if (LeftOf(alone, hold.Work) is not { } left)
        {
            return alone with
            {
                Left = first.Left.RemoveAll(one => one.Fact.Joint == hold.Work).AddRange(alone.Left),
            };
        }

        Opened free = ClearWhole(now, ranked, Without(Requests, hold.Work), first.LowestAsks);
        if (Keep(now, ranked, free, left, hold.Until) is { } held)
        {
            return held;
        }

        _record(new MarketFact.JointHoldEnded(hold.Work));
        return free with { Left = free.Left.Insert(0, left) };
    }

    // What is asked, without the other works that a batch leaves out: they would be given to those who win
    // nothing by it.
    private ImmutableArray<Request> WithoutOthers(Opened batch, uint work)
    {
        ImmutableArray<Request> asked = Requests;
        foreach (LeftOut left in batch.Left)
        {
            asked = left.Fact.Joint == work ? asked : Without(asked, left.Fact.Joint);
        }

        return asked;
    }

    private Credits WorthOf(uint work)
    {
        Credits worth = Credits.Zero;
        foreach (OpenBounty part in _bounties.Values)
        {
            worth += part.Bounty.Joint.Number == work ? part.Bounty.Worth : Credits.Zero;
        }

        return worth;
    }

    // The batch without those whom a work would have had, if that is worth it.
    private Opened? Keep(
        Instant now, SortedDictionary<NodeId, BidSheet> ranked, Opened free, LeftOut left, Instant until)
    {
        if (WaitFor(now, left, ranked, until) is not { } wait)
        {
            return null;
        }

        uint work = left.Fact.Joint;
        var hold = new JointHold(work, NodesOf(left.Winners), until);
        Opened held = ClearWhole(now, hold.Without(ranked), Without(Requests, work), free.LowestAsks);
        if (!IsWorth(free, held, left.Winners, wait))
        {
            return null;
        }

        _record(new MarketFact.JointHeld(hold));
        return held with { Left = held.Left.Insert(0, left) };
    }

    // How many batches it takes until enough are free that may take what is missing, by when those at work
    // said they would be done and by how many of those who answered offer any of it; null when that is too
    // late, or when there are not enough.
    private int? WaitFor(
        Instant now, LeftOut left, SortedDictionary<NodeId, BidSheet> sheets, Instant until)
    {
        (int able, int offering) = (0, 0);
        foreach (BidSheet sheet in sheets.Values)
        {
            bool offers = false;
            foreach (Bid bid in sheet.Bids)
            {
                offers |= bid.IsOffer && JointOf(bid.Bounty).Number == left.Fact.Joint;
            }

            able += sheet.HasOffer ? 1 : 0;
            offering += offers ? 1 : 0;
        }

        if (left.Winners.IsEmpty || NodesFor(now, left, sheets) is not { } more)
        {
            return null;
        }

        long most = Math.Min(
            JointHold.NodesMax, (able + LiveContracts) * (long)_rules.JointHoldShare.Value / 1_000_000);
        int waits = (int)Math.Min(_rules.JointHoldBatches, (until - Closes).Ticks / _rules.CyclePeriod.Ticks);
        for (int wait = 1; wait <= waits && left.Winners.Length + more <= most; wait++)
        {
            // Who is done in the first half of a cycle is asked in it.
            Instant done = Closes + (wait * _rules.CyclePeriod) - (_rules.CyclePeriod / 2);
            long free = 0;
            foreach (ContractId id in _held.Values)
            {
                free += _contracts[id].Winner.Arrives <= done ? 1 : 0;
            }

            if (free * offering >= more * able)
            {
                return wait;
            }
        }

        return null;
    }

    // How many more nodes bring what is missing, if they bring as much as those who offer it now; null when
    // their loads do not add up to it.
    private long? NodesFor(Instant now, LeftOut left, SortedDictionary<NodeId, BidSheet> sheets)
    {
        long nodes = 0;
        foreach (OpenBounty part in _bounties.Values)
        {
            if (part.Bounty.Joint.Number != left.Fact.Joint)
            {
                continue;
            }

            Grams missing = Missing(part);
            foreach (Winner winner in left.Winners)
            {
                missing -= winner.Bounty == part.Bounty.Id && Givable(winner, now) is var (quantity, _)
                    ? quantity : Grams.Zero;
            }

            if (missing <= part.Bounty.Total.Share(_rules.FillTolerance))
            {
                continue;
            }

            if (MeanLoad(part, sheets) is not { } load)
            {
                return null;
            }

            nodes += (missing.Value + load.Value - 1) / load.Value;
        }

        return nodes;
    }

    // What those bring who offer a part and ask no more for it than is paid; null when loads of that kind do
    // not add up to it: loads of two tonnes never make twenty-five, however many wait. So at least half of
    // those who offer it come for what is left when all others bring the most.
    private Grams? MeanLoad(OpenBounty part, SortedDictionary<NodeId, BidSheet> sheets)
    {
        int place = Requests.Find(part.Bounty.Id);
        if (place < 0)
        {
            return null;
        }

        Request request = Requests[place];
        var leasts = new List<Grams>();
        (Int128 sum, Grams most) = (0, Grams.Zero);
        foreach (BidSheet sheet in sheets.Values)
        {
            (Grams least, Grams load) = (Grams.Zero, Grams.Zero);
            foreach (Bid bid in sheet.Bids)
            {
                foreach (BidStep step in bid.Bounty == request.Bounty ? bid.Steps : [])
                {
                    bool isPaid = step.PricePerLot <= request.Reserve;
                    least = isPaid && least == Grams.Zero ? step.Quantity : least;
                    load = isPaid ? step.Quantity : load;
                }
            }

            if (load > Grams.Zero)
            {
                leasts.Add(least);
                sum += load.Value;
                most = Grams.Max(most, load);
            }
        }

        if (leasts.Count == 0)
        {
            return null;
        }

        leasts.Sort();
        Grams wanted = Missing(part) - part.Bounty.Total.Share(_rules.FillTolerance);
        long others = (wanted.Value - 1) / most.Value;
        bool addsUp = leasts[(leasts.Count - 1) / 2].Value <= part.Open.Value - (others * most.Value);
        return addsUp ? new Grams((long)(sum / leasts.Count)) : null;
    }

    private bool IsWorth(Opened free, Opened held, ImmutableArray<Winner> winners, int wait)
    {
        long cycles = wait * _rules.CyclePeriod.Ticks;
        foreach (Winner winner in winners)
        {
            if (_bounties.GetValueOrDefault(winner.Bounty) is not { } bounty
                || winner.Arrives + TimeSpan.FromTicks(cycles) > bounty.Bounty.Deadline)
            {
                return false;
            }
        }

        // Of those who would have other work: hours of that, and of the wait and the part.
        (Int128 away, Int128 instead) = (0, 0);
        foreach (Winner other in free.Winners)
        {
            foreach (Winner winner in winners)
            {
                if (winner.Node == other.Node)
                {
                    away += (other.Arrives - Closes).Ticks;
                    instead += cycles + (winner.Arrives - Closes).Ticks;
                }
            }
        }

        Int128 gain = GainOf(winners);
        Int128 lost = away == 0 ? 0 : GainOf(free.Winners) - GainOf(held.Winners);
        return gain > 0 && (lost <= 0 || gain * away >= lost * instead);
    }

    // What work is worth over what is asked for it.
    private Int128 GainOf(ImmutableArray<Winner> winners)
    {
        Int128 gain = 0;
        foreach (Winner winner in winners)
        {
            gain += _bounties.GetValueOrDefault(winner.Bounty)?.Bounty is { } bounty
                ? (bounty.ValuePerLot - winner.Asked).ForPart(winner.Quantity, bounty.Lot).Micro : 0;
        }

        return gain;
    }

    private Func<BountyId, bool> IsPartOf(uint work) => bounty => JointOf(bounty).Number == work;

    private static LeftOut? LeftOf(Opened batch, uint work)
    {
        foreach (LeftOut left in batch.Left)
        {
            if (left.Fact.Joint == work)
            {
                return left;
            }
        }

        return null;
    }

    private static ImmutableArray<NodeId> NodesOf(ImmutableArray<Winner> winners)
    {
        var nodes = new SortedSet<NodeId>();
        foreach (Winner winner in winners)
        {
            _ = nodes.Add(winner.Node);
        }

        return [.. nodes];
    }
}
