using System;
using System.Collections.Immutable;
using System.Numerics;
using Hanse.Core.Machine;

namespace Hanse.Core.Journal;

/// <summary>Proves that a journal goes on from an earlier head, by one that kept only the frontier of that
/// head and the leaves since.</summary>
/// <remarks>Every subtree of such a proof lies on one side of the old end: on the left it is a peak of the
/// old tree, on the right it is made of new leaves alone (RFC 9162, section 2.1.4.1). So a node need not keep
/// the leaves its hub has accepted.</remarks>
public static class Continuation
{
    /// <summary>The consistency proof from the tree of a frontier to the tree with more leaves.</summary>
    /// <param name="old">The tree as it was.</param>
    /// <param name="added">Hashes of the leaves since.</param>
    public static ConsistencyProof Proof(Frontier old, ReadOnlySpan<Digest> added)
    {
        ImmutableArray<Digest>.Builder path = ImmutableArray.CreateBuilder<Digest>();
        if (old.Size > 0 && !added.IsEmpty)
        {
            Walk(old, added, 0, old.Size + (ulong)added.Length, isWhole: true, path);
        }

        return new ConsistencyProof(path.ToImmutable());
    }

    private static void Walk(
        Frontier old,
        ReadOnlySpan<Digest> added,
        ulong begin,
        ulong end,
        bool isWhole,
        ImmutableArray<Digest>.Builder path)
    {
        if (old.Size == end)
        {
            // The verifier knows the root of the whole old tree.
            if (!isWhole)
            {
                path.Add(Peak(old, begin));
            }

            return;
        }

        ulong middle = begin + MerkleTree.Split(end - begin);
        if (old.Size <= middle)
        {
            Walk(old, added, begin, middle, isWhole, path);
            path.Add(MerkleTree.Root(added[(int)(middle - old.Size)..(int)(end - old.Size)]));
        }
        else
        {
            Walk(old, added, middle, end, isWhole: false, path);
            path.Add(Peak(old, begin));
        }
    }

    // The complete subtree that begins at a leaf.
    private static Digest Peak(Frontier old, ulong begin)
    {
        ulong at = 0;
        ulong rest = old.Size;
        foreach (Digest peak in old.Peaks)
        {
            if (at == begin)
            {
                return peak;
            }

            ulong size = 1UL << (63 - BitOperations.LeadingZeroCount(rest));
            at += size;
            rest -= size;
        }

        throw new BrokenInvariantException("no complete subtree begins there");
    }
}
