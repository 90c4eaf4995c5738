using System;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Building in a fleet: parts out of a store that has them, looked at by an instrument, paid for
/// what stands. That a honest builder's journal is accepted is demanded in every run that heals.</summary>
public sealed class BuildTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_is_built_comes_out_of_the_store_and_what_stands_is_paid(ulong seed)
    {
        WorkFleet fleet = WorkFleet.Play(Options(seed, flaws: 0));
        var built = fleet.Delivered(WorkKind.Build).ToList();
        Assert.InRange(built.Count, 8, int.MaxValue);
        ImmutableDictionary<ContractId, PartsOut> taken = fleet.Of<MarketFact.PartsTaken>()
            .ToImmutableDictionary(fact => fact.Contract, fact => fact.Parts);
        long counted = 0;
        Assert.All(built, pair =>
        {
            Assert.True(pair.Delivery.Counted <= taken[pair.Delivery.Contract].Mass, "more than was taken");
            Bounty bounty = fleet.Opened(WorkKind.Build)[pair.Award.Winner.Bounty];
            Assert.Equal(
                pair.Award.Winner.PricePerLot.ForPart(pair.Delivery.Counted, bounty.Lot), pair.Delivery.Paid);
            counted += pair.Delivery.Counted.Value;
        });
        long stands = (long)fleet.Built;
        Assert.InRange(counted, 0.98 * stands, 1.01 * stands);
        Assert.Contains(fleet.Of<MarketFact.BountyClosed>(), closed =>
            fleet.Opened(WorkKind.Build).ContainsKey(closed.Bounty)
            && closed.Outcome == BountyOutcome.Filled);
    }

    [Fact]
    public void What_does_not_stand_is_not_paid_and_is_asked_for_again()
    {
        WorkFleet fleet = WorkFleet.Play(Options(3, flaws: 50));
        var built = fleet.Delivered(WorkKind.Build).ToList();
        int flawed = built.Count(pair =>
            pair.Delivery.Counted.Value < 0.6 * pair.Award.Winner.Quantity.Value);
        Assert.InRange(flawed, built.Count / 5, 4 * built.Count / 5);
        long counted = built.Sum(pair => pair.Delivery.Counted.Value);
        Assert.InRange(counted, 0.95 * fleet.Built, 1.01 * fleet.Built);
    }

    [Fact]
    public void Parts_of_the_dead_are_gone_and_others_build_on()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            4,
            work => work with { BuildsPer30Days = 20 },
            scenario => scenario with
            {
                Faults = scenario.Faults with { DeathsPercentPer30Days = 95 },
            }));
        var delivered = fleet.Delivered(WorkKind.Build).Select(pair => pair.Delivery.Contract).ToHashSet();
        var back = fleet.Of<MarketFact.PartsBack>().Select(fact => fact.Contract).ToHashSet();
        Assert.Contains(fleet.Of<MarketFact.PartsTaken>(), fact =>
            !delivered.Contains(fact.Contract) && !back.Contains(fact.Contract));
        Assert.InRange(delivered.Count, 4, int.MaxValue);
    }

    [Fact]
    public void Building_survives_a_lost_hub_and_handovers()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            5,
            work => work with { BuildsPer30Days = 30 },
            scenario => scenario with
            {
                Regions = scenario.Regions with { Count = 2, Anchors = ["Kalliope", "Lutetia"] },
                Faults = scenario.Faults with
                {
                    LostHubDay = 15,
                    LostHubDays = 20,
                    LostHubGoesOn = 0,
                    LostHubAdoptedDays = 2,
                    HandoversPer30Days = 20,
                },
            }));
        Assert.InRange(fleet.Delivered(WorkKind.Build).Count(), 4, int.MaxValue);
    }

    // It heals in time to demand that no honest journal is quarantined.
    private static RunOptions Options(ulong seed, double flaws) => WorkFleet.Options(
        seed, work => work with { BuildsPer30Days = 30, BuildFlawPercent = flaws }) with
    {
        HealAfter = TimeSpan.FromDays(35),
    };
}
