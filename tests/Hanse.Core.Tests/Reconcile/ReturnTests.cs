using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>Whole returns, honest and not.</summary>
public sealed class ReturnTests
{
    [Fact]
    public void An_honest_return_is_accepted()
    {
        ReturnVerdict verdict = new ReturnDriver(Honest()).Run();
        Assert.Empty(verdict.Reasons);
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
        Assert.Equal(7UL, verdict.Accepted.Head.Size);
        Assert.Equal(verdict.ValidSize, verdict.Accepted.Head.Size);
        Assert.Equal(1, verdict.Accepted.CleanReturns);
        Assert.Equal(2, verdict.Cost.Signatures);
        Assert.Equal(3, verdict.Audit.Drawn);
        Assert.Equal(0, verdict.Audit.EscapePpb);
    }

    [Fact]
    public void The_next_return_begins_where_the_last_was_accepted()
    {
        TestJournal journal = Honest();
        AcceptedState accepted = new ReturnDriver(journal).Run().Accepted;
        journal.Write(Extracted(100)).Check();
        ReturnVerdict verdict = new ReturnDriver(journal, accepted: accepted).Run();
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
        Assert.Equal(8UL, verdict.Accepted.Head.Size);
        Assert.Equal(1, verdict.Cost.Blocks);
        Assert.Equal(1_100UL, verdict.Accepted.Levels[0]);
    }

    [Fact]
    public void A_return_with_nothing_new_is_accepted_and_proves_nothing()
    {
        TestJournal journal = Honest();
        AcceptedState accepted = new ReturnDriver(journal).Run().Accepted;
        ReturnVerdict verdict = new ReturnDriver(journal, accepted: accepted).Run();
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
        Assert.Equal(1, verdict.Accepted.CleanReturns);
    }

    [Fact]
    public void A_verdict_does_not_depend_on_where_the_bytes_are_cut()
    {
        byte[] whole = Snapshot.Of(new ReturnDriver(Honest()).Run());
        int length = Honest().Upload().Length;
        for (int piece = 1; piece <= length; piece++)
        {
            Assert.Equal(whole, Snapshot.Of(new ReturnDriver(Honest()) { Piece = piece }.Run()));
        }
    }

    [Fact]
    public void A_verdict_does_not_depend_on_crashes_before_any_input()
    {
        byte[] whole = Snapshot.Of(new ReturnDriver(Honest()).Run());
        foreach (int piece in (int[])[1, 2, 7, 64, 1000])
        {
            var driver = new ReturnDriver(Honest()) { Piece = piece, Crashes = true };
            Assert.Equal(whole, Snapshot.Of(driver.Run()));
        }
    }

    [Fact]
    public void A_rich_return_with_damage_on_the_way_survives_crashes_too()
    {
        byte[] calm = Snapshot.Of(Run(int.MaxValue, crashes: false));
        Assert.Equal(calm, Snapshot.Of(Run(40, crashes: true)));
        Assert.Equal(calm, Snapshot.Of(Run(333, crashes: true)));

        static ReturnVerdict Run(int piece, bool crashes)
        {
            int sent = 0;
            TestJournal journal = Honest().Write(new Entry.KeyChanged(TestJournal.KeyOf(2))).Check();
            var records = new List<DockingRecord>();
            for (uint i = 1; i <= 6; i++)
            {
                records.Add(new DockingRecord(new DepotId(3), i, Resource.Cargo, Cause.Given,
                    journal.Clock, 9_000 + i, 9));
                _ = journal.Write(Extracted(9_500)).Write(new Entry.Unloaded(new DepotId(3), i,
                    new ContractId(1), new Epoch(1), Messages.Commodity.Nickel, new Grams(9_500)));
                journal.Clock += TimeSpan.FromHours(1);
            }

            _ = journal.Write(new Entry.Unloaded(new DepotId(3), 6, new ContractId(1), new Epoch(1),
                Messages.Commodity.Nickel, new Grams(500)));
            ReturnVerdict verdict = new ReturnDriver(journal.Check(TestJournal.KeyOf(2)),
                records: CaseRules.Records with { Dockings = [.. records] })
            {
                Piece = piece,
                Crashes = crashes,

                // Every piece but those sent again after the damage was found; it ends with the damage.
                Spoil = upload =>
                {
                    upload[^1] ^= (byte)(sent++ <= upload.Length / piece ? 1 : 0);
                    return upload;
                },
            }.Run();
            Assert.Equal(
                [
                    ReasonCode.Resent, ReasonCode.KeyChanged, ReasonCode.DockingRepeated,
                    ReasonCode.BiasCorrected,
                ],
                Codes(verdict));

            // What was done in vain, before the damage was seen, depends on how much came at once.
            return verdict with { Cost = verdict.Cost with { BytesHashed = 0, DecisionsReplayed = 0 } };
        }
    }

    [Fact]
    public void A_restart_repeats_what_may_have_been_lost()
    {
        var driver = new ReturnDriver(Honest());
        driver.Step(new ReturnInput.Offered(Honest().Offer(), Digest.Of([9])));
        int asked = driver.Effects.Count;
        driver.Restore();
        driver.Effects.Clear();
        driver.Step(new ReturnInput.Restarted());
        Assert.Equal(asked, driver.Effects.Count);
    }

