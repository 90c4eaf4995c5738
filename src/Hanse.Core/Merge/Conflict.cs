using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>How a node's journal and what the fleet decided meanwhile can contradict. The numbers are in
/// snapshots.</summary>
public enum ConflictKind
{
    /// <summary>The node used what somebody else held at that time.</summary>
    DoubleAllocation = 1,

    /// <summary>It acted under an authority that is over, or never was.</summary>
    StaleLease = 2,

    /// <summary>What it found at a site is less than others hold leases for.</summary>
    DepletedFeedstock = 3,

    /// <summary>It delivered for a contract that was taken back.</summary>
    LateDelivery = 4,

    /// <summary>A contract was delivered a second time.</summary>
    CountedTwice = 5,

    /// <summary>Nodes disagree about a place.</summary>
    ContradictingMaps = 6,

    /// <summary>It spent more of a quota than it was given.</summary>
    OverSpentQuota = 7,

    /// <summary>What it says of its cargo, or of a docking, does not add up, was not weighed so, or was told
    /// before.</summary>
    StockMismatch = 8,
}

/// <summary>The rule that decided. The numbers are in snapshots.</summary>
public enum MergeRule
{
    /// <summary>See <see cref="MergeRules.Sentence"/>, as for all of them.</summary>
    EpochFences = 1,

    /// <summary>The hub's word on allocations.</summary>
    HubAllots = 2,

    /// <summary>Running work goes on.</summary>
    RunningWorkStays = 3,

    /// <summary>Late work is recognised.</summary>
    LateIsRecognised = 4,

    /// <summary>Only the scale counts.</summary>
    ScaleCounts = 5,

    /// <summary>A right bounds its holder.</summary>
    RightsBound = 6,

    /// <summary>The smaller of two levels.</summary>
    LesserStands = 7,

    /// <summary>The middle of what many say.</summary>
    MiddleOfMany = 8,
}

/// <summary>One side of a conflict.</summary>
/// <param name="Node">Whose; the hub's own side names the node it favours, or the same node.</param>
/// <param name="Epoch">Under which epoch; zero where there is none.</param>
/// <param name="Amount">How much, in the unit of what is contested; negative only as a difference.</param>
public readonly record struct ConflictClaim(NodeId Node, Epoch Epoch, long Amount)
{
    internal static ConflictClaim Shape<TCodec>(ref TCodec codec, string name, ConflictClaim value)
        where TCodec : struct, ICodec
    {
        codec.Open(name, 3);
        NodeId node = codec.Node("node", value.Node);
        Epoch epoch = codec.Epoch("epoch", value.Epoch);
        long amount = codec.Integer("amount", value.Amount, long.MinValue, long.MaxValue);
        codec.Close();
        return new ConflictClaim(node, epoch, amount);
    }
}

/// <summary>A contradiction, the two claims, and the rule that decided between them.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Subject">The number of what is contested: a subject, contract, docking, site, tile, quota or
/// commodity, by the kind.</param>
/// <param name="Theirs">What the returning node says.</param>
/// <param name="Ours">What the fleet holds against it.</param>
/// <param name="Rule">What decided.</param>
/// <param name="IsSettled">Whether the rule settles it; if not, it goes to the operator as well, and what the
/// rule says holds until then.</param>
public sealed record Conflict(
    ConflictKind Kind, ulong Subject, ConflictClaim Theirs, ConflictClaim Ours, MergeRule Rule,
    bool IsSettled) : IShaped<Conflict>
{
    /// <summary>Whether another conflict is about the same claim, whatever its amounts.</summary>
    public bool IsSame(Conflict other) =>
        Kind == other.Kind && Subject == other.Subject && Theirs.Node == other.Theirs.Node
        && Theirs.Epoch == other.Theirs.Epoch && Ours.Node == other.Ours.Node;

    /// <inheritdoc/>
    public static Conflict Shape<TCodec>(ref TCodec codec, Conflict? value)
        where TCodec : struct, ICodec
    {
        codec.Open("conflict", 6);
        var kind = (ConflictKind)codec.Integer("kind", (long)(value?.Kind ?? 0), 1, 8);
        ulong subject = (ulong)codec.Integer("subject", (long)(value?.Subject ?? 0), 0, long.MaxValue);
        ConflictClaim theirs = ConflictClaim.Shape(ref codec, "theirs", value?.Theirs ?? default);
        ConflictClaim ours = ConflictClaim.Shape(ref codec, "ours", value?.Ours ?? default);
        var rule = (MergeRule)codec.Integer("rule", (long)(value?.Rule ?? 0), 1, 8);
        bool settled = codec.Flag("isSettled", value?.IsSettled ?? false);
        codec.Close();
        return value ?? new Conflict(kind, subject, theirs, ours, rule, settled);
    }
}

/// <summary>The rules of the merge in words.</summary>
public static class MergeRules
{
    /// <summary>What a rule says, for the record and for the operator.</summary>
    public static string Sentence(this MergeRule rule) => rule switch
    {
        MergeRule.EpochFences => "An authority whose epoch is over is refused, however late it comes back.",
        MergeRule.HubAllots => "Who holds what is the hub's word; the other holder keeps it.",
        MergeRule.RunningWorkStays => "A return never replaces work that is running.",
        MergeRule.LateIsRecognised =>
            "A late delivery is recognised, and paid only for what nobody else has taken over.",
        MergeRule.ScaleCounts => "What counts is what the scale measured, once for each docking.",
        MergeRule.RightsBound => "No more is accepted of a quota than the right that was given.",
        MergeRule.LesserStands => "Of two levels the smaller stands, since somebody will rely on it.",
        MergeRule.MiddleOfMany => "A place is where the middle of many says; beyond a third, survey it.",
        _ => throw new UnreachableException($"no sentence for {rule}"),
    };
}
