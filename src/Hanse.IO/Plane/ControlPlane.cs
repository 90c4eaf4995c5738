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
using Hanse.IO.Runtime;
using Hanse.IO.Stores;

namespace Hanse.IO.Plane;

/// <summary>The strategic layer and the hubs of a mission in one process, on one store.</summary>
/// <remarks>
/// It decides nothing: it gives machines their turns, carries frames between them, and keeps frames for nodes
/// until they call. A frame that cannot be given (its machine is being started anew, too much waits for the
/// disk) is lost like one on a bad link, and its sender, who knows that nothing was acknowledged, sends it
/// again. So there is no queue here that could be lost with the process.
/// </remarks>
public sealed class ControlPlane : IControlPlane, IPlaneRouter, IAsyncDisposable
{
    private readonly PlaneParts _parts;
    private readonly MachineHost<StrategyInput, StrategyFact, StrategyEffect> _strategy;
    private readonly ImmutableSortedDictionary<RegionId, MachineHost<HubInput, HubFact, HubEffect>> _hubs;
    private readonly ConcurrentDictionary<NodeId, NodeMailbox> _mailboxes = new();
    private readonly DepotAnswers _answers = new();

    /// <summary>A plane that does not run yet.</summary>
    public ControlPlane(PlaneParts parts)
    {
        _parts = parts;
        _strategy = new(
            new()
            {
                Stream = StreamName.Strategy,
                Build = () => new StrategicLayer(parts.Strategy),
                Restarted = new StrategyInput.Restarted(),
                Store = parts.Store,
                Clock = () => parts.Clock.Now,
                Driver = new StrategyDriver(this, parts.Ports),
                Core = CoreBuild.Name,
            },
            new StrategyInput.Woken(),
            parts.Clock,
            failure => parts.Ports.Failed(Party.Strategy, failure.Message));
        _hubs = parts.Hubs.ToImmutableSortedDictionary(hub => hub.Region, NewHost);
    }

    /// <summary>The regions that have their hub here.</summary>
    public IEnumerable<RegionId> Regions => _hubs.Keys;

    /// <summary>Rebuilds all machines from the store and lets them run.</summary>
    /// <exception cref="StoreException">A memory cannot be read.</exception>
    public async Task StartAsync()
    {
        await _strategy.StartAsync();
        await Task.WhenAll(_hubs.Values.Select(hub => hub.StartAsync()));
    }

    /// <inheritdoc/>
    public Task ReceiveAsync(Frame frame) => frame.To.Kind == PartyKind.Hub
        ? HostOf(new RegionId(frame.To.Number)).TellAsync(new HubInput.FrameArrived(frame))
        : throw new KeyNotFoundException($"{frame.To} is no hub");

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Frame>> FetchAsync(
        RegionId region, NodeId node, TimeSpan wait, CancellationToken cancel)
    {
        NodeMailbox mailbox = MailboxOf(node);
        IReadOnlyList<Frame> frames = mailbox.Take();
        if (frames.Count > 0 || wait <= TimeSpan.Zero)
        {
            return frames;
        }

        await mailbox.WaitAsync(wait, cancel);
        return mailbox.Take();
    }

    /// <summary>Frames that wait for a node.</summary>
    public NodeMailbox MailboxOf(NodeId node) => _mailboxes.GetOrAdd(node, static _ => new NodeMailbox());

    /// <inheritdoc/>
    public Task TellAsync(RegionId region, HubInput input) => HostOf(region).TellAsync(input);

    /// <inheritdoc/>
    public async Task<HubEffect?> DockAsync(RegionId region, HubInput told)
    {
        await TellAsync(region, told);
        return _answers.Take(told);
    }

    /// <inheritdoc/>
    public Task TellAsync(StrategyInput input) => _strategy.TellAsync(input);

    /// <inheritdoc/>
    public Task<HubStatus> StatusAsync(RegionId region) => AskAsync(region, HubStatus.Of);

