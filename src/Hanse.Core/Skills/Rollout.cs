using System;
using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Skills;

/// <summary>How many machines of a stage have to have spoken, and after how long, before the next.</summary>
/// <remarks>
/// The problem: hours of all machines of a stage are added up, so a few that have reported a month vouch for
/// those that have not called yet, and if these are the ones that a release breaks, nobody knows. Hence
/// machines are counted too.
/// </remarks>
/// <param name="Share">Share of the machines that are to be heard; positive.</param>
/// <param name="Each">How long each of these has run it when it is heard, as its accepted journal
/// proves.</param>
/// <param name="Patience">How long a canary is waited for whose machines could not be heard yet; after that,
/// as in waves, those count that could have been by their contact plan.</param>
public sealed record RolloutQuorum(PartsPerMillion Share, TimeSpan Each, TimeSpan Patience)
    : IShaped<RolloutQuorum>
{
    /// <summary>Whether it asks for less than another, in any respect.</summary>
    public bool IsLessThan(RolloutQuorum other) =>
        Share.Value < other.Share.Value || Each < other.Each || Patience < other.Patience;

    /// <inheritdoc/>
    public static RolloutQuorum Shape<TCodec>(ref TCodec codec, RolloutQuorum? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rolloutQuorum", 3);
        PartsPerMillion share = new((int)codec.Integer("share", value?.Share.Value ?? 0, 1, 1_000_000));
        TimeSpan each = codec.Duration("each", value?.Each ?? default);
        TimeSpan patience = codec.Duration("patience", value?.Patience ?? default);
        codec.Close();
        return value ?? new RolloutQuorum(share, each, patience);
    }
}

