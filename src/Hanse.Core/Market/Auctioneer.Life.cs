using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.Core.Market;

/// <content>What may happen to a contract between its award and its end: watched promises, a lease that ends
/// early, a holder that is heard again, a later due time.</content>
/// <remarks>
/// A dead node would keep its work until the due time. Its plan has milestones before that, and a node that
/// is alive calls in every window; so one that is silent through the windows after a milestone loses its
/// lease there (<see cref="MarketFact.Missed"/>). That end is not fenced by time as the due time is: a node
/// that is alive and out of reach works on. The scale is the fence. What such a node delivers counts for what
/// nobody else has taken over. And when it is heard while all of its part is still open, it holds it again as
/// if nothing had been (<see cref="MarketFact.SilenceEnded"/>).
/// <para>
/// An extension is safe in one direction only. The hub holds the later due time from the moment it grants it,
/// the node from the moment it hears so; a grant that is lost costs the time it was for, and in no order of
/// messages does the hub give away what the node still holds.
/// </para>
/// </remarks>
public sealed partial class Auctioneer
{
    /// <summary>How often the due time of one contract may be moved.</summary>
    public const int ExtensionsMax = 2;

    /// <summary>Promises of a contract: an answer to the award, or its stages.</summary>
    public const int WatchesMax = 4;

    // Derived: when the next promise of a live contract is looked at; by node, the contract it lost to
    // silence.
    private readonly SortedSet<(Instant At, ContractId Contract)> _looks = [];
    private readonly SortedDictionary<NodeId, ContractId> _missed = [];

    /// <summary>Whether the node lost a contract to silence and has not been heard since: it may work on
    /// it.</summary>
    public bool IsMissing(NodeId node) => _missed.ContainsKey(node);

    /// <summary>The live contract of a node, or null.</summary>
    public Contract? HeldBy(NodeId node) =>
        _held.TryGetValue(node, out ContractId held) ? _contracts[held] : null;

    /// <summary>The contract that a node lost to silence and may work on; null for none.</summary>
    public Contract? MissedBy(NodeId node) =>
        _missed.TryGetValue(node, out ContractId missed) ? _contracts[missed] : null;

    /// <summary>Says what is looked at from now on in a live contract; promises that the lease outlives are
    /// kept, others are the due time's affair.</summary>
    /// <param name="contract">A live contract; any other is left alone.</param>
    /// <param name="watches">In order of time, at most <see cref="WatchesMax"/>.</param>
    public void Watch(ContractId contract, ImmutableArray<Watch> watches)
    {
        // Silence ends a lease early so that others may have the work; nobody wants this one's.
        if (Find(contract) is not { IsLive: true, Cancel: not CancelState.Asked } found)
        {
            return;
        }

        var kept = ImmutableArray.CreateBuilder<Watch>();
        foreach (Watch watch in watches)
        {
            // One that ends no later than the one before it is told by that one.
            bool isLater = kept.Count == 0 || watch.Ends > kept[^1].Ends;
            if (kept.Count < WatchesMax && isLater && watch.Ends < ExpireAt(found))
            {
                kept.Add(watch);
            }
        }

        if (!kept.ToImmutable().AsSpan().SequenceEqual(found.Watches.AsSpan()))
        {
            _record(new MarketFact.Watched(contract, kept.ToImmutable()));
        }
    }

    /// <summary>The node was heard. The contract it lost to silence is its own again if all of its part is
    /// still open and there is time left; if not, it is over, and the node is to hear that.</summary>
    public void Heard(Instant now, NodeId node)
    {
        // A hub whose authority is over gives nothing out; its successor hears the node.
        if (!IsWindingDown && _missed.TryGetValue(node, out ContractId id))
        {
            // One that has not answered its award may never have heard it.
            Contract contract = _contracts[id];
            bool isTaken = contract.Status == ContractStatus.Missed;
            _record(new MarketFact.SilenceEnded(id, isTaken && CanResume(now, contract)));
        }
    }

