using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Reconcile;
using Hanse.Core.Tests.Wire;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>The parts that layers are made of.</summary>
public sealed class PartsTests
{
    [Fact]
    public void The_scanner_accepts_exactly_the_blocks_that_the_reader_accepts()
    {
        int accepted = 0;
        int refused = 0;
        var random = new Random(3);
        for (ulong seed = 1; seed <= 3_000; seed++)
        {
            byte[] bytes = Snapshot.Of(DrawingCodec.Draw<Block>(seed));
            for (int change = 0; change < 12; change++)
            {
                bool isRead = CborReader.TryRead(bytes, out Block? block, out _);
                Assert.Equal(isRead, Scan(bytes, block));
                _ = isRead ? accepted++ : refused++;
                bytes = Changed(bytes, random);
            }
        }

        Assert.True(accepted > 3_000 && refused > 10_000, $"{accepted} {refused}");
    }

    [Theory]
    [InlineData(10_000, 10_000_000, 459)]
    [InlineData(10_000, 1_000_000, 688)]
    [InlineData(10_000, 1_000, 1_375)]
    [InlineData(10_000, 1, 2_062)]
    [InlineData(50_000, 1, 405)]
    [InlineData(100_000, 10_000_000, 44)]
    [InlineData(1_000, 10_000_000, 4_603)]
    public void The_size_of_an_audit_is_that_of_the_literature(int share, int escape, int places) =>
        Assert.Equal(places, AuditMath.Places(share, escape));

    [Fact]
    public void The_size_of_an_audit_agrees_with_logarithms() =>
        Gen.Select(Gen.Int[1, 999_999], Gen.Int[1, 999_999_999]).Sample((share, escape) =>
        {
            double exact = Math.Log(escape / 1e9) / Math.Log(1 - (share / 1e6));
            int places = AuditMath.Places(share, escape);
            Assert.True(exact > AuditMath.PlacesMax
                ? places == AuditMath.PlacesMax : Math.Abs(places - Math.Ceiling(exact)) <= 1,
                $"{places} and not {exact}");
            Assert.True(places == AuditMath.PlacesMax || AuditMath.EscapePpb(share, places) <= escape);
            Assert.True(places == 0 || AuditMath.EscapePpb(share, places - 1) >= escape);
        });

