using System;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Hanse.Core.Identity;

namespace Hanse.IO.Gateway;

/// <summary>What a node is told to do that speaks nothing that is spoken now. The numbers never
/// change.</summary>
public enum RescueOrder
{
    /// <summary>Nothing: it runs what is current, or there is nothing for it now. Call again.</summary>
    Wait = 0,

    /// <summary>Come to a depot, and let people look.</summary>
    ComeToDepot = 1,

    /// <summary>Fetch this package, piece by piece, and start it.</summary>
    Fetch = 2,

    /// <summary>Nothing any more: its service is over.</summary>
    End = 3,
}

/// <summary>The call of a node that speaks nothing that is spoken now: fixed bytes, for ever.</summary>
/// <remarks>Everything else may change with a version. This may not: it is how a machine that missed all
/// versions in between comes back.</remarks>
/// <param name="Mission">The mission, 32 bytes.</param>
/// <param name="Node">Who.</param>
/// <param name="Count">For the node's own use: a clock will do. It is part of what is signed.</param>
/// <param name="Runs">SHA-256 of what it runs; zeros when it does not know.</param>
/// <param name="Wants">SHA-256 of the package whose bytes it wants; zeros to ask what to do.</param>
/// <param name="Offset">From which byte on.</param>
/// <param name="Signature">Ed25519, by the node's key, over the bytes before it.</param>
public sealed record RescueCall(
    byte[] Mission, NodeId Node, ulong Count, byte[] Runs, byte[] Wants, ulong Offset, byte[] Signature)
{
    /// <summary>Bytes of a call.</summary>
    public const int Length = 192;

    /// <summary>Bytes that are signed: all before the signature.</summary>
    public const int SignedLength = 128;

    internal static ReadOnlySpan<byte> Name => "hanse/rescue"u8;

    /// <summary>Whether it asks what to do.</summary>
    public bool Asks => !Wants.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>The bytes that the node signs.</summary>
    public byte[] ToSign()
    {
        byte[] bytes = new byte[SignedLength];
        Span<byte> rest = bytes;
        Name.CopyTo(rest);
        Mission.CopyTo(rest[12..]);
        BinaryPrimitives.WriteUInt32BigEndian(rest[44..], Node.Value);
        BinaryPrimitives.WriteUInt64BigEndian(rest[48..], Count);
        Runs.CopyTo(rest[56..]);
        Wants.CopyTo(rest[88..]);
        BinaryPrimitives.WriteUInt64BigEndian(rest[120..], Offset);
        return bytes;
    }

    /// <summary>The call in bytes.</summary>
    public byte[] ToBytes() => [.. ToSign(), .. Signature];

    /// <summary>Reads a call.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out RescueCall? call)
    {
        call = bytes.Length != Length || !bytes.StartsWith(Name) ? null : new RescueCall(
            bytes[12..44].ToArray(), new NodeId(BinaryPrimitives.ReadUInt32BigEndian(bytes[44..])),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[48..]), bytes[56..88].ToArray(),
            bytes[88..120].ToArray(), BinaryPrimitives.ReadUInt64BigEndian(bytes[120..]),
            bytes[SignedLength..].ToArray());
        return call is not null;
    }
}

/// <summary>The answer: fixed bytes, for ever.</summary>
/// <param name="Order">What to do.</param>
/// <param name="CallAgain">In so many seconds at the latest.</param>
/// <param name="Package">SHA-256 of the package to fetch; zeros for none.</param>
/// <param name="Size">Bytes of that package.</param>
/// <param name="Offset">Where the bytes below begin in it.</param>
/// <param name="Bytes">Some of them; none when there are none there, or none were wanted.</param>
public sealed record RescueAnswer(
    RescueOrder Order, uint CallAgain, byte[] Package, ulong Size, ulong Offset, byte[] Bytes)
{
    /// <summary>Bytes before the package's.</summary>
    public const int HeadLength = 72;

    /// <summary>Most bytes of a package at once.</summary>
    public const int BytesMax = 32_768;

    /// <summary>The answer in bytes.</summary>
    public byte[] ToBytes()
    {
        byte[] head = new byte[HeadLength];
        Span<byte> rest = head;
        RescueCall.Name.CopyTo(rest);
        rest[12] = (byte)Order;
        BinaryPrimitives.WriteUInt32BigEndian(rest[16..], CallAgain);
        Package.CopyTo(rest[20..]);
        BinaryPrimitives.WriteUInt64BigEndian(rest[52..], Size);
        BinaryPrimitives.WriteUInt64BigEndian(rest[60..], Offset);
        BinaryPrimitives.WriteUInt32BigEndian(rest[68..], (uint)Bytes.Length);
        return [.. head, .. Bytes];
    }

    /// <summary>Reads an answer.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out RescueAnswer? answer)
    {
        answer = null;
        if (bytes.Length is >= HeadLength and <= HeadLength + BytesMax && bytes.StartsWith(RescueCall.Name)
            && bytes[12] <= (byte)RescueOrder.End
            && BinaryPrimitives.ReadUInt32BigEndian(bytes[68..]) == bytes.Length - HeadLength)
        {
            answer = new RescueAnswer(
                (RescueOrder)bytes[12], BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]),
                bytes[20..52].ToArray(), BinaryPrimitives.ReadUInt64BigEndian(bytes[52..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[60..]), bytes[HeadLength..].ToArray());
        }

        return answer is not null;
    }
}
