using System.Collections.Generic;

namespace Hanse.Simulation.Fleet;

/// <summary>Objects that events carry: kept by index, and given up when taken.</summary>
internal sealed class Slab
{
    private readonly List<object?> _items = [];
    private readonly Stack<int> _free = new();

    public int Put(object item)
    {
        if (_free.TryPop(out int index))
        {
            _items[index] = item;
            return index;
        }

        _items.Add(item);
        return _items.Count - 1;
    }

    public object Take(int index)
    {
        object item = _items[index]!;
        _items[index] = null;
        _free.Push(index);
        return item;
    }
}