/// <summary>How fast a release may reach how many.</summary>
/// <param name="Canary">Share of a class that runs it first.</param>
/// <param name="CanaryMin">Nodes of a class that run it first, at least; positive.</param>
/// <param name="Exposure">Share of the fleet that runs it first, of all classes together, at most.</param>
/// <param name="CanaryTime">How long the first run it before others do.</param>
/// <param name="Wave">Share of a class that follows at a time; positive.</param>
/// <param name="WaveTime">Time between two waves.</param>
/// <param name="Errors">Share of those chosen of a class whose letting it go stops it for the class.</param>
/// <param name="Gate">Share of the node-hours of a stage that has to be reported before the next.</param>
/// <param name="Authority">How long a node runs it unconfirmed.</param>
/// <param name="Lead">How long each group waits for the one before it, and the first for the order: tests of
/// an image for a generation on the ground. Zero where a release is one for all.</param>
/// <param name="Strain">Share of the machines of one strain at a hub, machines of a class that were built
/// alike, that may run it before all of the class do; positive, and a million for all of them. One machine
/// may in any case.</param>
/// <param name="Quorum">How many machines have to have spoken before the next stage; null in orders of
/// releases that knew no such thing, and where nobody is waited for.</param>
public sealed record RolloutRules(
    PartsPerMillion Canary, int CanaryMin, PartsPerMillion Exposure, TimeSpan CanaryTime,
    PartsPerMillion Wave, TimeSpan WaveTime, PartsPerMillion Errors, PartsPerMillion Gate, TimeSpan Authority,
    TimeSpan Lead, PartsPerMillion Strain, RolloutQuorum? Quorum = null)
    : IShaped<RolloutRules>
{
    /// <summary>The usual lane: a hundredth of each class for a week, then a tenth every three days, when
    /// half of the machines have spoken.</summary>
    public static RolloutRules Standard { get; } = new(
        PartsPerMillion.FromPercent(1), 3, PartsPerMillion.FromPercent(1), TimeSpan.FromDays(7),
        PartsPerMillion.FromPercent(10), TimeSpan.FromDays(3), PartsPerMillion.FromPercent(2),
        PartsPerMillion.FromPercent(50), TimeSpan.FromDays(45), TimeSpan.Zero,
        PartsPerMillion.FromPercent(100),
        new RolloutQuorum(PartsPerMillion.FromPercent(50), TimeSpan.FromDays(3), TimeSpan.FromDays(90)));

    /// <summary>For a patch that is needed within a week: a wider canary for a day, then a quarter every
    /// day. Of its canary, five times as many, a tenth is waited for: the same number of machines. It takes a
    /// second signature on the order, as all that is faster than the usual lane does.</summary>
    public static RolloutRules Expedited { get; } = Standard with
    {
        Canary = PartsPerMillion.FromPercent(5),
        Exposure = PartsPerMillion.FromPercent(5),
        CanaryTime = TimeSpan.FromDays(1),
        Wave = PartsPerMillion.FromPercent(25),
        WaveTime = TimeSpan.FromDays(1),
        Quorum = new RolloutQuorum(
            PartsPerMillion.FromPercent(10), TimeSpan.FromHours(12), TimeSpan.FromDays(30)),
    };

    /// <summary>What this replaces, to compare with: an image for each generation, two weeks of tests each,
    /// one generation after the other, then all of it at once.</summary>
    public static RolloutRules Monolithic { get; } = Standard with
    {
        Canary = new PartsPerMillion(1_000_000),
        Exposure = new PartsPerMillion(1_000_000),
        Lead = TimeSpan.FromDays(14),
        Quorum = null,
    };

    /// <summary>The lane of images of the core: few, long looked at, one class after the other, and of
    /// machines that were built alike never more than half until their class is complete. Two operators sign,
    /// whatever the speed.</summary>
    public static RolloutRules Core { get; } = Standard with
    {
        CanaryTime = TimeSpan.FromDays(30),
        Wave = PartsPerMillion.FromPercent(20),
        WaveTime = TimeSpan.FromDays(14),
        Errors = PartsPerMillion.FromPercent(1),
        Authority = TimeSpan.FromDays(90),
        Strain = PartsPerMillion.FromPercent(50),
        Quorum = new RolloutQuorum(
            PartsPerMillion.FromPercent(75), TimeSpan.FromDays(14), TimeSpan.FromDays(120)),
    };

    /// <summary>Whether it reaches more machines, or sooner, or on less evidence, than others allow, in any
    /// respect.</summary>
    public bool IsFasterThan(RolloutRules other) =>
        Canary.Value > other.Canary.Value || CanaryMin > other.CanaryMin
        || Exposure.Value > other.Exposure.Value || CanaryTime < other.CanaryTime
        || Wave.Value > other.Wave.Value || WaveTime < other.WaveTime
        || Errors.Value > other.Errors.Value || Gate.Value < other.Gate.Value
        || Strain.Value > other.Strain.Value
        || (other.Quorum is { } quorum && (Quorum is null || Quorum.IsLessThan(quorum)));

    /// <inheritdoc/>
    public static RolloutRules Shape<TCodec>(ref TCodec codec, RolloutRules? value)
        where TCodec : struct, ICodec
    {
        bool hasQuorum = codec.OpenGrown("rolloutRules", 11, value?.Quorum is not null);
        PartsPerMillion canary = codec.Share("canary", value?.Canary ?? default);
        int least = (int)codec.Integer("canaryMin", value?.CanaryMin ?? 0, 1, 1_000_000);
        PartsPerMillion exposure = codec.Share("exposure", value?.Exposure ?? default);
        TimeSpan first = codec.Duration("canaryTime", value?.CanaryTime ?? default);
        PartsPerMillion wave = new((int)codec.Integer("wave", value?.Wave.Value ?? 0, 1, 1_000_000));
        TimeSpan next = codec.Duration("waveTime", value?.WaveTime ?? default);
        PartsPerMillion errors = codec.Share("errors", value?.Errors ?? default);
        PartsPerMillion gate = codec.Share("gate", value?.Gate ?? default);
        TimeSpan authority = codec.Duration("authority", value?.Authority ?? default);
        TimeSpan lead = codec.Duration("lead", value?.Lead ?? default);
        PartsPerMillion strain = SkillFields.Strain(ref codec, value?.Strain ?? default);
        RolloutQuorum? quorum = hasQuorum ? RolloutQuorum.Shape(ref codec, value?.Quorum) : null;
        codec.Close();
        return value ?? new RolloutRules(
            canary, least, exposure, first, wave, next, errors, gate, authority, lead, strain, quorum);
    }
}

