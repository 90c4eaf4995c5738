using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Journal;

namespace Hanse.IO.Tests.Journal;

/// <summary>Journals of node 7 for tests: a block a minute, a checkpoint now and then, signed.</summary>
internal sealed class SampleJournal : IDisposable
{
    public const string Origin = "hanse/node/7";

    private readonly MerkleLog _log = new();
    private readonly List<byte[]> _records = [];
    private readonly List<Ed25519Keys> _keys = [];

    public SampleJournal()
    {
        _keys.Add(Seeded(1));
        FirstKey = _keys[0].PublicKey;
        Add(RecordKind.Key, Encoding.UTF8.GetBytes(_keys[0].Named(Origin).ToString()));
    }

    /// <summary>The key it was enrolled with.</summary>
    public byte[] FirstKey { get; }

    /// <summary>Whole file.</summary>
    public byte[] Bytes => [.. JournalFormat.Begin(Origin), .. _records.SelectMany(record => record)];

    /// <summary>A journal of some blocks with three checkpoints, a change of key, readings and a sealed
    /// segment.</summary>
    public static byte[] Small()
    {
        using SampleJournal journal = Full();
        return journal.Bytes;
    }

    public static SampleJournal Full()
    {
        var journal = new SampleJournal();
        journal.Block(new Entry.Booted(1, MerkleTree.LeafHash([1]), []));
        journal.Block(new Entry.Observed(Pack()));
        journal.Checkpoint();
        journal.ChangeKey();
        journal.Checkpoint();
        journal.Block(new Entry.RawSealed(0, 16_384, MerkleTree.LeafHash([2])));
        journal.UseNewKey();
        journal.Checkpoint();
        journal.Block(new Entry.Moved(Resource.Cargo, Cause.Extracted, 1000, 3));
        return journal;
    }

    public static byte[] Encode(Block block)
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        _ = Core.Journal.Block.Shape(ref writer, block);
        return buffer.Written.ToArray();
    }

    public void Block(params Entry[] entries) => Block(
        new Block(Party.Of(new NodeId(7)), 1, _log.Size, Minute((long)_log.Size), Stamp(entries)));

    public void Block(Block block) => Leaf(Encode(block));

    public void Leaf(byte[] bytes)
    {
        _log.Append(MerkleTree.LeafHash(bytes));
        Add(RecordKind.Block, bytes);
    }

    public void Checkpoint() => Checkpoint(_log.Head);

    public void Checkpoint(TreeHead head) =>
        Add(RecordKind.Checkpoint, _keys[^1].Sign(new Checkpoint(Origin, head)).ToBytes());

    /// <summary>Attests the next key; checkpoints go on with the old one.</summary>
    public void ChangeKey()
    {
        using Ed25519Keys next = Seeded((byte)(_keys.Count + 1));
        Block(new Entry.KeyChanged(next.PublicKey));
    }

    /// <summary>Signs with the next key from here on.</summary>
    public void UseNewKey() => _keys.Add(Seeded((byte)(_keys.Count + 1)));

    public void Add(RecordKind kind, byte[] payload) => _records.Add(JournalFormat.Encode(kind, payload));

    public void Dispose() => _keys.ForEach(key => key.Dispose());

    public static Instant Minute(long number) => new(number * 60_000_000);

    public static ImmutableArray<Stamped> Stamp(params Entry[] entries) =>
        [.. entries.Select((entry, i) => new Stamped(i * 1000, entry))];

    public static Ed25519Keys Seeded(byte number)
    {
        byte[] seed = new byte[Ed25519Keys.SeedLength];
        seed[0] = number;
        return Ed25519Keys.TryImport(seed, out Ed25519Keys? keys)
            ? keys : throw new InvalidOperationException();
    }

    private static byte[] Pack()
    {
        var writer = new ColumnsWriter();
        writer.Add(3, 0, 100);
        writer.Add(3, 1000, 90);
        writer.Add(5, 1000, -4);
        return writer.ToArray();
    }
}
