using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Hanse.Core.Identity;
using Hanse.IO.Gateway;
using Hanse.IO.Journal;
using Hanse.IO.Tests.Wire;
using Xunit;

namespace Hanse.IO.Tests.Gateway;

/// <summary>The exchange that never changes. HANSE_RECORD=1 writes its example, once: a difference after that
/// is a node that cannot be brought back.</summary>
public sealed class RescueVectorTests
{
    private static readonly string _file = Path.Combine(ProtocolFolder.Path, "vectors", "rescue.hex");

    [Fact]
    public void The_exchange_has_the_published_bytes()
    {
        Assert.True(Ed25519Keys.TryImport(SHA256.HashData("an example of a node"u8), out Ed25519Keys? key));
        byte[] package = SHA256.HashData("new"u8);
        var call = new RescueCall(
            SHA256.HashData("an example of a mission"u8), new NodeId(7), 1_000_003, SHA256.HashData("old"u8),
            package, 1, []);
        byte[] signed = call.ToSign();
        call = call with { Signature = key.Sign(signed) };
        byte[] answer = new RescueAnswer(RescueOrder.Fetch, 1, package, 3, 1, [.. "ew"u8]).ToBytes();
        var text = new StringBuilder(
            "# A call for rescue and its answer. Written by RescueVectorTests, and never changed.\n"
            + "# A vector is the lines of hex up to an empty line.\n");
        foreach ((string title, byte[] bytes) in new (string, byte[])[]
        {
            ("the public half of the key", key.PublicKey),
            ("the call: node 7 wants the rest of 'new'", call.ToBytes()),
            ("the answer: fetch it, and here it is", answer),
        })
        {
            _ = text.Append("\n# ").Append(title).Append('\n');
            foreach (char[] line in Convert.ToHexStringLower(bytes).Chunk(96))
            {
                _ = text.Append(line).Append('\n');
            }
        }

        if (Environment.GetEnvironmentVariable("HANSE_RECORD") is not null && !File.Exists(_file))
        {
            File.WriteAllText(_file, text.ToString());
        }

        Assert.Equal(File.ReadAllText(_file), text.ToString());
    }

    // From the document alone, without the code that writes.
    [Fact]
    public void The_published_bytes_are_what_the_document_says()
    {
        byte[][] vectors = [.. Read()];
        byte[] call = vectors[1];
        Assert.Equal(
            [
                .. "hanse/rescue"u8, .. SHA256.HashData("an example of a mission"u8), 0, 0, 0, 7,
                0, 0, 0, 0, 0, 15, 66, 67, .. SHA256.HashData("old"u8), .. SHA256.HashData("new"u8),
                0, 0, 0, 0, 0, 0, 0, 1,
            ],
            call[..128]);
        Assert.Equal(192, call.Length);
        Assert.True(Ed25519Keys.Verify(vectors[0], call.AsSpan(0, 128), call.AsSpan(128)));
        Assert.Equal(
            [
                .. "hanse/rescue"u8, 2, 0, 0, 0, 0, 0, 0, 1, .. SHA256.HashData("new"u8),
                0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, .. "ew"u8,
            ],
            vectors[2]);
    }

    [Fact]
    public void What_is_no_call_and_no_answer_is_not_read_as_one()
    {
        byte[][] vectors = [.. Read()];
        Assert.True(RescueCall.TryRead(vectors[1], out _));
        Assert.True(RescueAnswer.TryRead(vectors[2], out RescueAnswer? answer));
        Assert.Equal(vectors[2], answer.ToBytes());
        for (int length = 0; length < vectors[1].Length; length++)
        {
            Assert.False(RescueCall.TryRead(vectors[1].AsSpan(0, length), out _));
        }

        for (int length = 0; length < vectors[2].Length; length++)
        {
            Assert.False(RescueAnswer.TryRead(vectors[2].AsSpan(0, length), out _));
        }

        Assert.False(RescueCall.TryRead([.. vectors[1], 0], out _));
        Assert.False(RescueAnswer.TryRead([.. vectors[2], 0], out _));
        vectors[1][0] ^= 1;
        vectors[2][12] = 4;
        Assert.False(RescueCall.TryRead(vectors[1], out _));
        Assert.False(RescueAnswer.TryRead(vectors[2], out _));
    }

    private static IEnumerable<byte[]> Read() => File.ReadAllText(_file).Split("\n\n").Skip(1)
        .Select(vector => vector.Split('\n').Where(line => !line.StartsWith('#')))
        .Select(lines => Convert.FromHexString(string.Concat(lines)));
}
