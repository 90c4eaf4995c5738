using System;
using System.Collections.Generic;
using Hanse.Core.Decisions;
using Wasmtime;

namespace Hanse.Skills;

/// <summary>One run of a skill in an instance of its own: from its budget to its result.</summary>
internal sealed class SkillRun : IDisposable
{
    private readonly SkillBudget _budget;
    private readonly ISkillHost _host;
    private readonly Store _store;
    private List<HostCall>? _calls;

    public SkillRun(SkillEngine engine, SkillBudget budget, ISkillHost host)
    {
        _budget = budget;
        _host = host;
        _store = engine.NewStore(this, budget.Fuel, (ulong)Math.Max(1, budget.Ticks));
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    public SkillResult Bid(Linker linker, Module module, Skill skill, ReadOnlySpan<byte> record) =>
        Run(linker, module, skill, SkillAbi.BidFunction, record, (instance, memory, at) =>
            instance.GetFunction<int, int>(SkillAbi.BidFunction)!(at) switch
            {
                1 => Answer(memory, at, PricingRecord.AnswerBytes),
                0 => Abstain(AbstainReason.Declined, ""),
                int priced => Abstain(
                    AbstainReason.BadAnswer, $"bid returned {priced}; allowed: 0 and 1"),
            });

    public SkillResult Decide(Linker linker, Module module, Skill skill, ReadOnlySpan<byte> question)
    {
        int length = question.Length;
        return Run(linker, module, skill, SkillAbi.DecideFunction, question, (instance, memory, at) =>
        {
            long answer = instance.GetFunction<int, int, long>(SkillAbi.DecideFunction)!(at, length);
            return answer < 0 ? Abstain(AbstainReason.Declined, "")
                : Answer(memory, (int)(answer >> 32), (int)answer);
        });
    }

    public SkillResult SelfCheck(Linker linker, Module module, Skill skill) =>
        Run(linker, module, skill, SkillAbi.SelfCheckFunction, [], (instance, _, _) =>
        {
            int found = instance.GetFunction<int>(SkillAbi.SelfCheckFunction)!();
            return found == 0 ? End(AbstainReason.None, [], "")
                : Abstain(AbstainReason.Declined, $"the skill finds itself out of order: {found}");
        });

    // In a fresh instance that has its input: whatever it does there, it comes to a result.
    private SkillResult Run(
        Linker linker, Module module, Skill skill, string function, ReadOnlySpan<byte> input,
        Func<Instance, Memory, int, SkillResult> call)
    {
        if (!skill.Has(function))
        {
            return Abstain(AbstainReason.NoSuchFunction, $"it does not export {function}");
        }

        try
        {
            Instance instance = linker.Instantiate(_store, module);
            Memory memory = instance.GetMemory(SkillAbi.Memory)!;
            return Begin(instance, memory, input, out int at) ?? call(instance, memory, at);
        }
        catch (WasmtimeException failure)
        {
            return Failed(failure);
        }
    }

    /// <summary>The host's answer to what the skill asks; recorded.</summary>
    /// <exception cref="SkillRefusedException">There is none.</exception>
    public long Ask(HostCall call)
    {
        _calls ??= [];
        if (_calls.Count == HostCall.CallsMax)
        {
            throw new SkillRefusedException($"it asked its host more than {HostCall.CallsMax} times");
        }

        long answer = _host.Answer(call)
            ?? throw new SkillRefusedException($"the host has no answer for {call.Function}");
        _calls.Add(call with { Answer = answer });
        return answer;
    }

    // The version is spoken, and the input is where the skill wants it.
    private SkillResult? Begin(Instance instance, Memory memory, ReadOnlySpan<byte> input, out int at)
    {
        at = 0;
        int version = instance.GetFunction<int>(SkillAbi.VersionFunction)!();
        if (version != SkillAbi.Version)
        {
            return Abstain(
                AbstainReason.NoSuchFunction, $"it speaks version {version}; this host: {SkillAbi.Version}");
        }

        if (input.IsEmpty)
        {
            return null;
        }

        at = instance.GetFunction<int, int>(SkillAbi.InputFunction)!(input.Length);
        if (at == 0)
        {
            return Abstain(AbstainReason.InputTooLong, $"it has no room for {input.Length} bytes");
        }

        if (at < 0 || at > memory.GetLength() - input.Length)
        {
            return Abstain(AbstainReason.BadAnswer, $"it wants its input at {(uint)at}, outside its memory");
        }

        input.CopyTo(memory.GetSpan(at, input.Length));
        return null;
    }

    private SkillResult Answer(Memory memory, int at, int length) =>
        at < 0 || length < 0 || length > _budget.AnswerBytes || at > memory.GetLength() - length
            ? Abstain(
                AbstainReason.BadAnswer, $"{(uint)length} bytes at {(uint)at} are not in its memory, or more "
                    + $"than {_budget.AnswerBytes}")
            : End(AbstainReason.None, memory.GetSpan(at, length).ToArray(), "");

    private SkillResult Failed(WasmtimeException failure)
    {
        var trap = failure as TrapException;
        return failure.InnerException is SkillRefusedException refused
            ? Abstain(AbstainReason.HostRefused, refused.Message)
            : trap is null ? Abstain(AbstainReason.NoInstance, failure.Message.Split('\n', 2)[0])
            : Abstain(
                trap.Type switch
                {
                    TrapCode.OutOfFuel => AbstainReason.OutOfFuel,
                    TrapCode.StackOverflow => AbstainReason.StackOverflow,
                    TrapCode.Interrupt => AbstainReason.TooSlow,
                    _ => AbstainReason.Trap,
                },
                trap.Type.ToString());
    }

    private SkillResult Abstain(AbstainReason reason, string detail) => End(reason, [], detail);

    private SkillResult End(AbstainReason reason, byte[] answer, string detail) =>
        new(reason, answer, _budget.Fuel - Math.Min(_budget.Fuel, _store.Fuel), _calls ?? [], detail);
}
