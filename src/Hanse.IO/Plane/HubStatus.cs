using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Units;

namespace Hanse.IO.Plane;

/// <summary>A hub in a few numbers, for people and for counters.</summary>
/// <param name="Region">Its region.</param>
/// <param name="Epoch">Its authority; zero before its charter.</param>
/// <param name="Nodes">Nodes that belong to it.</param>
/// <param name="Bounties">Bounties that are open.</param>
/// <param name="Contracts">Contracts that run.</param>
/// <param name="Cases">Cases that wait for an operator.</param>
/// <param name="IsBalanced">Whether its books balance.</param>
public sealed record HubStatus(
    RegionId Region, uint Epoch, int Nodes, int Bounties, int Contracts, int Cases, bool IsBalanced)
{
    /// <summary>A hub's status. Cost: linear in its nodes and accounts.</summary>
    public static HubStatus Of(RegionalHub hub)
    {
        int nodes = 0;
        foreach (RosterEntry entry in hub.Roster.Values)
        {
            nodes += entry.IsActive ? 1 : 0;
        }

        long sum = 0;
        foreach (KeyValuePair<AccountId, Credits> account in hub.Books.Accounts)
        {
            sum += account.Value.Micro;
        }

        return new HubStatus(
            hub.Spec.Region, hub.Epoch.Value, nodes, hub.Market.Bounties.Count, hub.Market.LiveContracts,
            hub.Reviews.Open.Count(), IsBalanced: sum == 0);
    }
}
