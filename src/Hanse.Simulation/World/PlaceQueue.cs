using System;
using System.Collections.Generic;
using Hanse.Simulation.Runs;

namespace Hanse.Simulation.World;

/// <summary>Where so many machines find room at a time, first come first served: a depot with its
/// berths.</summary>
/// <param name="room">For how many.</param>
/// <param name="waits">Takes how long each waited, hours.</param>
/// <param name="wants">Whether a node that has waited still wants in.</param>
internal sealed class PlaceQueue(int room, Histogram waits, Func<int, bool> wants)
{
    private readonly Queue<(int Node, long Since)> _waiting = new();
    private readonly HashSet<int> _inside = [];

    /// <summary>A node arrives; true when there is room for it at once.</summary>
    public bool Arrive(int node, long now)
    {
        if (_inside.Count < room)
        {
            waits.Add(0);
            return _inside.Add(node);
        }

        _waiting.Enqueue((node, now));
        return false;
    }

    /// <summary>A node leaves, or is gone for good; returns the next to come in, or -1.</summary>
    public int Leave(int node, long now)
    {
        if (!_inside.Remove(node))
        {
            return -1;
        }

        while (_waiting.TryDequeue(out (int Node, long Since) next))
        {
            if (wants(next.Node))
            {
                waits.Add((now - next.Since) / 3600e6);
                _ = _inside.Add(next.Node);
                return next.Node;
            }
        }

        return -1;
    }
}
