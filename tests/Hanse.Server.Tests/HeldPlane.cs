using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.IO.Plane;

namespace Hanse.Server.Tests;

/// <summary>A plane that keeps nodes' frames until it is let go, and knows in which order they
/// came.</summary>
internal sealed class HeldPlane(IControlPlane inner) : IControlPlane
{
    private readonly List<NodeId> _given = [];
    private TaskCompletionSource _gate = NewGate();

    /// <summary>Whose frames came, in that order.</summary>
    public ImmutableArray<NodeId> Given
    {
        get
        {
            lock (_given)
            {
                return [.. _given];
            }
        }
    }

    public void Hold() => _gate = NewGate();

    public void LetGo() => _gate.SetResult();

    public async Task ReceiveAsync(Frame frame)
    {
        lock (_given)
        {
            _given.Add(new NodeId(frame.From.Number));
        }

        await _gate.Task;
        await inner.ReceiveAsync(frame);
    }

    public ValueTask<IReadOnlyList<Frame>> FetchAsync(
        RegionId region, NodeId node, TimeSpan wait, CancellationToken cancel) =>
        inner.FetchAsync(region, node, wait, cancel);

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

    private static TaskCompletionSource NewGate() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