    [Fact]
    public void Damage_on_the_way_is_asked_for_again_and_noted()
    {
        int spoiled = 0;
        var driver = new ReturnDriver(Honest())
        {
            Spoil = upload =>
            {
                upload[upload.Length / 2] ^= spoiled++ == 0 ? (byte)1 : (byte)0;
                return upload;
            },
        };
        ReturnVerdict verdict = driver.Run();
        Assert.Equal([ReasonCode.Resent], Codes(verdict));
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
    }

    [Fact]
    public void A_flip_of_any_bit_that_comes_again_is_damage_and_never_accepted()
    {
        int length = Honest().Upload().Length;
        for (int at = 0; at < length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                var driver = new ReturnDriver(Honest())
                {
                    Spoil = upload =>
                    {
                        upload[at] ^= (byte)(1 << bit);
                        return upload;
                    },
                };
                ReturnVerdict verdict = driver.Run();
                Assert.Equal(ReturnOutcome.Quarantined, verdict.Outcome);
                Assert.Equal(CaseRules.Enrolled, verdict.Accepted);
                Assert.Contains(verdict.Reasons, r => r.Layer is Layer.WellFormed or Layer.Continuous);
            }
        }
    }

    [Fact]
    public void An_upload_cut_short_is_incomplete_and_its_valid_part_is_known()
    {
        TestJournal journal = Honest();
        int kept = TestJournal.Frame(journal.Blocks.Take(6)).Length + 3;
        var driver = new ReturnDriver(journal) { Spoil = upload => upload[..kept] };
        ReturnVerdict verdict = driver.Run();
        Assert.Equal([ReasonCode.Incomplete], Codes(verdict));
        Assert.Equal(4UL, verdict.ValidSize);
        Assert.Equal(CaseRules.Enrolled, verdict.Accepted);
    }

    [Fact]
    public void No_input_in_any_order_throws()
    {
        TestJournal journal = Honest();
        byte[] upload = journal.Upload();
        ReturnInput[] inputs =
        [
            new ReturnInput.Offered(journal.Offer(), Digest.Of([9])),
            new ReturnInput.Offered(new Offer([], [], 0), Digest.Of([9])),
            new ReturnInput.Offered(new Offer([new NoteText([1, 2])], [3], -5), Digest.Of([9])),
            new ReturnInput.BytesArrived(0, upload),
            new ReturnInput.BytesArrived(0, upload.AsMemory(0, 100)),
            new ReturnInput.BytesArrived(90, upload.AsMemory(90)),
            new ReturnInput.BytesArrived(-1, upload),
            new ReturnInput.BytesArrived(long.MaxValue, upload),
            new ReturnInput.BytesArrived(0, new byte[] { 255, 255, 255, 255, 0 }),
            new ReturnInput.SignatureJudged(1, true),
            new ReturnInput.SignatureJudged(2, false),
            new ReturnInput.Replayed(2, []),
            new ReturnInput.Replayed(3, new byte[5000]),
            new ReturnInput.ReplayUnavailable(4),
            new ReturnInput.LeafShown(5, [], []),
            new ReturnInput.LeafShown(6, new byte[1024], [0x82]),
            new ReturnInput.LeafMissing(7),
            new ReturnInput.Woken(),
            new ReturnInput.Restarted(),
        ];
        var random = new Random(5);
        for (int run = 0; run < 3_000; run++)
        {
            var driver = new ReturnDriver(journal) { AnswersChallenge = false };
            for (int i = 0; i < 30; i++)
            {
                driver.Now += TimeSpan.FromHours(random.Next(20));
                driver.Step(inputs[random.Next(inputs.Length)]);
            }

            driver.Restore();
        }
    }

    [Fact]
    public void Random_entries_never_throw_whatever_they_say()
    {
        for (ulong seed = 1; seed < 400; seed++)
        {
            var journal = new TestJournal();
            journal.Start();
            for (ulong i = 0; i < 20; i++)
            {
                journal.Write(Wire.DrawingCodec.Draw<Entry>((seed * 100) + i));
            }

            for (ulong i = 0; i < 5; i++)
            {
                Block drawn = Wire.DrawingCodec.Draw<Block>((seed * 100) + i);
                journal.WriteBlock(drawn with { Author = Party.Of(journal.Node), Number = journal.Size });
            }

            journal.Check();
            _ = new ReturnDriver(journal) { Show = _ => null, Crashes = seed % 10 == 0 }.Run();
        }
    }

    internal static Entry.Moved Extracted(long grams) => new(Resource.Cargo, Cause.Extracted, grams, 1);

    internal static IEnumerable<ReasonCode> Codes(ReturnVerdict verdict) =>
        verdict.Reasons.Select(reason => reason.Code);

    internal static TestJournal Honest()
    {
        var columns = new ColumnsWriter();
        columns.Add(1, 0, 50);
        columns.Add(1, 1000, 52);
        columns.Add(3, 1000, -7);
        return new TestJournal()
            .Start()
            .Write(TestJournal.Departure(5_000), new Entry.Observed(columns.ToArray()))
            .Write(Extracted(1_000), TestJournal.Extraction(1_000, 1))
            .Seal(3)
            .Check()
            .Write(new Entry.Moved(Resource.Propellant, Cause.Used, 400, 0))
            .Write(new Entry.Counted(Resource.Propellant, 499_600),
                new Entry.LeaseTaken(LeaseKind.Site, 5, new Epoch(1), new Instant(5)))
            .Write(TestJournal.Departure(1_000))
            .Check();
    }
}
