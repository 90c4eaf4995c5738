using Hanse.Core.Time;

namespace Hanse.Core.Intake;

/// <summary>Why an offer was not taken. An answer of the protocol.</summary>
public enum IntakeRefusal
{
    /// <summary>The queue is full, and this node is not in it: come again in the next window. Nothing is
    /// remembered of a refused node, and nothing of it is lost: its journal stays with it.</summary>
    QueueFull = 1,

    /// <summary>A number of the summary is out of its bounds, or they make no sense together.</summary>
    Nonsense,

    /// <summary>Validation would take longer than <see cref="ProcessorTime.NanosMax"/>: offer fewer blocks,
    /// up to an earlier checkpoint.</summary>
    TooLarge,
}

/// <summary>A hub's answer to an offer.</summary>
public abstract record IntakeVerdict
{
    private IntakeVerdict()
    {
    }

    /// <summary>Send now.</summary>
    /// <param name="Bytes">As many bytes of the journal, from the accepted size on, in this window.</param>
    public sealed record Admitted(long Bytes) : IntakeVerdict;

    /// <summary>Come back later; until then nothing but the summary.</summary>
    /// <param name="NotBefore">Not before this instant, which no other deferred node has.</param>
    /// <param name="Window">The window of the node's contact plan that contains it.</param>
    public sealed record Deferred(Instant NotBefore, long Window) : IntakeVerdict;

    /// <summary>Not taken.</summary>
    public sealed record Refused(IntakeRefusal Reason) : IntakeVerdict;
}
