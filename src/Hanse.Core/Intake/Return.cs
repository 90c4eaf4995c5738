using System;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Intake;

/// <summary>Where a return stands. The numbers are stored.</summary>
public enum ReturnStage
{
    /// <summary>Known by its summary; to come back at <see cref="Return.ReturnAt"/>.</summary>
    Waiting = 1,

    /// <summary>Admitted; its bytes are on the way.</summary>
    Uploading = 2,

    /// <summary>Its upload is here and waits for the processor.</summary>
    InHand = 3,

    /// <summary>Being validated.</summary>
    Validating = 4,
}

/// <summary>A return as the hub knows it. Immutable: a change is a new one in its place, so that every index
/// and sum can take the old one out exactly as it was put in.</summary>
public sealed record Return
{
    /// <summary>The node's latest word.</summary>
    public required ReturnSummary Summary { get; init; }

    /// <summary>Where it stands.</summary>
    public required ReturnStage Stage { get; init; }

    /// <summary>When the node was last answered.</summary>
    public required Instant HeardAt { get; init; }

    /// <summary>When a waiting node may come back.</summary>
    public required Instant ReturnAt { get; init; }

    /// <summary>Bytes that may come, or that are here; zero while waiting.</summary>
    public long Bytes { get; init; }

    /// <summary>When an upload must have arrived.</summary>
    public Instant Until { get; init; }

    /// <summary>When an admitted node calls again.</summary>
    public Instant NextWindow { get; init; }

    /// <summary>What was put on the meter when validation began; zero before.</summary>
    public ProcessorTime Charged { get; init; }

    /// <summary>Whose return it is.</summary>
    public NodeId Node => Summary.Node;

    /// <summary>Expected processor time of all that has not been accepted.</summary>
    public ProcessorTime Work { get; private init; }

    /// <summary>Expected processor time of what may come or is here.</summary>
    public ProcessorTime UploadWork => Work.ForPart(Bytes, Summary.BytesToCome);

    /// <summary>Expected processor time that is not on the meter yet.</summary>
    public ProcessorTime WorkLeft => Charged < Work ? Work - Charged : ProcessorTime.Zero;

    /// <summary>Whether it holds one of the places for uploads.</summary>
    public bool IsAdmitted => Stage != ReturnStage.Waiting;

    /// <summary>Class of the value at risk, by which uploads are chosen.</summary>
    internal int ValueClass { get; private init; }

    /// <summary>Class of value and age when last heard, by which returns are admitted.</summary>
    internal int Rank { get; private init; }

    /// <summary>Breaks ties so that no node is always last.</summary>
    internal ulong Tie => StableHash.Of(Node.Value, Summary.Epoch.Value);

    /// <summary>The same return, with what the rules make of it.</summary>
    internal Return Priced(IntakeRules rules, ValidationCost cost)
    {
        // An offer above the limit is refused; counts rounded up may pass it by a little.
        ProcessorTime work = cost.Of(Summary) ?? new ProcessorTime(ProcessorTime.NanosMax);
        long value = Math.Min(Summary.ValueAtRisk.Micro, rules.ValueAtRiskMax.Micro);
        int rank = Urgency.RankOf(value, rules.AgeingPerDay, Summary.OldestUnaccepted, HeardAt);
        return this with { Work = work, ValueClass = Urgency.ClassOf(value), Rank = rank };
    }

    /// <summary>Walks a return, for snapshots.</summary>
    internal static Return Shape<TCodec>(ref TCodec codec, Return? value)
        where TCodec : struct, ICodec
    {
        codec.Open("known", 8);
        Return read = new()
        {
            Summary = ReturnSummary.Shape(ref codec, value?.Summary),
            Stage = (ReturnStage)codec.Integer("stage", (long)(value?.Stage ?? 0), 1, 4),
            HeardAt = codec.Moment("heardAt", value?.HeardAt ?? default),
            ReturnAt = codec.Moment("returnAt", value?.ReturnAt ?? default),
            Bytes = codec.Integer("bytes", value?.Bytes ?? 0, 0, ReturnSummary.BytesMax),
            Until = codec.Moment("until", value?.Until ?? default),
            NextWindow = codec.Moment("nextWindow", value?.NextWindow ?? default),
            Charged = new ProcessorTime(
                codec.Integer("charged", value?.Charged.Nanos ?? 0, 0, ProcessorTime.NanosMax)),
        };
        codec.Close();
        return value ?? read;
    }
}
