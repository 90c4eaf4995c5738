using System.Collections.Immutable;
using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>Everything the strategic layer remembers.</summary>
public abstract record StrategyFact : IShaped<StrategyFact>
{
    private StrategyFact()
    {
    }

    /// <summary>Something about the link to a region.</summary>
    public sealed record RegionLink(RegionId Region, LinkFact Fact) : StrategyFact;

    /// <summary>A region has its charter.</summary>
    public sealed record RegionChartered(RegionId Region, Epoch Epoch, int Capacity) : StrategyFact;

    /// <summary>A bounty was posted to a region.</summary>
    public sealed record BountyPosted(RegionId Region, Bounty Bounty) : StrategyFact;

    /// <summary>A bounty came back.</summary>
    public sealed record BountyReported(RegionId Region, BountyReport Report) : StrategyFact;

    /// <summary>A region's digest.</summary>
    public sealed record DigestTaken(RegionId Region, RegionDigest Digest) : StrategyFact;

    /// <summary>A transfer to a region began.</summary>
    public sealed record TransferSent(RegionId Region, Sending Sending) : StrategyFact;

    /// <summary>A transfer of a region's is in these books.</summary>
    public sealed record TransferReceived(RegionId Region, TransferId Transfer) : StrategyFact;

    /// <summary>Credits moved in the strategic books.</summary>
    public sealed record Posted(Posting Posting) : StrategyFact;

    /// <summary>A region's authority is over, whether or not it has heard.</summary>
    public sealed record CharterEnded(RegionId Region, Epoch Epoch) : StrategyFact;

    /// <summary>The region has heard that its authority is over.</summary>
    public sealed record EndHeard(RegionId Region, Instant At) : StrategyFact;

    /// <summary>Something about the return of a region.</summary>
    public sealed record Return(RegionId Region, RegionFact Fact) : StrategyFact;

    /// <summary>A node is to go from one region to another.</summary>
    public sealed record HandoverBegan(NodeId Node, RegionId From, RegionId To) : StrategyFact;

    /// <summary>It is on its way.</summary>
    public sealed record HandoverEnded(NodeId Node) : StrategyFact;

    /// <summary>One region's hub takes over everything that another's had.</summary>
    public sealed record Succeeded(RegionId Region, RegionId Successor) : StrategyFact;

    /// <summary>A bounty is another region's.</summary>
    public sealed record BountyMoved(BountyId Bounty, RegionId Region) : StrategyFact;

    /// <summary>A message waits for room in the queue to a region.</summary>
    public sealed record Entrusted(ulong Number, RegionId Region, Message Message) : StrategyFact;

    /// <summary>It is in the queue.</summary>
    public sealed record Dispatched(ulong Number) : StrategyFact;

    /// <summary>Less of a bounty is wanted than was posted; its hub is told when it has it.</summary>
    public sealed record BountyReduced(BountyId Bounty, Grams Total) : StrategyFact;

    /// <summary>Something is wanted that several regions may bring.</summary>
    public sealed record DemandPosted(Demand Demand, Instant At) : StrategyFact;

    /// <summary>A region is asked what it would bring.</summary>
    public sealed record Sounded(RegionId Region, ulong Number, Instant At) : StrategyFact;

    /// <summary>It has answered.</summary>
    public sealed record SupplyHeard(RegionId Region, Instant At, SupplyTold Told) : StrategyFact;

    /// <summary>Lots of a demand go to a region, as a bounty there.</summary>
    public sealed record LotsPlaced(
        BountyId Bounty, RegionId Region, int Lots, Credits WorthPerLot, Instant At) : StrategyFact;

    /// <summary>Lots came back from a region, with their worth.</summary>
    public sealed record LotsBack(RegionId Region, Instant At, LotsReturned Returned) : StrategyFact;

    /// <summary>Lots are called back.</summary>
    public sealed record LotsCalled(RegionId Region, Instant At, LotsRecalled Recalled) : StrategyFact;

    /// <summary>Lots of a region that was given up, and that were on their way back, are here.</summary>
    public sealed record LotsReclaimed(BountyId Bounty) : StrategyFact;

