using System.Collections.Immutable;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>One reason of a verdict; a code is stated once, where it was met first.</summary>
/// <param name="Code">What.</param>
/// <param name="Block">Number of the block; of the leaf or the note for what is in no block.</param>
/// <param name="Entry">Place of the entry in the block.</param>
/// <param name="Expected">What should have been; what unit, the code says.</param>
/// <param name="Found">What was.</param>
/// <param name="Count">How often it was met; at least one.</param>
public sealed record Reason(
    ReasonCode Code, ulong Block, int Entry, long Expected, long Found, long Count) : IShaped<Reason>
{
    /// <summary>The layer that found it.</summary>
    public Layer Layer => Code.LayerOf();

    /// <summary>What it does to the return.</summary>
    public Severity Severity => Code.SeverityOf();

    /// <inheritdoc/>
    public static Reason Shape<TCodec>(ref TCodec codec, Reason? value)
        where TCodec : struct, ICodec
    {
        codec.Open("reason", 6);
        var code = (ReasonCode)codec.Integer("code", (long)(value?.Code ?? 0), 101, 899);
        ulong block = (ulong)codec.Integer("block", (long)(value?.Block ?? 0), 0, long.MaxValue);
        int entry = codec.Number("entry", value?.Entry ?? 0);
        long expected = codec.Integer("expected", value?.Expected ?? 0, long.MinValue, long.MaxValue);
        long found = codec.Integer("found", value?.Found ?? 0, long.MinValue, long.MaxValue);
        long count = codec.Integer("count", value?.Count ?? 0, 1, long.MaxValue);
        codec.Close();
        return value ?? new Reason(code, block, entry, expected, found, count);
    }
}

/// <summary>How claims about a resource are taken.</summary>
/// <param name="Resource">What.</param>
/// <param name="Claimed">The level by the node's own books at the offered head.</param>
/// <param name="Corrected">The level as the hub takes it.</param>
/// <param name="BiasPpm">The share by which claims were found too large; negative when too small.</param>
/// <param name="Sigma">One standard deviation of the corrected level, in its unit.</param>
public sealed record Correction(Resource Resource, long Claimed, long Corrected, int BiasPpm, long Sigma)
    : IShaped<Correction>
{
    /// <inheritdoc/>
    public static Correction Shape<TCodec>(ref TCodec codec, Correction? value)
        where TCodec : struct, ICodec
    {
        codec.Open("correction", 5);
        var resource = (Resource)codec.Integer("resource", (long)(value?.Resource ?? 0), 1, 4);
        long claimed = codec.Integer("claimed", value?.Claimed ?? 0, long.MinValue, long.MaxValue);
        long corrected = codec.Integer("corrected", value?.Corrected ?? 0, long.MinValue, long.MaxValue);
        int bias = (int)codec.Integer("biasPpm", value?.BiasPpm ?? 0, int.MinValue, int.MaxValue);
        long sigma = codec.Integer("sigma", value?.Sigma ?? 0, 0, long.MaxValue);
        codec.Close();
        return value ?? new Correction(resource, claimed, corrected, bias, sigma);
    }
}

/// <summary>What an audit of raw blocks shows.</summary>
/// <param name="Leaves">Leaves sealed by this return, of which places were drawn.</param>
/// <param name="Drawn">Places drawn at random and answered for.</param>
/// <param name="Cited">Places shown because a re-executed decision cites their leaf.</param>
/// <param name="Bad">Places of both that were wrong, missing or late.</param>
/// <param name="FractionPpm">When nothing is bad: a node that spoiled this share of its leaves or
/// more,</param>
/// <param name="EscapePpb">would have been missed with at most this probability, in parts per
/// billion.</param>
public sealed record AuditBound(
    long Leaves, int Drawn, int Cited, int Bad, int FractionPpm, int EscapePpb) : IShaped<AuditBound>
{
    /// <inheritdoc/>
    public static AuditBound Shape<TCodec>(ref TCodec codec, AuditBound? value)
        where TCodec : struct, ICodec
    {
        codec.Open("audit", 6);
        long leaves = codec.Integer("leaves", value?.Leaves ?? 0, 0, long.MaxValue);
        int drawn = codec.Number("drawn", value?.Drawn ?? 0);
        int cited = codec.Number("cited", value?.Cited ?? 0);
        int bad = codec.Number("bad", value?.Bad ?? 0);
        int fraction = (int)codec.Integer("fractionPpm", value?.FractionPpm ?? 0, 0, 1_000_000);
        int escape = (int)codec.Integer("escapePpb", value?.EscapePpb ?? 0, 0, 1_000_000_000);
        codec.Close();
        return value ?? new AuditBound(leaves, drawn, cited, bad, fraction, escape);
    }
}