    /// <summary>The holder asks for a later due time.</summary>
    /// <remarks>It is granted when the bounty's deadline and the mission's rules allow it and no better offer
    /// stands: one by a node without work for less than the contract's price, while the bounty has nothing
    /// else open that it could do instead.</remarks>
    /// <param name="now">Now.</param>
    /// <param name="node">Who asks.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="epoch">Its epoch.</param>
    /// <param name="asked">The due time it asks for.</param>
    /// <returns>The due time that holds from now on, as it was when it is refused; null when there is no such
    /// live contract of this node under this epoch.</returns>
    public Instant? Extend(Instant now, NodeId node, ContractId contract, Epoch epoch, Instant asked)
    {
        Heard(now, node);
        if (Find(contract) is not { IsLive: true } found || found.Winner.Node != node || found.Epoch != epoch)
        {
            return null;
        }

        OpenBounty bounty = _bounties[found.Winner.Bounty];
        bool isBetterOffered = bounty.Open <= bounty.Bounty.Total.Share(_rules.FillTolerance)
            && bounty.LowestAsk > Credits.Zero && bounty.LowestAsk < found.Winner.PricePerLot;
        bool isGranted = asked > found.Due
            && found.Extensions < ExtensionsMax
            && asked <= bounty.Bounty.Deadline
            && asked <= found.Due + _rules.ExtensionMax
            && !isBetterOffered
            && found.Cancel != CancelState.Asked
            && !IsWindingDown;
        if (isGranted)
        {
            _record(new MarketFact.Extended(contract, asked));
            return asked;
        }

        return found.Due;
    }

    /// <summary>What a winner stakes of its own: a share of what it is to be paid.</summary>
    public Credits BondOf(Winner winner) => _bounties.GetValueOrDefault(winner.Bounty) is { } bounty
        ? _rules.Bond(winner.PricePerLot.ForPart(winner.Quantity, bounty.Bounty.Lot)) : Credits.Zero;

    // Of a sheet what a node on probation may win: parts of work that are worth no more than it may lose, and
    // none that counts only together with others', or that somebody is ordered for to be on the safe side.
    private BidSheet Proven(NodeId node, BidSheet sheet)
    {
        if (sheet.Bids.IsEmpty || _worthMaxOf(node) is not { } most)
        {
            return sheet;
        }

        var bids = ImmutableArray.CreateBuilder<Bid>(sheet.Bids.Length);
        foreach (Bid bid in sheet.Bids)
        {
            int place = Requests.Find(bid.Bounty);
            bool isSafe = place >= 0 && _bounties.GetValueOrDefault(bid.Bounty) is { } open
                && open.Bounty.Joint.IsNone && open.Bounty.Backup == Grams.Zero;
            int count = 0;
            while (isSafe && bid.IsOffer && count < bid.Steps.Length
                && WorthOf(Requests[place], bid.Steps[count].Quantity) <= most)
            {
                count++;
            }

            bids.Add(
                place < 0 || !bid.IsOffer || count == bid.Steps.Length ? bid
                : count == 0 ? Bid.None(bid.Bounty, NoBidReason.NoBond)
                : bid with { Steps = bid.Steps[..count] });
        }

        return sheet with { Bids = bids.MoveToImmutable() };
    }

    private static Credits WorthOf(Request request, Grams quantity) =>
        request.Reserve.ForPart(Grams.Min(quantity, request.Open), request.Lot);

