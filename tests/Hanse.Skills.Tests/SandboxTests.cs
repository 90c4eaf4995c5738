using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>What a skill can do, and what becomes of one that does what it should not: the process goes on,
/// and the result says why there is no answer.</summary>
public sealed class SandboxTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Echo = """
        (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32))
            (i64.extend_i32_u (local.get $length)))
        """;

    [Fact]
    public void A_decision_is_bytes_for_bytes()
    {
        SkillResult result = sandbox.Decide(Wat.Deciding(Echo), [7, 8, 9]);
        Assert.Equal(AbstainReason.None, result.Reason);
        Assert.Equal([7, 8, 9], result.Answer);
        Assert.InRange(result.Fuel, 1UL, 100UL);
        Assert.Empty(result.Calls);
    }

    [Fact]
    public void Nothing_of_a_run_is_left_for_the_next()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Wat.Deciding("""
            (i32.store (i32.const 16) (i32.add (i32.load (i32.const 16)) (i32.const 1)))
            (i64.const 0x0000001000000004)
            """));
        Assert.Equal([1, 0, 0, 0], sandbox.Decide(skill).Answer);
        Assert.Equal([1, 0, 0, 0], sandbox.Decide(skill).Answer);
    }

    [Theory]
    [InlineData("i64.const -1", AbstainReason.Declined)]
    [InlineData("(loop $l (br $l)) (i64.const 0)", AbstainReason.OutOfFuel)]
    [InlineData("unreachable", AbstainReason.Trap)]
    [InlineData("(i64.extend_i32_s (i32.div_s (local.get $at) (i32.const 0)))", AbstainReason.Trap)]
    [InlineData("(i64.load (i32.const 131072))", AbstainReason.Trap)]
    [InlineData("i64.const 0x0001fff000000011", AbstainReason.BadAnswer)] // Past the end of its memory.
    [InlineData("i64.const 0x00000000ffffffff", AbstainReason.BadAnswer)]
    [InlineData("i64.const 0x0000000000010001", AbstainReason.BadAnswer)] // More than is allowed.
    [InlineData("(drop (memory.grow (i32.const 100))) (i64.const -1)", AbstainReason.Declined)]
    public void A_skill_that_cannot_answer_abstains(string expression, AbstainReason reason)
    {
        SkillResult result = sandbox.Decide(Wat.Deciding(expression));
        Assert.Equal(reason, result.Reason);
        Assert.Empty(result.Answer);
        Assert.True(result.IsAttestable);
    }

    [Fact]
    public void Memory_grows_to_its_own_maximum_and_no_further()
    {
        SkillResult result = sandbox.Decide(Wat.Deciding("""
            (i32.store (i32.const 16) (memory.grow (i32.const 1)))
            (i32.store (i32.const 20) (memory.grow (i32.const 1)))
            (i64.const 0x0000001000000008)
            """));
        Assert.Equal([1, 0, 0, 0, 255, 255, 255, 255], result.Answer);
    }

    [Fact]
    public void A_call_too_deep_is_no_result_that_anybody_is_held_to()
    {
        SkillResult result = sandbox.Decide(Wat.Deciding(
            "(call $deep (i64.const 1))", more: """
            (func $deep (param i64) (result i64)
                (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
            """));
        Assert.Equal(AbstainReason.StackOverflow, result.Reason);
        Assert.False(result.IsAttestable);
        Assert.True(sandbox.Decide(Wat.Deciding(Echo)).IsAnswered);
    }

    [Fact]
    public void The_clock_ends_what_fuel_does_not()
    {
        SkillResult result = sandbox.Decide(
            Wat.Deciding("(loop $l (br $l)) (i64.const 0)"), null,
            new SkillBudget(ulong.MaxValue / 4, 3, 100));
        Assert.Equal(AbstainReason.TooSlow, result.Reason);
        Assert.False(result.IsAttestable);
    }

    [Fact]
    public void A_start_function_is_on_the_same_budget()
    {
        SkillResult result = sandbox.Decide(Wat.Deciding(
            "i64.const -1", more: "(func $spin (loop $l (br $l))) (start $spin)"));
        Assert.Equal(AbstainReason.OutOfFuel, result.Reason);
    }

    [Fact]
    public void Too_long_an_input_and_another_version_are_said()
    {
        Assert.Equal(AbstainReason.InputTooLong, sandbox.Decide(Wat.Deciding(Echo), new byte[8_193]).Reason);
        byte[] second = Wat.Module(
            """(func (export "decide") (param i32 i32) (result i64) i64.const -1)""",
            head: Wat.Head.Replace("(result i32) i32.const 1)", "(result i32) i32.const 2)",
                StringComparison.Ordinal));
        SkillResult result = sandbox.Decide(second);
        Assert.Equal(AbstainReason.NoSuchFunction, result.Reason);
        Assert.Contains("version 2", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_is_wanted_outside_the_memory_is_put_nowhere()
    {
        byte[] liar = Wat.Module(
            """(func (export "decide") (param i32 i32) (result i64) i64.const -1)""",
            head: Wat.Head.Replace("i32.const 1024", "i32.const 131070", StringComparison.Ordinal));
        Assert.Equal(AbstainReason.BadAnswer, sandbox.Decide(liar).Reason);
    }

    [Fact]
    public void Every_host_answer_is_recorded_and_a_replay_needs_no_world()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Wat.Deciding(
            """
            (i64.store (i32.const 16) (call $clock))
            (i64.store (i32.const 24) (call $telemetry (i32.const 3)))
            (i64.store (i32.const 32) (call $random))
            (i32.store (i32.const 40) (call $propose (local.get $at) (local.get $length)))
            (call $log (local.get $at) (i32.const 1))
            (i64.const 0x000000100000001c)
            """,
            Imports));
        var world = new World();
        SkillResult lived = sandbox.Decide(skill, host: world);
        Assert.True(lived.IsAnswered, lived.Detail);
        Assert.Equal(
            [
                HostFunctions.Clock, HostFunctions.Telemetry, HostFunctions.Random, HostFunctions.Propose,
                HostFunctions.Log,
            ],
            lived.Calls.Select(call => call.Function));
        Assert.Equal([1, 2, 3], lived.Calls[3].Bytes);
        Assert.Equal(5, world.Asked);

        var record = new ReplayedHost([.. lived.Calls]);
        SkillResult replayed = sandbox.Decide(skill, host: record);
        Assert.Equal(lived, replayed);
        Assert.True(record.IsAtEnd);

        // Another input: it proposes something else, and the record does not go on.
        var other = new ReplayedHost([.. lived.Calls]);
        SkillResult differs = sandbox.Decide(skill, [9, 9, 9], host: other);
        Assert.Equal(AbstainReason.HostRefused, differs.Reason);
        Assert.Equal(3, other.DiffersAt);
    }

    [Fact]
    public void A_host_without_an_answer_ends_the_run_and_so_do_too_many_questions()
    {
        byte[] asking = Wat.Deciding("(drop (call $clock)) (i64.const -1)", Imports);
        Assert.Equal(AbstainReason.HostRefused, sandbox.Decide(asking).Reason);
        byte[] asks = Wat.Deciding("(loop $l (drop (call $clock)) (br $l)) (i64.const -1)", Imports);
        SkillResult result = sandbox.Decide(asks, host: new World());
        Assert.Equal(AbstainReason.HostRefused, result.Reason);
        Assert.Equal(HostCall.CallsMax, result.Calls.Count);
        byte[] says = Wat.Deciding(
            "(call $log (i32.const 131000) (i32.const 200)) (i64.const -1)", Imports);
        Assert.Equal(AbstainReason.HostRefused, sandbox.Decide(says, host: new World()).Reason);
    }

    [Fact]
    public void Calls_of_the_host_use_fuel()
    {
        byte[] asks = Wat.Deciding("(loop $l (drop (call $clock)) (br $l)) (i64.const -1)", Imports);
        SkillResult result = sandbox.Decide(
            asks, budget: new SkillBudget(1_000, 100, 100), host: new World());
        Assert.Equal(AbstainReason.OutOfFuel, result.Reason);
        Assert.InRange(result.Calls.Count, 8, 11);
    }

    [Fact]
    public void Five_hundred_live_instances_are_the_most_and_a_further_one_is_refused()
    {
        // Each waits inside the host until all are there.
        using Skill skill =
            Wat.Load(sandbox.Engine, Wat.Deciding("(drop (call $clock)) (i64.const -1)", Imports));
        SkillBudget patient = SkillBudget.Decision with { Ticks = 60_000 };
        SkillResult innermost = Next(SkillEngine.InstancesMax + 1);
        Assert.Equal(AbstainReason.NoInstance, innermost.Reason);
        Assert.True(sandbox.Decide(Wat.Deciding(Echo)).IsAnswered);

        SkillResult Next(int depth)
        {
            SkillResult? inner = null;
            var host = new World { OnClock = () => inner = depth > 1 ? Next(depth - 1) : null };
            SkillResult own = OnNewThread(() => skill.Decide([1], patient, host));
            return inner ?? own;
        }
    }

    [Theory]
    [InlineData("(import \"wasi_snapshot_preview1\" \"fd_write\" (func))", "which no host has")]
    [InlineData("(import \"hanse\" \"reboot\" (func))", "which no host has")]
    [InlineData("(import \"hanse\" \"clock\" (func (result i32)))", "it is () -> i64")]
    [InlineData("(import \"hanse\" \"clock\" (global i64))", "which is no function")]
    public void An_import_that_no_host_has_is_named(string import, string refusal)
    {
        byte[] module = Wat.Deciding("i64.const -1", import);
        Assert.Null(Skill.Load(sandbox.Engine, module, (HostFunctions)31, out string? why));
        Assert.Contains(refusal, why, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_granted_is_not_linked()
    {
        byte[] module = Wat.Deciding("(drop (call $clock)) (i64.const -1)", Imports);
        Assert.Null(Skill.Load(sandbox.Engine, module, HostFunctions.Clock, out string? refusal));
        Assert.Contains("not granted", refusal, StringComparison.Ordinal);
    }

    private const string Imports = """
        (import "hanse" "clock" (func $clock (result i64)))
        (import "hanse" "telemetry" (func $telemetry (param i32) (result i64)))
        (import "hanse" "random" (func $random (result i64)))
        (import "hanse" "propose" (func $propose (param i32 i32) (result i32)))
        (import "hanse" "log" (func $log (param i32 i32)))
        """;

    private static SkillResult OnNewThread(Func<SkillResult> work)
    {
        using var workers = new SkillWorkers(1);
        return workers.Run(work).GetAwaiter().GetResult();
    }

    private sealed class World : ISkillHost
    {
        public int Asked { get; private set; }

        public Action? OnClock { get; init; }

        public long? Answer(HostCall call)
        {
            Asked++;
            OnClock?.Invoke();
            return 1_000 + Asked;
        }
    }
}