    [Fact]
    public void The_bound_of_an_audit_is_never_better_than_the_true_one() =>
        Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[0, 5_000]).Sample((share, places) =>
        {
            double exact = Math.Pow(1 - (share / 1e6), places) * 1e9;
            Assert.InRange(AuditMath.EscapePpb(share, places), exact - 1e-3, exact + 1.01);
        });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(64)]
    public void A_challenge_draws_every_place_equally_often(int places)
    {
        int[] counts = new int[places];
        ulong next = 0;
        for (int i = 0; i < 2_000 * places; i++)
        {
            counts[Challenge.Draw(Digest.Of([1]), Digest.Of([2]), (ulong)places, ref next, out _)]++;
        }

        double chi = counts.Sum(count => Math.Pow(count - 2_000, 2) / 2_000);
        Assert.True(chi < (2 * places) + 40, $"{chi}");
    }

    [Fact]
    public void A_challenge_is_rejected_where_it_would_favour_a_place()
    {
        // Of a count just over half of all words, almost every second draw is in the incomplete run.
        ulong next = 0;
        for (int i = 0; i < 1_000; i++)
        {
            _ = Challenge.Draw(Digest.Of([1]), Digest.Of([2]), (1UL << 63) + 1, ref next, out _);
        }

        Assert.InRange(next, 1_800UL, 2_200UL);
    }

    [Fact]
    public void Spoiled_shares_are_missed_as_often_as_the_bound_says()
    {
        // 2 % of 200 leaves spoiled, 60 drawn: C(196, 60) / C(200, 60) = 0.237 are missed.
        int missed = 0;
        for (int run = 0; run < 2_000; run++)
        {
            var drawn = new SortedSet<ulong>();
            ulong next = 0;
            while (drawn.Count < 60)
            {
                _ = drawn.Add(Challenge.Draw(
                    Digest.Of(BitConverter.GetBytes(run)), Digest.Of([2]), 200, ref next, out _));
            }

            missed += drawn.Any(leaf => leaf < 4) ? 0 : 1;
        }

        Assert.InRange(missed, 2_000 * 0.205, 2_000 * 0.27);
        Assert.True(AuditMath.EscapePpb(20_000, 60) > 237_000_000);
    }

    [Fact]
    public void A_departure_keeps_two_sigma_and_the_reserve()
    {
        Assert.Equal(new DepartureAnswer(true, Grams.Zero), Departs(1_120));
        Assert.Equal(new DepartureAnswer(false, new Grams(1)), Departs(1_119));

        static DepartureAnswer Departs(long aboard) => new DepartureQuestion(
            new Grams(aboard), new Grams(10), new Grams(1_000), new Grams(100)).Answer();
    }

    [Theory]
    [InlineData(10, SlipAction.GoOn)]
    [InlineData(11, SlipAction.Hold)]
    public void A_plan_that_slips_is_held_if_there_is_propellant(int ends, SlipAction action) =>
        Assert.Equal(action, Slips(ends, 300).Action);

    [Fact]
    public void A_plan_that_slips_ends_while_the_machine_can_still_return() =>
        Assert.Equal(SlipAction.Return, Slips(11, 299).Action);

    [Fact]
    public void Built_in_decisions_are_named_by_digests_that_never_change() => Assert.Equal(
        [
            Digest.Of("hanse/decision/departure/1"u8),
            Digest.Of("hanse/decision/extraction/1"u8),
            Digest.Of("hanse/decision/slip/1"u8),
        ],
        BuiltInDecisions.All);

    [Fact]
    public void Bytes_that_are_no_question_have_the_empty_answer() =>
        Gen.Byte.Array[0, 40].Sample(bytes =>
        {
            foreach (Digest skill in BuiltInDecisions.All)
            {
                Assert.True(BuiltInDecisions.TryDecide(skill, bytes, out byte[]? output));
                Assert.True(output.Length <= Entry.DecisionBytesMax);
            }

            Assert.False(BuiltInDecisions.TryDecide(default, bytes, out _));
        });

    [Fact]
    public void Every_question_that_can_be_asked_is_answered_in_range()
    {
        for (ulong seed = 0; seed < 2_000; seed++)
        {
            Answered(DrawingCodec.Draw<DepartureQuestion>(seed), BuiltInDecisions.Departure);
            Answered(DrawingCodec.Draw<ExtractionQuestion>(seed), BuiltInDecisions.Extraction);
            Answered(DrawingCodec.Draw<SlipQuestion>(seed), BuiltInDecisions.Slip);
        }

        static void Answered<T>(T question, Digest skill)
            where T : class, IShaped<T>
        {
            byte[] input = CborWriter.Bytes(question);
            Assert.True(BuiltInDecisions.TryDecide(skill, input, out byte[]? output));
            Assert.NotEmpty(output);
        }
    }

    private static SlipAnswer Slips(long endsHour, long aboard) => new SlipQuestion(
        Hour(1), Hour(endsHour), Hour(10), Hour(5), new Grams(aboard), new Grams(200), new Grams(20),
        new Grams(20)).Answer();

    private static Instant Hour(long hour) => new(hour * 3_600_000_000);

    private static bool Scan(byte[] bytes, Block? block)
    {
        var scanner = new BlockScanner(bytes);
        var entries = new List<Entry>();
        while (scanner.Next())
        {
            Entry entry = scanner.Kind switch
            {
                EntryKind.Observed => new Entry.Observed(scanner.Packed.ToArray()),
                EntryKind.Moved => new Entry.Moved(
                    scanner.Resource, scanner.Cause, scanner.Amount, scanner.Reference),
                EntryKind.Counted => new Entry.Counted(scanner.Resource, scanner.Amount),
                EntryKind.Decided => Decided(scanner),
                _ => scanner.Entry!,
            };
            if (block is not null)
            {
                Assert.Equal(block.Entries[scanner.Place].Milliseconds, scanner.Milliseconds);
                Assert.Equal(Snapshot.Of(block.Entries[scanner.Place].Entry), Snapshot.Of(entry));
            }

            entries.Add(entry);
        }

        if (block is not null && !scanner.Failed)
        {
            Assert.Equal(block.Entries.Length, entries.Count);
            Assert.Equal(
                (block.Author, block.Boot, block.Number, block.From),
                (scanner.Author, scanner.Boot, scanner.Number, scanner.From));
        }

        return !scanner.Failed;
    }

    private static Entry.Decided Decided(BlockScanner scanner)
    {
        var cites = new List<ulong>();
        for (int i = 0; i < scanner.CiteCount; i++)
        {
            cites.Add(scanner.Cite(i));
        }

        return new Entry.Decided(
            scanner.Class, scanner.Skill, scanner.Input.ToArray(), scanner.Output.ToArray(), [.. cites]);
    }

    private static byte[] Changed(byte[] bytes, Random random)
    {
        byte[] changed = bytes.Length == 0 ? [0] : [.. bytes];
        int at = random.Next(Math.Min(changed.Length, random.Next(2) == 0 ? 40 : int.MaxValue));
        switch (random.Next(6))
        {
            case 0:
                return changed[..at];
            case 1:
                return [.. changed, 0];
            case 2:
                changed[at] = (byte)random.Next(256);
                break;
            case 3:
                changed[at]++;
                break;
            default:
                changed[at] ^= (byte)(1 << random.Next(8));
                break;
        }

        return changed;
    }
}
