using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Reconcile;

/// <summary>Every kind of fault is found by its layer, under its code.</summary>
public sealed class LayerTests
{
    private static readonly Party _author = Party.Of(new NodeId(7));

    // Layer 1.
    [Fact]
    public void A_block_that_the_node_signed_and_nobody_can_read_is_malformed() =>
        Found(ReasonCode.BlockMalformed, Start().WriteBytes([1, 2, 3]).Check());

    [Fact]
    public void A_block_of_a_later_schema_is_not_read()
    {
        byte[] block = Snapshot.Of(new Block(_author, 0, 1, new Instant(200_000_000_000), []));
        block[1] = 9;
        Found(ReasonCode.SchemaUnknown, Start().WriteBytes(block).Check());
    }

    [Fact]
    public void A_block_longer_than_a_block_may_be_is_refused_before_it_is_kept() =>
        Found(ReasonCode.BlockTooLong, Start().WriteBytes(new byte[Block.BytesMax + 1]).Check());

    [Fact]
    public void Observations_that_do_not_unpack_are_malformed() =>
        Found(ReasonCode.ObservationsMalformed, Start().Write(new Entry.Observed([1, 2, 3])).Check());

    [Fact]
    public void More_blocks_than_allowed_are_refused_before_the_upload()
    {
        TestJournal journal = Start().Write().Write().Check();
        ReturnVerdict verdict = Found(ReasonCode.LimitExceeded, new ReturnDriver(
            journal, CaseRules.Rules with { BlocksMax = 2 }));
        Assert.Equal(0, verdict.Cost.Blocks);
    }

    [Fact]
    public void More_segments_than_allowed_are_refused() => Found(ReasonCode.LimitExceeded,
        new ReturnDriver(Start().Seal(1).Seal(1).Check(), CaseRules.Rules with { SegmentsMax = 1 }));

    [Fact]
    public void An_offer_without_a_note_is_malformed()
    {
        var driver = new ReturnDriver(Start().Check());
        Assert.Equal([ReasonCode.OfferMalformed], ReturnTests.Codes(driver.Run(new Offer([], [], 0))));
    }

    // Layer 2.
    [Fact]
    public void The_journal_of_another_node_is_refused()
    {
        var other = new TestJournal { Node = new NodeId(8) };
        Offer offer = other.Start().Check().Offer();
        Assert.Equal(
            [ReasonCode.OtherNode], ReturnTests.Codes(new ReturnDriver(Start().Check()).Run(offer)));
    }

    [Fact]
    public void A_block_of_another_node_is_refused() => Found(ReasonCode.OtherNode,
        Start().WriteBlock(
            new Block(Party.Of(new NodeId(8)), 0, 1, new Instant(200_000_000_000), [])).Check());

    [Fact]
    public void A_missing_block_is_found() => Found(ReasonCode.NumberSkipped,
        Start().WriteBlock(new Block(_author, 0, 2, new Instant(200_000_000_000), [])).Check());

    [Fact]
    public void Two_roots_for_the_accepted_size_are_equivocation_and_both_notes_are_kept()
    {
        AcceptedState accepted = new ReturnDriver(Start().Check()).Run().Accepted;
        TestJournal other = new TestJournal { Clock = new Instant(107_000_000_000) }.Start().Check();
        ReturnVerdict verdict = Found(ReasonCode.Equivocation, new ReturnDriver(other, accepted: accepted));
        Assert.Equal(2, verdict.Evidence.Length);
        Assert.Equal(accepted.Note, verdict.Evidence[0].Text);
    }

    [Fact]
    public void Two_roots_for_one_size_in_an_offer_are_equivocation()
    {
        TestJournal journal = Start().Check();
        TestJournal other = new TestJournal { Clock = new Instant(107_000_000_000) }.Start().Check();
        var offer = new Offer([journal.Offer().Notes[0], other.Offer().Notes[0]], [], 0);
        ReturnVerdict verdict = new ReturnDriver(journal).Run(offer);
        Assert.Equal([ReasonCode.Equivocation], ReturnTests.Codes(verdict));
        Assert.Equal(2, verdict.Evidence.Length);
    }

