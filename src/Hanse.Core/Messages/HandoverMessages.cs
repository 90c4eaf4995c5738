using Hanse.Core.Identity;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Messages;

/// <summary>The terms of work that a node holds, in a form that another hub can honour.</summary>
/// <param name="Contract">Its name in the whole fleet.</param>
/// <param name="Epoch">Its fence.</param>
/// <param name="Bounty">What it is a part of.</param>
/// <param name="Quantity">How much of it; positive.</param>
/// <param name="PricePerLot">At which price.</param>
/// <param name="Due">When the cargo is due on the scale; whole second.</param>
public sealed record ContractTerms(
    ContractId Contract, Epoch Epoch, BountyId Bounty, Grams Quantity, Credits PricePerLot, Instant Due)
    : IShaped<ContractTerms>
{
    /// <inheritdoc/>
    public static ContractTerms Shape<TCodec>(ref TCodec codec, ContractTerms? value)
        where TCodec : struct, ICodec
    {
        codec.Open("contractTerms", 6);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        Grams quantity = new(codec.Integer("quantity", value?.Quantity.Value ?? 0, 1, Grams.ValueMax));
        Credits price = codec.Money("pricePerLot", value?.PricePerLot ?? default);
        Instant due = codec.Second("due", value?.Due ?? default);
        codec.Close();
        return value ?? new ContractTerms(contract, epoch, bounty, quantity, price, due);
    }
}

/// <summary>Strategic layer to hub: give this node no more work, and when it holds none let it go to another
/// region.</summary>
/// <param name="Node">Which.</param>
/// <param name="To">Where it is to belong.</param>
public sealed record NodeRecalled(NodeId Node, RegionId To) : Message, IShaped<NodeRecalled>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.NodeRecalled;

    /// <inheritdoc/>
    public static NodeRecalled Shape<TCodec>(ref TCodec codec, NodeRecalled? value)
        where TCodec : struct, ICodec
    {
        codec.Open("nodeRecalled", 2);
        NodeId node = codec.Node("node", value?.Node ?? default);
        RegionId to = codec.Region("to", value?.To ?? default);
        codec.Close();
        return value ?? new NodeRecalled(node, to);
    }
}

/// <summary>Strategic layer to hub: this node is yours from now on; go on from what is accepted of
/// it.</summary>
/// <param name="Node">Which.</param>
/// <param name="Epoch">The authority over it: above that of every hub before.</param>
/// <param name="Class">Capability class.</param>
/// <param name="Generation">Hardware generation.</param>
/// <param name="Accepted">Canonical bytes of its accepted state.</param>
/// <param name="Transfer">The transfer that brings its credits.</param>
/// <param name="Balance">Its credits.</param>
/// <param name="Held">The work it held, as far as the hub before has told; null when it held none.</param>
public sealed record NodeAssigned(
    NodeId Node, Epoch Epoch, int Class, int Generation, byte[] Accepted, TransferId Transfer,
    Credits Balance, ContractTerms? Held) : Message, IShaped<NodeAssigned>
{
    /// <summary>Most bytes of an accepted state: with the rest it fits a frame.</summary>
    public const int AcceptedBytesMax = 3072;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.NodeAssigned;

    /// <inheritdoc/>
    public static NodeAssigned Shape<TCodec>(ref TCodec codec, NodeAssigned? value)
        where TCodec : struct, ICodec
    {
        codec.Open("nodeAssigned", 8);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        int kind = codec.Number("class", value?.Class ?? 0);
        int generation = codec.Number("generation", value?.Generation ?? 0);
        byte[] accepted = codec.Bytes("accepted", value?.Accepted ?? [], AcceptedBytesMax);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        Credits balance = codec.Money("balance", value?.Balance ?? default);
        ContractTerms? held = codec.Optional("held", value?.Held);
        codec.Close();
        return value ?? new NodeAssigned(
            node, epoch, kind, generation, accepted, transfer, balance, held);
    }
}

