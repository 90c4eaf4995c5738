using Hanse.Core.Identity;
using Hanse.Core.Links;

namespace Hanse.IO.Wire;

/// <summary>What the fields of a frame must be to make sense together.</summary>
/// <remarks>
/// The rules of <c>docs/protocol/wire.md</c>, section 3, which no encoding can express. They hold for what
/// comes in, where a broken one is a refusal, and for what goes out, where it is our bug: so they are stated
/// once, over the frame itself. Each set of acknowledgements has one form, so that equal frames have equal
/// bytes.
/// </remarks>
internal static class FrameRules
{
    // Core counts in 63 bits: a sequence must survive arithmetic with signed numbers.
    private const ulong SequenceMax = long.MaxValue;

    /// <summary>The first rule a frame breaks, in words; null when it breaks none.</summary>
    internal static string? Broken(Frame frame) =>
        Address(frame.From, "from") ?? Address(frame.To, "to") ?? Acknowledgements(frame) ?? Sequences(frame);

    private static string? Address(Party party, string name) => party switch
    {
        { Kind: < PartyKind.Strategy or > PartyKind.Node } => $"{name} has an unknown kind of party",
        { Kind: PartyKind.Strategy, Number: not 0 } => $"{name} numbers the one strategic layer",
        _ => null,
    };

    private static string? Acknowledgements(Frame frame)
    {
        if (frame.AckThrough > SequenceMax)
        {
            return "ack_through is out of range";
        }

        if (frame.AckBeyond.Length > Frame.AckBeyondMax)
        {
            return "ack_beyond has too many elements";
        }

        ulong last = frame.AckThrough + 1;
        foreach (ulong sequence in frame.AckBeyond)
        {
            if (sequence <= last || sequence > SequenceMax)
            {
                return "ack_beyond must increase, from above ack_through + 1";
            }

            last = sequence;
        }

        return null;
    }

    private static string? Sequences(Frame frame)
    {
        if (frame.Floor is 0 or > SequenceMax)
        {
            return "floor is out of range";
        }

        if (frame.Envelopes.Length > Frame.EnvelopesMax)
        {
            return "there are too many envelopes";
        }

        for (int i = 0; i < frame.Envelopes.Length; i++)
        {
            ulong sequence = frame.Envelopes[i].Sequence;
            if (sequence != 0 && (sequence < frame.Floor || sequence > SequenceMax))
            {
                return "an envelope's sequence is below the floor or out of range";
            }

            if (sequence != 0 && HasBefore(frame, i))
            {
                return "two envelopes have the same sequence";
            }
        }

        return null;
    }

    // At most 64 envelopes: a set would cost more than it saves.
    private static bool HasBefore(Frame frame, int index)
    {
        for (int i = 0; i < index; i++)
        {
            if (frame.Envelopes[i].Sequence == frame.Envelopes[index].Sequence)
            {
                return true;
            }
        }

        return false;
    }
}
