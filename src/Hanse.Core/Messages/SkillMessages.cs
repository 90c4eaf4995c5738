using System;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Which of a node's own functions a skill takes the place of.</summary>
public enum SkillFunction
{
    /// <summary>How much is extracted; see <c>ExtractionQuestion</c>.</summary>
    Extraction = 1,

    /// <summary>What is asked for a trip; see <c>PricingRecord</c>.</summary>
    Pricing = 2,

    /// <summary>All of it: not a skill but an image of the core itself, named by its
    /// measurement.</summary>
    Core = 3,
}

/// <summary>What becomes of a release on a node.</summary>
public enum SkillState
{
    /// <summary>Its bytes are on their way.</summary>
    Fetching = 1,

    /// <summary>All there: its signatures are verified, then it is compiled.</summary>
    Admitting = 2,

    /// <summary>It answers what is asked beside what decides, and is compared.</summary>
    Shadowing = 3,

    /// <summary>It decides, on probation.</summary>
    Active = 4,

    /// <summary>It decides, for good.</summary>
    Settled = 5,

    /// <summary>It decided, and what was before it decides again.</summary>
    RolledBack = 6,

    /// <summary>It never decided.</summary>
    Refused = 7,
}

/// <summary>Why a node let a release go.</summary>
public enum SkillReason
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>Its package is not what was signed, or not for this machine.</summary>
    NotAdmitted = 1,

    /// <summary>It speaks to a core that this one is not.</summary>
    AbiUnsupported = 2,

    /// <summary>It gave no answer: a trap, an answer that cannot be read, abstention.</summary>
    NoAnswer = 3,

    /// <summary>It used up its fuel or its time.</summary>
    TooSlow = 4,

    /// <summary>What it wanted is outside the safety envelope.</summary>
    OutsideEnvelope = 5,

    /// <summary>It differs more from what decides than its order allows.</summary>
    Diverges = 6,

    /// <summary>What came of its decisions falls short of what was owed.</summary>
    FallsShort = 7,

    /// <summary>Nobody has confirmed it for as long as it had authority.</summary>
    Lapsed = 8,

    /// <summary>It was called back.</summary>
    Withdrawn = 9,

    /// <summary>Another release was ordered in its place.</summary>
    Superseded = 10,

    /// <summary>It did not come up, or not often enough, and what starts images went back.</summary>
    NotStarted = 11,

    /// <summary>No hub has answered it within its probation.</summary>
    Unheard = 12,
}

/// <summary>What a release has to stand before it decides for good.</summary>
/// <param name="ShadowRuns">Answers it has to give beside what decides; at most
/// <see cref="RunsMax"/>.</param>
/// <param name="Divergence">How far an answer may be from that of what decides; zero for not a bit.</param>
/// <param name="Probation">How long it decides on probation, when one fault ends it.</param>
/// <param name="Pulse">How often it is asked on a node that has nothing to decide; positive.</param>
public sealed record SkillTrial(
    int ShadowRuns, PartsPerMillion Divergence, TimeSpan Probation, TimeSpan Pulse)
    : IShaped<SkillTrial>
{
    /// <summary>Most runs beside what decides.</summary>
    public const int RunsMax = 1_000;

    /// <inheritdoc/>
    public static SkillTrial Shape<TCodec>(ref TCodec codec, SkillTrial? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillTrial", 4);
        int runs = (int)codec.Integer("shadowRuns", value?.ShadowRuns ?? 0, 0, RunsMax);
        PartsPerMillion divergence = codec.Share("divergence", value?.Divergence ?? default);
        TimeSpan probation = codec.Duration("probation", value?.Probation ?? default);
        TimeSpan pulse = codec.Duration("pulse", value?.Pulse ?? default);
        codec.Close();
        if (codec.IsReading && !codec.Failed && pulse < TimeSpan.FromMinutes(1))
        {
            codec.Refuse("a pulse must be at least a minute");
        }

        return value ?? new SkillTrial(runs, divergence, probation, pulse);
    }
}

