using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>One open bounty, as nodes hear of it.</summary>
/// <param name="Bounty">Names the request within its cycle.</param>
/// <param name="Commodity">What.</param>
/// <param name="Depot">Where to.</param>
/// <param name="Open">How much nobody has under contract; positive.</param>
/// <param name="Lot">The lot that prices refer to; positive.</param>
/// <param name="Reserve">Most the hub pays per lot.</param>
/// <param name="Deadline">When the last gram must be on the scale; whole second.</param>
public sealed record Request(
    BountyId Bounty, Commodity Commodity, DepotId Depot, Grams Open, Grams Lot, Credits Reserve,
        Instant Deadline)
    : IShaped<Request>
{
    /// <summary>What kind of work it is.</summary>
    public WorkKind Kind { get; init; } = WorkKind.Deliver;

    /// <summary>The site it is done at; zero when that is the node's choice, and for transports.</summary>
    public SiteId Site { get; init; }

    /// <summary>The depot that the goods come from; zero unless it is a transport.</summary>
    public DepotId From { get; init; }

    /// <inheritdoc/>
    public static Request Shape<TCodec>(ref TCodec codec, Request? value)
        where TCodec : struct, ICodec
    {
        codec.Open("request", 9);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        Grams open = new(codec.Integer("open", value?.Open.Value ?? 0, 1, Grams.ValueMax));
        Grams lot = new(codec.Integer("lot", value?.Lot.Value ?? 0, 1, Grams.ValueMax));
        Credits reserve = codec.Money("reserve", value?.Reserve ?? default);
        Instant deadline = codec.Second("deadline", value?.Deadline ?? default);
        (WorkKind kind, SiteId site, DepotId from) = WorkFields.Shape(
            ref codec, value?.Kind ?? 0, value?.Site ?? default, value?.From ?? default);
        codec.Close();
        return value ?? new Request(bounty, commodity, depot, open, lot, reserve, deadline)
        {
            Kind = kind,
            Site = site,
            From = from,
        };
    }
}

/// <summary>Looks requests up.</summary>
public static class RequestSearch
{
    /// <summary>Where the request for a bounty is among requests in order of their bounties; below zero when
    /// it is not asked for. Cost: O(log requests).</summary>
    public static int Find(this ImmutableArray<Request> requests, BountyId bounty) =>
        System.MemoryExtensions.BinarySearch(requests.AsSpan(), new ByBounty(bounty));

    private readonly struct ByBounty(BountyId bounty) : System.IComparable<Request>
    {
        public int CompareTo(Request? other) => bounty.CompareTo(other!.Bounty);
    }
}

/// <summary>Hub to node: the requests of one cycle. Perishable: sent once a window while the cycle is
/// open.</summary>
/// <param name="Cycle">The cycle.</param>
/// <param name="Closes">When the sealed batch is opened; whole second, hub time.</param>
/// <param name="Requests">At most <see cref="RequestsMax"/>, in order of bounty.</param>
/// <param name="Crowds">Slots in which places are crowded, in order of place and slot; others are
/// not.</param>
public sealed record RequestForProposals(
    CycleNumber Cycle, Instant Closes, ImmutableArray<Request> Requests, ImmutableArray<CrowdPrice> Crowds)
    : Message, IShaped<RequestForProposals>
{
    /// <summary>Most requests in one message. A hub with more open bounties sends the most urgent.</summary>
    public const int RequestsMax = 20;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.RequestForProposals;

    /// <inheritdoc/>
    public static RequestForProposals Shape<TCodec>(ref TCodec codec, RequestForProposals? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rfp", 4);
        CycleNumber cycle = codec.Cycle("cycle", value?.Cycle ?? default);
        Instant closes = codec.Second("closes", value?.Closes ?? default);
        ImmutableArray<Request> requests = codec.List("requests", value?.Requests ?? [], RequestsMax);
        ImmutableArray<CrowdPrice> crowds = CrowdPrices.Shape(ref codec, "berths", value?.Crowds ?? []);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(requests, request => request.Bounty))
        {
            codec.Refuse("requests must be in order of their bounties, one each");
        }

        return value ?? new RequestForProposals(cycle, closes, requests, crowds);
    }
}

/// <summary>Hub to node: the requests of one cycle, where an hour of a node's time has a worth. In the place
/// of <see cref="RequestForProposals"/>, so that what is asked and by which worth come together or not at
/// all.</summary>
/// <param name="Requests">What is asked.</param>
/// <param name="HourWorth">What an hour of it earned of late; zero while nodes are idle.</param>
public sealed record PricedRequests(RequestForProposals Requests, Credits HourWorth)
    : Message, IShaped<PricedRequests>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.PricedRequests;

    /// <inheritdoc/>
    public static PricedRequests Shape<TCodec>(ref TCodec codec, PricedRequests? value)
        where TCodec : struct, ICodec
    {
        codec.Open("pricedRfp", 2);
        RequestForProposals requests = RequestForProposals.Shape(ref codec, value?.Requests);
        Credits worth = codec.Money("hourWorth", value?.HourWorth ?? default);
        codec.Close();
        return value ?? new PricedRequests(requests, worth);
    }
}