    [Fact]
    public void A_second_story_that_nobody_signed_is_forged_and_proves_nothing()
    {
        TestJournal journal = Start().Check();
        TestJournal other =
            new TestJournal { Clock = new Instant(107_000_000_000) }.Start().Check(TestJournal.KeyOf(1));
        byte[] forged = other.Offer().Notes[0].Text;
        string text = System.Text.Encoding.UTF8.GetString(forged);
        byte[] note = SignedNote.Of(text[..(text.IndexOf("\n\n", StringComparison.Ordinal) + 1)],
            NoteKey.Ed25519("hanse/node/7", TestJournal.KeyOf(1)), new byte[64]).ToBytes();
        var offer = new Offer([journal.Offer().Notes[0], new NoteText(note)], [], 0);
        ReturnVerdict verdict = new ReturnDriver(journal).Run(offer);
        Assert.Equal([ReasonCode.Forged], ReturnTests.Codes(verdict));
        Assert.Empty(verdict.Evidence);
    }

    [Fact]
    public void A_head_that_others_have_seen_otherwise_is_equivocation()
    {
        TestJournal other = new TestJournal { Clock = new Instant(107_000_000_000) }.Start().Check();
        Found(ReasonCode.Equivocation, new ReturnDriver(Start().Check(), records: CaseRules.Records with
        {
            Witnessed = [other.Offer().Notes[0]],
        }));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_second_offer_counts_against_the_node_only_if_it_is_signed(bool isSigned)
    {
        TestJournal other = new TestJournal { Clock = new Instant(107_000_000_000) }.Start().Check();
        var driver = new ReturnDriver(Start().Check());
        var nonce = Digest.Of([9]);
        driver.Step(new ReturnInput.Offered(new TestJournal().Start().Check().Offer(), nonce));
        driver.Step(new ReturnInput.Offered(other.Offer(), nonce));
        var asked = (ReturnEffect.VerifySignature)driver.Effects[^1];
        driver.Step(new ReturnInput.SignatureJudged(asked.Request, isSigned));
        Assert.Equal(isSigned, driver.Machine.Verdict is { Outcome: ReturnOutcome.Quarantined });
        if (!isSigned)
        {
            Assert.Equal(ReturnOutcome.Accepted, driver.Run().Outcome);
        }
    }

    [Fact]
    public void An_older_head_than_the_accepted_one_is_a_replayed_journal()
    {
        TestJournal journal = Start().Check();
        Offer old = journal.Offer();
        AcceptedState accepted = new ReturnDriver(journal.Write().Check()).Run().Accepted;
        ReturnVerdict verdict = new ReturnDriver(journal, accepted: accepted).Run(old);
        Assert.Equal([ReasonCode.RolledBack], ReturnTests.Codes(verdict));
    }

    [Fact]
    public void A_head_that_does_not_extend_the_accepted_one_is_rewritten()
    {
        AcceptedState accepted = new ReturnDriver(Start().Write().Check()).Run().Accepted;
        TestJournal other =
            new TestJournal { Clock = new Instant(107_000_000_000) }.Start().Write().Write().Check();
        Found(ReasonCode.Rewritten, new ReturnDriver(other, accepted: accepted));
    }

    [Fact]
    public void A_clock_that_goes_back_unsaid_is_found()
    {
        TestJournal journal = Start();
        journal.Clock = new Instant(journal.Clock.Micros - 61_000_000);
        Found(ReasonCode.ClockWentBack, journal.Write().Check());
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(90)]
    public void A_clock_that_is_set_with_an_entry_is_noted_wherever_the_entry_stands(int minutes)
    {
        foreach (bool isBefore in (bool[])[true, false])
        {
            TestJournal journal = Start().Write();
            Instant before = journal.Clock;
            Instant after = before + TimeSpan.FromMinutes(minutes);
            var step = new Entry.ClockStepped(before, after);
            journal.Clock = isBefore ? before : after;
            _ = journal.Write(step);
            journal.Clock = after + TimeSpan.FromMinutes(1);
            ReturnVerdict verdict = new ReturnDriver(journal.Write().Write().Check()).Run();
            Assert.Equal([ReasonCode.ClockStepped], ReturnTests.Codes(verdict));
            Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
        }
    }

    [Fact]
    public void A_step_that_is_too_small_does_not_excuse_the_clock()
    {
        TestJournal journal = Start().Write();
        Instant before = journal.Clock;
        journal.Clock = before - TimeSpan.FromMinutes(30);
        Found(ReasonCode.ClockWentBack, journal.Write(
            new Entry.ClockStepped(before - TimeSpan.FromMinutes(20), journal.Clock)).Check());
    }

    [Fact]
    public void A_clock_set_too_often_is_unsteady()
    {
        TestJournal journal = Start();
        for (int i = 0; i < 4; i++)
        {
            _ = journal.Write(new Entry.ClockStepped(journal.Clock, journal.Clock));
        }

        Found(ReasonCode.ClockUnsteady, journal.Check());
    }

    [Fact]
    public void A_clock_ahead_of_the_hub_is_a_correction()
    {
        TestJournal journal = Start();
        journal.Clock = new Instant(2_000_000_000_000);
        ReturnVerdict verdict = new ReturnDriver(journal.Write().Check()).Run();
        Assert.Equal([ReasonCode.ClockAhead], ReturnTests.Codes(verdict));
        Assert.Equal(ReturnOutcome.Corrected, verdict.Outcome);
    }

    [Fact]
    public void A_boot_is_said_by_the_first_entry_of_a_block()
    {
        TestJournal journal = Start();
        journal.Boot = 1;
        Assert.Equal(ReturnOutcome.Accepted, new ReturnDriver(journal.Start().Check()).Run().Outcome);
        TestJournal unsaid = Start();
        unsaid.Boot = 1;
        Found(ReasonCode.BootUndeclared, unsaid.Write().Check());
    }

    [Fact]
    public void A_boot_that_was_used_before_is_found()
    {
        TestJournal journal = Start();
        journal.Boot = 2;
        _ = journal.Start();
        journal.Boot = 1;
        Found(ReasonCode.BootWentBack, journal.Start().Check());
    }

    [Fact]
    public void Boots_without_entries_and_declared_gaps_are_noted()
    {
        TestJournal journal = Start();
        journal.Boot = 3;
        _ = journal.Start().Write(new Entry.Gap(new Instant(1), new Instant(2)));
        ReturnVerdict verdict = new ReturnDriver(journal.Check()).Run();
        Assert.Equal([ReasonCode.BootsSkipped, ReasonCode.GapDeclared], ReturnTests.Codes(verdict));
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
    }

    [Fact]
    public void A_raw_segment_out_of_its_place_is_found() => Found(ReasonCode.SegmentSkipped,
        Start().Write(new Entry.RawSealed(1, 1, Digest.Of([]))).Check());

    // Layer 3.
    [Fact]
    public void A_forged_signature_is_found_before_the_upload()
    {
        TestJournal journal = Start();
        var head = journal.Check().Offer();
        byte[] note = SignedNote.Of(
            new Checkpoint("hanse/node/7", OfferedNotes.HeadOf(_author, head.Notes[0].Text)!.Value)
                .ToText(),
            NoteKey.Ed25519("hanse/node/7", TestJournal.KeyOf(1)), new byte[64]).ToBytes();
        ReturnVerdict verdict = new ReturnDriver(journal).Run(new Offer([new NoteText(note)], [], 0));
        Assert.Equal([ReasonCode.Forged], ReturnTests.Codes(verdict));
    }

    [Fact]
    public void A_key_that_nobody_knows_is_refused() =>
        Found(ReasonCode.KeyUnknown, Start().Check(TestJournal.KeyOf(5)));

    [Fact]
    public void A_key_is_changed_under_the_signature_of_the_former()
    {
        ReturnVerdict verdict = new ReturnDriver(Rotated().Check(TestJournal.KeyOf(2))).Run();
        Assert.Equal([ReasonCode.KeyChanged], ReturnTests.Codes(verdict));
        Assert.Equal(TestJournal.KeyOf(2), verdict.Accepted.Key);
        Assert.Single(verdict.Accepted.FormerKeys);
    }

    [Fact]
    public void A_key_stolen_after_its_rotation_is_refused() =>
        Found(ReasonCode.KeyRetired, Rotated().Check(TestJournal.KeyOf(1)));

    [Fact]
    public void A_key_stolen_after_its_rotation_is_refused_in_the_next_return_as_well()
    {
        TestJournal journal = Rotated().Check(TestJournal.KeyOf(2));
        AcceptedState accepted = new ReturnDriver(journal).Run().Accepted;
        Found(ReasonCode.KeyRetired, new ReturnDriver(
            journal.Write().Check(TestJournal.KeyOf(1)), accepted: accepted));
    }

    [Fact]
    public void A_new_key_cannot_vouch_for_itself() => Found(ReasonCode.KeyUnknown,
        Start().Write(new Entry.KeyChanged(TestJournal.KeyOf(2))).Check(TestJournal.KeyOf(2)));

    [Fact]
    public void A_key_changed_twice_without_a_checkpoint_is_refused() => Found(ReasonCode.KeyChangedTwice,
        Start().Write(new Entry.KeyChanged(TestJournal.KeyOf(2)))
            .Write(new Entry.KeyChanged(TestJournal.KeyOf(3))).Check());

    // Layer 4.
    [Fact]
    public void A_core_that_was_not_authorised_is_found() => Found(ReasonCode.CoreUnapproved,
        new TestJournal().Write(new Entry.Booted(0, Digest.Of([66]), BuiltInDecisions.All)).Check());

    [Fact]
    public void A_skill_that_was_not_authorised_is_found_only_when_it_decides()
    {
        var booted = new Entry.Booted(0, CaseRules.CoreDigest, [Digest.Of([66])]);
        Assert.Equal(ReturnOutcome.Accepted,
            new ReturnDriver(new TestJournal().Write(booted).Check()).Run().Outcome);
        Found(ReasonCode.SkillUnapproved,
            new TestJournal().Write(booted).Write(TestJournal.Departure(5_000)).Check());
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, true)]
    public void An_authority_ends_at_its_end(int micros, bool isInTime)
    {
        TestJournal journal = Start();
        Instant at = journal.Clock;
        _ = journal.Write(TestJournal.Departure(5_000)).Check();
        HubRecords records = CaseRules.Records with
        {
            Approvals = [.. CaseRules.Records.Approvals.Select(approval =>
                approval.Class == SoftwareClass.Core
                    ? approval : approval with { Until = new Instant(at.Micros - micros) })],
        };
        ReturnVerdict verdict = new ReturnDriver(journal, records: records).Run();
        Assert.Equal(isInTime ? [] : [ReasonCode.SkillUnapproved], ReturnTests.Codes(verdict));
    }

