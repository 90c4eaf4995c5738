using System;
using System.Collections.Immutable;
using System.Linq;
using System.Security.Claims;
using System.Threading.Tasks;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Journal;
using Hanse.IO.Plane;
using Hanse.IO.Runtime;
using Hanse.Server.V1;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using BirthQuota = Hanse.Core.Strategy.BirthQuota;
using Bounty = Hanse.Core.Messages.Bounty;
using BountyPosted = Hanse.Server.V1.BountyPosted;
using BountyReduced = Hanse.Server.V1.BountyReduced;
using Commodity = Hanse.Core.Messages.Commodity;
using OperatorSignature = Hanse.Core.Strategy.OperatorSignature;
using Rollout = Hanse.Server.V1.Rollout;
using WorkKind = Hanse.Core.Messages.WorkKind;
using static Hanse.Server.Operations.Requests;

namespace Hanse.Server.Operations;

/// <content>Orders: checked, noted in the audit trail, carried out.</content>
internal sealed partial class OperationsService
{
    /// <summary>Most bytes of a rollout's order.</summary>
    private const int RolloutBytesMax = 4_096;

    /// <summary>Most bytes of a quota of births.</summary>
    private const int QuotaBytesMax = 1_024;

    private const int SignedLooks = 100;
    private static readonly TimeSpan _signedPause = TimeSpan.FromMilliseconds(50);

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
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<NodeRetired> RetireNode(RetireNodeRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var node = new NodeId(Needed(request.Node, "node"));
            RegionStanding region = await RegionAsync(request.Region);
            HubNode seen = await NodeAsync(region.Region, node.Value);
            if (seen.Presence == NodePresence.Left || await parts.Plane.DestinationAsync(node) is not null)
            {
                throw Refused(
                    StatusCode.FailedPrecondition,
                    $"node {node.Value} has left region {region.Region.Value}, or is about to: retire it "
                        + "where it goes");
            }

            return await Act(context, request, async () =>
            {
                await parts.Plane.TellAsync(
                    region.Region, new HubInput.RetireOrdered(node, request.IsLost));
                HubNode now = await NodeAsync(region.Region, node.Value);
                return new NodeRetired
                {
                    Node = node.Value,
                    IsOver = now.Presence == NodePresence.Retired,
                };
            });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<V1.BirthQuota> OrderBirths(OrderBirthsRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            if (request.Quota.Length > QuotaBytesMax
                || !CborReader.TryRead(request.Quota.Memory, out BirthQuota? quota, out _) || !quota.IsSound)
            {
                throw Invalid("quota is a quota of births in canonical CBOR");
            }

            // Without any where a mission asks for none.
            ImmutableArray<OperatorSignature> signatures =
                request.Signatures.Count == 0 ? [] : CheckedSignatures(request.Signatures);
            string text = Convert.ToHexStringLower(request.Quota.Span);
            return await Act(context, request, async () =>
            {
                await parts.Plane.TellAsync(new StrategyInput.BirthsOrdered(quota, signatures));
                QuotaStatus? stands = (await parts.Plane.StrategyAsync()).Quotas
                    .FirstOrDefault(one => one.Number == quota.Id);
                QuotaRefusal? why = stands is { Text.Length: > 0 }
                    && stands.Text != text
                        ? QuotaRefusal.AnotherQuota : stands?.Refusal;
                return stands is null || why is not null
                    ? throw Refused(StatusCode.FailedPrecondition, WordsOf(why))
                    : new V1.BirthQuota
                    {
                        Quota = quota.Id,
                        IsTaken = stands.IsTaken,
                        Given = stands.Given,
                        Lapsed = stands.Lapsed,
                    };
            });
        });