/// <summary>A step of an offer: from this quantity on the node takes this price.</summary>
/// <param name="Quantity">Positive.</param>
/// <param name="PricePerLot">The least it takes per lot.</param>
/// <param name="Arrives">When it expects to be unloaded with so much; whole second.</param>
/// <param name="Sigma">One standard deviation of that.</param>
public sealed record BidStep(
    Grams Quantity, Credits PricePerLot, Instant Arrives, System.TimeSpan Sigma) : IShaped<BidStep>
{
    /// <inheritdoc/>
    public static BidStep Shape<TCodec>(ref TCodec codec, BidStep? value)
        where TCodec : struct, ICodec
    {
        codec.Open("step", 4);
        Grams quantity = new(codec.Integer("quantity", value?.Quantity.Value ?? 0, 1, Grams.ValueMax));
        Credits price = codec.Money("price", value?.PricePerLot ?? default);
        Instant arrives = codec.Second("arrives", value?.Arrives ?? default);
        System.TimeSpan sigma = codec.Duration("sigma", value?.Sigma ?? default);
        codec.Close();
        return value ?? new BidStep(quantity, price, arrives, sigma);
    }
}

/// <summary>A node's answer to one request: an offer as a short supply curve, or the reason why there is
/// none.</summary>
/// <remarks>
/// The first step is the least the node comes for, the last the most it brings. Of a quantity in between it
/// takes no less than either neighbour's price, and arrives when the greater would: a trip costs much the
/// same with half a load, so a unit of it costs more.
/// </remarks>
/// <param name="Bounty">The request.</param>
/// <param name="Reason"><see cref="NoBidReason.None"/> when it is an offer.</param>
/// <param name="Steps">In order of quantity, at most <see cref="StepsMax"/>. Without an offer none; but one
/// that asks more than the reserve (<see cref="NoBidReason.NoProfit"/>) may say how much.</param>
public sealed record Bid(BountyId Bounty, NoBidReason Reason, ImmutableArray<BidStep> Steps) : IShaped<Bid>
{
    /// <summary>Most steps of an offer.</summary>
    public const int StepsMax = 4;

    /// <summary>No offer, and why.</summary>
    public static Bid None(BountyId bounty, NoBidReason reason) => new(bounty, reason, []);

    /// <summary>Whether it is an offer.</summary>
    public bool IsOffer => Reason == NoBidReason.None;

    /// <summary>What the node takes for a quantity: at least this price, not before this arrival.</summary>
    /// <returns>Null when it does not come for so little, or cannot bring so much.</returns>
    public BidStep? For(Grams quantity)
    {
        BidStep? below = null;
        foreach (BidStep step in Steps)
        {
            if (quantity == step.Quantity)
            {
                return step;
            }

            if (quantity < step.Quantity)
            {
                return below is null ? null : step with
                {
                    Quantity = quantity,
                    PricePerLot = Credits.Max(below.PricePerLot, step.PricePerLot),
                };
            }

            below = step;
        }

        return null;
    }

    /// <inheritdoc/>
    public static Bid Shape<TCodec>(ref TCodec codec, Bid? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bid", 3);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        var reason = (NoBidReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 0, 8);
        ImmutableArray<BidStep> steps = codec.List("steps", value?.Steps ?? [], StepsMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed)
        {
            bool fits = reason switch
            {
                NoBidReason.None => steps.Length > 0,
                NoBidReason.NoProfit => steps.Length <= 1,
                _ => steps.Length == 0,
            };
            if (!fits)
            {
                codec.Refuse("a bid needs either steps or a reason; one without profit may name its price");
            }
            else if (!Fields.Increases(steps, step => step.Quantity))
            {
                codec.Refuse("steps must be in order of their quantities, one each");
            }
        }

        return value ?? new Bid(bounty, reason, steps);
    }
}

/// <summary>Node to hub: sealed answers to the requests of one cycle.</summary>
/// <param name="Cycle">The cycle answered.</param>
/// <param name="Blanket">A reason that holds for every request, instead of a list of equal ones.</param>
/// <param name="Bids">In order of bounty; empty with a blanket reason.</param>
public sealed record BidSheet(CycleNumber Cycle, NoBidReason Blanket, ImmutableArray<Bid> Bids)
    : Message, IShaped<BidSheet>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BidSheet;

    /// <summary>Whether it offers anything.</summary>
    public bool HasOffer
    {
        get
        {
            bool has = false;
            foreach (Bid bid in Bids)
            {
                has |= bid.IsOffer;
            }

            return has;
        }
    }

    /// <inheritdoc/>
    public static BidSheet Shape<TCodec>(ref TCodec codec, BidSheet? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bidSheet", 3);
        CycleNumber cycle = codec.Cycle("cycle", value?.Cycle ?? default);
        var blanket = (NoBidReason)codec.Integer("blanket", (long)(value?.Blanket ?? 0), 0, 8);
        ImmutableArray<Bid> bids = codec.List("bids", value?.Bids ?? [], RequestForProposals.RequestsMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(bids, bid => bid.Bounty))
        {
            codec.Refuse("bids must be in order of their bounties, one each");
        }

        return value ?? new BidSheet(cycle, blanket, bids);
    }
}

