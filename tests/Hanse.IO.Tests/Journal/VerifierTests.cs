using System;
using System.IO;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.IO.Journal;
using Xunit;

namespace Hanse.IO.Tests.Journal;

/// <summary>What a verification of somebody else's journal finds, and what not.</summary>
public sealed class VerifierTests
{
    [Fact]
    public void A_sound_journal_is_verified_under_a_key_given_and_self_signed_without()
    {
        using SampleJournal journal = SampleJournal.Full();
        JournalVerifier given = Verify(journal.Bytes, journal.FirstKey);
        Assert.Empty(given.Findings);
        Assert.Equal(JournalVerdict.Verified, given.Verdict);
        Assert.Equal(JournalVerdict.SelfSigned, Verify(journal.Bytes, null).Verdict);
        Assert.Equal((5UL, 4UL, 3L, 3L), (given.Blocks, given.Covered, given.Checkpoints, given.Readings));
        Assert.Equal(new RawSegment(0, 16_384, MerkleTree.LeafHash([2])), Assert.Single(given.Segments));
    }

    [Fact]
    public void Without_a_checkpoint_nothing_is_attested()
    {
        using var journal = new SampleJournal();
        journal.Block(new Entry.Counted(Resource.Cargo, 1));
        Assert.Equal(JournalVerdict.Unsigned, Verify(journal.Bytes, journal.FirstKey).Verdict);
    }

    [Fact]
    public void Another_key_than_the_one_given_is_found()
    {
        using SampleJournal journal = SampleJournal.Full();
        Finds("names another key", journal.Bytes, new byte[32]);
    }

    [Fact]
    public void After_a_change_of_key_the_old_one_signs_nothing_more()
    {
        using var journal = new SampleJournal();
        journal.ChangeKey();
        journal.Checkpoint();
        journal.Checkpoint();
        Finds("is not signed by the key that counts", journal.Bytes, null);
    }

    [Fact]
    public void A_change_of_key_is_signed_with_the_old_key_first()
    {
        using var journal = new SampleJournal();
        journal.ChangeKey();
        journal.UseNewKey();
        journal.Checkpoint();
        Finds("is not signed by the key that counts", journal.Bytes, null);
    }

    [Fact]
    public void A_missing_block_is_found()
    {
        using var journal = new SampleJournal();
        journal.Block(Block(0));
        journal.Block(Block(2));
        Finds("numbered 2", journal.Bytes, null);
    }

    [Fact]
    public void A_checkpoint_over_other_blocks_is_found()
    {
        using var journal = new SampleJournal();
        journal.Block(Block(0));
        journal.Checkpoint(new TreeHead(1, MerkleTree.LeafHash([1])));
        Finds("another root", journal.Bytes, null);
    }

    [Fact]
    public void A_checkpoint_that_promises_more_or_less_than_the_file_is_found()
    {
        using var more = new SampleJournal();
        more.Block(Block(0));
        more.Checkpoint(new TreeHead(2, MerkleTree.LeafHash([1])));
        Finds("not in the file", more.Bytes, null);

        using var less = new SampleJournal();
        less.Block(Block(0));
        less.Checkpoint();
        less.Checkpoint(TreeHead.Empty);
        Finds("follows one of 1", less.Bytes, null);
    }

    [Fact]
    public void A_checkpoint_may_come_late()
    {
        using var journal = new SampleJournal();
        journal.Block(Block(0));
        var early = new TreeHead(1, MerkleTree.LeafHash(SampleJournal.Encode(Block(0))));
        journal.Block(Block(1));
        journal.Checkpoint(early);
        journal.Checkpoint();
        Assert.Equal(JournalVerdict.SelfSigned, Verify(journal.Bytes, null).Verdict);
    }

    [Fact]
    public void Time_goes_back_only_where_a_step_of_the_clock_says_so()
    {
        using var journal = new SampleJournal();
        journal.Block(Block(0) with { From = new Instant(600_000_000) });
        journal.Block(Block(1));
        Finds("no step of the clock", journal.Bytes, null);

        using var stepped = new SampleJournal();
        Entry step = new Entry.ClockStepped(new Instant(600_000_000), SampleJournal.Minute(1));
        stepped.Block(Block(0) with { From = new Instant(600_000_000) });
        stepped.Block(Block(1) with { Entries = SampleJournal.Stamp(step) });
        Assert.Empty(Verify(stepped.Bytes, null).Findings);
    }

    [Fact]
    public void Blocks_of_another_node_or_an_earlier_boot_or_not_canonical_are_found()
    {
        using var other = new SampleJournal();
        other.Block(Block(0) with { Author = Party.Of(new NodeId(8)) });
        Finds("by node-8", other.Bytes, null);

        using var boot = new SampleJournal();
        boot.Block(Block(0) with { Boot = 2 });
        boot.Block(Block(1));
        Finds("after one of boot 2", boot.Bytes, null);

        using var rotten = new SampleJournal();
        rotten.Leaf([.. SampleJournal.Encode(Block(0)), 0]);
        Finds("not canonical", rotten.Bytes, null);

        using var packed = new SampleJournal();
        packed.Block(new Entry.Observed([1]));
        Finds("a pack without readings must be empty", packed.Bytes, null);
    }

    [Fact]
    public void However_much_is_wrong_only_so_much_is_kept()
    {
        using var journal = new SampleJournal();
        for (int i = 0; i < 200; i++)
        {
            journal.Leaf([1]);
        }

        JournalVerifier verifier = Verify(journal.Bytes, null);
        Assert.Equal(200, verifier.FindingsCount);
        Assert.Equal(JournalVerifier.FindingsMax, verifier.Findings.Count);
    }

    internal static JournalVerifier Verify(byte[] file, byte[]? key)
    {
        var verifier = new JournalVerifier(key);
        using var stream = new MemoryStream(file);
        verifier.Run(new JournalReader(stream), _ => { });
        return verifier;
    }

    private static Block Block(ulong number) => new(
        Party.Of(new NodeId(7)), 1, number, SampleJournal.Minute((long)number),
        SampleJournal.Stamp(new Entry.Counted(Resource.Cargo, 1)));

    private static void Finds(string what, byte[] file, byte[]? key)
    {
        JournalVerifier verifier = Verify(file, key);
        Assert.Equal(JournalVerdict.Broken, verifier.Verdict);
        Assert.Contains(
            verifier.Findings, finding => finding.Reason.Contains(what, StringComparison.Ordinal));
    }
}
