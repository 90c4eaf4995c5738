using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Journal;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.Simulation.Returns;
using Xunit;

namespace Hanse.Simulation.Tests.Returns;

public sealed class JournalGeneratorTests
{
    private static readonly ReturnProfile _day = ReturnProfile.Quiet with
    {
        Length = TimeSpan.FromDays(1),
        SegmentEvery = TimeSpan.FromHours(8),
        LeavesPerSegment = 4,
    };

    private static readonly ReturnCases _days = Cases(_day);
    private static readonly ReturnCases _months = Cases(ReturnProfile.Thin with { LeavesPerSegment = 4 });

    [Fact]
    public void The_same_seed_writes_the_same_journal_and_another_seed_another()
    {
        NodeJournal journal = _months.MakeHonest(1);
        NodeJournal again = _months.MakeHonest(1);
        Assert.Equal(journal.Log.Head, again.Log.Head);
        Assert.Equal(journal.Heads.Select(head => head.Note), again.Heads.Select(head => head.Note));
        Assert.NotEqual(journal.Log.Head, _months.MakeHonest(2).Log.Head);
    }

    [Fact]
    public void Every_block_is_canonical_numbered_and_not_before_the_one_before_but_for_declared_steps()
    {
        foreach (ulong seed in Enumerable.Range(1, 20).Select(seed => (ulong)seed))
        {
            Block[] blocks = Blocks(_months.MakeHonest(seed));
            Assert.Equal(Enumerable.Range(0, blocks.Length).Select(i => (ulong)i),
                blocks.Select(block => block.Number));
            for (int i = 1; i < blocks.Length; i++)
            {
                bool isStepped = blocks[i - 1].Entries.Any(at => at.Entry is Entry.ClockStepped);
                Assert.True(isStepped || blocks[i].From >= blocks[i - 1].LastAt);
            }
        }
    }

    [Fact]
    public void A_quiet_day_has_as_many_observations_and_decisions_as_the_profile_says()
    {
        NodeJournal journal = _days.MakeHonest(1);
        Assert.Equal(1_440, journal.Blocks.Count);
        Assert.Equal(1_440, journal.Decisions);
        Assert.Equal(10_368, journal.Observations);
        Assert.Equal(24, journal.Heads.Count);
        int read = 0;
        foreach (Entry.Observed observed in Entries(journal).OfType<Entry.Observed>())
        {
            var reader = new ColumnsReader(observed.Packed);
            while (reader.Read())
            {
                read++;
            }
        }

        Assert.Equal(10_368, read);
    }

    [Fact]
    public void An_honest_nodes_books_close_exactly_however_wrong_its_sensors_are()
    {
        foreach (ulong seed in Enumerable.Range(1, 20).Select(seed => (ulong)seed))
        {
            NodeJournal journal = _months.MakeHonest(seed);
            long[] levels = [.. NodeLife.Initial];
            foreach (Entry entry in Entries(journal))
            {
                switch (entry)
                {
                    case Entry.Moved moved:
                        bool grows = moved.Cause is Cause.Extracted or Cause.Taken or Cause.Accrued;
                        levels[(int)moved.Resource - 1] += grows ? moved.Amount : -moved.Amount;
                        break;
                    case Entry.Unloaded unloaded:
                        levels[0] -= unloaded.Claimed.Value;
                        break;
                    case Entry.Counted counted:
                        levels[(int)counted.Resource - 1] = counted.Level;
                        break;
                    default:
                        break;
                }

                Assert.All(levels, level => Assert.True(level >= 0));
            }

            Assert.Equal(
                Enum.GetValues<Resource>().Select(journal.Life.Books.Book), levels);
        }
    }

    [Fact]
    public void Sensors_lie_by_their_bias_and_the_truth_is_another_than_the_books()
    {
        NodeJournal journal = _months.MakeHonest(3);
        double claimed = journal.Life.Records.Weighings.Sum(weighed => (double)weighed.Claimed);
        double truth = journal.Life.Records.Weighings.Sum(weighed => weighed.Truth);
        Assert.InRange(Math.Abs((claimed / truth) - 1), 0.03, 0.13);
    }

    private static ReturnCases Cases(ReturnProfile profile) =>
        new(profile, RawSegments.Seal(profile, 1), new StandInSignatures());

    private static Block[] Blocks(NodeJournal journal) => [.. journal.Blocks.Select(bytes =>
    {
        Assert.True(CborReader.TryRead(bytes, out Block? block, out _));
        Assert.Equal(bytes, CborWriter.Bytes(block));
        return block;
    })];

    private static IEnumerable<Entry> Entries(NodeJournal journal) =>
        Blocks(journal).SelectMany(block => block.Entries).Select(stamped => stamped.Entry);
}
