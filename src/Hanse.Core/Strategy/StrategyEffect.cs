using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>Everything the strategic layer asks of its driver.</summary>
public abstract record StrategyEffect : IShaped<StrategyEffect>
{
    private StrategyEffect()
    {
    }

    /// <summary>Give the frame to the link.</summary>
    public sealed record Transmit(Frame Frame) : StrategyEffect;

    /// <summary>Verify an Ed25519 signature and answer with <see cref="StrategyInput.Verified"/>: of a
    /// region, or of an operator where that is zero.</summary>
    public sealed record Verify(
        RegionId Region, ulong Request, byte[] PublicKey, byte[] Message, byte[] Signature) : StrategyEffect;

    /// <summary>Say, for logs and counters, that something was not acted on.</summary>
    public sealed record Refuse(Party From, MessageKind Kind, Refusal Reason) : StrategyEffect;

    /// <inheritdoc/>
    public static StrategyEffect Shape<TCodec>(ref TCodec codec, StrategyEffect? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "effect",
            value switch
            {
                null => 0,
                Transmit => 1,
                Refuse => 2,
                Verify => 3,
                _ => throw new UnreachableException(),
            }, 3);
        StrategyEffect effect;
        if (tag == 1)
        {
            var transmit = (Transmit?)value;
            codec.Open("transmit", 1);
            Frame frame = Frame.Shape(ref codec, transmit?.Frame);
            effect = transmit ?? new Transmit(frame);
        }
        else if (tag == 3)
        {
            var verify = (Verify?)value;
            codec.Open("verify", 5);
            RegionId region = codec.Region("region", verify?.Region ?? default);
            ulong request = codec.Count("request", verify?.Request ?? 0);
            byte[] key = codec.Bytes("publicKey", verify?.PublicKey ?? [], NoteKey.Ed25519Length);
            byte[] message = codec.Bytes("message", verify?.Message ?? [], SignedNote.BytesMax);
            byte[] signature =
                codec.Bytes("signature", verify?.Signature ?? [], SignedNote.SignatureBytesMax);
            effect = verify ?? new Verify(region, request, key, message, signature);
        }
        else
        {
            var refuse = (Refuse?)value;
            codec.Open("refuse", 3);
            (Party from, MessageKind kind, Refusal reason) =
                codec.Refused(refuse?.From ?? default, refuse?.Kind ?? 0, refuse?.Reason ?? 0);
            effect = refuse ?? new Refuse(from, kind, reason);
        }

        codec.Close();
        return effect;
    }
}
