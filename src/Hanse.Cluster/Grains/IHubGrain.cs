using System;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Orleans;
using Orleans.Concurrency;

namespace Hanse.Cluster.Grains;

/// <summary>A hub, wherever in the cluster it runs; its key is its region's number.</summary>
/// <remarks>Frames and inputs cross as their canonical bytes, so that there is one form of them and not a
/// second one of the cluster's. What a machine says is in results and not in exceptions: those stand for what
/// may or may not have happened.</remarks>
internal interface IHubGrain : IGrainWithIntegerKey
{
    /// <summary>A frame of a node's.</summary>
    /// <returns>When what the hub made of it is durable.</returns>
    Task<Told> ReceiveAsync(byte[] frame);

    /// <summary>A frame of another machine of the plane's. It may get lost.</summary>
    [OneWay]
    Task PostAsync(byte[] frame);

    /// <summary>An input.</summary>
    Task<Told> TellAsync(byte[] input);

    /// <summary>What a depot says, and what the hub answers: an effect, or null.</summary>
    Task<DepotTold> DockAsync(byte[] input);

    /// <summary>Frames that wait for a node.</summary>
    Task<byte[][]> FetchAsync(uint node, TimeSpan wait);

    /// <summary>How it stands; null when it is being started anew.</summary>
    Task<HubFigures?> StatusAsync();

    /// <summary>What is at risk with its nodes; null when it is being started anew.</summary>
    Task<WorthFigures?> WorthAsync();

    /// <summary>Whoever is called runs; and goes home, if it may.</summary>
    /// <returns>Whether it runs.</returns>
    Task<bool> WakeAsync(bool mayMove);
}

/// <summary>The strategic layer, wherever in the cluster it runs; its key is zero.</summary>
internal interface IStrategyGrain : IGrainWithIntegerKey
{
    /// <summary>A frame of a hub's. It may get lost.</summary>
    [OneWay]
    Task PostAsync(byte[] frame);

    /// <summary>An input.</summary>
    Task<Told> TellAsync(byte[] input);

    /// <summary>Whoever is called runs; and goes home, if it may.</summary>
    /// <returns>Whether it runs.</returns>
    Task<bool> WakeAsync(bool mayMove);
}

/// <summary>What became of something that a machine was told.</summary>
[GenerateSerializer]
internal enum Told
{
    /// <summary>What it made of it is durable.</summary>
    Taken = 0,

    /// <summary>Nothing: too much waits for the disk.</summary>
    Busy = 1,

    /// <summary>Nobody knows: it has to be started anew.</summary>
    Failed = 2,
}

/// <summary>What became of something that a depot told, and the hub's answer.</summary>
[GenerateSerializer]
internal readonly record struct DepotTold([property: Id(0)] Told Told, [property: Id(1)] byte[]? Answer);

/// <summary><see cref="HubStatus"/>, as it crosses the cluster.</summary>
[GenerateSerializer]
internal readonly record struct HubFigures(
    [property: Id(0)] uint Region,
    [property: Id(1)] uint Epoch,
    [property: Id(2)] int Nodes,
    [property: Id(3)] int Bounties,
    [property: Id(4)] int Contracts,
    [property: Id(5)] int Cases,
    [property: Id(6)] bool IsBalanced)
{
    public static HubFigures Of(HubStatus status) => new(
        status.Region.Value, status.Epoch, status.Nodes, status.Bounties, status.Contracts, status.Cases,
        status.IsBalanced);

    public HubStatus ToStatus() =>
        new(new RegionId(Region), Epoch, Nodes, Bounties, Contracts, Cases, IsBalanced);
}

/// <summary><see cref="HubWorth"/>, as it crosses the cluster: 20 bytes a node. An instant is -1 for
/// none.</summary>
[GenerateSerializer]
internal readonly record struct WorthFigures(
    [property: Id(0)] long AgeingMicros,
    [property: Id(1)] uint[] Nodes,
    [property: Id(2)] long[] ValueMicros,
    [property: Id(3)] long[] HeardMicros)
{
    public static WorthFigures Of(HubWorth worth) => new(
        worth.AgeingPerDay.Micro,
        [.. worth.Nodes.Select(one => one.Node.Value)],
        [.. worth.Nodes.Select(one => one.Value.Micro)],
        [.. worth.Nodes.Select(one => one.Heard?.Micros ?? -1)]);

    public HubWorth ToWorth()
    {
        WorthFigures figures = this;
        return new HubWorth(
            new Credits(AgeingMicros),
            [
                .. Enumerable.Range(0, Nodes.Length).Select(i => new NodeWorth(
                    new NodeId(figures.Nodes[i]), new Credits(figures.ValueMicros[i]),
                    figures.HeardMicros[i] < 0 ? null : new Instant(figures.HeardMicros[i]))),
            ]);
    }
}
