using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Wire;
using Hanse.IO.Stores;
using Hanse.Simulation.World;

namespace Hanse.Cli.Serving;

/// <summary>Reads what the machines of a mission remember, as it becomes durable, to who follows
/// it.</summary>
/// <param name="store">The mission's.</param>
/// <param name="plan">The mission.</param>
/// <param name="follower">Who follows.</param>
internal sealed class StoreTail(IStreamStore store, MissionPlan plan, MissionFollower follower)
{
    private readonly Dictionary<StreamName, long> _read = [];

    /// <summary>Reads what has come since the last time.</summary>
    /// <exception cref="StoreException">It cannot be read, or is no memory of this mission.</exception>
    public async Task ReadAsync(CancellationToken cancel)
    {
        await ReadAsync<StrategyFact>(StreamName.Strategy, follower.Take, cancel);
        foreach (RegionId region in plan.Regions.Select(one => one.Hub.Region))
        {
            await ReadAsync<HubFact>(
                StreamName.Hub(region), (at, fact) => follower.Take(at, region, fact), cancel);
        }
    }

    private async Task ReadAsync<TFact>(
        StreamName stream, Action<Instant, TFact> take, CancellationToken cancel)
        where TFact : class, IShaped<TFact>
    {
        await foreach (StreamBatch batch in store.ReadAsync(
            stream, _read.GetValueOrDefault(stream), cancel))
        {
            if (MachineMemory.Read<TFact>(batch.Run, fact => take(batch.At, fact)) is { } error)
            {
                throw new StoreException(
                    $"batch {batch.Version} of '{stream}' is no memory of this mission: {error.Reason}");
            }

            _read[stream] = batch.Version;
        }
    }
}
