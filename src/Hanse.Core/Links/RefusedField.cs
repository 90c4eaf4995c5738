using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Links;

/// <summary>How every machine's refusal is walked: from whom, of which kind of message, and why.</summary>
internal static class RefusedField
{
    private const Refusal Last = Refusal.NoSuccessor;

    /// <summary>Three fields of the record that is open. The kind is zero for what is no message.</summary>
    internal static (Party From, MessageKind Kind, Refusal Reason) Refused<C>(
        this ref C codec, Party from, MessageKind kind, Refusal reason)
        where C : struct, ICodec =>
        (codec.Party("from", from),
         (MessageKind)codec.Integer("kind", (long)kind, 0, (long)Message.KindMax),
         (Refusal)codec.Integer("reason", (long)reason, 1, (long)Last));
}
