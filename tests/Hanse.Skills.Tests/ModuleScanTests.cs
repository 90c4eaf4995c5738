using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Modules that are refused before anything is compiled, each with a reason; and thousands of
/// mutants.</summary>
public sealed class ModuleScanTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private const string Abstains =
        """(func (export "decide") (param i32 i32) (result i64) i64.const -1)""";

    [Fact]
    public void A_sound_module_is_taken_with_what_it_asks_for()
    {
        ModuleScan? scan = ModuleScan.Of(
            Wat.Module(Abstains, """(import "hanse" "clock" (func (result i64)))"""), out string? refusal);
        Assert.Null(refusal);
        Assert.Equal([new SkillImport("hanse", "clock")], scan!.Imports);
        Assert.Equal(2, scan.MemoryPages);
    }

    [Theory]
    [InlineData("(memory (export \"memory\") 1)", "has no maximum")]
    [InlineData("(memory (export \"memory\") 1 17)", "17 pages of memory; allowed: up to 16")]
    [InlineData("(memory (export \"memory\") 1 1) (memory 1 1)", "2 memories; allowed: up to 1")]
    [InlineData("(memory (export \"memory\") 1 2 shared)", "is shared")]
    [InlineData("(memory (export \"memory\") i64 1 2)", "another kind")]
    [InlineData("(memory 1 2)", "does not export its memory")]
    [InlineData("", "")]
    public void A_memory_is_one_with_a_maximum_and_exported(string memory, string refusal)
    {
        string head = memory + Wat.Head[Wat.Head.IndexOf("(func", StringComparison.Ordinal)..];
        Refuses(
            Wat.Module(Abstains, head: head), refusal.Length > 0 ? refusal : "does not export its memory");
    }

    [Theory]
    [InlineData("(table 1001 funcref)", "1,001 table elements; allowed: up to 1,000")]
    [InlineData("(table 1 funcref) (table 1 funcref)", "2 tables; allowed: up to 1")]
    public void A_table_is_one_and_small(string table, string refusal) =>
        Refuses(Wat.Module(Abstains + table), refusal);

    [Fact]
    public void Numbers_of_things_are_limited()
    {
        string Many(int count, Func<int, string> thing) =>
            string.Concat(Enumerable.Range(0, count).Select(thing));
        Refuses(Wat.Module(Abstains + Many(2_048, _ => "(func)")), "functions; allowed: up to 2,048");
        Refuses(Wat.Module(Abstains + Many(300, _ => "(global i32 (i32.const 0))")), "300 global variables");
        Refuses(
            Wat.Module(Abstains + Many(70, i => $"(func (export \"f{i}\"))")), "exports; allowed: up to 64");
        Refuses(
            Wat.Module(Abstains, Many(17, _ => "(import \"hanse\" \"clock\" (func (result i64)))")),
            "17 imports; allowed: up to 16");
        Refuses(Wat.Module(Abstains + "(func " + Many(1_025, i => $"(local {(i % 2 == 0 ? "i32" : "i64")})")
            + ")"), "local variables");
        Refuses(
            Wat.Module(Abstains + $"(func (export \"{new string('x', 65)}\"))"), "65 bytes of a name");
        Refuses(Wat.Module(Abstains + "(func " + Many(40_000, _ => "nop nop ") + ")"), "bytes of a function");
        Refuses(
            Wat.Module(Abstains + Many(1_025, i => $"(data (i32.const {i}) \"x\")")), "1,025 segments");
    }

    // 560 KB of nested loops kept the compiler busy for 29 seconds.
    [Fact]
    public void A_bomb_for_the_compiler_is_refused_by_its_size()
    {
        var bomb = new StringBuilder(Abstains);
        for (int i = 0; i < 40; i++)
        {
            _ = bomb.Append("(func ").Insert(
                bomb.Length, "(loop (br_if 0 (i32.const 0)))", 1_000).Append(')');
        }

        byte[] module = Wat.Module(bomb.ToString());
        Assert.True(module.Length > ModuleLimits.ModuleBytesMax, $"{module.Length} bytes");
        Refuses(module, "bytes; allowed: up to 262,144");
    }

    [Fact]
    public void Notes_of_tools_are_limited_and_otherwise_passed_over()
    {
        byte[] module = Wat.Module(Abstains);
        Assert.NotNull(ModuleScan.Of([.. module, .. Custom(100)], out _));
        Refuses(
            [.. module, .. Enumerable.Repeat(Custom(1), 17).SelectMany(bytes => bytes)], "custom sections");
        Refuses([.. module, .. Custom(33_000)], "bytes of custom sections");
        Refuses([.. module, 0, 200], "ends early");
        Refuses([.. module, 0, 3, 2, 0xFF, 0xFE], "no text");
        Refuses([.. module, 1, 1, 0], "out of order");
        Refuses([.. module, 14, 0], "out of order or unknown");
        Refuses([.. module, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], "number that is too long");
        Refuses([], "does not begin");
        Refuses([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], "does not begin"); // A component.
        Refuses(module[..^1], "ends early");
    }

    [Theory]
    [InlineData("decide", "(param i32) (result i64) i64.const -1", "it is (i32, i32) -> i64")]
    [InlineData("nothing", "", "exports neither bid nor decide")]
    [InlineData("vectors", "(param i32 i32) (result i64) (drop (v128.const i32x4 0 0 0 0)) i64.const -1",
        "no valid module")]
    [InlineData("ill typed", "(param i32 i32) (result i64) i32.const 1", "no valid module")]
    public void What_is_no_skill_is_refused_with_a_reason(string what, string function, string refusal)
    {
        string body = function.Length > 0 ? $"(func (export \"decide\") {function})" : "";
        Assert.Null(Skill.Load(sandbox.Engine, Wat.Module(body), HostFunctions.None, out string? why));
        Assert.True(why!.Contains(refusal, StringComparison.Ordinal), $"{what}: {why}");
    }

    // Whatever bytes come, the process goes on: they are refused, or they run within their budget.
    [Fact]
    public void Ten_thousand_mutants_do_no_harm()
    {
        byte[][] seeds =
        [
            Wat.Deciding("(i64.store (i32.const 16) (call $clock)) (i64.const 0x0000001000000008)",
                """(import "hanse" "clock" (func $clock (result i64)))"""),
            Wat.Deciding("""
                (block $out (loop $l
                    (br_if $out (i32.ge_u (local.get $i) (local.get $length)))
                    (local.set $n (i64.add (local.get $n)
                        (i64.load8_u (i32.add (local.get $at) (local.get $i)))))
                    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l)))
                (i64.store (i32.const 16) (local.get $n))
                (i64.const 0x0000001000000008)
                """, more: """
                (table 4 funcref) (elem (i32.const 0) $f $f) (type $t (func (result i32)))
                (func $f (result i32) (i32.const 7))
                (func (export "selfcheck") (result i32)
                    (i32.sub (call_indirect (type $t) (i32.const 1)) (i32.const 7)))
                (global $g (mut f64) (f64.const 1.5)) (data (i32.const 64) "hello")
                """),
        ];
        var random = new Random(20261130);
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var budget = new SkillBudget(100_000, 100, 1_024);
        for (int i = 0; i < 10_000; i++)
        {
            byte[] mutant = Mutate(seeds[i % seeds.Length], random);
            using Skill? skill = Skill.Load(sandbox.Engine, mutant, (HostFunctions)31, out string? refusal);
            Assert.True(skill is null == refusal is not null);
            string end = "refused";
            if (skill is not null)
            {
                SkillResult result = sandbox.Decide(skill, [1, 2, 3, 4], budget);
                Assert.True(result.IsAnswered || result.Answer.Length == 0);
                end = result.Reason.ToString();
            }

            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        string found = string.Join(", ", ends.Select(end => $"{end.Key} {end.Value}"));
        Assert.True(ends.Count >= 5 && ends["refused"] is > 3_000 and < 9_900, found);
        Assert.True(sandbox.Decide(seeds[1]).IsAnswered);
    }

    private static byte[] Mutate(byte[] module, Random random)
    {
        byte[] mutant = [.. module];
        int changes = 1 + random.Next(3);
        for (int i = 0; i < changes; i++)
        {
            int at = 8 + random.Next(mutant.Length - 8);
            mutant = random.Next(6) switch
            {
                0 => [.. mutant[..at], .. mutant[(at + 1)..]],
                1 => [.. mutant[..at], (byte)random.Next(256), .. mutant[at..]],
                2 => mutant[..Math.Max(9, at)],
                3 => With(mutant, at, (byte)(mutant[at] ^ (1 << random.Next(8)))),
                _ => With(mutant, at, (byte)random.Next(256)),
            };
        }

        return mutant;

        static byte[] With(byte[] bytes, int at, byte value)
        {
            bytes[at] = value;
            return bytes;
        }
    }

    private static byte[] Custom(int length) =>
        [0, .. Number((uint)length + 2), 1, (byte)'x', .. new byte[length]];

    private static byte[] Number(uint value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }

    private static void Refuses(byte[] module, string refusal)
    {
        Assert.Null(ModuleScan.Of(module, out string? why));
        Assert.True(why!.Contains(refusal, StringComparison.Ordinal), why);
    }
}
