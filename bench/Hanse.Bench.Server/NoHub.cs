using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.IO.Plane;

namespace Hanse.Bench.Server;

/// <summary>Hubs that acknowledge and do nothing else, once nodes are enrolled: what all around a hub
/// costs.</summary>
internal sealed class NoHub(IControlPlane inner) : IControlPlane
{
    private readonly ConcurrentDictionary<NodeId, Frame> _answers = new();
    private readonly ConcurrentDictionary<NodeId, ulong> _floors = new();

    /// <summary>Whether they have stopped working.</summary>
    public bool IsIdle { get; set; }

    public Task ReceiveAsync(Frame frame)
    {
        if (!IsIdle)
        {
            return inner.ReceiveAsync(frame);
        }

        var node = new NodeId(frame.From.Number);
        ulong last = frame.Envelopes.Aggregate(0UL, (most, one) => Math.Max(most, one.Sequence));
        _answers[node] = new Frame(
            frame.To, frame.From, false, _floors.GetValueOrDefault(node, 1UL), last, [], []);
        return Task.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<Frame>> FetchAsync(
        RegionId region, NodeId node, TimeSpan wait, CancellationToken cancel)
    {
        if (IsIdle)
        {
            return _answers.TryRemove(node, out Frame? answer) ? [answer] : [];
        }

        IReadOnlyList<Frame> frames = await inner.FetchAsync(region, node, wait, cancel);
        if (frames.Count > 0)
        {
            _floors[node] = frames[^1].Floor;
        }

        return frames;
    }

    public Task TellAsync(RegionId region, HubInput input) => inner.TellAsync(region, input);

    public Task<HubEffect?> DockAsync(RegionId region, HubInput told) => inner.DockAsync(region, told);

    public Task TellAsync(StrategyInput input) => inner.TellAsync(input);

    public Task<HubStatus> StatusAsync(RegionId region) => inner.StatusAsync(region);

    public Task<HubWorth> WorthAsync(RegionId region) => inner.WorthAsync(region);

    public Task<ImmutableArray<HubNode>> NodesAsync(RegionId region, NodeId after, int atMost) =>
        inner.NodesAsync(region, after, atMost);

    public Task<ImmutableArray<HubBounty>> BountiesAsync(RegionId region, BountyId after, int atMost) =>
        inner.BountiesAsync(region, after, atMost);

    public Task<ImmutableArray<CaseView>> CasesAsync(RegionId region, ulong after, int atMost) =>
        inner.CasesAsync(region, after, atMost);

    public Task<StrategyStatus> StrategyAsync() => inner.StrategyAsync();

    public Task<RegionId?> DestinationAsync(NodeId node) => inner.DestinationAsync(node);

    public Task ProbeAsync() => inner.ProbeAsync();
}
