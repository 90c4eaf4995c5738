using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>What a hub knows of a node from others than the node itself: what its return is held
/// against.</summary>
public sealed record HubRecords : IShaped<HubRecords>
{
    /// <summary>Most approvals of one node.</summary>
    public const int ApprovalsMax = 256;

    /// <summary>Most dockings between two returns.</summary>
    public const int DockingsMax = 1024;

    /// <summary>Most repairs between two returns.</summary>
    public const int RepairsMax = 1024;

    /// <summary>Most independent readings between two returns.</summary>
    public const int ReadingsMax = 1024;

    /// <summary>Most witnessed notes kept.</summary>
    public const int WitnessedMax = 16;

    /// <summary>Software that this node was authorised to run, and when.</summary>
    public required ImmutableArray<Approval> Approvals { get; init; }

    /// <summary>What depots measured, since the accepted head; in order of dockings.</summary>
    public required ImmutableArray<DockingRecord> Dockings { get; init; }

    /// <summary>What undid wear of the node, since the accepted head: spares that a depot sold it, and other
    /// machines that mended it.</summary>
    public ImmutableArray<RepairRecord> Repairs { get; init; } = [];

    /// <summary>Since when those are complete: before it the node was another hub's. The epoch if it never
    /// was.</summary>
    public Instant Since { get; init; }

    /// <summary>What trackers and inspectors saw, since the accepted head; in order of time.</summary>
    public required ImmutableArray<LevelSeen> Readings { get; init; }

    /// <summary>Notes of this node that others have shown, with signatures that were verified.</summary>
    public required ImmutableArray<NoteText> Witnessed { get; init; }

    /// <summary>What rests on this return: running contracts and claims.</summary>
    public required Credits AtStake { get; init; }

    /// <inheritdoc/>
    public static HubRecords Shape<TCodec>(ref TCodec codec, HubRecords? value)
        where TCodec : struct, ICodec
    {
        codec.Open("hubRecords", 7);
        ImmutableArray<Approval> approvals = codec.List("approvals", value?.Approvals ?? [], ApprovalsMax);
        ImmutableArray<DockingRecord> dockings = codec.List("dockings", value?.Dockings ?? [], DockingsMax);
        ImmutableArray<RepairRecord> repairs = codec.List("repairs", value?.Repairs ?? [], RepairsMax);
        Instant since = codec.Moment("since", value?.Since ?? default);
        ImmutableArray<LevelSeen> readings = codec.List("readings", value?.Readings ?? [], ReadingsMax);
        ImmutableArray<NoteText> witnessed = codec.List("witnessed", value?.Witnessed ?? [], WitnessedMax);
        Credits atStake = codec.Money("atStake", value?.AtStake ?? default);
        codec.Close();
        return value ?? new HubRecords
        {
            Approvals = approvals,
            Dockings = dockings,
            Repairs = repairs,
            Since = since,
            Readings = readings,
            Witnessed = witnessed,
            AtStake = atStake,
        };
    }
}

/// <summary>What a piece of software may be.</summary>
public enum SoftwareClass
{
    /// <summary>The immutable core.</summary>
    Core = 1,

    /// <summary>A skill, which decides.</summary>
    Skill = 2,
}

/// <summary>An authorisation: this node may run this software from one instant until before another, by the
/// node's clock.</summary>
public sealed record Approval(SoftwareClass Class, Digest Digest, Instant From, Instant Until)
    : IShaped<Approval>
{
    /// <inheritdoc/>
    public static Approval Shape<TCodec>(ref TCodec codec, Approval? value)
        where TCodec : struct, ICodec
    {
        codec.Open("approval", 4);
        var kind = (SoftwareClass)codec.Integer("class", (long)(value?.Class ?? 0), 1, 2);
        Digest digest = Digest.Field(ref codec, "digest", value?.Digest ?? default);
        Instant from = codec.Moment("from", value?.From ?? default);
        Instant until = codec.Moment("until", value?.Until ?? default);
        codec.Close();
        return value ?? new Approval(kind, digest, from, until);
    }
}