    [Fact]
    public void A_skill_outside_the_manifest_is_unknown() => Found(ReasonCode.SkillUnknown,
        Start().Write(TestJournal.Departure(5_000) with { Skill = 3 }).Check());

    // Layer 5.
    [Fact]
    public void More_cannot_leave_than_there_is()
    {
        Assert.Equal(ReturnOutcome.Accepted, new ReturnDriver(Start().Write(Used(500_000)).Check())
            .Run().Outcome);
        Found(ReasonCode.BelowZero, Start().Write(Used(500_001)).Check());
    }

    [Fact]
    public void More_cannot_come_aboard_than_there_is_room_for() => Found(ReasonCode.AboveCapacity,
        Start().Write(new Entry.Moved(Resource.Energy, Cause.Accrued, 1_000_001, 0)).Check());

    [Fact]
    public void Wear_shrinks_only_by_repair()
    {
        var worn = new Entry.Moved(Resource.Wear, Cause.Accrued, 5_000, 0);
        TestJournal mended = Start().Write(
            worn, new Entry.Moved(Resource.Wear, Cause.Repaired, 4_000, 1)).Check();
        Assert.Equal(ReturnOutcome.Accepted, new ReturnDriver(
            mended, records: Repaired(new RepairRecord(1, 4_000, IsField: false))).Run().Outcome);
        Found(ReasonCode.CauseImpossible, Start().Write(
            worn, new Entry.Moved(Resource.Wear, Cause.Lost, 4_000, 1)).Check());
        Found(ReasonCode.RepairUnfounded, mended);
    }

