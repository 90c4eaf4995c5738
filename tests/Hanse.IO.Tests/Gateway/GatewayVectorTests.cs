using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Tests.Wire;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.IO.Tests.Gateway;

/// <summary>The published example of what a node signs. HANSE_RECORD=1 writes it anew; then read the
/// difference.</summary>
public sealed class GatewayVectorTests
{
    private static readonly string _file = Path.Combine(ProtocolFolder.Path, "vectors", "gateway.hex");

    [Fact]
    public void What_a_node_signs_has_the_published_bytes()
    {
        byte[] seed = SHA256.HashData("an example of a node"u8);
        Assert.True(Ed25519Keys.TryImport(seed, out Ed25519Keys? key));
        byte[] token = SHA256.HashData("an example of a token"u8);
        byte[] mission = SHA256.HashData("an example of a mission"u8);
        byte[] hail = FrameCodec.Encode(new Frame(
            Party.Of(new NodeId(7)), Party.Of(new RegionId(4)), Hail: true, 1, 0, [], []));
        byte[] enrolment = CallSignature.OfEnrolment(token);
        byte[] call = CallSignature.OfCall(mission, 7, 1_000_001, [hail]);
        byte[] empty = CallSignature.OfCall(mission, 7, 1_000_002, []);
        var text = new StringBuilder(
            "# What a node signs when it enrols and calls, from one key. Written by GatewayVectorTests.\n"
            + "# A vector is the lines of hex up to an empty line.\n");
        foreach ((string title, byte[] bytes) in new (string, byte[])[]
        {
            ("the secret half of the key, 32 bytes", seed),
            ("the public half", key.PublicKey),
            ("a token", token),
            ("what is signed to enrol with it", enrolment),
            ("the signature", key.Sign(enrolment)),
            ("the mission, as the answer to an enrolment says", mission),
            ("a frame: node 7 hails hub 4", hail),
            ("what is signed of call 1000001 of node 7, with that frame", call),
            ("the signature", key.Sign(call)),
            ("what is signed of call 1000002, which has no frame", empty),
            ("the signature", key.Sign(empty)),
        })
        {
            _ = text.Append("\n# ").Append(title).Append('\n');
            foreach (char[] line in Convert.ToHexStringLower(bytes).Chunk(96))
            {
                _ = text.Append(line).Append('\n');
            }
        }

        if (Environment.GetEnvironmentVariable("HANSE_RECORD") is not null)
        {
            File.WriteAllText(_file, text.ToString());
        }

        Assert.Equal(File.ReadAllText(_file), text.ToString());
    }

    // From the document alone, without the code that signs.
    [Fact]
    public void The_published_bytes_are_what_the_document_says()
    {
        byte[][] vectors = [.. Read()];
        Assert.Equal([.. "hanse/enrolment/1\0"u8, .. vectors[2]], vectors[3]);
        Assert.Equal(
            [
                .. "hanse/call/1\0"u8, .. vectors[5], 0, 0, 0, 7, 0, 0, 0, 0, 0, 15, 66, 65, 0, 0, 0, 1,
                0, 0, 0, (byte)vectors[6].Length, .. vectors[6],
            ],
            vectors[7]);
        Assert.Equal(
            [.. "hanse/call/1\0"u8, .. vectors[5], 0, 0, 0, 7, 0, 0, 0, 0, 0, 15, 66, 66, 0, 0, 0, 0],
            vectors[9]);
        foreach (int signed in (int[])[3, 7, 9])
        {
            Assert.True(Ed25519Keys.Verify(vectors[1], vectors[signed], vectors[signed + 1]));
        }
    }

    private static IEnumerable<byte[]> Read() => File.ReadAllText(_file).Split("\n\n").Skip(1)
        .Select(vector => vector.Split('\n').Where(line => !line.StartsWith('#')))
        .Select(lines => Convert.FromHexString(string.Concat(lines)));
}
