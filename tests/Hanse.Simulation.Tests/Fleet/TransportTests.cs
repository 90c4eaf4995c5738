using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Transports in a fleet: goods out of a store that has them, two scales, and a carrier that answers
/// for them in between. That no honest carrier's journal is quarantined is demanded in every run that heals,
/// and that mass is conserved in every run.</summary>
public sealed class TransportTests
{
    private static readonly Lazy<WorkFleet> _losing = new(() => WorkFleet.Play(Options(3, losing: 40)));

    /// <summary>A run in which carriers lose goods: looked at here, audited elsewhere, played once.</summary>
    internal static WorkFleet Losing => _losing.Value;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Goods_come_out_of_one_store_and_enter_the_other_and_what_arrives_is_paid(ulong seed)
    {
        WorkFleet fleet = WorkFleet.Play(Options(seed, losing: 0));
        var carried = fleet.Delivered(WorkKind.Transport).ToList();
        Assert.InRange(carried.Count, 15, int.MaxValue);
        ImmutableDictionary<ContractId, Custody> taken = Taken(fleet);
        Assert.All(carried, pair =>
        {
            Bounty bounty = fleet.Opened(WorkKind.Transport)[pair.Award.Winner.Bounty];
            Assert.Equal(bounty.From, taken[pair.Delivery.Contract].From);
            Assert.NotEqual(bounty.From, bounty.Depot);
            Assert.True(pair.Delivery.Counted <= taken[pair.Delivery.Contract].Mass, "more than was taken");
            Assert.Equal(
                pair.Award.Winner.PricePerLot.ForPart(pair.Delivery.Counted, bounty.Lot), pair.Delivery.Paid);
        });

        // Nobody lost anything, so nothing was found but what the dead had.
        Assert.DoesNotContain(Ended(fleet), ended => ended.At.Value > 0 && ended.Lost > Grams.Zero);
        Assert.Contains(fleet.Of<MarketFact.BountyClosed>(), closed =>
            fleet.Opened(WorkKind.Transport).ContainsKey(closed.Bounty)
            && closed.Outcome == BountyOutcome.Filled);
        Assert.Contains(carried, pair => ToFirst(fleet, pair.Award));
    }

    [Fact]
    public void What_carriers_lose_is_found_unpaid_and_charged()
    {
        WorkFleet fleet = Losing;
        TransportFigures figures = fleet.Report.Transports;
        Assert.InRange(figures.Losses, 5, int.MaxValue);

        // All but what is still under way, and what lost it and died.
        Assert.InRange(figures.LossesFound, figures.Losses - 4, figures.Losses + 4);
        Assert.All(Ended(fleet).Where(ended => ended.Lost > Grams.Zero), ended =>
        {
            Custody custody = Taken(fleet)[ended.Contract];
            Assert.True(ended.Lost > custody.Mass.Share(new PartsPerMillion(5_656)), "within the scales");
            Assert.Equal(custody.ChargeFor(ended.Lost), ended.Charge); // They own enough.
        });
        long charged = Ended(fleet).Sum(ended => ended.Charge.Micro);
        Assert.InRange(charged, 1, long.MaxValue);
        Assert.Equal(charged / 1e6, figures.Charged, 6);
    }

    [Fact]
    public void Whoever_cannot_answer_for_goods_is_given_none()
    {
        // A lot is charged at a hundred times of what it is worth to have it carried: more than anybody has.
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            3, work => work with { TransportsPer30Days = 30, LossChargePercent = 10_000 }, Depots));
        ImmutableSortedDictionary<BountyId, Bounty> bounties = fleet.Opened(WorkKind.Transport);
        Dictionary<ContractId, MarketFact.Awarded> awards = fleet.Of<MarketFact.Awarded>()
            .Where(award => bounties.ContainsKey(award.Winner.Bounty))
            .ToDictionary(award => award.Contract);
        Assert.Contains(
            fleet.Of<MarketFact.SheetTaken>().SelectMany(taken => taken.Sheet.Bids),
            bid => bounties.ContainsKey(bid.Bounty) && bid.Reason == NoBidReason.NoBond);
        Assert.All(fleet.Of<MarketFact.CustodyTaken>(), taken => Assert.True(
            taken.Custody.ChargeFor(taken.Custody.Mass) <= new Credits(4_000_000), "more than it can own"));
        Assert.DoesNotContain(Ended(fleet), ended =>
            ended.Charge < Taken(fleet)[ended.Contract].ChargeFor(ended.Lost));
    }

    [Fact]
    public void Goods_of_the_dead_are_gone_and_others_carry_on()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            4,
            work => work with { TransportsPer30Days = 30 },
            scenario => Depots(scenario) with
            {
                Days = 75,
                Faults = scenario.Faults with { DeathsPercentPer30Days = 60 },
            }));
        List<MarketFact.CustodyEnded> gone = [.. Ended(fleet).Where(ended => ended.At.Value == 0)];
        Assert.NotEmpty(gone);
        Assert.All(gone, ended => Assert.Equal(Taken(fleet)[ended.Contract].Mass, ended.Lost));
        Assert.InRange(fleet.Delivered(WorkKind.Transport).Count(), 6, int.MaxValue);
    }

    [Fact]
    public void Carrying_survives_a_lost_hub_and_handovers()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            5,
            work => work with { TransportsPer30Days = 30, BuildsPer30Days = 10 },
            scenario => scenario with
            {
                Regions = scenario.Regions with
                {
                    Count = 2,
                    Depots = 3,
                    Anchors = ["Kalliope", "Lutetia"],
                },
                Faults = scenario.Faults with
                {
                    LostHubDay = 15,
                    LostHubDays = 20,
                    LostHubGoesOn = 0,
                    LostHubAdoptedDays = 2,
                    HandoversPer30Days = 20,
                },
            }));
        Assert.InRange(fleet.Delivered(WorkKind.Transport).Count(), 4, int.MaxValue);
        Assert.InRange(fleet.Delivered(WorkKind.Build).Count(), 1, int.MaxValue);
    }

    private static bool ToFirst(WorkFleet fleet, MarketFact.Awarded award) =>
        fleet.Opened(WorkKind.Transport)[award.Winner.Bounty].Depot.Value == 1;

    private static ImmutableDictionary<ContractId, Custody> Taken(WorkFleet fleet) =>
        fleet.Of<MarketFact.CustodyTaken>()
            .ToImmutableDictionary(fact => fact.Contract, fact => fact.Custody);

    private static IEnumerable<MarketFact.CustodyEnded> Ended(WorkFleet fleet) =>
        fleet.Of<MarketFact.CustodyEnded>();

    private static Hanse.Simulation.Scenarios.Scenario Depots(Hanse.Simulation.Scenarios.Scenario scenario) =>
        scenario with { Regions = scenario.Regions with { Depots = 2 } };

    // It heals in time to demand that no honest journal is quarantined.
    private static RunOptions Options(ulong seed, double losing) => WorkFleet.Options(
        seed, work => work with { TransportsPer30Days = 40, TransportLossPercent = losing }, Depots) with
    {
        HealAfter = TimeSpan.FromDays(35),
    };
}