/// <summary>Hub to node: the work is yours, as a lease under an epoch.</summary>
/// <param name="Contract">Names the contract within the region.</param>
/// <param name="Epoch">Fences off earlier holders of the same work.</param>
/// <param name="Request">The work; its quantity is what was awarded, its reserve is the clearing
/// price.</param>
/// <param name="AcceptBy">After this instant the node must decline; whole second.</param>
/// <param name="Due">When the cargo must be on the scale; whole second. The node stops before, the hub
/// re-awards after, each by the stated clock error and light time.</param>
public sealed record Award(ContractId Contract, Epoch Epoch, Request Request, Instant AcceptBy, Instant Due)
    : Message, IShaped<Award>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Award;

    /// <inheritdoc/>
    public static Award Shape<TCodec>(ref TCodec codec, Award? value)
        where TCodec : struct, ICodec
    {
        codec.Open("award", 5);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Request request = Request.Shape(ref codec, value?.Request);
        Instant accept = codec.Second("acceptBy", value?.AcceptBy ?? default);
        Instant due = codec.Second("due", value?.Due ?? default);
        codec.Close();
        return value ?? new Award(contract, epoch, request, accept, due);
    }
}

/// <summary>A stage of a contract by an instant. A node reports only the milestones that slip.</summary>
/// <param name="Stage">Which stage is complete.</param>
/// <param name="Due">By when; whole second.</param>
public sealed record Milestone(ContractStage Stage, Instant Due) : IShaped<Milestone>
{
    /// <inheritdoc/>
    public static Milestone Shape<TCodec>(ref TCodec codec, Milestone? value)
        where TCodec : struct, ICodec
    {
        codec.Open("milestone", 2);
        var stage = (ContractStage)codec.Integer("stage", (long)(value?.Stage ?? 0), 1, 4);
        Instant due = codec.Second("due", value?.Due ?? default);
        codec.Close();
        return value ?? new Milestone(stage, due);
    }
}

/// <summary>The stages of a delivery contract, in order. The numbers are on the wire.</summary>
public enum ContractStage
{
    /// <summary>On the way to the site.</summary>
    Outbound = 1,

    /// <summary>Extracting and refining.</summary>
    Extracting = 2,

    /// <summary>On the way to the depot.</summary>
    Inbound = 3,

    /// <summary>At the depot, waiting for a berth or unloading.</summary>
    Unloading = 4,
}

/// <summary>Node to hub: I take the work, and this is my plan for it.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Milestones">In order of stage; silence means they are met.</param>
/// <param name="Plan">What to predict of me from now on.</param>
public sealed record AwardAccepted(
    ContractId Contract, Epoch Epoch, ImmutableArray<Milestone> Milestones, Plan Plan)
    : Message, IShaped<AwardAccepted>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.AwardAccepted;

    /// <inheritdoc/>
    public static AwardAccepted Shape<TCodec>(ref TCodec codec, AwardAccepted? value)
        where TCodec : struct, ICodec
    {
        codec.Open("awardAccepted", 4);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        ImmutableArray<Milestone> milestones = codec.List("milestones", value?.Milestones ?? [], 4);
        Plan plan = Plan.Shape(ref codec, value?.Plan);
        codec.Close();
        return value ?? new AwardAccepted(contract, epoch, milestones, plan);
    }
}

/// <summary>Node to hub: I turn the award down, or give the contract back; nobody works on it any
/// more.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Reason">Why.</param>
public sealed record ContractReleased(ContractId Contract, Epoch Epoch, ReleaseReason Reason)
    : Message, IShaped<ContractReleased>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ContractReleased;

    /// <inheritdoc/>
    public static ContractReleased Shape<TCodec>(ref TCodec codec, ContractReleased? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contractReleased", 3);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        var reason = (ReleaseReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 1, 4);
        codec.Close();
        return value ?? new ContractReleased(contract, epoch, reason);
    }
}

/// <summary>Hub to node: the contract is over, and this is what the scale and the ledger say.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Weighed">What the depot's scale measured.</param>
/// <param name="Paid">What was paid into the node's balance.</param>
public sealed record ContractClosed(
    ContractId Contract, Epoch Epoch, ContractOutcome Outcome, Grams Weighed, Credits Paid)
    : Message, IShaped<ContractClosed>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.ContractClosed;

    /// <inheritdoc/>
    public static ContractClosed Shape<TCodec>(ref TCodec codec, ContractClosed? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contractClosed", 5);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        var outcome = (ContractOutcome)codec.Integer("outcome", (long)(value?.Outcome ?? 0), 1, 5);
        Grams weighed = codec.Mass("weighed", value?.Weighed ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        codec.Close();
        return value ?? new ContractClosed(contract, epoch, outcome, weighed, paid);
    }
}