    /// <summary>A demand is over.</summary>
    /// <param name="Demand">Which.</param>
    /// <param name="Outcome">How it ended.</param>
    /// <param name="Delivered">What was delivered, all regions together.</param>
    /// <param name="Paid">What was paid for that.</param>
    /// <param name="Rebuffs">Why regions gave lots back, last.</param>
    public sealed record DemandClosed(
        DemandId Demand, BountyOutcome Outcome, Grams Delivered, Credits Paid,
        ImmutableArray<Rebuff> Rebuffs) : StrategyFact;

    /// <summary>Lots were divided, or there was nothing to divide.</summary>
    public sealed record Allotted(Instant At) : StrategyFact;

    /// <summary>Something is wanted that takes several kinds of work in an order.</summary>
    public sealed record OrderPosted(WorkOrder Order, Instant At) : StrategyFact;

    /// <summary>An order is over.</summary>
    /// <param name="Order">Which.</param>
    /// <param name="Outcome">Filled when all its parts are.</param>
    /// <param name="Filled">Parts that are.</param>
    /// <param name="Paid">What was paid for all of them.</param>
    /// <param name="At">When.</param>
    public sealed record OrderClosed(
        OrderId Order, BountyOutcome Outcome, int Filled, Credits Paid, Instant At) : StrategyFact;

    /// <summary>A rollout was ordered, has gone on, or was stopped.</summary>
    public sealed record RolloutMoved(RolloutBook Book) : StrategyFact;

    /// <summary>A region told how a rollout stands there.</summary>
    public sealed record RolloutHeard(RegionId Region, RolloutReport Report) : StrategyFact;

    /// <summary>The signatures of an order are being verified.</summary>
    /// <param name="Rollout">The order.</param>
    /// <param name="Signatures">All that came with it.</param>
    public sealed record RolloutSigned(Rollout Rollout, ImmutableArray<OperatorSignature> Signatures)
        : StrategyFact;

    /// <summary>One of them holds.</summary>
    public sealed record SignatureHolds(ulong Request) : StrategyFact;

    /// <summary>An order was not taken.</summary>
    /// <param name="Rollout">Its number.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="At">When.</param>
    public sealed record RolloutRefused(uint Rollout, RolloutRefusal Reason, Instant At) : StrategyFact;

    /// <summary>A quota of births came; its signatures are being verified.</summary>
    public sealed record QuotaSigned(BirthQuota Quota, ImmutableArray<OperatorSignature> Signatures)
        : StrategyFact;

    /// <summary>A signature of a quota holds.</summary>
    public sealed record QuotaSignatureHolds(ulong Request) : StrategyFact;

    /// <summary>A quota is an order.</summary>
    public sealed record QuotaTaken(uint Quota) : StrategyFact;

    /// <summary>So many of its numbers, the next in order, are a region's.</summary>
    public sealed record QuotaShared(uint Quota, RegionId Region, uint Count) : StrategyFact;

    /// <summary>A quota was not taken.</summary>
    public sealed record QuotaRefused(uint Quota, QuotaRefusal Reason) : StrategyFact;

    /// <summary>Somebody looked which hubs are silent.</summary>
    public sealed record Watched(Instant At) : StrategyFact;

    /// <summary>A region is given up without an order: why another succeeds it.</summary>
    /// <param name="Region">Which.</param>
    /// <param name="Successor">Who takes over.</param>
    /// <param name="Silence">Since when and for how long its hub is silent.</param>
    /// <param name="At">When.</param>
    public sealed record Abandoned(RegionId Region, RegionId Successor, HubSilence Silence, Instant At)
        : StrategyFact;

    /// <summary>A region is given up by order only, or otherwise too again.</summary>
    public sealed record AdoptionForbidden(RegionId Region, bool IsForbidden) : StrategyFact;

