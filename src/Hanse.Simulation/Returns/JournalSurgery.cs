using System;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Returns;

/// <summary>Cuts and changes journals, and signs what comes of it with the keys that the node really
/// has.</summary>
internal static class JournalSurgery
{
    /// <summary>The first blocks of a journal, with a head signed at its new end.</summary>
    public static NodeJournal Cut(NodeJournal journal, int blocks)
    {
        NodeJournal cut = Begin(journal, blocks);
        for (int i = 0; i < blocks; i++)
        {
            Add(cut, journal.Blocks[i], journal.Log.Leaf((ulong)i));
        }

        return Resign(cut, journal, (ulong)blocks);
    }

    /// <summary>A journal that goes its own way from one block on: that block says something else, and every
    /// head after it is signed anew.</summary>
    public static NodeJournal Fork(NodeJournal journal, int block) =>
        Replace(journal, block, WithOneEntryMore(journal.Blocks[block]));

    /// <summary>A journal with other bytes in the place of a block, signed as if they had always been
    /// there.</summary>
    public static NodeJournal Replace(NodeJournal journal, int block, byte[] bytes)
    {
        NodeJournal changed = Begin(journal, block);
        for (int i = 0; i < journal.Blocks.Count; i++)
        {
            byte[] kept = i == block ? bytes : journal.Blocks[i];
            Add(changed, kept, i == block ? MerkleTree.LeafHash(kept) : journal.Log.Leaf((ulong)i));
        }

        foreach (SignedHead head in journal.Heads.Where(head => head.Size > (ulong)block))
        {
            changed.Heads.Add(JournalGenerator.Sign(
                changed, changed.Log.HeadAt(head.Size), head.Key, head.NextKey));
        }

        return changed;
    }

    /// <summary>Whether a block says that cargo was unloaded.</summary>
    public static bool HasUnloading(byte[] block) =>
        Read(block).Entries.Any(stamped => stamped.Entry is Entry.Unloaded);

    private static NodeJournal Begin(NodeJournal journal, int blocks)
    {
        var begun = new NodeJournal
        {
            Node = journal.Node,
            Life = journal.Life,
            Segments = journal.Segments,
            Raw = journal.Raw,
            Core = journal.Core,
            Skills = journal.Skills,
            Ends = journal.Ends,
        };
        begun.Keys.AddRange(journal.Keys);
        begun.Heads.AddRange(journal.Heads.Where(head => head.Size <= (ulong)blocks));
        return begun;
    }

    private static void Add(NodeJournal journal, byte[] block, Digest leaf)
    {
        journal.Blocks.Add(block);
        journal.Log.Append(leaf);
        journal.Bytes += block.Length;
    }

    private static NodeJournal Resign(NodeJournal cut, NodeJournal journal, ulong size)
    {
        if (cut.Heads.Count == 0 || cut.Heads[^1].Size < size)
        {
            int key = journal.Heads.LastOrDefault(head => head.Size <= size)?.NextKey ?? 0;
            cut.Heads.Add(JournalGenerator.Sign(cut, cut.Log.Head, key, key));
        }

        return cut;
    }

    private static byte[] WithOneEntryMore(byte[] bytes)
    {
        Block block = Read(bytes);
        var more = new Stamped(
            block.Entries[^1].Milliseconds, new Entry.Sighted(9, 1, 5, 1));
        return CborWriter.Bytes(block with { Entries = block.Entries.Add(more) });
    }

    private static Block Read(ReadOnlyMemory<byte> bytes)
    {
        bool isBlock = CborReader.TryRead(bytes, out Block? block, out _);
        Invariant.Holds(isBlock);
        return block!;
    }
}
