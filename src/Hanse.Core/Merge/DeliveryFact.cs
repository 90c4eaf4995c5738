using System.Diagnostics;
using Hanse.Core.Units;
using Hanse.Core.Wire;

namespace Hanse.Core.Merge;

/// <summary>What a book of deliveries remembers.</summary>
public abstract record DeliveryFact : IShaped<DeliveryFact>
{
    private DeliveryFact()
    {
    }

    /// <summary>A scale's word.</summary>
    public sealed record Weighed(Weighing Weighing) : DeliveryFact;

    /// <summary>A journal's word.</summary>
    public sealed record Told(DockingId Docking, ToldCargo Cargo) : DeliveryFact;

    /// <summary>The market has settled a docking.</summary>
    public sealed record Settled(DockingId Docking, SettledAs As, Grams Counted, Credits Paid)
        : DeliveryFact;

    /// <inheritdoc/>
    public static DeliveryFact Shape<TCodec>(ref TCodec codec, DeliveryFact? value)
        where TCodec : struct, ICodec
    {
        long tag = codec.Case("fact", value switch
        {
            null => 0,
            Weighed => 1,
            Told => 2,
            Settled => 3,
            _ => throw new UnreachableException(),
        }, 3);
        DeliveryFact fact;
        switch (tag)
        {
            case 1:
                var weighed = (Weighed?)value;
                codec.Open("weighed", 1);
                Weighing weighing = Weighing.Shape(ref codec, weighed?.Weighing);
                fact = weighed ?? new Weighed(weighing);
                break;
            case 2:
                var told = (Told?)value;
                codec.Open("told", 2);
                DockingId claimed = DockingId.Shape(ref codec, told?.Docking ?? default);
                ToldCargo cargo = ToldCargo.Shape(ref codec, told?.Cargo);
                fact = told ?? new Told(claimed, cargo);
                break;
            default:
                var settled = (Settled?)value;
                codec.Open("settled", 4);
                DockingId docking = DockingId.Shape(ref codec, settled?.Docking ?? default);
                var how = (SettledAs)codec.Integer("as", (long)(settled?.As ?? 0), 1, 4);
                Grams counted = codec.Mass("counted", settled?.Counted ?? default);
                Credits paid = codec.Money("paid", settled?.Paid ?? default);
                fact = settled ?? new Settled(docking, how, counted, paid);
                break;
        }

        codec.Close();
        return fact;
    }
}
