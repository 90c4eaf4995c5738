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
using Hanse.IO.Runtime;

namespace Hanse.Server.Tests;

/// <summary>A plane that fails before it has given an order to the strategic layer, or after.</summary>
internal sealed class FaultyPlane(IControlPlane inner, Func<bool> failsBefore, Func<bool> failsAfter)
    : IControlPlane
{
    public Task ReceiveAsync(Frame frame) => inner.ReceiveAsync(frame);

    public ValueTask<IReadOnlyList<Frame>> FetchAsync(
        RegionId region, NodeId node, TimeSpan wait, CancellationToken cancel) =>
        inner.FetchAsync(region, node, wait, cancel);

    public Task TellAsync(RegionId region, HubInput input) => inner.TellAsync(region, input);

    public Task<HubEffect?> DockAsync(RegionId region, HubInput told) => inner.DockAsync(region, told);

    public async Task TellAsync(StrategyInput input)
    {
        if (failsBefore())
        {
            throw new MachineFailedException("before");
        }

        await inner.TellAsync(input);
        if (failsAfter())
        {
            throw new MachineFailedException("after");
        }
    }

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

    public Task ProbeAsync() => failsBefore()
        ? Task.FromException(new MachineFailedException("a machine is down")) : inner.ProbeAsync();
}
