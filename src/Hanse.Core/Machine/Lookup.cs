#pragma warning disable RS0030 // The one place that may hold a Dictionary: it lets nobody see its order.
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

namespace Hanse.Core.Machine;

/// <summary>A hash table that cannot be enumerated, so its order can never reach an effect.</summary>
/// <remarks>Where an order is needed, use a sorted collection; a foreach over this type does not
/// compile.</remarks>
public sealed class Lookup<TKey, TValue>
    where TKey : notnull
{
    private readonly Dictionary<TKey, TValue> _entries = [];

    /// <summary>Number of entries.</summary>
    public int Count => _entries.Count;

    /// <summary>The value of a key that is present.</summary>
    public TValue this[TKey key]
    {
        get => _entries[key];
        set => _entries[key] = value;
    }

    /// <summary>Whether the key is present.</summary>
    public bool Contains(TKey key) => _entries.ContainsKey(key);

    /// <summary>The value of a key, if present.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value) =>
        _entries.TryGetValue(key, out value);

    /// <summary>Removes a key; false when it was absent.</summary>
    public bool Remove(TKey key) => _entries.Remove(key);
}
