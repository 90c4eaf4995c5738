using System;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Hanse.Core.Estimate;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Units;

namespace Hanse.Core.Reconcile;

/// <summary>What a mission decides about the validation of returns. Everything has a unit; nothing has a
/// default that a mission would need to know of.</summary>
public sealed record ReturnRules
{
    /// <summary>Most blocks of one return. A block a minute: 43,200 in 30 days.</summary>
    public required long BlocksMax { get; init; }

    /// <summary>Most sealed raw segments of one return; a segment is 1 GiB.</summary>
    public required int SegmentsMax { get; init; }

    /// <summary>How often damaged bytes are asked for again in one return.</summary>
    public required int ResendsMax { get; init; }

    /// <summary>How long after its offer an upload must be complete, by the hub's clock.</summary>
    public required TimeSpan UploadTime { get; init; }

    /// <summary>How long after the challenge the raw blocks must have come, by the hub's clock.</summary>
    public required TimeSpan AuditTime { get; init; }

    /// <summary>What the node is asked to show: as the link allows.</summary>
    public required AuditUnit AuditUnit { get; init; }

    /// <summary>How far the node's clock may be from the hub's.</summary>
    public required TimeSpan ClockErrorMax { get; init; }

    /// <summary>How often a clock may be set in one return.</summary>
    public required int ClockStepsMax { get; init; }

    /// <summary>One rule for each of the four resources, in order of their numbers.</summary>
    public required ImmutableArray<ResourceRule> Resources { get; init; }

    /// <summary>How fast a resource may change for a cause; a cause without a rule is not limited.</summary>
    public required ImmutableArray<RateRule> Rates { get; init; }

    /// <summary>What channels can read; in order of channels. A channel without a rule is not
    /// limited.</summary>
    public required ImmutableArray<ChannelRule> Channels
    {
        get;
        init
        {
            field = value;
            RuleOf = ByChannel(value);
        }
    }

    /// <summary>The largest share of a channel's readings in one return that may break its rule: sensors have
    /// hiccups.</summary>
    public required PartsPerMillion ReadingFaultsMax { get; init; }

    /// <summary>Fewer faults of a channel than this are never held against it.</summary>
    public required int ReadingFaultsMin { get; init; }

    /// <summary>How claims are held against independent sightings.</summary>
    public required CalibrationRules Calibration { get; init; }

    /// <summary>How much is taken again and audited of a node without a record.</summary>
    public required TrustRule Unproven { get; init; }

    /// <summary>The same of a node with a long clean record.</summary>
    public required TrustRule Proven { get; init; }

    /// <summary>Returns without a fault after which a node counts as proven; in between goes in a straight
    /// line.</summary>
    public required int ReturnsToProve { get; init; }

    /// <summary>What rests on a return for it to be treated as that of an unproven node.</summary>
    public required Credits HighStake { get; init; }

    // Place of a channel's rule, or -1: made once, and not for each of a thousand returns.
    internal ImmutableArray<short> RuleOf { get; private init; } = ByChannel([]);

    private static ImmutableArray<short> ByChannel(ImmutableArray<ChannelRule> rules)
    {
        short[] places = new short[Columns.ChannelMax + 1];
        Array.Fill(places, (short)-1);
        for (int i = 0; i < rules.Length; i++)
        {
            ChannelRule rule = rules[i];
            Invariant.Holds(rule.Channel is >= 0 and <= Columns.ChannelMax);
            Invariant.Holds(rule.PerSecond is >= 0 and <= ChannelRule.PerSecondMax);
            Invariant.Holds(rule.Noise is >= 0 and <= Sum.Max);
            places[rule.Channel] = (short)i;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(places);
    }
}

/// <summary>What can be aboard, and how well the machine counts it.</summary>
/// <param name="Capacity">The most there is room for, in the unit.</param>
/// <param name="CountFloor">Error of a count that is always allowed, in the unit.</param>
/// <param name="CountShare">Error of a count as a share of the level.</param>
/// <param name="FlowShare">Error of metered movements as a share of what has moved since the last
/// count.</param>
public readonly record struct ResourceRule(
    long Capacity, long CountFloor, PartsPerMillion CountShare, PartsPerMillion FlowShare);

/// <summary>How fast a resource may change: a bucket that fills at a rate and holds a burst.</summary>
/// <param name="Resource">What.</param>
/// <param name="Cause">For which cause.</param>
/// <param name="PerHour">Most per hour, in the unit; claims may be a few per cent off, so with that
/// margin.</param>
/// <param name="Burst">Most at once, in the unit.</param>
public readonly record struct RateRule(Resource Resource, Cause Cause, long PerHour, long Burst);

/// <summary>What a channel can read.</summary>
/// <param name="Channel">0 to 1023.</param>
/// <param name="Least">Smallest possible reading.</param>
/// <param name="Greatest">Largest possible reading.</param>
/// <param name="PerSecond">Fastest possible change; of readings not more than a minute apart.</param>
/// <param name="Noise">Change that is possible in no time.</param>
public readonly record struct ChannelRule(int Channel, long Least, long Greatest, long PerSecond, long Noise)
{
    /// <summary>Fastest change that can be ruled on: so that a speed times a minute fits a word.</summary>
    public const long PerSecondMax = 1_000_000_000_000_000 / 60;
}

/// <summary>How closely a node is looked at.</summary>
/// <param name="Replayed">Share of its routine decisions taken again; safety decisions all are.</param>
/// <param name="SpoiledShare">A node that spoiled this share of its raw leaves</param>
/// <param name="EscapePpb">is to be missed with at most this probability, in parts per billion.</param>
public readonly record struct TrustRule(
    PartsPerMillion Replayed, PartsPerMillion SpoiledShare, int EscapePpb)
{
    /// <summary>Places of the raw log to draw for that.</summary>
    public int Places { get; } = AuditMath.Places(SpoiledShare.Value, EscapePpb);
}

/// <summary>What is shipped for one place of an audit.</summary>
public enum AuditUnit
{
    /// <summary>1 KiB and its path: for thin links. Shows that this block is whole, not its leaf.</summary>
    Block = 1,

    /// <summary>The leaf of 64 KiB and its path.</summary>
    Leaf = 2,
}
