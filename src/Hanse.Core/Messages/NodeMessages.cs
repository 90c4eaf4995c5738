using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Node to hub: a machine asks to belong to the region.</summary>
/// <param name="PublicKey">The node's Ed25519 key, 32 bytes.</param>
/// <param name="Class">Capability class: machines that can do the same work, whatever their
/// generation.</param>
/// <param name="Generation">Hardware generation.</param>
/// <param name="CargoMax">Largest cargo.</param>
/// <param name="Plan">What it predicts of itself while it waits for work.</param>
public sealed record Enrol(byte[] PublicKey, int Class, int Generation, Grams CargoMax, Plan Plan)
    : Message, IShaped<Enrol>
{
    /// <summary>Bytes of an Ed25519 public key (RFC 8032).</summary>
    public const int PublicKeyLength = 32;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Enrol;

    /// <inheritdoc/>
    public static Enrol Shape<TCodec>(ref TCodec codec, Enrol? value)
        where TCodec : struct, ICodec
    {
        codec.Open("enrol", 5);
        byte[] key = codec.Bytes("publicKey", value?.PublicKey ?? [], PublicKeyLength);
        int kind = codec.Number("class", value?.Class ?? 0);
        int generation = codec.Number("generation", value?.Generation ?? 0);
        Grams cargo = codec.Mass("cargoMax", value?.CargoMax ?? default);
        Plan plan = Plan.Shape(ref codec, value?.Plan);
        codec.Close();
        if (codec.IsReading && !codec.Failed && key.Length != PublicKeyLength)
        {
            codec.Refuse("publicKey must be 32 bytes");
        }

        return value ?? new Enrol(key, kind, generation, cargo, plan);
    }
}

/// <summary>Hub to node: you belong to this region, under this epoch and these dead bands.</summary>
/// <param name="Region">The region.</param>
/// <param name="Epoch">The hub's authority over the node.</param>
/// <param name="DeadBands">One per variable, in order of <see cref="Variable"/>, in its unit;
/// positive.</param>
/// <param name="Accepted">Blocks of the node's journal that the hub begins from; zero for a new
/// node.</param>
public sealed record Enrolled(RegionId Region, Epoch Epoch, ImmutableArray<ulong> DeadBands, ulong Accepted)
    : Message, IShaped<Enrolled>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Enrolled;

    /// <inheritdoc/>
    public static Enrolled Shape<TCodec>(ref TCodec codec, Enrolled? value)
        where TCodec : struct, ICodec
    {
        codec.Open("enrolled", 4);
        RegionId region = codec.Region("region", value?.Region ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        ImmutableArray<ulong> bands = codec.Numbers("deadBands", value?.DeadBands ?? [], Plan.TracksMax);
        ulong accepted = codec.Count("accepted", value?.Accepted ?? 0);
        codec.Close();
        if (codec.IsReading && !codec.Failed && bands.Length != Plan.TracksMax)
        {
            codec.Refuse("deadBands must name one band per variable");
        }

        return value ?? new Enrolled(region, epoch, bands, accepted);
    }
}

/// <summary>One variable that left its dead band.</summary>
/// <param name="Variable">Which.</param>
/// <param name="At">When it was observed; whole second.</param>
/// <param name="Value">What was observed, in the variable's unit. The prediction is shifted to pass through
/// it.</param>
public sealed record Deviation(Variable Variable, Instant At, long Value) : IShaped<Deviation>
{
    /// <inheritdoc/>
    public static Deviation Shape<TCodec>(ref TCodec codec, Deviation? value)
        where TCodec : struct, ICodec
    {
        codec.Open("deviation", 3);
        var variable = (Variable)codec.Integer("variable", (long)(value?.Variable ?? 0), 1, 4);
        Instant at = codec.Second("at", value?.At ?? default);
        long read = codec.Integer("value", value?.Value ?? 0, -Knot.ValueMax, Knot.ValueMax);
        codec.Close();
        return value ?? new Deviation(variable, at, read);
    }
}

/// <summary>Node to hub: what left its dead band since the last report. Silence means on plan.</summary>
/// <param name="PlanNumber">The plan deviated from; a report on a replaced plan is history, not news.</param>
/// <param name="Deviations">In the order observed.</param>
public sealed record DeviationReport(uint PlanNumber, ImmutableArray<Deviation> Deviations)
    : Message, IShaped<DeviationReport>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.DeviationReport;

    /// <inheritdoc/>
    public static DeviationReport Shape<TCodec>(ref TCodec codec, DeviationReport? value)
        where TCodec : struct, ICodec
    {
        codec.Open("deviationReport", 2);
        uint plan = (uint)codec.Integer("plan", value?.PlanNumber ?? 0, 0, uint.MaxValue);
        ImmutableArray<Deviation> deviations = codec.List("deviations", value?.Deviations ?? [], ListMax);
        codec.Close();
        return value ?? new DeviationReport(plan, deviations);
    }
}

/// <summary>Node to hub: new coefficients, because they cost fewer bytes than the deviations they
/// save.</summary>
/// <param name="Plan">Replaces the tracks it names.</param>
public sealed record PlanRevised(Plan Plan) : Message, IShaped<PlanRevised>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.PlanRevised;

    /// <inheritdoc/>
    public static PlanRevised Shape<TCodec>(ref TCodec codec, PlanRevised? value)
        where TCodec : struct, ICodec
    {
        codec.Open("planRevised", 1);
        Plan plan = Plan.Shape(ref codec, value?.Plan);
        codec.Close();
        return value ?? new PlanRevised(plan);
    }
}
