using System;
using System.Buffers.Binary;
using CsCheck;
using Hanse.Core.Decisions;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Decisions;

/// <summary>Trips and prices as bytes: what releases are asked, what they answer, and what may be done of
/// it.</summary>
public sealed class PricingRecordTests
{
    private static readonly long[] _borders =
    [
        long.MinValue, long.MaxValue, Credits.MicroMax, Credits.MicroMax + 1, -1, 1_000_000_000,
        1_000_000_001, int.MaxValue, 1L + int.MaxValue,
    ];

    // What is small, what is at a border, and what is anything.
    private static readonly Gen<long> _number = Gen.OneOf(
        Gen.Long[0, 4], Gen.Long[0, 2_000_000], Gen.Long[-2, 1_000_000_000_000], Gen.Long,
        Gen.Int[0, 8].Select(place => _borders[place]));

    // Half of them are such that their bytes are a trip.
    private static readonly Gen<byte[]> _records = Gen.Select(
        _number.Array[PricingRecord.Numbers], Gen.Bool, Record);

    private static readonly PricingInput _trip = new()
    {
        Quantity = Grams.FromTonnes(2),
        Lot = Grams.FromTonnes(1),
        Propellant = Grams.FromTonnes(1),
        PropellantPerTonne = new Credits(120_000),
        WearBefore = new PartsPerMillion(200_000),
        Wear = new PartsPerMillion(9_000),
        SparesPerLife = Credits.FromWhole(9),
        Minutes = 4_200,
        HourlyCost = new Credits(2_000),
        Toll = new Credits(1_000),
        Hazard = new HazardLaw(3, new PartsPerMillion(1_500_000), Credits.FromWhole(20)),
        Margin = new PartsPerMillion(80_000),
        HourlyWorth = new Credits(500),
    };

    // Whatever is asked: no bytes stop a hub that takes a decision again.
    [Fact]
    public void Any_bytes_have_an_answer_or_are_no_trip_and_one_way_to_be_written()
    {
        int sound = 0;
        _records.Sample(
            record =>
            {
                byte[] own = SkillContract.Own(SkillFunction.Pricing, record);
                bool isTrip = PricingRecord.TryRead(record, out PricingInput trip);
                Assert.Equal(isTrip ? PricingRecord.AnswerBytes : 0, own.Length);
                if (isTrip)
                {
                    sound++;
                    Assert.Equal(record, PricingRecord.Of(trip));
                    Assert.Equal(
                        SkillReason.None, SkillContract.Judge(SkillFunction.Pricing, record, own));
                }
            },
            iter: 200_000, threads: 1);
        Assert.True(sound > 100, $"{sound}");
        Gen.Byte.Array[0, 200].Sample(
            bytes => Assert.NotNull(SkillContract.Own(SkillFunction.Pricing, bytes)), iter: 10_000);
    }

    [Fact]
    public void What_is_one_byte_more_or_less_is_no_trip_and_no_answer()
    {
        byte[] trip = PricingRecord.Of(_trip);
        byte[] own = SkillContract.Own(SkillFunction.Pricing, trip);
        foreach (byte[] wrong in (byte[][])[[.. trip, 0], trip[..^1], []])
        {
            Assert.Empty(SkillContract.Own(SkillFunction.Pricing, wrong));
            Assert.Equal(SkillReason.NoAnswer, SkillContract.Judge(SkillFunction.Pricing, wrong, own));
        }

        foreach (byte[] wrong in (byte[][])[[.. own, 0], own[..^1], [], trip])
        {
            Assert.Equal(SkillReason.NoAnswer, SkillContract.Judge(SkillFunction.Pricing, trip, wrong));
        }
    }

    // Propellant 120,000, spares 81,000: two tonnes, so half of that a lot.
    [Theory]
    [InlineData(0, 100_500, true)]
    [InlineData(0, 100_499, false)]
    [InlineData(0, 0, false)]
    [InlineData(0, -1, false)]
    [InlineData(0, long.MinValue, false)]
    [InlineData(-1, 200_000, false)]
    [InlineData(Credits.MicroMax, Credits.MicroMax + 1, true)]
    [InlineData(Credits.MicroMax + 1, 200_000, false)]
    [InlineData(0, Credits.MicroMax + 2, false)]
    [InlineData(0, long.MaxValue, false)]
    public void A_price_pays_for_propellant_and_spares_and_somebody_can_pay_it(
        long cost, long perLot, bool isSafe) => Assert.Equal(
            isSafe ? SkillReason.None : SkillReason.OutsideEnvelope,
            SkillContract.Judge(
                SkillFunction.Pricing, PricingRecord.Of(_trip),
                PricingRecord.Of(new PricingAnswer(new Credits(cost), new Credits(perLot)))));

    [Theory]
    [InlineData(100, 100, 0, false)]
    [InlineData(100, 101, 0, true)]
    [InlineData(100, 101, 10_000, false)]
    [InlineData(100, 102, 10_000, true)]
    [InlineData(101, 100, 10_000, false)]
    [InlineData(102, 100, 10_000, true)]
    [InlineData(0, 1, 1_000_000, true)]
    [InlineData(Credits.MicroMax + 1, 0, 1_000_000, false)]
    public void Prices_are_apart_by_their_share_of_the_one_that_would_be_asked(
        long own, long asked, int allowed, bool areApart)
    {
        var (one, other) = (new Credits(asked), new Credits(own));
        var fixedCost = new Credits(7);
        Assert.Equal(areApart, Apart(new PricingAnswer(fixedCost, one), new(fixedCost, other), allowed));
        Assert.Equal(areApart, Apart(new PricingAnswer(one, fixedCost), new(other, fixedCost), allowed));
    }

    private static byte[] Record(long[] numbers, bool isMild)
    {
        for (int i = 0; i < numbers.Length && isMild; i++)
        {
            bool isShape = i == 10;
            numbers[i] = Math.Abs(numbers[i] % (isShape ? 5 : 2_000_000)) + (i < 2 ? 1 : 0);
        }

        byte[] record = new byte[PricingRecord.Bytes];
        BinaryPrimitives.WriteInt64LittleEndian(record, PricingRecord.Numbers);
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8 * (i + 1)), numbers[i]);
        }

        return record;
    }

    private static bool Apart(PricingAnswer one, PricingAnswer other, int allowed) => SkillContract.AreApart(
        SkillFunction.Pricing, PricingRecord.Of(one), PricingRecord.Of(other), new PartsPerMillion(allowed));
}