    [Theory]
    [InlineData(77, 4_000, 4_000, true)] // As the hub saw.
    [InlineData(77, 4_000, 6_000, true)] // Less than it might.
    [InlineData(77, 4_000, 2_000, false)] // Twice as much.
    [InlineData(78, 4_000, 4_000, false)] // Under another contract.
    public void Wear_is_undone_by_whoever_was_paid_for_it_and_no_more(
        ulong contract, long undone, long most, bool isFounded)
    {
        TestJournal journal = Start().Write(
            new Entry.Moved(Resource.Wear, Cause.Accrued, 5_000, 0),
            new Entry.Moved(Resource.Wear, Cause.Repaired, undone, 77)).Check();
        var driver = new ReturnDriver(
            journal, records: Repaired(new RepairRecord(contract, most, IsField: true)));
        if (isFounded)
        {
            ReturnVerdict verdict = driver.Run();
            Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
            Assert.Contains(verdict.Claims.Items, claim => claim.Entry is Entry.Moved { Reference: 77 });
        }
        else
        {
            Found(ReasonCode.RepairUnfounded, driver);
        }
    }

    [Fact]
    public void A_repair_undoes_wear_once() => Found(
        ReasonCode.RepairUnfounded,
        new ReturnDriver(
            Start().Write(
                new Entry.Moved(Resource.Wear, Cause.Accrued, 9_000, 0),
                new Entry.Moved(Resource.Wear, Cause.Repaired, 4_000, 77),
                new Entry.Moved(Resource.Wear, Cause.Repaired, 4_000, 77)).Check(),
            records: Repaired(new RepairRecord(77, 4_000, IsField: true))));

