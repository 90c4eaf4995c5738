using System;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Machine;
using Hanse.Core.Wire;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.Cluster;

/// <summary>A machine as the store has it, to look at: it takes no turn of the machine, wherever that runs,
/// and nothing has to be told from process to process but its facts.</summary>
/// <remarks>Each look reads what has become durable since the last one. Whoever was answered by the machine
/// sees what it was answered for, since answers come after that. Cost: the first look reads a snapshot and
/// what came after it; and what it looks at stays in memory.</remarks>
#pragma warning disable CA1001 // A semaphore that nobody asked for its handle holds nothing.
internal sealed class FollowedMachine<TInput, TFact, TEffect>(
    StreamName stream, Func<IMachine<TInput, TFact, TEffect>> build, IStreamStore store)
    where TInput : class
    where TFact : class, IShaped<TFact>
    where TEffect : class
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private IMachine<TInput, TFact, TEffect>? _machine;
    private long _version;

    /// <summary>Looks at it.</summary>
    /// <exception cref="MachineFailedException">Its memory cannot be read now.</exception>
    public async Task<T> LookAsync<T>(Func<IMachine<TInput, TFact, TEffect>, T> look)
    {
        await _turn.WaitAsync();
        try
        {
            _machine ??= await LoadAsync();
            await foreach (StreamBatch batch in store.ReadAsync(stream, _version))
            {
                Demand(MachineMemory.Read<TFact>(batch.Run, _machine.Apply));
                _version = batch.Version;
            }

            return look(_machine);
        }
        catch (StoreException failure)
        {
            _machine = null; // Half a batch may have been applied.
            throw new MachineFailedException(stream, failure);
        }
        finally
        {
            _ = _turn.Release();
        }
    }

    private async Task<IMachine<TInput, TFact, TEffect>> LoadAsync()
    {
        IMachine<TInput, TFact, TEffect> machine = build();
        _version = 0;
        if (machine is IShapedState state
            && await store.SnapshotAsync(stream, CoreBuild.Name) is { } snapshot)
        {
            Demand(MachineMemory.Restore(state, snapshot.State));
            _version = snapshot.Version;
        }

        return machine;
    }

    private void Demand(DecodeError? error)
    {
        if (error is not null)
        {
            throw new StoreException($"'{stream}' is no memory of this machine: {error.Reason}");
        }
    }
}