    /// <inheritdoc/>
    public static StrategyFact Shape<TCodec>(ref TCodec codec, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("strategy", Tag(value), 42);
        StrategyFact fact;
        switch (tag)
        {
            case 1:
                var link = (RegionLink?)value;
                codec.Open("regionLink", 3);
                RegionId peer = codec.Region("region", link?.Region ?? default);
                LinkFact linkFact = LinkFact.Shape(ref codec, link?.Fact);
                fact = link ?? new RegionLink(peer, linkFact);
                break;
            case 2:
                var chartered = (RegionChartered?)value;
                codec.Open("regionChartered", 3);
                RegionId region = codec.Region("region", chartered?.Region ?? default);
                Epoch epoch = codec.Epoch("epoch", chartered?.Epoch ?? default);
                int capacity = codec.Number("capacity", chartered?.Capacity ?? 0);
                fact = chartered ?? new RegionChartered(region, epoch, capacity);
                break;
            case 3:
                var posted = (BountyPosted?)value;
                codec.Open("bountyPosted", 2);
                RegionId target = codec.Region("region", posted?.Region ?? default);
                Bounty bounty = Bounty.Shape(ref codec, posted?.Bounty);
                fact = posted ?? new BountyPosted(target, bounty);
                break;
            case 4:
                var reported = (BountyReported?)value;
                codec.Open("bountyReported", 2);
                RegionId source = codec.Region("region", reported?.Region ?? default);
                BountyReport report = BountyReport.Shape(ref codec, reported?.Report);
                fact = reported ?? new BountyReported(source, report);
                break;
            case 5:
                var digested = (DigestTaken?)value;
                codec.Open("digestTaken", 2);
                RegionId where = codec.Region("region", digested?.Region ?? default);
                RegionDigest digest = RegionDigest.Shape(ref codec, digested?.Digest);
                fact = digested ?? new DigestTaken(where, digest);
                break;
            case 6:
                var sent = (TransferSent?)value;
                codec.Open("transferSent", 2);
                RegionId receiver = codec.Region("region", sent?.Region ?? default);
                Sending sending = Sending.Shape(ref codec, sent?.Sending);
                fact = sent ?? new TransferSent(receiver, sending);
                break;
            case 7:
                var received = (TransferReceived?)value;
                codec.Open("transferReceived", 2);
                RegionId sender = codec.Region("region", received?.Region ?? default);
                TransferId inward = codec.Transfer("transfer", received?.Transfer ?? default);
                fact = received ?? new TransferReceived(sender, inward);
                break;
            case 10:
                var ended = (CharterEnded?)value;
                codec.Open("charterEnded", 2);
                RegionId endedRegion = codec.Region("region", ended?.Region ?? default);
                Epoch endedEpoch = codec.Epoch("epoch", ended?.Epoch ?? default);
                fact = ended ?? new CharterEnded(endedRegion, endedEpoch);
                break;
            case 11:
                var heard = (EndHeard?)value;
                codec.Open("endHeard", 2);
                RegionId hearer = codec.Region("region", heard?.Region ?? default);
                Instant heardAt = codec.Moment("at", heard?.At ?? default);
                fact = heard ?? new EndHeard(hearer, heardAt);
                break;
            case 12:
                var handover = (HandoverBegan?)value;
                codec.Open("handoverBegan", 3);
                NodeId goes = codec.Node("node", handover?.Node ?? default);
                RegionId goesFrom = codec.Region("from", handover?.From ?? default);
                RegionId goesTo = codec.Region("to", handover?.To ?? default);
                fact = handover ?? new HandoverBegan(goes, goesFrom, goesTo);
                break;
            case 13:
                var gone = (HandoverEnded?)value;
                codec.Open("handoverEnded", 1);
                NodeId went = codec.Node("node", gone?.Node ?? default);
                fact = gone ?? new HandoverEnded(went);
                break;
            case 14:
                var succeeded = (Succeeded?)value;
                codec.Open("succeeded", 2);
                RegionId lost = codec.Region("region", succeeded?.Region ?? default);
                RegionId successor = codec.Region("successor", succeeded?.Successor ?? default);
                fact = succeeded ?? new Succeeded(lost, successor);
                break;
            case 15:
                var entrusted = (Entrusted?)value;
                codec.Open("entrusted", 3);
                ulong number = codec.Count("number", entrusted?.Number ?? 0);
                RegionId addressee = codec.Region("region", entrusted?.Region ?? default);
                Message message = Message.Shape(ref codec, entrusted?.Message);
                fact = entrusted ?? new Entrusted(number, addressee, message);
                break;
            case 16:
                var dispatched = (Dispatched?)value;
                codec.Open("dispatched", 1);
                ulong which = codec.Count("number", dispatched?.Number ?? 0);
                fact = dispatched ?? new Dispatched(which);
                break;
            case 17:
                var moved = (BountyMoved?)value;
                codec.Open("bountyMoved", 2);
                BountyId movedBounty = codec.Bounty("bounty", moved?.Bounty ?? default);
                RegionId movedTo = codec.Region("region", moved?.Region ?? default);
                fact = moved ?? new BountyMoved(movedBounty, movedTo);
                break;
            case 9:
                var returned = (Return?)value;
                codec.Open("return", 3);
                RegionId returner = codec.Region("region", returned?.Region ?? default);
                RegionFact returnFact = RegionFact.Shape(ref codec, returned?.Fact);
                fact = returned ?? new Return(returner, returnFact);
                break;
            case 18:
                var reduced = (BountyReduced?)value;
                codec.Open("bountyReduced", 2);
                BountyId lesser = codec.Bounty("bounty", reduced?.Bounty ?? default);
                Grams total = codec.Mass("total", reduced?.Total ?? default);
                fact = reduced ?? new BountyReduced(lesser, total);
                break;
            case 28:
                var ordered = (OrderPosted?)value;
                codec.Open("orderPosted", 2);
                WorkOrder order = WorkOrder.Shape(ref codec, ordered?.Order);
                Instant orderedAt = codec.Moment("at", ordered?.At ?? default);
                fact = ordered ?? new OrderPosted(order, orderedAt);
                break;
            case 29:
                var over = (OrderClosed?)value;
                codec.Open("orderClosed", 5);
                var overOf = new OrderId(codec.Count("order", over?.Order.Value ?? 0));
                var end = (BountyOutcome)codec.Integer("outcome", (long)(over?.Outcome ?? 0), 1, 3);
                int filled = codec.Number("filled", over?.Filled ?? 0);
                Credits spent = codec.Money("paid", over?.Paid ?? default);
                Instant overAt = codec.Moment("at", over?.At ?? default);
                fact = over ?? new OrderClosed(overOf, end, filled, spent, overAt);
                break;
            case 30:
                var rolled = (RolloutMoved?)value;
                codec.Open("rolloutMoved", 1);
                RolloutBook book = RolloutBook.Shape(ref codec, rolled?.Book);
                fact = rolled ?? new RolloutMoved(book);
                break;
            case 31:
                var stands = (RolloutHeard?)value;
                codec.Open("rolloutHeard", 2);
                RegionId teller = codec.Region("region", stands?.Region ?? default);
                RolloutReport standing = RolloutReport.Shape(ref codec, stands?.Report);
                fact = stands ?? new RolloutHeard(teller, standing);
                break;
            case > 39:
                fact = ShapeWatch(ref codec, tag, value);
                break;
            case > 34:
                fact = ShapeQuotas(ref codec, tag, value);
                break;
            case > 31:
                fact = ShapeSignatures(ref codec, tag, value);
                break;
            case > 18:
                fact = ShapeDemands(ref codec, tag, value);
                break;
            default:
                var booked = (Posted?)value;
                codec.Open("posted", 1);
                Posting posting = Posting.Shape(ref codec, booked?.Posting);
                fact = booked ?? new Posted(posting);
                break;
        }

        codec.Close();
        return fact;
    }

