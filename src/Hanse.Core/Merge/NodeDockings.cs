using System;
using System.Collections.Generic;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>The dockings of one node of which only one half is known, and where both halves have got
/// to.</summary>
/// <remarks>
/// A docking has two halves: the scale weighs it and the market settles that, and the node's journal tells
/// it. When both are here it is forgotten, and two marks are enough to know it again: a node's dockings rise,
/// and so does its journal. One that the journal has passed over is not told any more. So what is kept is
/// what happened between two returns, however old the fleet; and at most <see cref="Max"/> of either half,
/// of which the oldest then makes room.
/// </remarks>
internal sealed class NodeDockings
{
    /// <summary>Most dockings with one half of a node: more than it does between two returns.</summary>
    internal const int Max = 256;

    private readonly SortedDictionary<uint, Docking> _weighed = [];
    private readonly SortedDictionary<uint, ToldCargo> _told = [];
    private readonly SortedDictionary<Commodity, Grams> _outflow = [];

    // The highest docking that the journal told, and the highest that a scale reported.
    private uint _toldThrough;
    private uint _weighedThrough;

    /// <summary>Dockings weighed and not forgotten.</summary>
    internal IReadOnlyDictionary<uint, Docking> Weighed => _weighed;

    /// <summary>Dockings told that no scale has reported, or that wait for their settlement.</summary>
    internal IReadOnlyDictionary<uint, ToldCargo> Told => _told;

    /// <summary>What it has given away, by commodity: as weighed where it was weighed, else as
    /// told.</summary>
    internal IReadOnlyDictionary<Commodity, Grams> Outflow => _outflow;

    /// <summary>Whether a scale's word about a docking would be news.</summary>
    internal bool IsHistory(uint docking) =>
        docking <= _toldThrough && docking <= _weighedThrough
        && !_told.ContainsKey(docking) && !_weighed.ContainsKey(docking);

    /// <summary>Whether the journal has told a docking, or passed it over.</summary>
    internal bool IsTold(uint docking) => docking <= _toldThrough;

    /// <summary>Whether there is no room for another weighing, since all wait to be settled.</summary>
    internal bool IsFull() => _weighed.Count >= Max && Oldest() is null;

    /// <summary>A scale's word, or a lesser one in its place.</summary>
    internal void Weigh(uint number, Weighing weighing)
    {
        if (_told.TryGetValue(number, out ToldCargo? told))
        {
            Flow(told.Commodity, weighing.Mass - Believed(number, told));
        }

        if (_weighed.Count >= Max && !_weighed.ContainsKey(number) && Oldest() is { } oldest)
        {
            _ = _weighed.Remove(oldest);
        }

        _weighed[number] = new Docking(weighing, null);
        _weighedThrough = Math.Max(_weighedThrough, number);
    }

    /// <summary>A journal's word.</summary>
    internal void Tell(uint number, ToldCargo cargo)
    {
        Flow(cargo.Commodity, Believed(number, cargo));
        _toldThrough = number;
        _told[number] = cargo;
        foreach (uint passed in (uint[])[.. _weighed.Keys])
        {
            ForgetIfDone(passed);
        }

        while (_told.Count > Max)
        {
            using SortedDictionary<uint, ToldCargo>.KeyCollection.Enumerator first =
                _told.Keys.GetEnumerator();
            _ = first.MoveNext();
            _ = _told.Remove(first.Current);
        }
    }

    /// <summary>A docking was settled.</summary>
    internal void Settle(uint number, SettledAs how)
    {
        _weighed[number] = _weighed[number] with { As = how };
        ForgetIfDone(number);
    }

    internal void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec
    {
        codec.Open("dockings", 5);
        _toldThrough = (uint)codec.Integer("toldThrough", _toldThrough, 0, uint.MaxValue);
        _weighedThrough = (uint)codec.Integer("weighedThrough", _weighedThrough, 0, uint.MaxValue);
        codec.Table(
            "weighed",
            _weighed,
            static (ref TCodec c, uint key) => (uint)c.Integer("docking", key, 0, uint.MaxValue),
            static (ref TCodec c, Docking value) => Docking.Shape(ref c, value));
        codec.Table(
            "told",
            _told,
            static (ref TCodec c, uint key) => (uint)c.Integer("docking", key, 0, uint.MaxValue),
            static (ref TCodec c, ToldCargo value) => ToldCargo.Shape(ref c, value));
        codec.Table(
            "outflow",
            _outflow,
            static (ref TCodec c, Commodity key) => (Commodity)c.Integer("commodity", (long)key, 1, 4),
            static (ref TCodec c, Grams value) => c.Mass("mass", value));
        codec.Close();
    }

    // What a docking took from the node: the scale's word, else the node's.
    private Grams Believed(uint number, ToldCargo told) =>
        _weighed.TryGetValue(number, out Docking? known) ? known.Weighing.Mass : told.Mass;

    private void Flow(Commodity commodity, Grams mass) =>
        _outflow[commodity] = _outflow.GetValueOrDefault(commodity) + mass;

    private void ForgetIfDone(uint number)
    {
        if (IsTold(number) && _weighed[number].As is not null)
        {
            _ = _weighed.Remove(number);
            _ = _told.Remove(number);
        }
    }

    // The oldest weighing that waits for its journal only.
    private uint? Oldest()
    {
        foreach (KeyValuePair<uint, Docking> docking in _weighed)
        {
            if (docking.Value.As is not null)
            {
                return docking.Key;
            }
        }

        return null;
    }
}
