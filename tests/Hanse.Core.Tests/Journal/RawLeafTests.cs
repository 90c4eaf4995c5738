using System;
using System.Linq;
using CsCheck;
using Hanse.Core.Journal;
using Xunit;

namespace Hanse.Core.Tests.Journal;

/// <summary>Raw leaves, their blocks and the proofs an audit ships.</summary>
public sealed class RawLeafTests
{
    // A segment of three leaves, of which the last has five blocks, the last of them short.
    private static readonly byte[][] _leaves =
        [Bytes(1, RawLog.LeafBytes), Bytes(2, RawLog.LeafBytes), Bytes(3, 4196)];

    private static readonly MerkleLog _segment = Segment(_leaves);

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(65535)]
    [InlineData(65536)]
    public void A_leaf_is_the_tree_over_its_blocks(int length)
    {
        byte[] leaf = Bytes(9, length);
        Digest[] blocks = [.. leaf.Chunk(RawLog.BlockBytes).Select(block => MerkleTree.LeafHash(block))];
        Assert.Equal(MerkleTree.Root(blocks), RawLeaf.Hash(leaf));
    }

    [Fact]
    public void A_segment_is_one_tree_over_all_its_blocks()
    {
        Digest[] blocks = [.. _leaves.SelectMany(leaf => leaf.Chunk(RawLog.BlockBytes))
            .Select(block => MerkleTree.LeafHash(block))];
        Assert.Equal(MerkleTree.Root(blocks), _segment.Head.Root);
    }

    [Fact]
    public void Every_block_can_be_proved_and_only_in_its_place()
    {
        for (int leaf = 0; leaf < _leaves.Length; leaf++)
        {
            byte[][] blocks = [.. _leaves[leaf].Chunk(RawLog.BlockBytes)];
            for (int block = 0; block < blocks.Length; block++)
            {
                var place = new RawPlace(4, leaf, block);
                RawProof proof = Snapshot.Read<RawProof>(
                    Snapshot.Of(RawLeaf.Prove(_segment, _leaves[leaf], place)));
                Assert.Equal(ProofVerdict.Holds, proof.Verify(place, blocks[block], _segment.Head));
                RawPlace[] others = [place with { Leaf = leaf ^ 1 }, place with { Block = block ^ 1 },
                    place with { Leaf = -1 }, place with { Block = 64 }];
                Assert.All(others, other => Assert.NotEqual(
                    ProofVerdict.Holds, proof.Verify(other, blocks[block], _segment.Head)));
                Assert.NotEqual(
                    ProofVerdict.Holds, proof.Verify(place, blocks[block].AsSpan(1), _segment.Head));
                Assert.NotEqual(ProofVerdict.Holds, proof.Verify(place, [], _segment.Head));
            }
        }
    }

    [Fact]
    public void A_changed_block_or_proof_never_holds()
    {
        var place = new RawPlace(0, 1, 40);
        byte[] block = _leaves[1].AsSpan(40 * RawLog.BlockBytes, RawLog.BlockBytes).ToArray();
        RawProof proof = RawLeaf.Prove(_segment, _leaves[1], place);
        byte[] wire = Snapshot.Of(proof);
        Gen.Select(Gen.Int[0, 2000], Gen.Byte, Gen.Int[0, 3]).Sample((at, part, how) =>
        {
            byte[] changed = Mutations.Of(block, at, part, how);
            Assert.True(changed.AsSpan().SequenceEqual(block)
                || proof.Verify(place, changed, _segment.Head) != ProofVerdict.Holds);
            byte[] other = Mutations.Of(wire, at, part, how);
            Assert.True(other.AsSpan().SequenceEqual(wire)
                || !Core.Wire.CborReader.TryRead(other, out RawProof? read, out _)
                || read.Verify(place, block, _segment.Head) != ProofVerdict.Holds);
        }, iter: 10_000);
    }

    [Fact]
    public void A_decision_cites_a_leaf_by_one_number() =>
        Assert.Equal((3UL * 16_384) + 5, new RawPlace(3, 5, 0).Cite);

    private static MerkleLog Segment(byte[][] leaves)
    {
        var segment = new MerkleLog();
        foreach (byte[] leaf in leaves)
        {
            segment.Append(RawLeaf.Hash(leaf));
        }

        return segment;
    }

    private static byte[] Bytes(int seed, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)(((i * 31) + (i >> 7) + seed) & 255))];
}
