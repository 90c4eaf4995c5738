using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Wasmtime;

namespace Hanse.Skills;

/// <summary>A module that was looked at, compiled and linked with what it is granted, ready to run.</summary>
/// <remarks>
/// Every run has an instance of its own: nothing that a skill did to its memory lives on, and what a trap
/// leaves behind is never met. May be used by several threads. A run uses the stack of the thread that calls
/// it: that has to be a roomy one, <see cref="SkillWorkers"/>.
/// </remarks>
public sealed class Skill : IDisposable
{
    private static readonly SortedDictionary<string, (HostFunctions Function, string Type)> _hostFunctions =
        new(StringComparer.Ordinal)
        {
            ["telemetry"] = (HostFunctions.Telemetry, "(i32) -> i64"),
            ["propose"] = (HostFunctions.Propose, "(i32, i32) -> i32"),
            ["clock"] = (HostFunctions.Clock, "() -> i64"),
            ["random"] = (HostFunctions.Random, "() -> i64"),
            ["log"] = (HostFunctions.Log, "(i32, i32) -> ()"),
        };

    private static readonly SortedDictionary<string, string> _functions = new(StringComparer.Ordinal)
    {
        [SkillAbi.VersionFunction] = "() -> i32",
        [SkillAbi.InputFunction] = "(i32) -> i32",
        [SkillAbi.BidFunction] = "(i32) -> i32",
        [SkillAbi.DecideFunction] = "(i32, i32) -> i64",
        [SkillAbi.SelfCheckFunction] = "() -> i32",
    };

    private readonly SkillEngine _engine;
    private readonly Module _module;
    private readonly Linker _linker;
    private readonly SortedSet<string> _exports = new(StringComparer.Ordinal);

    private Skill(SkillEngine engine, Module module, Digest digest, HostFunctions asks)
    {
        _engine = engine;
        _module = module;
        _linker = HostSurface.Linked(engine.Engine, asks);
        Digest = digest;
        Asks = asks;
        foreach (FunctionExport function in module.Exports.OfType<FunctionExport>())
        {
            _ = _exports.Add(function.Name);
        }
    }

    /// <summary>SHA-256 of the module: its name everywhere.</summary>
    public Digest Digest { get; }

    /// <summary>What it asks of its host.</summary>
    public HostFunctions Asks { get; }

    /// <summary>Whether it has a function.</summary>
    public bool Has(string function) => _exports.Contains(function);

    /// <summary>Makes a module ready to run.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="bytes">The module, whatever it is. Compiling it takes time that nothing bounds but its
    /// size.</param>
    /// <param name="granted">What it may ask of its host.</param>
    /// <param name="refusal">Why it is not taken; null when it is.</param>
    /// <param name="compiled">What the compiler made of it on this very machine; without it, it is compiled
    /// here and now.</param>
    public static Skill? Load(
        SkillEngine engine, ReadOnlySpan<byte> bytes, HostFunctions granted, out string? refusal,
        byte[]? compiled = null)
    {
        refusal = Refusal(engine, bytes, granted, out HostFunctions asks);
        if (refusal is not null)
        {
            return null;
        }

        Module module;
        try
        {
            module = compiled is null
                ? Module.FromBytes(engine.Engine, "skill", bytes)
                : Module.Deserialize(engine.Engine, "skill", compiled);
        }
        catch (WasmtimeException failure)
        {
            refusal = "it cannot be compiled: " + FirstLine(failure.Message);
            return null;
        }

        refusal = Mistyped(module);
        if (refusal is not null)
        {
            module.Dispose();
            return null;
        }

        return new Skill(engine, module, Digest.Of(bytes), asks);
    }

    /// <summary>What the compiler makes of a module, for <see cref="Load"/> on this machine and no
    /// other: machine code that nothing checks.</summary>
    public static byte[]? Compile(SkillEngine engine, ReadOnlySpan<byte> bytes, out string? refusal)
    {
        refusal = Refusal(engine, bytes, (HostFunctions)(-1), out _);
        if (refusal is not null)
        {
            return null;
        }

        try
        {
            using var module = Module.FromBytes(engine.Engine, "skill", bytes);
            refusal = Mistyped(module);
            return refusal is null ? module.Serialize() : null;
        }
        catch (WasmtimeException failure)
        {
            refusal = "it cannot be compiled: " + FirstLine(failure.Message);
            return null;
        }
    }

