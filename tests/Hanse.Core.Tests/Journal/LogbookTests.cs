using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Journal;

/// <summary>A node's side of a return.</summary>
public sealed class LogbookTests
{
    private static readonly byte[] _key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    [Fact]
    public void The_proof_from_a_frontier_is_that_of_the_whole_log() =>
        Gen.Select(Gen.Int[0, 70], Gen.Int[0, 70]).Sample((before, added) =>
        {
            var whole = new MerkleLog();
            var old = new Frontier();
            Digest[] leaves = [.. Enumerable.Range(0, before + added).Select(i => Digest.Of([(byte)i]))];
            foreach (Digest leaf in leaves)
            {
                whole.Append(leaf);
            }

            foreach (Digest leaf in leaves[..before])
            {
                old.Append(leaf);
            }

            ConsistencyProof proof = Continuation.Proof(old, leaves.AsSpan()[before..]);
            Assert.Equal(ProofVerdict.Holds, proof.Verify(old.Head, whole.Head));
            Assert.Equal(
                whole.Consistency((ulong)before, (ulong)(before + added)).Path.AsEnumerable(), proof.Path);
        });

    [Fact]
    public void An_upload_taken_up_at_any_byte_is_the_blocks_behind_their_lengths() =>
        Gen.Select(Gen.Int[0, 400].Array[1, 60], Gen.Int[0, 20_000]).Sample((gaps, start) =>
        {
            var rig = new Rig();
            Instant now = Write(rig.Log, gaps);
            ReturnOffered offer = Offer(rig.Log, now);
            long from = Math.Min(start, offer.Bytes - 1);
            byte[] rest = Upload(rig.Log, offer, from);
            byte[] all = Upload(rig.Log, offer, 0);
            Assert.Equal(offer.Bytes, all.Length);
            Assert.Equal(all[(int)from..], rest);
            Assert.Equal(offer.Blocks, (ulong)Blocks(all).Count);
        });

