using System;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Node;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;

namespace Hanse.IO.Stores;

/// <summary>Reads a whole store and says what in it is not as it was written.</summary>
/// <remarks>Every batch is read, its checksum compared, the gaplessness of every stream seen, and every fact
/// decoded. Whether the facts make sense together is for those who know the mission: a machine built from
/// them, or <c>hanse ledger audit</c>. Cost: one reading of the store.</remarks>
public static class StoreAudit
{
    /// <summary>Reads a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="seen">Hears of each stream that was read, with null or what is wrong.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What is wrong, by stream; empty when nothing is.</returns>
    /// <exception cref="StoreException">It cannot be read at all.</exception>
    public static async Task<ImmutableArray<string>> ReadAsync(
        IStreamStore store, Action<StreamState, string?> seen, CancellationToken cancel = default)
    {
        ImmutableArray<string>.Builder wrong = ImmutableArray.CreateBuilder<string>();
        foreach (StreamState state in await store.ListAsync(cancel))
        {
            string? found = await ReadAsync(store, state, cancel);
            seen(state, found);
            if (found is not null)
            {
                wrong.Add(found);
            }
        }

        return wrong.ToImmutable();
    }

    private static async Task<string?> ReadAsync(
        IStreamStore store, StreamState state, CancellationToken cancel)
    {
        long last = 0;
        try
        {
            await foreach (StreamBatch batch in store.ReadAsync(state.Stream, 0, cancel))
            {
                last = batch.Version;
                int facts = 0;
                DecodeError? error = Decode(state.Stream.Text, batch.Run, () => facts++);
                if (error is not null || facts != batch.Facts)
                {
                    return error is null
                        ? $"batch {last} of '{state.Stream}' has {facts} facts and claims {batch.Facts}"
                        : $"batch {last} of '{state.Stream}' is not all facts of this release: "
                            + $"{error.Reason} at byte {error.Offset}";
                }
            }
        }
        catch (StoreException spoiled)
        {
            return spoiled.Message;
        }

        return last < state.Version
            ? $"'{state.Stream}' ends at batch {last} and claims {state.Version}" : null;
    }

    private static DecodeError? Decode(string stream, ReadOnlyMemory<byte> run, Action count) =>
        stream switch
        {
            "strategy" => MachineMemory.Read<StrategyFact>(run, _ => count()),
            _ when stream.StartsWith("hub/", StringComparison.Ordinal) =>
                MachineMemory.Read<HubFact>(run, _ => count()),
            _ when stream.StartsWith("node/", StringComparison.Ordinal) =>
                MachineMemory.Read<NodeFact>(run, _ => count()),
            _ => new DecodeError(0, "no machine of this release remembers under that name"),
        };
}
