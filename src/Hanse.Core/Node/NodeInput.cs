using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Wire;

namespace Hanse.Core.Node;

/// <summary>What a sensor says. Not what is so: sensors are biased, and the node knows no better.</summary>
/// <param name="Variable">Which.</param>
/// <param name="Value">In the variable's unit.</param>
public sealed record Reading(Variable Variable, long Value) : IShaped<Reading>
{
    /// <inheritdoc/>
    public static Reading Shape<TCodec>(ref TCodec codec, Reading? value)
        where TCodec : struct, ICodec
    {
        codec.Open("reading", 2);
        var variable = (Variable)codec.Integer("variable", (long)(value?.Variable ?? 0), 1, 4);
        long read = codec.Integer("value", value?.Value ?? 0, -Knot.ValueMax, Knot.ValueMax);
        codec.Close();
        return value ?? new Reading(variable, read);
    }
}

/// <summary>Everything that can happen to a node.</summary>
public abstract record NodeInput : IShaped<NodeInput>
{
    private NodeInput()
    {
    }

    /// <summary>A frame came in from the hub.</summary>
    public sealed record FrameArrived(Frame Frame) : NodeInput;

    /// <summary>The sensors were read.</summary>
    public sealed record Observed(ImmutableArray<Reading> Readings) : NodeInput;

    /// <summary>The machine is done with an order.</summary>
    /// <param name="Number">The order's number; one that is not pending is an old story.</param>
    public sealed record OrderDone(uint Number) : NodeInput;

    /// <summary>The machine is done with a survey.</summary>
    /// <param name="Number">The order's number; one that is not pending is an old story.</param>
    /// <param name="Finding">What it found.</param>
    public sealed record Surveyed(uint Number, Finding Finding) : NodeInput;

    /// <summary>The head of the attested journal is signed.</summary>
    /// <param name="Blocks">Which head: blocks under it.</param>
    /// <param name="Signature">Ed25519, over the bytes that <see cref="NodeEffect.Sign"/> gave.</param>
    public sealed record Signed(ulong Blocks, byte[] Signature) : NodeInput
    {
        /// <summary>Most bytes of a signature.</summary>
        public const int SignatureBytesMax = 64;
    }

    /// <summary>Another key speaks for the node from now on: the journal is to follow. Told again until
    /// <see cref="NodeEffect.KeySettled"/>.</summary>
    /// <param name="PublicKey">The new key.</param>
    public sealed record KeyReplaced(byte[] PublicKey) : NodeInput;

    /// <summary>A segment of the raw log was closed: its leaves stay on the machine, its root is
    /// attested.</summary>
    /// <param name="Segment">Counted from zero without a gap; one that was attested is an old story.</param>
    /// <param name="Leaves">1 to <see cref="RawLog.SegmentLeavesMax"/>.</param>
    /// <param name="Root">Over the leaves; see <see cref="RawLeaf"/>.</param>
    public sealed record RawSealed(uint Segment, int Leaves, Digest Root) : NodeInput;

    /// <summary>Blocks of the raw log were read, as <see cref="NodeEffect.ReadRaw"/> asked.</summary>
    /// <param name="Shown">One for each; without bytes where there are none any more.</param>
    public sealed record RawRead(ImmutableArray<BlockShown> Shown) : NodeInput;

    /// <summary>The machine is broken: it cannot fly or dig. Told where it stands, at a depot without work or
    /// at a site, and not in flight.</summary>
    public sealed record BrokeDown(FaultClass Fault) : NodeInput;

    /// <summary>Another machine has mended it; only while it consents.</summary>
    /// <param name="Contract">The other machine's.</param>
    /// <param name="Epoch">Its epoch.</param>
    public sealed record Mended(ContractId Contract, Epoch Epoch) : NodeInput;

    /// <summary>The machine is done with mending another.</summary>
    /// <param name="Number">The order's number; one that is not pending is an old story.</param>
    /// <param name="IsDone">Whether the other works again; if not, it was not there, or did not
    /// consent.</param>
    public sealed record Repaired(uint Number, bool IsDone) : NodeInput;

    /// <summary>The machine has found room at a site and begins to dig; told where sites have few
    /// faces.</summary>
    /// <param name="Number">The order's number; one that is not pending is an old story.</param>
    public sealed record FaceTaken(uint Number) : NodeInput;

