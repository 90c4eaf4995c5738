using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;

namespace Hanse.Core.Hub;

/// <content>How crowded berths are going to be, and what they cost.</content>
public sealed partial class RegionalHub
{
    /// <summary>Who comes to which berth, to look at.</summary>
    public BerthBook Berths => _berths;

    // What a node bids by is what it will be held to, so it is remembered.
    private ImmutableArray<BerthPrice> BerthsFor(NodeId node)
    {
        ImmutableArray<BerthPrice> prices = _berths.PricesAt(_now);
        if (!_berths.Knows(node, prices))
        {
            Record(new HubFact.BerthsShown(node, prices));
        }

        return prices;
    }

    private void BookBerth(NodeId node, ContractId contract, Plan plan)
    {
        if (_berths.Book(node, contract, plan) is { } booking)
        {
            Record(new HubFact.BerthBooked(node, booking));
        }
    }

    // After it was paid for what it brings, and before it buys anything.
    private void TakeToll(HubInput.Docked docked, Credits owed)
    {
        if (owed > Credits.Zero || _berths.Of(docked.Node) is not null)
        {
            Credits paid = Credits.Min(owed, _treasury.Of(docked.Node));
            Record(new HubFact.Tolled(docked.Node, docked.Docking, paid));
            _treasury.Toll(docked.Node, paid);
        }
    }
}
