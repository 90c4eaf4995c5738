using System;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using Wasmtime;

namespace Hanse.Skills;

/// <summary>The engine that runs skills: one for a process, made of constants alone.</summary>
/// <remarks>
/// The problem: code that strangers wrote must give the same bits on every machine and must not harm any. The
/// idea: WebAssembly without what is not the same everywhere (threads, relaxed vectors, whatever NaNs a
/// processor makes) and with a count of its steps. Fuel is the bound that is part of a result; the clock
/// behind <see cref="Tick"/> only ends what fuel did not.
/// <para>
/// Nothing here comes from outside: a pool that is too large ends the process when it is made. The
/// fingerprint names the version and the settings; results and fuel are compared under one fingerprint only.
/// </para>
/// </remarks>
public sealed class SkillEngine : IDisposable
{
    /// <summary>Instances at a time; a further one is refused. More would use up the mappings of a process:
    /// 65,530 on Linux.</summary>
    public const int InstancesMax = 512;

    /// <summary>Bytes of stack for a skill's calls.</summary>
    public const int StackBytes = 256 * 1024;

    /// <summary>Time between two ticks of the engine's clock.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private const string WasmtimeVersion = "50.0.1";

    private readonly Timer _clock;

    /// <summary>Starts an engine.</summary>
    /// <param name="isPooled">Whether instances come out of a pool, which is several times faster; without
    /// one nothing differs but that.</param>
    /// <param name="isOptimised">Whether the compiler takes time for better code, of the same
    /// meaning.</param>
    public SkillEngine(bool isPooled = true, bool isOptimised = true)
    {
        Engine = Start(isPooled, isOptimised);
        _clock = new Timer(_ => Engine.IncrementEpoch(), null, Tick, Tick);
    }

    /// <summary>What results depend on besides the module: version of the engine, and its settings.</summary>
    public static string Fingerprint { get; } = "wasmtime/" + WasmtimeVersion + "/"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(
            $"fuel nan-canonical speed stack={StackBytes} memory={ModuleLimits.MemoryPagesMax} "
            + $"table={ModuleLimits.TableElementsMax} bulk-memory reference-types multi-value")))[..16];

    internal Engine Engine { get; }

    /// <summary>Room for one instance, with its fuel, its time and the limits of every skill.</summary>
    internal Store NewStore(object? data, ulong fuel, ulong ticks)
    {
        var store = new Store(Engine, data) { Fuel = fuel };
        store.SetEpochDeadline(ticks);
        store.SetLimits(
            ModuleLimits.MemoryPagesMax * SkillAbi.PageBytes, ModuleLimits.TableElementsMax, 1, 1, 1);
        return store;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        using var stopped = new ManualResetEvent(false);
        if (_clock.Dispose(stopped))
        {
            _ = stopped.WaitOne(); // No tick may come after the engine is gone.
        }

        _clock.Dispose();
        Engine.Dispose();
    }

    private static Engine Start(bool isPooled, bool isOptimised)
    {
        using var config = new Config();
        _ = config
            .WithFuelConsumption(true)
            .WithEpochInterruption(true)
            .WithCraneliftNaNCanonicalization(true)
            .WithOptimizationLevel(isOptimised ? OptimizationLevel.Speed : OptimizationLevel.None)
            .WithParallelCompilation(false)
            .WithMaximumStackSize(StackBytes)
            .WithStaticMemoryMaximumSize((ulong)(ModuleLimits.MemoryPagesMax * SkillAbi.PageBytes))
            .WithMemoryGuardSize(SkillAbi.PageBytes)
            .WithMemoryReservationForGrowth(0)
            .WithWasmThreads(false)
            .WithSIMD(false)
            .WithRelaxedSIMD(false, true)
            .WithMemory64(false)
            .WithMultiMemory(false)
            .WithTailCalls(false)
            .WithExceptions(false)
            .WithFunctionReferences(false)
            .WithGc(false)
            .WithWideArithmetic(false)
            .WithComponentModel(false);
        using var pool = new PoolingAllocationConfig();
        _ = pool
            .WithMaxCoreInstances(InstancesMax)
            .WithMaxMemories(InstancesMax)
            .WithMaxTables(InstancesMax)
            .WithMaxMemoriesPerModule(1)
            .WithMaxTablesPerModule(1)
            .WithMaxTableElements(ModuleLimits.TableElementsMax)
            .WithMaxMemorySize((nuint)(ModuleLimits.MemoryPagesMax * SkillAbi.PageBytes))
            .WithLinearMemoryKeepResidentBytes(128 * 1024)
            .WithTableKeepResidentBytes(16 * 1024);
        return new Engine(isPooled ? config.WithPoolingAllocationStrategy(pool) : config);
    }
}
