using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>One point of a predictor: at this instant, this value. Between knots the prediction is a straight
/// line.</summary>
/// <param name="At">Whole second.</param>
/// <param name="Value">In the unit of the variable; may be negative.</param>
public sealed record Knot(Instant At, long Value) : IShaped<Knot>
{
    /// <summary>The largest magnitude of a value: the largest mass.</summary>
    public const long ValueMax = 1_000_000_000_000_000;

    /// <inheritdoc/>
    public static Knot Shape<TCodec>(ref TCodec codec, Knot? value)
        where TCodec : struct, ICodec
    {
        codec.Open("knot", 2);
        Instant at = codec.Second("at", value?.At ?? default);
        long read = codec.Integer("value", value?.Value ?? 0, -ValueMax, ValueMax);
        codec.Close();
        return value ?? new Knot(at, read);
    }
}

/// <summary>The predictor of one variable: hold (one knot), ramp (two), piecewise (more).</summary>
/// <param name="Variable">What is predicted.</param>
/// <param name="Knots">One to 16 knots, strictly increasing in time; the prediction holds before the first
/// and after the last.</param>
public sealed record Track(Variable Variable, ImmutableArray<Knot> Knots) : IShaped<Track>
{
    /// <summary>Most knots of a track.</summary>
    public const int KnotsMax = 16;

    /// <inheritdoc/>
    public static Track Shape<TCodec>(ref TCodec codec, Track? value)
        where TCodec : struct, ICodec
    {
        codec.Open("track", 2);
        var variable = (Variable)codec.Integer("variable", (long)(value?.Variable ?? 0), 1, 4);
        ImmutableArray<Knot> knots = codec.List("knots", value?.Knots ?? [], KnotsMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && (knots.Length == 0
            || !Fields.Increases(knots, knot => knot.At)))
        {
            codec.Refuse("a track's knots must be at least one and strictly increasing in time");
        }

        return value ?? new Track(variable, knots);
    }
}

/// <summary>What a node means to do, variable by variable: the prediction both sides evaluate while it is
/// silent.</summary>
/// <param name="Number">Counted by the node; a later plan replaces an earlier one.</param>
/// <param name="Contract">What it is for; zero when idle.</param>
/// <param name="Arrives">When the work is meant to be done; whole second.</param>
/// <param name="Tracks">At most one per variable; a variable without a track keeps its former
/// prediction.</param>
public sealed record Plan(uint Number, ContractId Contract, Instant Arrives, ImmutableArray<Track> Tracks)
    : IShaped<Plan>
{
    /// <summary>Most tracks of a plan: one a variable.</summary>
    public const int TracksMax = 4;

    /// <inheritdoc/>
    public static Plan Shape<TCodec>(ref TCodec codec, Plan? value)
        where TCodec : struct, ICodec
    {
        codec.Open("plan", 4);
        uint number = (uint)codec.Integer("number", value?.Number ?? 0, 0, uint.MaxValue);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Instant arrives = codec.Second("arrives", value?.Arrives ?? default);
        ImmutableArray<Track> tracks = codec.List("tracks", value?.Tracks ?? [], TracksMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(tracks, track => (int)track.Variable))
        {
            codec.Refuse("a plan's tracks must be in order of their variables, one each");
        }

        return value ?? new Plan(number, contract, arrives, tracks);
    }
}
