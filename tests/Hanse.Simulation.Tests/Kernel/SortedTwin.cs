using System.Collections.Generic;
using Hanse.Simulation.Kernel;

namespace Hanse.Simulation.Tests.Kernel;

/// <summary>The dumbest scheduler: a sorted set under its own words for the order, not those of
/// Event.</summary>
internal sealed class SortedTwin : IScheduler
{
    private readonly SortedDictionary<(long, uint, uint, uint), Event> _pending = [];

    public int Count => _pending.Count;

    public void Add(in Event pending) => _pending.Add(KeyOf(pending), pending);

    public bool TryTake(out Event least)
    {
        bool any = TryPeek(out least);
        _ = any && _pending.Remove(KeyOf(least));
        return any;
    }

    public bool TryPeekTime(out long time)
    {
        bool any = TryPeek(out Event least);
        time = least.Time;
        return any;
    }

    public void Dispose() => _pending.Clear();

    public static (long Time, uint Destination, uint Source, uint Sequence) KeyOf(in Event e) =>
        (e.Time, e.Destination, e.Source, e.Sequence);

    private bool TryPeek(out Event least)
    {
        foreach (Event first in _pending.Values)
        {
            least = first;
            return true;
        }

        least = default;
        return false;
    }
}
