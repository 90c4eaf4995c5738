using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Facts;

/// <summary>One hub's market as its facts tell it, with an eye on one bounty.</summary>
internal sealed class HubView(Party hub, BountyId bounty)
{
    // Nodes of the region, and when each was heard last.
    private readonly SortedDictionary<NodeId, Instant?> _nodes = [];

    private readonly Dictionary<NodeId, ContractId> _held = [];
    private readonly Dictionary<ContractId, (NodeId Node, BountyContract? Contract)> _contracts = [];

    // When a node's last contract ended.
    private readonly Dictionary<NodeId, Instant> _free = [];

    // The open cycle, its sealed answers, and how it was opened in the step under way.
    private readonly Dictionary<NodeId, BidSheet> _sheets = [];
    private readonly Dictionary<NodeId, MarketFact.Awarded> _awarded = [];

    // Where bidders of the open cycle mean to dig, and what each was shown last of how crowded it is there.
    private readonly Dictionary<NodeId, ImmutableArray<SiteVisit>> _visits = [];
    private readonly Dictionary<NodeId, ImmutableArray<CrowdPrice>> _shown = [];

    // By what factor the answers of a node are ranked higher than it asked.
    private readonly Dictionary<NodeId, PartsPerMillion> _ratios = [];
    private CycleNumber _cycle;
    private Instant _opened;
    private Request? _request;
    private Instant _closes;
    private Credits _hourWorth;
    private Credits _hourAsked;
    private Instant _clearedAt;
    private ImmutableArray<Request> _requests = [];
    private BountyBatch? _cleared;
    private SortedDictionary<NodeId, BidSheet> _clearing = [];
    private SortedDictionary<NodeId, BidSheet> _ranking = [];
    private Dictionary<NodeId, ImmutableArray<SiteVisit>> _meant = [];
    private NodeId? _setBy;
    private HashSet<NodeId> _leased = [];

    // Bounties that are part of a joint work, and the works that the step under way left out of its batch.
    private readonly Dictionary<BountyId, uint> _joints = [];
    private readonly HashSet<uint> _leftOut = [];

    // Who is held back for a joint work, from the batch before; and in the step under way.
    private JointHold? _hold;
    private JointHold? _keeps;
    private HashSet<NodeId> _heldBack = [];

    // What of the bounty has not gone back.
    private Grams _left;

    /// <summary>Whether the bounty is on the market.</summary>
    public bool Has { get; private set; }

    /// <summary>Whether the open cycle asks for it.</summary>
    public bool IsAsked => _request is not null;

    /// <summary>Hears one fact.</summary>
    public void See(Instant at, HubFact fact)
    {
        switch (fact)
        {
            case HubFact.NodeEnrolled(var node, _, _):
                _nodes[node] = at;
                break;
            case HubFact.NodeArrived(var node, _):
                _nodes[node] = at;
                break;
            case HubFact.NodeReleased(var node, _):
                _ = _nodes.Remove(node);
                break;
            case HubFact.NodeLink(var node, LinkFact.Taken) when _nodes.ContainsKey(node):
                _nodes[node] = at;
                break;
            case HubFact.CrowdsShown(var node, var prices):
                _shown[node] = prices;
                break;
            case HubFact.VisitsHeard(var node, var visits):
                _visits[node] = visits;
                break;
            case HubFact.Market(var market):
                See(at, market);
                break;
            default:
                break;
        }
    }

    /// <summary>Follows a contract of the bounty to its end.</summary>
    public BountyContract Given(ContractId id, Winner winner)
    {
        var contract = new BountyContract(id, winner);
        _contracts[id] = (winner.Node, contract);
        return contract;
    }

    /// <summary>The batch that was opened in this step, if it had asked for the bounty.</summary>
    public BountyBatch? EndStep(Instant at)
    {
        BountyBatch? batch = _cleared;
        _cleared = null;
        if (batch is not null)
        {
            batch = Explain(batch with { Cleared = at });
        }

        _awarded.Clear();
        _leftOut.Clear();
        return batch;
    }

