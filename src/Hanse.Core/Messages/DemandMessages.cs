using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>Why lots go back to the strategic layer. The numbers are on the wire.</summary>
public enum LotsReason
{
    /// <summary>They were called back.</summary>
    Recalled = 1,

    /// <summary>Nobody offered, batch after batch.</summary>
    NoOffer = 2,

    /// <summary>Whoever offered asks more than they are worth here.</summary>
    TooDear = 3,

    /// <summary>The region's authority is over.</summary>
    WindingDown = 4,
}

/// <summary>What a region is asked about one demand.</summary>
/// <param name="Demand">Which.</param>
/// <param name="Commodity">What.</param>
/// <param name="Lot">The lot that prices refer to; positive.</param>
/// <param name="Deadline">By when; whole second.</param>
public sealed record Inquiry(DemandId Demand, Commodity Commodity, Grams Lot, Instant Deadline)
    : IShaped<Inquiry>
{
    /// <inheritdoc/>
    public static Inquiry Shape<TCodec>(ref TCodec codec, Inquiry? value)
        where TCodec : struct, ICodec
    {
        codec.Open("inquiry", 4);
        DemandId demand = codec.Demand("demand", value?.Demand ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams lot = new(codec.Integer("lot", value?.Lot.Value ?? 0, 1, Grams.ValueMax));
        Instant deadline = codec.Second("deadline", value?.Deadline ?? default);
        codec.Close();
        return value ?? new Inquiry(demand, commodity, lot, deadline);
    }
}

/// <summary>Strategic layer to hub: what would your region bring of this, and at which price?</summary>
/// <param name="Number">Counts the soundings of a region.</param>
/// <param name="Inquiries">In order of their demands, at most <see cref="InquiriesMax"/>.</param>
public sealed record Sounding(ulong Number, ImmutableArray<Inquiry> Inquiries) : Message, IShaped<Sounding>
{
    /// <summary>Most inquiries of one sounding; of more demands those with the nearest deadlines.</summary>
    public const int InquiriesMax = 16;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Sounding;

    /// <inheritdoc/>
    public static Sounding Shape<TCodec>(ref TCodec codec, Sounding? value)
        where TCodec : struct, ICodec
    {
        codec.Open("sounding", 2);
        ulong number = codec.Count("number", value?.Number ?? 0);
        ImmutableArray<Inquiry> inquiries = codec.List("inquiries", value?.Inquiries ?? [], InquiriesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(inquiries, inquiry => inquiry.Demand))
        {
            codec.Refuse("inquiries must be in order of their demands, one each");
        }

        return value ?? new Sounding(number, inquiries);
    }
}

/// <summary>A step of a marginal supply curve: so much more, at this price.</summary>
/// <param name="Quantity">More than the steps before bring; positive.</param>
/// <param name="PricePerLot">The dearest ask in it.</param>
public sealed record SupplyStep(Grams Quantity, Credits PricePerLot) : IShaped<SupplyStep>
{
    /// <inheritdoc/>
    public static SupplyStep Shape<TCodec>(ref TCodec codec, SupplyStep? value)
        where TCodec : struct, ICodec
    {
        codec.Open("supplyStep", 2);
        Grams quantity = new(codec.Integer("quantity", value?.Quantity.Value ?? 0, 1, Grams.ValueMax));
        Credits price = codec.Money("price", value?.PricePerLot ?? default);
        codec.Close();
        return value ?? new SupplyStep(quantity, price);
    }
}

/// <summary>What a region would bring of one demand.</summary>
/// <param name="Demand">Which.</param>
/// <param name="Held">What is delivered or under contract here of the lots that are here: what of them is
/// left can be called back.</param>
/// <param name="Steps">Cheapest first, prices rising; at most <see cref="StepsMax"/>. None when nobody here
/// was ever heard to ask a price for it, or nobody can be in time.</param>
public sealed record SupplyCurve(DemandId Demand, Grams Held, ImmutableArray<SupplyStep> Steps)
    : IShaped<SupplyCurve>
{
    /// <summary>Most steps.</summary>
    public const int StepsMax = 8;

    /// <inheritdoc/>
    public static SupplyCurve Shape<TCodec>(ref TCodec codec, SupplyCurve? value)
        where TCodec : struct, ICodec
    {
        codec.Open("supplyCurve", 3);
        DemandId demand = codec.Demand("demand", value?.Demand ?? default);
        Grams held = codec.Mass("held", value?.Held ?? default);
        ImmutableArray<SupplyStep> steps = codec.List("steps", value?.Steps ?? [], StepsMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(steps, step => step.PricePerLot))
        {
            codec.Refuse("steps must rise in price");
        }

        return value ?? new SupplyCurve(demand, held, steps);
    }
}

/// <summary>Hub to strategic layer: what the region would bring, as far as its hub knows between two batches:
/// from what its nodes asked last, and what they have kept of what they promised.</summary>
/// <param name="Number">The sounding it answers.</param>
/// <param name="At">When it was made, by the hub's clock; whole second.</param>
/// <param name="Capacity">What all of its nodes together could bring of everything asked about, each at one
/// thing at a time; less what other bounties leave open here.</param>
/// <param name="Curves">In order of their demands.</param>
public sealed record SupplyTold(
    ulong Number, Instant At, Grams Capacity, ImmutableArray<SupplyCurve> Curves)
    : Message, IShaped<SupplyTold>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.SupplyTold;

    /// <inheritdoc/>
    public static SupplyTold Shape<TCodec>(ref TCodec codec, SupplyTold? value)
        where TCodec : struct, ICodec
    {
        codec.Open("supplyTold", 4);
        ulong number = codec.Count("number", value?.Number ?? 0);
        Instant at = codec.Second("at", value?.At ?? default);
        Grams capacity = codec.Mass("capacity", value?.Capacity ?? default);
        ImmutableArray<SupplyCurve> curves =
            codec.List("curves", value?.Curves ?? [], Sounding.InquiriesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed && !Fields.Increases(curves, curve => curve.Demand))
        {
            codec.Refuse("curves must be in order of their demands, one each");
        }

        return value ?? new SupplyTold(number, at, capacity, curves);
    }
}

