using System.Collections.Immutable;
using System.Numerics;
using Hanse.Core.Wire;

namespace Hanse.Core.Journal;

/// <summary>What became of a proof.</summary>
public enum ProofVerdict
{
    /// <summary>There is no such leaf in a tree of that size, or the sizes are not in order.</summary>
    OutOfRange = 0,

    /// <summary>The proof has more or fewer digests than one of these sizes has.</summary>
    WrongLength = 1,

    /// <summary>The digests do not lead to the earlier root.</summary>
    OldRootDiffers = 2,

    /// <summary>The digests do not lead to the root.</summary>
    RootDiffers = 3,

    /// <summary>It is proved.</summary>
    Holds = 4,
}

/// <summary>Proves that a leaf is in a tree: RFC 9162, section 2.1.3.</summary>
/// <param name="Path">The siblings on the way to the root, lowest first.</param>
public sealed record InclusionProof(ImmutableArray<Digest> Path) : IShaped<InclusionProof>
{
    /// <summary>Most digests of a proof.</summary>
    public const int PathMax = 64;

    /// <inheritdoc/>
    public static InclusionProof Shape<TCodec>(ref TCodec codec, InclusionProof? value)
        where TCodec : struct, ICodec
    {
        codec.Open("inclusionProof", 1);
        ImmutableArray<Digest> path = Digest.Fields(ref codec, "path", value?.Path ?? [], PathMax);
        codec.Close();
        return value ?? new InclusionProof(path);
    }

    /// <summary>Whether a leaf hash stands at an index of a tree. Cost: log n hashes.</summary>
    public ProofVerdict Verify(ulong index, Digest leaf, TreeHead head)
    {
        int at = 0;
        return index >= head.Size ? ProofVerdict.OutOfRange
            : !TryClimb(index, head.Size, leaf, Path, ref at, out Digest root) || at != Path.Length
                ? ProofVerdict.WrongLength
            : root == head.Root ? ProofVerdict.Holds : ProofVerdict.RootDiffers;
    }

    /// <summary>Goes from a leaf to the root of a tree of a size, taking digests from a path; false when the
    /// path is too short.</summary>
    internal static bool TryClimb(
        ulong index, ulong size, Digest leaf, ImmutableArray<Digest> path, ref int at, out Digest root)
    {
        root = leaf;
        for (ulong last = size - 1; last > 0; last >>= 1, index >>= 1)
        {
            // The last node of a level without a sibling rises as it is.
            if ((index & 1) == 0 && index == last)
            {
                continue;
            }

            if (at == path.Length)
            {
                return false;
            }

            Digest sibling = path[at++];
            root = (index & 1) == 1
                ? MerkleTree.NodeHash(sibling, root) : MerkleTree.NodeHash(root, sibling);
        }

        return true;
    }
}

/// <summary>Proves that a tree begins with an earlier one, so that nothing in that was changed: RFC 9162,
/// section 2.1.4.</summary>
/// <param name="Path">The digests that both roots are made of.</param>
public sealed record ConsistencyProof(ImmutableArray<Digest> Path) : IShaped<ConsistencyProof>
{
    /// <summary>Most digests of a proof.</summary>
    public const int PathMax = 64;

    /// <inheritdoc/>
    public static ConsistencyProof Shape<TCodec>(ref TCodec codec, ConsistencyProof? value)
        where TCodec : struct, ICodec
    {
        codec.Open("consistencyProof", 1);
        ImmutableArray<Digest> path = Digest.Fields(ref codec, "path", value?.Path ?? [], PathMax);
        codec.Close();
        return value ?? new ConsistencyProof(path);
    }

    /// <summary>Whether a tree begins with an earlier one. Cost: up to 2 log n hashes.</summary>
    /// <remarks>Every tree begins with the empty one; trees of one size must have one root.</remarks>
    public ProofVerdict Verify(TreeHead old, TreeHead head)
    {
        if (old.Size > head.Size)
        {
            return ProofVerdict.OutOfRange;
        }

        if (old.Size == 0 || old.Size == head.Size)
        {
            return Path.Length != 0 ? ProofVerdict.WrongLength
                : old.Size == 0 && old.Root != MerkleTree.EmptyRoot ? ProofVerdict.OldRootDiffers
                : old.Size == head.Size && old.Root != head.Root ? ProofVerdict.RootDiffers
                : ProofVerdict.Holds;
        }

        return Climb(old, head);
    }

    private ProofVerdict Climb(TreeHead old, TreeHead head)
    {
        // The largest subtree that ends where the old tree ends, and its place.
        int level = BitOperations.TrailingZeroCount(old.Size);
        ulong index = (old.Size - 1) >> level;
        ulong last = (head.Size - 1) >> level;
        int at = 0;
        if (index > 0 && Path.IsEmpty)
        {
            return ProofVerdict.WrongLength;
        }

        // A subtree that is all of the old tree is known: its root is the old root.
        Digest before = index == 0 ? old.Root : Path[at++];
        Digest after = before;
        for (; last > 0; last >>= 1, index >>= 1)
        {
            if ((index & 1) == 0 && index == last)
            {
                continue;
            }

            if (at == Path.Length)
            {
                return ProofVerdict.WrongLength;
            }

            Digest sibling = Path[at++];
            if ((index & 1) == 1)
            {
                before = MerkleTree.NodeHash(sibling, before);
                after = MerkleTree.NodeHash(sibling, after);
            }
            else
            {
                after = MerkleTree.NodeHash(after, sibling);
            }
        }

        return at != Path.Length ? ProofVerdict.WrongLength
            : before != old.Root ? ProofVerdict.OldRootDiffers
            : after == head.Root ? ProofVerdict.Holds : ProofVerdict.RootDiffers;
    }
}
