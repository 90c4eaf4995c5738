using System;
using System.Buffers.Binary;
using Hanse.Core.Node;
using Hanse.Core.Units;

namespace Hanse.Skills;

/// <summary>The numbers of a trip as a skill reads them: how many, then each as 64 bits, the lowest byte
/// first.</summary>
/// <remarks>New numbers come at the end, so a skill of before finds what it knows where it was.</remarks>
public static class PricingRecord
{
    /// <summary>How many numbers.</summary>
    public const int Numbers = 15;

    /// <summary>Their bytes, with their count.</summary>
    public const int Bytes = 8 * (1 + Numbers);

    /// <summary>Bytes of an answer: cost, and price per lot.</summary>
    public const int AnswerBytes = 16;

    /// <summary>Writes the numbers of a trip.</summary>
    public static void Write(in PricingInput trip, Span<byte> record)
    {
        ReadOnlySpan<long> numbers =
        [
            Numbers,
            trip.Quantity.Value,
            trip.Lot.Value,
            trip.Propellant.Value,
            trip.PropellantPerTonne.Micro,
            trip.WearBefore.Value,
            trip.Wear.Value,
            trip.SparesPerLife.Micro,
            trip.Minutes,
            trip.HourlyCost.Micro,
            trip.Toll.Micro,
            trip.Hazard.Shape,
            trip.Hazard.Scale.Value,
            trip.Hazard.Replacement.Micro,
            trip.Margin.Value,
            trip.HourlyWorth.Micro,
        ];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(record[(8 * i)..], numbers[i]);
        }
    }

    /// <summary>Reads an answer.</summary>
    public static PricingAnswer Read(ReadOnlySpan<byte> answer) => new(
        new Credits(BinaryPrimitives.ReadInt64LittleEndian(answer)),
        new Credits(BinaryPrimitives.ReadInt64LittleEndian(answer[8..])));
}
