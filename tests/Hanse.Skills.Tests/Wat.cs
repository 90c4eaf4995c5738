using System;
using System.IO;
using Hanse.Skills;
using Wasmtime;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>Skills in the text format: no toolchain is needed for them.</summary>
internal static class Wat
{
    /// <summary>What every skill has: a memory, its version, and room for input at 1,024.</summary>
    public const string Head = """
        (memory (export "memory") 1 2)
        (func (export "hanse_skill_abi") (result i32) i32.const 1)
        (func (export "hanse_input") (param $length i32) (result i32)
            (if (result i32) (i32.le_u (local.get $length) (i32.const 8192))
                (then i32.const 1024) (else i32.const 0)))
        """;

    /// <summary>A module of these parts.</summary>
    public static byte[] Module(string body, string imports = "", string head = Head) =>
        Wasmtime.Module.ConvertText("(module " + imports + " " + head + " " + body + ")");

    /// <summary>A skill that decides like this: an expression of an i64 over <c>$at</c> and
    /// <c>$length</c>.</summary>
    public static byte[] Deciding(string expression, string imports = "", string more = "") => Module(
        $"""
        (func (export "decide") (param $at i32) (param $length i32) (result i64)
            (local $i i32) (local $n i64) (local $x f64) (local $y f32) (local $hash i64)
            {expression})
        {more}
        """,
        imports);

    /// <summary>Loaded, with everything granted.</summary>
    public static Skill Load(SkillEngine engine, byte[] module)
    {
        Skill? skill = Skill.Load(engine, module, (HostFunctions)31, out string? refusal);
        Assert.True(skill is not null, refusal);
        return skill;
    }
}