    // Of a sheet what the node can stake a bond for, at the highest price that may be cleared, and answer
    // for if it is to carry goods. So whoever
    // wins can stake, and a node without credit keeps nobody from the work.
    private BidSheet Affordable(NodeId node, BidSheet sheet)
    {
        bool isFree = _rules.BondShare.Value == 0 && _rules.Work.LossCharge.Value == 0;
        if (isFree || sheet.Bids.IsEmpty)
        {
            return sheet;
        }

        Credits credit = CreditOf(node);
        var bids = ImmutableArray.CreateBuilder<Bid>(sheet.Bids.Length);
        foreach (Bid bid in sheet.Bids)
        {
            int place = Requests.Find(bid.Bounty);
            int count = 0;
            while (place >= 0 && bid.IsOffer && count < bid.Steps.Length
                && MostStakeOf(Requests[place], bid.Steps[count].Quantity) <= credit)
            {
                count++;
            }

            bids.Add(
                place < 0 || !bid.IsOffer || count == bid.Steps.Length ? bid
                : count == 0 ? Bid.None(bid.Bounty, NoBidReason.NoBond)
                : bid with { Steps = bid.Steps[..count] });
        }

        return sheet with { Bids = bids.MoveToImmutable() };
    }

    private Credits MostStakeOf(Request request, Grams quantity) =>
        _rules.Bond(request.Reserve.ForPart(Grams.Min(quantity, request.Open), request.Lot))
            + LiabilityOf(request.Bounty, Grams.Min(quantity, request.Open));

    private bool CanResume(Instant now, Contract contract) =>
        !IsWindingDown
        && now < contract.Due
        && !IsHeldBy(contract.Winner.Node)
        && _bounties.GetValueOrDefault(contract.Winner.Bounty) is { } bounty
        && contract.Winner.Quantity <= bounty.Open
        && IsThereFor(contract, bounty.Bounty);

    // Every promise whose windows are over: kept, or missed.
    private void Look(Instant now)
    {
        while (_looks.Count > 0 && _looks.Min.At <= now)
        {
            Contract contract = _contracts[_looks.Min.Contract];
            Watch watch = contract.Watches[0];
            if (_heardAt(contract.Winner.Node) >= watch.Due)
            {
                _record(new MarketFact.Watched(contract.Id, contract.Watches.RemoveAt(0)));
            }
            else
            {
                _record(new MarketFact.Missed(contract.Id, watch.Stage));
            }
        }
    }

    private void ApplyWatched(ContractId id, ImmutableArray<Watch> watches)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract.IsLive);
        Unindex(contract);
        contract = contract with { Watches = watches };
        _contracts[id] = contract;
        Index(contract);
    }

    // Its part is open again; what it was to be is remembered.
    private void ApplyMissed(ContractId id)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract.IsLive);
        Unindex(contract);
        contract = contract with
        {
            Status = contract.Status == ContractStatus.Offered
                ? ContractStatus.Unanswered : ContractStatus.Missed,
        };
        _contracts[id] = contract;
        Index(contract);
        OpenBounty bounty = _bounties[contract.Winner.Bounty];
        Count(
            bounty with
            {
                UnderContract = bounty.UnderContract - contract.Winner.Quantity,
                Contracts = bounty.Contracts - 1,
            },
            Grams.Zero,
            Credits.Zero);
    }

    private void ApplySilenceEnded(ContractId id, bool holds)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract.IsMissing);
        Unindex(contract);
        contract = contract with
        {
            Status = holds ? ContractStatus.Accepted : ContractStatus.Expired,
            IsTaken = contract.IsTaken || holds,
        };
        _contracts[id] = contract;
        Index(contract);
        if (holds)
        {
            OpenBounty bounty = _bounties[contract.Winner.Bounty];
            Invariant.Holds(contract.Winner.Quantity <= bounty.Open);
            _bounties[contract.Winner.Bounty] = bounty with
            {
                UnderContract = bounty.UnderContract + contract.Winner.Quantity,
                Contracts = bounty.Contracts + 1,
            };
        }
    }

    private void ApplyExtended(ContractId id, Instant due)
    {
        Contract contract = _contracts[id];
        Invariant.Holds(contract.IsLive && due > contract.Due);
        Unindex(contract);
        contract = contract with { Due = due, Extensions = contract.Extensions + 1 };
        _contracts[id] = contract;
        Index(contract);
    }
}
