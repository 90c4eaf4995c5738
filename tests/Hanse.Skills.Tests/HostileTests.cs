using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Hanse.Core.Decisions;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Modules made to do harm: each is refused, or runs within its budget, and the process goes
/// on.</summary>
public sealed class HostileTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Abstains =
        """(func (export "decide") (param i32 i32) (result i64) i64.const -1)""";

    private const string Clock = """(import "hanse" "clock" (func $clock (result i64)))""";

    private static string Many(int count, Func<int, string> thing)
    {
        var all = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            _ = all.Append(thing(i));
        }

        return all.ToString();
    }

    private string Refusal(byte[] module)
    {
        Assert.Null(Skill.Load(sandbox.Engine, module, (HostFunctions)31, out string? refusal));
        return refusal!;
    }

    // It comes to some end within what it was given, and a sound skill runs after it.
    private SkillResult Survives(byte[] module, SkillBudget? budget = null, ISkillHost? host = null)
    {
        SkillResult result = sandbox.Decide(module, budget: budget, host: host);
        Assert.True(result.Fuel <= (budget ?? SkillBudget.Decision).Fuel);
        Assert.True(sandbox.Decide(Wat.Deciding("i64.const 0")).IsAnswered);
        return result;
    }

    [Fact]
    public void One_function_of_560_KB_is_refused_before_it_is_compiled()
    {
        byte[] bomb = Wat.Module(
            Abstains + "(func " + Many(24_000, _ => "(loop (br_if 0 (i32.and"
                + "(i32.load offset=1000000 (i32.const 99999)) "
                + "(i32.load offset=1000000 (i32.const 99999)))))") + ")");
        Assert.InRange(bomb.Length, 500_000, 600_000);
        Assert.Contains("bytes; allowed: up to 262,144", Refusal(bomb), StringComparison.Ordinal);
        byte[] half = Wat.Module(
            Abstains + "(func " + Many(8_000, _ => "(loop (br_if 0 (i32.const 99999)))") + ")");
        Assert.Contains("bytes of a function; allowed: up to 65,536", Refusal(half),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("block", "end", 14_000)]
    [InlineData("loop", "end", 14_000)]
    [InlineData("i32.const 1 if", "end", 10_000)]
    public void Nesting_that_is_deep_is_taken_or_refused_and_harms_nothing(
        string open, string close, int depth)
    {
        byte[] module = Wat.Module(
            Abstains + "(func " + Many(depth, _ => open + " ") + Many(depth, _ => close + " ") + ")");
        using Skill? skill = Skill.Load(sandbox.Engine, module, HostFunctions.None, out string? refusal);
        Assert.True(skill is not null || refusal!.Length > 0);
        Assert.True(sandbox.Decide(Wat.Deciding("i64.const 0")).IsAnswered);
    }

    [Fact]
    public void Expressions_that_are_deep_are_taken_or_refused_and_harm_nothing()
    {
        byte[] module = Wat.Module(
            Abstains + "(func (result i32) i32.const 1 " + Many(12_000, _ => "i32.const 1 ")
                + Many(12_000, _ => "i32.add ") + ")");
        using Skill? skill = Skill.Load(sandbox.Engine, module, HostFunctions.None, out string? refusal);
        Assert.True(skill is not null || refusal!.Length > 0);
    }

    [Fact]
    public void A_table_neither_begins_large_nor_grows_large()
    {
        Assert.Contains("4,294,967,295 table elements",
            Refusal(Wat.Module(Abstains + "(table 4294967295 funcref)")), StringComparison.Ordinal);
        Assert.Contains("1,000,000 table elements",
            Refusal(Wat.Module(Abstains + "(table 0 1000000 funcref)")), StringComparison.Ordinal);
        SkillResult grown = Survives(Wat.Deciding(
            """
            (i32.store (i32.const 16) (table.grow $t (ref.null func) (i32.const 1000000)))
            (i32.store (i32.const 20) (table.grow $t (ref.null func) (i32.const 990)))
            (i32.store (i32.const 24) (table.grow $t (ref.null func) (i32.const 10)))
            (i64.const 0x000000100000000c)
            """, more: "(table $t 10 funcref)"));
        Assert.Equal([255, 255, 255, 255, 10, 0, 0, 0, 255, 255, 255, 255], grown.Answer);
    }

    [Theory]
    [InlineData("(table 1 funcref) (elem (i32.const 1) $f)")]
    [InlineData("(data (i32.const 65536) \"x\")")]
    [InlineData("(data (i32.const -1) \"x\")")]
    public void What_begins_outside_its_memory_or_table_is_a_trap(string segment) => Assert.Equal(
        AbstainReason.Trap, Survives(Wat.Deciding("i64.const 0", more: "(func $f)" + segment)).Reason);

    [Fact]
    public void Notes_of_tools_are_no_way_around_the_limit()
    {
        byte[] module = Wat.Module(Abstains);
        byte[] one = [0, 0x81, 0x80, 0x02, 1, (byte)'x', .. new byte[32_767]];
        Assert.Contains("bytes of custom sections", Refusal([.. module, .. one]), StringComparison.Ordinal);

        // A length that goes past the end, and one that only seems to be short.
        Assert.Contains("ends early", Refusal([.. module, 0, 0xff, 0xff, 0xff, 0xff, 0x07, 1, (byte)'x']),
            StringComparison.Ordinal);
        Assert.Contains("number that is too long",
            Refusal([.. module, 0, 0x82, 0x80, 0x80, 0x80, 0x80, 0x00, 1, (byte)'x']),
                StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(func $s (loop $l (br $l))) (start $s)", AbstainReason.OutOfFuel)]
    [InlineData("(func $s unreachable) (start $s)", AbstainReason.Trap)]
    [InlineData("(func $s (drop (call $clock)) (call $s)) (start $s)", AbstainReason.HostRefused)]
    [InlineData("(func $s (call $s)) (start $s)", AbstainReason.StackOverflow)]
    [InlineData("(func $s (drop (memory.grow (i32.const 65535)))) (start $s)", AbstainReason.None)]
    public void What_runs_at_the_start_is_held_to_it(string start, AbstainReason reason) => Assert.Equal(
        reason, Survives(Wat.Deciding("i64.const 0", Clock, start)).Reason);

    [Theory]
    [InlineData("(import \"hanse\" \"memory\" (memory 1 2))", "which is no function")]
    [InlineData("(import \"hanse\" \"table\" (table 1 funcref))", "which is no function")]
    [InlineData("(import \"hanse\" \"\" (func))", "which no host has")]
    [InlineData("(import \"\" \"clock\" (func (result i64)))", "which no host has")]
    [InlineData("(import \"hanse\" \"Clock\" (func (result i64)))", "which no host has")]
    [InlineData("(import \"hanse\" \"clock\\00\" (func (result i64)))", "which no host has")]
    [InlineData("(import \"hanse \" \"clock\" (func (result i64)))", "which no host has")]
    [InlineData("(import \"hanse\" \"clock\" (func (param i32) (result i64)))", "it is () -> i64")]
    [InlineData("(import \"env\" \"abort\" (func (param i32 i32 i32 i32)))", "which no host has")]
    public void Imports_that_nearly_are_some_are_refused(string import, string refusal)
    {
        string memory = import.Contains("memory", StringComparison.Ordinal)
            ? Wat.Head[Wat.Head.IndexOf("(func", StringComparison.Ordinal)..] : Wat.Head;
        Assert.Contains(refusal, Refusal(Wat.Module(Abstains, import, memory)), StringComparison.Ordinal);
    }

    // What it imports may be exported again, under any name; as one of its own functions it has the wrong
    // type.
    [Theory]
    [InlineData("decide", "propose", "(param i32 i32) (result i32)")]
    [InlineData("bid", "telemetry", "(param i32) (result i64)")]
    [InlineData("hanse_skill_abi", "clock", "(result i64)")]
    public void A_function_of_the_host_is_none_of_the_skill(string export, string import, string type)
    {
        string head = Wat.Head.Replace("(export \"" + export + "\") ", "", StringComparison.Ordinal);
        string body = export == "decide" ? "" : Abstains;
        string refusal = Refusal(Wat.Module(
            body + $"(export \"{export}\" (func $f))",
            $"(import \"hanse\" \"{import}\" (func $f {type}))", head));
        Assert.Contains($"it exports {export} as", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_import_many_times_is_one_function()
    {
        string clock = Clock.Replace("$clock ", "", StringComparison.Ordinal);
        byte[] module = Wat.Module(Abstains, Many(16, _ => clock));
        using Skill skill = Wat.Load(sandbox.Engine, module);
        Assert.Equal(HostFunctions.Clock, skill.Asks);
    }

    [Theory]
    [InlineData("i64.const 0x7fffffff7fffffff")]
    [InlineData("i64.const 0x7fffffff00000001")]
    [InlineData("i64.const 0x0000000180000000")]
    [InlineData("i64.const 0x0002000000000001")]
    public void Answers_at_the_edge_of_what_can_be_said_are_not_taken(string answer) =>
        Assert.Equal(AbstainReason.BadAnswer, Survives(Wat.Deciding(answer)).Reason);

    [Fact]
    public void An_answer_up_to_the_last_byte_of_its_memory_is_taken_and_an_empty_one_beyond_it()
    {
        _ = Assert.Single(Survives(Wat.Deciding("i64.const 0x0000ffff00000001")).Answer);
        Assert.True(Survives(Wat.Deciding("i64.const 0x0001000000000000")).IsAnswered);
        Assert.Equal(
            AbstainReason.BadAnswer, Survives(Wat.Deciding("i64.const 0x0001000100000000")).Reason);
    }

    [Theory]
    [InlineData("hanse_input", "(param i32) (result i32) (loop $l (br $l)) i32.const 1",
        AbstainReason.OutOfFuel)]
    [InlineData("hanse_input", "(param i32) (result i32) unreachable", AbstainReason.Trap)]
    [InlineData("hanse_input", "(param i32) (result i32) i32.const -1", AbstainReason.BadAnswer)]
    [InlineData("hanse_input", "(param i32) (result i32) i32.const 0x7fffffff", AbstainReason.BadAnswer)]
    [InlineData("hanse_skill_abi", "(result i32) (loop $l (br $l)) i32.const 1", AbstainReason.OutOfFuel)]
    [InlineData("hanse_skill_abi", "(result i32) i32.const 0", AbstainReason.NoSuchFunction)]
    [InlineData("hanse_skill_abi", "(result i32) i32.const -1", AbstainReason.NoSuchFunction)]
    public void What_comes_before_the_question_is_held_to_the_same(
        string function, string body, AbstainReason reason)
    {
        int from = Wat.Head.IndexOf($"(func (export \"{function}\")", StringComparison.Ordinal);
        int to = function == "hanse_input" ? Wat.Head.Length
            : Wat.Head.IndexOf("(func (export \"hanse_input\")", StringComparison.Ordinal);
        string head = Wat.Head[..from] + $"(func (export \"{function}\") {body})" + Wat.Head[to..];
        byte[] module = Wat.Module(Abstains, head: head);
        Assert.Equal(reason, Survives(module).Reason);
    }

    // All that a run can say: a thousand words of 4 KiB, each paid for.
    [Fact]
    public void A_flood_of_words_ends()
    {
        var heard = new Listener();
        SkillResult result = Survives(
            Wat.Deciding(
                "(loop $l (call $log (i32.const 0) (i32.const 4096)) (br $l)) (i64.const 0)",
                """(import "hanse" "log" (func $log (param i32 i32)))"""), host: heard);
        Assert.Equal(AbstainReason.HostRefused, result.Reason);
        Assert.Equal(HostCall.CallsMax, heard.Words);
        Assert.True(result.Fuel > HostCall.CallsMax * 4_096UL);
    }

    [Fact]
    public void A_host_that_fails_ends_the_run_and_nothing_else()
    {
        using Skill skill = Wat.Load(
            sandbox.Engine, Wat.Deciding("(drop (call $clock)) (i64.const 0)", Clock));
        SkillResult result = sandbox.Decide(skill, host: new Listener { Fails = true });
        Assert.False(result.IsAnswered);
        Assert.True(sandbox.Decide(skill, host: new Listener()).IsAnswered);
    }

    [Fact]
    public void A_warm_skill_of_another_version_or_that_cannot_begin_is_refused()
    {
        const string bid = """(func (export "bid") (param i32) (result i32) i32.const 0)""";
        using (Skill sound = Wat.Load(sandbox.Engine, Wat.Module(bid)))
        {
            using WarmSkill warm = sandbox.On(() => sound.Warm(1_000));
            Assert.False(sandbox.On(() => warm.TryBid(new byte[PricingRecord.Bytes])));
        }

        string second = Wat.Head.Replace(
            "(result i32) i32.const 1)", "(result i32) i32.const 2)", StringComparison.Ordinal);
        Refuses(Wat.Module(bid, head: second), "version 2");
        Refuses(Wat.Module(bid + "(func $s unreachable) (start $s)"), "cannot begin");
        Refuses(Wat.Module(bid + "(func $s (loop $l (br $l))) (start $s)"), "cannot begin");
        Refuses(Wat.Module(Abstains), "does not export bid");
        Refuses(
            Wat.Module(bid, head: Wat.Head.Replace("i32.const 8192", "i32.const 8",
                StringComparison.Ordinal)),
            "no room");

        void Refuses(byte[] module, string reason)
        {
            using Skill skill = Wat.Load(sandbox.Engine, module);
            SkillRefusedException refused = Assert.Throws<SkillRefusedException>(
                () => sandbox.On(() => skill.Warm(1_000)));
            Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Text_that_is_no_module_is_refused_with_its_line()
    {
        Assert.NotNull(SkillText.Module("(module)", out string? refusal));
        Assert.Null(SkillText.Module("(module (func (i32.bogus)))", out refusal));
        Assert.Contains("bogus", refusal, StringComparison.Ordinal);
        Assert.Null(SkillText.Module("", out refusal) is { } module && module.Length > 8 ? "" : null);
        Assert.Null(SkillText.Module(new string('(', 100_000), out refusal));
        Assert.Null(SkillText.Module("(module" + Many(20_000, _ => "(func (block ") + ")", out refusal));
        Assert.Null(SkillText.Module(new string(' ', SkillText.BytesMax + 1), out refusal));
        Assert.Contains("longer than", refusal, StringComparison.Ordinal);
    }

    private sealed class Listener : ISkillHost
    {
        public int Words { get; private set; }

        public bool Fails { get; init; }

        public long? Answer(HostCall call)
        {
            if (Fails)
            {
                throw new InvalidOperationException("no reading");
            }

            Words++;
            return 0;
        }
    }
}