    /// <summary>Prices a trip.</summary>
    /// <param name="record">The numbers of the trip, as <see cref="PricingRecord"/> writes them; the answer
    /// takes their place when there is one.</param>
    /// <param name="budget">What it may use.</param>
    /// <param name="host">Who answers it.</param>
    public SkillResult Bid(ReadOnlySpan<byte> record, SkillBudget budget, ISkillHost host)
    {
        using var run = new SkillRun(_engine, budget, host);
        return run.Bid(_linker, _module, this, record);
    }

    /// <summary>Decides a question.</summary>
    public SkillResult Decide(ReadOnlySpan<byte> question, SkillBudget budget, ISkillHost host)
    {
        using var run = new SkillRun(_engine, budget, host);
        return run.Decide(_linker, _module, this, question);
    }

    /// <summary>Has the skill look at itself: no answer, and declined with its own number in the detail when
    /// it is not in order.</summary>
    public SkillResult SelfCheck(SkillBudget budget, ISkillHost host)
    {
        using var run = new SkillRun(_engine, budget, host);
        return run.SelfCheck(_linker, _module, this);
    }

    /// <summary>An instance for many prices, one after the other.</summary>
    /// <param name="fuel">Fuel of each.</param>
    /// <exception cref="SkillRefusedException">It does not price, or cannot begin.</exception>
    public WarmSkill Warm(ulong fuel) => new(_engine, _module, _linker, fuel);

    /// <inheritdoc/>
    public void Dispose()
    {
        _linker.Dispose();
        _module.Dispose();
    }

    private static string? Refusal(
        SkillEngine engine, ReadOnlySpan<byte> bytes, HostFunctions granted, out HostFunctions asks)
    {
        asks = HostFunctions.None;
        if (ModuleScan.Of(bytes, out string? refusal) is not { } scan)
        {
            return refusal;
        }

        foreach (SkillImport import in scan.Imports)
        {
            if (import.Module != SkillAbi.HostModule
                || !_hostFunctions.TryGetValue(import.Name, out (HostFunctions Function, string) known))
            {
                return $"it imports {import.Module}.{import.Name}, which no host has; allowed: "
                    + string.Join(", ", _hostFunctions.Keys.Select(name => $"{SkillAbi.HostModule}.{name}"));
            }

            if (!granted.HasFlag(known.Function))
            {
                return $"it imports {import.Module}.{import.Name}, which it is not granted";
            }

            asks |= known.Function;
        }

        return Module.Validate(engine.Engine, bytes) is { } invalid
            ? "it is no valid module: " + FirstLine(invalid) : null;
    }

    private static string? Mistyped(Module module)
    {
        foreach (FunctionImport import in module.Imports.OfType<FunctionImport>())
        {
            string type = _hostFunctions[import.Name].Type;
            if (TypeOf(import.Parameters, import.Results) != type)
            {
                return $"it imports {import.ModuleName}.{import.Name} as "
                    + $"{TypeOf(import.Parameters, import.Results)}; it is {type}";
            }
        }

        bool hasWork = false;
        foreach (FunctionExport export in module.Exports.OfType<FunctionExport>())
        {
            if (_functions.TryGetValue(export.Name, out string? type)
                && TypeOf(export.Parameters, export.Results) != type)
            {
                return $"it exports {export.Name} as {TypeOf(export.Parameters, export.Results)}; it is "
                    + type;
            }

            hasWork |= export.Name is SkillAbi.BidFunction or SkillAbi.DecideFunction;
        }

        string? missing = new[] { SkillAbi.VersionFunction, SkillAbi.InputFunction }.FirstOrDefault(
            name => module.Exports.OfType<FunctionExport>().All(export => export.Name != name));
        return missing is not null ? $"it does not export the function {missing}"
            : hasWork ? null
            : $"it exports neither {SkillAbi.BidFunction} nor {SkillAbi.DecideFunction}";
    }

    private static string TypeOf(IEnumerable<ValueKind> parameters, IEnumerable<ValueKind> results)
    {
        string[] gives = [.. results.Select(NameOf)];
        return "(" + string.Join(", ", parameters.Select(NameOf)) + ") -> "
            + (gives.Length == 1 ? gives[0] : "(" + string.Join(", ", gives) + ")");
    }

    private static string NameOf(ValueKind kind) => kind switch
    {
        ValueKind.Int32 => "i32",
        ValueKind.Int64 => "i64",
        ValueKind.Float32 => "f32",
        ValueKind.Float64 => "f64",
        _ => "reference",
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
