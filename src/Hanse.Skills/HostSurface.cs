using System;
using Wasmtime;

namespace Hanse.Skills;

/// <summary>All that code in the sandbox can reach of the world outside.</summary>
/// <remarks>Each call is charged: <see cref="CallFuel"/>, and one step a byte. Each is recorded with its
/// answer, so that the run can be taken again without the world.</remarks>
internal static class HostSurface
{
    /// <summary>Fuel of a call.</summary>
    public const ulong CallFuel = 100;

    /// <summary>A linker that has what a module asks for, and nothing else.</summary>
    public static Linker Linked(Engine engine, HostFunctions asks)
    {
        var linker = new Linker(engine);
        Define(HostFunctions.Telemetry, () => linker.DefineFunction(
            SkillAbi.HostModule, "telemetry",
            (Caller caller, int channel) => Ask(caller, HostFunctions.Telemetry, channel, 0, 0)));
        Define(HostFunctions.Propose, () => linker.DefineFunction(
            SkillAbi.HostModule, "propose",
            (Caller caller, int at, int length) =>
                Ask(caller, HostFunctions.Propose, 0, at, length) != 0 ? 1 : 0));
        Define(HostFunctions.Clock, () => linker.DefineFunction(
            SkillAbi.HostModule, "clock", (Caller caller) => Ask(caller, HostFunctions.Clock, 0, 0, 0)));
        Define(HostFunctions.Random, () => linker.DefineFunction(
            SkillAbi.HostModule, "random", (Caller caller) => Ask(caller, HostFunctions.Random, 0, 0, 0)));
        Define(HostFunctions.Log, () => linker.DefineFunction(
            SkillAbi.HostModule, "log",
            (Caller caller, int at, int length) => { _ = Ask(caller, HostFunctions.Log, 0, at, length); }));
        return linker;

        void Define(HostFunctions function, Action define)
        {
            if (asks.HasFlag(function))
            {
                define();
            }
        }
    }

    private static long Ask(Caller caller, HostFunctions function, int argument, int at, int length)
    {
        var run = (SkillRun)caller.GetData()!;
        byte[] bytes = [];
        if (function is HostFunctions.Propose or HostFunctions.Log)
        {
            Memory memory = caller.GetMemory(SkillAbi.Memory)!;
            if (length is < 0 or > HostCall.BytesMax || at < 0 || at > memory.GetLength() - length)
            {
                throw new SkillRefusedException(
                    $"{length} bytes at {at} for {function} are not in its memory, or more than "
                        + $"{HostCall.BytesMax}");
            }

            bytes = memory.GetSpan(at, length).ToArray();
        }

        ulong left = caller.Fuel;
        ulong cost = CallFuel + (ulong)bytes.Length;
        caller.Fuel = left > cost ? left - cost : 0;
        return run.Ask(new HostCall(function, argument, bytes, 0));
    }
}
