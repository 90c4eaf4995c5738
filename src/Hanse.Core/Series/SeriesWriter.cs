using System;
using System.Collections.Generic;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Core.Series;

/// <summary>The node's end of a series: it keeps samples until a contact window, then tells them in as few
/// bytes as it can, each within the dead band.</summary>
/// <remarks>
/// The problem: a dead band alone still sends a seventh of real telemetry. A node that was out of reach has
/// something better than a dead band, hindsight. It knows the whole stretch it is about to tell, so it may
/// choose any reconstruction that stays within the band of every sample, and chooses the one that is cheapest
/// to tell.
/// <para>
/// The idea: both ends keep one model of the series (<see cref="SeriesModel"/>) that expects the next level
/// from what they have shared: the level held so far and for how long, the last levels, one period ago, the
/// commands of the plan. Hold, trend, repetition and commanded step are contexts of that one model, weighed
/// for every sample anew, rather than modes to switch between. A sample is told as what the model did not
/// expect; an arithmetic coder makes that cost what it is worth. The way through the levels comes from
/// <see cref="LevelPath"/>, and each step of it is judged again by the model itself before it is told.
/// </para>
/// <para>
/// Invariants: every decoded value is within the band of its sample, since ranks are taken only from the
/// levels within it. Whole numbers throughout: the receiver computes the same bits. A window is delimited and
/// is read on its own, but the model goes on from window to window: a window lost is a window to be sent
/// again before the next can be read. A window whose levels no longer fit starts a fresh model, and says so.
/// </para>
/// <para>
/// Deliberately absent: time (a sample is its place in the sequence), checksums (the journal that carries the
/// window has them), several variables in one model, floating point. Sources: dead band, Miskowicz,
/// "Send-On-Delta Concept", Sensors 6 (2006); approximation under a uniform bound, O'Rourke, CACM 24 (1981);
/// context mixing, Mahoney (2005). The bytes are described in docs/protocol/series.md.
/// </para>
/// </remarks>
public sealed class SeriesWriter
{
    private readonly List<long> _samples = [];

    private readonly List<uint> _commands = [];

    private readonly ByteBuffer _payload = new();

    private readonly long _band;

    private LevelTable _levels;

    private SeriesModel _model = new();

    /// <summary>Begins a series.</summary>
    /// <param name="band">The dead band in units of the samples, from <see cref="SeriesWindow.BandMin"/> to
    /// <see cref="SeriesWindow.BandMax"/>.</param>
    /// <exception cref="BrokenInvariantException">The band is out of range.</exception>
    public SeriesWriter(long band)
    {
        Invariant.Holds(band is >= SeriesWindow.BandMin and <= SeriesWindow.BandMax);
        _band = band;
        _levels = new LevelTable(band);
    }

    /// <summary>Samples kept for the next window.</summary>
    public int Count => _samples.Count;

    /// <summary>Keeps one sample.</summary>
    /// <param name="value">Its value, at most <see cref="SeriesWindow.ValueMax"/> from zero.</param>
    /// <param name="command">The commands in force, as a number both ends derive from the plan; zero when
    /// none is known.</param>
    /// <returns>False, and nothing is kept, when the window is full or the value out of range: close the
    /// window, or leave the sample out and say so elsewhere.</returns>
    public bool Append(long value, uint command)
    {
        if (_samples.Count == SeriesWindow.SamplesMax
            || value is < -SeriesWindow.ValueMax or > SeriesWindow.ValueMax)
        {
            return false;
        }

        _samples.Add(value);
        _commands.Add(command);
        return true;
    }

    /// <summary>Tells what has been kept, and keeps nothing any more.</summary>
    /// <param name="into">Gets the bytes of one window; nothing when no sample was kept.</param>
    /// <remarks>Cost: about a quarter of a millisecond per hundred samples for the first window, which
    /// chooses the levels, and a twentieth of that for those after it.</remarks>
    public SeriesWindow CloseWindow(ByteBuffer into)
    {
        if (_samples.Count == 0)
        {
            return default;
        }

        int before = into.Length;
        long[] samples = [.. _samples];
        bool isFresh = _levels.Count == 0;
        List<long> added = LevelChoice.Cover(samples, _levels);
        if (!isFresh && _levels.Count + added.Count > LevelTable.CountMax)
        {
            isFresh = true;
            _model = new SeriesModel();
        }

        LevelPath path;
        if (isFresh)
        {
            (_levels, path) = LevelChoice.Choose(samples, _band);
            added = _levels.Ticks;
        }
        else
        {
            _model.Insert(_levels.Insert(added));
            path = LevelPath.Find(samples, _levels);
        }

        int period = Repetition.Find(path.Ranks);
        into.Add(isFresh ? SeriesWindow.Fresh : SeriesWindow.Continued);
        Varint.Write(into, (ulong)samples.Length);
        if (isFresh)
        {
            Varint.Write(into, (ulong)_band);
        }

        LevelRuns.Write(into, added);
        Varint.Write(into, (ulong)period);
        SeriesWindow told = Tell(path, period);
        Varint.Write(into, (ulong)_payload.Length);
        into.Add(_payload.Written);
        _samples.Clear();
        _commands.Clear();
        return told with { Bytes = into.Length - before };
    }

    private SeriesWindow Tell(LevelPath path, int period)
    {
        _payload.Clear();
        var writer = new RangeWriter(_payload);
        _model.Period = period;
        int entries = 0;
        int segments = 0;
        int held = -1;
        for (int i = 0; i < _samples.Count; i++)
        {
            _model.Prepare(_commands[i]);
            (int rank, bool isEntry) = _model.Code(ref writer, Cheapest(path, i));
            Invariant.Holds(Math.Abs(_levels[rank] - _samples[i]) <= _band);
            entries += isEntry ? 1 : 0;
            segments += rank == held ? 0 : 1;
            held = rank;
        }

        writer.Close();
        return new SeriesWindow(_samples.Count, entries, segments, 0);
    }

    // Rollout: the model prices the next step, the path what follows. It never was worse than the path.
    private int Cheapest(LevelPath path, int index)
    {
        int best = path.First(index);
        if (best == path.Last(index))
        {
            return best;
        }

        long bestCost = long.MaxValue;
        for (int rank = path.First(index); rank <= path.Last(index); rank++)
        {
            (int step, bool isEntry) = _model.Price(rank);
            long cost = step + path.CostAfter(index, rank) + (isEntry ? LevelPath.EntryPrice : 0);
            if (cost < bestCost)
            {
                (best, bestCost) = (rank, cost);
            }
        }

        return best;
    }
}
