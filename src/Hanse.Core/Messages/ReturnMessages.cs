using System;
using System.Collections.Immutable;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>How a hub judged a return. The numbers are on the wire.</summary>
public enum ReturnOutcome
{
    /// <summary>All of it stands.</summary>
    Accepted = 1,

    /// <summary>It stands, with corrections: the node's sensors are off by what the hub has learnt.</summary>
    Corrected = 2,

    /// <summary>The node's claims are set aside until an operator has looked. It may finish what it was
    /// allotted and come home.</summary>
    Quarantined = 3,
}

/// <summary>Node to hub: my journal has grown; here is its head, signed.</summary>
/// <param name="Blocks">Blocks of the journal under the head.</param>
/// <param name="Accepted">Blocks that the hub has acknowledged, as far as the node knows.</param>
/// <param name="Bytes">Bytes of the blocks in between, framed as they will be sent.</param>
/// <param name="Since">When the first of those blocks begins: the age of the gap.</param>
/// <param name="Decisions">Decisions in them, which the hub may wish to take again.</param>
/// <param name="Note">The checkpoint as a signed note.</param>
/// <param name="Consistency">Canonical bytes of the proof that the journal goes on from the accepted head;
/// empty when nothing was accepted yet.</param>
public sealed record ReturnOffered(
    ulong Blocks, ulong Accepted, long Bytes, Instant Since, int Decisions, byte[] Note, byte[] Consistency)
    : Message, IShaped<ReturnOffered>
{
    /// <summary>Most bytes of a signed note.</summary>
    public const int NoteBytesMax = 1024;

    /// <summary>Most bytes of a consistency proof: 64 digests.</summary>
    public const int ConsistencyBytesMax = 2200;

    /// <summary>Most bytes that one return brings.</summary>
    public const long BytesMax = 1L << 40;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ReturnOffered;

    /// <summary>Whether another offer is of the same return: the same signed head.</summary>
    public bool IsSame(ReturnOffered other) =>
        Blocks == other.Blocks && Bytes == other.Bytes && Note.AsSpan().SequenceEqual(other.Note);

    /// <inheritdoc/>
    public static ReturnOffered Shape<TCodec>(ref TCodec codec, ReturnOffered? value)
        where TCodec : struct, ICodec
    {
        codec.Open("returnOffered", 7);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        ulong accepted = codec.Count("accepted", value?.Accepted ?? 0);
        long bytes = codec.Integer("bytes", value?.Bytes ?? 0, 0, BytesMax);
        Instant since = codec.Second("since", value?.Since ?? default);
        int decisions = codec.Number("decisions", value?.Decisions ?? 0);
        byte[] note = codec.Bytes("note", value?.Note ?? [], NoteBytesMax);
        byte[] consistency = codec.Bytes("consistency", value?.Consistency ?? [], ConsistencyBytesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && accepted >= blocks)
        {
            codec.Refuse("accepted must be less than blocks: a return brings something");
        }

        return value ?? new ReturnOffered(
            blocks, accepted, bytes, since, decisions, note, consistency);
    }
}

/// <summary>Hub to node: send on from this byte. Perishable; repeated for every part that comes.</summary>
/// <param name="Blocks">Which return.</param>
/// <param name="From">Bytes of it that the hub has: the cursor.</param>
public sealed record ReturnAdmitted(ulong Blocks, long From) : Message, IShaped<ReturnAdmitted>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ReturnAdmitted;

    /// <inheritdoc/>
    public static ReturnAdmitted Shape<TCodec>(ref TCodec codec, ReturnAdmitted? value)
        where TCodec : struct, ICodec
    {
        codec.Open("returnAdmitted", 2);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        long from = codec.Integer("from", value?.From ?? 0, 0, ReturnOffered.BytesMax);
        codec.Close();
        return value ?? new ReturnAdmitted(blocks, from);
    }
}

/// <summary>Hub to node: not now; offer it again in the window that is open at this time or opens next.
/// Perishable.</summary>
/// <param name="Blocks">Which return.</param>
/// <param name="NotBefore">Whole second.</param>
public sealed record ReturnDeferred(ulong Blocks, Instant NotBefore) : Message, IShaped<ReturnDeferred>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ReturnDeferred;

    /// <inheritdoc/>
    public static ReturnDeferred Shape<TCodec>(ref TCodec codec, ReturnDeferred? value)
        where TCodec : struct, ICodec
    {
        codec.Open("returnDeferred", 2);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        Instant notBefore = codec.Second("notBefore", value?.NotBefore ?? default);
        codec.Close();
        return value ?? new ReturnDeferred(blocks, notBefore);
    }
}

/// <summary>Node to hub: a stretch of the return's bytes. Perishable: the hub's cursor asks for what is
/// missing.</summary>
/// <param name="Blocks">Which return.</param>
/// <param name="Offset">Place of the first byte.</param>
/// <param name="Bytes">One to <see cref="BytesMax"/>; a part need not end where a block does.</param>
public sealed record JournalPart(ulong Blocks, long Offset, byte[] Bytes) : Message, IShaped<JournalPart>
{
    /// <summary>Most bytes of a part: it leaves room in its frame for reports.</summary>
    public const int BytesMax = 3072;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.JournalPart;

    /// <inheritdoc/>
    public static JournalPart Shape<TCodec>(ref TCodec codec, JournalPart? value)
        where TCodec : struct, ICodec
    {
        codec.Open("journalPart", 3);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        long offset = codec.Integer("offset", value?.Offset ?? 0, 0, ReturnOffered.BytesMax);
        byte[] bytes = codec.Bytes("bytes", value?.Bytes ?? [], BytesMax);
        codec.Close();
        return value ?? new JournalPart(blocks, offset, bytes);
    }
}

/// <summary>Hub to node: how your return was judged; up to here your journal is received.</summary>
/// <param name="Blocks">Blocks received for good.</param>
/// <param name="Root">The root over them, 32 bytes: the receipt.</param>
/// <param name="Outcome">The verdict.</param>
/// <param name="Reasons">Codes of what was found, increasing; <c>docs/protocol/validation.md</c> has the
/// list.</param>
/// <param name="Safe">Blocks that whoever would take the node over begins from, at least: what is behind them
/// may be asked for again.</param>
public sealed record ReturnJudged(
    ulong Blocks, byte[] Root, ReturnOutcome Outcome, ImmutableArray<ulong> Reasons, ulong Safe)
    : Message, IShaped<ReturnJudged>
{
    /// <summary>Bytes of a root.</summary>
    public const int RootLength = 32;

    /// <summary>Most reasons.</summary>
    public const int ReasonsMax = 16;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ReturnJudged;

    /// <inheritdoc/>
    public static ReturnJudged Shape<TCodec>(ref TCodec codec, ReturnJudged? value)
        where TCodec : struct, ICodec
    {
        codec.Open("returnJudged", 5);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        byte[] root = codec.Bytes("root", value?.Root ?? [], RootLength);
        var outcome = (ReturnOutcome)codec.Integer("outcome", (long)(value?.Outcome ?? 0), 1, 3);
        ImmutableArray<ulong> reasons = codec.Numbers("reasons", value?.Reasons ?? [], ReasonsMax);
        ulong safe = codec.Count("safe", value?.Safe ?? 0);
        codec.Close();
        if (codec.IsReading && !codec.Failed
            && (root.Length != RootLength || !Fields.Increases(reasons, reason => reason)))
        {
            codec.Refuse("a root must be 32 bytes, and reasons must increase");
        }

        return value ?? new ReturnJudged(blocks, root, outcome, reasons, safe);
    }
}
