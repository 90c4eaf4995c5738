using System;
using Hanse.Core.Identity;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>Names one docking: counted by each node, never given twice.</summary>
public readonly record struct DockingId(NodeId Node, uint Number) : IComparable<DockingId>
{
    /// <inheritdoc/>
    public int CompareTo(DockingId other) =>
        Node != other.Node ? Node.CompareTo(other.Node) : Number.CompareTo(other.Number);

    internal static DockingId Shape<TCodec>(ref TCodec codec, DockingId value)
        where TCodec : struct, ICodec
    {
        codec.Open("docking", 2);
        NodeId node = codec.Node("node", value.Node);
        uint number = (uint)codec.Integer("number", value.Number, 0, uint.MaxValue);
        codec.Close();
        return new DockingId(node, number);
    }
}

/// <summary>What a depot's scale measured at one docking, however the hub came to hear of it.</summary>
public sealed record Weighing : IShaped<Weighing>, IComparable<Weighing>
{
    /// <summary>Which docking, and so whose.</summary>
    public required DockingId Docking { get; init; }

    /// <summary>For which contract; zero when there was none.</summary>
    public required ContractId Contract { get; init; }

    /// <summary>Under which epoch of it.</summary>
    public required Epoch Epoch { get; init; }

    /// <summary>Of what.</summary>
    public required Commodity Commodity { get; init; }

    /// <summary>How much.</summary>
    public required Grams Mass { get; init; }

    /// <summary>When.</summary>
    public required Instant At { get; init; }

    /// <summary>By what they say: of two about one docking the lesser stands, so that the order in which
    /// they came does not matter.</summary>
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
        codec.Open("weighing", 6);
        DockingId docking = DockingId.Shape(ref codec, value?.Docking ?? default);
        ContractId contract = codec.Contract("contract", value?.Contract ?? default);
        Epoch epoch = codec.Epoch("epoch", value?.Epoch ?? default);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams mass = codec.Mass("mass", value?.Mass ?? default);
        Instant at = codec.Moment("at", value?.At ?? default);
        codec.Close();
        return value ?? new Weighing
        {
            Docking = docking,
            Contract = contract,
            Epoch = epoch,
            Commodity = commodity,
            Mass = mass,
            At = at,
        };
    }
}

/// <summary>How a docking was settled. The numbers are in the journal.</summary>
public enum SettledAs
{
    /// <summary>Under a live contract.</summary>
    InTime = 1,

    /// <summary>After the contract was taken back.</summary>
    Late = 2,

    /// <summary>The contract had been delivered before; nothing counts.</summary>
    Twice = 3,

    /// <summary>No such contract of that node under that epoch; nothing counts.</summary>
    Orphan = 4,
}

/// <summary>A weighing, and what became of it.</summary>
/// <param name="Weighing">What the scale said.</param>
/// <param name="As">How it was settled; null while it waits. Once settled it never changes again.</param>
public sealed record Docking(Weighing Weighing, SettledAs? As) : IShaped<Docking>
{
    /// <inheritdoc/>
    public static Docking Shape<TCodec>(ref TCodec codec, Docking? value)
        where TCodec : struct, ICodec
    {
        codec.Open("docked", 2);
        Weighing weighing = Weighing.Shape(ref codec, value?.Weighing);
        long how = codec.Integer("as", (long)(value?.As ?? 0), 0, 4);
        codec.Close();
        return value ?? new Docking(weighing, how == 0 ? null : (SettledAs)how);
    }
}

/// <summary>What a journal tells of a docking.</summary>
/// <param name="Commodity">Of what.</param>
/// <param name="Mass">How much, by the node's own sensor.</param>
public sealed record ToldCargo(Commodity Commodity, Grams Mass) : IShaped<ToldCargo>
{
    /// <inheritdoc/>
    public static ToldCargo Shape<TCodec>(ref TCodec codec, ToldCargo? value)
        where TCodec : struct, ICodec
    {
        codec.Open("cargo", 2);
        var commodity = (Commodity)codec.Integer("commodity", (long)(value?.Commodity ?? 0), 1, 4);
        Grams mass = codec.Mass("mass", value?.Mass ?? default);
        codec.Close();
        return value ?? new ToldCargo(commodity, mass);
    }
}