/// <summary>A release and whom it is for: what an operator orders.</summary>
/// <param name="Id">The operator's number; positive and rising.</param>
/// <param name="Function">What it decides.</param>
/// <param name="Abi">The version of the contract it is written for.</param>
/// <param name="Release">SHA-256 of its package.</param>
/// <param name="Size">Bytes of its package.</param>
/// <param name="Classes">Capability classes that have what it needs, or generations, or strains: numbers of
/// groups, <see cref="RolloutGroup"/>, all of one kind and rising. Others keep what they have.</param>
/// <param name="Trial">What it has to stand on a node.</param>
/// <param name="Rules">How fast it may go.</param>
public sealed record Rollout(
    uint Id, SkillFunction Function, int Abi, Digest Release, int Size, ImmutableArray<int> Classes,
    SkillTrial Trial, RolloutRules Rules) : IShaped<Rollout>
{
    // So that what was signed for anything else is no order.
    private static readonly byte[] _purpose = [.. "hanse/rollout-order/1\n"u8];

    /// <summary>What operators sign: all of the order, and what it is.</summary>
    public byte[] ToSign() => [.. _purpose, .. CborWriter.Bytes(this)];

    /// <summary>Whether it can be meant.</summary>
    public bool IsSound => Id > 0 && Size > 0 && Abi > 0
        && Size <= (Function == SkillFunction.Core ? SkillOrder.LengthMax : SkillOrder.ReleaseLengthMax)
        && Classes.Length is > 0 and <= RolloutTold.ClassesMax && Increases();

    /// <inheritdoc/>
    public static Rollout Shape<TCodec>(ref TCodec codec, Rollout? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rollout", 8);
        uint id = (uint)codec.Integer("id", value?.Id ?? 0, 0, uint.MaxValue);
        SkillFunction function = SkillFields.Function(ref codec, value?.Function ?? 0);
        int abi = codec.Number("abi", value?.Abi ?? 0);
        Digest release = Digest.Field(ref codec, "release", value?.Release ?? default);
        int size = codec.Number("size", value?.Size ?? 0);
        int count = codec.OpenList("classes", value?.Classes.Length ?? 0, RolloutTold.ClassesMax);
        ImmutableArray<int>.Builder classes = ImmutableArray.CreateBuilder<int>(count);
        for (int i = 0; i < count && !codec.Failed; i++)
        {
            classes.Add(codec.Number("class", value?.Classes[i] ?? 0));
        }

        codec.CloseList();
        SkillTrial trial = SkillTrial.Shape(ref codec, value?.Trial);
        RolloutRules rules = RolloutRules.Shape(ref codec, value?.Rules);
        codec.Close();
        return value ?? new Rollout(
            id, function, abi, release, size, classes.ToImmutable(), trial, rules);
    }

    // And a machine is in one group at most.
    private bool Increases()
    {
        RolloutSplit split = new RolloutGroup(Classes[0]).Split;
        for (int i = 1; i < Classes.Length; i++)
        {
            if (Classes[i] <= Classes[i - 1] || new RolloutGroup(Classes[i]).Split != split)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What an operator may do to a rollout.</summary>
public enum RolloutCommand
{
    /// <summary>Offer it to nobody new.</summary>
    Pause = 1,

    /// <summary>Go on.</summary>
    Resume = 2,

    /// <summary>Call it back from everybody.</summary>
    Abort = 3,
}