    private static string WordsOf(QuotaRefusal? refusal) => refusal switch
    {
        QuotaRefusal.AnotherQuota => "its number is that of another quota",
        QuotaRefusal.TooFewSignatures => "it takes the signatures of more operators",
        QuotaRefusal.UnknownKey => "somebody has signed it who is no operator of this mission",
        QuotaRefusal.BadSignature => "a signature does not hold",
        QuotaRefusal.Unsound => "it ends before now, or has numbers of another quota",
        QuotaRefusal.NoRegion => "no region that it is for has authority",
        QuotaRefusal.TooMany => "there are as many quotas as there may be",
        _ => "the strategic layer did not take it",
    };

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<Rollout> OrderRollout(OrderRolloutRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            Core.Skills.Rollout rollout = CheckedRollout(request);
            ImmutableArray<OperatorSignature> signatures = CheckedSignatures(request.Signatures);
            StrategyStatus before = await parts.Plane.StrategyAsync();
            bool isKnown = before.Signed.Contains(rollout.Id)
                || before.Rollouts.Any(one => one.Number == rollout.Id);
            return !isKnown && before.Rollouts.Length + before.Signed.Length >= StrategicLayer.RolloutsMax
                ? throw Refused(
                    StatusCode.ResourceExhausted,
                    $"a mission has at most {StrategicLayer.RolloutsMax} rollouts")
                : await Act(context, request, async () =>
                {
                    await parts.Plane.TellAsync(new StrategyInput.RolloutOrdered(rollout, signatures));
                    return await TakenAsync(rollout);
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
            if (registry.IsRetired(node))
            {
                throw Refused(
                    StatusCode.FailedPrecondition,
                    $"node {node.Value} is retired: its number is nobody's any more");
            }

            return registry.KeyOf(node) is not null || registry.IsRevoked(node)
                ? throw Refused(
                    StatusCode.FailedPrecondition,
                    registry.IsRevoked(node)
                        ? $"the key of node {node.Value} was revoked, and its number is nobody's: invite "
                            + "another"
                        : $"node {node.Value} has a key: a machine that lost it is another node")
                : await Act(context, request, async () => new Invitation
                {
                    Node = node.Value,
                    Token = Convert.ToHexStringLower(await registry.IssueAsync(node)),
                });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<NodeKeyDue> RotateNodeKey(RotateNodeKeyRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            NodeId node = await KeyedAsync(request.Node);
            return registry.IsRevoked(node)
                ? throw Refused(
                    StatusCode.FailedPrecondition, $"the key of node {node.Value} was revoked")
                : await Act(context, request, async () => new NodeKeyDue
                {
                    Node = node.Value,
                    Serial = await registry.OrderChangeAsync(node, context.CancellationToken),
                });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<NodeRevoked> RevokeNode(RevokeNodeRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            var node = new NodeId(Needed(request.Node, "node"));
            return await Act(context, request, async () =>
            {
                await registry.RevokeAsync(node, context.CancellationToken);
                return new NodeRevoked { Node = node.Value };
            });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<GatewayKeyInUse> ReplaceGatewayKey(
        ReplaceGatewayKeyRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            uint serial = Needed(request.Serial, "serial");
            return await Act(context, request, async () =>
                await desk.Keys.ReplaceAsync(serial, context.CancellationToken) is { } refused
                    ? throw Refused(StatusCode.FailedPrecondition, refused)
                    : new GatewayKeyInUse
                    {
                        Serial = desk.Keys.Serial,
                        Key = Convert.ToHexStringLower(desk.Keys.Key),
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

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Admin)]
    public override Task<V1.Hub> OrderCharter(OrderCharterRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            bool isGranted = request.Order switch
            {
                OrderCharterRequest.Types.Order.End => false,
                OrderCharterRequest.Types.Order.Give => true,
                _ => throw Invalid("order is END or GIVE"),
            };
            if (region.Epoch.Value == 0 || region.Successor is not null)
            {
                throw Refused(
                    StatusCode.FailedPrecondition,
                    region.Successor is { } successor
                        ? $"region {successor.Value} has taken over what it had"
                        : "its hub has not asked for a charter yet");
            }

            return await Act(context, request, async () =>
            {
                await parts.Plane.TellAsync(new StrategyInput.CharterOrdered(region.Region, isGranted));
                return await face.HubAsync(await RegionAsync(request.Region));
            });
        });

    /// <inheritdoc/>
    [Authorize(Roles = OperatorRoles.Operator)]
    public override Task<V1.Hub> KeepRegion(KeepRegionRequest request, ServerCallContext context) =>
        Look(async () =>
        {
            RegionStanding region = await RegionAsync(request.Region);
            return region.Successor is { } successor
                ? throw Refused(
                    StatusCode.FailedPrecondition, $"region {successor.Value} has taken over what it had")
                : await Act(context, request, async () =>
                {
                    await parts.Plane.TellAsync(
                        new StrategyInput.AdoptionForbidden(region.Region, request.IsKept));
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

    private Core.Skills.Rollout CheckedRollout(OrderRolloutRequest request)
    {
        if (!parts.Signers.IsAsked)
        {
            throw Refused(
                StatusCode.FailedPrecondition,
                "the mission has no signers, so nobody can order a rollout: see 'hanse serve --signers'");
        }

        DecodeError? error = null;
        if (request.Order.Length > RolloutBytesMax
            || !CborReader.TryRead(request.Order.Memory, out Core.Skills.Rollout? rollout, out error))
        {
            throw Invalid(error is null ? $"order has at most {RolloutBytesMax} bytes"
                : $"order is none: {error.Reason} at byte {error.Offset}; 'hanse rollout new' makes one");
        }

        if (!rollout.IsSound)
        {
            throw Invalid("order needs a number from 1, a release of 1 byte or more, and classes, rising");
        }

        int? length = parts.Release(rollout.Release);
        return length == rollout.Size ? rollout : throw Refused(
            StatusCode.FailedPrecondition,
            length is null
                ? $"hubs do not have the release {rollout.Release}: 'hanse skill push' it into the folder "
                    + "that 'hanse serve --packages' names"
                : $"the release {rollout.Release} has {length} bytes, and the order says {rollout.Size}");
    }

    private static ImmutableArray<OperatorSignature> CheckedSignatures(
        RepeatedField<OrderSignature> signatures) =>
        signatures.Count is > 0 and <= OperatorSignature.CountMax
            && signatures.All(one => one.PublicKey.Length == NoteKey.Ed25519Length
                && one.Signature.Length == Ed25519Keys.SignatureLength)
            ? [
                .. signatures.Select(one => new OperatorSignature(
                    one.PublicKey.ToByteArray(), one.Signature.ToByteArray())),
            ]
            : throw Invalid($"an order has 1 to {OperatorSignature.CountMax} signatures: a key of 32 bytes "
                + "and a signature of 64 each");

    // Signatures are verified outside the machine, so it may take a moment until one knows.
    private async Task<Rollout> TakenAsync(Core.Skills.Rollout rollout)
    {
        var order = Digest.Of(CborWriter.Bytes(rollout));
        for (int i = 0; i < SignedLooks; i++)
        {
            StrategyStatus now = await parts.Plane.StrategyAsync();
            if (now.Rollouts.FirstOrDefault(one => one.Number == rollout.Id) is { } taken)
            {
                return taken.Order == order ? MissionFace.Rollout(taken)
                    : throw NotTaken(rollout.Id, RolloutRefusal.AnotherOrder);
            }

            if (!now.Signed.Contains(rollout.Id))
            {
                throw now.RefusedRollouts.TryGetValue(rollout.Id, out RolloutRefusal why)
                    ? NotTaken(rollout.Id, why)
                    : Refused(StatusCode.FailedPrecondition, $"rollout {rollout.Id} was not taken");
            }

            await Task.Delay(_signedPause);
        }

        throw Refused(
            StatusCode.Unavailable, "its signatures are being verified: send it again, it is the same order");
    }

    private static RpcException NotTaken(uint number, RolloutRefusal why) => why switch
    {
        RolloutRefusal.AnotherOrder => Refused(
            StatusCode.AlreadyExists, $"rollout {number} is another order: give this one another number"),
        RolloutRefusal.TooFewSignatures => Refused(
            StatusCode.PermissionDenied,
            $"rollout {number} takes signatures by more keys: one that goes faster than the standard lane in "
                + "any respect takes more than the usual"),
        RolloutRefusal.UnknownKey => Refused(
            StatusCode.PermissionDenied, $"rollout {number} is signed by a key that is no signer's"),
        _ => Refused(
            StatusCode.PermissionDenied, $"rollout {number} has a signature that does not hold"),
    };


    // Another process of the cluster may have enrolled it.
    private async Task<NodeId> KeyedAsync(uint number)
    {
        var node = new NodeId(Needed(number, "node"));
        return registry.KeyOf(node) is not null
            || (await registry.LookAsync(node) && registry.KeyOf(node) is not null)
            ? node : throw Refused(StatusCode.NotFound, $"node {number} has no key");
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
