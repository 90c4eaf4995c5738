using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Cryptography;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>A node that keeps a journal, and can be made to keep a false one.</summary>
internal sealed class TestJournal
{
    public const long Kilo = 1_000_000;

    private readonly List<byte[]> _blocks = [];
    private readonly MerkleLog _log = new();
    private readonly List<(TreeHead Head, byte[] Note)> _notes = [];
    private readonly List<(MerkleLog Log, List<byte[]> Leaves)> _segments = [];
    private Instant _clock = new(100_000_000_000);

    public NodeId Node { get; init; } = new(7);

    public byte[] Key { get; set; } = KeyOf(1);

    public uint Boot { get; set; }

    public ulong Size => _log.Size;

    public Instant Clock
    {
        get => _clock;
        set => _clock = value;
    }

    public List<byte[]> Blocks => _blocks;

    public static byte[] KeyOf(int seed) => SHA256.HashData([(byte)seed]);

    /// <summary>A stand-in for Ed25519: 64 bytes that only key and message give.</summary>
    public static byte[] Sign(byte[] key, ReadOnlySpan<byte> message)
    {
        byte[] once = SHA256.HashData([.. key, .. message]);
        return [.. once, .. SHA256.HashData(once)];
    }

    /// <summary>Appends a block of entries made now, and lets a minute pass.</summary>
    public TestJournal Write(params Entry[] entries) =>
        WriteBlock(new Block(
            Party.Of(Node), Boot, Size, _clock, [.. entries.Select((e, i) => new Stamped(i, e))]));

    public TestJournal WriteBlock(Block block) => WriteBytes(Snapshot.Of(block));

    public TestJournal WriteBytes(byte[] block)
    {
        _blocks.Add(block);
        _log.Append(MerkleTree.LeafHash(block));
        _clock += TimeSpan.FromMinutes(1);
        return this;
    }

    /// <summary>Boots with the built-in decisions.</summary>
    public TestJournal Start() =>
        Write(new Entry.Booted(Boot, CaseRules.CoreDigest, BuiltInDecisions.All));

    /// <summary>A decision taken as it should be.</summary>
    public static Entry.Decided Departure(long aboard, params ulong[] cites)
    {
        byte[] input = CborWriter.Bytes(new DepartureQuestion(
            new Grams(aboard), new Grams(10), new Grams(1_000), new Grams(100)));
        Assert(BuiltInDecisions.TryDecide(BuiltInDecisions.Departure, input, out byte[]? output));
        return new Entry.Decided(DecisionClass.Safety, 0, input, output!, [.. cites]);
    }

    public static Entry.Decided Extraction(long wanted, params ulong[] cites)
    {
        byte[] input = CborWriter.Bytes(new ExtractionQuestion(
            new Grams(wanted), new Grams(wanted), 0, 0));
        Assert(BuiltInDecisions.TryDecide(BuiltInDecisions.Extraction, input, out byte[]? output));
        return new Entry.Decided(DecisionClass.Routine, 1, input, output!, [.. cites]);
    }

    /// <summary>Seals a segment of some small leaves.</summary>
    public TestJournal Seal(int leaves)
    {
        var log = new MerkleLog();
        var bytes = new List<byte[]>();
        for (int i = 0; i < leaves; i++)
        {
            byte[] leaf = new byte[i + 1 == leaves ? 700 : RawLog.LeafBytes];
            BinaryPrimitives.WriteInt32LittleEndian(leaf, (_segments.Count * 1_000) + i);
            bytes.Add(leaf);
            log.Append(RawLeaf.Hash(leaf));
        }

        _segments.Add((log, bytes));
        return Write(new Entry.RawSealed((uint)_segments.Count - 1, leaves, log.Head.Root));
    }

    /// <summary>What the node has under a place of its raw log.</summary>
    public (byte[] Bytes, byte[] Proof) Show(AuditPlace place)
    {
        (MerkleLog log, List<byte[]> leaves) = _segments[(int)place.Place.Segment];
        byte[] leaf = leaves[place.Place.Leaf];
        if (place.Unit == AuditUnit.Leaf)
        {
            return (leaf, Snapshot.Of(log.Inclusion((ulong)place.Place.Leaf, log.Size)));
        }

        int from = place.Place.Block * RawLog.BlockBytes;
        byte[] block = leaf[from..Math.Min(leaf.Length, from + RawLog.BlockBytes)];
        return (block, Snapshot.Of(RawLeaf.Prove(log, leaf, place.Place)));
    }

    public TestJournal Check() => Check(Key);

    /// <summary>Signs the present head.</summary>
    public TestJournal Check(byte[] key)
    {
        _notes.Add((_log.Head, Note(_log.Head, key)));
        return this;
    }

    public byte[] Note(TreeHead head, byte[] key)
    {
        string text = new Checkpoint(Checkpoint.OriginOf(Party.Of(Node)), head).ToText();
        var noteKey = NoteKey.Ed25519(Checkpoint.OriginOf(Party.Of(Node)), key);
        byte[] message = System.Text.Encoding.UTF8.GetBytes(text);
        return SignedNote.Of(text, noteKey, Sign(key, message)).ToBytes();
    }

    /// <summary>What the node offers after some accepted blocks.</summary>
    public Offer Offer(ulong accepted = 0)
    {
        TreeHead last = _notes[^1].Head;
        return new Offer(
            [
                .. _notes.Where(n => n.Head.Size > accepted || n.Head == last)
                    .Select(n => new NoteText(n.Note)),
            ],
            accepted == 0 || accepted > last.Size
                ? [] : Snapshot.Of(_log.Consistency(accepted, last.Size)),
            Upload(accepted).Length);
    }

    /// <summary>The bytes that follow.</summary>
    public byte[] Upload(ulong accepted = 0) => Frame(_blocks.Skip((int)accepted));

    public static byte[] Frame(IEnumerable<byte[]> blocks)
    {
        var bytes = new ByteBuffer();
        Span<byte> length = stackalloc byte[4];
        foreach (byte[] block in blocks)
        {
            BinaryPrimitives.WriteUInt32BigEndian(length, (uint)block.Length);
            bytes.Add(length);
            bytes.Add(block);
        }

        return bytes.Written.ToArray();
    }

    private static void Assert(bool holds) => Xunit.Assert.True(holds);
}
