using System.Numerics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;

namespace Hanse.Core.Links;

/// <summary>The size of a frame on the wire, without encoding it.</summary>
/// <remarks>
/// The wire is <c>hanse.v1.Frame</c> of <c>Hanse.Api</c>: a protobuf envelope around bodies of canonical
/// CBOR. This repeats the arithmetic of the protobuf encoding (varints, one-byte tags, zero fields left out),
/// because Core budgets every window in bytes and must not depend on an encoder. A test holds it equal to the
/// encoder's own figure for every kind of message.
/// </remarks>
public static class FrameSize
{
    /// <summary>Version field: tag and one byte.</summary>
    private const int Version = 2;

    /// <summary>The bytes of a whole frame.</summary>
    public static int Of(Frame frame)
    {
        int beyond = 0;
        foreach (ulong sequence in frame.AckBeyond)
        {
            beyond += Varint(sequence);
        }

        int size = Empty(frame.From, frame.To, frame.Hail, frame.Floor, frame.AckThrough)
            + (beyond == 0 ? 0 : 1 + Varint((ulong)beyond) + beyond);
        foreach (Envelope envelope in frame.Envelopes)
        {
            size += Of(envelope);
        }

        return size;
    }

    /// <summary>The bytes an envelope adds to a frame, its own tag and length included.</summary>
    public static int Of(Envelope envelope) => OfEnvelope(envelope.Sequence, envelope.Message);

    internal static int OfEnvelope(ulong sequence, Message message)
    {
        int body = message.Size();
        int inner = Field(sequence) + Field((ulong)message.Kind) + 1 + Varint((ulong)body) + body;
        return 1 + Varint((ulong)inner) + inner;
    }

    private static int Empty(Party from, Party to, bool hail, ulong floor, ulong ackThrough) =>
        Version + Of(from) + Of(to) + (hail ? 2 : 0) + Field(floor) + Field(ackThrough);

    private static int Of(Party party)
    {
        int inner = Field((ulong)party.Kind) + Field(party.Number);
        return 2 + inner;
    }

    // A varint field with a one-byte tag; proto3 leaves out zero.
    private static int Field(ulong value) => value == 0 ? 0 : 1 + Varint(value);

    private static int Varint(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;
}
