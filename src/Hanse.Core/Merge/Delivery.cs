using System;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>Names one docking: counted by each depot, never given twice.</summary>
public readonly record struct DockingId(DepotId Depot, ulong Number) : IComparable<DockingId>
{
    /// <inheritdoc/>
    public int CompareTo(DockingId other) =>
        Depot != other.Depot ? Depot.CompareTo(other.Depot) : Number.CompareTo(other.Number);

    internal static DockingId Shape<TCodec>(ref TCodec codec, DockingId value)
        where TCodec : struct, ICodec
    {
        codec.Open("docking", 2);
        DepotId depot = codec.Depot("depot", value.Depot);
        ulong number = (ulong)codec.Integer("number", (long)value.Number, 0, long.MaxValue);
        codec.Close();
        return new DockingId(depot, number);
    }
}

/// <summary>What a depot's scale measured at one docking, however the hub came to hear of it.</summary>
public sealed record Weighing : IShaped<Weighing>, IComparable<Weighing>
{
    /// <summary>Which docking.</summary>
    public required DockingId Docking { get; init; }

    /// <summary>Who docked.</summary>
    public required NodeId Node { get; init; }

    /// <summary>For which contract.</summary>
    public required ContractId Contract { get; init; }

    /// <summary>Under which epoch of it.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Of what.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>How much.</summary>
    public required Grams Mass { get; init; }

    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>By what they say: of two about one docking of one node the lesser stands, so that the order
    /// in which they came does not matter.</summary>
    public int CompareTo(Weighing? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = Mass.CompareTo(other.Mass);
        order = order != 0 ? order : Contract.CompareTo(other.Contract);
        order = order != 0 ? order : Epoch.CompareTo(other.Epoch);
        order = order != 0 ? order : Commodity.CompareTo(other.Commodity);
        return order != 0 ? order : At.CompareTo(other.At);
    }

    /// <inheritdoc/>
    public static Weighing Shape<TCodec>(ref TCodec codec, Weighing? value)
        where TCodec : struct, ICodec
    {
        codec.Open("weighing", 7);
        DockingId docking = DockingId.Shape(ref codec, value?.Docking ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams mass = codec.Mass("mass", value?.Mass ?? default);
        Instant at = codec.Moment("at", value?.At ?? default);
        codec.Close();
        return value ?? new Weighing
        {
            Docking = docking,
            Node = node,
            Contract = contract,
            Epoch = epoch,
            Commodity = commodity,
            Mass = mass,
            At = at,
        };
    }
}

/// <summary>Where awarded work stands. The numbers are in snapshots.</summary>
public enum AllotmentStatus
{
    /// <summary>It holds its part of the bounty.</summary>
    Live = 1,

    /// <summary>Taken back; that part is open again, or somebody else's.</summary>
    Recalled = 2,

    /// <summary>Delivered and settled, in time or late.</summary>
    Delivered = 3,
}

/// <summary>Work the hub has given to a node.</summary>
/// <param name="Contract">Names it.</param>
/// <param name="Epoch">Its fence.</param>
/// <param name="Bounty">Of what.</param>
/// <param name="Node">Whose.</param>
/// <param name="Quantity">How much; positive.</param>
/// <param name="Price">For all of it.</param>
/// <param name="Status">Where it stands.</param>
public sealed record Allotment(
    ContractId Contract, Epoch Epoch, BountyId Bounty, NodeId Node, Grams Quantity, Credits Price,
    AllotmentStatus Status) : IShaped<Allotment>
{
    /// <inheritdoc/>
    public static Allotment Shape<TCodec>(ref TCodec codec, Allotment? value)
        where TCodec : struct, ICodec
    {
        codec.Open("allotment", 7);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        BountyId bounty = codec.Bounty("bounty", value?.Bounty ?? default);
        NodeId node = codec.Node("node", value?.Node ?? default);
        Grams quantity = codec.Mass("quantity", value?.Quantity ?? default);
        Credits price = codec.Money("price", value?.Price ?? default);
        var status = (AllotmentStatus)codec.Integer("status", (long)(value?.Status ?? 0), 1, 3);
        codec.Close();
        return value ?? new Allotment(contract, epoch, bounty, node, quantity, price, status);
    }
}

/// <summary>A bounty as the merge keeps it. Total = delivered + under contract + open; escrow = paid +
/// promised + left.</summary>
public sealed record BountyLine(
    Grams Total, Credits Escrow, Grams Delivered, Grams UnderContract, Credits Paid, Credits Promised)
    : IShaped<BountyLine>
{
    /// <summary>What nobody has delivered or holds.</summary>
    public Grams Open => Total - Delivered - UnderContract;

    /// <summary>What is neither paid nor promised.</summary>
    public Credits Left => Escrow - Paid - Promised;

    /// <inheritdoc/>
    public static BountyLine Shape<TCodec>(ref TCodec codec, BountyLine? value)
        where TCodec : struct, ICodec
    {
        codec.Open("bounty", 6);
        Grams total = codec.Mass("total", value?.Total ?? default);
        Credits escrow = codec.Money("escrow", value?.Escrow ?? default);
        Grams delivered = codec.Mass("delivered", value?.Delivered ?? default);
        Grams under = codec.Mass("underContract", value?.UnderContract ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        Credits promised = codec.Money("promised", value?.Promised ?? default);
        codec.Close();
        return value ?? new BountyLine(total, escrow, delivered, under, paid, promised);
    }
}

/// <summary>A weighing, and what became of it.</summary>
/// <param name="Weighing">What the scale said.</param>
/// <param name="As">How it was settled; null while it waits. Once settled it never changes again.</param>
/// <param name="Counted">What counted towards the bounty.</param>
/// <param name="Paid">What was paid for that.</param>
public sealed record Docking(
    Weighing Weighing, SettledAs? As, Grams Counted, Credits Paid) : IShaped<Docking>
{
    /// <summary>Whether it stands for its docking: another under the same number does not count.</summary>
    public bool IsCounted => As is SettledAs.InTime or SettledAs.Late;

    /// <inheritdoc/>
    public static Docking Shape<TCodec>(ref TCodec codec, Docking? value)
        where TCodec : struct, ICodec
    {
        codec.Open("docked", 4);
        Weighing weighing = Weighing.Shape(ref codec, value?.Weighing);
        long how = codec.Integer("as", (long)(value?.As ?? 0), 0, 4);
        Grams counted = codec.Mass("counted", value?.Counted ?? default);
        Credits paid = codec.Money("paid", value?.Paid ?? default);
        codec.Close();
        return value ?? new Docking(weighing, how == 0 ? null : (SettledAs)how, counted, paid);
    }
}