    private static StrategyFact ShapeWatch<TCodec>(ref TCodec codec, long tag, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        switch (tag)
        {
            case 40:
                var watched = (Watched?)value;
                codec.Open("watched", 1);
                Instant at = codec.Moment("at", watched?.At ?? default);
                return watched ?? new Watched(at);
            case 41:
                var abandoned = (Abandoned?)value;
                codec.Open("abandoned", 4);
                RegionId lost = codec.Region("region", abandoned?.Region ?? default);
                RegionId successor = codec.Region("successor", abandoned?.Successor ?? default);
                HubSilence silence = HubSilence.Shape(ref codec, abandoned?.Silence);
                Instant abandonedAt = codec.Moment("at", abandoned?.At ?? default);
                return abandoned ?? new Abandoned(lost, successor, silence, abandonedAt);
            default:
                var kept = (AdoptionForbidden?)value;
                codec.Open("adoptionForbidden", 2);
                RegionId region = codec.Region("region", kept?.Region ?? default);
                bool isForbidden = codec.Flag("isForbidden", kept?.IsForbidden ?? false);
                return kept ?? new AdoptionForbidden(region, isForbidden);
        }
    }

    private static StrategyFact ShapeQuotas<TCodec>(ref TCodec codec, long tag, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        switch (tag)
        {
            case 35:
                var signed = (QuotaSigned?)value;
                codec.Open("quotaSigned", 2);
                BirthQuota quota = BirthQuota.Shape(ref codec, signed?.Quota);
                ImmutableArray<OperatorSignature> signatures = codec.List(
                    "signatures", signed?.Signatures ?? [], OperatorSignature.CountMax);
                return signed ?? new QuotaSigned(quota, signatures);
            case 36:
                var holds = (QuotaSignatureHolds?)value;
                codec.Open("quotaSignatureHolds", 1);
                ulong request = codec.Count("request", holds?.Request ?? 0);
                return holds ?? new QuotaSignatureHolds(request);
            case 37:
                var taken = (QuotaTaken?)value;
                codec.Open("quotaTaken", 1);
                uint number = (uint)codec.Integer("quota", taken?.Quota ?? 0, 0, uint.MaxValue);
                return taken ?? new QuotaTaken(number);
            case 38:
                var shared = (QuotaShared?)value;
                codec.Open("quotaShared", 3);
                uint of = (uint)codec.Integer("quota", shared?.Quota ?? 0, 0, uint.MaxValue);
                RegionId region = codec.Region("region", shared?.Region ?? default);
                uint count = (uint)codec.Integer("count", shared?.Count ?? 0, 0, uint.MaxValue);
                return shared ?? new QuotaShared(of, region, count);
            default:
                var refused = (QuotaRefused?)value;
                codec.Open("quotaRefused", 2);
                uint which = (uint)codec.Integer("quota", refused?.Quota ?? 0, 0, uint.MaxValue);
                var reason = (QuotaRefusal)codec.Integer("reason", (long)(refused?.Reason ?? 0), 1, 7);
                return refused ?? new QuotaRefused(which, reason);
        }
    }

