using System.Diagnostics;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>How a docking was settled. The numbers are in the journal.</summary>
public enum SettledAs
{
    /// <summary>Under a live contract.</summary>
    InTime = 1,

    /// <summary>After the contract was taken back.</summary>
    Late = 2,

    /// <summary>The contract, or the docking, had been counted before; nothing counts.</summary>
    Twice = 3,

    /// <summary>No such contract of that node under that epoch; nothing counts.</summary>
    Orphan = 4,
}

/// <summary>What a book of deliveries remembers.</summary>
public abstract record DeliveryFact : IShaped<DeliveryFact>
{
    private DeliveryFact()
    {
    }

    /// <summary>A bounty and the credits set aside for it.</summary>
    public sealed record Posted(BountyId Bounty, Grams Total, Credits Escrow) : DeliveryFact;

    /// <summary>A node has part of it.</summary>
    public sealed record Allotted(Allotment Allotment) : DeliveryFact;

    /// <summary>That part was taken back.</summary>
    public sealed record Recalled(ContractId Contract) : DeliveryFact;

    /// <summary>A scale's word.</summary>
    public sealed record Weighed(Weighing Weighing) : DeliveryFact;

    /// <summary>A journal's word.</summary>
    public sealed record Told(NodeId Node, DockingId Docking, Commodity Commodity, Grams Mass)
        : DeliveryFact;

    /// <summary>A docking has been settled.</summary>
    public sealed record Settled(
        DockingId Docking, NodeId Node, SettledAs As, Grams Counted, Credits Paid) : DeliveryFact;

    /// <summary>Settled dockings of a depot up to a number are history.</summary>
    public sealed record Pruned(DepotId Depot, ulong Through) : DeliveryFact;

    /// <inheritdoc/>
    public static DeliveryFact Shape<TCodec>(ref TCodec codec, DeliveryFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("fact", value switch
        {
            null => 0,
            Posted => 1,
            Allotted => 2,
            Recalled => 3,
            Weighed => 4,
            Told => 5,
            Settled => 6,
            Pruned => 7,
            _ => throw new UnreachableException(),
        }, 7);
        DeliveryFact fact;
        switch (tag)
        {
            case 1:
                var posted = (Posted?)value;
                codec.Open("posted", 3);
                BountyId bounty = codec.Bounty("bounty", posted?.Bounty ?? default);
                Grams total = codec.Mass("total", posted?.Total ?? default);
                Credits escrow = codec.Money("escrow", posted?.Escrow ?? default);
                fact = posted ?? new Posted(bounty, total, escrow);
                break;
            case 2:
                var allotted = (Allotted?)value;
                codec.Open("allotted", 1);
                Allotment allotment = Allotment.Shape(ref codec, allotted?.Allotment);
                fact = allotted ?? new Allotted(allotment);
                break;
            case 3:
                var recalled = (Recalled?)value;
                codec.Open("recalled", 1);
                ContractId contract = codec.Contract("contract", recalled?.Contract ?? default);
                fact = recalled ?? new Recalled(contract);
                break;
            case 4:
                var weighed = (Weighed?)value;
                codec.Open("weighed", 1);
                Weighing weighing = Weighing.Shape(ref codec, weighed?.Weighing);
                fact = weighed ?? new Weighed(weighing);
                break;
            case 5:
                var told = (Told?)value;
                codec.Open("told", 4);
                NodeId node = codec.Node("node", told?.Node ?? default);
                DockingId claimed = DockingId.Shape(ref codec, told?.Docking ?? default);
                var commodity = (Commodity)codec.Integer("commodity", (long)(told?.Commodity ?? 0), 1, 4);
                Grams mass = codec.Mass("mass", told?.Mass ?? default);
                fact = told ?? new Told(node, claimed, commodity, mass);
                break;
            case 6:
                var settled = (Settled?)value;
                codec.Open("settled", 5);
                DockingId docking = DockingId.Shape(ref codec, settled?.Docking ?? default);
                NodeId docked = codec.Node("node", settled?.Node ?? default);
                var how = (SettledAs)codec.Integer("as", (long)(settled?.As ?? 0), 1, 4);
                Grams counted = codec.Mass("counted", settled?.Counted ?? default);
                Credits paid = codec.Money("paid", settled?.Paid ?? default);
                fact = settled ?? new Settled(docking, docked, how, counted, paid);
                break;
            default:
                var pruned = (Pruned?)value;
                codec.Open("pruned", 2);
                DepotId depot = codec.Depot("depot", pruned?.Depot ?? default);
                ulong through =
                    (ulong)codec.Integer("through", (long)(pruned?.Through ?? 0), 0, long.MaxValue);
                fact = pruned ?? new Pruned(depot, through);
                break;
        }

        codec.Close();
        return fact;
    }
}
