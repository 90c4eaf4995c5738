using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>Everything that can happen to the strategic layer.</summary>
public abstract record StrategyInput : IShaped<StrategyInput>
{
    private StrategyInput()
    {
    }

    /// <summary>A frame came in from a hub.</summary>
    public sealed record FrameArrived(Frame Frame) : StrategyInput;

    /// <summary>The operator wants something done. The bounty's identity is the operator's order number: a
    /// repeated order is the same one.</summary>
    public sealed record BountyOrdered(RegionId Region, Bounty Bounty) : StrategyInput;

    /// <summary>A signature was verified: of a region, or of an operator where that is zero.</summary>
    public sealed record Verified(RegionId Region, ulong Request, bool IsGood) : StrategyInput;

    /// <summary>An operator looked at a region's quarantined return and accepts or rejects it.</summary>
    public sealed record RegionReviewed(RegionId Region, bool IsAccepted) : StrategyInput;

    /// <summary>The operator ends a region's authority, or, when it has none, gives it another under the next
    /// epoch.</summary>
    public sealed record CharterOrdered(RegionId Region, bool IsGranted) : StrategyInput;

    /// <summary>The operator wants a node to belong to another region.</summary>
    public sealed record HandoverOrdered(NodeId Node, RegionId From, RegionId To) : StrategyInput;

    /// <summary>The operator gives up a region's hub: another takes over what it had, and its authority is
    /// over whether or not it hears of it.</summary>
    public sealed record AdoptionOrdered(RegionId Region, RegionId Successor) : StrategyInput;

    /// <summary>The operator wants something that several regions may bring. The demand's identity is the
    /// operator's order number: a repeated order is the same one.</summary>
    public sealed record DemandOrdered(Demand Demand) : StrategyInput;

    /// <summary>The operator wants less of a bounty, or nothing more of it.</summary>
    /// <param name="Bounty">Which; not lots of a demand.</param>
    /// <param name="Total">What is wanted of it, with what has arrived; zero to withdraw it. No order makes
    /// it more.</param>
    public sealed record ReductionOrdered(BountyId Bounty, Grams Total) : StrategyInput;

    /// <summary>The operator wants something done that takes several kinds of work in an order.</summary>
    public sealed record OrderGiven(WorkOrder Order) : StrategyInput;

    /// <summary>The operator wants a release to reach the fleet. The rollout's identity is the operator's
    /// order number: a repeated order is the same one.</summary>
    /// <param name="Rollout">What is wanted.</param>
    /// <param name="Signatures">Of operators.</param>
    public sealed record RolloutOrdered(Rollout Rollout, ImmutableArray<OperatorSignature> Signatures)
        : StrategyInput;

    /// <summary>The operator pauses a rollout, has it go on, or calls it back.</summary>
    public sealed record RolloutCommanded(uint Rollout, RolloutCommand Command) : StrategyInput;

    /// <summary>Operators let machines be born. The quota's identity is theirs: a repeated order is the same
    /// one.</summary>
    /// <param name="Quota">What is let.</param>
    /// <param name="Signatures">Of operators.</param>
    public sealed record BirthsOrdered(BirthQuota Quota, ImmutableArray<OperatorSignature> Signatures)
        : StrategyInput;

    /// <summary>The operator forbids that a region is given up without an order, or allows it
    /// again.</summary>
    public sealed record AdoptionForbidden(RegionId Region, bool IsForbidden) : StrategyInput;

    /// <summary>The alarm went off.</summary>
    public sealed record Woken : StrategyInput;

    /// <summary>The machine was rebuilt from its facts.</summary>
    public sealed record Restarted : StrategyInput;