    [Fact]
    public void A_docking_without_spares_undoes_no_more_than_a_sensor_scatters()
    {
        TestJournal Docking(long undone) => Start().Write(ReturnTests.Extracted(9_000)).Write(
            Unloaded(1, 9_000), new Entry.Moved(Resource.Wear, Cause.Accrued, 5_000, 0),
            new Entry.Moved(Resource.Wear, Cause.Repaired, undone, 1)).Check();
        Assert.Equal(ReturnOutcome.Accepted, new ReturnDriver(
            Docking(150), records: With(Docked(1, 9_010))).Run().Outcome);
        Found(ReasonCode.RepairUnfounded, new ReturnDriver(
            Docking(2_000), records: With(Docked(1, 9_010))));
    }

    // Readings of a worn machine scatter by per cents of its wear: more than any dead band.
    [Theory]
    [InlineData(60_000, 1, true)]
    [InlineData(70_000, 1, false)]
    [InlineData(30_000, 2, true)]
    [InlineData(30_000, 3, false)] // A little at every docking is as much as all of it at once.
    public void What_scatter_may_undo_grows_with_wear_and_not_with_dockings(
        long undone, int dockings, bool isFounded)
    {
        TestJournal journal = Start().Write(new Entry.Moved(Resource.Wear, Cause.Accrued, 200_000, 0));
        var records = new DockingRecord[dockings];
        for (uint i = 0; i < dockings; i++)
        {
            _ = journal.Write(ReturnTests.Extracted(4_000)).Write(
                Unloaded(i + 1, 4_000), new Entry.Moved(Resource.Wear, Cause.Repaired, undone, i + 1));
            records[i] = Docked(i + 1, 4_000);
        }

        var driver = new ReturnDriver(journal.Check(), records: With(records));
        if (isFounded)
        {
            Assert.Equal(ReturnOutcome.Accepted, driver.Run().Outcome);
        }
        else
        {
            Found(ReasonCode.RepairUnfounded, driver);
        }
    }

    [Fact]
    public void An_unloading_needs_its_depot()
    {
        TestJournal journal = Start().Write(ReturnTests.Extracted(9_000)).Write(Unloaded(1, 9_000)).Check();
        Assert.Equal(ReturnOutcome.Accepted,
            new ReturnDriver(journal, records: With(Docked(1, 9_010))).Run().Outcome);
        Found(ReasonCode.DockingUnmatched, journal);
        Found(ReasonCode.DockingUnmatched, new ReturnDriver(
            journal, records: With(Docked(1, 9_010) with { Depot = new DepotId(4) })));
    }

    [Fact]
    public void An_unloading_counts_once() => Found(ReasonCode.DockingRepeated, new ReturnDriver(
        Start().Write(ReturnTests.Extracted(9_000)).Write(Unloaded(1, 4_000), Unloaded(1, 4_000)).Check(),
        records: With(Docked(1, 4_000))));

