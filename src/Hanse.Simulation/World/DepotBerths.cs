using System.Collections.Generic;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.World;

/// <summary>A depot's berths: so many at a time, first come first served.</summary>
/// <param name="berths">How many.</param>
/// <param name="waits">Takes how long each waited, hours.</param>
internal sealed class DepotBerths(int berths, Histogram waits)
{
    private readonly Queue<(int Node, long Since)> _waiting = new();
    private readonly HashSet<int> _berthed = [];

    /// <summary>A node arrives; true when a berth is free for it at once.</summary>
    public bool Arrive(int node, long now)
    {
        if (_berthed.Count < berths)
        {
            waits.Add(0);
            return _berthed.Add(node);
        }

        _waiting.Enqueue((node, now));
        return false;
    }

    /// <summary>A node leaves its berth, or is gone for good; returns the next to berth, or -1.</summary>
    public int Leave(int node, NodeTruth[] nodes, long now)
    {
        if (!_berthed.Remove(node))
        {
            return -1;
        }

        while (_waiting.TryDequeue(out (int Node, long Since) next))
        {
            if (nodes[next.Node].IsAlive
                && nodes[next.Node].Order is Core.Node.Order.Dock or Core.Node.Order.Load)
            {
                waits.Add((now - next.Since) / 3600e6);
                _ = _berthed.Add(next.Node);
                return next.Node;
            }
        }

        return -1;
    }
}