/// <summary>What a validation cost, in things counted and not in time, so that every replica counts
/// alike. Work done in vain on damaged bytes is counted too.</summary>
public sealed record ReturnCost(
    long BytesHashed, long Blocks, long Entries, long Observations, long Signatures, long Decisions,
    long DecisionsReplayed, long LeavesAudited) : IShaped<ReturnCost>
{
    /// <inheritdoc/>
    public static ReturnCost Shape<TCodec>(ref TCodec codec, ReturnCost? value)
        where TCodec : struct, ICodec
    {
        codec.Open("cost", 8);
        long bytes = Count(ref codec, "bytesHashed", value?.BytesHashed);
        long blocks = Count(ref codec, "blocks", value?.Blocks);
        long entries = Count(ref codec, "entries", value?.Entries);
        long observations = Count(ref codec, "observations", value?.Observations);
        long signatures = Count(ref codec, "signatures", value?.Signatures);
        long decisions = Count(ref codec, "decisions", value?.Decisions);
        long replayed = Count(ref codec, "decisionsReplayed", value?.DecisionsReplayed);
        long leaves = Count(ref codec, "leavesAudited", value?.LeavesAudited);
        codec.Close();
        return value
            ?? new ReturnCost(bytes, blocks, entries, observations, signatures, decisions, replayed, leaves);
    }

    private static long Count<TCodec>(ref TCodec codec, string name, long? value)
        where TCodec : struct, ICodec => codec.Integer(name, value ?? 0, 0, long.MaxValue);
}

/// <summary>What a quarantined return would have been accepted as, for an operator who overrules the
/// quarantine. There is one only when the journal is the node's own to its signed end, and what it says is
/// doubted.</summary>
/// <param name="Accepted">The state after the return, without a clean record.</param>
/// <param name="Claims">What it claims of things that are not the node's own.</param>
public sealed record ContestedReturn(AcceptedState Accepted, ReturnClaims Claims) : IShaped<ContestedReturn>
{
    /// <inheritdoc/>
    public static ContestedReturn Shape<TCodec>(ref TCodec codec, ContestedReturn? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contested", 2);
        AcceptedState accepted = AcceptedState.Shape(ref codec, value?.Accepted);
        ReturnClaims claims = ReturnClaims.Shape(ref codec, value?.Claims);
        codec.Close();
        return value ?? new ContestedReturn(accepted, claims);
    }
}

/// <summary>The end of a return's validation.</summary>
/// <param name="Outcome">Follows from the gravest reason.</param>
/// <param name="Reasons">In order of their codes, so of their layers.</param>
/// <param name="Corrections">For the resources whose claims were corrected; empty when quarantined.</param>
/// <param name="Audit">The bound reached.</param>
/// <param name="Cost">What it took.</param>
/// <param name="Accepted">The state after this return: the base of the next one. When quarantined, the state
/// before it.</param>
/// <param name="Claims">What the merge has to judge; empty when quarantined.</param>
/// <param name="ValidSize">Blocks up to the last signed head that the upload was found to lead to: kept as
/// evidence, and acted on only if the return is not quarantined.</param>
/// <param name="Evidence">Notes that prove the fault to anybody, such as two heads of one size.</param>
/// <param name="Contested">What the return would have been accepted as; null unless it is quarantined for
/// what it says, and not for what it is.</param>
public sealed record ReturnVerdict(
    ReturnOutcome Outcome,
    ImmutableArray<Reason> Reasons,
    ImmutableArray<Correction> Corrections,
    AuditBound Audit,
    ReturnCost Cost,
    AcceptedState Accepted,
    ReturnClaims Claims,
    ulong ValidSize,
    ImmutableArray<NoteText> Evidence,
    ContestedReturn? Contested) : IShaped<ReturnVerdict>
{
    /// <summary>Most reasons: fewer codes than that exist.</summary>
    public const int ReasonsMax = 96;

    /// <summary>Most notes of evidence.</summary>
    public const int EvidenceMax = 2;

    /// <inheritdoc/>
    public static ReturnVerdict Shape<TCodec>(ref TCodec codec, ReturnVerdict? value)
        where TCodec : struct, ICodec
    {
        codec.Open("verdict", 10);
        var outcome = (ReturnOutcome)codec.Integer("outcome", (long)(value?.Outcome ?? 0), 1, 3);
        ImmutableArray<Reason> reasons = codec.List("reasons", value?.Reasons ?? [], ReasonsMax);
        ImmutableArray<Correction> corrections = codec.List("corrections", value?.Corrections ?? [], 4);
        AuditBound audit = AuditBound.Shape(ref codec, value?.Audit);
        ReturnCost cost = ReturnCost.Shape(ref codec, value?.Cost);
        AcceptedState accepted = AcceptedState.Shape(ref codec, value?.Accepted);
        ReturnClaims claims = ReturnClaims.Shape(ref codec, value?.Claims);
        ulong valid = (ulong)codec.Integer("validSize", (long)(value?.ValidSize ?? 0), 0, long.MaxValue);
        ImmutableArray<NoteText> evidence = codec.List("evidence", value?.Evidence ?? [], EvidenceMax);
        ContestedReturn? contested = codec.Optional("contested", value?.Contested);
        codec.Close();
        return value ?? new ReturnVerdict(
            outcome, reasons, corrections, audit, cost, accepted, claims, valid, evidence, contested);
    }
}
