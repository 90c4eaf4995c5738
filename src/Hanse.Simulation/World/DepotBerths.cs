using System.Collections.Generic;

namespace Hanse.Simulation.World;

/// <summary>A depot's berths: so many at a time, first come first served.</summary>
internal sealed class DepotBerths(int berths)
{
    private readonly Queue<int> _waiting = new();
    private readonly HashSet<int> _berthed = [];

    /// <summary>A node arrives; true when a berth is free for it at once.</summary>
    public bool Arrive(int node)
    {
        if (_berthed.Count < berths)
        {
            return _berthed.Add(node);
        }

        _waiting.Enqueue(node);
        return false;
    }

    /// <summary>A node leaves its berth, or is gone for good; returns the next to berth, or -1.</summary>
    public int Leave(int node, NodeTruth[] nodes)
    {
        if (!_berthed.Remove(node))
        {
            return -1;
        }

        while (_waiting.TryDequeue(out int next))
        {
            if (nodes[next].IsAlive && nodes[next].Order is Core.Node.Order.Dock or Core.Node.Order.Load)
            {
                _ = _berthed.Add(next);
                return next;
            }
        }

        return -1;
    }
}
