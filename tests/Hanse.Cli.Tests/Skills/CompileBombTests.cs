using System;
using System.Diagnostics;
using System.IO;
using System.Text;
using Hanse.Skills;
using Xunit;

namespace Hanse.Cli.Tests.Skills;

/// <summary>Modules within every limit that keep a compiler as busy as they can: it is done in time, or its
/// process is ended; ours goes on.</summary>
public sealed class CompileBombTests
{
    private const string Head = """
        (memory (export "memory") 1 2)
        (func (export "hanse_skill_abi") (result i32) i32.const 1)
        (func (export "hanse_input") (param i32) (result i32) i32.const 8)
        (func (export "decide") (param i32 i32) (result i64) i64.const -1)
        """;

    private static readonly CompileWorker _worker = new(
        "dotnet", Path.Combine(AppContext.BaseDirectory, "hanse.dll"), "skill", "compile-worker");

    private static string Many(int count, Func<int, string> thing)
    {
        var all = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            _ = all.Append(thing(i));
        }

        return all.ToString();
    }

    // As many of such functions as there is room for.
    private static byte[] Filled(string function, string before = "")
    {
        byte[] none = Module(before);
        int one = Module(before + function).Length - none.Length;
        int copies = Math.Min(2_045, (ModuleLimits.ModuleBytesMax - none.Length) / (one + 4));
        return Module(before + Many(copies, _ => function));
    }

    private static byte[] Module(string body)
    {
        byte[]? module = SkillText.Module("(module " + Head + body + ")", out string? refusal);
        Assert.True(module is not null, refusal);
        return module;
    }

    private static string Function(string kind) => kind switch
    {
        "small functions" => "(func)",
        "loops" => "(func " + Many(7_000, _ => "(loop (br_if 0 (i32.const 99999)))") + ")",
        "joins" => "(func (local " + Many(1_000, _ => "i32 ") + ") "
            + Many(6_000, i => $"local.get 0 if i32.const {i % 60} local.set {i % 1_000} end ") + ")",
        "loops of many values" => "(func (local " + Many(1_000, _ => "i32 ") + ") "
            + Many(3_500, i => $"loop local.get {i % 1_000} local.get {i * 7 % 1_000} i32.add local.set "
                + $"{i % 1_000} local.get {i * 13 % 1_000} br_if 0 end ") + ")",
        "branches to everywhere" => "(func " + Many(10_000, _ => "block ") + "i32.const 1 br_table "
            + Many(10_000, i => $"{i} ") + Many(10_000, _ => "end ") + ")",
        "values that all live" => "(func (result i32) "
            + Many(8_000, i => $"i32.const {i % 64} i32.load offset={i % 64} ") + Many(7_999, _ => "i32.add ")
                + ")",
        "calls of many values" => "(func (param " + Many(16, _ => "i64 ") + ") "
            + Many(1_700, _ => Many(16, i => $"local.get {i} ") + "i32.const 0 call_indirect (param "
                + Many(16, _ => "i64 ") + ") ") + ")",
        "numbers" => "(func (result f64) f64.const 1 " + Many(5_000, _ => "f64.sqrt f64.const 3 f64.div ")
            + ")",
        "nested loops" => "(func (local " + Many(1_000, _ => "i32 ") + ") "
            + Many(14_000, _ => "loop ") + Many(1_000, i => $"i32.const 1 local.set {i} ")
            + "i32.const 0 br_if 0 " + Many(14_000, _ => "end ") + ")",
        "nested loops that are left" => "(func (local " + Many(1_000, _ => "i32 ") + ") "
            + Many(7_000, _ => "loop local.get 0 br_if 0 ")
            + Many(1_000, i => $"local.get {i} i32.const 1 i32.add local.set {i} ") + Many(7_000, _ => "end ")
                + ")",
        _ => throw new UnreachableException(kind),
    };

    [Theory]
    [InlineData("small functions")]
    [InlineData("loops")]
    [InlineData("joins")]
    [InlineData("branches to everywhere")]
    [InlineData("values that all live")]
    [InlineData("calls of many values")]
    [InlineData("numbers")]
    public void What_fills_every_limit_is_compiled_in_time_or_its_process_ended(string kind)
    {
        byte[] module = Filled(Function(kind), "(table 1 funcref)");
        Assert.Null(Compile(kind, module, CompileWorker.TimeMax));
    }

    // A thousand variables that live through thousands of loops: each loop has to hand on all of them.
    [Theory]
    [InlineData("loops of many values")]
    [InlineData("nested loops")]
    [InlineData("nested loops that are left")]
    public void What_takes_too_long_within_every_limit_is_ended_from_outside(string kind)
    {
        string? refusal = Compile(kind, Filled(Function(kind)), TimeSpan.FromSeconds(2));
        Assert.StartsWith("compiling it takes ", refusal, StringComparison.Ordinal);
        Assert.Null(Compile("a sound module", Module(""), CompileWorker.TimeMax));
    }

    // One function of 560 KB with 20,000 loops took 29 seconds: it never comes to a compiler.
    [Fact]
    public void A_bomb_beyond_the_limits_starts_no_process()
    {
        byte[] module = Module("(func " + Many(
            24_000, _ => "(loop (br_if 0 (i32.and (i32.load offset=1000000 (i32.const 99999)) "
                + "(i32.load offset=1000000 (i32.const 99999)))))") + ")");
        Assert.InRange(module.Length, 500_000, 600_000);
        Assert.Null(new CompileWorker("/nowhere/compiler").Compile(module, out string? refusal));
        Assert.Contains("bytes; allowed: up to 262,144", refusal, StringComparison.Ordinal);
    }

    private static string? Compile(string kind, byte[] module, TimeSpan limit)
    {
        long began = Stopwatch.GetTimestamp();
        byte[]? code = _worker.Compile(module, out string? refusal, limit);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{kind}: {module.Length} bytes, {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s, "
                + $"{code?.Length} bytes of code, {refusal}");
        Assert.True(code is null == refusal is not null);
        return refusal;
    }
}
