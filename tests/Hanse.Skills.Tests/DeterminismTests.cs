using System;
using System.Buffers.Binary;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>The same bits and the same fuel, however the engine is set and in whatever process.</summary>
public sealed class DeterminismTests : IDisposable
{
    private readonly SkillEngine[] _engines =
        [new(isPooled: false), new(isPooled: false, isOptimised: false)];

    // A logistic map, roots, casts, and NaNs of three origins, whose bits differ between processors unless
    // they are made canonical. All bits are folded into one number.
    private static readonly byte[] _floats = Wat.Deciding(
        """
        (local.set $x (f64.const 0.41421356))
        (block $out (loop $l
            (br_if $out (i32.ge_u (local.get $i) (i32.const 20000)))
            (local.set $x (f64.mul (f64.mul (f64.const 3.9999) (local.get $x))
                (f64.sub (f64.const 1) (local.get $x))))
            (local.set $y (f32.demote_f64 (f64.sqrt (local.get $x))))
            (local.set $n (i64.xor (i64.reinterpret_f64 (local.get $x))
                (i64.extend_i32_u (i32.reinterpret_f32 (local.get $y)))))
            (local.set $n (i64.xor (local.get $n) (i64.reinterpret_f64
                (f64.div (f64.sub (local.get $x) (local.get $x)) (f64.sub (local.get $x) (local.get $x))))))
            (local.set $n (i64.xor (local.get $n) (i64.reinterpret_f64
                (f64.sqrt (f64.neg (f64.add (local.get $x) (f64.const 1)))))))
            (local.set $n (i64.xor (local.get $n) (i64.reinterpret_f64
                (f64.mul (f64.const inf) (f64.sub (local.get $x) (local.get $x))))))
            (local.set $hash (i64.mul (i64.xor (i64.rotl (local.get $hash) (i64.const 23)) (local.get $n))
                (i64.const 0x100000001b3)))
            (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $l)))
        (i64.store (i32.const 16) (local.get $hash))
        (i64.const 0x0000001000000008)
        """);

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void Bits_and_fuel_are_golden(bool isPooled, bool isOptimised)
    {
        using var engine = new SkillEngine(isPooled, isOptimised);
        using var workers = new SkillWorkers(1);
        using Skill skill = Wat.Load(engine, _floats);
        for (int run = 0; run < 2; run++)
        {
            SkillResult result = Decide(workers, skill);
            Assert.True(result.IsAnswered, result.Detail);
            Assert.Equal(
                (Golden, GoldenFuel),
                (BinaryPrimitives.ReadUInt64LittleEndian(result.Answer), result.Fuel));
        }
    }