    private static StrategyFact ShapeSignatures<TCodec>(ref TCodec codec, long tag, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        switch (tag)
        {
            case 32:
                var signed = (RolloutSigned?)value;
                codec.Open("rolloutSigned", 2);
                Rollout rollout = Rollout.Shape(ref codec, signed?.Rollout);
                ImmutableArray<OperatorSignature> signatures = codec.List(
                    "signatures", signed?.Signatures ?? [], OperatorSignature.CountMax);
                return signed ?? new RolloutSigned(rollout, signatures);
            case 33:
                var holds = (SignatureHolds?)value;
                codec.Open("signatureHolds", 1);
                ulong request = codec.Count("request", holds?.Request ?? 0);
                return holds ?? new SignatureHolds(request);
            default:
                var refused = (RolloutRefused?)value;
                codec.Open("rolloutRefused", 3);
                uint number = (uint)codec.Integer("rollout", refused?.Rollout ?? 0, 0, uint.MaxValue);
                var reason = (RolloutRefusal)codec.Integer("reason", (long)(refused?.Reason ?? 0), 1, 4);
                Instant at = codec.Moment("at", refused?.At ?? default);
                return refused ?? new RolloutRefused(number, reason, at);
        }
    }

    private static StrategyFact ShapeDemands<TCodec>(ref TCodec codec, long tag, StrategyFact? value)
        where TCodec : struct, ICodec
    {
        switch (tag)
        {
            case 19:
                var wanted = (DemandPosted?)value;
                codec.Open("demandPosted", 2);
                Demand demand = Demand.Shape(ref codec, wanted?.Demand);
                Instant since = codec.Moment("at", wanted?.At ?? default);
                return wanted ?? new DemandPosted(demand, since);
            case 20:
                var sounded = (Sounded?)value;
                codec.Open("sounded", 3);
                RegionId asked = codec.Region("region", sounded?.Region ?? default);
                ulong number = codec.Count("number", sounded?.Number ?? 0);
                Instant askedAt = codec.Moment("at", sounded?.At ?? default);
                return sounded ?? new Sounded(asked, number, askedAt);
            case 21:
                var heard = (SupplyHeard?)value;
                codec.Open("supplyHeard", 3);
                RegionId teller = codec.Region("region", heard?.Region ?? default);
                Instant heardAt = codec.Moment("at", heard?.At ?? default);
                SupplyTold told = SupplyTold.Shape(ref codec, heard?.Told);
                return heard ?? new SupplyHeard(teller, heardAt, told);
            case 22:
                var placed = (LotsPlaced?)value;
                codec.Open("lotsPlaced", 5);
                BountyId bounty = codec.Bounty("bounty", placed?.Bounty ?? default);
                RegionId where = codec.Region("region", placed?.Region ?? default);
                int lots = codec.Number("lots", placed?.Lots ?? 0);
                Credits worth = codec.Money("worthPerLot", placed?.WorthPerLot ?? default);
                Instant placedAt = codec.Moment("at", placed?.At ?? default);
                return placed ?? new LotsPlaced(bounty, where, lots, worth, placedAt);
            case 23:
                var back = (LotsBack?)value;
                codec.Open("lotsBack", 3);
                RegionId giver = codec.Region("region", back?.Region ?? default);
                Instant backAt = codec.Moment("at", back?.At ?? default);
                LotsReturned returned = LotsReturned.Shape(ref codec, back?.Returned);
                return back ?? new LotsBack(giver, backAt, returned);
            case 24:
                var called = (LotsCalled?)value;
                codec.Open("lotsCalled", 3);
                RegionId holder = codec.Region("region", called?.Region ?? default);
                Instant calledAt = codec.Moment("at", called?.At ?? default);
                LotsRecalled recalled = LotsRecalled.Shape(ref codec, called?.Recalled);
                return called ?? new LotsCalled(holder, calledAt, recalled);
            case 25:
                var strayed = (LotsReclaimed?)value;
                codec.Open("lotsReclaimed", 1);
                BountyId stray = codec.Bounty("bounty", strayed?.Bounty ?? default);
                return strayed ?? new LotsReclaimed(stray);
            case 26:
                var closed = (DemandClosed?)value;
                codec.Open("demandClosed", 5);
                DemandId over = codec.Demand("demand", closed?.Demand ?? default);
                var outcome = (BountyOutcome)codec.Integer("outcome", (long)(closed?.Outcome ?? 0), 1, 3);
                Grams delivered = codec.Mass("delivered", closed?.Delivered ?? default);
                Credits paid = codec.Money("paid", closed?.Paid ?? default);
                ImmutableArray<Rebuff> rebuffs =
                    codec.List("rebuffs", closed?.Rebuffs ?? [], Strategy.Demand.PlacesMax);
                return closed ?? new DemandClosed(over, outcome, delivered, paid, rebuffs);
            default:
                var allotted = (Allotted?)value;
                codec.Open("allotted", 1);
                Instant at = codec.Moment("at", allotted?.At ?? default);
                return allotted ?? new Allotted(at);
        }
    }

