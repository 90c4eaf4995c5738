using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Intake;

/// <summary>What an <see cref="IntakeQueue"/> remembers.</summary>
public abstract record IntakeFact : IShaped<IntakeFact>
{
    private IntakeFact()
    {
    }

    /// <summary>A node may send.</summary>
    /// <param name="At">When it offered.</param>
    /// <param name="Summary">Its word, in place of any earlier.</param>
    /// <param name="Bytes">How much it may send.</param>
    /// <param name="Until">When it must have arrived.</param>
    /// <param name="NextWindow">When the node calls again: validation should be over by then.</param>
    public sealed record Admitted(
        Instant At, ReturnSummary Summary, long Bytes, Instant Until, Instant NextWindow) : IntakeFact;

    /// <summary>A node was told to come back.</summary>
    /// <param name="At">When it offered.</param>
    /// <param name="Summary">Its word, in place of any earlier.</param>
    /// <param name="ReturnAt">When it may come back.</param>
    public sealed record Deferred(Instant At, ReturnSummary Summary, Instant ReturnAt) : IntakeFact;

    /// <summary>An admitted node has more than it said before.</summary>
    public sealed record Restated(Instant At, ReturnSummary Summary) : IntakeFact;

    /// <summary>An upload is over, and this much of it is here.</summary>
    public sealed record Arrived(Instant At, NodeId Node, long Bytes) : IntakeFact;

    /// <summary>Validation of an upload has begun.</summary>
    public sealed record Begun(Instant At, NodeId Node) : IntakeFact;

    /// <summary>Validation of an upload is over.</summary>
    /// <param name="At">When.</param>
    /// <param name="Node">Whose.</param>
    /// <param name="Spent">Processor time it took.</param>
    /// <param name="AcceptedSize">Blocks of the journal that are accepted now.</param>
    public sealed record Finished(
        Instant At, NodeId Node, ProcessorTime Spent, long AcceptedSize) : IntakeFact;

    /// <summary>An upload did not come in its window: the node waits again.</summary>
    public sealed record Lapsed(Instant At, NodeId Node) : IntakeFact;

    /// <summary>A return is no longer known: silent for too long, or withdrawn.</summary>
    public sealed record Dropped(NodeId Node) : IntakeFact;

    /// <inheritdoc/>
    public static IntakeFact Shape<TCodec>(ref TCodec codec, IntakeFact? value)
        where TCodec : struct, ICodec => codec.Case("fact", TagOf(value), 8) switch
        {
            1 => ShapeAdmitted(ref codec, (Admitted?)value),
            2 => ShapeDeferred(ref codec, (Deferred?)value),
            3 => ShapeRestated(ref codec, (Restated?)value),
            4 => ShapeArrived(ref codec, (Arrived?)value),
            5 => ShapeBegun(ref codec, (Begun?)value),
            6 => ShapeFinished(ref codec, (Finished?)value),
            7 => ShapeLapsed(ref codec, (Lapsed?)value),
            _ => ShapeDropped(ref codec, (Dropped?)value),
        };

    private static long TagOf(IntakeFact? value) => value switch
    {
        null => 0,
        Admitted => 1,
        Deferred => 2,
        Restated => 3,
        Arrived => 4,
        Begun => 5,
        Finished => 6,
        Lapsed => 7,
        Dropped => 8,
        _ => throw new UnreachableException(),
    };

    private static Admitted ShapeAdmitted<TCodec>(ref TCodec codec, Admitted? value)
        where TCodec : struct, ICodec
    {
        codec.Open("admitted", 5);
        Instant at = codec.Moment("at", value?.At ?? default);
        ReturnSummary summary = ReturnSummary.Shape(ref codec, value?.Summary);
        long bytes = codec.Integer("bytes", value?.Bytes ?? 0, 1, ReturnSummary.BytesMax);
        Instant until = codec.Moment("until", value?.Until ?? default);
        Instant next = codec.Moment("nextWindow", value?.NextWindow ?? default);
        codec.Close();
        return value ?? new Admitted(at, summary, bytes, until, next);
    }

    private static Deferred ShapeDeferred<TCodec>(ref TCodec codec, Deferred? value)
        where TCodec : struct, ICodec
    {
        codec.Open("deferred", 3);
        Instant at = codec.Moment("at", value?.At ?? default);
        ReturnSummary summary = ReturnSummary.Shape(ref codec, value?.Summary);
        Instant returnAt = codec.Moment("returnAt", value?.ReturnAt ?? default);
        codec.Close();
        return value ?? new Deferred(at, summary, returnAt);
    }

    private static Restated ShapeRestated<TCodec>(ref TCodec codec, Restated? value)
        where TCodec : struct, ICodec
    {
        codec.Open("restated", 2);
        Instant at = codec.Moment("at", value?.At ?? default);
        ReturnSummary summary = ReturnSummary.Shape(ref codec, value?.Summary);
        codec.Close();
        return value ?? new Restated(at, summary);
    }

    private static Arrived ShapeArrived<TCodec>(ref TCodec codec, Arrived? value)
        where TCodec : struct, ICodec
    {
        codec.Open("arrived", 3);
        Instant at = codec.Moment("at", value?.At ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        long bytes = codec.Integer("bytes", value?.Bytes ?? 0, 1, ReturnSummary.BytesMax);
        codec.Close();
        return value ?? new Arrived(at, node, bytes);
    }

    private static Begun ShapeBegun<TCodec>(ref TCodec codec, Begun? value)
        where TCodec : struct, ICodec
    {
        codec.Open("begun", 2);
        Instant at = codec.Moment("at", value?.At ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        codec.Close();
        return value ?? new Begun(at, node);
    }

    private static Finished ShapeFinished<TCodec>(ref TCodec codec, Finished? value)
        where TCodec : struct, ICodec
    {
        codec.Open("finished", 4);
        Instant at = codec.Moment("at", value?.At ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        long spent = codec.Integer("spent", value?.Spent.Nanos ?? 0, 0, ProcessorTime.NanosMax);
        long accepted = codec.Integer("acceptedSize", value?.AcceptedSize ?? 0, 0, ReturnSummary.BlocksMax);
        codec.Close();
        return value ?? new Finished(at, node, new ProcessorTime(spent), accepted);
    }

    private static Lapsed ShapeLapsed<TCodec>(ref TCodec codec, Lapsed? value)
        where TCodec : struct, ICodec
    {
        codec.Open("lapsed", 2);
        Instant at = codec.Moment("at", value?.At ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        codec.Close();
        return value ?? new Lapsed(at, node);
    }

    private static Dropped ShapeDropped<TCodec>(ref TCodec codec, Dropped? value)
        where TCodec : struct, ICodec
    {
        codec.Open("dropped", 1);
        NodeId node = codec.Node("node", value?.Node ?? default);
        codec.Close();
        return value ?? new Dropped(node);
    }
}
