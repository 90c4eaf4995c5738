using System;
using System.Collections.Generic;
using System.Text;
using Hanse.Core.Wire;

namespace Hanse.IO.Gateway;

/// <summary>The bytes that are signed when a node enrols or calls, and when it is answered;
/// <c>docs/protocol/gateway.md</c>.</summary>
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
    private const string EnrolledName = "hanse/enrolled/1";
    private const string AnswerName = "hanse/answer/1";
    private const string NodeKeyName = "hanse/node-key/1";
    private const string NodeKeyTakenName = "hanse/node-key-taken/1";
    private const string GatewayKeyName = "hanse/gateway-key/1";
    private const string BirthName = "hanse/born/1";

    /// <summary>What the key of a new machine signs.</summary>
    public static byte[] OfEnrolment(ReadOnlySpan<byte> token) =>
        [.. Encoding.ASCII.GetBytes(EnrolmentName), 0, .. token];

    /// <summary>What a machine signs that shows who has built it: the name and a zero byte, the mission, and
    /// the certificate with its parent's signature.</summary>
    public static byte[] OfBirth(ReadOnlySpan<byte> mission, ReadOnlySpan<byte> birth) =>
        [.. Encoding.ASCII.GetBytes(BirthName), 0, .. mission, .. birth];

    /// <summary>What a node signs of a call: the name and a zero byte, the mission, then as big-endian
    /// numbers the node (4 bytes), the count (8), the number of frames (4), and before each frame its length
    /// (4).</summary>
    public static byte[] OfCall(
        ReadOnlySpan<byte> mission, uint node, ulong count, IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        ByteBuffer bytes = Begin(CallName, mission);
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

    /// <summary>What the gateway signs of the answer to an enrolment: the name and a zero byte, the mission,
    /// the number of the gateway key (4 bytes), the node (4), its key, and the token.</summary>
    public static byte[] OfEnrolled(
        ReadOnlySpan<byte> mission, uint key, uint node, ReadOnlySpan<byte> publicKey,
        ReadOnlySpan<byte> token)
    {
        ByteBuffer bytes = Begin(EnrolledName, mission);
        Add(bytes, key, 4);
        Add(bytes, node, 4);
        bytes.Add(publicKey);
        bytes.Add(token);
        return bytes.Written.ToArray();
    }

    /// <summary>What a node's key and the one after it sign: the name and a zero byte, the mission, the node
    /// (4 bytes), the number of the new key (4), the key before it, and the new key.</summary>
    public static byte[] OfNodeKey(
        ReadOnlySpan<byte> mission, uint node, uint serial, ReadOnlySpan<byte> former,
        ReadOnlySpan<byte> key)
    {
        ByteBuffer bytes = Begin(NodeKeyName, mission);
        Add(bytes, node, 4);
        Add(bytes, serial, 4);
        bytes.Add(former);
        bytes.Add(key);
        return bytes.Written.ToArray();
    }

    /// <summary>What the gateway signs when a key speaks for a node: the name and a zero byte, the mission,
    /// the number of the gateway key (4 bytes), the node (4), the number of its key (4), and that
    /// key.</summary>
    public static byte[] OfNodeKeyTaken(
        ReadOnlySpan<byte> mission, uint gatewayKey, uint node, uint serial, ReadOnlySpan<byte> key)
    {
        ByteBuffer bytes = Begin(NodeKeyTakenName, mission);
        Add(bytes, gatewayKey, 4);
        Add(bytes, node, 4);
        Add(bytes, serial, 4);
        bytes.Add(key);
        return bytes.Written.ToArray();
    }

    /// <summary>What a gateway key signs of the one after it: the name and a zero byte, the mission, the
    /// number of the new key (4 bytes), and the new key.</summary>
    public static byte[] OfGatewayKey(ReadOnlySpan<byte> mission, uint serial, ReadOnlySpan<byte> key)
    {
        ByteBuffer bytes = Begin(GatewayKeyName, mission);
        Add(bytes, serial, 4);
        bytes.Add(key);
        return bytes.Written.ToArray();
    }

    /// <summary>What the gateway signs of an answer: the name and a zero byte, the mission, then as
    /// big-endian numbers the gateway key's (4 bytes), the node (4), the count of the call that opened the
    /// stream (8), the serial (8), the count of the call that is answered (8), when to come again (4), which
    /// key of the node is to be replaced (4), the number of frames (4), before each frame its length (4), the
    /// number of refused frames (4), and of each its place (4), and the length of the reason in UTF-8 (4)
    /// before the reason.</summary>
    /// <remarks>The opening call's count is used once by a node in its life, so an answer of another stream,
    /// or to another call, is none here; and nobody has to remember anything.</remarks>
    public static byte[] OfAnswer(
        ReadOnlySpan<byte> mission, uint key, uint node, ulong opening, ulong serial, ulong count,
        uint comeAgain, uint keyDue, IReadOnlyList<ReadOnlyMemory<byte>> frames,
        IReadOnlyList<(uint Place, string Reason)> refused)
    {
        ByteBuffer bytes = Begin(AnswerName, mission);
        Add(bytes, key, 4);
        Add(bytes, node, 4);
        Add(bytes, opening, 8);
        Add(bytes, serial, 8);
        Add(bytes, count, 8);
        Add(bytes, comeAgain, 4);
        Add(bytes, keyDue, 4);
        Add(bytes, (ulong)frames.Count, 4);
        foreach (ReadOnlyMemory<byte> frame in frames)
        {
            Add(bytes, (ulong)frame.Length, 4);
            bytes.Add(frame.Span);
        }

        Add(bytes, (ulong)refused.Count, 4);
        foreach ((uint place, string reason) in refused)
        {
            byte[] text = Encoding.UTF8.GetBytes(reason);
            Add(bytes, place, 4);
            Add(bytes, (ulong)text.Length, 4);
            bytes.Add(text);
        }

        return bytes.Written.ToArray();
    }

    private static ByteBuffer Begin(string name, ReadOnlySpan<byte> mission)
    {
        var bytes = new ByteBuffer();
        bytes.AddAscii(name);
        bytes.Add(0);
        bytes.Add(mission);
        return bytes;
    }

    private static void Add(ByteBuffer bytes, ulong number, int length)
    {
        for (int shift = 8 * (length - 1); shift >= 0; shift -= 8)
        {
            bytes.Add(unchecked((byte)(number >> shift)));
        }
    }
}
