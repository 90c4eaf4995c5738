using System;
using Hanse.Core.Decisions;
using Wasmtime;

namespace Hanse.Skills;

/// <summary>A skill in one instance that is used again and again: a hundred times as fast as a fresh one each
/// time.</summary>
/// <remarks>What it leaves in its memory is there for the next call, so its answers may depend on what came
/// before: good for simulations and measurements, and not for a decision that somebody is to take again.
/// After a trap it is not used again. One thread at a time, with a roomy stack.</remarks>
public sealed class WarmSkill : IDisposable
{
    private readonly Store _store;
    private readonly Memory _memory;
    private readonly Func<int, int> _bid;
    private readonly int _at;
    private readonly ulong _fuel;
    private bool _isSpoilt;

    internal WarmSkill(SkillEngine engine, Module module, Linker linker, ulong fuel)
    {
        _fuel = fuel;
        _store = engine.NewStore(null, fuel, ulong.MaxValue / 2);
        try
        {
            Instance instance = linker.Instantiate(_store, module);
            int version = instance.GetFunction<int>(SkillAbi.VersionFunction)!();
            if (version != SkillAbi.Version)
            {
                throw new SkillRefusedException(
                    $"it speaks version {version}; this host: {SkillAbi.Version}");
            }

            _memory = instance.GetMemory(SkillAbi.Memory)!;
            _bid = instance.GetFunction<int, int>(SkillAbi.BidFunction)
                ?? throw new SkillRefusedException($"it does not export {SkillAbi.BidFunction}");
            int at = instance.GetFunction<int, int>(SkillAbi.InputFunction)!(PricingRecord.Bytes);
            _at = at > 0 && at <= _memory.GetLength() - PricingRecord.Bytes ? at
                : throw new SkillRefusedException($"it has no room for {PricingRecord.Bytes} bytes");
        }
        catch (WasmtimeException failure)
        {
            _store.Dispose();
            throw new SkillRefusedException("it cannot begin: " + failure.Message.Split('\n', 2)[0], failure);
        }
        catch (SkillRefusedException)
        {
            _store.Dispose();
            throw;
        }
    }

    /// <summary>Prices a trip.</summary>
    /// <param name="record">The numbers, <see cref="PricingRecord.Bytes"/> of them; the answer takes their
    /// place.</param>
    /// <returns>False when it abstains, or has trapped now or before.</returns>
    public bool TryBid(Span<byte> record)
    {
        if (_isSpoilt)
        {
            return false;
        }

        try
        {
            record.CopyTo(_memory.GetSpan(_at, PricingRecord.Bytes));
            _store.Fuel = _fuel;
            if (_bid(_at) != 1)
            {
                return false;
            }

            _memory.GetSpan(_at, PricingRecord.AnswerBytes).CopyTo(record);
            return true;
        }
        catch (WasmtimeException)
        {
            _isSpoilt = true;
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();
}
