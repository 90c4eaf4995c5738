using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Threading;
using System.Threading.Tasks;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Strategy;
using Hanse.IO.Runtime;

namespace Hanse.IO.Plane;

/// <summary>The strategic layer and the hubs of a mission, wherever they run.</summary>
/// <remarks>All members may be called from any thread.</remarks>
public interface IControlPlane
{
    /// <summary>Gives a hub a node's frame.</summary>
    /// <returns>A task that ends when what the hub made of it is durable, and its answer waits for the
    /// node.</returns>
    /// <exception cref="MachineBusyException">Too much waits for the disk; nothing has happened.</exception>
    /// <exception cref="MachineFailedException">The hub is being started anew, or cannot be reached; send it
    /// again.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task ReceiveAsync(Frame frame);

    /// <summary>Takes the frames that a hub has for a node.</summary>
    /// <param name="region">The hub's region.</param>
    /// <param name="node">The node.</param>
    /// <param name="wait">How long to wait for one when there is none; zero not to.</param>
    /// <param name="cancel">Whether the node has gone.</param>
    /// <returns>None when none came in time, or the hub cannot be reached now.</returns>
    /// <exception cref="OperationCanceledException">It has.</exception>
    ValueTask<IReadOnlyList<Frame>> FetchAsync(
        RegionId region, NodeId node, TimeSpan wait, CancellationToken cancel);

    /// <summary>Gives a hub what a depot or an instrument says, or an operator.</summary>
    /// <returns>A task that ends when what the hub made of it is durable.</returns>
    /// <exception cref="MachineBusyException">Too much waits for the disk; nothing has happened.</exception>
    /// <exception cref="MachineFailedException">The hub is being started anew, or cannot be reached; send it
    /// again.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task TellAsync(RegionId region, HubInput input);

    /// <summary>Gives a hub what a depot says of a docking, an instrument of a building, or a machine of its
    /// birth.</summary>
    /// <param name="region">The hub's region.</param>
    /// <param name="told"><see cref="HubInput.Docked"/>, <see cref="HubInput.PartsAsked"/> or
    /// <see cref="HubInput.Inspected"/>; or <see cref="HubInput.BirthShown"/>.</param>
    /// <returns>What the hub answers, durable: <see cref="HubEffect.Serve"/>, <see
    /// cref="HubEffect.Issue"/> or <see cref="HubEffect.BirthAnswered"/>. Null when it has no answer yet, or
    /// that was lost: tell it again.</returns>
    /// <exception cref="MachineBusyException">Too much waits for the disk; nothing has happened.</exception>
    /// <exception cref="MachineFailedException">The hub is being started anew, or cannot be reached; tell it
    /// again.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task<HubEffect?> DockAsync(RegionId region, HubInput told);

    /// <summary>Gives the strategic layer an operator's order.</summary>
    /// <returns>A task that ends when what it made of it is durable.</returns>
    /// <exception cref="MachineBusyException">Too much waits for the disk; nothing has happened.</exception>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached; send it
    /// again.</exception>
    Task TellAsync(StrategyInput input);

    /// <summary>How a hub stands.</summary>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task<HubStatus> StatusAsync(RegionId region);

    /// <summary>What is at risk with the nodes of a hub, looked at in one turn of the hub. Cost: linear in
    /// its roster.</summary>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task<HubWorth> WorthAsync(RegionId region);

    /// <summary>Nodes of a hub, by number, looked at in one turn of the hub.</summary>
    /// <param name="region">The hub's region.</param>
    /// <param name="after">Those with greater numbers only.</param>
    /// <param name="atMost">So many; at most <see cref="PageMax"/>.</param>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task<ImmutableArray<HubNode>> NodesAsync(RegionId region, NodeId after, int atMost);

    /// <summary>Open bounties of a hub, by number, looked at in one turn of the hub.</summary>
    /// <param name="region">The hub's region.</param>
    /// <param name="after">Those with greater numbers only.</param>
    /// <param name="atMost">So many; at most <see cref="PageMax"/>.</param>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task<ImmutableArray<HubBounty>> BountiesAsync(RegionId region, BountyId after, int atMost);

    /// <summary>Cases of a hub that can be decided, by number, looked at in one turn of the hub.</summary>
    /// <param name="region">The hub's region.</param>
    /// <param name="after">Those with greater numbers only.</param>
    /// <param name="atMost">So many; at most <see cref="PageMax"/>.</param>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached.</exception>
    /// <exception cref="KeyNotFoundException">There is no such hub.</exception>
    Task<ImmutableArray<CaseView>> CasesAsync(RegionId region, ulong after, int atMost);

    /// <summary>How the strategic layer stands, looked at in one turn.</summary>
    /// <exception cref="MachineFailedException">It is being started anew, or cannot be reached.</exception>
    Task<StrategyStatus> StrategyAsync();

    /// <summary>Where a node is to go that is being handed over; null when it is not.</summary>
    /// <exception cref="MachineFailedException">The strategic layer is being started anew, or cannot be
    /// reached.</exception>
    Task<RegionId?> DestinationAsync(NodeId node);

    /// <summary>Has every machine take a turn that does nothing: a task that ends well when all
    /// run.</summary>
    /// <exception cref="MachineFailedException">One is being started anew, or cannot be reached.</exception>
    Task ProbeAsync();

    /// <summary>Most of anything that is looked at in one turn.</summary>
    const int PageMax = 1_000;
}
