using System;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;
using Grpc.Core;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Strategy;
using Hanse.IO.Gateway;
using Hanse.IO.Plane;
using Hanse.Server.V1;
using Microsoft.AspNetCore.Authorization;
using static Hanse.Server.Operations.Requests;

namespace Hanse.Server.Operations;

/// <summary>The operators' side of a mission: reads what is asked, looks, and gives orders.</summary>
/// <remarks>It decides nothing: an order is one input of a machine. What a machine would ignore or refuse
/// without a word is looked up before and said to the operator; should it change in between, the machine's
/// rule holds. Each method says which role it takes; one that did not would take an admin.</remarks>
internal sealed partial class OperationsService(
    OperationsParts parts, MissionFace face, AuditTrail audit, NodeRegistry registry, GatewayDesk desk)
    : V1.Operations.OperationsBase
{
    private const int PageDefault = 100;

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<Mission> GetMission(GetMissionRequest request, ServerCallContext context) =>
        Look(async () => (await face.LookAsync()).Mission);

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<HubList> ListHubs(ListHubsRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var list = new HubList();
            list.Hubs.AddRange((await face.LookAsync()).Mission.Hubs);
            return list;
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<Hub> GetHub(GetHubRequest request, ServerCallContext context) =>
        Look(async () => await face.HubAsync(await RegionAsync(request.Region)));

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<NodeList> ListNodes(ListRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            int limit = Limit(request.Limit);
            var after = new NodeId((uint)Math.Min(request.After, uint.MaxValue));
            ImmutableArray<HubNode> nodes = await parts.Plane.NodesAsync(region.Region, after, limit);
            var list = new NodeList { Next = nodes.Length == limit ? nodes[^1].Node.Value : 0 };
            list.Nodes.AddRange(nodes.Select(face.Node));
            return list;
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<Node> GetNode(GetNodeRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            return face.Node(await NodeAsync(region.Region, Needed(request.Node, "node")));
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<BountyList> ListBounties(ListRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            int limit = Limit(request.Limit);
            ImmutableArray<HubBounty> bounties =
                await parts.Plane.BountiesAsync(region.Region, new BountyId(request.After), limit);
            var list = new BountyList { Next = bounties.Length == limit ? bounties[^1].Bounty.Id.Value : 0 };
            list.Bounties.AddRange(bounties.Select(MissionFace.Bounty));
            return list;
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<Bounty> GetBounty(GetBountyRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            ulong number = Needed(request.Bounty, "bounty");
            ImmutableArray<HubBounty> found =
                await parts.Plane.BountiesAsync(region.Region, new BountyId(number - 1), 1);
            return found is [{ } one] && one.Bounty.Id.Value == number
                ? MissionFace.Bounty(one)
                : throw Refused(StatusCode.NotFound, $"region {request.Region} has no open bounty {number}");
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<CaseList> ListCases(ListRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            int limit = Limit(request.Limit);
            ImmutableArray<CaseView> cases =
                await parts.Plane.CasesAsync(region.Region, request.After, limit);
            var list = new CaseList { Next = cases.Length == limit ? cases[^1].Number : 0 };
            list.Cases.AddRange(cases.Select(MissionFace.Case));
            return list;
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Viewer)]
    public override Task<RolloutList> ListRollouts(ListRolloutsRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var list = new RolloutList();
            StrategyStatus status = await parts.Plane.StrategyAsync();
            list.Rollouts.AddRange(status.Rollouts.Select(MissionFace.Rollout));
            list.Refused.AddRange(status.RefusedRollouts.Select(one => new RolloutRefused
            {
                Rollout = one.Key,
                Reason = one.Value.ToString(),
            }));
            return list;
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<AuditList> ListAudit(ListAuditRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            int limit = Limit(request.Limit);
            if (request.Time.Length > 32 || request.After.Length > 64
                || request.Time.Any(c => !char.IsAsciiDigit(c) && c is not ('-' or 'T' or ':' or '.' or 'Z')))
            {
                throw Invalid("time is the beginning of a time such as 2026-11-30T10, and after an entry");
            }

            ImmutableArray<AuditedEntry> entries =
                await audit.ReadAsync(request.Time, request.After, limit, context.CancellationToken);
            var list = new AuditList { Next = entries.Length == limit ? entries[^1].Entry : "" };
            list.Entries.AddRange(entries.Select(one => new AuditEntry
            {
                Entry = one.Entry,
                Time = one.Entry.Split('/')[0],
                Operator = one.Action.Who,
                Role = one.Action.Role,
                Address = one.Action.Address,
                Method = one.Action.Method,
                Request = one.Action.Request,
                Outcome = one.Outcome,
            }));
            return list;
        });

    private async Task<RegionStanding> RegionAsync(uint number)
    {
        var region = new RegionId(Needed(number, "region"));
        return (await parts.Plane.StrategyAsync()).Find(region)
            ?? throw Refused(StatusCode.NotFound, $"there is no region {number}");
    }

    private async Task<HubNode> NodeAsync(RegionId region, uint number)
    {
        ImmutableArray<HubNode> found = await parts.Plane.NodesAsync(region, new NodeId(number - 1), 1);
        return found is [{ } one] && one.Node.Value == number
            ? one : throw Refused(StatusCode.NotFound, $"region {region.Value} has no node {number}");
    }

    private static int Limit(uint limit) => limit <= IControlPlane.PageMax
        ? (limit == 0 ? PageDefault : (int)limit)
        : throw Invalid($"limit is from 1 to {IControlPlane.PageMax}");
}
