using System;
using System.Buffers.Binary;
using Hanse.Core.Units;

namespace Hanse.Core.Decisions;

/// <summary>The numbers of a trip and of its price as bytes: what a release of a pricing is asked and what it
/// answers, and what a journal has of it.</summary>
/// <remarks>
/// A trip is how many numbers follow and then each as 64 bits, the lowest byte first; an answer is cost and
/// price per lot. There is one way to write each, so bytes that are equal are the same trip, and a skill
/// reads them where they are, with no decoder: prices are asked by the dozen. New numbers come at the end, so
/// a skill of before finds what it knows where it was.
/// </remarks>
public static class PricingRecord
{
    /// <summary>How many numbers.</summary>
    public const int Numbers = 15;

    /// <summary>Their bytes, with their count.</summary>
    public const int Bytes = 8 * (1 + Numbers);

    /// <summary>Bytes of an answer: cost, and price per lot.</summary>
    public const int AnswerBytes = 16;

    // Longer than any mission.
    private const long MinutesMax = 1_000_000_000;

    // As shares are on the wire.
    private const long ShareMax = 1_000_000_000;

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

    /// <summary>The bytes of a trip.</summary>
    public static byte[] Of(in PricingInput trip)
    {
        byte[] record = new byte[Bytes];
        Write(trip, record);
        return record;
    }

    /// <summary>The bytes of an answer.</summary>
    public static byte[] Of(PricingAnswer answer)
    {
        byte[] record = new byte[AnswerBytes];
        BinaryPrimitives.WriteInt64LittleEndian(record, answer.Cost.Micro);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), answer.PricePerLot.Micro);
        return record;
    }

    /// <summary>Reads an answer that is known to be one.</summary>
    public static PricingAnswer Read(ReadOnlySpan<byte> answer) => new(
        new Credits(BinaryPrimitives.ReadInt64LittleEndian(answer)),
        new Credits(BinaryPrimitives.ReadInt64LittleEndian(answer[8..])));

    /// <summary>Reads an answer of somebody.</summary>
    /// <returns>False when the bytes are none.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out PricingAnswer answer)
    {
        answer = bytes.Length == AnswerBytes ? Read(bytes) : default;
        return bytes.Length == AnswerBytes;
    }

    /// <summary>Reads a trip.</summary>
    /// <returns>False when the bytes are none, or one that cannot be reckoned: <see
    /// cref="IsSound"/>.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out PricingInput trip)
    {
        trip = default;
        if (bytes.Length != Bytes || Number(bytes, 0) != Numbers)
        {
            return false;
        }

        // Those that become smaller numbers; the rest is looked at below.
        foreach (int place in (ReadOnlySpan<int>)[5, 6, 11, 12, 14])
        {
            if (Number(bytes, place) is < 0 or > ShareMax)
            {
                return false;
            }
        }

        trip = new PricingInput
        {
            Quantity = new Grams(Number(bytes, 1)),
            Lot = new Grams(Number(bytes, 2)),
            Propellant = new Grams(Number(bytes, 3)),
            PropellantPerTonne = new Credits(Number(bytes, 4)),
            WearBefore = new PartsPerMillion((int)Number(bytes, 5)),
            Wear = new PartsPerMillion((int)Number(bytes, 6)),
            SparesPerLife = new Credits(Number(bytes, 7)),
            Minutes = Number(bytes, 8),
            HourlyCost = new Credits(Number(bytes, 9)),
            Toll = new Credits(Number(bytes, 10)),
            Hazard = new HazardLaw(
                (int)Number(bytes, 11), new PartsPerMillion((int)Number(bytes, 12)),
                new Credits(Number(bytes, 13))),
            Margin = new PartsPerMillion((int)Number(bytes, 14)),
            HourlyWorth = new Credits(Number(bytes, 15)),
        };
        return IsSound(trip);
    }

    /// <summary>Whether the built-in pricing can put a price on a trip that an offer can have: no number is
    /// beyond what it may be, and the trip costs no more than can be paid. Others are put before no
    /// release.</summary>
    public static bool IsSound(in PricingInput trip) =>
        trip.Quantity.Value is > 0 and <= Grams.ValueMax
        && trip.Lot.Value is > 0 and <= Grams.ValueMax
        && trip.Propellant.Value is >= 0 and <= Grams.ValueMax
        && IsAmount(trip.PropellantPerTonne) && IsAmount(trip.SparesPerLife) && IsAmount(trip.HourlyCost)
        && IsAmount(trip.Toll) && IsAmount(trip.Hazard.Replacement) && IsAmount(trip.HourlyWorth)
        && trip.Minutes is >= 0 and <= MinutesMax
        && IsShare(trip.WearBefore) && IsShare(trip.Wear) && IsShare(trip.Hazard.Scale)
        && IsShare(trip.Margin)
        && trip.Hazard.Shape is >= 0 and <= HazardLaw.ShapeMax
        && IsPayable(trip.PropellantPerTonne, trip.Propellant.Value, 1_000_000)
        && IsPayable(trip.SparesPerLife, trip.Wear.Value, 1_000_000)
        && IsPayable(trip.HourlyCost, trip.Minutes, 60)
        && BuiltInPricing.Cost(trip).Micro <= Credits.MicroMax;

    private static long Number(ReadOnlySpan<byte> bytes, int place) =>
        BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 * place)..]);

    private static bool IsAmount(Credits amount) => amount.Micro is >= 0 and <= Credits.MicroMax;

    private static bool IsShare(PartsPerMillion share) => share.Value is >= 0 and <= (int)ShareMax;

    private static bool IsPayable(Credits price, long amount, long part) =>
        (Int128)price.Micro * amount / part <= Credits.MicroMax;
}