    /// <inheritdoc/>
    public Task<HubWorth> WorthAsync(RegionId region) => AskAsync(region, HubWorth.Of);

    /// <inheritdoc/>
    public Task<ImmutableArray<HubNode>> NodesAsync(RegionId region, NodeId after, int atMost) =>
        AskAsync(region, hub => HubNode.Of(hub, _parts.Clock.Now, after, Page(atMost)));

    /// <inheritdoc/>
    public Task<ImmutableArray<HubBounty>> BountiesAsync(RegionId region, BountyId after, int atMost) =>
        AskAsync(region, hub => HubBounty.Of(hub, after, Page(atMost)));

    /// <inheritdoc/>
    public Task<ImmutableArray<CaseView>> CasesAsync(RegionId region, ulong after, int atMost) =>
        AskAsync<ImmutableArray<CaseView>>(region, hub =>
        [
            .. hub.Reviews.Open.Where(one => one.Number > after).Take(Page(atMost))
                .Select(one => CaseView.Of(region, one)),
        ]);

    /// <inheritdoc/>
    public Task<StrategyStatus> StrategyAsync() => AskAsync(StrategyStatus.Of);

    /// <inheritdoc/>
    public Task<RegionId?> DestinationAsync(NodeId node) => AskAsync(layer => layer.DestinationOf(node));

    /// <inheritdoc/>
    public Task ProbeAsync() => Task.WhenAll((Task[])
    [
        AskAsync(static _ => true),
        .. _hubs.Keys.Select(region => AskAsync(region, static _ => true)),
    ]);

    /// <summary>Looks at a hub, in a turn of its own.</summary>
    public Task<T> AskAsync<T>(RegionId region, Func<RegionalHub, T> look) =>
        HostOf(region).AskAsync(machine => look((RegionalHub)machine));

    /// <summary>Looks at the strategic layer, in a turn of its own.</summary>
    public Task<T> AskAsync<T>(Func<StrategicLayer, T> look) =>
        _strategy.AskAsync(machine => look((StrategicLayer)machine));

    /// <inheritdoc/>
    public void Route(Frame frame)
    {
        switch (frame.To.Kind)
        {
            case PartyKind.Node:
                MailboxOf(new NodeId(frame.To.Number)).Put(frame);
                break;
            case PartyKind.Strategy:
                _strategy.Post(new StrategyInput.FrameArrived(frame));
                break;
            default:
                if (_hubs.TryGetValue(new RegionId(frame.To.Number), out var hub))
                {
                    hub.Post(new HubInput.FrameArrived(frame));
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void Answer(RegionId region, HubInput answer) => _hubs[region].Post(answer);

    /// <inheritdoc/>
    public void Answer(StrategyInput answer) => _strategy.Post(answer);

    /// <summary>Waits for what is under way, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (MachineHost<HubInput, HubFact, HubEffect> hub in _hubs.Values)
        {
            await hub.DisposeAsync();
        }

        await _strategy.DisposeAsync();
    }

    private static int Page(int atMost) => Math.Clamp(atMost, 0, IControlPlane.PageMax);

    private MachineHost<HubInput, HubFact, HubEffect> HostOf(RegionId region) =>
        _hubs.TryGetValue(region, out MachineHost<HubInput, HubFact, HubEffect>? hub)
            ? hub : throw new KeyNotFoundException($"there is no hub of region {region.Value}");

    private MachineHost<HubInput, HubFact, HubEffect> NewHost(HubSpec hub) => new(
        new()
        {
            Stream = StreamName.Hub(hub.Region),
            Build = () => new RegionalHub(hub, _parts.Skills),
            Restarted = new HubInput.Restarted(),
            Store = _parts.Store,
            Clock = () => _parts.Clock.Now,
            Driver = new HubDriver(hub.Region, _parts.KeyOf(hub.Region), this, _parts.Ports, _answers),
            Core = CoreBuild.Name,
        },
        new HubInput.Woken(),
        _parts.Clock,
        failure => _parts.Ports.Failed(Party.Of(hub.Region), failure.Message));
}
