using System;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Intake;

/// <summary>How far a node's word is taken, from its record of audits. The numbers are stored.</summary>
public enum TrustClass
{
    /// <summary>Audited often and never found wrong.</summary>
    Proven = 1,

    /// <summary>New, or with nothing against it.</summary>
    Ordinary = 2,

    /// <summary>Found wrong, or under suspicion: its claims buy it no precedence.</summary>
    Doubted = 3,
}

/// <summary>What a hub must know of a returning node to decide when its journal may come: some fifty
/// bytes on the air in place of megabytes.</summary>
/// <remarks>
/// The node says how much it has; the hub itself fills in what a liar would gain by inventing: the accepted
/// size, the instant of the last accepted block, the worth of running contracts and the trust. All amounts
/// count from the accepted size, whatever has been sent since.
/// </remarks>
public sealed record ReturnSummary : IShaped<ReturnSummary>
{
    /// <summary>Largest journal, in blocks: a block a minute for two million years.</summary>
    public const long BlocksMax = 1_000_000_000_000;

    /// <summary>Most bytes to come: 2^40, a tebibyte.</summary>
    public const long BytesMax = 1L << 40;

    /// <summary>Most records, checkpoints, decisions or leaves: a thousand million.</summary>
    public const long CountMax = 1_000_000_000;

    /// <summary>Who returns.</summary>
    public required NodeId Node { get; init; }

    /// <summary>The hub's authority over the node; salts the order among equals.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Blocks in the node's journal now, 1 to <see cref="BlocksMax"/>. Journals only grow.</summary>
    public required long JournalSize { get; init; }

    /// <summary>Blocks of it that the hub has accepted; less than <see cref="JournalSize"/>.</summary>
    public required long AcceptedSize { get; init; }

    /// <summary>Bytes of the blocks between the two as they travel, 1 to <see cref="BytesMax"/>.</summary>
    public required long BytesToCome { get; init; }

    /// <summary>Records in those blocks, 0 to <see cref="CountMax"/>.</summary>
    public required long Records { get; init; }

    /// <summary>Signed checkpoints among them, 0 to <see cref="CountMax"/>.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>Decisions that the hub will replay, 0 to <see cref="CountMax"/>.</summary>
    public required long Decisions { get; init; }

    /// <summary>Raw leaves that the hub will audit, 0 to <see cref="CountMax"/>.</summary>
    public required long Leaves { get; init; }

    /// <summary>Where the gap begins: the instant of the last accepted block, from the hub's own
    /// record.</summary>
    public required Instant OldestUnaccepted { get; init; }

    /// <summary>Worth of the node's running contracts, from the hub's own market.</summary>
    public required Credits Contracts { get; init; }

    /// <summary>Worth of what the node says it has done and not been paid for.</summary>
    public required Credits Claims { get; init; }

    /// <summary>How far its word is taken.</summary>
    public required TrustClass Trust { get; init; }

    /// <summary>What is lost if this return is wrong or late: contracts, and claims unless the node is
    /// doubted.</summary>
    public Credits ValueAtRisk => Trust == TrustClass.Doubted ? Contracts : Contracts + Claims;

    /// <summary>Whether every number is within its bounds and they make sense together.</summary>
    /// <remarks>A reader enforces the same; this is for summaries that were not read.</remarks>
    public bool IsSound() =>
        JournalSize is >= 1 and <= BlocksMax
        && AcceptedSize >= 0 && AcceptedSize < JournalSize
        && BytesToCome is >= 1 and <= BytesMax
        && Records is >= 0 and <= CountMax
        && Checkpoints is >= 0 and <= CountMax
        && Decisions is >= 0 and <= CountMax
        && Leaves is >= 0 and <= CountMax
        && OldestUnaccepted.Micros is >= 0 and <= Instant.MicrosMax
        && Contracts.Micro is >= 0 and <= Credits.MicroMax
        && Claims.Micro is >= 0 and <= Credits.MicroMax
        && Trust is TrustClass.Proven or TrustClass.Ordinary or TrustClass.Doubted;

    /// <inheritdoc/>
    public static ReturnSummary Shape<TCodec>(ref TCodec codec, ReturnSummary? value)
        where TCodec : struct, ICodec
    {
        codec.Open("return", 13);
        ReturnSummary read = new()
        {
            Node = codec.Node("node", value?.Node ?? default),
            Epoch = codec.Epoch("epoch", value?.Epoch ?? default),
            JournalSize = codec.Integer("journalSize", value?.JournalSize ?? 0, 1, BlocksMax),
            AcceptedSize = codec.Integer("acceptedSize", value?.AcceptedSize ?? 0, 0, BlocksMax - 1),
            BytesToCome = codec.Integer("bytesToCome", value?.BytesToCome ?? 0, 1, BytesMax),
            Records = codec.Integer("records", value?.Records ?? 0, 0, CountMax),
            Checkpoints = codec.Integer("checkpoints", value?.Checkpoints ?? 0, 0, CountMax),
            Decisions = codec.Integer("decisions", value?.Decisions ?? 0, 0, CountMax),
            Leaves = codec.Integer("leaves", value?.Leaves ?? 0, 0, CountMax),
            OldestUnaccepted = new Instant(codec.Integer(
                "oldestUnaccepted", value?.OldestUnaccepted.Micros ?? 0, 0, Instant.MicrosMax)),
            Contracts = codec.Money("contracts", value?.Contracts ?? default),
            Claims = codec.Money("claims", value?.Claims ?? default),
            Trust = (TrustClass)codec.Integer("trust", (long)(value?.Trust ?? 0), 1, 3),
        };
        codec.Close();
        if (codec.IsReading && read.AcceptedSize >= read.JournalSize)
        {
            codec.Refuse("no block of the journal is new");
        }

        return value ?? read;
    }

    /// <summary>What is left of the return once a prefix of it has been accepted.</summary>
    /// <param name="acceptedSize">Blocks accepted now; less than <see cref="JournalSize"/>.</param>
    /// <param name="bytes">Bytes the prefix took.</param>
    /// <remarks>Counts shrink in proportion, rounded up; the node's next summary says it exactly. The gap
    /// still begins where it did, so that a long journal keeps its precedence.</remarks>
    internal ReturnSummary After(long acceptedSize, long bytes)
    {
        long rest = Math.Max(1, BytesToCome - bytes);
        return this with
        {
            AcceptedSize = Math.Max(AcceptedSize, acceptedSize),
            BytesToCome = rest,
            Records = Part(Records, rest),
            Checkpoints = Part(Checkpoints, rest),
            Decisions = Part(Decisions, rest),
            Leaves = Part(Leaves, rest),
        };
    }

    private long Part(long count, long bytes) =>
        (long)((((Int128)count * bytes) + BytesToCome - 1) / BytesToCome);
}
