using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Cluster.Grains;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.IO.Stores;
using Hanse.IO.Wire;
using Orleans;

namespace Hanse.Cluster;

/// <summary>The strategic layer and the hubs of a mission in the processes of a cluster, seen from one of
/// them.</summary>
/// <remarks>A call that fails (its process died, or did not answer in time) may have been taken all the same.
/// Whoever called sends it again, and the machine knows a repetition from its sequence numbers.</remarks>
public sealed class ClusterPlane : IControlPlane
{
    /// <summary>How long one call waits for a frame; a longer wait is several calls, so that none is out when
    /// a hub moves or its process freezes.</summary>
    public static readonly TimeSpan FetchSlice = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _breath = TimeSpan.FromMilliseconds(20);

    private readonly IGrainFactory _grains;
    private readonly IMissionClock _clock;
    private readonly FollowedMachine<StrategyInput, StrategyFact, StrategyEffect> _strategy;
    private readonly ImmutableSortedDictionary<RegionId, FollowedMachine<HubInput, HubFact, HubEffect>> _hubs;

    internal ClusterPlane(IGrainFactory grains, PlaneParts parts)
    {
        _grains = grains;
        _clock = parts.Clock;
        _strategy = new(StreamName.Strategy, () => new StrategicLayer(parts.Strategy), parts.Store);
        _hubs = parts.Hubs.ToImmutableSortedDictionary(
            hub => hub.Region,
            hub => new FollowedMachine<HubInput, HubFact, HubEffect>(
                StreamName.Hub(hub.Region), () => new RegionalHub(hub, parts.Skills), parts.Store));
    }

