using System;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using Hanse.Core.Journal;
using Hanse.Core.Wire;
using Hanse.IO.Journal;
using Hanse.IO.Tests.Wire;
using Xunit;

namespace Hanse.IO.Tests.Journal;

/// <summary>Agreement with trees, proofs and notes that another implementation made.</summary>
public sealed class GoldenTests : IDisposable
{
    private readonly JsonDocument _golden = JsonDocument.Parse(File.ReadAllText(
        Path.Combine(ProtocolFolder.Path, "vectors", "journal", "vectors.json")));

    private readonly MerkleLog _log = new();
    private readonly Digest[] _roots;

    public GoldenTests()
    {
        _roots = Digests(_golden.RootElement.GetProperty("roots"));
        foreach (Digest leaf in Digests(_golden.RootElement.GetProperty("leafHashes")))
        {
            _log.Append(leaf);
        }
    }

    public void Dispose() => _golden.Dispose();

    [Fact]
    public void Leaves_and_roots_agree()
    {
        var frontier = new Frontier();
        for (ulong size = 0; size <= _log.Size; size++)
        {
            Assert.Equal(_roots[size], _log.HeadAt(size).Root);
            Assert.Equal(_roots[size], frontier.Head.Root);
            if (size < _log.Size)
            {
                Assert.Equal(_log.Leaf(size), MerkleTree.LeafHash(Encoding.ASCII.GetBytes($"leaf {size}")));
                frontier.Append(_log.Leaf(size));
            }
        }

        Assert.Equal(301, _roots.Length);
    }

    [Fact]
    public void Inclusion_proofs_agree()
    {
        foreach ((ulong index, ulong size, Digest[] path) in Proofs("inclusion"))
        {
            Assert.Equal(path, _log.Inclusion(index, size).Path);
            Assert.Equal(ProofVerdict.Holds, new InclusionProof([.. path]).Verify(
                index, _log.Leaf(index), new TreeHead(size, _roots[size])));
        }
    }

    [Fact]
    public void Consistency_proofs_agree()
    {
        foreach ((ulong old, ulong size, Digest[] path) in Proofs("consistency"))
        {
            Assert.Equal(path, _log.Consistency(old, size).Path);
            Assert.Equal(ProofVerdict.Holds, new ConsistencyProof([.. path]).Verify(
                new TreeHead(old, _roots[old]), new TreeHead(size, _roots[size])));
        }
    }

    [Fact]
    public void Notes_agree_byte_for_byte_and_verify()
    {
        foreach (JsonElement golden in _golden.RootElement.GetProperty("notes").EnumerateArray())
        {
            byte[] bytes = Encoding.UTF8.GetBytes(golden.GetProperty("note").GetString()!);
            Assert.True(SignedNote.TryParse(bytes, out SignedNote? note, out DecodeError? error), $"{error}");
            string verifierKey = golden.GetProperty("verifierKey").GetString()!;
            Assert.True(NoteKey.TryParse(verifierKey, out NoteKey? key, out _));
            Assert.Equal(golden.GetProperty("text").GetString(), note.Text);
            Assert.True(Ed25519Keys.Verify(note, key));

            // Signing the same checkpoint with the same key gives the same note.
            Assert.True(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _));
            byte[] seed = Convert.FromHexString(golden.GetProperty("seed").GetString()!);
            Assert.True(Ed25519Keys.TryImport(seed, out Ed25519Keys? keys));
            using (keys)
            {
                Assert.Equal(key, keys.Named(checkpoint.Origin));
                Assert.Equal(bytes, keys.Sign(checkpoint).ToBytes());
            }

            bytes[0] ^= 1;
            Assert.False(SignedNote.TryParse(bytes, out note, out _) && Ed25519Keys.Verify(note, key));
        }
    }

    [Fact]
    public void Keys_are_generated_exported_and_read_again()
    {
        using var keys = Ed25519Keys.Generate();
        Assert.True(Ed25519Keys.TryImport(keys.ExportSeed(), out Ed25519Keys? again));
        using (again)
        {
            Assert.Equal(keys.PublicKey, again.PublicKey);
            byte[] signature = again.Sign([1, 2, 3]);
            Assert.True(Ed25519Keys.Verify(keys.PublicKey, [1, 2, 3], signature));
            Assert.False(Ed25519Keys.Verify(keys.PublicKey, [1, 2, 4], signature));
        }

        Assert.False(Ed25519Keys.TryImport(new byte[31], out _));
        Assert.False(Ed25519Keys.Verify(new byte[31], [], new byte[64]));
        Assert.False(Ed25519Keys.Verify(new byte[32], [], new byte[63]));
    }

    private (ulong Old, ulong Size, Digest[] Path)[] Proofs(string kind) =>
    [
        .. _golden.RootElement.GetProperty(kind).EnumerateArray().Select(proof => (
            proof.GetProperty("old").GetUInt64(),
            proof.GetProperty("size").GetUInt64(),
            Digests(proof.GetProperty("path")))),
    ];

    private static Digest[] Digests(JsonElement list) =>
        [.. list.EnumerateArray().Select(text => Digest.From(Convert.FromHexString(text.GetString()!)))];
}
