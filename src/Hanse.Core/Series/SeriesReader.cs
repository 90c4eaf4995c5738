using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using Hanse.Core.Wire;

namespace Hanse.Core.Series;

/// <summary>The hub's end of a series: it reads windows in the order they were written.</summary>
/// <remarks>
/// The bytes are a stranger's. Never throws; at most <see cref="SeriesWindow.SamplesMax"/> samples a window,
/// <see cref="LevelTable.CountMax"/> levels, and twice 0.4 MB of model; a refused window leaves the reader
/// as it was, so the same window may be sent again. One window has one encoding of its payload: what another
/// writer would have closed otherwise is refused.
/// </remarks>
public sealed class SeriesReader
{
    private static readonly SeriesModel _blank = new();

    private LevelTable? _levels;

    private SeriesModel _model = new();

    // Where the next window is read, so that a refused one has changed nothing; the two then change places.
    private SeriesModel _draft = new();

    /// <summary>The dead band of the series in its units; zero before the first window.</summary>
    public long Band => _levels?.Band ?? 0;

    /// <summary>Reads one window.</summary>
    /// <param name="bytes">Begins with the window; what follows it is left alone.</param>
    /// <param name="commands">The commands in force at each of its samples, as the writer had them; zero is
    /// taken where they end.</param>
    /// <param name="values">Gets the values, each within the band of what was observed; empty on
    /// refusal.</param>
    /// <param name="consumed">Bytes of the window; zero on refusal.</param>
    /// <param name="error">Why it is refused.</param>
    public bool TryRead(ReadOnlySpan<byte> bytes, ReadOnlySpan<uint> commands, ICollection<long> values,
        out int consumed, [NotNullWhen(false)] out DecodeError? error)
    {
        values.Clear();
        consumed = 0;
        int position = 0;
        string? refusal = Read(bytes, commands, values, ref position);
        if (refusal is not null)
        {
            values.Clear();
            error = new DecodeError(position, refusal);
            return false;
        }

        consumed = position;
        error = null;
        return true;
    }

    private string? Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<uint> commands, ICollection<long> values,
        ref int position)
    {
        if (bytes.Length == 0)
        {
            return "the bytes end here";
        }

        byte head = bytes[position++];
        if (head is not SeriesWindow.Fresh and not SeriesWindow.Continued)
        {
            return "this is no window of version 1";
        }

        bool isFresh = head == SeriesWindow.Fresh;
        if (!isFresh && _levels is null)
        {
            return "the first window of a series must be a fresh one: ask for it again";
        }

        if (!Varint.TryRead(bytes, ref position, out ulong samples)
            || samples is 0 or > SeriesWindow.SamplesMax)
        {
            return "the number of samples is out of range";
        }

        ulong band = (ulong)Band;
        if (isFresh && (!Varint.TryRead(bytes, ref position, out band)
            || band is < SeriesWindow.BandMin or > SeriesWindow.BandMax))
        {
            return "the dead band is out of range";
        }

        LevelTable levels = isFresh ? new LevelTable((long)band) : new LevelTable(_levels!);
        var added = new List<long>();
        if (LevelRuns.Read(bytes, ref position, levels, added) is { } refusal)
        {
            return refusal;
        }

        if (!Varint.TryRead(bytes, ref position, out ulong period)
            || period is < SeriesModel.PeriodMin or > SeriesModel.PeriodMax)
        {
            return "the period is out of range";
        }

        if (!Varint.TryRead(bytes, ref position, out ulong length)
            || length > (ulong)(bytes.Length - position))
        {
            return "the window is cut off";
        }

        _draft.CopyFrom(isFresh ? _blank : _model);
        _draft.Insert(levels.Insert(added));
        _draft.Period = (int)period;
        var reader = new RangeReader(bytes.Slice(position, (int)length));
        for (int i = 0; i < (int)samples; i++)
        {
            _draft.Prepare(i < commands.Length ? commands[i] : 0);
            (int rank, _) = _draft.Code(ref reader, 0);
            if (rank < 0 || rank >= levels.Count || reader.IsExhausted)
            {
                return "the samples are nonsense";
            }

            values.Add(levels[rank]);
        }

        if (!reader.IsClosed)
        {
            return "the samples do not end where the window does";
        }

        position += (int)length;
        _levels = levels;
        (_model, _draft) = (_draft, _model);
        return null;
    }
}
