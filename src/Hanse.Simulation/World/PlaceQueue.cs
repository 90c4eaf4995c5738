using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Wire;

namespace Hanse.Simulation.World;

/// <summary>Where so many machines find room at a time, first come first served: a depot with its berths, a
/// site with its faces.</summary>
/// <param name="room">For how many.</param>
/// <param name="waits">Takes how long each waited, hours.</param>
/// <param name="wants">Whether a node that has waited since it was given an order still wants in.</param>
internal sealed class PlaceQueue(int room, Action<double> waits, Func<int, uint, bool> wants)
    : IShapedState
{
    private readonly Queue<(int Node, uint Order, long Since)> _waiting = new();
    private readonly HashSet<int> _inside = [];

    /// <summary>A node arrives; true when there is room for it at once.</summary>
    public bool Arrive(int node, uint order, long now)
    {
        if (_inside.Count < room)
        {
            waits(0);
            return _inside.Add(node);
        }

        _waiting.Enqueue((node, order, now));
        return false;
    }

    /// <summary>A node leaves, or is gone for good; returns the next to come in, or -1.</summary>
    public int Leave(int node, long now)
    {
        if (!_inside.Remove(node))
        {
            return -1;
        }

        while (_waiting.TryDequeue(out (int Node, uint Order, long Since) next))
        {
            if (wants(next.Node, next.Order))
            {
                waits((now - next.Since) / 3600e6);
                _ = _inside.Add(next.Node);
                return next.Node;
            }
        }

        return -1;
    }

    /// <summary>Whether no more are inside than there is room for, each has to do there, and nobody waits
    /// while there is room.</summary>
    public bool IsSound(Func<int, bool> isBusy) =>
        _inside.Count <= room && _inside.All(isBusy)
        && (_inside.Count == room || !_waiting.Any(next => wants(next.Node, next.Order)));

    /// <inheritdoc/>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("places", 2);
        int[] inside = [.. _inside.Order()];
        int here = codec.OpenList("inside", inside.Length, room);
        _inside.Clear();
        for (int i = 0; i < here && !codec.Failed; i++)
        {
            _ = _inside.Add(codec.Number("node", codec.IsReading ? 0 : inside[i]));
        }

        codec.CloseList();
        (int Node, uint Order, long Since)[] waiting = [.. _waiting];
        int there = codec.OpenList("waiting", waiting.Length, int.MaxValue);
        _waiting.Clear();
        for (int i = 0; i < there && !codec.Failed; i++)
        {
            (int Node, uint Order, long Since) next = codec.IsReading ? default : waiting[i];
            codec.Open("node", 3);
            int node = codec.Number("node", next.Node);
            uint order = (uint)codec.Integer("order", next.Order, 0, uint.MaxValue);
            long since = codec.Integer("since", next.Since, 0, long.MaxValue);
            codec.Close();
            _waiting.Enqueue((node, order, since));
        }

        codec.CloseList();
        codec.Close();
    }
}
