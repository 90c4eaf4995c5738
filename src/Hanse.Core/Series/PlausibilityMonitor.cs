using System;
using Hanse.Core.Machine;

namespace Hanse.Core.Series;

/// <summary>Says when a series is no longer what it was.</summary>
/// <remarks>
/// The problem: a node's telemetry arrives after weeks, and somebody must say which of a hundred channels
/// behaved in a way it never had, without a model of any of them and without crying wolf.
/// <para>
/// The idea: learn from a stretch held to be nominal what is normal, by measures that mean something on any
/// series: the level of short and longer stretches, their roughness, how often they move beyond the dead band
/// (<see cref="Envelope"/>), and their shape (<see cref="ShapeLibrary"/>). How far normal reaches is found by
/// leaving parts of the training out. Nothing is tuned for a channel, and no constant comes from labels of
/// anomalies: lengths are powers of two from one sample to 128, margins an eighth or a quarter of what
/// training showed, and the least that can be news is a level one dead band off, a shape two bands off in
/// its eight points together, or moves of two bands more in one stretch.
/// </para>
/// <para>
/// Invariants: bounded memory, one pass, whole numbers: a node and a hub that saw the same samples raise the
/// same alarms. What lasts becomes the new normal after it has been told, so an alarm says "this is new",
/// not "this is still so". Deliberately absent: verdicts. Whether news is a fault is for the reconciliation,
/// which knows the plan and the other sightings, and for people.
/// </para>
/// </remarks>
public sealed class PlausibilityMonitor
{
    /// <summary>Training samples used; of a longer part the last ones.</summary>
    public const int TrainingMax = 16_384;

    // Larger values are taken for this one, so that sums of a stretch fit.
    private const long ValueMax = 1L << 50;

    private readonly SeriesTail _tail;

    private readonly Envelope[] _envelopes;

    private readonly ShapeLibrary[] _libraries;

    private long _trained;

    /// <summary>Learns what is normal.</summary>
    /// <param name="training">Samples held to be nominal, in order; at least one.</param>
    /// <param name="band">The dead band, in their units.</param>
    /// <remarks>Cost: quadratic in the training part; a third of a second for
    /// <see cref="TrainingMax"/>.</remarks>
    public PlausibilityMonitor(ReadOnlySpan<long> training, long band)
    {
        Invariant.Holds(training.Length > 0);
        Invariant.Holds(band is > 0 and <= SeriesWindow.BandMax);
        _tail = new SeriesTail(band);
        _envelopes =
        [
            .. Envelopes(AlarmReasons.Level, [1, 8, 16, 32, 64], band),
            .. Envelopes(AlarmReasons.Roughness, [8, 16, 32, 64], band),
            .. Envelopes(AlarmReasons.Activity, [32, 64, 128], band),
        ];
        _libraries =
        [
            new ShapeLibrary(8, isCentred: false, band),
            new ShapeLibrary(8, isCentred: true, band),
            new ShapeLibrary(64, isCentred: false, band),
        ];
        Train(training[Math.Max(0, training.Length - TrainingMax)..]);
    }

    /// <summary>Takes the next sample.</summary>
    /// <returns>What is new about the stretches that end with it.</returns>
    public AlarmReasons Observe(long value)
    {
        Add(value);
        long service = _tail.Count - _trained;
        AlarmReasons reasons = AlarmReasons.None;
        foreach (Envelope envelope in _envelopes)
        {
            bool isNews = envelope.IsArmed && service >= envelope.Length && envelope.IsOutside(_tail);
            reasons |= isNews ? envelope.Measure : AlarmReasons.None;
        }

        foreach (ShapeLibrary library in _libraries)
        {
            bool isNews = library.IsArmed && service >= library.Length && library.IsNews(_tail, service);
            reasons |= isNews ? AlarmReasons.Shape : AlarmReasons.None;
        }

        return reasons;
    }

    private void Train(ReadOnlySpan<long> training)
    {
        foreach (long value in training)
        {
            Add(value);
            foreach (Envelope envelope in _envelopes)
            {
                if (_tail.Count >= envelope.Length)
                {
                    envelope.Learn(_tail, training.Length);
                }
            }

            foreach (ShapeLibrary library in _libraries)
            {
                if (_tail.Count >= library.Length)
                {
                    library.Learn(_tail, training.Length);
                }
            }
        }

        foreach (Envelope envelope in _envelopes)
        {
            envelope.Arm();
        }

        foreach (ShapeLibrary library in _libraries)
        {
            library.Arm();
        }

        _trained = _tail.Count;
    }

    private void Add(long value) => _tail.Add(Math.Clamp(value, -ValueMax, ValueMax));

    private static Envelope[] Envelopes(AlarmReasons measure, int[] lengths, long band) =>
        Array.ConvertAll(lengths, length => new Envelope(measure, length, band));
}