    /// <inheritdoc/>
    public static StrategyInput Shape<TCodec>(ref TCodec codec, StrategyInput? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case(
            "input",
            value switch
            {
                null => 0,
                FrameArrived => 1,
                BountyOrdered => 2,
                Woken => 3,
                Restarted => 4,
                Verified => 5,
                RegionReviewed => 6,
                CharterOrdered => 7,
                HandoverOrdered => 8,
                AdoptionOrdered => 9,
                DemandOrdered => 10,
                ReductionOrdered => 11,
                OrderGiven => 12,
                RolloutOrdered => 13,
                RolloutCommanded => 14,
                BirthsOrdered => 15,
                AdoptionForbidden => 16,
                _ => throw new UnreachableException(),
            }, 16);
        StrategyInput input;
        switch (tag)
        {
            case 1:
                var arrived = (FrameArrived?)value;
                codec.Open("frameArrived", 1);
                Frame frame = Frame.Shape(ref codec, arrived?.Frame);
                input = arrived ?? new FrameArrived(frame);
                break;
            case 2:
                var ordered = (BountyOrdered?)value;
                codec.Open("bountyOrdered", 2);
                RegionId region = codec.Region("region", ordered?.Region ?? default);
                Bounty bounty = Bounty.Shape(ref codec, ordered?.Bounty);
                input = ordered ?? new BountyOrdered(region, bounty);
                break;
            case 3:
                codec.Open("woken", 0);
                input = value ?? new Woken();
                break;
            case 5:
                var verified = (Verified?)value;
                codec.Open("verified", 3);
                RegionId signer = codec.Region("region", verified?.Region ?? default);
                ulong request = codec.Count("request", verified?.Request ?? 0);
                bool isGood = codec.Flag("isGood", verified?.IsGood ?? false);
                input = verified ?? new Verified(signer, request, isGood);
                break;
            case 6:
                var reviewed = (RegionReviewed?)value;
                codec.Open("regionReviewed", 2);
                RegionId judged = codec.Region("region", reviewed?.Region ?? default);
                bool isAccepted = codec.Flag("isAccepted", reviewed?.IsAccepted ?? false);
                input = reviewed ?? new RegionReviewed(judged, isAccepted);
                break;
            case 7:
                var charter = (CharterOrdered?)value;
                codec.Open("charterOrdered", 2);
                RegionId holder = codec.Region("region", charter?.Region ?? default);
                bool isGranted = codec.Flag("isGranted", charter?.IsGranted ?? false);
                input = charter ?? new CharterOrdered(holder, isGranted);
                break;
            case 8:
                var handover = (HandoverOrdered?)value;
                codec.Open("handoverOrdered", 3);
                NodeId node = codec.Node("node", handover?.Node ?? default);
                RegionId from = codec.Region("from", handover?.From ?? default);
                RegionId to = codec.Region("to", handover?.To ?? default);
                input = handover ?? new HandoverOrdered(node, from, to);
                break;
            case 9:
                var adoption = (AdoptionOrdered?)value;
                codec.Open("adoptionOrdered", 2);
                RegionId lost = codec.Region("region", adoption?.Region ?? default);
                RegionId successor = codec.Region("successor", adoption?.Successor ?? default);
                input = adoption ?? new AdoptionOrdered(lost, successor);
                break;
            case 10:
                var wanted = (DemandOrdered?)value;
                codec.Open("demandOrdered", 1);
                Demand demand = Demand.Shape(ref codec, wanted?.Demand);
                input = wanted ?? new DemandOrdered(demand);
                break;
            case 11:
                var reduction = (ReductionOrdered?)value;
                codec.Open("reductionOrdered", 2);
                BountyId lesser = codec.Bounty("bounty", reduction?.Bounty ?? default);
                Grams total = codec.Mass("total", reduction?.Total ?? default);
                input = reduction ?? new ReductionOrdered(lesser, total);
                break;
            case 12:
                var given = (OrderGiven?)value;
                codec.Open("orderGiven", 1);
                WorkOrder order = WorkOrder.Shape(ref codec, given?.Order);
                input = given ?? new OrderGiven(order);
                break;
            case 13:
                var rolled = (RolloutOrdered?)value;
                codec.Open("rolloutOrdered", 2);
                Rollout rollout = Rollout.Shape(ref codec, rolled?.Rollout);
                ImmutableArray<OperatorSignature> signatures = codec.List(
                    "signatures", rolled?.Signatures ?? [], OperatorSignature.CountMax);
                input = rolled ?? new RolloutOrdered(rollout, signatures);
                break;
            case 14:
                var commanded = (RolloutCommanded?)value;
                codec.Open("rolloutCommanded", 2);
                uint which = (uint)codec.Integer("rollout", commanded?.Rollout ?? 0, 0, uint.MaxValue);
                var command = (RolloutCommand)codec.Integer("command", (long)(commanded?.Command ?? 0), 1, 3);
                input = commanded ?? new RolloutCommanded(which, command);
                break;
            case 15:
                var births = (BirthsOrdered?)value;
                codec.Open("birthsOrdered", 2);
                BirthQuota quota = BirthQuota.Shape(ref codec, births?.Quota);
                ImmutableArray<OperatorSignature> signed = codec.List(
                    "signatures", births?.Signatures ?? [], OperatorSignature.CountMax);
                input = births ?? new BirthsOrdered(quota, signed);
                break;
            case 16:
                var kept = (AdoptionForbidden?)value;
                codec.Open("adoptionForbidden", 2);
                RegionId keptRegion = codec.Region("region", kept?.Region ?? default);
                bool isForbidden = codec.Flag("isForbidden", kept?.IsForbidden ?? false);
                input = kept ?? new AdoptionForbidden(keptRegion, isForbidden);
                break;
            default:
                codec.Open("restarted", 0);
                input = value ?? new Restarted();
                break;
        }

        codec.Close();
        return input;
    }
}
