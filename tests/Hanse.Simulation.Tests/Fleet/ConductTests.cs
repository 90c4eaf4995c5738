using System;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Fleets in which some do other than they say, and machines that wear breaks.</summary>
public sealed class ConductTests
{
    // One run cannot say what lying gains; that a lie of half a price does not pay on the mean, it can.
    [Fact]
    public void Who_asks_half_as_much_again_earns_less_and_who_asks_too_little_loses_money()
    {
        RunReport report = Play(7, Calm.Honest with { OverClaimersPercent = 20, UnderClaimersPercent = 20 });
        ConductFigures honest = Of(report, "Honest");
        Assert.True(Of(report, "OverClaimer").Profit < honest.Profit);
        Assert.True(Of(report, "UnderClaimer").LosingShare > honest.LosingShare);
        Assert.Equal(60, report.Economy.Conduct.Sum(kind => kind.Nodes));
    }

    [Fact]
    public void Who_does_not_come_is_not_paid()
    {
        RunReport report = Play(8, Calm.Honest with { NoShowsPercent = 20 });
        ConductFigures lazy = Of(report, "NoShow");
        Assert.True(lazy.Nodes > 3);
        Assert.Equal(0, lazy.Settled);
        Assert.True(lazy.Profit < 0);
        Assert.True(report.Contracts.Expired > 10);
    }

    [Fact]
    public void A_ring_is_of_the_first_region_and_an_honest_fleet_has_no_kinds()
    {
        Assert.Equal(6, Of(Play(9, Calm.Honest with { RingNodes = 6 }), "Ring").Nodes);
        Assert.Empty(Play(9, Calm.Honest).Economy.Conduct);
    }

    [Fact]
    public void Without_a_price_nobody_bids_and_all_say_so()
    {
        RunReport report = Play(10, Calm.Honest, pricing: _ => new Silent());
        Assert.Equal(0, report.Contracts.Awarded);
        Assert.Contains(report.Economy.NoBids, answer => answer.Reason == nameof(NoBidReason.NoPrice));
    }

    // As many as the law says: with a scale of a tenth of a life, and some two hundredths worn in a month by
    // each of sixty nodes, one loss in five nodes for a shape of one.
    [Fact]
    public void Wear_breaks_as_many_machines_as_its_law_says()
    {
        int broken = 0;
        double expected = 0;
        for (ulong seed = 20; seed < 26; seed++)
        {
            RunReport report = Play(seed, Calm.Honest, fleet: fleet => fleet with
            {
                FailureShape = 1,
                FailureWearPercent = 10,
                MachineCredits = 1,
            });
            broken += report.Deaths;
            // Every loss to expect costs its contract a machine of one credit; spares are free here.
            expected += report.Economy.Settled.Wear;
        }

        Assert.InRange(expected, 20, 400);
        Assert.InRange(broken, expected * 0.7, (expected * 1.5) + 10);
    }

    private static ConductFigures Of(RunReport report, string conduct) =>
        report.Economy.Conduct.Single(kind => kind.Conduct == conduct);

    private static RunReport Play(
        ulong seed, ConductSection conduct, Func<FleetSection, FleetSection>? fleet = null,
        Func<NodeSpec, IPricing>? pricing = null)
    {
        Scenario sound = Calm.Fleet(seed);
        return SimulationRun.Play(new RunOptions
        {
            Seed = seed,
            Pricing = pricing,
            Scenario = sound with
            {
                Conduct = conduct,
                Fleet = fleet?.Invoke(sound.Fleet) ?? sound.Fleet,
                Market = fleet is null ? sound.Market : sound.Market with { SparesCreditsPerLife = 0.001 },
            },
        });
    }

    private sealed class Silent : IPricing
    {
        public PricingAnswer? Price(in PricingInput input) => null;
    }
}
