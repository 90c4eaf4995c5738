using System;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Claims;
using System.Threading.Tasks;
using Google.Protobuf;
using Grpc.Core;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.Server.V1;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Bounty = Hanse.Core.Messages.Bounty;
using BountyPosted = Hanse.Server.V1.BountyPosted;
using BountyReduced = Hanse.Server.V1.BountyReduced;
using Commodity = Hanse.Core.Messages.Commodity;
using Rollout = Hanse.Server.V1.Rollout;
using WorkKind = Hanse.Core.Messages.WorkKind;
using static Hanse.Server.Operations.Requests;

namespace Hanse.Server.Operations;

/// <content>Orders: checked, noted in the audit trail, carried out.</content>
internal sealed partial class OperationsService
{
    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<BountyPosted> PostBounty(PostBountyRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            Bounty bounty = await CheckedAsync(request);
            RegionStanding region = await RegionAsync(request.Region);
            return await Act(context, request, async () =>
            {
                Posting posting = await Postings().PostAsync(request.Order, region.Region, bounty);
                return posting.Verdict switch
                {
                    PostingVerdict.Posted or PostingVerdict.Repeated => new BountyPosted
                    {
                        Bounty = posting.Bounty.Value,
                        IsRepeated = posting.Verdict == PostingVerdict.Repeated,
                    },
                    PostingVerdict.Contradicted => throw Refused(
                        StatusCode.AlreadyExists,
                        $"'{request.Order}' names another order, which is bounty {posting.Bounty.Value}"),
                    _ => throw Refused(
                        StatusCode.FailedPrecondition,
                        $"the strategic layer did not take it: the authority of region {request.Region} is "
                            + "over, or its return waits for an operator; order it under another name when "
                            + "that is settled"),
                };
            });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<BountyReduced> ReduceBounty(
        ReduceBountyRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var bounty = new BountyId(Needed(request.Bounty, "bounty"));
            long total = Amount(request.TotalGrams, "totalGrams", Grams.ValueMax);
            return await ReduceAsync(bounty, total, context, request);
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<BountyReduced> WithdrawBounty(
        WithdrawBountyRequest request, ServerCallContext context) =>
        Look(() => ReduceAsync(new BountyId(Needed(request.Bounty, "bounty")), 0, context, request));

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<CaseDecided> DecideCase(DecideCaseRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            ulong number = Needed(request.Number, "number");
            bool isAccepted = request.Word switch
            {
                DecideCaseRequest.Types.Word.Accept => true,
                DecideCaseRequest.Types.Word.Reject => false,
                _ => throw Invalid("word is ACCEPT or REJECT"),
            };
            ImmutableArray<CaseView> found = await parts.Plane.CasesAsync(region.Region, number - 1, 1);
            return found is [{ } one] && one.Number == number
                ? await Act(context, request, async () =>
                {
                    await parts.Plane.TellAsync(region.Region, new HubInput.Reviewed(number, isAccepted));
                    return new CaseDecided { Region = request.Region, Number = number };
                })
                : throw Refused(
                    StatusCode.NotFound, $"region {request.Region} has no case {number} that can be decided");
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<NodeHandedOver> HandOverNode(
        HandOverNodeRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var node = new NodeId(Needed(request.Node, "node"));
            RegionStanding from = await RegionAsync(request.FromRegion);
            RegionStanding to = await RegionAsync(request.ToRegion);
            if (from.Region == to.Region)
            {
                throw Invalid("from_region and to_region are the same");
            }

            if (from.Epoch.Value == 0 || to.Epoch.Value == 0 || to.IsEnded)
            {
                throw Refused(
                    StatusCode.FailedPrecondition,
                    "both regions need a charter, and the one that the node goes to one that is not over");
            }

            HubNode seen = await NodeAsync(from.Region, node.Value);
            if (seen.Presence == NodePresence.Left)
            {
                throw Refused(
                    StatusCode.FailedPrecondition,
                    $"node {node.Value} has left region {from.Region.Value}");
            }

            return await parts.Plane.DestinationAsync(node) is { } other && other != to.Region
                ? throw Refused(
                    StatusCode.FailedPrecondition,
                    $"node {node.Value} is being handed over to region {other.Value} already")
                : await Act(context, request, async () =>
                {
                    await parts.Plane.TellAsync(
                        new StrategyInput.HandoverOrdered(node, from.Region, to.Region));
                    return new NodeHandedOver { Node = node.Value, ToRegion = to.Region.Value };
                });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<Rollout> CommandRollout(CommandRolloutRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            uint number = Needed(request.Rollout, "rollout");
            RolloutCommand command = request.Command switch
            {
                CommandRolloutRequest.Types.Command.Pause => RolloutCommand.Pause,
                CommandRolloutRequest.Types.Command.Resume => RolloutCommand.Resume,
                CommandRolloutRequest.Types.Command.Abort => RolloutCommand.Abort,
                _ => throw Invalid("command is PAUSE, RESUME or ABORT"),
            };
            _ = await RolloutAsync(number);
            return await Act(context, request, async () =>
            {
                await parts.Plane.TellAsync(new StrategyInput.RolloutCommanded(number, command));
                return MissionFace.Rollout(await RolloutAsync(number));
            });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<Invitation> InviteNode(InviteNodeRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var node = new NodeId(Needed(request.Node, "node"));
            return registry.KeyOf(node) is not null
                ? throw Refused(
                    StatusCode.FailedPrecondition,
                    $"node {node.Value} has a key, for life: a machine that lost it is another node")
                : await Act(context, request, async () => new Invitation
                {
                    Node = node.Value,
                    Token = Convert.ToHexStringLower(await registry.IssueAsync(node)),
                });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<V1.Hub> AdoptRegion(AdoptRegionRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding lost = await RegionAsync(request.Region);
            RegionStanding successor = await RegionAsync(request.Successor);
            if (lost.Successor is { } known && known != successor.Region)
            {
                throw Refused(
                    StatusCode.FailedPrecondition, $"region {known.Value} has taken over what it had");
            }

            if (lost.Region == successor.Region || lost.Epoch.Value == 0 || successor.Epoch.Value == 0
                || successor.IsEnded || successor.Successor is not null)
            {
                throw Refused(
                    StatusCode.FailedPrecondition,
                    "it takes two regions with a charter, of which the successor's is not over");
            }

            return await Act(context, request, async () =>
            {
                await parts.Plane.TellAsync(new StrategyInput.AdoptionOrdered(lost.Region, successor.Region));
                return await face.HubAsync(await RegionAsync(request.Region));
            });
        });

    private async Task<Bounty> CheckedAsync(PostBountyRequest request)
    {
        if (!PostingDesk.IsName(request.Order)
            || request.Order.StartsWith(PostingDesk.PlanPrefix, StringComparison.Ordinal))
        {
            throw Invalid(
                $"order is a name of 1 to {PostingDesk.NameLengthMax} letters, digits, dots, dashes and "
                    + $"underscores that does not begin with '{PostingDesk.PlanPrefix}'");
        }

        if (!Enum.IsDefined(request.Kind) || request.Kind is V1.WorkKind.Unspecified or V1.WorkKind.Repair)
        {
            throw Invalid("kind is DELIVER, SURVEY, BUILD or TRANSPORT");
        }

        if (!Enum.IsDefined(request.Commodity) || request.Commodity == V1.Commodity.Unspecified)
        {
            throw Invalid("commodity is NICKEL, IRON, WATER or SILICATE");
        }

        var region = new RegionId(Needed(request.Region, "region"));
        var depot = new DepotId(Needed(request.Depot, "depot"));
        if (face.WhyNoDepot(region, depot) is { } why)
        {
            throw Invalid(why);
        }

        long total = Amount(request.TotalGrams, "totalGrams", Grams.ValueMax);
        long lot = Amount(request.LotGrams, "lotGrams", Grams.ValueMax);
        if ((total + Bounty.LotsMax - 1) / Bounty.LotsMax > lot)
        {
            throw Invalid($"lotGrams is too small: a bounty has at most {Bounty.LotsMax} lots");
        }

        long value = Amount(request.LotValueMicros, "lotValueMicros", Credits.MicroMax / Bounty.LotsMax);
        var deadline = new Instant(Amount(request.DeadlineMicros, "deadlineMicros", Instant.MicrosMax));
        if (deadline != deadline.FloorSecond
            || (deadline <= parts.Clock.Now && await Postings().NumberOfAsync(request.Order) is null))
        {
            throw Invalid($"deadlineMicros is a whole second later than now, {parts.Clock.Now.Micros}");
        }

        if (request.BackupGrams < 0 || request.BackupGrams >= total)
        {
            throw Invalid("backupGrams is zero or more, and less than totalGrams");
        }

        var bounty = new Bounty(
            new BountyId(1), (Commodity)request.Commodity, depot, new Grams(total), new Grams(lot),
            new Credits(value), deadline)
        {
            Kind = (WorkKind)request.Kind,
            Site = new SiteId(request.Site),
            From = new DepotId(request.FromDepot),
            Backup = new Grams(request.BackupGrams),
        };
        return bounty.IsSound ? bounty : throw Invalid(
            "site is for surveys, builds and deliveries, and surveys and builds need one; fromDepot is for "
                + "transports, which need one that is not depot; backupGrams is for deliveries");
    }

    private async Task<BountyReduced> ReduceAsync(
        BountyId bounty, long total, ServerCallContext context, IMessage request)
    {
        if (!bounty.IsOperators)
        {
            throw Invalid("lots of a demand, parts of an order and calls for help cannot be reduced");
        }

        PostedBounty posted = (await parts.Plane.StrategyAsync()).Find(bounty)
            ?? throw Refused(
                StatusCode.NotFound, $"bounty {bounty.Value} is not posted, or was reported to be over");
        if (posted.ReducedGrams is { } already && already < total)
        {
            throw Refused(
                StatusCode.FailedPrecondition,
                $"bounty {bounty.Value} was reduced to {already} grams, and no order makes it more");
        }

        return await Act(context, request, async () =>
        {
            await parts.Plane.TellAsync(new StrategyInput.ReductionOrdered(bounty, new Grams(total)));
            PostedBounty? now = (await parts.Plane.StrategyAsync()).Find(bounty);
            return now is null or { ReducedGrams: not null }
                ? new BountyReduced { Bounty = bounty.Value, TotalGrams = now?.ReducedGrams ?? total }
                : throw Refused(
                    StatusCode.FailedPrecondition,
                    $"bounty {bounty.Value} is no delivery: other work cannot be stopped half way");
        });
    }

    private async Task<RolloutStatus> RolloutAsync(uint number) =>
        (await parts.Plane.StrategyAsync()).Rollouts.FirstOrDefault(one => one.Number == number)
            ?? throw Refused(StatusCode.NotFound, $"there is no rollout {number}");

    // Nothing is carried out that is not in the audit trail.
    private PostingDesk Postings() => parts.Postings() ?? throw Refused(
        StatusCode.Unavailable,
        "not here: another process of the cluster gives bounties their numbers; call that, or this again "
            + "later");

    private async Task<T> Act<T>(ServerCallContext context, IMessage request, Func<Task<T>> act)
    {
        if (desk.IsDraining)
        {
            throw Refused(StatusCode.Unavailable, "not now: the server is about to end");
        }

        HttpContext http = context.GetHttpContext();
        ClaimsPrincipal user = http.User;
        string method = context.Method[(context.Method.LastIndexOf('/') + 1)..];
        string entry = await audit.BeginAsync(new AuditedAction(
            user.Identity?.Name ?? "",
            OperatorRoles.All.LastOrDefault(user.IsInRole) ?? "",
            http.Connection.RemoteIpAddress?.ToString() ?? "",
            method,
            MissionFace.Json(request)));
        try
        {
            T done = await act();
            await EndAsync(entry, method, StatusCode.OK);
            return done;
        }
        catch (RpcException refused)
        {
            await EndAsync(entry, method, refused.StatusCode);
            throw;
        }
        catch (Exception failure)
        {
            await EndAsync(
                entry, method,
                MissionFace.IsPassing(failure) ? StatusCode.Unavailable : StatusCode.Internal);
            throw;
        }
    }

    private Task EndAsync(string entry, string method, StatusCode outcome)
    {
        if (Measures.Orders.Enabled)
        {
            Measures.Orders.Add(
                1, Measures.Tag("method", method), Measures.Tag("outcome", outcome.ToString()));
        }

        return audit.EndAsync(entry, outcome);
    }
}
