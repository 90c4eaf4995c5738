using System;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>Judges one return of one node.</summary>
/// <remarks>
/// The problem: a node comes back after weeks in which nobody watched, and says what it did. Its hub must find
/// out whether that is authentic, complete, decided by approved software, physically possible and likely,
/// before it acts on a word of it; and a hub has hundreds of returns a day and one processor. The idea: eight
/// layers, cheapest first, each of which reads the upload once as it streams by. What is costly (signatures,
/// decisions taken again, raw logs) is asked for as an effect, of a sample that the node could not foresee.
/// <para>
/// The upload is a run of blocks, each behind its length in four bytes, big-endian, from the accepted head to
/// the offered one. <see cref="Cursor"/> is how many of its bytes have been taken: a link may close at any
/// byte, and a restored snapshot goes on at the next.
/// </para>
/// <para>
/// Invariants. Deterministic: the same inputs in the same order give the same verdict to the byte. Total:
/// every input in every state has an answer, and none throws. Bounded: one block, one list for each named
/// limit, and a mark to go back to when bytes were damaged; never the upload. The verdict is given once;
/// later inputs do nothing. A quarantine is about the claims of this return and nothing else. Deliberately
/// absent: what follows from a verdict, which is the room Merge; admission, which is the room Intake;
/// signatures and sandboxes, which are the driver's. The audit follows Ateniese et al. (CCS 2007), the
/// log RFC 9162 and Crosby and Wallach (USENIX Security 2009).
/// </para>
/// </remarks>
public sealed class ReturnValidation
{
    /// <summary>Bytes of the length in front of each block of an upload.</summary>
    public const int LengthBytes = 4;

    /// <summary>Begins to judge a return.</summary>
    /// <param name="node">Whose.</param>
    /// <param name="rules">The mission's.</param>
    /// <param name="accepted">What was accepted of the node before.</param>
    /// <param name="records">What others know of it. These three are not in the snapshot: restore with the
    /// same.</param>
    public ReturnValidation(NodeId node, ReturnRules rules, AcceptedState accepted, HubRecords records)
    {
        Node = node;
        _ = rules;
        _ = accepted;
        _ = records;
    }

    /// <summary>Whose return.</summary>
    public NodeId Node { get; }

    /// <summary>Bytes of the upload taken so far: the next to send.</summary>
    public long Cursor { get; private set; }

    /// <summary>The verdict, once given.</summary>
    public ReturnVerdict? Verdict { get; }

    /// <summary>When to give it <see cref="ReturnInput.Woken"/>.</summary>
    public Instant? NextWake { get; }

    /// <summary>Takes one input.</summary>
    /// <param name="now">The hub's clock; never earlier than in the call before.</param>
    /// <param name="input">What happened.</param>
    /// <param name="outbox">Receives facts and effects; empty on entry.</param>
    public void Step(Instant now, ReturnInput input, Outbox<ReturnFact, ReturnEffect> outbox) =>
        throw new NotImplementedException();

    /// <summary>Walks the whole state, for snapshots; read into an instance fresh from its
    /// constructor.</summary>
    public void Shape<TCodec>(ref TCodec codec)
        where TCodec : struct, ICodec => throw new NotImplementedException();
}
