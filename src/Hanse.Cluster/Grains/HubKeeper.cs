using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Plane;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace Hanse.Cluster.Grains;

/// <summary>Keeps every machine of the plane awake: a hub has alarms, and must run when nobody
/// calls.</summary>
/// <remarks>Every process calls its share of the machines once a <see cref="Period"/>; shares follow who is
/// in the cluster. So a machine whose process is gone runs elsewhere within the time that the cluster takes
/// to notice, a period, and what it takes to load.</remarks>
internal sealed class HubKeeper(
    IGrainFactory grains, ISiloStatusOracle silos, PlaneParts plane, LocalMachines local) : BackgroundService
{
    /// <summary>How often each machine is called.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>How long nobody must have come or gone before machines go home: so that none moves for a
    /// process that only starts again.</summary>
    public static readonly TimeSpan MoveAfter = TimeSpan.FromSeconds(5);

    private SiloAddress[] _active = [];
    private long _activeSince;

    /// <inheritdoc/>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        local.Leave();
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        List<Func<bool, Task>> calls =
        [
            mayMove => grains.GetGrain<IStrategyGrain>(0).WakeAsync(mayMove),
            .. plane.Hubs.Select(hub => (Func<bool, Task>)(
                mayMove => grains.GetGrain<IHubGrain>(hub.Region.Value).WakeAsync(mayMove))),
        ];
        var underWay = new Task[calls.Count];
        Array.Fill(underWay, Task.CompletedTask);
        using var pulse = new PeriodicTimer(Period);
        try
        {
            do
            {
                (int place, int count, bool mayMove) = Share();
                for (int i = 0; i < calls.Count; i++)
                {
                    if (i % count == place && underWay[i].IsCompleted)
                    {
                        underWay[i] = CallAsync(() => calls[i](mayMove));
                    }
                }
            }
            while (await pulse.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    // Which of how many: all call the same machines in the same order.
    private (int Place, int Count, bool MayMove) Share()
    {
        SiloAddress[] active = [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Order()];
        if (!active.SequenceEqual(_active))
        {
            _active = active;
            _activeSince = Environment.TickCount64;
        }

        bool mayMove = Environment.TickCount64 - _activeSince >= MoveAfter.TotalMilliseconds;
        int place = Array.IndexOf(active, silos.SiloAddress);
        return place < 0 ? (-1, 1, false) : (place, active.Length, mayMove);
    }

    private static async Task CallAsync(Func<Task> call)
    {
        try
        {
            await call();
        }
#pragma warning disable CA1031 // Whatever it was, it is called again.
        catch (Exception)
#pragma warning restore CA1031
        {
            // Its process is gone, or the store is.
        }
    }
}
