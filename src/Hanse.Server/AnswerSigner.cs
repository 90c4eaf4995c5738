using System.Collections.Immutable;
using System.Linq;
using Google.Protobuf;
using Hanse.Api.V1;
using Hanse.IO.Gateway;
using GatewayKey = Hanse.Api.V1.GatewayKey;

namespace Hanse.Server;

/// <summary>Numbers and signs the answers of one stream, or the one answer to a Sync.</summary>
/// <remarks>What an answer is good for is in what is signed: this node, this stream (by the count of the call
/// that opened it), its place in the stream, and the call that it answers. So a relay can lose answers and no
/// more, and a server that was started again need not know what was answered before.</remarks>
internal sealed class AnswerSigner(GatewayKeys keys, Call opening)
{
    private ulong _serial;

    /// <summary>The number of the newest gateway key that the node has, as it says.</summary>
    public uint Known { get; set; } = opening.GatewayKey;

    /// <summary>Signs the next answer. One at a time.</summary>
    public Answer Sign(Answer answer)
    {
        answer.Serial = ++_serial;
        byte[] Signed(uint key) => CallSignature.OfAnswer(
            keys.Mission.Span, key, opening.Node, opening.Count, answer.Serial, answer.Count,
            answer.ComeAgainMilliseconds, answer.KeyDue, [.. answer.Frames.Select(frame => frame.Memory)],
            [.. answer.Refused.Select(one => (one.Place, one.Reason))]);
        answer.Signature = UnsafeByteOperations.UnsafeWrap(
            keys.Sign(Signed, Known, out ImmutableArray<GatewayKeyStatement> newer));
        answer.GatewayKeys.AddRange(newer.Select(Told));
        return answer;
    }

    /// <summary>A key as it goes over the wire.</summary>
    public static GatewayKey Told(GatewayKeyStatement statement) => new()
    {
        Serial = statement.Serial,
        Key = UnsafeByteOperations.UnsafeWrap(statement.Key),
        Signature = UnsafeByteOperations.UnsafeWrap(statement.Signature),
    };
}
