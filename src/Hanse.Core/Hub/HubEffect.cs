using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Hub;

/// <summary>Everything a hub asks of its driver.</summary>
public abstract record HubEffect : IShaped<HubEffect>
{
    private HubEffect()
    {
    }

    /// <summary>Give the frame to the link.</summary>
    public sealed record Transmit(Frame Frame) : HubEffect;

    /// <summary>Let the depot serve a docked node: what it may have for its balance. Safe to repeat: the
    /// depot serves a docking once.</summary>
    public sealed record Serve(NodeId Node, uint Docking, Grams Propellant,
        PartsPerMillion Spares) : HubEffect;

    /// <summary>Let the depot hand parts to a docked node. Safe to repeat, as <see cref="Serve"/>
    /// is.</summary>
    public sealed record Issue(NodeId Node, uint Docking, Grams Mass) : HubEffect;

    /// <summary>Draw 32 unpredictable bytes for the validation of a return, now and not before, and answer
    /// with <see cref="HubInput.NonceDrawn"/>.</summary>
    public sealed record DrawNonce(NodeId Node, ulong Blocks) : HubEffect;

    /// <summary>Verify an Ed25519 signature and answer with <see cref="HubInput.Verified"/>.</summary>
    public sealed record Verify(
        NodeId Node, ulong Request, byte[] PublicKey, byte[] Message, byte[] Signature) : HubEffect;

    /// <summary>Sign the head of the hub's attested journal, and answer with <see cref="HubInput.Signed"/>.
    /// Safe to repeat.</summary>
    /// <param name="Blocks">Which head: blocks under it.</param>
    /// <param name="Text">The checkpoint: the bytes to sign.</param>
    public sealed record Sign(ulong Blocks, byte[] Text) : HubEffect
    {
        /// <summary>Most bytes of a checkpoint.</summary>
        public const int TextBytesMax = 512;
    }

    /// <summary>Read bytes of a package for a node, and answer with
    /// <see cref="HubInput.PackageRead"/>.</summary>
    public sealed record ReadPackage(NodeId Node, Digest Release, int From, int Count) : HubEffect;

    /// <summary>Tell a machine that showed its certificate whether it is a node. May be lost: it shows it
    /// again, and is told the same.</summary>
    /// <param name="Child">Its number.</param>
    /// <param name="PublicKey">Its key.</param>
    /// <param name="Refusal">Why it is none; none when it is.</param>
    public sealed record BirthAnswered(NodeId Child, byte[] PublicKey, BirthRefusal Refusal) : HubEffect;

    /// <summary>A number is nobody's any more: have its key speak for nothing. Safe to repeat.</summary>
    public sealed record Retired(NodeId Node) : HubEffect;

    /// <summary>Say, for logs and counters, that something was not acted on.</summary>
    /// <param name="From">Who sent it.</param>
    /// <param name="Kind">What it was; zero for a whole frame or another input.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Refuse(Party From, MessageKind Kind, Refusal Reason) : HubEffect;

    /// <inheritdoc/>
    public static HubEffect Shape<TCodec>(ref TCodec codec, HubEffect? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "effect",
            value switch
            {
                null => 0,
                Transmit => 1,
                Serve => 2,
                Refuse => 3,
                DrawNonce => 4,
                Verify => 5,
                Sign => 6,
                Issue => 7,
                ReadPackage => 8,
                BirthAnswered => 9,
                Retired => 10,
                _ => throw new UnreachableException(),
            }, 10);
        HubEffect effect;
        switch (tag)
        {
            case 1:
                var transmit = (Transmit?)value;
                codec.Open("transmit", 1);
                Frame frame = Frame.Shape(ref codec, transmit?.Frame);
                effect = transmit ?? new Transmit(frame);
                break;
            case 2:
                var serve = (Serve?)value;
                codec.Open("serve", 4);
                NodeId node = codec.Node("node", serve?.Node ?? default);
                uint docking = (uint)codec.Integer("docking", serve?.Docking ?? 0, 0, uint.MaxValue);
                Grams propellant = codec.Mass("propellant", serve?.Propellant ?? default);
                PartsPerMillion spares = codec.Share("spares", serve?.Spares ?? default);
                effect = serve ?? new Serve(node, docking, propellant, spares);
                break;
            case 4:
                var draw = (DrawNonce?)value;
                codec.Open("drawNonce", 2);
                NodeId drawn = codec.Node("node", draw?.Node ?? default);
                ulong blocks = codec.Count("blocks", draw?.Blocks ?? 0);
                effect = draw ?? new DrawNonce(drawn, blocks);
                break;
            case 5:
                var verify = (Verify?)value;
                codec.Open("verify", 5);
                NodeId signer = codec.Node("node", verify?.Node ?? default);
                ulong request = codec.Count("request", verify?.Request ?? 0);
                byte[] key = codec.Bytes("publicKey", verify?.PublicKey ?? [], NoteKey.Ed25519Length);
                byte[] message = codec.Bytes("message", verify?.Message ?? [], SignedNote.BytesMax);
                byte[] signature =
                    codec.Bytes("signature", verify?.Signature ?? [], SignedNote.SignatureBytesMax);
                effect = verify ?? new Verify(signer, request, key, message, signature);
                break;
            case 6:
                var sign = (Sign?)value;
                codec.Open("sign", 2);
                ulong head = codec.Count("blocks", sign?.Blocks ?? 0);
                byte[] text = codec.Bytes("text", sign?.Text ?? [], Sign.TextBytesMax);
                effect = sign ?? new Sign(head, text);
                break;
            case 7:
                var issue = (Issue?)value;
                codec.Open("issue", 3);
                NodeId builder = codec.Node("node", issue?.Node ?? default);
                uint loading = (uint)codec.Integer("docking", issue?.Docking ?? 0, 0, uint.MaxValue);
                Grams parts = codec.Mass("mass", issue?.Mass ?? default);
                effect = issue ?? new Issue(builder, loading, parts);
                break;
            case 8:
                var read = (ReadPackage?)value;
                codec.Open("readPackage", 4);
                NodeId reader = codec.Node("node", read?.Node ?? default);
                Digest release = Digest.Field(ref codec, "release", read?.Release ?? default);
                int start = codec.Number("from", read?.From ?? 0);
                int count = codec.Number("count", read?.Count ?? 0);
                effect = read ?? new ReadPackage(reader, release, start, count);
                break;
            case 9:
                var born = (BirthAnswered?)value;
                codec.Open("birthAnswered", 3);
                NodeId child = codec.Node("child", born?.Child ?? default);
                byte[] childKey = codec.Bytes("publicKey", born?.PublicKey ?? [], NoteKey.Ed25519Length);
                var why = (BirthRefusal)codec.Integer("refusal", (long)(born?.Refusal ?? 0), 0, 13);
                effect = born ?? new BirthAnswered(child, childKey, why);
                break;
            case 10:
                var retired = (Retired?)value;
                codec.Open("retired", 1);
                NodeId over = codec.Node("node", retired?.Node ?? default);
                effect = retired ?? new Retired(over);
                break;
            default:
                var refuse = (Refuse?)value;
                codec.Open("refuse", 3);
                (Party from, MessageKind kind, Refusal reason) =
                    codec.Refused(refuse?.From ?? default, refuse?.Kind ?? 0, refuse?.Reason ?? 0);
                effect = refuse ?? new Refuse(from, kind, reason);
                break;
        }

        codec.Close();
        return effect;
    }
}