    [Fact]
    public void An_unloading_that_only_the_depot_knows_of_is_missed()
    {
        TestJournal journal = Start();
        DockingRecord record = Docked(1, 4_000) with { At = journal.Clock + TimeSpan.FromMinutes(5) };
        for (int i = 0; i < 80; i++)
        {
            _ = journal.Write();
        }

        Found(ReasonCode.DockingUnreported, new ReturnDriver(journal.Check(), records: With(record)));
    }

    [Fact]
    public void A_refuelling_is_double_entry_too()
    {
        TestJournal journal = Start().Write(
            new Entry.Moved(Resource.Propellant, Cause.Taken, 90_000, 3)).Check();
        DockingRecord record = Docked(3, 90_000) with { Resource = Resource.Propellant, Cause = Cause.Taken };
        Assert.Equal(ReturnOutcome.Accepted, new ReturnDriver(journal, records: With(record)).Run().Outcome);
        Found(ReasonCode.DockingDiffers,
            new ReturnDriver(journal, records: With(record with { Measured = 40_000 })));
    }

    [Fact]
    public void A_count_near_the_books_rebases_them_and_one_far_off_is_impossible()
    {
        TestJournal near = Start().Write(new Entry.Counted(Resource.Propellant, 480_000)).Check();
        ReturnVerdict verdict = new ReturnDriver(near).Run();
        Assert.Equal([ReasonCode.CountRebased], ReturnTests.Codes(verdict));
        Assert.Equal(ReturnOutcome.Corrected, verdict.Outcome);
        Assert.Equal(480_000UL, verdict.Accepted.Levels[1]);
        Found(ReasonCode.CountImpossible,
            Start().Write(new Entry.Counted(Resource.Propellant, 470_000)).Check());
    }

    [Fact]
    public void A_little_at_each_of_many_counts_adds_up()
    {
        TestJournal journal = Start();
        for (int i = 1; i <= 10; i++)
        {
            _ = journal.Write(new Entry.Counted(Resource.Propellant, 500_000 - (i * 4_000)));
        }

        Found(ReasonCode.CountImpossible, journal.Check());
    }

    // Layer 6.
    [Fact]
    public void Nothing_is_dug_faster_than_the_machine_digs() => Found(ReasonCode.RateExceeded,
        Start().Write(ReturnTests.Extracted(50_000)).Write(ReturnTests.Extracted(20_001)).Check());

    [Fact]
    public void A_few_impossible_readings_are_hiccups_and_many_are_not()
    {
        Assert.Equal(ReturnOutcome.Accepted, new ReturnDriver(Readings(1, 101)).Run().Outcome);
        Found(ReasonCode.ReadingOutOfRange, Readings(3, 101));
        Found(ReasonCode.ReadingTooFast, Readings(3, 90));
    }

    [Fact]
    public void A_steady_bias_is_corrected()
    {
        ReturnVerdict verdict = Biased(1_080_000);
        Assert.Equal(ReturnOutcome.Corrected, verdict.Outcome);
        Correction cargo = verdict.Corrections.Single(c => c.Resource == Resource.Cargo);
        Assert.InRange(cargo.BiasPpm, 65_000, 85_000);
        Assert.InRange(cargo.Corrected, cargo.Claimed * 100 / 109, cargo.Claimed * 100 / 106);
    }

    [Fact]
    public void A_wild_claim_is_doubted() => Assert.Contains(ReasonCode.BiasDoubted,
        ReturnTests.Codes(Biased(1_350_000)));

    [Fact]
    public void Wear_that_an_inspector_sees_otherwise_is_doubted()
    {
        TestJournal journal = Start().Write(new Entry.Moved(Resource.Wear, Cause.Accrued, 20_000, 0));
        var seen = new List<LevelSeen>();
        for (int i = 0; i < 6; i++)
        {
            seen.Add(new LevelSeen(Resource.Wear, journal.Clock, 80_000, new PartsPerMillion(20_000)));
            _ = journal.Write();
        }

        Found(ReasonCode.BiasDoubted, new ReturnDriver(
            journal.Check(), records: CaseRules.Records with { Readings = [.. seen] }));
    }

