using System.Collections.Immutable;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Strategy;

/// <summary>How lots are divided among regions.</summary>
public enum SplitRule
{
    /// <summary>By what regions say that it would cost.</summary>
    Curves = 1,

    /// <summary>Evenly, whatever they say; to compare with.</summary>
    Even = 2,
}

/// <summary>Where a demand may be met.</summary>
/// <param name="Region">In which region.</param>
/// <param name="Depot">To which depot there.</param>
/// <param name="FreightPerLot">What it costs to bring a lot from there to where it is needed. It lessens what
/// a lot is worth in that region; it is nobody's income here.</param>
public sealed record DemandPlace(RegionId Region, DepotId Depot, Credits FreightPerLot)
    : IShaped<DemandPlace>
{
    /// <inheritdoc/>
    public static DemandPlace Shape<TCodec>(ref TCodec codec, DemandPlace? value)
        where TCodec : struct, ICodec
    {
        codec.Open("place", 3);
        RegionId region = codec.Region("region", value?.Region ?? default);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        Credits freight = codec.Money("freight", value?.FreightPerLot ?? default);
        codec.Close();
        return value ?? new DemandPlace(region, depot, freight);
    }
}

/// <summary>So many lots of a commodity, wherever they come from, by a deadline, worth so much where they are
/// needed.</summary>
/// <param name="Id">The operator's order number, increasing; at least 1.</param>
/// <param name="Commodity">What.</param>
/// <param name="Lots">How many lots; positive.</param>
/// <param name="Lot">The mass of one; positive.</param>
/// <param name="ValuePerLot">What one is worth where it is needed; positive.</param>
/// <param name="Deadline">By when; whole second.</param>
/// <param name="Places">Where it may be met: at least one, in order of regions.</param>
public sealed record Demand(
    DemandId Id, Commodity Commodity, int Lots, Grams Lot, Credits ValuePerLot, Instant Deadline,
    ImmutableArray<DemandPlace> Places) : IShaped<Demand>
{
    /// <summary>Most places of a demand.</summary>
    public const int PlacesMax = 64;

    /// <summary>Everything wanted.</summary>
    public Grams Total => new(Lots * Lot.Value);

    /// <summary>What a lot is worth in a region: less by the freight; zero or below when it is not worth
    /// bringing.</summary>
    public Credits WorthAt(DemandPlace place) => ValuePerLot - place.FreightPerLot;

    /// <summary>The place in a region.</summary>
    public DemandPlace? In(RegionId region)
    {
        foreach (DemandPlace place in Places)
        {
            if (place.Region == region)
            {
                return place;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public static Demand Shape<TCodec>(ref TCodec codec, Demand? value)
        where TCodec : struct, ICodec
    {
        codec.Open("demand", 7);
        DemandId id = codec.Demand("id", value?.Id ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        int lots = (int)codec.Integer("lots", value?.Lots ?? 0, 1, Bounty.LotsMax);
        Grams lot = new(codec.Integer("lot", value?.Lot.Value ?? 0, 1, Grams.ValueMax / Bounty.LotsMax));
        Credits worth = new(codec.Integer(
            "valuePerLot", value?.ValuePerLot.Micro ?? 0, 1, Credits.MicroMax / Bounty.LotsMax));
        Instant deadline = codec.Second("deadline", value?.Deadline ?? default);
        ImmutableArray<DemandPlace> places = codec.List("places", value?.Places ?? [], PlacesMax);
        codec.Close();
        if (codec.IsReading && !codec.Failed
            && (places.IsEmpty || !Fields.Increases(places, place => place.Region)))
        {
            codec.Refuse("a demand has places, in order of their regions, one each");
        }

        return value ?? new Demand(id, commodity, lots, lot, worth, deadline, places);
    }
}

/// <summary>Lots of a demand in one region: a bounty there, with its escrow.</summary>
/// <param name="Bounty">Its name.</param>
/// <param name="Region">Where.</param>
/// <param name="Lots">How many are there, or were and no word of their end has come.</param>
/// <param name="WorthPerLot">The escrow of each.</param>
/// <param name="PlacedAt">When.</param>
/// <param name="Recall">The last recall; zero while there was none.</param>
/// <param name="RecalledAt">When that was; the epoch while there was none.</param>
public sealed record Placement(
    BountyId Bounty, RegionId Region, int Lots, Credits WorthPerLot, Instant PlacedAt, Epoch Recall,
    Instant RecalledAt) : IShaped<Placement>
{
    /// <inheritdoc/>
    public static Placement Shape<TCodec>(ref TCodec codec, Placement? value)
        where TCodec : struct, ICodec
    {
        codec.Open("placement", 7);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        RegionId region = codec.Region("region", value?.Region ?? default);
        int lots = codec.Number("lots", value?.Lots ?? 0);
        Credits worth = codec.Money("worthPerLot", value?.WorthPerLot ?? default);
        Instant placed = codec.Moment("placedAt", value?.PlacedAt ?? default);
        Epoch recall = codec.Epoch("recall", value?.Recall ?? default);
        Instant recalled = codec.Moment("recalledAt", value?.RecalledAt ?? default);
        codec.Close();
        return value ?? new Placement(bounty, region, lots, worth, placed, recall, recalled);
    }
}

/// <summary>The last time that a region gave lots of a demand back.</summary>
/// <param name="Region">Which.</param>
/// <param name="At">When it was heard.</param>
/// <param name="LowestAsk">What was asked there; zero when nobody asked.</param>
/// <param name="Reason">Why.</param>
public sealed record Rebuff(RegionId Region, Instant At, Credits LowestAsk, LotsReason Reason)
    : IShaped<Rebuff>
{
    /// <inheritdoc/>
    public static Rebuff Shape<TCodec>(ref TCodec codec, Rebuff? value)
        where TCodec : struct, ICodec
    {
        codec.Open("rebuff", 4);
        RegionId region = codec.Region("region", value?.Region ?? default);
        Instant at = codec.Moment("at", value?.At ?? default);
        Credits ask = codec.Money("lowestAsk", value?.LowestAsk ?? default);
        var reason = (LotsReason)codec.Integer("reason", (long)(value?.Reason ?? 0), 1, 4);
        codec.Close();
        return value ?? new Rebuff(region, at, ask, reason);
    }
}
