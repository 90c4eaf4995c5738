using System.Collections.Immutable;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Time;
using Hanse.Core.Units;

namespace Hanse.IO.Plane;

/// <summary>What is at risk with a node that its hub does not hear.</summary>
/// <param name="Node">Which.</param>
/// <param name="Value">What it is to be paid for the contract it holds, up to the mission's limit
/// (<see cref="IntakeRules.ValueAtRiskMax"/>).</param>
/// <param name="Heard">When its newest frame came; null before the first.</param>
public readonly record struct NodeWorth(NodeId Node, Credits Value, Instant? Heard);

/// <summary>What is at risk with the nodes of a hub, looked at in one turn.</summary>
/// <param name="AgeingPerDay">What a day of staleness is worth beside that.</param>
/// <param name="Nodes">All that it knows, by number.</param>
public sealed record HubWorth(Credits AgeingPerDay, ImmutableArray<NodeWorth> Nodes)
{
    /// <summary>A hub's nodes. Cost: linear in its roster.</summary>
    public static HubWorth Of(RegionalHub hub)
    {
        IntakeRules rules = hub.Spec.Intake;
        ImmutableArray<NodeWorth>.Builder nodes = ImmutableArray.CreateBuilder<NodeWorth>(hub.Roster.Count);
        foreach ((NodeId node, RosterEntry entry) in hub.Roster)
        {
            Credits worth = hub.Market.WorthHeldBy(node);
            nodes.Add(new NodeWorth(
                node, worth > rules.ValueAtRiskMax ? rules.ValueAtRiskMax : worth,
                entry.Link.HasHeard ? entry.Link.LastHeard : null));
        }

        return new HubWorth(rules.AgeingPerDay, nodes.MoveToImmutable());
    }

    /// <summary>What is known of a node; null when the hub does not know it. Cost: logarithmic.</summary>
    public NodeWorth? Find(NodeId node)
    {
        int low = 0;
        int high = Nodes.Length - 1;
        while (low <= high)
        {
            int middle = low + ((high - low) / 2);
            int order = Nodes[middle].Node.CompareTo(node);
            if (order == 0)
            {
                return Nodes[middle];
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}