    /// <summary>So many bytes of a package are on the machine.</summary>
    public sealed record PackageHeld(Digest Release, int Bytes) : NodeInput;

    /// <summary>A package was judged on the machine.</summary>
    /// <param name="Release">Which.</param>
    /// <param name="IsAdmitted">Whether it may run here: signed, whole, for this machine, and
    /// compiled.</param>
    public sealed record PackageJudged(Digest Release, bool IsAdmitted) : NodeInput;

    /// <summary>The site where the machine digs has given out: what it has is all that it gets there. Its
    /// order is done at once, with that.</summary>
    /// <param name="Number">The order's number; one that is not pending is an old story.</param>
    public sealed record GaveOut(uint Number) : NodeInput;

    /// <summary>The machine has built another; told again until its certificate has come.</summary>
    public sealed record ChildBuilt(Built Machine) : NodeInput;

    /// <summary>A certificate of birth is signed, as <see cref="NodeEffect.SignBirth"/> asked.</summary>
    public sealed record BirthSigned(uint Build, byte[] Signature) : NodeInput;

    /// <summary>What was to be done with an image of the core was done, or went wrong.</summary>
    /// <param name="Image">Its measurement.</param>
    /// <param name="Act">What was to be done: to stage it, to replay by it, or to switch to it.</param>
    /// <param name="Reason">What went wrong, or none.</param>
    public sealed record CoreTold(Digest Image, CoreAct Act, SkillReason Reason) : NodeInput;

    /// <summary>The alarm went off.</summary>
    public sealed record Woken : NodeInput;

    /// <summary>The machine was rebuilt from its facts; what it emitted last may be lost.</summary>
    public sealed record Restarted : NodeInput;