    // Layer 7.
    [Fact]
    public void A_decision_that_comes_out_otherwise_is_found()
    {
        Entry.Decided decided = TestJournal.Departure(5_000);
        byte[] output = [.. decided.Output];
        output[^1] ^= 1;
        ReturnVerdict verdict = Found(ReasonCode.OutputDiffers,
            Start().Write(TestJournal.Departure(5_000), decided with { Output = output }).Check());
        Assert.Equal(1, verdict.Reasons.Single().Entry);
    }

    [Fact]
    public void Every_safety_decision_is_taken_again_and_a_share_of_the_others()
    {
        TestJournal journal = Start();
        for (int i = 0; i < 400; i++)
        {
            _ = journal.Write(TestJournal.Departure(5_000 + i), TestJournal.Extraction(1_000 + i));
        }

        ReturnVerdict verdict = new ReturnDriver(journal.Check()).Run();
        Assert.Equal(800, verdict.Cost.Decisions);
        Assert.InRange(verdict.Cost.DecisionsReplayed, 400 + 150, 400 + 250);
        ReturnVerdict proven = new ReturnDriver(
            journal, accepted: CaseRules.Enrolled with { CleanReturns = 50 }).Run();
        Assert.InRange(proven.Cost.DecisionsReplayed, 400, 400 + 20);
        ReturnVerdict atStake = new ReturnDriver(
            journal, accepted: CaseRules.Enrolled with { CleanReturns = 50 },
            records: CaseRules.Records with { AtStake = CaseRules.Rules.HighStake }).Run();
        Assert.Equal(verdict.Cost.DecisionsReplayed, atStake.Cost.DecisionsReplayed);
    }

    [Fact]
    public void A_decision_that_cannot_be_taken_again_here_is_noted()
    {
        var driver = new ReturnDriver(Start().Write(TestJournal.Departure(5_000)).Check())
        {
            Replay = (_, _) => null,
        };
        ReturnVerdict verdict = driver.Run();
        Assert.Equal([ReasonCode.ReplayUnavailable], ReturnTests.Codes(verdict));
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
    }

    // Layer 8.
    [Theory]
    [InlineData(AuditUnit.Block)]
    [InlineData(AuditUnit.Leaf)]
    public void Raw_leaves_are_shown_in_either_unit(AuditUnit unit)
    {
        ReturnVerdict verdict = new ReturnDriver(
            Start().Seal(100).Check(), CaseRules.Rules with { AuditUnit = unit }).Run();
        Assert.Equal(ReturnOutcome.Accepted, verdict.Outcome);
        Assert.Equal(44, verdict.Audit.Drawn); // ln(0.01) / ln(0.9).
        Assert.InRange(verdict.Audit.EscapePpb, 9_000_000, 10_000_000);
    }

    [Fact]
    public void A_raw_leaf_that_is_not_the_signed_one_is_found_and_its_segment_looked_at()
    {
        TestJournal journal = Start().Seal(300);
        TestJournal other = Start().Seal(301);
        var driver = new ReturnDriver(journal.Check())
        {
            Show = place => place.Place.Leaf % 4 == 0 ? other.Show(place) : journal.Show(place),
        };
        ReturnVerdict verdict = Found(ReasonCode.LeafWrong, driver);
        Assert.InRange(verdict.Audit.Bad, 10, 50);
        Assert.Equal(44 + Audited.EscalatedPlaces, verdict.Audit.Drawn + verdict.Audit.Cited);
    }

    [Fact]
    public void A_raw_leaf_that_errs_once_on_the_link_is_asked_for_again()
    {
        TestJournal journal = Start().Seal(100).Check();
        int shown = 0;
        var driver = new ReturnDriver(journal)
        {
            Show = place => shown++ == 5 ? (new byte[RawLog.BlockBytes], []) : journal.Show(place),
        };
        Assert.Equal(ReturnOutcome.Accepted, driver.Run().Outcome);
    }

    [Fact]
    public void A_missing_raw_leaf_counts_as_a_bad_one()
    {
        TestJournal journal = Start().Seal(100).Check();
        Found(ReasonCode.LeafMissing, new ReturnDriver(journal) { Show = _ => null });
    }

