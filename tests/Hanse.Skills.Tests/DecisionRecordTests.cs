using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Journal;
using Hanse.Skills;
using Hanse.Skills.Author;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Decisions on record: one encoding each, and taken again they are the same or it is said where
/// they differ.</summary>
public sealed class DecisionRecordTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Imports = """
        (import "hanse" "clock" (func $clock (result i64)))
        (import "hanse" "telemetry" (func $telemetry (param i32) (result i64)))
        (import "hanse" "propose" (func $propose (param i32 i32) (result i32)))
        """;

    // Asks its host as often as its question is long, proposes it, and answers with the sum of what it was
    // told.
    private static readonly byte[] _asking = Wat.Deciding(
        """
        (block $out (loop $l
            (br_if $out (i32.ge_u (local.get $i) (local.get $length)))
            (local.set $n (i64.add (local.get $n) (call $telemetry
                (i32.load8_u (i32.add (local.get $at) (local.get $i))))))
            (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l)))
        (drop (call $propose (local.get $at) (local.get $length)))
        (i64.store (i32.const 16) (i64.add (local.get $n) (call $clock)))
        (i64.const 0x0000001000000008)
        """,
        Imports);

    private static readonly Gen<HostCall> _calls = Gen.Select(
        Gen.Int[0, 4], Gen.Int, Gen.Byte.Array[0, 40], Gen.Long, (which, argument, bytes, answer) =>
        {
            var function = (HostFunctions)(1 << which);
            return new HostCall(
                function, function == HostFunctions.Telemetry ? argument : 0,
                function is HostFunctions.Propose or HostFunctions.Log ? bytes : [], answer);
        });

    private static readonly Gen<DecisionRecord> _records = Gen.Select(
        Gen.Byte.Array[32], Gen.Int[1, 3], Gen.Byte.Array[0, 300], Gen.ULong[0, 1_000_000],
        Gen.Byte.Array[0, 50],
        _calls.Array[0, 20], Gen.Int[0, 10], Gen.ULong[0, 1_000_000],
        (module, function, input, fuelMax, answer, calls, reason, fuel) => new DecisionRecord(
            Digest.From(module), SkillEngine.Fingerprint, (SkillFunction)function, [.. input],
            fuelMax + fuel, 64, [.. calls], (AbstainReason)reason, reason == 0 ? [.. answer] : [], fuel));

    private sealed class World(long first) : ISkillHost
    {
        private long _next = first;

        public long? Answer(HostCall call) => _next++;
    }

    private DecisionRecord Live(
        Skill skill, byte[] question, SkillBudget? budget = null, ISkillHost? host = null) =>
        sandbox.On(() => DecisionRecord.Live(
            skill, SkillFunction.Decide, question, budget ?? SkillBudget.Decision, host ?? new World(5),
                out _));

    private ReplayVerdict Again(DecisionRecord record, Skill skill) =>
        sandbox.On(() => DecisionReplay.Of(record, skill));

    [Fact]
    public void A_record_is_read_as_it_was_written() => _records.Sample(record =>
    {
        byte[] bytes = record.ToBytes();
        Assert.True(DecisionRecord.TryRead(bytes, out DecisionRecord? read, out string? refusal), refusal);
        Assert.Equal(record, read);
        Assert.Equal(bytes, read.ToBytes());
        Assert.Equal(record.Result, read.Result);
    });

    // Whatever bytes come: a refusal in words, or a record that is written as these very bytes.
    [Fact]
    public void Spoilt_records_are_refused_or_are_other_records()
    {
        (int read, int refused) = (0, 0);
        Gen.Select(_records, Gen.Int[0, 4], Gen.Int[0, 10_000], Gen.Byte, Gen.Byte.Array[0, 30]).Sample(
            (record, how, where, value, any) =>
            {
                byte[] bytes = record.ToBytes();
                int at = where % bytes.Length;
                byte[] spoilt = how switch
                {
                    0 => [.. bytes[..at], value, .. bytes[(at + 1)..]],
                    1 => [.. bytes[..at], value, .. bytes[at..]],
                    2 => bytes[..at],
                    3 => [.. bytes, .. any],
                    _ => [.. bytes[..at], .. any],
                };
                if (DecisionRecord.TryRead(spoilt, out DecisionRecord? found, out string? refusal))
                {
                    Assert.Equal(spoilt, found.ToBytes());
                    read++;
                }
                else
                {
                    Assert.NotEqual("", refusal);
                    refused++;
                }
            },
            iter: 10_000, threads: 1);
        Assert.True(read > 500 && refused > 3_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void What_makes_no_sense_together_is_refused()
    {
        var sound = new DecisionRecord(
            Digest.Of([1]), SkillEngine.Fingerprint, SkillFunction.Decide, [1, 2], 100, 8, [],
            AbstainReason.None, [3, 4], 50);
        Assert.True(DecisionRecord.TryRead(sound.ToBytes(), out _, out _));
        Refuses(sound with { FuelMax = sound.Fuel - 1 }, "more fuel");
        Refuses(sound with { AnswerMax = sound.Answer.Length - 1 }, "longer");
        Refuses(sound with { Reason = AbstainReason.Trap }, "abstained and answered");
        Refuses(sound with { Calls = [new HostCall(HostFunctions.Clock, 3, [], 0)] }, "only telemetry");
        Refuses(sound with { Calls = [new HostCall(HostFunctions.Clock, 0, [3], 0)] },
            "only propose and log");
        Refuses(sound with { Calls = [new HostCall((HostFunctions)3, 0, [], 0)] }, "of one function");
        Refuses(sound with { Fingerprint = "a b" }, "letters");
        Assert.False(DecisionRecord.TryRead(
            new byte[DecisionRecord.BytesMax + 1], out _, out string? refusal));
        Assert.Contains("up to", refusal, StringComparison.Ordinal);

        static void Refuses(DecisionRecord record, string reason)
        {
            Assert.False(DecisionRecord.TryRead(record.ToBytes(), out _, out string? refusal));
            Assert.Contains(reason, refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_largest_record_there_is_has_room()
    {
        var largest = new DecisionRecord(
            Digest.Of([1]), new string('x', DecisionRecord.FingerprintMax), SkillFunction.SelfCheck,
            [.. new byte[DecisionRecord.InputBytesMax]], long.MaxValue, DecisionRecord.InputBytesMax,
            [.. Enumerable.Repeat(
                new HostCall(HostFunctions.Propose, 0, new byte[HostCall.BytesMax], long.MinValue),
                HostCall.CallsMax)],
            AbstainReason.None, [.. new byte[DecisionRecord.InputBytesMax]], long.MaxValue);
        byte[] bytes = largest.ToBytes();
        Assert.InRange(bytes.Length, DecisionRecord.BytesMax * 9 / 10, DecisionRecord.BytesMax);
        Assert.True(DecisionRecord.TryRead(bytes, out DecisionRecord? read, out string? refusal), refusal);
        Assert.Equal(largest, read);
    }

    [Fact]
    public void Every_case_of_every_skill_is_bit_identical_when_taken_again()
    {
        foreach (string name in new[] { "assay", "extraction", "haul", "minimum", "pricing" })
        {
            SkillProject project = Shipped.Project(name);
            using Skill skill = Wat.Load(sandbox.Engine, Shipped.Module(name));
            using var plain = new SkillEngine(isPooled: false, isOptimised: false);
            using Skill elsewhere = Wat.Load(plain, Shipped.Module(name));
            foreach (SkillCase asked in Shipped.Cases(project))
            {
                DecisionRecord lived = sandbox.On(() => DecisionRecord.Live(
                    skill, asked.Function, asked.Question, project.Budget, NoHost.Instance, out _));
                Assert.True(DecisionRecord.TryRead(lived.ToBytes(), out DecisionRecord? record, out _));
                Assert.Equal(ReplayOutcome.Identical, Again(record, skill).Outcome);
                Assert.Equal(ReplayOutcome.Identical, Again(record, elsewhere).Outcome);
            }
        }
    }

    // The world answers otherwise by now; the record does not.
    [Fact]
    public void A_replay_needs_no_world_and_says_where_it_differs_first()
    {
        using Skill skill = Wat.Load(sandbox.Engine, _asking);
        DecisionRecord lived = Live(skill, [7, 8, 9]);
        Assert.Equal(5, lived.Calls.Length);
        Assert.Equal(ReplayOutcome.Identical, Again(lived, skill).Outcome);
        Assert.NotEqual(lived, Live(skill, [7, 8, 9], host: new World(6)));

        Differs(lived with { Input = [7, 9, 9] }, ReplayDifference.HostCall, 1,
            "telemetry(8), found telemetry(9)");
        Differs(lived with { Input = [7, 8] }, ReplayDifference.HostCall, 2, "found propose(2 bytes)");
        Differs(lived with { Input = [7, 8, 9, 1] }, ReplayDifference.HostCall, 3, "found telemetry(1)");
        Differs(lived with { Calls = lived.Calls[..4] }, ReplayDifference.HostCall, 4,
            "recorded nothing more");
        Differs(lived with { Calls = lived.Calls.Add(lived.Calls[0]) }, ReplayDifference.HostCall, 5,
            "found nothing");
        Differs(lived with { Calls = lived.Calls.SetItem(0, lived.Calls[0] with { Answer = 6 }) },
            ReplayDifference.Answer, 0, "recorded 0x1b, found 0x1c");
        Differs(lived with { Answer = lived.Answer.SetItem(7, 1) }, ReplayDifference.Answer, 7,
            "0x01, found 0x00");
        Differs(lived with { Answer = lived.Answer.Add(0) }, ReplayDifference.Answer, 8,
            "recorded 9 bytes, found 8");
        Differs(lived with { Answer = lived.Answer[..3] }, ReplayDifference.Answer, 3,
            "recorded 3 bytes, found 8");
        Differs(lived with { Reason = AbstainReason.Declined, Answer = [] }, ReplayDifference.Reason, 0,
            "recorded Declined, found None");
        Differs(lived with { Fuel = lived.Fuel + 1 }, ReplayDifference.Fuel, 0, "of fuel, found");
        Differs(lived with { AnswerMax = 7, Answer = [], Reason = AbstainReason.Declined },
            ReplayDifference.Reason, 0, "found BadAnswer");

        void Differs(DecisionRecord record, ReplayDifference difference, int at, string detail)
        {
            ReplayVerdict verdict = Again(record, skill);
            Assert.Equal(
                (ReplayOutcome.Differs, difference, at), (verdict.Outcome, verdict.Difference, verdict.At));
            Assert.Contains(detail, verdict.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("i64.const -1", AbstainReason.Declined)]
    [InlineData("(loop $l (br $l)) (i64.const 0)", AbstainReason.OutOfFuel)]
    [InlineData("(loop $l (drop (call $clock)) (br $l)) (i64.const 0)", AbstainReason.HostRefused)]
    [InlineData("unreachable", AbstainReason.Trap)]
    [InlineData("i64.const 0x00000000ffffffff", AbstainReason.BadAnswer)]
    public void Abstentions_are_taken_again_as_well(string expression, AbstainReason reason)
    {
        using Skill skill = Wat.Load(sandbox.Engine, Wat.Deciding(expression, Imports));
        DecisionRecord lived = Live(skill, [1]);
        Assert.Equal(reason, lived.Reason);
        Assert.Equal(ReplayOutcome.Identical, Again(lived, skill).Outcome);
        AbstainReason other = reason == AbstainReason.Trap ? AbstainReason.Declined : AbstainReason.Trap;
        Assert.Equal(ReplayDifference.Reason, Again(lived with { Reason = other }, skill).Difference);
    }

    // A host that has no answer: what was asked then is not on record, so the record ends there too.
    [Fact]
    public void A_run_that_its_host_ended_is_taken_again_to_that_end()
    {
        using Skill skill = Wat.Load(sandbox.Engine, _asking);
        DecisionRecord lived = Live(skill, [7, 8, 9], host: NoHost.Instance);
        Assert.Equal(AbstainReason.HostRefused, lived.Reason);
        Assert.Equal(ReplayOutcome.Identical, Again(lived, skill).Outcome);
    }

    [Fact]
    public void Nobody_is_held_to_what_differs_between_engines()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Wat.Deciding(
            "(call $deep (i64.const 1))", more: """
            (func $deep (param i64) (result i64)
                (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
            """));
        DecisionRecord deep = Live(skill, [1]);
        Assert.Equal(AbstainReason.StackOverflow, deep.Reason);
        Assert.Equal(ReplayOutcome.NotAttestable, Again(deep, skill).Outcome);
        Assert.Equal(
            ReplayOutcome.Inconclusive, Again(deep with { Reason = AbstainReason.Declined }, skill).Outcome);
        using Skill spins = Wat.Load(sandbox.Engine, Wat.Deciding("(loop $l (br $l)) (i64.const 0)"));
        DecisionRecord slow = Live(spins, [1], new SkillBudget(long.MaxValue, 3, 64));
        Assert.Equal(AbstainReason.TooSlow, slow.Reason);
        Assert.Equal(ReplayOutcome.NotAttestable, Again(slow, spins).Outcome);
        Assert.Equal(
            ReplayOutcome.NotAttestable, Again(slow with { Reason = AbstainReason.NoInstance },
                spins).Outcome);
    }

    [Fact]
    public void Another_module_and_another_engine_are_not_compared()
    {
        using Skill skill = Wat.Load(sandbox.Engine, _asking);
        DecisionRecord lived = Live(skill, [7]);
        ReplayVerdict verdict = Again(lived with { Module = Digest.Of([1]) }, skill);
        Assert.Equal(
            (ReplayOutcome.NotComparable, ReplayDifference.Module), (verdict.Outcome, verdict.Difference));
        verdict = Again(lived with { Fingerprint = "wasmtime/49.0.0/0" }, skill);
        Assert.Equal(
            (ReplayOutcome.NotComparable, ReplayDifference.Fingerprint),
            (verdict.Outcome, verdict.Difference));
    }

    // Whatever a record claims, a replay comes to a verdict, and an honest one only is found identical.
    [Fact]
    public void No_record_but_the_true_one_is_identical()
    {
        using Skill skill = Wat.Load(sandbox.Engine, _asking);
        DecisionRecord lived = Live(skill, [7, 8, 9]);
        byte[] bytes = lived.ToBytes();
        var random = new Random(20261130);
        var outcomes = new SortedDictionary<ReplayOutcome, int>();
        for (int i = 0; i < 5_000; i++)
        {
            byte[] spoilt = [.. bytes];
            spoilt[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (DecisionRecord.TryRead(spoilt, out DecisionRecord? record, out _))
            {
                ReplayVerdict verdict = Again(record, skill);
                outcomes[verdict.Outcome] = outcomes.GetValueOrDefault(verdict.Outcome) + 1;

                // The limits of a run that did not reach them, and what propose answered, change nothing.
                Assert.True(
                    verdict.Outcome != ReplayOutcome.Identical
                        || record with { FuelMax = lived.FuelMax, AnswerMax = lived.AnswerMax, Calls = [] }
                            == lived with { Calls = [] },
                    verdict.Detail);
            }
        }

        Assert.True(outcomes.Count >= 3, string.Join(", ", outcomes));
    }
}
