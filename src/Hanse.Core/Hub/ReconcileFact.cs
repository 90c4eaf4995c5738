using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>What a hub remembers of returns. What was put into a validation is remembered, and not its
/// state: it is deterministic, and the bytes of a journal must be kept anyhow.</summary>
public abstract record ReconcileFact : IShaped<ReconcileFact>
{
    private ReconcileFact()
    {
    }

    /// <summary>A fact about the return of one node.</summary>
    internal interface IOfNode
    {
        NodeId Node { get; }
    }

    /// <summary>Something about the queue of returns.</summary>
    public sealed record Queue(IntakeFact Fact) : ReconcileFact;

    /// <summary>A depot of the region measured a transfer.</summary>
    public sealed record Measured(NodeId Node, DockingRecord Record) : ReconcileFact, IOfNode;

    /// <summary>A node offers a return; what was on offer before is forgotten.</summary>
    public sealed record Offered(NodeId Node, ReturnOffered Offer) : ReconcileFact, IOfNode;

    /// <summary>Bytes of the return are here, from the cursor on.</summary>
    public sealed record PartTaken(NodeId Node, Instant At, byte[] Bytes) : ReconcileFact, IOfNode;

    /// <summary>Validation began, with a nonce drawn after all bytes were here.</summary>
    public sealed record Begun(NodeId Node, Instant At, Digest Nonce) : ReconcileFact, IOfNode;

    /// <summary>A signature was verified.</summary>
    public sealed record SignatureJudged(NodeId Node, Instant At, ulong Request, bool IsGood)
        : ReconcileFact, IOfNode;

    /// <summary>A decision was taken again; no bytes when it could not be.</summary>
    public sealed record Replayed(NodeId Node, Instant At, ulong Request, byte[] Output, bool IsAvailable)
        : ReconcileFact, IOfNode;

    /// <summary>A deadline of a validation passed.</summary>
    public sealed record Waited(NodeId Node, Instant At) : ReconcileFact, IOfNode;

    /// <summary>A return was judged.</summary>
    public sealed record Judged(NodeId Node, Instant At, ReturnVerdict Verdict) : ReconcileFact, IOfNode;

    /// <summary>An operator looked at a quarantined return.</summary>
    public sealed record Reviewed(NodeId Node, bool IsAccepted) : ReconcileFact, IOfNode;

    /// <summary>A return was thrown away unjudged: it was cut off and made room for others, or its node is
    /// silent. It begins again when the node offers it.</summary>
    public sealed record Dropped(NodeId Node) : ReconcileFact, IOfNode;

    /// <summary>A block of the raw log was shown; no bytes when the node has it no more.</summary>
    public sealed record Shown(NodeId Node, Instant At, ulong Request, byte[] Bytes, byte[] Proof)
        : ReconcileFact, IOfNode;