/// <summary>Hub to node: run this release, go on running it, or let it go.</summary>
/// <param name="Rollout">The rollout it is part of; positive.</param>
/// <param name="At">When it was ordered, whole second: an earlier one is an old story.</param>
/// <param name="Function">What it decides.</param>
/// <param name="Abi">The version of the contract it is written for.</param>
/// <param name="Release">SHA-256 of its package, 32 bytes.</param>
/// <param name="Length">Bytes of its package; 1 to <see cref="LengthMax"/>.</param>
/// <param name="IsWithdrawn">Whether to let it go, at once.</param>
/// <param name="Until">How long it may decide unless it is confirmed, whole second; or
/// <see cref="Forever"/>.</param>
/// <param name="Trial">What it has to stand.</param>
public sealed record SkillOrder(
    uint Rollout, Instant At, SkillFunction Function, int Abi, byte[] Release, int Length, bool IsWithdrawn,
    Instant Until, SkillTrial Trial) : Message, IShaped<SkillOrder>
{
    /// <summary>Largest package: of an image of the core, which brings its own files anew.</summary>
    public const int LengthMax = 16 << 20;

    /// <summary>Largest package of a release of anything else.</summary>
    public const int ReleaseLengthMax = 1 << 20;

    /// <summary>The time until which a release decides for good.</summary>
    public static Instant Forever { get; } = new(Instant.MicrosMax);

    /// <summary>Whether the release needs nobody to confirm it any more.</summary>
    public bool IsForGood => Until == Forever;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SkillOrder;

    /// <inheritdoc/>
    public static SkillOrder Shape<TCodec>(ref TCodec codec, SkillOrder? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillOrder", 9);
        uint rollout = (uint)codec.Integer("rollout", value?.Rollout ?? 0, 1, uint.MaxValue);
        Instant at = codec.Second("at", value?.At ?? default);
        SkillFunction function = SkillFields.Function(ref codec, value?.Function ?? 0);
        int abi = (int)codec.Integer("abi", value?.Abi ?? 0, 1, ushort.MaxValue);
        byte[] release = SkillFields.Release(ref codec, value?.Release);
        int length = (int)codec.Integer("length", value?.Length ?? 0, 1, LengthMax);
        bool isWithdrawn = codec.Flag("isWithdrawn", value?.IsWithdrawn ?? false);
        Instant until = codec.Second("until", value?.Until ?? default);
        SkillTrial trial = SkillTrial.Shape(ref codec, value?.Trial);
        codec.Close();
        return value ?? new SkillOrder(
            rollout, at, function, abi, release, length, isWithdrawn, until, trial);
    }
}

/// <summary>Node to hub: what has become of a release here.</summary>
/// <param name="Rollout">The rollout.</param>
/// <param name="Ordered">When the last order was given that was heard of it.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Reason">Why it was let go.</param>
/// <param name="Since">Since when, by the node's clock, whole second.</param>
/// <param name="Runs">Answers it has given.</param>
public sealed record SkillReport(
    uint Rollout, Instant Ordered, SkillState State, SkillReason Reason, Instant Since, int Runs)
    : Message, IShaped<SkillReport>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SkillReport;

    /// <inheritdoc/>
    public static SkillReport Shape<TCodec>(ref TCodec codec, SkillReport? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillReport", 6);
        uint rollout = (uint)codec.Integer("rollout", value?.Rollout ?? 0, 1, uint.MaxValue);
        Instant ordered = codec.Second("ordered", value?.Ordered ?? default);
        var state = (SkillState)codec.Integer("state", (long)(value?.State ?? 0), 1, 7);
        var reason = (SkillReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 0, 12);
        Instant since = codec.Second("since", value?.Since ?? default);
        int runs = codec.Number("runs", value?.Runs ?? 0);
        codec.Close();
        return value ?? new SkillReport(rollout, ordered, state, reason, since, runs);
    }
}

/// <summary>Node to hub: send of this package on from this byte. Perishable; repeated while it is not all
/// there.</summary>
/// <param name="Release">SHA-256 of the package.</param>
/// <param name="From">Bytes of it that the node has.</param>
public sealed record SkillBytesAsked(byte[] Release, int From) : Message, IShaped<SkillBytesAsked>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SkillBytesAsked;

    /// <inheritdoc/>
    public static SkillBytesAsked Shape<TCodec>(ref TCodec codec, SkillBytesAsked? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillBytesAsked", 2);
        byte[] release = SkillFields.Release(ref codec, value?.Release);
        int from = (int)codec.Integer("from", value?.From ?? 0, 0, SkillOrder.LengthMax);
        codec.Close();
        return value ?? new SkillBytesAsked(release, from);
    }
}

