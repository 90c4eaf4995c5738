using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Surveys in a fleet: told, paid in part, held, and paid in full or false. That no pay is lost or
/// paid twice is checked in every run, and by the audit.</summary>
public sealed class SurveyTests
{
    private static readonly Lazy<WorkFleet> _lying =
        new(() => WorkFleet.Play(Options(1), new WorldTwist(SurveyLie: 1.6)));

    /// <summary>A run in which surveys say too much: looked at here, audited elsewhere, played
    /// once.</summary>
    internal static WorkFleet Lying => _lying.Value;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_honest_survey_is_paid_in_part_when_it_is_told_and_in_full_when_it_has_stood(ulong seed)
    {
        WorkFleet fleet = WorkFleet.Play(Options(seed));
        var told = fleet.Delivered(WorkKind.Survey).ToList();
        var kept = fleet.Of<MarketFact.Kept>().ToDictionary(fact => fact.Contract, fact => fact.Pay);
        Assert.InRange(told.Count, 8, int.MaxValue);
        ImmutablePrices(fleet, told, kept);
        var stood = fleet.Of<MarketFact.KeptPaid>().ToList();
        Assert.InRange(stood.Count, 4, told.Count);
        Assert.All(stood, paid => Assert.Equal(kept[paid.Contract], paid.Pay));

        // Once in ten thousand pairs of an honest survey and an honest extraction, if errors are as stated.
        Assert.Empty(fleet.Of<MarketFact.Falsified>());
        Assert.Contains(fleet.Of<MarketFact.BountyClosed>(), closed =>
            fleet.Opened(WorkKind.Survey).ContainsKey(closed.Bounty)
            && closed.Outcome == BountyOutcome.Filled);
    }

    [Theory]
    [InlineData(1, 1.6)]
    [InlineData(2, 0.5)]
    public void Surveys_that_lie_are_found_where_somebody_digs_and_what_was_held_goes_home(
        ulong seed, double lie)
    {
        WorkFleet fleet = (seed, lie) == (1, 1.6)
            ? Lying : WorkFleet.Play(Options(seed), new WorldTwist(SurveyLie: lie));
        var refuted = fleet.Of<MarketFact.Falsified>().ToList();
        Assert.InRange(refuted.Count, 4, int.MaxValue);
        var paid = fleet.Of<MarketFact.KeptPaid>().Select(fact => fact.Contract).ToHashSet();
        Assert.DoesNotContain(refuted, fact => paid.Contains(fact.Contract));

        // One report of one: the whole bounty is worth nothing then.
        var spoilt = refuted.Select(fact => fleet.Of<MarketFact.Kept>()
            .Single(kept => kept.Contract == fact.Contract).Pay.Bounty).ToHashSet();
        IEnumerable<MarketFact.BountyClosed> closed =
            fleet.Of<MarketFact.BountyClosed>().Where(fact => spoilt.Contains(fact.Bounty)).ToList();
        Assert.NotEmpty(closed);
        Assert.All(closed, fact => Assert.NotEqual(BountyOutcome.Filled, fact.Outcome));
    }

    [Fact]
    public void Without_a_hold_a_survey_is_paid_in_full_when_it_is_told()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            3, work => work with { SurveysPer30Days = 30, SurveyHeldPercent = 0 }));
        Assert.InRange(fleet.Delivered(WorkKind.Survey).Count(), 8, int.MaxValue);
        Assert.Empty(fleet.Of<MarketFact.Kept>());
    }

    [Fact]
    public void Surveys_survive_a_lost_hub_and_handovers()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            4,
            work => work with { SurveysPer30Days = 30, SurveyHoldDays = 5 },
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
        Assert.InRange(fleet.Delivered(WorkKind.Survey).Count(), 8, int.MaxValue);
    }

    private static RunOptions Options(ulong seed) =>
        WorkFleet.Options(seed, work => work with { SurveysPer30Days = 30 });

    private static void ImmutablePrices(
        WorkFleet fleet,
        List<(MarketFact.Awarded Award, MarketFact.Delivered Delivery)> told,
        Dictionary<ContractId, KeptPay> kept) =>
        Assert.All(told, pair =>
        {
            Bounty bounty = fleet.Opened(WorkKind.Survey)[pair.Award.Winner.Bounty];
            Credits whole = pair.Award.Winner.PricePerLot.ForPart(pair.Delivery.Counted, bounty.Lot);
            Credits held = kept.GetValueOrDefault(pair.Delivery.Contract)?.Kept ?? Credits.Zero;
            Assert.Equal(whole, pair.Delivery.Paid + held);
            Assert.Equal(whole.Micro * 40 / 100, held.Micro);
        });
}
