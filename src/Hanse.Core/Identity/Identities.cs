using System;

namespace Hanse.Core.Identity;

/// <summary>Names one machine of the fleet for its whole life; never reused.</summary>
public readonly record struct NodeId(uint Value) : IComparable<NodeId>
{
    /// <inheritdoc/>
    public int CompareTo(NodeId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a region, and so its hub.</summary>
public readonly record struct RegionId(uint Value) : IComparable<RegionId>
{
    /// <inheritdoc/>
    public int CompareTo(RegionId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a depot across the fleet.</summary>
public readonly record struct DepotId(uint Value) : IComparable<DepotId>
{
    /// <inheritdoc/>
    public int CompareTo(DepotId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a mining site within its region.</summary>
public readonly record struct SiteId(uint Value) : IComparable<SiteId>
{
    /// <inheritdoc/>
    public int CompareTo(SiteId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a bounty; given by the strategic layer, increasing in the order of posting.</summary>
public readonly record struct BountyId(ulong Value) : IComparable<BountyId>
{
    /// <summary>From here on the names of lots: this, the demand, and a count in the lower
    /// <see cref="SerialBits"/>. An operator's bounties have numbers below.</summary>
    public const ulong LotsFrom = 1UL << 60;

    /// <summary>Bits of the count: 16 million placings of one demand.</summary>
    public const int SerialBits = 24;

    /// <summary>Whether it is lots of a demand, in one region: what nobody takes goes back.</summary>
    public bool IsLots => Value is >= LotsFrom and < 2 * LotsFrom;

    /// <summary>Whether it is an operator's own, and neither lots nor a part of an order.</summary>
    public bool IsOperators => Value < LotsFrom;

    /// <summary>Whether it is a part of an order.</summary>
    public bool IsPart => Value is >= 2 * LotsFrom and < 3 * LotsFrom;

    /// <summary>The order that it is a part of; zero when it is none of one.</summary>
    public OrderId Order => IsPart ? new((Value - (2 * LotsFrom)) >> PartBits) : default;

    /// <summary>Its place in that order.</summary>
    public int PartOfOrder => IsPart ? (int)(Value & ((1UL << PartBits) - 1)) : 0;

    /// <summary>Bits of a part's place.</summary>
    public const int PartBits = 8;

    /// <summary>Names a part of an order: twice <see cref="LotsFrom"/>, the order, and the part's place in
    /// the lower <see cref="PartBits"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such part.</exception>
    public static BountyId Part(OrderId order, int place)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(order.Value, OrderId.ValueMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)place, 1U << PartBits);
        return new BountyId((2 * LotsFrom) + (order.Value << PartBits) + (uint)place);
    }

    /// <summary>Whether it is a machine's own call for help, named by its hub.</summary>
    public bool IsHelp => Value is >= 5 * LotsFrom and < 6 * LotsFrom;

    /// <summary>The machine that called; zero when it is no call for help.</summary>
    public NodeId Patient => IsHelp ? new((uint)((Value - (5 * LotsFrom)) >> SerialBits)) : default;

    /// <summary>The machine's count of its calls; zero when it is none.</summary>
    public uint HelpNumber => IsHelp ? (uint)(Value & ((1UL << SerialBits) - 1)) : 0;

    /// <summary>The last call for help that a machine can make.</summary>
    public const uint HelpsMax = (1U << SerialBits) - 1;

    /// <summary>Names a call for help: five times <see cref="LotsFrom"/>, the machine, and its count in the
    /// lower <see cref="SerialBits"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The machine's names are used up.</exception>
    public static BountyId Help(NodeId patient, uint number)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, HelpsMax);
        return new BountyId((5 * LotsFrom) + ((ulong)patient.Value << SerialBits) + number);
    }

    /// <summary>The demand that lots are of; zero when it is none of one.</summary>
    public DemandId Demand => IsLots ? new((Value - LotsFrom) >> SerialBits) : default;

    /// <summary>Names lots of a demand.</summary>
    /// <param name="demand">Which.</param>
    /// <param name="serial">Its count, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The demand's names are used up.</exception>
    public static BountyId Lots(DemandId demand, ulong serial)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(demand.Value, DemandId.ValueMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(serial, 1UL << SerialBits);
        return new BountyId(LotsFrom + (demand.Value << SerialBits) + serial);
    }

    /// <inheritdoc/>
    public int CompareTo(BountyId other) => Value.CompareTo(other.Value);
}

/// <summary>Names an order; given by the operator, increasing.</summary>
public readonly record struct OrderId(ulong Value) : IComparable<OrderId>
{
    /// <summary>The last one there can be; the names of its parts hold it.</summary>
    public const ulong ValueMax = (1UL << 36) - 1;

    /// <inheritdoc/>
    public int CompareTo(OrderId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a demand; given by the operator, increasing.</summary>
public readonly record struct DemandId(ulong Value) : IComparable<DemandId>
{
    /// <summary>The last one there can be; the names of its lots hold it.</summary>
    public const ulong ValueMax = (1UL << 36) - 1;

    /// <inheritdoc/>
    public int CompareTo(DemandId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a contract in the whole fleet: the region whose hub gave it in the upper bits, and in the
/// lower <see cref="CountBits"/> that hub's count, increasing in the order of award. So work keeps its name
/// when another hub takes it over.</summary>
public readonly record struct ContractId(ulong Value) : IComparable<ContractId>
{
    /// <summary>Bits of a hub's count: 16 million contracts, a hundred thousand a year for 160
    /// years.</summary>
    public const int CountBits = 24;

    /// <summary>The region whose hub gave it.</summary>
    public RegionId Region => new((uint)Math.Min(Value >> CountBits, uint.MaxValue));

    /// <summary>The contract that a region's hub gives after so many others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The region's names are used up.</exception>
    public static ContractId After(RegionId region, ulong count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(count + 1, 1UL << CountBits);
        return new ContractId(((ulong)region.Value << CountBits) + count + 1);
    }

    /// <inheritdoc/>
    public int CompareTo(ContractId other) => Value.CompareTo(other.Value);
}

/// <summary>Names a transfer of credits between two machines' books; counted by the sender.</summary>
public readonly record struct TransferId(ulong Value) : IComparable<TransferId>
{
    /// <inheritdoc/>
    public int CompareTo(TransferId other) => Value.CompareTo(other.Value);
}

/// <summary>The number of a hub's market cycle.</summary>
public readonly record struct CycleNumber(uint Value) : IComparable<CycleNumber>
{
    /// <summary>The cycle after this one.</summary>
    public CycleNumber Next => new(Value + 1);

    /// <summary>The number. Written out, since the generated text would print the next one without
    /// end.</summary>
    public override string ToString() => string.Create(null, $"{Value}");

    /// <inheritdoc/>
    public int CompareTo(CycleNumber other) => Value.CompareTo(other.Value);
}

/// <summary>The number of an authority: a later epoch fences off an earlier one.</summary>
public readonly record struct Epoch(uint Value) : IComparable<Epoch>
{
    /// <summary>The epoch that fences this one.</summary>
    public Epoch Next => new(Value + 1);

    /// <summary>The number. Written out, since the generated text would print the next one without
    /// end.</summary>
    public override string ToString() => string.Create(null, $"{Value}");

    /// <inheritdoc/>
    public int CompareTo(Epoch other) => Value.CompareTo(other.Value);
}
