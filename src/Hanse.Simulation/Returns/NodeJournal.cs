using System.Collections.Generic;
using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Time;

namespace Hanse.Simulation.Returns;

/// <summary>A signed head of a journal.</summary>
/// <param name="Size">Blocks under it.</param>
/// <param name="Note">The signed note, as it is sent.</param>
/// <param name="Key">Which of the node's keys signed it.</param>
/// <param name="NextKey">Which signs after it.</param>
internal sealed record SignedHead(ulong Size, byte[] Note, int Key, int NextKey);

/// <summary>A journal as a node brings it home, with the truth behind it.</summary>
internal sealed class NodeJournal
{
    /// <summary>Whose it is.</summary>
    public required NodeId Node { get; init; }

    /// <summary>Canonical bytes of every block, in order.</summary>
    public List<byte[]> Blocks { get; } = [];

    /// <summary>The tree over them.</summary>
    public MerkleLog Log { get; } = new();

    /// <summary>Signed heads, in order of their sizes.</summary>
    public List<SignedHead> Heads { get; } = [];

    /// <summary>Keys by number; the first is the enrolled one.</summary>
    public List<INodeKey> Keys { get; } = [];

    /// <summary>What was so, and what the hub saw of it.</summary>
    public required NodeLife Life { get; init; }

    /// <summary>Sealed segments of the raw log.</summary>
    public required RawSegments Segments { get; init; }

    /// <summary>The raw log as it is now.</summary>
    public required RawStore Raw { get; init; }

    /// <summary>When it ends, by the hub's clock.</summary>
    public Instant Ends { get; set; }

    /// <summary>Digest of the core it runs.</summary>
    public required Digest Core { get; init; }

    /// <summary>Digests of its skills.</summary>
    public required ImmutableArray<Digest> Skills { get; init; }

    /// <summary>Entries of all blocks.</summary>
    public long Entries { get; set; }

    /// <summary>Readings of all blocks.</summary>
    public long Observations { get; set; }

    /// <summary>Decisions of all blocks.</summary>
    public long Decisions { get; set; }

    /// <summary>Decisions whose recorded output is wrong.</summary>
    public long WrongDecisions { get; set; }

    /// <summary>Bytes of all blocks.</summary>
    public long Bytes { get; set; }
}
