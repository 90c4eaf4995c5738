using System;
using System.Collections.Generic;
using System.Text;
using Hanse.Core.Wire;

namespace Hanse.IO.Gateway;

/// <summary>The bytes that are signed when a node enrols or calls; <c>docs/protocol/gateway.md</c>.</summary>
/// <remarks>Each begins with a name of its own, so that a signature given for one purpose is none for
/// another, and a call names the mission, so that it is none in another.</remarks>
public static class CallSignature
{
    /// <summary>Bytes of the digest that names a mission.</summary>
    public const int MissionLength = 32;

    /// <summary>Bytes of a token.</summary>
    public const int TokenLength = 32;

    private const string EnrolmentName = "hanse/enrolment/1";
    private const string CallName = "hanse/call/1";

    /// <summary>What the key of a new machine signs.</summary>
    public static byte[] OfEnrolment(ReadOnlySpan<byte> token) =>
        [.. Encoding.ASCII.GetBytes(EnrolmentName), 0, .. token];

    /// <summary>What a node signs of a call: the name and a zero byte, the mission, then as big-endian
    /// numbers the node (4 bytes), the count (8), the number of frames (4), and before each frame its length
    /// (4).</summary>
    public static byte[] OfCall(
        ReadOnlySpan<byte> mission, uint node, ulong count, IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        var bytes = new ByteBuffer();
        bytes.AddAscii(CallName);
        bytes.Add(0);
        bytes.Add(mission);
        Add(bytes, node, 4);
        Add(bytes, count, 8);
        Add(bytes, (ulong)frames.Count, 4);
        foreach (ReadOnlyMemory<byte> frame in frames)
        {
            Add(bytes, (ulong)frame.Length, 4);
            bytes.Add(frame.Span);
        }

        return bytes.Written.ToArray();
    }

    private static void Add(ByteBuffer bytes, ulong number, int length)
    {
        for (int shift = 8 * (length - 1); shift >= 0; shift -= 8)
        {
            bytes.Add(unchecked((byte)(number >> shift)));
        }
    }
}
