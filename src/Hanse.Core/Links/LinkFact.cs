using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;

namespace Hanse.Core.Links;

/// <summary>What one end of a link remembers.</summary>
public abstract record LinkFact : IShaped<LinkFact>
{
    private LinkFact()
    {
    }

    /// <summary>A message waits to be sent and acknowledged.</summary>
    public sealed record Queued(ulong Sequence, int Priority, Instant Expires, Message Message) : LinkFact;

    /// <summary>A frame was given to the link.</summary>
    /// <param name="At">When.</param>
    /// <param name="Hail">Whether it asked for an answer.</param>
    /// <param name="Bytes">Its size.</param>
    /// <param name="Sequences">What it carried.</param>
    public sealed record Sent(Instant At, bool Hail, int Bytes, ImmutableArray<ulong> Sequences) : LinkFact;

    /// <summary>A frame arrived.</summary>
    /// <param name="At">When.</param>
    /// <param name="Floor">The peer's floor.</param>
    /// <param name="Acked">Messages of ours that it acknowledged for the first time.</param>
    /// <param name="Received">Messages of the peer's that were new.</param>
    public sealed record Taken(
        Instant At, ulong Floor, ImmutableArray<ulong> Acked, ImmutableArray<ulong> Received) : LinkFact;

    /// <summary>Messages that are no longer worth sending.</summary>
    public sealed record Dropped(ImmutableArray<ulong> Sequences) : LinkFact;

    /// <inheritdoc/>
    public static LinkFact Shape<TCodec>(ref TCodec codec, LinkFact? value)
        where TCodec : struct, ICodec
    {
        const int ListMax = 4096;
        long tag = codec.Case("fact", value switch
        {
            null => 0,
            Queued => 1,
            Sent => 2,
            Taken => 3,
            Dropped => 4,
            _ => throw new UnreachableException(),
        }, 4);
        LinkFact fact;
        switch (tag)
        {
            case 1:
                var queued = (Queued?)value;
                codec.Open("queued", 4);
                ulong sequence = (ulong)codec.Integer("sequence", (long)(queued?.Sequence
                    ?? 0), 0, long.MaxValue);
                int priority = codec.Number("priority", queued?.Priority ?? 0);
                Instant expires = codec.Moment("expires", queued?.Expires ?? default);
                Message message = Message.Shape(ref codec, queued?.Message);
                fact = queued ?? new Queued(sequence, priority, expires, message);
                break;
            case 2:
                var sent = (Sent?)value;
                codec.Open("sent", 4);
                Instant sentAt = codec.Moment("at", sent?.At ?? default);
                bool hail = codec.Flag("hail", sent?.Hail ?? default);
                int bytes = codec.Number("bytes", sent?.Bytes ?? 0);
                ImmutableArray<ulong> sequences = codec.Numbers("sequences", sent?.Sequences ?? [], ListMax);
                fact = sent ?? new Sent(sentAt, hail, bytes, sequences);
                break;
            case 3:
                var taken = (Taken?)value;
                codec.Open("taken", 4);
                Instant takenAt = codec.Moment("at", taken?.At ?? default);
                ulong floor = (ulong)codec.Integer("floor", (long)(taken?.Floor ?? 0), 0, long.MaxValue);
                ImmutableArray<ulong> acked = codec.Numbers("acked", taken?.Acked ?? [], ListMax);
                ImmutableArray<ulong> received = codec.Numbers("received", taken?.Received ?? [], ListMax);
                fact = taken ?? new Taken(takenAt, floor, acked, received);
                break;
            default:
                var dropped = (Dropped?)value;
                codec.Open("dropped", 1);
                ImmutableArray<ulong> gone = codec.Numbers("sequences", dropped?.Sequences ?? [], ListMax);
                fact = dropped ?? new Dropped(gone);
                break;
        }

        codec.Close();
        return fact;
    }
}
