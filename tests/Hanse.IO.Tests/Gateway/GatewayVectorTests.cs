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

/// <summary>The published example of what a node and its gateway sign. HANSE_RECORD=1 writes it anew; then
/// read the difference.</summary>
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
        byte[] gatewaySeed = SHA256.HashData("an example of a gateway"u8);
        Assert.True(Ed25519Keys.TryImport(gatewaySeed, out Ed25519Keys? gateway));
        Assert.True(Ed25519Keys.TryImport(
            SHA256.HashData("an example of its second key"u8), out Ed25519Keys? second));
        byte[] enrolled = CallSignature.OfEnrolled(mission, 1, 7, key.PublicKey, token);
        byte[] welcome = FrameCodec.Encode(new Frame(
            Party.Of(new RegionId(4)), Party.Of(new NodeId(7)), Hail: false, 1, 0, [], []));
        byte[] answer = CallSignature.OfAnswer(
            mission, 1, 7, 1_000_001, 2, 1_000_001, 0, 0, [welcome], [(1, "no h\u00fcb 77")]);
        byte[] away = CallSignature.OfAnswer(mission, 1, 7, 1_000_002, 1, 1_000_002, 1_500, 3, [], []);
        byte[] next = CallSignature.OfGatewayKey(mission, 2, second.PublicKey);
        byte[] laterSeed = SHA256.HashData("an example of the node's second key"u8);
        Assert.True(Ed25519Keys.TryImport(laterSeed, out Ed25519Keys? later));
        byte[] change = CallSignature.OfNodeKey(mission, 7, 2, key.PublicKey, later.PublicKey);
        byte[] changed = CallSignature.OfNodeKeyTaken(mission, 1, 7, 2, later.PublicKey);
        var text = new StringBuilder(
            "# What a node signs when it enrols and calls, from one key, and what its gateway signs.\n"
            + "# Written by GatewayVectorTests.\n"
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
            ("the gateway's first key, the public half", gateway.PublicKey),
            ("what it signs of the enrolment", enrolled),
            ("the signature", gateway.Sign(enrolled)),
            ("a frame: hub 4 to node 7", welcome),
            ("what is signed of answer 2 of the stream that call 1000001 opened, to that call, with that "
                + "frame;\n# the frame in place 1 was refused: \"no h\u00fcb 77\"", answer),
            ("the signature", gateway.Sign(answer)),
            ("what is signed of the answer to the Sync 1000002: come again in 1500 ms,\n# and with another "
                + "key, since key 3 of the node is to be replaced", away),
            ("the signature", gateway.Sign(away)),
            ("the gateway's second key, the public half", second.PublicKey),
            ("what the first signs of the second", next),
            ("the signature", gateway.Sign(next)),
            ("the secret half of the node's second key, 32 bytes", laterSeed),
            ("the public half", later.PublicKey),
            ("what both keys of the node sign to change from the first to the second", change),
            ("the signature by the first", key.Sign(change)),
            ("the signature by the second", later.Sign(change)),
            ("what the gateway signs when it has taken the second", changed),
            ("the signature", gateway.Sign(changed)),
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

        Assert.Equal(
            [.. "hanse/enrolled/1\0"u8, .. vectors[5], 0, 0, 0, 1, 0, 0, 0, 7, .. vectors[1], .. vectors[2]],
            vectors[12]);
        byte[] reason = [.. "no h\u00fcb 77"u8];
        Assert.Equal(
            [
                .. "hanse/answer/1\0"u8, .. vectors[5], 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 15, 66, 65,
                0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 15, 66, 65, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 1,
                0, 0, 0, (byte)vectors[14].Length, .. vectors[14], 0, 0, 0, 1, 0, 0, 0, 1,
                0, 0, 0, (byte)reason.Length, .. reason,
            ],
            vectors[15]);
        Assert.Equal(
            [
                .. "hanse/answer/1\0"u8, .. vectors[5], 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 0, 0, 15, 66, 66,
                0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 15, 66, 66, 0, 0, 5, 220, 0, 0, 0, 3,
                0, 0, 0, 0, 0, 0, 0, 0,
            ],
            vectors[17]);
        Assert.Equal(
            [.. "hanse/gateway-key/1\0"u8, .. vectors[5], 0, 0, 0, 2, .. vectors[19]], vectors[20]);
        Assert.Equal(
            [
                .. "hanse/node-key/1\0"u8, .. vectors[5], 0, 0, 0, 7, 0, 0, 0, 2, .. vectors[1],
                .. vectors[23],
            ],
            vectors[24]);
        Assert.True(Ed25519Keys.Verify(vectors[1], vectors[24], vectors[25]));
        Assert.True(Ed25519Keys.Verify(vectors[23], vectors[24], vectors[26]));
        Assert.Equal(
            [
                .. "hanse/node-key-taken/1\0"u8, .. vectors[5], 0, 0, 0, 1, 0, 0, 0, 7, 0, 0, 0, 2,
                .. vectors[23],
            ],
            vectors[27]);
        foreach (int signed in (int[])[12, 15, 17, 20, 27])
        {
            Assert.True(Ed25519Keys.Verify(vectors[11], vectors[signed], vectors[signed + 1]));
        }
    }

    private static IEnumerable<byte[]> Read() => File.ReadAllText(_file).Split("\n\n").Skip(1)
        .Select(vector => vector.Split('\n').Where(line => !line.StartsWith('#')))
        .Select(lines => Convert.FromHexString(string.Concat(lines)));
}
