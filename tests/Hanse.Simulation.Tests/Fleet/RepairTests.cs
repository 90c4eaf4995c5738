using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Machines that break down, in a fleet: who mends them, who is paid, and who gains by
/// lying.</summary>
/// <remarks>The checker looks on in every run: what is broken does not move, and nobody is paid for a repair
/// that did not happen.</remarks>
public sealed class RepairTests
{
    private static readonly Lazy<WorkFleet> _honest = new(() => WorkFleet.Play(Options(1, 0)));

    private static readonly Lazy<WorkFleet> _denying = new(() => WorkFleet.Play(
        Options(4, 0, conduct => conduct with { DeniersPercent = 100 })));

    private static readonly Lazy<WorkFleet> _lying = new(() => WorkFleet.Play(
        Options(5, 0, conduct => conduct with { FalseMendersPercent = 50 })));

    /// <summary>All are honest. Like the next two it is looked at here and audited elsewhere, and played
    /// once.</summary>
    internal static WorkFleet Honest => _honest.Value;

    /// <summary>All deny that they were mended.</summary>
    internal static WorkFleet Denying => _denying.Value;

    /// <summary>Half of them only say that they mended.</summary>
    internal static WorkFleet Lying => _lying.Value;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0.2)]
    public void What_breaks_down_is_mended_and_pays_for_it_itself(ulong seed, double spares)
    {
        WorkFleet fleet = (seed, spares) == (1, 0) ? Honest : WorkFleet.Play(Options(seed, spares));
        RepairFigures repairs = fleet.Report.Repairs;
        Assert.InRange(repairs.Breakdowns, 10, int.MaxValue);
        Assert.InRange(repairs.Mended, repairs.Breakdowns / 2, repairs.Breakdowns);
        var paid = fleet.Delivered(WorkKind.Repair).ToList();
        Assert.InRange(paid.Count + repairs.BorneOut, repairs.Mended - 3, repairs.Mended);
        Assert.All(paid, pair =>
        {
            Bounty call = fleet.Opened(WorkKind.Repair)[pair.Award.Winner.Bounty];
            Assert.NotEqual(call.Id.Patient, pair.Award.Winner.Node);
            Assert.True(pair.Delivery.Paid <= call.Worth, "more than was set aside");
        });

        // Nothing of it is minted, and nothing goes home.
        Assert.DoesNotContain(fleet.Hub.OfType<HubFact.TransferSent>(), sent => sent.Bounty.IsHelp);
        Assert.True(fleet.Report.Ledger.Balanced);
        Assert.Equal(
            spares > 0, fleet.Of<MarketFact.PartsTaken>().Any());
        Assert.Equal(0, fleet.Report.Returns.Quarantined);
    }

    [Fact]
    public void A_machine_works_on_when_it_was_mended()
    {
        WorkFleet fleet = WorkFleet.Play(Options(3, 0));
        var mended = fleet.Of<MarketFact.Delivered>()
            .Join(fleet.Of<MarketFact.Awarded>(), d => d.Contract, a => a.Contract, (_, award) => award)
            .Where(award => award.Winner.Bounty.IsHelp)
            .Select(award => award.Winner.Bounty.Patient)
            .ToHashSet();
        var later = new HashSet<NodeId>();
        var calls = new HashSet<NodeId>();
        foreach (MarketFact fact in fleet.Market)
        {
            _ = fact is MarketFact.HelpOpened opened && calls.Add(opened.Bounty.Id.Patient);
            _ = fact is MarketFact.Awarded award && calls.Contains(award.Winner.Node)
                && later.Add(award.Winner.Node);
        }

        Assert.InRange(mended.Intersect(later).Count(), mended.Count / 2, mended.Count);
    }

    [Fact]
    public void One_that_denies_is_held_to_what_it_does_and_pays_all_the_same()
    {
        WorkFleet fleet = Denying;
        RepairFigures repairs = fleet.Report.Repairs;
        var moved = fleet.Of<MarketFact.HelpChanged>().Where(changed => changed.State == HelpState.Moved)
            .Select(changed => changed.Bounty).ToHashSet();
        Assert.DoesNotContain(fleet.Delivered(WorkKind.Repair), pair =>
            pair.Delivery.Paid > Credits.Zero && !moved.Contains(pair.Award.Winner.Bounty));
        int paid = repairs.BorneOut
            + fleet.Delivered(WorkKind.Repair).Count(pair => pair.Delivery.Paid > Credits.Zero);
        Assert.InRange(repairs.Mended, 8, int.MaxValue);
        Assert.InRange(paid, 3 * repairs.Mended / 4, repairs.Mended);
    }

    [Fact]
    public void One_that_only_says_that_it_mended_is_not_paid()
    {
        WorkFleet fleet = Lying;
        RepairFigures repairs = fleet.Report.Repairs;
        Assert.InRange(repairs.Held, 5, int.MaxValue);
        Assert.InRange(repairs.Refuted, 4, int.MaxValue);
        Assert.InRange(repairs.Mended, 4, int.MaxValue); // By the honest, in the end.
    }

    [Fact]
    public void Repairs_survive_a_lost_hub_and_handovers()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(
            6,
            work => work with { RepairHours = 10 },
            scenario => Broken(scenario) with
            {
                Regions = scenario.Regions with { Count = 2, Anchors = ["Kalliope", "Lutetia"] },
                Faults = Broken(scenario).Faults with
                {
                    LostHubDay = 15,
                    LostHubDays = 20,
                    LostHubGoesOn = 0,
                    LostHubAdoptedDays = 2,
                    HandoversPer30Days = 20,
                },
            }));
        Assert.InRange(fleet.Report.Repairs.Mended, 4, int.MaxValue);
        Assert.True(fleet.Report.Ledger.Balanced);
    }

    [Fact]
    public void Without_repair_what_breaks_down_stays()
    {
        WorkFleet fleet = WorkFleet.Play(WorkFleet.Options(1, work => work, Broken));
        Assert.InRange(fleet.Report.Repairs.Breakdowns, 10, int.MaxValue);
        Assert.Equal(0, fleet.Report.Repairs.Mended);
        Assert.Empty(fleet.Of<MarketFact.HelpOpened>());
    }

    private static Scenario Broken(Scenario scenario) => scenario with
    {
        Faults = scenario.Faults with { BreakdownsPercentPer30Days = 50, DeathsPercentPer30Days = 5 },
    };

    // It heals in time to demand that no honest journal is quarantined.
    private static RunOptions Options(
        ulong seed, double spares, Func<ConductSection, ConductSection>? conduct = null) => WorkFleet.Options(
            seed,
            work => work with { RepairHours = 10, RepairSparesTonnes = spares },
            scenario => Broken(scenario) with
            {
                Conduct = conduct is null ? scenario.Conduct : conduct(scenario.Conduct),
            }) with
        {
            HealAfter = TimeSpan.FromDays(35),
        };
}