/// <summary>One transfer at a depot as the depot measured it: the other half of the node's entry.</summary>
/// <param name="Depot">Where.</param>
/// <param name="Docking">The node's count of its dockings, as it told the depot.</param>
/// <param name="Resource">What changed hands.</param>
/// <param name="Cause"><see cref="Journal.Cause.Given"/>: unloaded by the node;
/// <see cref="Journal.Cause.Taken"/>: taken aboard.</param>
/// <param name="At">When, by the hub's clock.</param>
/// <param name="Measured">In the resource's unit.</param>
/// <param name="Sigma">One sigma by which a claim may differ by chance, in the resource's unit: of the
/// depot's instrument, and of the way a claim reaches a journal. Positive.</param>
public sealed record DockingRecord(
    DepotId Depot, uint Docking, Resource Resource, Cause Cause, Instant At, long Measured,
    long Sigma) : IShaped<DockingRecord>
{
    /// <inheritdoc/>
    public static DockingRecord Shape<TCodec>(ref TCodec codec, DockingRecord? value)
        where TCodec : struct, ICodec
    {
        codec.Open("docking", 7);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        uint docking = (uint)codec.Integer("docking", value?.Docking ?? 0, 0, uint.MaxValue);
        var resource = (Resource)codec.Integer("resource", (long)(value?.Resource ?? 0), 1, 4);
        var cause = (Cause)codec.Integer("cause", (long)(value?.Cause ?? 0), 1, 7);
        Instant at = codec.Moment("at", value?.At ?? default);
        long measured = codec.Integer("measured", value?.Measured ?? 0, 0, Messages.Knot.ValueMax);
        long sigma = codec.Integer("sigma", value?.Sigma ?? 0, 1, Messages.Knot.ValueMax);
        codec.Close();
        return value ?? new DockingRecord(depot, docking, resource, cause, at, measured, sigma);
    }
}

/// <summary>A level that somebody else saw: an inspector's wear, a tracker's mass.</summary>
/// <param name="Resource">What.</param>
/// <param name="At">When.</param>
/// <param name="Level">In the resource's unit.</param>
/// <param name="Sigma">One sigma of the instrument, as a share; positive.</param>
public sealed record LevelSeen(Resource Resource, Instant At, long Level, PartsPerMillion Sigma)
    : IShaped<LevelSeen>
{
    /// <inheritdoc/>
    public static LevelSeen Shape<TCodec>(ref TCodec codec, LevelSeen? value)
        where TCodec : struct, ICodec
    {
        codec.Open("levelSeen", 4);
        var resource = (Resource)codec.Integer("resource", (long)(value?.Resource ?? 0), 1, 4);
        Instant at = codec.Moment("at", value?.At ?? default);
        long level = codec.Integer("level", value?.Level ?? 0, 0, Messages.Knot.ValueMax);
        int sigma = (int)codec.Integer("sigma", value?.Sigma.Value ?? 0, 1, 1_000_000);
        codec.Close();
        return value ?? new LevelSeen(resource, at, level, new PartsPerMillion(sigma));
    }
}

/// <summary>Wear that was undone, as the hub knows of it: the other half of the node's entry.</summary>
/// <param name="Reference">The node's count of the docking at which spares were sold, or the contract under
/// which another machine mended it.</param>
/// <param name="Most">Wear that it undid at most, in parts per million of a life; positive.</param>
/// <param name="IsField">Whether another machine did it.</param>
public sealed record RepairRecord(ulong Reference, long Most, bool IsField) : IShaped<RepairRecord>
{
    /// <inheritdoc/>
    public static RepairRecord Shape<TCodec>(ref TCodec codec, RepairRecord? value)
        where TCodec : struct, ICodec
    {
        codec.Open("repair", 3);
        ulong reference = codec.Count("reference", value?.Reference ?? 0);
        long most = codec.Integer("most", value?.Most ?? 0, 1, Messages.Knot.ValueMax);
        bool isField = codec.Flag("isField", value?.IsField ?? false);
        codec.Close();
        return value ?? new RepairRecord(reference, most, isField);
    }
}
