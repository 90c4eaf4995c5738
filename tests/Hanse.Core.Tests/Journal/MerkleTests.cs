using System;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;
using CsCheck;
using Hanse.Core.Journal;
using Xunit;

namespace Hanse.Core.Tests.Journal;

/// <summary>Merkle trees and their proofs, against the definition of RFC 9162 in its own words.</summary>
public sealed class MerkleTests
{
    private const int SizeMax = 70;

    private static readonly Digest[] _leaves =
        [.. Enumerable.Range(0, SizeMax).Select(i => MerkleTree.LeafHash([(byte)i]))];

    private static MerkleLog Log
    {
        get
        {
            var log = new MerkleLog();
            foreach (Digest leaf in _leaves)
            {
                log.Append(leaf);
            }

            return log;
        }
    }

    [Fact]
    public void Roots_are_those_of_the_definition()
    {
        MerkleLog log = Log;
        var frontier = new Frontier();
        for (int size = 0; size <= SizeMax; size++)
        {
            Digest root = Dumb(_leaves.AsSpan(0, size));
            Assert.Equal(root, MerkleTree.Root(_leaves.AsSpan(0, size)));
            Assert.Equal(new TreeHead((ulong)size, root), log.HeadAt((ulong)size));
            Assert.Equal(new TreeHead((ulong)size, root), frontier.Head);
            if (size < SizeMax)
            {
                frontier.Append(_leaves[size]);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65536)]
    public void A_leaf_is_hashed_behind_a_zero(int length)
    {
        byte[] leaf = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal(Digest.From(SHA256.HashData([0, .. leaf])), MerkleTree.LeafHash(leaf));
    }

    [Fact]
    public void Every_leaf_can_be_proved_and_no_proof_holds_for_another()
    {
        MerkleLog log = Log;
        for (ulong size = 1; size <= SizeMax; size++)
        {
            TreeHead head = log.HeadAt(size);
            for (ulong index = 0; index < size; index++)
            {
                InclusionProof proof = log.Inclusion(index, size);
                Digest leaf = log.Leaf(index);
                Assert.Equal(ProofVerdict.Holds, proof.Verify(index, leaf, head));
                Assert.NotEqual(ProofVerdict.Holds, proof.Verify(index, log.Leaf(index ^ 1), head));
                Assert.NotEqual(ProofVerdict.Holds, proof.Verify(index ^ 1, leaf, head));
                Assert.NotEqual(ProofVerdict.Holds, proof.Verify(index, leaf, head with { Size = 1000 }));
                Assert.Equal(ProofVerdict.OutOfRange, proof.Verify(size, leaf, head));
            }
        }
    }

    [Fact]
    public void Every_tree_can_be_proved_to_begin_with_every_smaller_one()
    {
        MerkleLog log = Log;
        for (ulong size = 0; size <= SizeMax; size++)
        {
            for (ulong old = 0; old <= size; old++)
            {
                ConsistencyProof proof = log.Consistency(old, size);
                TreeHead before = log.HeadAt(old);
                TreeHead after = log.HeadAt(size);
                Assert.Equal(ProofVerdict.Holds, proof.Verify(before, after));
                Digest wrong = MerkleTree.LeafHash([1, 2, 3]);
                Assert.NotEqual(ProofVerdict.Holds, proof.Verify(before with { Root = wrong }, after));
                Assert.True(old == 0
                    || proof.Verify(before, after with { Root = wrong }) != ProofVerdict.Holds);
                Assert.True(old == size || proof.Verify(after, before) == ProofVerdict.OutOfRange);
            }
        }
    }

    [Fact]
    public void A_changed_proof_never_holds()
    {
        MerkleLog log = Log;
        Gen.Select(Gen.ULong[1, SizeMax], Gen.ULong[0, SizeMax - 1], Gen.Int[0, 8], Gen.Int[0, 2])
            .Sample((size, index, at, how) =>
            {
                index %= size;
                TreeHead head = log.HeadAt(size);
                InclusionProof inclusion = log.Inclusion(index, size);
                var changed = new InclusionProof(Change(inclusion.Path, at, how));
                Assert.NotEqual(ProofVerdict.Holds, changed.Verify(index, log.Leaf(index), head));

                // A proof from the empty tree has no digests to change, but may not get any either.
                ConsistencyProof consistency = log.Consistency(index, size);
                var other = new ConsistencyProof(Change(consistency.Path, at, how));
                Assert.NotEqual(ProofVerdict.Holds, other.Verify(log.HeadAt(index), head));
            });
    }

    [Fact]
    public void Proofs_survive_the_wire_and_a_log_its_snapshot()
    {
        MerkleLog log = Log;
        InclusionProof inclusion = log.Inclusion(5, 70);
        Assert.Equal(inclusion.Path, Snapshot.Read<InclusionProof>(Snapshot.Of(inclusion)).Path);
        ConsistencyProof consistency = log.Consistency(5, 70);
        Assert.Equal(consistency.Path, Snapshot.Read<ConsistencyProof>(Snapshot.Of(consistency)).Path);

        var restored = new MerkleLog();
        Snapshot.Into(Snapshot.Of(log.Shape), restored.Shape);
        Assert.Equal(log.Head, restored.Head);
        Assert.Equal(log.Inclusion(33, 70).Path, restored.Inclusion(33, 70).Path);
    }

    [Fact]
    public void A_frontier_goes_on_where_its_snapshot_was_taken()
    {
        for (int cut = 0; cut <= SizeMax; cut++)
        {
            var frontier = new Frontier();
            foreach (Digest leaf in _leaves[..cut])
            {
                frontier.Append(leaf);
            }

            var restored = new Frontier();
            Snapshot.Into(Snapshot.Of(frontier.Shape), restored.Shape);
            Frontier copy = frontier.Copy();
            foreach (Digest leaf in _leaves[cut..])
            {
                restored.Append(leaf);
                copy.Append(leaf);
            }

            Assert.Equal(Log.Head, restored.Head);
            Assert.Equal(Log.Head, copy.Head);
        }
    }

    private static ImmutableArray<Digest> Change(ImmutableArray<Digest> path, int at, int how) =>
        path.IsEmpty || how == 0 ? path.Add(_leaves[0])
            : how == 1 ? path.RemoveAt(at % path.Length)
            : path.SetItem(at % path.Length, Flip(path[at % path.Length]));

    private static Digest Flip(Digest digest) => digest with { D = digest.D ^ 1 };

    // MTH of RFC 9162, section 2.1.1.
    private static Digest Dumb(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length <= 1)
        {
            return leaves.Length == 0 ? Digest.From(SHA256.HashData([])) : leaves[0];
        }

        int split = 1;
        while (split * 2 < leaves.Length)
        {
            split *= 2;
        }

        return Digest.From(SHA256.HashData(
            [1, .. Dumb(leaves[..split]).ToArray(), .. Dumb(leaves[split..]).ToArray()]));
    }
}