    [Fact]
    public void A_raw_leaf_that_does_not_come_in_time_counts_as_a_bad_one() => Found(ReasonCode.LeafLate,
        new ReturnDriver(Start().Seal(100).Check()) { AnswersChallenge = false });

    [Fact]
    public void A_leaf_that_a_safety_decision_cites_is_always_asked_for()
    {
        for (ulong leaf = 0; leaf < 100; leaf++)
        {
            TestJournal journal = Start().Write(TestJournal.Departure(5_000, leaf)).Seal(100).Check();
            var driver = new ReturnDriver(journal)
            {
                Show = place => place.Place.Leaf == (int)leaf ? null : journal.Show(place),
            };
            Assert.Equal(ReasonCode.LeafMissing, driver.Run().Reasons.Single().Code);
        }
    }

    [Fact]
    public void A_cited_leaf_beyond_the_end_of_its_segment_is_missing() => Found(ReasonCode.LeafMissing,
        Start().Write(TestJournal.Departure(5_000, 100)).Seal(100).Check());

    [Fact]
    public void A_cited_leaf_of_no_sealed_segment_is_said_so() => Assert.Equal([ReasonCode.CitedUnchecked],
        ReturnTests.Codes(new ReturnDriver(Start().Write(TestJournal.Departure(5_000, 100)).Check()).Run()));

    private static TestJournal Start() => new TestJournal().Start();

    private static TestJournal Rotated() => Start()
        .Write(new Entry.KeyChanged(TestJournal.KeyOf(2))).Check().Write();

    private static Entry.Moved Used(long grams) => new(Resource.Propellant, Cause.Used, grams, 0);

    private static Entry.Unloaded Unloaded(uint docking, long grams) => new(
        new DepotId(3), docking, new ContractId(1), new Epoch(1), Commodity.Nickel, new Grams(grams));

    private static DockingRecord Docked(uint docking, long grams) => new(
        new DepotId(3), docking, Resource.Cargo, Cause.Given, new Instant(100_100_000_000), grams,
        Math.Max(1, grams / 1_000));

    private static HubRecords Repaired(RepairRecord repair) =>
        CaseRules.Records with { Repairs = [repair] };

    private static HubRecords With(params DockingRecord[] dockings) =>
        CaseRules.Records with { Dockings = [.. dockings] };

    // Twelve unloadings whose claims are off by a share.
    private static ReturnVerdict Biased(long claimedPpm)
    {
        TestJournal journal = Start();
        var records = new List<DockingRecord>();
        for (uint i = 1; i <= 12; i++)
        {
            long claimed = 10_000 * claimedPpm / 1_000_000;
            _ = journal.Write(ReturnTests.Extracted(claimed + 1_000), Unloaded(i, claimed));
            journal.Clock += TimeSpan.FromHours(1);
            records.Add(Docked(i, 10_000 + (i % 3 * 100)));
        }

        return new ReturnDriver(journal.Check(), records: With([.. records])).Run();
    }

    private static TestJournal Readings(int wrong, int value)
    {
        var columns = new ColumnsWriter();
        for (int i = 0; i < 50; i++)
        {
            columns.Add(1, i * 1000, i % 10 == 5 && i / 10 < wrong ? value : 50);
        }

        return Start().Write(new Entry.Observed(columns.ToArray())).Check();
    }

    private static ReturnVerdict Found(ReasonCode code, TestJournal journal) =>
        Found(code, new ReturnDriver(journal));

    private static ReturnVerdict Found(ReasonCode code, ReturnDriver driver)
    {
        ReturnVerdict verdict = driver.Run();
        Assert.Contains(code, ReturnTests.Codes(verdict));
        Assert.Equal(ReturnOutcome.Quarantined, verdict.Outcome);
        Assert.Equal((Layer)((int)code / 100), verdict.Reasons.First(
            reason => reason.Severity == Severity.Quarantined).Layer);
        Assert.Equal(Snapshot.Of(driver.Accepted with { CleanReturns = 0 }), Snapshot.Of(verdict.Accepted));
        Assert.Empty(verdict.Corrections);
        Assert.Empty(verdict.Claims.Items);
        return verdict;
    }
}