    // What processors do each in their own way, with the bits that WebAssembly's specification demands. The
    // operands come from the question, so that no compiler works it out beforehand.
    [Theory]
    [InlineData("i64.trunc_sat_f64_s X", Nan, 0, 0L)]
    [InlineData("i64.trunc_sat_f64_s X", 0x7FF0_0000_0000_0000, 0, long.MaxValue)]
    [InlineData("i64.trunc_sat_f64_u X", unchecked((long)0xBFF0_0000_0000_0000), 0, 0L)]
    [InlineData("i64.trunc_sat_f64_u X", 0x4693_B8B5_B505_6E17, 0, -1L)]
    [InlineData("i64.extend_i32_u (i32.trunc_sat_f64_s X)", 0x41E6_5A0B_C000_0000, 0, (long)int.MaxValue)]
    [InlineData("i64.extend_i32_u (i32.trunc_sat_f64_u X)", 0x41E6_5A0B_C000_0000, 0, 3_000_000_000L)]
    [InlineData("i64.reinterpret_f64 (f64.min X Y)", 0, long.MinValue, long.MinValue)]
    [InlineData("i64.reinterpret_f64 (f64.max X Y)", long.MinValue, 0, 0L)]
    [InlineData("i64.reinterpret_f64 (f64.min X Y)", 1, -1, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.max X Y)", -1, 1, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.add X Y)", -1, 1, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.mul X Y)", 0x7FFC_0000_0000_0007, -2, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.sub X Y)", 0x7FF0_0000_0000_0000, 0x7FF0_0000_0000_0000, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.div X Y)", 0, 0, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.sqrt X)", -1_000, 0, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.nearest X)", -1_000, 0, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.promote_f32 (f32.demote_f64 X))", -1_000, 0, Nan)]
    [InlineData("i64.reinterpret_f64 (f64.neg X)", Nan, 0, unchecked((long)0xFFF8_0000_0000_0000))]
    [InlineData("i64.reinterpret_f64 (f64.nearest X)", 0x4004_0000_0000_0000, 0, 0x4000_0000_0000_0000L)]
    [InlineData("i64.reinterpret_f64 (f64.ceil X)",
        unchecked((long)0xBFE0_0000_0000_0000), 0, long.MinValue)]
    [InlineData("i64.reinterpret_f64 (f64.mul X Y)",
        0x0010_0000_0000_0000, 0x3FE0_0000_0000_0000, 0x0008_0000_0000_0000L)] // Half of the least one.
    [InlineData("i64.reinterpret_f64 (f64.sub (f64.mul X X) Y)",
        0x3FF0_0000_0040_0000, 0x3FF0_0000_0080_0000, 0L)] // Rounded twice, not once.
    [InlineData("i64.reinterpret_f64 (f64.convert_i64_u A)", -1, 0, 0x43F0_0000_0000_0000L)]
    [InlineData("i64.extend_i32_u (i32.reinterpret_f32 (f32.convert_i64_u A))",
        unchecked((long)0x8000_0080_0000_0001), 0, 0x5F00_0001L)]
    [InlineData("i64.shl A B", 1, 65, 2L)]
    [InlineData("i64.shr_s A B", -8, 129, -4L)]
    [InlineData("i64.extend_i32_u (i32.shl (i32.wrap_i64 A) (i32.wrap_i64 B))", 1, 33, 2L)]
    [InlineData("i64.rotr A B", 1, 65, long.MinValue)]
    [InlineData("i64.clz A", 0, 0, 64L)]
    [InlineData("i64.ctz A", 0, 0, 64L)]
    [InlineData("i64.rem_s A B", long.MinValue, -1, 0L)]
    [InlineData("i64.load (i32.add (local.get $at) (i32.const 3))",
        0x0102_0304_0506_0708, 0, 0x01_0203_0405L)]
    [InlineData("i64.div_s A B", long.MinValue, -1, null)]
    [InlineData("i64.div_u A B", 1, 0, null)]
    [InlineData("i64.rem_s A B", 1, 0, null)]
    [InlineData("i64.trunc_f64_s X", Nan, 0, null)]
    [InlineData("i64.trunc_f64_s X", 0x43E0_0000_0000_0000, 0, null)]
    public void What_processors_do_each_in_their_own_way_is_done_in_one(
        string expression, long a, long b, long? wanted)
    {
        string text = expression
            .Replace("X", "(f64.load (local.get $at))", StringComparison.Ordinal)
            .Replace("Y", "(f64.load offset=8 (local.get $at))", StringComparison.Ordinal)
            .Replace("A", "(i64.load (local.get $at))", StringComparison.Ordinal)
            .Replace("B", "(i64.load offset=8 (local.get $at))", StringComparison.Ordinal);
        byte[] module = Wat.Deciding(
            $"(i64.store (i32.const 16) ({text})) (i64.const 0x0000001000000008)");
        byte[] question = Shipped.Bytes(a, b);
        using var workers = new SkillWorkers(1);
        foreach (SkillEngine engine in _engines)
        {
            using Skill skill = Wat.Load(engine, module);
            SkillResult result = Decide(workers, skill, question);
            Assert.Equal(wanted is null ? AbstainReason.Trap : AbstainReason.None, result.Reason);
            if (wanted is { } bits)
            {
                Assert.Equal([bits], Shipped.Numbers(result.Answer));
            }
        }
    }

    public void Dispose() => Array.ForEach(_engines, engine => engine.Dispose());

    private static SkillResult Decide(SkillWorkers workers, Skill skill, byte[]? question = null) =>
        workers.Run(() => skill.Decide(question ?? [1], SkillBudget.Decision, NoHost.Instance))
            .GetAwaiter().GetResult();

    private const long Nan = 0x7FF8_0000_0000_0000;

    private const ulong Golden = 7_154_480_800_488_851_968;
    private const ulong GoldenFuel = 1_300_019;

    [Fact]
    public void The_fingerprint_names_the_engine() =>
        Assert.StartsWith("wasmtime/50.0.1/", SkillEngine.Fingerprint, StringComparison.Ordinal);
}
