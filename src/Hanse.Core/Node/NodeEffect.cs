using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>Everything a node asks of its driver.</summary>
public abstract record NodeEffect : IShaped<NodeEffect>
{
    private NodeEffect()
    {
    }

    /// <summary>Give the frame to the link.</summary>
    public sealed record Transmit(Frame Frame) : NodeEffect;

    /// <summary>Let the machine carry out an order. A number seen before is not carried out again.</summary>
    public sealed record Act(uint Number, Order Order) : NodeEffect;

    /// <summary>Sign the head of the attested journal with the node's key, and answer with
    /// <see cref="NodeInput.Signed"/>. Safe to repeat.</summary>
    /// <param name="Blocks">Which head: blocks under it.</param>
    /// <param name="Text">The checkpoint: the bytes to sign.</param>
    public sealed record Sign(ulong Blocks, byte[] Text) : NodeEffect
    {
        /// <summary>Most bytes of a checkpoint.</summary>
        public const int TextBytesMax = 512;
    }

    /// <summary>As <see cref="Sign"/>, of a node whose key has changed: by this key of its keys. Safe to
    /// repeat.</summary>
    /// <param name="Key">The public half.</param>
    /// <param name="Blocks">Which head: blocks under it.</param>
    /// <param name="Text">The checkpoint: the bytes to sign.</param>
    public sealed record SignBy(byte[] Key, ulong Blocks, byte[] Text) : NodeEffect;

    /// <summary>No key but this one is needed any more to sign the journal. Safe to repeat.</summary>
    /// <param name="Key">The public half.</param>
    public sealed record KeySettled(byte[] Key) : NodeEffect;

    /// <summary>Read blocks of the raw log and their paths, and answer with
    /// <see cref="NodeInput.RawRead"/>. Safe to repeat.</summary>
    /// <param name="Asked">Which return is audited, and the places.</param>
    public sealed record ReadRaw(BlocksAsked Asked) : NodeEffect;

    /// <summary>Do something with the bytes of a package, and answer with
    /// <see cref="NodeInput.PackageHeld"/> or <see cref="NodeInput.PackageJudged"/>. Safe to
    /// repeat.</summary>
    public sealed record Package(PackageWork Work) : NodeEffect;

    /// <summary>Sign a certificate of birth with the node's key, and answer with
    /// <see cref="NodeInput.BirthSigned"/>. Safe to repeat.</summary>
    /// <param name="Build">Of which machine.</param>
    /// <param name="Text">The bytes to sign.</param>
    public sealed record SignBirth(uint Build, byte[] Text) : NodeEffect;

    /// <summary>Give a machine that was built its certificate. Safe to repeat.</summary>
    public sealed record Bear(uint Build, SignedBirth Birth) : NodeEffect;

    /// <summary>Do this with an image of the core.</summary>
    public sealed record Image(CoreWork Work) : NodeEffect;

    /// <summary>Say, for logs and counters, that something was not acted on.</summary>
    public sealed record Refuse(Party From, MessageKind Kind, Refusal Reason) : NodeEffect;

    /// <inheritdoc/>
    public static NodeEffect Shape<TCodec>(ref TCodec codec, NodeEffect? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "effect",
            value switch
            {
                null => 0,
                Transmit => 1,
                Act => 2,
                Refuse => 3,
                Sign => 4,
                ReadRaw => 5,
                Package => 6,
                SignBy => 7,
                KeySettled => 8,
                SignBirth => 9,
                Bear => 10,
                Image => 11,
                _ => throw new UnreachableException(),
            }, 11);
        NodeEffect effect;
        switch (tag)
        {
            case 1:
                var transmit = (Transmit?)value;
                codec.Open("transmit", 1);
                Frame frame = Frame.Shape(ref codec, transmit?.Frame);
                effect = transmit ?? new Transmit(frame);
                break;
            case 2:
                var act = (Act?)value;
                codec.Open("act", 2);
                uint number = (uint)codec.Integer("number", act?.Number ?? 0, 0, uint.MaxValue);
                Order order = Order.Shape(ref codec, act?.Order);
                effect = act ?? new Act(number, order);
                break;
            case 4:
                var sign = (Sign?)value;
                codec.Open("sign", 2);
                ulong blocks = codec.Count("blocks", sign?.Blocks ?? 0);
                byte[] text = codec.Bytes("text", sign?.Text ?? [], Sign.TextBytesMax);
                effect = sign ?? new Sign(blocks, text);
                break;
            case 7:
                var signBy = (SignBy?)value;
                codec.Open("signBy", 3);
                byte[] key = codec.Bytes("key", signBy?.Key ?? [], NoteKey.Ed25519Length);
                ulong over = codec.Count("blocks", signBy?.Blocks ?? 0);
                byte[] head = codec.Bytes("text", signBy?.Text ?? [], Sign.TextBytesMax);
                effect = signBy ?? new SignBy(key, over, head);
                break;
            case 8:
                var settled = (KeySettled?)value;
                codec.Open("keySettled", 1);
                byte[] only = codec.Bytes("key", settled?.Key ?? [], NoteKey.Ed25519Length);
                effect = settled ?? new KeySettled(only);
                break;
            case 5:
                var read = (ReadRaw?)value;
                codec.Open("readRaw", 1);
                BlocksAsked asked = BlocksAsked.Shape(ref codec, read?.Asked);
                effect = read ?? new ReadRaw(asked);
                break;
            case 6:
                var package = (Package?)value;
                codec.Open("package", 1);
                PackageWork work = PackageWork.Shape(ref codec, package?.Work);
                effect = package ?? new Package(work);
                break;
            case 9:
                var certify = (SignBirth?)value;
                codec.Open("signBirth", 2);
                uint build = (uint)codec.Integer("build", certify?.Build ?? 0, 0, uint.MaxValue);
                byte[] toSign = codec.Bytes("text", certify?.Text ?? [], SignedBirth.BytesMax);
                effect = certify ?? new SignBirth(build, toSign);
                break;
            case 10:
                var bear = (Bear?)value;
                codec.Open("bear", 2);
                uint of = (uint)codec.Integer("build", bear?.Build ?? 0, 0, uint.MaxValue);
                SignedBirth birth = SignedBirth.Shape(ref codec, bear?.Birth);
                effect = bear ?? new Bear(of, birth);
                break;
            case 11:
                var image = (Image?)value;
                codec.Open("image", 1);
                CoreWork core = CoreWork.Shape(ref codec, image?.Work);
                effect = image ?? new Image(core);
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