/// <summary>Hub to strategic layer: these lots are not mine any more, and here is their worth.</summary>
/// <param name="Bounty">Which lots are fewer now.</param>
/// <param name="Quantity">By how much: whole lots, positive.</param>
/// <param name="LowestAsk">The lowest price per lot that was asked last; zero when nobody asked.</param>
/// <param name="Reason">Why.</param>
/// <param name="Transfer">The transfer that brings their worth, by the hub's count.</param>
/// <param name="Returned">Their worth.</param>
public sealed record LotsReturned(
    BountyId Bounty, Grams Quantity, Credits LowestAsk, LotsReason Reason, TransferId Transfer,
    Credits Returned) : Message, IShaped<LotsReturned>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.LotsReturned;

    /// <inheritdoc/>
    public static LotsReturned Shape<TCodec>(ref TCodec codec, LotsReturned? value)
        where TCodec : struct, ICodec
    {
        codec.Open("lotsReturned", 6);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        Grams quantity = new(codec.Integer("quantity", value?.Quantity.Value ?? 0, 1, Grams.ValueMax));
        Credits ask = codec.Money("lowestAsk", value?.LowestAsk ?? default);
        var reason = (LotsReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 1, 4);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits returned = codec.Money("returned", value?.Returned ?? default);
        codec.Close();
        return value ?? new LotsReturned(bounty, quantity, ask, reason, transfer, returned);
    }
}

/// <summary>Strategic layer to hub: give back what nobody holds, up to so many lots, when your batch is
/// open.</summary>
/// <param name="Bounty">Which lots.</param>
/// <param name="Epoch">Counts the recalls of these lots: of two the later counts, and each once.</param>
/// <param name="Lots">How many at most; positive.</param>
public sealed record LotsRecalled(BountyId Bounty, Epoch Epoch, int Lots) : Message, IShaped<LotsRecalled>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.LotsRecalled;

    /// <inheritdoc/>
    public static LotsRecalled Shape<TCodec>(ref TCodec codec, LotsRecalled? value)
        where TCodec : struct, ICodec
    {
        codec.Open("lotsRecalled", 3);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        int lots = (int)codec.Integer("lots", value?.Lots ?? 0, 1, Messages.Bounty.LotsMax);
        codec.Close();
        return value ?? new LotsRecalled(bounty, epoch, lots);
    }
}
