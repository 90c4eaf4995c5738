using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Wire;
using V1 = Hanse.Api.V1;

namespace Hanse.IO.Wire;

/// <summary>The edge: frames of Core on one side, bytes of <c>hanse.v1.Frame</c> on the other.</summary>
/// <remarks>
/// The problem: bytes come from machines nobody can see, over links that spoil them, some of them written by
/// other people's programs in other languages, and a machine of Core must be able to trust every frame it is
/// handed. The idea: parse here, completely, once. What <see cref="TryDecode"/> returns has known kinds,
/// values in range and sequences that make sense together; everything else is a refusal with a reason, of the
/// whole frame, and costs the receiver nothing but the reading.
/// <para>
/// Invariants. No input makes this throw. A frame has exactly one encoding: what was decoded is encoded to
/// the same bytes again. Protobuf by itself does not promise that (fields may come in any order, twice,
/// unknown or with padded numbers), so the parsed frame is written again and compared, which also refuses
/// every unknown field; a link whose windows are counted in bytes has none to spare for what is skipped. The
/// limit of <see cref="Frame.BytesMax"/> is checked before anything is parsed, so the work and the memory of
/// one frame are bounded: each claimed length is checked against the bytes that are there.
/// </para>
/// <para>
/// What leaves obeys the same rules, which is asserted, as is its size: Core budgeted the window with
/// <see cref="FrameSize"/> and must have been right.
/// </para>
/// <para>
/// Deliberately absent: transports, delimiting, compression, and signatures, for which a field is reserved
/// and refused while it is not checked. The sources are RFC 8949, section 4.2.1 (deterministic CBOR) and the
/// protobuf encoding guide, whose section on ordering says why the comparison is needed. The rules in full,
/// for people who write a node in another language, are <c>docs/protocol/wire.md</c>.
/// </para>
/// </remarks>
public static class FrameCodec
{
    /// <summary>The version of the protocol written here, and the only one read.</summary>
    public const uint Version = 1;

    private static readonly MessageParser<V1.Frame> _parser = V1.Frame.Parser.WithDiscardUnknownFields(true);

    /// <summary>The bytes of a frame.</summary>
    /// <returns>As many bytes as <see cref="FrameSize.Of(Frame)"/> says, at most <see
    /// cref="Frame.BytesMax"/>.</returns> <exception cref="BrokenInvariantException">The frame breaks a rule
    /// of the protocol: our own bug.</exception>
    public static byte[] Encode(Frame frame)
    {
        string? broken = FrameRules.Broken(frame);
        Invariant.Holds(broken is null, broken);
        var wire = new V1.Frame
        {
            Version = Version,
            From = ToWire(frame.From),
            To = ToWire(frame.To),
            Hail = frame.Hail,
            Floor = frame.Floor,
            AckThrough = frame.AckThrough,
        };
        wire.AckBeyond.AddRange(frame.AckBeyond);
        var body = new ByteBuffer();
        foreach (Envelope envelope in frame.Envelopes)
        {
            wire.Envelopes.Add(ToWire(envelope, body));
        }

        int size = wire.CalculateSize();
        Invariant.Holds(size == FrameSize.Of(frame) && size <= Frame.BytesMax);
        return wire.ToByteArray();
    }

    /// <summary>Reads one frame, which must be all of <paramref name="bytes"/>.</summary>
    /// <returns>False, with the reason, when the bytes are not exactly one valid frame. Never
    /// throws.</returns>
    public static bool TryDecode(
        ReadOnlyMemory<byte> bytes,
        [NotNullWhen(true)] out Frame? frame,
        [NotNullWhen(false)] out WireError? error)
    {
        frame = null;
        string? reason =
            Parse(bytes.Span, out V1.Frame wire)
            ?? Envelopes(wire, out ImmutableArray<Envelope> envelopes)
            ?? Assemble(wire, envelopes, out frame);
        error = reason is null ? null : new WireError(reason);
        return reason is null;
    }

    private static string? Parse(ReadOnlySpan<byte> bytes, out V1.Frame wire)
    {
        wire = new V1.Frame();
        if (bytes.Length > Frame.BytesMax)
        {
            return $"a frame has at most {Frame.BytesMax} bytes";
        }

        try
        {
            wire = _parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return "the bytes are not protobuf";
        }

        // Before the comparison: a frame of a later version should hear that, not that its fields are
        // unknown.
        if (wire.Version != Version)
        {
            return $"version {wire.Version} is not spoken here, only version {Version}";
        }

        return IsCanonical(wire, bytes)
            ? null
            : "not the one encoding of a frame: a field is unknown, repeated, out of order, empty or padded";
    }

    private static bool IsCanonical(V1.Frame wire, ReadOnlySpan<byte> bytes)
    {
        if (wire.CalculateSize() != bytes.Length)
        {
            return false;
        }

        Span<byte> again = stackalloc byte[Frame.BytesMax];
        again = again[..bytes.Length];
        wire.WriteTo(again);
        return bytes.SequenceEqual(again);
    }

    private static string? Envelopes(V1.Frame wire, out ImmutableArray<Envelope> envelopes)
    {
        envelopes = [];
        if (wire.Envelopes.Count > Frame.EnvelopesMax)
        {
            return "there are too many envelopes";
        }

        ImmutableArray<Envelope>.Builder read = ImmutableArray.CreateBuilder<Envelope>(wire.Envelopes.Count);
        foreach (V1.Envelope envelope in wire.Envelopes)
        {
            if (!envelope.Signature.IsEmpty)
            {
                return $"envelope {read.Count} is signed, which version {Version} cannot check";
            }

            var kind = (MessageKind)envelope.Kind;
            if (!Message.TryRead(kind, envelope.Body.Memory, out Message? message, out DecodeError? error))
            {
                return $"envelope {read.Count}, byte {error?.Offset} of its body: {error?.Reason}";
            }

            read.Add(new Envelope(envelope.Sequence, message!));
        }

        envelopes = read.MoveToImmutable();
        return null;
    }

    private static string? Assemble(V1.Frame wire, ImmutableArray<Envelope> envelopes, out Frame? frame)
    {
        frame = new Frame(
            FromWire(wire.From),
            FromWire(wire.To),
            wire.Hail,
            wire.Floor,
            wire.AckThrough,
            [.. wire.AckBeyond],
            envelopes);
        string? broken = FrameRules.Broken(frame);
        frame = broken is null ? frame : null;
        return broken;
    }

    // An absent address becomes one of no kind, which the rules refuse.
    private static Party FromWire(V1.Party? party) =>
        party is null ? default : new Party((PartyKind)party.Kind, party.Number);

    private static V1.Party ToWire(Party party) =>
        new() { Kind = (V1.PartyKind)party.Kind, Number = party.Number };

    private static V1.Envelope ToWire(Envelope envelope, ByteBuffer body)
    {
        body.Clear();
        envelope.Message.Write(body);
        return new V1.Envelope
        {
            Sequence = envelope.Sequence,
            Kind = (V1.MessageKind)envelope.Message.Kind,
            Body = ByteString.CopyFrom(body.Written),
        };
    }
}