    /// <inheritdoc/>
    public Task ReceiveAsync(Frame frame)
    {
        if (frame.To.Kind != PartyKind.Hub)
        {
            throw new KeyNotFoundException($"{frame.To} is no hub");
        }

        var region = new RegionId(frame.To.Number);
        IHubGrain hub = HubOf(region);
        byte[] bytes = FrameCodec.Encode(frame);
        return TellAsync(() => hub.ReceiveAsync(bytes), StreamName.Hub(region));
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Frame>> FetchAsync(
        RegionId region, NodeId node, TimeSpan wait, CancellationToken cancel)
    {
        IHubGrain hub = HubOf(region);
        long end = Environment.TickCount64 + (long)wait.TotalMilliseconds;
        while (true)
        {
            long begun = Environment.TickCount64;
            var left = TimeSpan.FromMilliseconds(Math.Max(0, end - begun));
            IReadOnlyList<Frame>? frames = await FetchOnceAsync(
                hub, node, left < FetchSlice ? left : FetchSlice, cancel);
            if (frames is { Count: > 0 } || left <= TimeSpan.Zero)
            {
                return frames ?? [];
            }

            // A hub that is about to move does not let anybody wait.
            if (frames is null || Environment.TickCount64 - begun < _breath.TotalMilliseconds)
            {
                TimeSpan rest = frames is null ? _pause : _breath;
                await Task.Delay(left < rest ? left : rest, cancel);
            }
        }
    }

    /// <inheritdoc/>
    public Task TellAsync(RegionId region, HubInput input)
    {
        IHubGrain hub = HubOf(region);
        byte[] bytes = GrainBytes.Of(input);
        return TellAsync(() => hub.TellAsync(bytes), StreamName.Hub(region));
    }

    /// <inheritdoc/>
    public async Task<HubEffect?> DockAsync(RegionId region, HubInput told)
    {
        IHubGrain hub = HubOf(region);
        byte[] bytes = GrainBytes.Of(told);
        byte[]? answer = null;
        await TellAsync(
            async () =>
            {
                DepotTold said = await hub.DockAsync(bytes);
                answer = said.Answer;
                return said.Told;
            },
            StreamName.Hub(region));
        return answer is not null && GrainBytes.TryRead(answer, out HubEffect? effect) ? effect : null;
    }

    /// <inheritdoc/>
    public Task TellAsync(StrategyInput input)
    {
        byte[] bytes = GrainBytes.Of(input);
        return TellAsync(
            () => _grains.GetGrain<IStrategyGrain>(0).TellAsync(bytes), StreamName.Strategy);
    }

    /// <inheritdoc/>
    public async Task<HubStatus> StatusAsync(RegionId region)
    {
        IHubGrain hub = HubOf(region);
        HubFigures? figures = await CallAsync(hub.StatusAsync, StreamName.Hub(region));
        return figures?.ToStatus() ?? throw new MachineFailedException(StreamName.Hub(region), null);
    }

    /// <inheritdoc/>
    public async Task<HubWorth> WorthAsync(RegionId region)
    {
        IHubGrain hub = HubOf(region);
        WorthFigures? figures = await CallAsync(hub.WorthAsync, StreamName.Hub(region));
        return figures?.ToWorth() ?? throw new MachineFailedException(StreamName.Hub(region), null);
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<HubNode>> NodesAsync(RegionId region, NodeId after, int atMost) =>
        LookAsync(region, hub => HubNode.Of(hub, _clock.Now, after, Page(atMost)));

    /// <inheritdoc/>
    public Task<ImmutableArray<HubBounty>> BountiesAsync(RegionId region, BountyId after, int atMost) =>
        LookAsync(region, hub => HubBounty.Of(hub, after, Page(atMost)));

    /// <inheritdoc/>
    public Task<ImmutableArray<CaseView>> CasesAsync(RegionId region, ulong after, int atMost) =>
        LookAsync<ImmutableArray<CaseView>>(region, hub =>
        [
            .. hub.Reviews.Open.Where(one => one.Number > after).Take(Page(atMost))
                .Select(one => CaseView.Of(region, one)),
        ]);

    /// <inheritdoc/>
    public Task<StrategyStatus> StrategyAsync() =>
        _strategy.LookAsync(layer => StrategyStatus.Of((StrategicLayer)layer));

    /// <inheritdoc/>
    public Task<RegionId?> DestinationAsync(NodeId node) =>
        _strategy.LookAsync(layer => ((StrategicLayer)layer).DestinationOf(node));

    /// <inheritdoc/>
    public Task ProbeAsync() => Task.WhenAll((Task[])
    [
        ProbeAsync(_grains.GetGrain<IStrategyGrain>(0).WakeAsync, StreamName.Strategy),
        .. _hubs.Keys.Select(region => ProbeAsync(HubOf(region).WakeAsync, StreamName.Hub(region))),
    ]);

    private static int Page(int atMost) => Math.Clamp(atMost, 0, IControlPlane.PageMax);

    private static async Task ProbeAsync(Func<bool, Task<bool>> wake, StreamName stream)
    {
        if (!await CallAsync(() => wake(false), stream))
        {
            throw new MachineFailedException(stream, null);
        }
    }

    private Task<T> LookAsync<T>(RegionId region, Func<RegionalHub, T> look) =>
        _hubs.TryGetValue(region, out FollowedMachine<HubInput, HubFact, HubEffect>? hub)
            ? hub.LookAsync(machine => look((RegionalHub)machine))
            : throw new KeyNotFoundException($"there is no hub of region {region.Value}");

    private IHubGrain HubOf(RegionId region) => _hubs.ContainsKey(region)
        ? _grains.GetGrain<IHubGrain>(region.Value)
        : throw new KeyNotFoundException($"there is no hub of region {region.Value}");

    // Null when the hub cannot be reached.
    private static async Task<IReadOnlyList<Frame>?> FetchOnceAsync(
        IHubGrain hub, NodeId node, TimeSpan wait, CancellationToken cancel)
    {
        byte[][] fetched;
        try
        {
            fetched = await hub.FetchAsync(node.Value, wait).WaitAsync(cancel);
        }
#pragma warning disable CA1031 // Whatever it was: it cannot be reached now.
        catch (Exception) when (!cancel.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return null;
        }

        var frames = new List<Frame>(fetched.Length);
        foreach (byte[] bytes in fetched)
        {
            if (FrameCodec.TryDecode(bytes, out Frame? frame, out _))
            {
                frames.Add(frame);
            }
        }

        return frames;
    }

    private static async Task TellAsync(Func<Task<Told>> call, StreamName stream)
    {
        switch (await CallAsync(call, stream))
        {
            case Told.Taken:
                break;
            case Told.Busy:
                throw new MachineBusyException();
            default:
                throw new MachineFailedException(stream, null);
        }
    }

    // A rejected message, a time-out, a process that is gone, an activation that could not read its memory:
    // of all of them nobody knows whether the call was taken.
    private static async Task<T> CallAsync<T>(Func<Task<T>> call, StreamName stream)
    {
        try
        {
            return await call();
        }
        catch (Exception failure)
        {
            throw new MachineFailedException(stream, failure);
        }
    }
}