/// <summary>Hub to node: a stretch of a package. Perishable: what is missing is asked for.</summary>
/// <param name="Release">SHA-256 of the package.</param>
/// <param name="From">Place of the first byte.</param>
/// <param name="Bytes">At most <see cref="BytesMax"/>; none when the hub does not have it.</param>
public sealed record SkillBytes(byte[] Release, int From, byte[] Bytes) : Message, IShaped<SkillBytes>
{
    /// <summary>Most bytes of a stretch: it leaves room in its frame for other things.</summary>
    public const int BytesMax = 3072;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SkillBytes;

    /// <inheritdoc/>
    public static SkillBytes Shape<TCodec>(ref TCodec codec, SkillBytes? value)
        where TCodec : struct, ICodec
    {
        codec.Open("skillBytes", 3);
        byte[] release = SkillFields.Release(ref codec, value?.Release);
        int from = (int)codec.Integer("from", value?.From ?? 0, 0, SkillOrder.LengthMax);
        byte[] bytes = codec.Bytes("bytes", value?.Bytes ?? [], BytesMax);
        codec.Close();
        return value ?? new SkillBytes(release, from, bytes);
    }
}

/// <summary>How far a rollout has come with one capability class.</summary>
public enum ClassState
{
    /// <summary>Nodes below the threshold are to run it.</summary>
    Running = 1,

    /// <summary>Nobody new is offered it.</summary>
    Paused = 2,

    /// <summary>Whoever runs it is to let it go.</summary>
    Stopped = 3,

    /// <summary>All are to run it, for good.</summary>
    Complete = 4,
}

/// <summary>Who of a capability class, or of another group, is to run a release.</summary>
/// <param name="Class">The class, or the number of the group: <see cref="Group"/>.</param>
/// <param name="Threshold">Nodes whose rank is below it; see <see cref="RolloutTold.Rank"/>.</param>
/// <param name="State">How far it has come.</param>
public sealed record RolloutClass(int Class, uint Threshold, ClassState State) : IShaped<RolloutClass>
{
    /// <summary>Which machines these are.</summary>
    public RolloutGroup Group => new(Class);

    /// <inheritdoc/>
    public static RolloutClass Shape<TCodec>(ref TCodec codec, RolloutClass? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rolloutClass", 3);
        int number = codec.Number("class", value?.Class ?? 0);
        uint threshold = (uint)codec.Integer("threshold", value?.Threshold ?? 0, 0, uint.MaxValue);
        var state = (ClassState)codec.Integer("state", (long)(value?.State ?? 0), 1, 4);
        codec.Close();
        return value ?? new RolloutClass(number, threshold, state);
    }
}

