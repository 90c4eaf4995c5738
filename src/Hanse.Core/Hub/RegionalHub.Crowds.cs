using System.Collections.Immutable;
using Hanse.Core.Identity;
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
        ImmutableArray<CrowdPrice> prices = _crowds.PricesAt(_now);
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

    // After it was paid for what it brings, and before it buys anything.
    private void TakeToll(HubInput.Docked docked, Credits owed)
    {
        if (owed > Credits.Zero || _crowds.Of(docked.Node) is not null)
        {
            Credits paid = Credits.Min(owed, _treasury.Of(docked.Node));
            Record(new HubFact.Tolled(docked.Node, docked.Docking, paid));
            _treasury.Toll(docked.Node, paid);
        }
    }
}