    private static long Tag(StrategyFact? fact) => fact switch
    {
        null => 0,
        RegionLink => 1,
        RegionChartered => 2,
        BountyPosted => 3,
        BountyReported => 4,
        DigestTaken => 5,
        TransferSent => 6,
        TransferReceived => 7,
        Posted => 8,
        Return => 9,
        CharterEnded => 10,
        EndHeard => 11,
        HandoverBegan => 12,
        HandoverEnded => 13,
        Succeeded => 14,
        Entrusted => 15,
        Dispatched => 16,
        BountyMoved => 17,
        BountyReduced => 18,
        DemandPosted => 19,
        Sounded => 20,
        SupplyHeard => 21,
        LotsPlaced => 22,
        LotsBack => 23,
        LotsCalled => 24,
        LotsReclaimed => 25,
        DemandClosed => 26,
        Allotted => 27,
        OrderPosted => 28,
        OrderClosed => 29,
        RolloutMoved => 30,
        RolloutHeard => 31,
        RolloutSigned => 32,
        SignatureHolds => 33,
        RolloutRefused => 34,
        QuotaSigned => 35,
        QuotaSignatureHolds => 36,
        QuotaTaken => 37,
        QuotaShared => 38,
        QuotaRefused => 39,
        Watched => 40,
        Abandoned => 41,
        AdoptionForbidden => 42,
        _ => throw new UnreachableException(),
    };
}