/// <summary>Strategic layer to hub: a release is rolled out, and how far.</summary>
/// <param name="Rollout">Its number; positive.</param>
/// <param name="Sequence">A lower one is an old story.</param>
/// <param name="At">When it was ordered, whole second: nobody ran it before.</param>
/// <param name="Function">What it decides.</param>
/// <param name="Abi">The version of the contract it is written for.</param>
/// <param name="Release">SHA-256 of its package.</param>
/// <param name="Length">Bytes of its package.</param>
/// <param name="Authority">How long a node may run it unconfirmed.</param>
/// <param name="Strain">Share of the nodes of one class and generation of a hub that may run it before the
/// class is complete, one at least; positive.</param>
/// <param name="Trial">What it has to stand on a node.</param>
/// <param name="Classes">For which classes or other groups, in order; others have nothing to do with
/// it.</param>
/// <param name="Each">How long a machine has run it that hubs are to count as heard, see
/// <see cref="ClassHeard"/>; null when nobody asks, as before anybody did.</param>
public sealed record RolloutTold(
    uint Rollout, uint Sequence, Instant At, SkillFunction Function, int Abi, byte[] Release, int Length,
    TimeSpan Authority, PartsPerMillion Strain, SkillTrial Trial, ImmutableArray<RolloutClass> Classes,
    TimeSpan? Each = null)
    : Message, IShaped<RolloutTold>
{
    /// <summary>Most rollouts of a mission; hubs report on each every day.</summary>
    public const int RolloutsMax = 64;

    /// <summary>Most classes of a rollout.</summary>
    public const int ClassesMax = 16;

    /// <summary>Where a node stands in the order in which a rollout reaches its class: the same whoever asks,
    /// and another in every rollout.</summary>
    public static uint Rank(NodeId node, uint rollout) =>
        (uint)(StableHash.Of(node.Value, rollout, RankSalt) >> 32);

    // So that ranks have nothing in common with other hashes of a node.
    private const ulong RankSalt = 0x726F6C6C6F7574;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.RolloutTold;

    /// <inheritdoc/>
    public static RolloutTold Shape<TCodec>(ref TCodec codec, RolloutTold? value)
        where TCodec : struct, ICodec
    {
        bool hasEach = codec.OpenGrown("rolloutTold", 11, value?.Each is not null);
        uint rollout = (uint)codec.Integer("rollout", value?.Rollout ?? 0, 1, uint.MaxValue);
        uint sequence = (uint)codec.Integer("sequence", value?.Sequence ?? 0, 1, uint.MaxValue);
        Instant at = codec.Second("at", value?.At ?? default);
        SkillFunction function = SkillFields.Function(ref codec, value?.Function ?? 0);
        int abi = (int)codec.Integer("abi", value?.Abi ?? 0, 1, ushort.MaxValue);
        byte[] release = SkillFields.Release(ref codec, value?.Release);
        int length = (int)codec.Integer("length", value?.Length ?? 0, 1, SkillOrder.LengthMax);
        TimeSpan authority = codec.Duration("authority", value?.Authority ?? default);
        PartsPerMillion strain = SkillFields.Strain(ref codec, value?.Strain ?? default);
        SkillTrial trial = SkillTrial.Shape(ref codec, value?.Trial);
        ImmutableArray<RolloutClass> classes = codec.List("classes", value?.Classes ?? [], ClassesMax);
        TimeSpan? each = hasEach ? codec.Duration("each", value?.Each ?? default) : null;
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(classes, one => one.Class))
        {
            codec.Refuse("classes must be in order, one each");
        }

        return value ?? new RolloutTold(
            rollout, sequence, at, function, abi, release, length, authority, strain, trial, classes, each);
    }
}

/// <summary>Of how many machines of a group it is known by now how they get on with a release.</summary>
/// <param name="Seasoned">Those who are not silent and were heard when they had run it for as long as the
/// rollout asks, as their accepted journals prove.</param>
/// <param name="Due">Those who could have been heard by then: who were ordered it, have not let it go, are
/// not unknown, and have had a window of their contact plan since.</param>
public sealed record ClassHeard(int Seasoned, int Due) : IShaped<ClassHeard>
{
    /// <inheritdoc/>
    public static ClassHeard Shape<TCodec>(ref TCodec codec, ClassHeard? value)
        where TCodec : struct, ICodec
    {
        codec.Open("classHeard", 2);
        int seasoned = codec.Number("seasoned", value?.Seasoned ?? 0);
        int due = codec.Number("due", value?.Due ?? 0);
        codec.Close();
        return value ?? new ClassHeard(seasoned, due);
    }
}