    /// <inheritdoc/>
    public static ReconcileFact Shape<TCodec>(ref TCodec codec, ReconcileFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("reconcile", Tag(value), 12);
        ReconcileFact fact;
        switch (tag)
        {
            case 1:
                var queue = (Queue?)value;
                codec.Open("queue", 2);
                IntakeFact queueFact = IntakeFact.Shape(ref codec, queue?.Fact);
                fact = queue ?? new Queue(queueFact);
                break;
            case 2:
                var measured = (Measured?)value;
                codec.Open("measured", 2);
                NodeId docked = codec.Node("node", measured?.Node ?? default);
                DockingRecord record = DockingRecord.Shape(ref codec, measured?.Record);
                fact = measured ?? new Measured(docked, record);
                break;
            case 3:
                var offered = (Offered?)value;
                codec.Open("offered", 2);
                NodeId offerer = codec.Node("node", offered?.Node ?? default);
                ReturnOffered offer = ReturnOffered.Shape(ref codec, offered?.Offer);
                fact = offered ?? new Offered(offerer, offer);
                break;
            case 4:
                var part = (PartTaken?)value;
                codec.Open("partTaken", 3);
                NodeId sender = codec.Node("node", part?.Node ?? default);
                Instant partAt = codec.Moment("at", part?.At ?? default);
                byte[] bytes = codec.Bytes("bytes", part?.Bytes ?? [], JournalPart.BytesMax);
                fact = part ?? new PartTaken(sender, partAt, bytes);
                break;
            case 5:
                var begun = (Begun?)value;
                codec.Open("begun", 3);
                NodeId begunNode = codec.Node("node", begun?.Node ?? default);
                Instant begunAt = codec.Moment("at", begun?.At ?? default);
                Digest nonce = Digest.Field(ref codec, "nonce", begun?.Nonce ?? default);
                fact = begun ?? new Begun(begunNode, begunAt, nonce);
                break;
            case 6:
                var signature = (SignatureJudged?)value;
                codec.Open("signatureJudged", 4);
                NodeId signer = codec.Node("node", signature?.Node ?? default);
                Instant signedAt = codec.Moment("at", signature?.At ?? default);
                ulong signedRequest = codec.Count("request", signature?.Request ?? 0);
                bool isGood = codec.Flag("isGood", signature?.IsGood ?? false);
                fact = signature ?? new SignatureJudged(signer, signedAt, signedRequest, isGood);
                break;
            case 7:
                var replayed = (Replayed?)value;
                codec.Open("replayed", 5);
                NodeId decider = codec.Node("node", replayed?.Node ?? default);
                Instant replayedAt = codec.Moment("at", replayed?.At ?? default);
                ulong replayRequest = codec.Count("request", replayed?.Request ?? 0);
                byte[] output = codec.Bytes("output", replayed?.Output ?? [], Entry.DecisionBytesMax);
                bool isAvailable = codec.Flag("isAvailable", replayed?.IsAvailable ?? false);
                fact = replayed ?? new Replayed(decider, replayedAt, replayRequest, output, isAvailable);
                break;
            case 8:
                var waited = (Waited?)value;
                codec.Open("waited", 2);
                NodeId waiter = codec.Node("node", waited?.Node ?? default);
                Instant waitedAt = codec.Moment("at", waited?.At ?? default);
                fact = waited ?? new Waited(waiter, waitedAt);
                break;
            case 9:
                var judged = (Judged?)value;
                codec.Open("judged", 3);
                NodeId judgedNode = codec.Node("node", judged?.Node ?? default);
                Instant judgedAt = codec.Moment("at", judged?.At ?? default);
                ReturnVerdict verdict = ReturnVerdict.Shape(ref codec, judged?.Verdict);
                fact = judged ?? new Judged(judgedNode, judgedAt, verdict);
                break;
            case 10:
                var reviewed = (Reviewed?)value;
                codec.Open("reviewed", 2);
                NodeId reviewedNode = codec.Node("node", reviewed?.Node ?? default);
                bool isAccepted = codec.Flag("isAccepted", reviewed?.IsAccepted ?? false);
                fact = reviewed ?? new Reviewed(reviewedNode, isAccepted);
                break;
            case 11:
                var dropped = (Dropped?)value;
                codec.Open("dropped", 1);
                NodeId late = codec.Node("node", dropped?.Node ?? default);
                fact = dropped ?? new Dropped(late);
                break;
            default:
                var shown = (Shown?)value;
                codec.Open("shown", 5);
                NodeId shower = codec.Node("node", shown?.Node ?? default);
                Instant shownAt = codec.Moment("at", shown?.At ?? default);
                ulong shownRequest = codec.Count("request", shown?.Request ?? 0);
                byte[] block = codec.Bytes("bytes", shown?.Bytes ?? [], BlockShown.BytesMax);
                byte[] proof = codec.Bytes("proof", shown?.Proof ?? [], BlockShown.ProofBytesMax);
                fact = shown ?? new Shown(shower, shownAt, shownRequest, block, proof);
                break;
        }

        codec.Close();
        return fact;
    }

    private static long Tag(ReconcileFact? fact) => fact switch
    {
        null => 0,
        Queue => 1,
        Measured => 2,
        Offered => 3,
        PartTaken => 4,
        Begun => 5,
        SignatureJudged => 6,
        Replayed => 7,
        Waited => 8,
        Judged => 9,
        Reviewed => 10,
        Dropped => 11,
        Shown => 12,
        _ => throw new UnreachableException(),
    };
}
