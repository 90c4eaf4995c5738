using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Reconcile;

/// <summary>A bounty as a region's journal tells it.</summary>
/// <param name="Bounty">What was posted.</param>
/// <param name="Delivered">What counted so far.</param>
/// <param name="UnderContract">What live contracts hold.</param>
/// <param name="Contracts">Live contracts.</param>
/// <param name="Paid">What nodes were paid.</param>
/// <param name="LastEpoch">The epoch of its last contract.</param>
public sealed record BountyBook(
    Bounty Bounty, Grams Delivered, Grams UnderContract, int Contracts, Credits Paid, Epoch LastEpoch)
    : IShaped<BountyBook>
{
    /// <summary>A bounty of which nothing is done.</summary>
    public static BountyBook New(Bounty bounty) => new(bounty, default, default, 0, default, default);

    /// <summary>What nobody has delivered or under contract.</summary>
    public Grams Open => Bounty.Total - Delivered - UnderContract;

    /// <summary>What is left of the escrow.</summary>
    public Credits Left => Bounty.Worth - Paid;

    /// <inheritdoc/>
    public static BountyBook Shape<TCodec>(ref TCodec codec, BountyBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bountyBook", 6);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Grams under = codec.Mass("underContract", value?.UnderContract ?? default);
        int contracts = codec.Number("contracts", value?.Contracts ?? 0);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        Epoch last = codec.Epoch("lastEpoch", value?.LastEpoch ?? default);
        codec.Close();
        return value ?? new BountyBook(bounty, delivered, under, contracts, paid, last);
    }
}

/// <summary>A contract as a region's journal tells it.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Bounty">What it is a part of.</param>
/// <param name="Node">Who holds it.</param>
/// <param name="Quantity">How much.</param>
/// <param name="PricePerLot">At which price.</param>
/// <param name="Due">By when.</param>
/// <param name="IsLive">Whether it holds its quantity; if not, it may still be delivered late.</param>
public sealed record ContractBook(
    Epoch Epoch, BountyId Bounty, NodeId Node, Grams Quantity, Credits PricePerLot, Instant Due, bool IsLive)
    : IShaped<ContractBook>
{
    /// <summary>Its terms, for another hub.</summary>
    internal ContractTerms TermsOf(ContractId contract) =>
        new(contract, Epoch, Bounty, Quantity, PricePerLot, Due.CeilingSecond);

    /// <inheritdoc/>
    public static ContractBook Shape<TCodec>(ref TCodec codec, ContractBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contractBook", 7);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits price = codec.Money("pricePerLot", value?.PricePerLot ?? default);
        Instant due = codec.Moment("due", value?.Due ?? default);
        bool isLive = codec.Flag("isLive", value?.IsLive ?? false);
        codec.Close();
        return value ?? new ContractBook(epoch, bounty, node, quantity, price, due, isLive);
    }
}

/// <summary>A node as a region's journal tells it.</summary>
/// <param name="Epoch">The hub's authority over it.</param>
/// <param name="Balance">Its credits.</param>
/// <param name="Held">The live contract it holds; zero when it holds none.</param>
/// <param name="Blocks">Blocks of its journal that are accepted.</param>
public sealed record NodeBook(Epoch Epoch, Credits Balance, ContractId Held, ulong Blocks) : IShaped<NodeBook>
{
    /// <summary>Since when it is the region's, by the hub's clock.</summary>
    public Instant Since { get; init; }

    /// <summary>Deliveries that it has made there.</summary>
    public int Settled { get; init; }

    /// <inheritdoc/>
    public static NodeBook Shape<TCodec>(ref TCodec codec, NodeBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("nodeBook", 6);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Credits balance = codec.Money("balance", value?.Balance ?? default);
        ContractId held = codec.Contract("held", value?.Held ?? default);
        ulong blocks = codec.Count("blocks", value?.Blocks ?? 0);
        Instant since = codec.Moment("since", value?.Since ?? default);
        int settled = codec.Number("settled", value?.Settled ?? 0);
        codec.Close();
        return value ?? new NodeBook(epoch, balance, held, blocks) { Since = since, Settled = settled };
    }
}

/// <summary>Parts that a depot handed out, as a region's journal tells it.</summary>
/// <param name="Depot">Whose they were.</param>
/// <param name="Commodity">What they are made of.</param>
/// <param name="Mass">How much.</param>
public sealed record PartsBook(DepotId Depot, Commodity Commodity, Grams Mass) : IShaped<PartsBook>
{
    /// <inheritdoc/>
    public static PartsBook Shape<TCodec>(ref TCodec codec, PartsBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("partsBook", 3);
        DepotId depot = codec.Depot("depot", value?.Depot ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams mass = codec.Mass("mass", value?.Mass ?? default);
        codec.Close();
        return value ?? new PartsBook(depot, commodity, mass);
    }
}

/// <summary>What is held back of the pay for a survey, as a region's journal tells it.</summary>
/// <param name="Bounty">Whose escrow holds it.</param>
/// <param name="Node">Whose it may become.</param>
/// <param name="Amount">How much.</param>
public sealed record KeptBook(BountyId Bounty, NodeId Node, Credits Amount) : IShaped<KeptBook>
{
    /// <inheritdoc/>
    public static KeptBook Shape<TCodec>(ref TCodec codec, KeptBook? value)
        where TCodec : struct, ICodec
    {
        codec.Open("keptBook", 3);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Credits amount = codec.Money("amount", value?.Amount ?? default);
        codec.Close();
        return value ?? new KeptBook(bounty, node, amount);
    }
}

/// <summary>How a bounty ended, by the region's journal; its report is to say the same.</summary>
/// <param name="Transfer">The transfer home.</param>
/// <param name="Amount">What it takes.</param>
/// <param name="Delivered">What counted.</param>
/// <param name="Paid">What nodes were paid.</param>
public sealed record Homebound(TransferId Transfer, Credits Amount, Grams Delivered, Credits Paid)
    : IShaped<Homebound>
{
    /// <summary>Whether a report says the same.</summary>
    public bool IsAs(BountyReport report) => report.Transfer == Transfer && report.Returned == Amount
        && report.Delivered == Delivered && report.Paid == Paid;

    /// <inheritdoc/>
    public static Homebound Shape<TCodec>(ref TCodec codec, Homebound? value)
        where TCodec : struct, ICodec
    {
        codec.Open("homebound", 4);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits amount = codec.Money("amount", value?.Amount ?? default);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        codec.Close();
        return value ?? new Homebound(transfer, amount, delivered, paid);
    }
}

/// <summary>Lots that went back, by the region's journal; the message about them is to say the
/// same.</summary>
/// <param name="Bounty">Which lots are fewer.</param>
/// <param name="Quantity">By how much.</param>
/// <param name="Amount">Their worth.</param>
public sealed record LotsHome(BountyId Bounty, Grams Quantity, Credits Amount) : IShaped<LotsHome>
{
    /// <summary>Whether a message says the same.</summary>
    public bool IsAs(LotsReturned returned) => returned.Bounty == Bounty && returned.Quantity == Quantity
        && returned.Returned == Amount;

    /// <inheritdoc/>
    public static LotsHome Shape<TCodec>(ref TCodec codec, LotsHome? value)
        where TCodec : struct, ICodec
    {
        codec.Open("lotsHome", 3);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits amount = codec.Money("amount", value?.Amount ?? default);
        codec.Close();
        return value ?? new LotsHome(bounty, quantity, amount);
    }
}
