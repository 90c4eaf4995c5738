using System;
using System.Buffers.Binary;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>The same bits and the same fuel, however the engine is set and in whatever process.</summary>
public sealed class DeterminismTests
{
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

    private static SkillResult Decide(SkillWorkers workers, Skill skill) => workers.Run(
        () => skill.Decide([1], SkillBudget.Decision, NoHost.Instance)).GetAwaiter().GetResult();

    private const ulong Golden = 7_154_480_800_488_851_968;
    private const ulong GoldenFuel = 1_300_019;

    [Fact]
    public void The_fingerprint_names_the_engine() =>
        Assert.StartsWith("wasmtime/50.0.1/", SkillEngine.Fingerprint, StringComparison.Ordinal);
}
