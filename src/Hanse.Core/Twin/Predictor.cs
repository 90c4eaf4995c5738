using System;
using System.Collections.Immutable;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Twin;

/// <summary>What both ends of a link expect one variable of a node to be.</summary>
/// <remarks>
/// A piecewise linear track and an offset. A deviation shifts the whole prediction so that it passes through
/// what was observed; a new track replaces it. The node folds its own reports into a predictor of its own,
/// so it knows exactly what its hub will expect, and stays silent while it is within the dead band of that.
/// Integer arithmetic, rounded towards minus infinity: both ends compute the same bits.
/// </remarks>
public sealed record Predictor : IShaped<Predictor>
{
    /// <summary>Nothing known: zero, for ever.</summary>
    public static Predictor Unknown { get; } = new() { Knots = [new Knot(Instant.Epoch, 0)] };

    /// <summary>The track; at least one knot.</summary>
    public required ImmutableArray<Knot> Knots { get; init; }

    /// <summary>What deviations added to the track.</summary>
    public long Offset { get; init; }

    /// <summary>The plan that brought the track.</summary>
    public uint PlanNumber { get; init; }

    /// <summary>When the offset was last observed; the epoch when the track has not been deviated
    /// from.</summary>
    public Instant CorrectedAt { get; init; }

    /// <summary>The plan under which it was observed; it may not have arrived here yet.</summary>
    public uint CorrectedUnder { get; init; }

    /// <inheritdoc/>
    public static Predictor Shape<TCodec>(ref TCodec codec, Predictor? value)
        where TCodec : struct, ICodec
    {
        codec.Open("predictor", 5);
        ImmutableArray<Knot> knots = codec.List("knots", value?.Knots ?? [], Track.KnotsMax);
        long offset = codec.Integer("offset", value?.Offset ?? 0, long.MinValue, long.MaxValue);
        uint plan = (uint)codec.Integer("plan", value?.PlanNumber ?? 0, 0, uint.MaxValue);
        Instant corrected = codec.Moment("correctedAt", value?.CorrectedAt ?? default);
        uint under = (uint)codec.Integer("correctedUnder", value?.CorrectedUnder ?? 0, 0, uint.MaxValue);
        codec.Close();
        return value ?? new Predictor
        {
            Knots = knots,
            Offset = offset,
            PlanNumber = plan,
            CorrectedAt = corrected,
            CorrectedUnder = under,
        };
    }

    /// <summary>The expected value.</summary>
    public long At(Instant at) => TrackAt(at) + Offset;

    /// <summary>The prediction after a deviation: shifted to pass through the observed value.</summary>
    public Predictor Corrected(Instant at, long value, uint planNumber) =>
        this with { Offset = value - TrackAt(at), CorrectedAt = at, CorrectedUnder = planNumber };

    /// <summary>The prediction of a new track, which keeps a deviation from it that overtook it on the
    /// link.</summary>
    public Predictor Replaced(Track track, uint planNumber)
    {
        Predictor replaced = Of(track, planNumber);
        return CorrectedUnder >= planNumber
            ? replaced.Corrected(CorrectedAt, At(CorrectedAt), CorrectedUnder)
            : replaced;
    }

    /// <summary>The prediction of a new plan.</summary>
    public static Predictor Of(Track track, uint planNumber) =>
        new() { Knots = track.Knots, PlanNumber = planNumber };

    private long TrackAt(Instant at)
    {
        Invariant.Holds(Knots.Length > 0);
        if (at <= Knots[0].At)
        {
            return Knots[0].Value;
        }

        for (int i = 1; i < Knots.Length; i++)
        {
            if (at < Knots[i].At)
            {
                return Between(Knots[i - 1], Knots[i], at);
            }
        }

        return Knots[^1].Value;
    }

    private static long Between(Knot before, Knot after, Instant at)
    {
        long rise = after.Value - before.Value;
        long run = after.At.Micros - before.At.Micros;
        long done = at.Micros - before.At.Micros;
        Int128 product = (Int128)rise * done;
        Int128 quotient = product / run;
        return before.Value + (long)(product < 0 && quotient * run != product ? quotient - 1 : quotient);
    }
}