    /// <inheritdoc/>
    public static NodeInput Shape<TCodec>(ref TCodec codec, NodeInput? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "input",
            value switch
            {
                null => 0,
                FrameArrived => 1,
                Observed => 2,
                OrderDone => 3,
                Woken => 4,
                Restarted => 5,
                Signed => 6,
                RawSealed => 7,
                RawRead => 8,
                Surveyed => 9,
                BrokeDown => 10,
                Mended => 11,
                Repaired => 12,
                FaceTaken => 13,
                PackageHeld => 14,
                PackageJudged => 15,
                GaveOut => 16,
                KeyReplaced => 17,
                ChildBuilt => 18,
                BirthSigned => 19,
                CoreTold => 20,
                _ => throw new UnreachableException(),
            }, 20);
        NodeInput input;
        switch (tag)
        {
            case 1:
                var arrived = (FrameArrived?)value;
                codec.Open("frameArrived", 1);
                Frame frame = Frame.Shape(ref codec, arrived?.Frame);
                input = arrived ?? new FrameArrived(frame);
                break;
            case 2:
                var observed = (Observed?)value;
                codec.Open("observed", 1);
                ImmutableArray<Reading> readings = codec.List("readings", observed?.Readings ?? [], 4);
                input = observed ?? new Observed(readings);
                break;
            case 3:
                var done = (OrderDone?)value;
                codec.Open("orderDone", 1);
                uint number = (uint)codec.Integer("number", done?.Number ?? 0, 0, uint.MaxValue);
                input = done ?? new OrderDone(number);
                break;
            case 4:
                codec.Open("woken", 0);
                input = value ?? new Woken();
                break;
            case 5:
                codec.Open("restarted", 0);
                input = value ?? new Restarted();
                break;
            case 7:
                var closed = (RawSealed?)value;
                codec.Open("rawSealed", 3);
                uint segment = (uint)codec.Integer("segment", closed?.Segment ?? 0, 0, uint.MaxValue);
                int leaves = (int)codec.Integer("leaves", closed?.Leaves ?? 0, 1, RawLog.SegmentLeavesMax);
                Digest root = Digest.Field(ref codec, "root", closed?.Root ?? default);
                input = closed ?? new RawSealed(segment, leaves, root);
                break;
            case 8:
                var read = (RawRead?)value;
                codec.Open("rawRead", 1);
                ImmutableArray<BlockShown> shown =
                    codec.List("shown", read?.Shown ?? [], BlocksAsked.PlacesMax);
                input = read ?? new RawRead(shown);
                break;
            case 9:
                var surveyed = (Surveyed?)value;
                codec.Open("surveyed", 2);
                uint survey = (uint)codec.Integer("number", surveyed?.Number ?? 0, 0, uint.MaxValue);
                Finding finding = Finding.Shape(ref codec, surveyed?.Finding);
                input = surveyed ?? new Surveyed(survey, finding);
                break;
            case 10:
                var broke = (BrokeDown?)value;
                codec.Open("brokeDown", 1);
                var fault = (FaultClass)codec.Integer("fault", (long)(broke?.Fault ?? 0), 1, 4);
                input = broke ?? new BrokeDown(fault);
                break;
            case 11:
                var mended = (Mended?)value;
                codec.Open("mended", 2);
                ContractId contract = codec.Contract("contract", mended?.Contract ?? default);
                Epoch epoch = codec.Epoch("epoch", mended?.Epoch ?? default);
                input = mended ?? new Mended(contract, epoch);
                break;
            case 12:
                var repaired = (Repaired?)value;
                codec.Open("repaired", 2);
                uint repair = (uint)codec.Integer("number", repaired?.Number ?? 0, 0, uint.MaxValue);
                bool isDone = codec.Flag("isDone", repaired?.IsDone ?? false);
                input = repaired ?? new Repaired(repair, isDone);
                break;
            case 13:
                var face = (FaceTaken?)value;
                codec.Open("faceTaken", 1);
                uint digging = (uint)codec.Integer("number", face?.Number ?? 0, 0, uint.MaxValue);
                input = face ?? new FaceTaken(digging);
                break;
            case 14:
                var held = (PackageHeld?)value;
                codec.Open("packageHeld", 2);
                Digest release = Digest.Field(ref codec, "release", held?.Release ?? default);
                int bytes = codec.Number("bytes", held?.Bytes ?? 0);
                input = held ?? new PackageHeld(release, bytes);
                break;
            case 15:
                var judged = (PackageJudged?)value;
                codec.Open("packageJudged", 2);
                Digest package = Digest.Field(ref codec, "release", judged?.Release ?? default);
                bool isAdmitted = codec.Flag("isAdmitted", judged?.IsAdmitted ?? false);
                input = judged ?? new PackageJudged(package, isAdmitted);
                break;
            case 16:
                var empty = (GaveOut?)value;
                codec.Open("gaveOut", 1);
                uint dug = (uint)codec.Integer("number", empty?.Number ?? 0, 0, uint.MaxValue);
                input = empty ?? new GaveOut(dug);
                break;
            case 17:
                var replaced = (KeyReplaced?)value;
                codec.Open("keyReplaced", 1);
                byte[] key = codec.Bytes("publicKey", replaced?.PublicKey ?? [], NoteKey.Ed25519Length);
                if (codec.IsReading && !codec.Failed && key.Length != NoteKey.Ed25519Length)
                {
                    codec.Refuse("publicKey must be 32 bytes");
                }

                input = replaced ?? new KeyReplaced(key);
                break;
            case 18:
                var child = (ChildBuilt?)value;
                codec.Open("childBuilt", 1);
                Built machine = Built.Shape(ref codec, child?.Machine);
                input = child ?? new ChildBuilt(machine);
                break;
            case 19:
                var birth = (BirthSigned?)value;
                codec.Open("birthSigned", 2);
                uint build = (uint)codec.Integer("build", birth?.Build ?? 0, 0, uint.MaxValue);
                byte[] word = codec.Bytes("signature", birth?.Signature ?? [], SignedBirth.SignatureLength);
                input = birth ?? new BirthSigned(build, word);
                break;
            case 20:
                var core = (CoreTold?)value;
                codec.Open("coreTold", 3);
                Digest image = Digest.Field(ref codec, "image", core?.Image ?? default);
                var did = (CoreAct)codec.Integer("act", (long)(core?.Act ?? 0), 1, 6);
                var reason = (SkillReason)codec.Integer("reason", (long)(core?.Reason ?? 0), 0, 12);
                input = core ?? new CoreTold(image, did, reason);
                break;
            default:
                var signed = (Signed?)value;
                codec.Open("signed", 2);
                ulong blocks = codec.Count("blocks", signed?.Blocks ?? 0);
                byte[] signature =
                    codec.Bytes("signature", signed?.Signature ?? [], Signed.SignatureBytesMax);
                input = signed ?? new Signed(blocks, signature);
                break;
        }

        codec.Close();
        return input;
    }
}
