using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.IO.Plane;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace Hanse.Cluster.Grains;

/// <summary>Where each machine is at home: every process that knows who is in the cluster says the
/// same.</summary>
/// <remarks>By rendezvous with room: each machine ranks the processes in an order of its own, and goes to the
/// first that has not got its share yet. So shares are equal but for one machine, and when a process comes or
/// goes little else moves. A process that is started again at its old address is at home to the same
/// machines.</remarks>
internal sealed class Homes(IGrainFactory grains, PlaneParts plane)
{
    private readonly Lock _gate = new();
    private SiloAddress[] _processes = [];
    private Dictionary<GrainId, SiloAddress> _homes = [];

    /// <summary>The home of a machine among some processes; null when there are none.</summary>
    public SiloAddress? Of(GrainId machine, IEnumerable<SiloAddress> processes)
    {
        SiloAddress[] sorted = [.. processes.Order()];
        lock (_gate)
        {
            if (!sorted.SequenceEqual(_processes))
            {
                _homes = Share(Machines(), sorted);
                _processes = sorted;
            }

            return _homes.GetValueOrDefault(machine);
        }
    }

    /// <summary>Shares machines out. Cost: their number by the number of processes.</summary>
    public static Dictionary<GrainId, SiloAddress> Share(
        IReadOnlyCollection<GrainId> machines, SiloAddress[] processes)
    {
        var homes = new Dictionary<GrainId, SiloAddress>();
        if (processes.Length > 0)
        {
            int most = (machines.Count + processes.Length - 1) / processes.Length;
            int[] had = new int[processes.Length];
            foreach (GrainId machine in machines)
            {
                int home = Enumerable.Range(0, processes.Length).Where(place => had[place] < most)
                    .MaxBy(place => Number(machine, processes[place]));
                had[home]++;
                homes[machine] = processes[home];
            }
        }

        return homes;
    }

    private GrainId[] Machines() =>
    [
        grains.GetGrain<IStrategyGrain>(0).GetGrainId(),
        .. plane.Hubs.Select(hub => grains.GetGrain<IHubGrain>(hub.Region.Value).GetGrainId()),
    ];

    // FNV-1a over both names, and a last step by which late letters reach the upper bits.
    private static ulong Number(GrainId machine, SiloAddress process)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char letter in $"{machine} {process.Endpoint}")
        {
            hash = (hash ^ letter) * 1_099_511_628_211;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        return hash ^ (hash >> 29);
    }
}

/// <summary>Puts machines where they are at home.</summary>
[GenerateSerializer]
internal sealed class HomePlacement : PlacementStrategy;

/// <summary>Marks a grain to be put where it is at home.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class HomePlacementAttribute() : PlacementAttribute(new HomePlacement());

/// <summary>Finds the home among the processes that can run the grain.</summary>
internal sealed class HomeDirector(Homes homes) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(
            homes.Of(target.GrainIdentity, context.GetCompatibleSilos(target)) ?? context.LocalSilo);
}