/// <summary>What has become of a rollout with one class, or another group, of one region.</summary>
/// <param name="Class">The class, or the number of the group.</param>
/// <param name="Members">Nodes of it.</param>
/// <param name="Chosen">Those below the threshold.</param>
/// <param name="UnderWay">Offered it, and not running it yet.</param>
/// <param name="Active">Running it, as they say.</param>
/// <param name="Proven">Running it, as their accepted journals prove.</param>
/// <param name="RolledBack">Ran it and let it go by themselves.</param>
/// <param name="Refused">Never ran it.</param>
/// <param name="Unknown">Offered it, and silent for longer than their contact plan explains, or than its
/// authority lasted.</param>
/// <param name="NodeHours">Hours for which nodes have proven to run it.</param>
/// <param name="Ranks">The lowest ranks of those who were not offered it, rising; at most
/// <see cref="RanksMax"/>.</param>
/// <param name="Heard">Who has spoken; null when the rollout does not ask.</param>
public sealed record ClassReport(
    int Class, int Members, int Chosen, int UnderWay, int Active, int Proven, int RolledBack, int Refused,
    int Unknown, long NodeHours, ImmutableArray<ulong> Ranks, ClassHeard? Heard = null)
    : IShaped<ClassReport>
{
    /// <summary>Most ranks that are told.</summary>
    public const int RanksMax = 16;

    /// <inheritdoc/>
    public static ClassReport Shape<TCodec>(ref TCodec codec, ClassReport? value)
        where TCodec : struct, ICodec
    {
        bool hasHeard = codec.OpenGrown("classReport", 11, value?.Heard is not null);
        int number = codec.Number("class", value?.Class ?? 0);
        int members = codec.Number("members", value?.Members ?? 0);
        int chosen = codec.Number("chosen", value?.Chosen ?? 0);
        int underWay = codec.Number("underWay", value?.UnderWay ?? 0);
        int active = codec.Number("active", value?.Active ?? 0);
        int proven = codec.Number("proven", value?.Proven ?? 0);
        int rolledBack = codec.Number("rolledBack", value?.RolledBack ?? 0);
        int refused = codec.Number("refused", value?.Refused ?? 0);
        int unknown = codec.Number("unknown", value?.Unknown ?? 0);
        long hours = codec.Integer("nodeHours", value?.NodeHours ?? 0, 0, long.MaxValue >> 20);
        ImmutableArray<ulong> ranks = codec.Numbers("ranks", value?.Ranks ?? [], RanksMax);
        ClassHeard? heard = hasHeard ? ClassHeard.Shape(ref codec, value?.Heard) : null;
        codec.Close();
        return value ?? new ClassReport(
            number, members, chosen, underWay, active, proven, rolledBack, refused, unknown, hours, ranks,
            heard);
    }
}

/// <summary>Hub to strategic layer: how a rollout stands here.</summary>
/// <param name="Rollout">Which.</param>
/// <param name="Sequence">The last that was heard of it.</param>
/// <param name="Classes">One each, in order.</param>
public sealed record RolloutReport(uint Rollout, uint Sequence, ImmutableArray<ClassReport> Classes)
    : Message, IShaped<RolloutReport>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.RolloutReport;

    /// <inheritdoc/>
    public static RolloutReport Shape<TCodec>(ref TCodec codec, RolloutReport? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rolloutReport", 3);
        uint rollout = (uint)codec.Integer("rollout", value?.Rollout ?? 0, 1, uint.MaxValue);
        uint sequence = (uint)codec.Integer("sequence", value?.Sequence ?? 0, 1, uint.MaxValue);
        ImmutableArray<ClassReport> classes = codec.List(
            "classes", value?.Classes ?? [], RolloutTold.ClassesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(classes, one => one.Class))
        {
            codec.Refuse("classes must be in order, one each");
        }

        return value ?? new RolloutReport(rollout, sequence, classes);
    }
}

/// <summary>Fields that messages about skills share.</summary>
internal static class SkillFields
{
    /// <summary>Bytes of the name of a release: SHA-256 of its package.</summary>
    private const int ReleaseLength = 32;

    /// <summary>A function that skills may take the place of.</summary>
    public static SkillFunction Function<TCodec>(ref TCodec codec, SkillFunction value)
        where TCodec : struct, ICodec =>
        (SkillFunction)codec.Integer(
            "function", (long)value, (long)SkillFunction.Extraction, (long)SkillFunction.Core);

    /// <summary>A share of a strain: some of it, or nobody would ever run anything.</summary>
    public static PartsPerMillion Strain<TCodec>(ref TCodec codec, PartsPerMillion value)
        where TCodec : struct, ICodec =>
        new((int)codec.Integer("strain", value.Value, 1, 1_000_000));

    /// <summary>The name of a release.</summary>
    public static byte[] Release<TCodec>(ref TCodec codec, byte[]? value)
        where TCodec : struct, ICodec
    {
        byte[] release = codec.Bytes("release", value ?? [], ReleaseLength);
        if (codec.IsReading && !codec.Failed && release.Length != ReleaseLength)
        {
            codec.Refuse("a release is named by 32 bytes");
        }

        return release;
    }
}
