using System;
using System.IO;
using CsCheck;
using Hanse.Core.Decisions;
using Hanse.Core.Units;
using Hanse.Skills;
using Xunit;

namespace Hanse.Skills.Tests;

/// <summary>The pricing skill, written in C: the built-in pricing's bits for whatever trip.</summary>
public sealed class PricingSkillTests(SandboxFixture sandbox) : IClassFixture<SandboxFixture>
{
    private static readonly Gen<PricingInput> _trips = Gen.Select(
        Gen.Long[1, 1_000_000_000_000], Gen.Long[1, 1_000_000_000], Gen.Long[0, 1_000_000_000],
        Gen.Long[0, 1_000_000_000], Gen.Int[0, 2_500_000], Gen.Int[0, 2_000_000], Gen.Long[0, 10_000_000_000],
        Gen.Select(
            Gen.Long[0, 1_000_000], Gen.Long[0, 1_000_000_000], Gen.Long[0, 1_000_000_000], Gen.Int[0, 4],
            Gen.Int[1, 3_000_000], Gen.Long[0, 1_000_000_000_000], Gen.Int[0, 1_000_000],
            Gen.Long[0, 1_000_000_000_000]),
        (quantity, lot, propellant, perTonne, before, wear, spares, rest) => new PricingInput
        {
            Quantity = new Grams(quantity),
            Lot = new Grams(lot),
            Propellant = new Grams(propellant),
            PropellantPerTonne = new Credits(perTonne),
            WearBefore = new PartsPerMillion(before),
            Wear = new PartsPerMillion(wear),
            SparesPerLife = new Credits(spares),
            Minutes = rest.Item1,
            HourlyCost = new Credits(rest.Item2),
            Toll = new Credits(rest.Item3),
            Hazard = new HazardLaw(rest.Item4, new PartsPerMillion(rest.Item5), new Credits(rest.Item6)),
            Margin = new PartsPerMillion(rest.Item7),
            HourlyWorth = new Credits(rest.Item8),
        });

    private static byte[] Module => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "pricing.wasm"));

    [Fact]
    public void It_gives_the_same_bits_as_the_built_in_pricing()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Module);
        var pricing = new SkillPricing(skill, result => Assert.Fail($"{result.Reason}: {result.Detail}"));
        _ = sandbox.On(() =>
        {
            _trips.Sample(
                trip => Assert.Equal(BuiltInPricing.Instance.Price(trip), pricing.Price(trip)),
                iter: 20_000, threads: 1);
            return true;
        });
    }

    [Fact]
    public void Warm_it_gives_the_same_bits_too()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Module);
        using WarmSkill warm = skill.Warm(SkillPricing.Budget.Fuel);
        _ = sandbox.On(() =>
        {
            _trips.Sample(
                trip =>
                {
                    byte[] record = new byte[PricingRecord.Bytes];
                    PricingRecord.Write(trip, record);
                    Assert.True(warm.TryBid(record));
                    Assert.Equal(BuiltInPricing.Instance.Price(trip), PricingRecord.Read(record));
                },
                iter: 5_000, threads: 1);
            return true;
        });
    }

    [Fact]
    public void It_finds_itself_in_order_and_asks_its_host_for_nothing()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Module);
        Assert.Equal(HostFunctions.None, skill.Asks);
        SkillResult check = sandbox.On(() => skill.SelfCheck(SkillBudget.Decision, NoHost.Instance));
        Assert.True(check.IsAnswered, check.Detail);
    }

    [Fact]
    public void What_is_no_record_has_no_price()
    {
        using Skill skill = Wat.Load(sandbox.Engine, Module);
        SkillResult result = sandbox.On(() => skill.Bid(new byte[8], SkillPricing.Budget, NoHost.Instance));
        Assert.Equal(AbstainReason.Declined, result.Reason);
        result = sandbox.On(() => skill.Bid(new byte[4_096], SkillPricing.Budget, NoHost.Instance));
        Assert.Equal(AbstainReason.InputTooLong, result.Reason);
    }
}
