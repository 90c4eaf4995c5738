using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Links;

/// <summary>One message on a link.</summary>
/// <param name="Sequence">The sender's count on this link, from 1; 0 marks a perishable message, which is
/// never acknowledged nor repeated.</param>
/// <param name="Message">The message.</param>
public sealed record Envelope(ulong Sequence, Message Message) : IShaped<Envelope>
{
    /// <inheritdoc/>
    public static Envelope Shape<TCodec>(ref TCodec codec, Envelope? value)
        where TCodec : struct, ICodec
    {
        codec.Open("envelope", 2);
        ulong sequence = (ulong)codec.Integer("sequence", (long)(value?.Sequence ?? 0), 0, long.MaxValue);
        Message message = Message.Shape(ref codec, value?.Message);
        codec.Close();
        return value ?? new Envelope(sequence, message);
    }
}

/// <summary>What travels in one piece: acknowledgements and envelopes.</summary>
/// <param name="From">Sender.</param>
/// <param name="To">Receiver.</param>
/// <param name="Hail">The sender opens a contact window and asks for an answer.</param>
/// <param name="Floor">The least sequence of the sender's that may still come: what is below and has not come
/// was dropped as not worth sending any more.</param>
/// <param name="AckThrough">Every sequence up to this one has arrived here.</param>
/// <param name="AckBeyond">Sequences after that which have arrived, increasing.</param>
/// <param name="Envelopes">In order of priority.</param>
public sealed record Frame(
    Party From,
    Party To,
    bool Hail,
    ulong Floor,
    ulong AckThrough,
    ImmutableArray<ulong> AckBeyond,
    ImmutableArray<Envelope> Envelopes) : IShaped<Frame>
{
    /// <summary>Most out-of-order acknowledgements a frame carries and a receiver remembers.</summary>
    public const int AckBeyondMax = 64;

    /// <summary>Most envelopes in a frame.</summary>
    public const int EnvelopesMax = 64;

    /// <summary>Largest frame in bytes. Also the grain of resumption: a window may close at any byte, and at
    /// most this much is sent again.</summary>
    public const int BytesMax = 4096;

    /// <inheritdoc/>
    public static Frame Shape<TCodec>(ref TCodec codec, Frame? value)
        where TCodec : struct, ICodec
    {
        codec.Open("frame", 7);
        Party from = codec.Party("from", value?.From ?? default);
        Party to = codec.Party("to", value?.To ?? default);
        bool hail = codec.Flag("hail", value?.Hail ?? default);
        ulong floor = (ulong)codec.Integer("floor", (long)(value?.Floor ?? 0), 0, long.MaxValue);
        ulong through = (ulong)codec.Integer("ackThrough", (long)(value?.AckThrough ?? 0), 0, long.MaxValue);
        ImmutableArray<ulong> beyond = codec.Numbers("ackBeyond", value?.AckBeyond ?? [], AckBeyondMax);
        ImmutableArray<Envelope> envelopes = codec.List("envelopes", value?.Envelopes ?? [], EnvelopesMax);
        codec.Close();
        return value ?? new Frame(from, to, hail, floor, through, beyond, envelopes);
    }
}
