using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>How crowded places are going to be, and what they cost.</content>
public sealed partial class RegionalHub
{
    /// <summary>Who comes to which place, to look at.</summary>
    public CrowdBook Crowds => _crowds;

    // What a node bids by is what it will be held to, so it is remembered.
    private ImmutableArray<CrowdPrice> CrowdsFor(NodeId node)
    {
        ImmutableArray<CrowdPrice> prices =
            _crowds.TableAt(_now, _market.Closes, _roster[node].IsForeign);
        if (!_crowds.Knows(node, prices))
        {
            Record(new HubFact.CrowdsShown(node, prices));
        }

        return prices;
    }

    private void Book(NodeId node, ContractId contract, Plan plan)
    {
        if (_crowds.Book(node, contract, plan) is { } booking)
        {
            Record(new HubFact.BerthBooked(node, booking));
        }
    }

    // With a bid, where it may be sent; with a contract, where it goes. A visit that is for nothing it has
    // bid on or holds, or to no site of this rock, is refused with all that came with it.
    private void Take(NodeId node, SiteVisits told)
    {
        bool isTaken = !_roster[node].IsForeign
            && (told.Contract == default ? TakeMeant(node, told) : TakeBooked(node, told));
        RefuseUnless(
            isTaken, Party.Of(node), told,
            told.Contract == default ? Refusal.BidsNotTaken : Refusal.UnknownContract);
    }

    private bool TakeMeant(NodeId node, SiteVisits told)
    {
        bool counts = _market.HasBid(node);
        foreach (SiteVisit visit in told.Visits)
        {
            counts = counts && _crowds.Counts(visit);
        }

        if (counts)
        {
            Record(new HubFact.VisitsHeard(node, told.Visits));
        }

        return counts;
    }

    private bool TakeBooked(NodeId node, SiteVisits told)
    {
        if (told.Visits is not [var visit]
            || _market.Find(told.Contract) is not { Status: ContractStatus.Accepted } contract
            || contract.Winner.Node != node || contract.Winner.Bounty != visit.Bounty
            || _crowds.BookFace(node, told.Contract, visit) is not { } booking)
        {
            return false;
        }

        Record(new HubFact.FaceBooked(node, booking, visit));
        return true;
    }

    // After it was paid for what it brings, and before it buys anything: what it owes for its berth, then for
    // its face.
    private void TakeTolls(HubInput.Docked docked, Credits owed)
    {
        if (owed > Credits.Zero || _crowds.Of(docked.Node) is not null)
        {
            Credits paid = Credits.Min(owed, _treasury.Of(docked.Node));
            Record(new HubFact.Tolled(docked.Node, docked.Docking, paid));
            _treasury.Toll(docked.Node, paid);
        }

        if (_crowds.FaceOf(docked.Node) is not null)
        {
            Credits paid = Credits.Min(_crowds.OwedForFace(docked), _treasury.Of(docked.Node));
            Record(new HubFact.FaceTolled(docked.Node, docked.Docking, paid));
            _treasury.Toll(docked.Node, paid);
        }
    }
}