/// <summary>Strategic layer to hub: go on with this bounty, which another hub began.</summary>
/// <param name="Bounty">The bounty.</param>
/// <param name="Delivered">What counted of it so far; at most its total.</param>
/// <param name="Paid">What was paid for that; at most its worth.</param>
/// <param name="Epoch">The epoch of its last contract: the next has a higher one.</param>
/// <param name="Transfer">The transfer that brings the rest of its worth.</param>
public sealed record BountyAssigned(
    Bounty Bounty, Grams Delivered, Credits Paid, Epoch Epoch, TransferId Transfer)
    : Message, IShaped<BountyAssigned>
{
    /// <summary>The rest of its escrow; below zero when it is impossible.</summary>
    public Credits Left => Bounty.Worth - Paid;

    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.BountyAssigned;

    /// <inheritdoc/>
    public static BountyAssigned Shape<TCodec>(ref TCodec codec, BountyAssigned? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bountyAssigned", 5);
        Bounty bounty = Bounty.Shape(ref codec, value?.Bounty);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        TransferId transfer = codec.Transfer("transfer", value?.Transfer ?? default);
        codec.Close();
        if (codec.IsReading && !codec.Failed && delivered > bounty.Total)
        {
            codec.Refuse("no more may be delivered of a bounty than there is of it");
        }

        return value ?? new BountyAssigned(bounty, delivered, paid, epoch, transfer);
    }
}

/// <summary>Strategic layer to hub: the hub before you weighed this after it was taken over, as its journal
/// tells now. Count it, if it has not been.</summary>
/// <param name="Node">Who delivered.</param>
/// <param name="Work">For which work.</param>
/// <param name="Commodity">What.</param>
/// <param name="Weighed">What the scale said.</param>
public sealed record CargoTold(NodeId Node, ContractTerms Work, Commodity Commodity, Grams Weighed)
    : Message, IShaped<CargoTold>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.CargoTold;

    /// <inheritdoc/>
    public static CargoTold Shape<TCodec>(ref TCodec codec, CargoTold? value)
        where TCodec : struct, ICodec
    {
        codec.Open("cargoTold", 4);
        NodeId node = codec.Node("node", value?.Node ?? default);
        ContractTerms work = ContractTerms.Shape(ref codec, value?.Work);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams weighed = codec.Mass("weighed", value?.Weighed ?? default);
        codec.Close();
        return value ?? new CargoTold(node, work, commodity, weighed);
    }
}

/// <summary>Hub to node: you belong to another region now; call its hub, and you will hear it from
/// there.</summary>
/// <param name="To">The region.</param>
public sealed record Redirected(RegionId To) : Message, IShaped<Redirected>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Redirected;

    /// <inheritdoc/>
    public static Redirected Shape<TCodec>(ref TCodec codec, Redirected? value)
        where TCodec : struct, ICodec
    {
        codec.Open("redirected", 1);
        RegionId to = codec.Region("to", value?.To ?? default);
        codec.Close();
        return value ?? new Redirected(to);
    }
}

/// <summary>Node to its new hub, first of all: I am yours under this epoch, this is what I expect of myself,
/// and this is the work I hold.</summary>
/// <param name="Epoch">The authority it heard of.</param>
/// <param name="Plan">Its prediction of itself, of every variable.</param>
/// <param name="Held">Its work; null when it holds none.</param>
public sealed record Arrived(Epoch Epoch, Plan Plan, ContractTerms? Held) : Message, IShaped<Arrived>
{
    /// <inheritdoc/>
    public override MessageKind Kind => MessageKind.Arrived;

    /// <inheritdoc/>
    public static Arrived Shape<TCodec>(ref TCodec codec, Arrived? value)
        where TCodec : struct, ICodec
    {
        codec.Open("arrived", 3);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        Plan plan = Plan.Shape(ref codec, value?.Plan);
        ContractTerms? held = codec.Optional("held", value?.Held);
        codec.Close();
        return value ?? new Arrived(epoch, plan, held);
    }
}
