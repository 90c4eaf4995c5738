using Hanse.Core.Machine;
using Hanse.Core.Wire;

namespace Hanse.Simulation.Fleet;

/// <summary>A machine's durable memory in the simulator: a snapshot and the facts since, as bytes.</summary>
internal sealed class Journal<TFact>
    where TFact : class, IShaped<TFact>
{
    private const int SnapshotEvery = 1 << 16;

    private readonly ByteBuffer _facts = new();
    private byte[]? _snapshot;

    /// <summary>Appends one fact.</summary>
    public void Append(TFact fact) => MachineMemory.Append(_facts, fact);

    /// <summary>Replaces the facts by a snapshot once there are enough of them.</summary>
    public void Compact<TInput, TEffect>(IMachine<TInput, TFact, TEffect> machine)
        where TEffect : class
    {
        if (_facts.Length > SnapshotEvery)
        {
            _snapshot = MachineMemory.SnapshotOf((IShapedState)machine);
            _facts.Clear();
        }
    }

    /// <summary>Rebuilds a machine from what is durable.</summary>
    public void Restore<TInput, TEffect>(IMachine<TInput, TFact, TEffect> fresh)
        where TEffect : class
    {
        DecodeError? error = _snapshot is null
            ? null : MachineMemory.Restore((IShapedState)fresh, _snapshot);
        error ??= MachineMemory.Read<TFact>(_facts.Written.ToArray(), fresh.Apply);
        if (error is not null)
        {
            throw new BrokenInvariantException($"what was written is read again: {error}");
        }
    }
}