    [Fact]
    public void Blocks_are_numbered_without_a_hole_and_lead_to_the_signed_head() =>
        Gen.Int[0, 400].Array[1, 60].Sample(gaps =>
        {
            var rig = new Rig();
            ReturnOffered offer = Offer(rig.Log, Write(rig.Log, gaps));
            var tree = new Frontier();
            foreach (byte[] bytes in Blocks(Upload(rig.Log, offer, 0)))
            {
                Assert.True(CborReader.TryRead(bytes, out Block? block, out DecodeError? error), $"{error}");
                Assert.Equal(tree.Size, block.Number);
                tree.Append(MerkleTree.LeafHash(bytes));
            }

            Assert.True(SignedNote.TryParse(offer.Note, out SignedNote? note, out _));
            Assert.True(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _));
            Assert.Equal(tree.Head, checkpoint.Head);
        });

    [Fact]
    public void A_receipt_of_another_root_changes_nothing_and_the_right_one_frees_the_blocks()
    {
        var rig = new Rig();
        Instant now = Write(rig.Log, [0, 70, 70]);
        ReturnOffered offer = Offer(rig.Log, now);
        rig.Log.Receive(offer.Blocks, new byte[32], offer.Blocks);
        Assert.True(rig.Log.HasOffer);
        Assert.True(SignedNote.TryParse(offer.Note, out SignedNote? note, out _));
        Assert.True(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _));
        rig.Log.Receive(offer.Blocks, checkpoint.Head.Root.ToArray(), offer.Blocks);
        Assert.False(rig.Log.HasOffer);
        Assert.Equal(offer.Blocks, rig.Log.Received);
        Assert.False(rig.Log.AskSignature(now));
    }

    [Fact]
    public void Another_judge_begins_where_it_likes_behind_what_is_safe_and_gets_the_same_bytes() =>
        Gen.Select(Gen.Int[0, 400].Array[3, 60], Gen.Int[0, 60], Gen.Int[0, 60]).Sample((gaps, safe, from) =>
        {
            var rig = new Rig();
            Instant now = Write(rig.Log, gaps);
            ReturnOffered first = Offer(rig.Log, now);
            List<byte[]> blocks = Blocks(Upload(rig.Log, first, 0));
            ulong kept = Math.Min((ulong)safe, first.Blocks);
            rig.Log.Receive(first.Blocks, RootOf(first), kept);
            Assert.Equal((first.Blocks, kept), (rig.Log.Received, rig.Log.Safe));
            rig.Log.Rebase((ulong)from);
            ulong begins = Math.Clamp((ulong)from, kept, first.Blocks);
            Assert.Equal(begins, rig.Log.Received);
            if (begins == first.Blocks)
            {
                Assert.False(rig.Log.HasOffer);
                return;
            }

            ReturnOffered again = rig.Log.Offer(now, reminds: true)!;
            Assert.Equal((first.Blocks, begins), (again.Blocks, again.Accepted));
            Assert.Equal(blocks[(int)begins..], Blocks(Upload(rig.Log, again, 0)));
            if (begins > 0)
            {
                var old = new Frontier();
                foreach (byte[] block in blocks[..(int)begins])
                {
                    old.Append(MerkleTree.LeafHash(block));
                }

                Assert.True(CborReader.TryRead(again.Consistency, out ConsistencyProof? proof, out _));
                Assert.Equal(ProofVerdict.Holds, proof.Verify(old.Head, new TreeHead(
                    first.Blocks, Digest.From(RootOf(first)))));
            }

            rig.Log.Receive(again.Blocks, RootOf(again), again.Blocks);
            Assert.Equal(first.Blocks, rig.Log.Safe);
        });

    private static byte[] RootOf(ReturnOffered offer)
    {
        Assert.True(SignedNote.TryParse(offer.Note, out SignedNote? note, out _));
        Assert.True(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _));
        return checkpoint.Head.Root.ToArray();
    }

    [Fact]
    public void A_deferred_offer_waits_until_its_time()
    {
        var rig = new Rig();
        ReturnOffered offer = Offer(rig.Log, Write(rig.Log, [5]));
        Instant later = At(1_000);
        rig.Log.Defer(offer.Blocks, later);
        Assert.Null(rig.Log.Offer(At(999), reminds: false));
        Assert.NotNull(rig.Log.Offer(later, reminds: false));
    }

    [Fact]
    public void What_the_hub_has_all_of_is_offered_again_only_as_a_reminder()
    {
        var rig = new Rig();
        Instant now = Write(rig.Log, [5]);
        ReturnOffered offer = Offer(rig.Log, now);
        _ = rig.Log.Admit(At(0), offer.Blocks, offer.Bytes);
        Assert.Null(rig.Log.Offer(now, reminds: false));
        Assert.Equal(offer, rig.Log.Offer(now, reminds: true));
        Assert.NotNull(rig.Log.Admit(At(0), offer.Blocks, 0)); // Damaged, or lost with the hub.
        Assert.NotNull(rig.Log.Offer(now, reminds: false));
    }

    [Fact]
    public void A_long_journal_is_offered_in_runs_that_every_hub_has_room_for()
    {
        var rig = new Rig();
        Instant now = Write(rig.Log, []);
        byte[] packed = new byte[Entry.ColumnsBytesMax];
        for (int i = 0; i < 150; i++)
        {
            now += TimeSpan.FromMinutes(2);
            rig.Log.Attest(now, new Entry.Observed(packed));
        }

        int offers = 0;
        while (rig.Log.AskSignature(now))
        {
            Assert.True(rig.Log.Sign(rig.Log.ToSign().Blocks, new byte[64]));
            ReturnOffered offer = rig.Log.Offer(now, reminds: false)!;
            Assert.InRange(offer.Bytes, 1, Logbook.OfferBytesMax);
            Assert.True(SignedNote.TryParse(offer.Note, out SignedNote? note, out _));
            Assert.True(Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _));
            rig.Log.Receive(offer.Blocks, checkpoint.Head.Root.ToArray(), offer.Blocks);
            Assert.Equal(offer.Blocks, rig.Log.Received);
            offers++;
        }

        Assert.Equal(3, offers);
        Assert.Equal(rig.Log.Blocks, rig.Log.Received);
    }

    [Fact]
    public void A_logbook_rebuilt_from_its_facts_or_its_snapshot_is_the_same() =>
        Gen.Int[0, 400].Array[1, 40].Sample(gaps =>
        {
            var rig = new Rig();
            _ = Offer(rig.Log, Write(rig.Log, gaps));
            var replayed = new Rig();
            foreach (LogFact fact in rig.Facts)
            {
                replayed.Log.Apply(fact);
            }

            byte[] bytes = State(rig.Log);
            Assert.Equal(bytes, State(replayed.Log));
            var restored = new Rig();
            var reader = new CborReader(bytes);
            restored.Log.Shape(ref reader);
            Assert.Null(reader.Error);
            Assert.Equal(bytes, State(restored.Log));
        });

    private static Instant At(int seconds) => new(seconds * 1_000_000L);

    private static Instant Write(Logbook log, int[] gaps)
    {
        Instant now = At(10);
        log.Attest(now, new Entry.Booted(1, default, []));
        foreach (int gap in gaps)
        {
            now += TimeSpan.FromSeconds(gap);
            log.Attest(now, new Entry.Counted(Resource.Cargo, gap));
        }

        return now;
    }

    private static ReturnOffered Offer(Logbook log, Instant now)
    {
        Assert.True(log.AskSignature(now));
        Assert.True(log.Sign(log.ToSign().Blocks, new byte[64]));
        return log.Offer(now, reminds: false)!;
    }

    [Fact]
    public void Over_a_long_link_parts_go_ahead_of_the_cursor_and_again_after_a_silence()
    {
        var rig = new Rig();
        for (int i = 0; i < 300; i++)
        {
            rig.Log.Attest(new Instant(i * 60_000_000L), new Entry.Observed(new byte[100]));
        }

        Assert.True(rig.Log.AskSignature(new Instant(20_000_000_000)));
        Assert.True(rig.Log.Sign(rig.Log.ToSign().Blocks, new byte[64]));
        ReturnOffered offer = rig.Log.Offer(new Instant(20_000_000_000), reminds: false)!;
        long[] Sent(long from) =>
            [.. rig.Log.Stream(At(0), offer.Blocks, from, 4).Select(part => part.Offset)];
        const long Part = JournalPart.BytesMax;
        Assert.Equal([0, Part, 2 * Part, 3 * Part], Sent(0));
        Assert.Empty(Sent(0)); // Lost on the way, perhaps: nobody can tell yet.
        Assert.Equal([4 * Part], Sent(Part));
        rig.Log.Rewind();
        Assert.Equal([Part], Sent(Part)); // The hub keeps what came behind it.
        Assert.Equal([5 * Part, 6 * Part], Sent(3 * Part));
        Assert.Empty(Sent(0)); // An answer that was overtaken.
        rig.Log.Rewind();
        Assert.Equal([0, Part, 2 * Part, 3 * Part], Sent(0)); // Damaged: the hub went back.
        byte[] whole = Upload(rig.Log, offer, 0);
        Assert.Equal(offer.Bytes, whole.Length);
        Assert.Empty(Sent(offer.Bytes));
        Assert.Empty(rig.Log.Stream(At(0), offer.Blocks + 1, 0, 4));
    }

    private static byte[] Upload(Logbook log, ReturnOffered offer, long from)
    {
        var bytes = new List<byte>();
        while (log.Admit(At(0), offer.Blocks, from + bytes.Count) is { } part)
        {
            Assert.Equal(from + bytes.Count, part.Offset);
            bytes.AddRange(part.Bytes);
        }

        return [.. bytes];
    }

    private static List<byte[]> Blocks(byte[] upload)
    {
        var blocks = new List<byte[]>();
        for (int at = 0; at < upload.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(upload.AsSpan(at));
            blocks.Add(upload[(at + 4)..(at + 4 + length)]);
            at += 4 + length;
        }

        return blocks;
    }

    private static byte[] State(Logbook log)
    {
        var buffer = new ByteBuffer();
        var writer = new CborWriter(buffer);
        log.Shape(ref writer);
        return buffer.Written.ToArray();
    }

    private sealed class Rig
    {
        public Rig() => Log = new Logbook(Party.Of(new NodeId(7)), _key, fact =>
        {
            Facts.Add(fact);
            Log!.Apply(fact);
        });

        public List<LogFact> Facts { get; } = [];

        public Logbook Log { get; }
    }
}