    private void See(Instant at, MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.BountyOpened { Bounty: var opened }:
                Open(opened);
                break;
            case MarketFact.BountyAdopted { Bounty: var adopted }:
                Open(adopted);
                break;
            case MarketFact.BountyClosed closed:
                Has &= closed.Bounty != bounty;
                _ = _joints.Remove(closed.Bounty);
                break;
            case MarketFact.JointLeft(var work, _, _):
                _ = _leftOut.Add(work);
                break;
            case MarketFact.JointHeld(var hold):
                _keeps = hold;
                break;
            case MarketFact.JointHoldEnded:
                _hold = null;
                break;
            case MarketFact.LotsTaken taken when taken.Bounty == bounty:
                _left -= taken.Quantity;
                Has &= _left > Grams.Zero;
                break;
            case MarketFact.Reduced(var less, _, false):
                _requests = [.. _requests.Where(request => request.Bounty != less)];
                _request = less == bounty ? null : _request;
                break;
            case MarketFact.CycleOpened(var cycle, var closes, var requests):
                (_closes, _requests) = (closes, requests);
                (_cycle, _opened, _request) = (cycle, at, requests.FirstOrDefault(r => r.Bounty == bounty));
                _sheets.Clear();
                _visits.Clear();
                _ratios.Clear();
                break;
            case MarketFact.HourPosted(var worth):
                _hourWorth = worth;
                break;
            case MarketFact.SheetTaken(var node, var sheet):
                _sheets[node] = sheet;
                break;
            case MarketFact.SheetWithdrawn(var node):
                _ = _sheets.Remove(node);
                break;
            case MarketFact.Ranked(var node, var ratio):
                _ratios[node] = ratio;
                break;
            case MarketFact.Cleared:
                ClearHeld();
                if (_request is null)
                {
                    break;
                }

                _cleared = new BountyBatch(hub, _cycle, _opened, at, _request, null, null, []);
                _meant = new Dictionary<NodeId, ImmutableArray<SiteVisit>>(_visits);
                _setBy = Setter();
                _leased = [.. _held.Keys];
                (_clearedAt, _hourAsked) = (_closes, _hourWorth); // The next are posted in this step.
                break;
            case MarketFact.Awarded awarded:
                _awarded[awarded.Winner.Node] = awarded;
                Hold(awarded.Contract, awarded.Winner.Node);
                break;
            case MarketFact.Honoured honoured:
                Hold(honoured.Contract, honoured.Winner.Node);
                break;
            case MarketFact.Delivered(var id, var outcome, _, var counted, var paid):
                End(at, id, outcome, counted, paid);
                break;
            case MarketFact.Recognised(var id, var counted, var paid):
                End(at, id, null, counted, paid);
                break;
            case MarketFact.KeptPaid(var id, var kept):
                End(at, id, null, default, kept.Kept);
                break;
            case MarketFact.Returned(var id, var outcome):
                End(at, id, outcome, default, default);
                break;
            case MarketFact.Cancelled(var id, var paid):
                End(at, id, ContractOutcome.Cancelled, default, paid);
                break;
            case MarketFact.Missed(var id, _):
                End(at, id, ContractOutcome.Expired, default, default);
                break;
            case MarketFact.SilenceEnded(var id, true) when _contracts.TryGetValue(id, out var again):
                _held[again.Node] = id;
                if (again.Contract is { } held)
                {
                    held.Outcome = null;
                }

                break;
            case MarketFact.Forgotten(var id):
                _ = _contracts.Remove(id);
                break;
            default:
                break;
        }
    }

    private void Open(Bounty opened)
    {
        if (opened.Id == bounty)
        {
            (Has, _left) = (true, opened.Total);
        }

        if (!opened.Joint.IsNone)
        {
            _joints[opened.Id] = opened.Joint.Number;
        }
    }

    // Nodes that are held back are not in the batch; those that were may have come for their work alone.
    private void ClearHeld()
    {
        _clearing = new SortedDictionary<NodeId, BidSheet>(_sheets);
        _ranking = _keeps?.Without(_clearing)
            ?? _hold?.Restrict(_clearing, of => _joints.GetValueOrDefault(of) == _hold.Work) ?? _clearing;
        _heldBack = [.. _keeps?.Nodes ?? []];
        if (_keeps is null && _hold is not null)
        {
            _heldBack = [.. _hold.Nodes.Where(node => _ranking.GetValueOrDefault(node)
                != _clearing.GetValueOrDefault(node) && _joints.GetValueOrDefault(bounty) != _hold.Work)];
        }

        (_hold, _keeps) = (_keeps, null);
    }

    private bool IsLeftOut(BountyId of) => _leftOut.Contains(_joints.GetValueOrDefault(of));

    // Winners are determined again from the sealed answers: who set a price is not among the facts.
    private NodeId? Setter()
    {
        if (IsLeftOut(bounty))
        {
            return null;
        }

        ImmutableArray<Request> cleared = _requests.RemoveAll(request => IsLeftOut(request.Bounty));
        var ranked = new SortedDictionary<NodeId, BidSheet>();
        foreach ((NodeId node, BidSheet sheet) in _ranking)
        {
            ranked[node] = ClaimBias.Ranked(sheet, RatioOf(node));
        }

        NodeId setBy = new WinnerDetermination().Run(_cycle, _closes, cleared, ranked)
            .SetBy[cleared.Find(bounty)];
        return setBy == default ? null : setBy;
    }

    private PartsPerMillion RatioOf(NodeId node) => _ratios.GetValueOrDefault(node);

    private void Hold(ContractId id, NodeId node)
    {
        _held[node] = id;
        _contracts[id] = (node, null);
    }

    private void End(Instant at, ContractId id, ContractOutcome? outcome, Grams counted, Credits paid)
    {
        if (_contracts.TryGetValue(id, out (NodeId Node, BountyContract? Contract) ended))
        {
            if (_held.GetValueOrDefault(ended.Node) == id)
            {
                _ = _held.Remove(ended.Node);
                _free[ended.Node] = at;
            }

            if (ended.Contract is { } contract)
            {
                contract.Outcome = outcome ?? contract.Outcome;
                contract.Counted += counted;
                contract.Paid += paid;
            }
        }
    }

    private BountyBatch Explain(BountyBatch batch)
    {
        Grams given = Grams.Zero;
        Credits? price = null;
        foreach (MarketFact.Awarded award in _awarded.Values.Where(a => a.Winner.Bounty == bounty))
        {
            given += award.Winner.Quantity;
            price = award.Winner.PricePerLot;
        }

        bool isGone = given >= batch.Request.Open;
        var fates = new List<BidFate>(_nodes.Count);
        foreach ((NodeId node, Instant? heard) in _nodes)
        {
            BidFate fate = Explain(batch, node, heard, price, isGone);
            fates.Add(fate);
        }

        return batch with { Price = price, PriceSetBy = price is null ? null : _setBy, Fates = fates };
    }

    private BidFate Explain(BountyBatch batch, NodeId node, Instant? heard, Credits? price, bool isGone)
    {
        if (!_clearing.TryGetValue(node, out BidSheet? sheet))
        {
            // Whoever was not heard since its contract ended has not been asked either.
            bool wasLeased = _free.TryGetValue(node, out Instant free) && free >= batch.Opened
                && (heard is null || heard <= free);
            return new BidFate(
                node,
                wasLeased || _leased.Contains(node) ? BidOutcome.Leased
                : heard is null || heard < batch.Opened ? BidOutcome.NotHeard
                : BidOutcome.NoAnswer);
        }

        Bid? bid = sheet.Bids.FirstOrDefault(b => b.Bounty == bounty);
        if (bid is null || !bid.IsOffer)
        {
            NoBidReason why = bid?.Reason ?? sheet.Blanket;
            return new BidFate(node, why == NoBidReason.None ? BidOutcome.NoAnswer : BidOutcome.NoBid, why);
        }

        // What it would bring and ask at most; of its award, what it asks for that.
        MarketFact.Awarded? award = _awarded.GetValueOrDefault(node);
        BidStep step = bid.Steps[^1];
        Credits ranked = ClaimBias.Ranked(step.PricePerLot, RatioOf(node));
        bool isOurs = award?.Winner.Bounty == bounty;
        BidOutcome outcome =
            isOurs ? BidOutcome.Awarded
            : ranked > batch.Request.Reserve ? BidOutcome.AboveReserve
            : step.Arrives > batch.Request.Deadline ? BidOutcome.AfterDeadline
            : award is not null ? BidOutcome.TookOther
            : IsLeftOut(bounty) ? BidOutcome.NotWhole
            : _heldBack.Contains(node) ? BidOutcome.HeldBack
            : !isGone ? BidOutcome.NotGiven
            : ranked > LastTaken(price) ? BidOutcome.Outbid
            : BidOutcome.LostDraw;
        BountyContract? contract = isOurs ? _contracts[award!.Contract].Contract : null;
        return new BidFate(
            node, outcome, NoBidReason.None, step.Quantity, step.PricePerLot, step.Arrives, contract)
        {
            RankedAt = ranked,
            ForHours = Credits.Min(
                step.PricePerLot,
                _hourAsked.ForHours(step.Arrives - _clearedAt).PerLot(step.Quantity, batch.Request.Lot)),
            Visit = VisitOf(node) is { } visit ? (visit.Site, TollOf(node, visit)) : null,
        };
    }

    private SiteVisit? VisitOf(NodeId node) => _meant.TryGetValue(node, out ImmutableArray<SiteVisit> all)
        ? all.FirstOrDefault(visit => visit.Bounty == bounty) : null;

    private Credits TollOf(NodeId node, SiteVisit visit) =>
        _shown.GetValueOrDefault(node, []).Of(Place.Of(visit.Site), visit.Comes)?.Toll(visit.Digs) ?? default;

    // The highest ask that was taken: a loser that asked no more lost by the draw.
    private Credits LastTaken(Credits? price)
    {
        Credits last = Credits.Zero;
        foreach (MarketFact.Awarded award in _awarded.Values.Where(a => a.Winner.Bounty == bounty))
        {
            if (_clearing.TryGetValue(award.Winner.Node, out BidSheet? sheet)
                && sheet.Bids.FirstOrDefault(b => b.Bounty == bounty)?.For(award.Winner.Quantity) is { } step)
            {
                last = Credits.Max(
                    last, ClaimBias.Ranked(step.PricePerLot, RatioOf(award.Winner.Node)));
            }
        }

        return last == Credits.Zero ? price ?? last : last;
    }
}
