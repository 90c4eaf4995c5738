using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

/// <summary>Screening of a hub's facts: who asks far more than its peers is found, and nobody else.</summary>
public sealed class BidScreeningTests
{
    private const int Nodes = 80;
    private const int Batches = 16;

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(20)]
    public void A_ring_that_asks_more_than_its_peers_is_found(int ring)
    {
        var screening = new BidScreening(new ScreenRules());
        foreach (FactStep step in Played(ring))
        {
            screening.Take(step);
        }

        Assert.Equal((Batches, Nodes), (screening.Batches, screening.Nodes));
        (RegionId region, ImmutableArray<ScreenFinding> findings) = Assert.Single(screening.Findings());
        Assert.Equal(new RegionId(1), region);
        Assert.Equal(
            Enumerable.Range(1, ring).Select(node => new NodeId((uint)node)),
            findings.Where(finding => finding.Reason == ScreenReason.ClaimsAboveClass)
                .Select(finding => finding.Node));
        ScreenGroup[] groups = [.. CollusionScreen.Groups(findings)
            .Where(group => group.Reason == ScreenReason.ClaimsAboveClass)];
        Assert.Equal(ring > 0 ? 1 : 0, groups.Length);
    }

    [Fact]
    public void Of_a_fleet_of_honest_nodes_hardly_anybody_is_flagged()
    {
        var screening = new BidScreening(new ScreenRules());
        foreach (FactStep step in FactsRun.Shared.Steps)
        {
            screening.Take(step);
        }

        Assert.NotEqual(0, screening.Batches);
        Assert.InRange(screening.Findings().Sum(hub => hub.Findings.Length), 0, screening.Nodes / 10);
    }

    // A hub opens a batch and begins the next in one step, as the product does.
    private static IEnumerable<FactStep> Played(int ring)
    {
        var random = new Random(ring);
        Instant now = Instant.Epoch;
        ulong number = 0;
        FactStep Step(params HubFact[] facts) => new(
            Party.Of(new RegionId(1)), ++number, now, [.. facts], []);
        for (uint node = 1; node <= Nodes; node++)
        {
            var enrol = new Enrol(new byte[32], 1, 1, Grams.FromTonnes(2), new Plan(1, default, now, []));
            yield return Step(new HubFact.NodeEnrolled(new NodeId(node), new Epoch(1), enrol));
        }

        for (uint cycle = 1; cycle <= Batches + 1; cycle++)
        {
            var request = new Request(
                new BountyId(1), Commodity.Water, new DepotId(1), Grams.FromTonnes(50), Grams.FromTonnes(5),
                Credits.FromWhole(900), Instant.Epoch + TimeSpan.FromDays(400));
            var opened = new HubFact.Market(new MarketFact.CycleOpened(
                new CycleNumber(cycle), now + TimeSpan.FromHours(12), [request]));
            yield return cycle == 1 ? Step(opened)
                : Step(new HubFact.Market(new MarketFact.Cleared(new CycleNumber(cycle - 1), [1])), opened);
            for (uint node = 1; cycle <= Batches && node <= Nodes; node++)
            {
                double error = 1 + (0.05 * ((random.NextDouble() * 2) - 1));
                var ask = new Credits((long)(300e6 * error * (node <= ring ? 1.4 : 1)));
                var step = new BidStep(Grams.FromTonnes(2), ask, now + TimeSpan.FromDays(5), TimeSpan.Zero);
                var sheet = new BidSheet(new CycleNumber(cycle), NoBidReason.None,
                    [new Bid(new BountyId(1), NoBidReason.None, [step])]);
                yield return Step(new HubFact.Market(new MarketFact.SheetTaken(new NodeId(node), sheet)));
            }

            now += TimeSpan.FromHours(12);
        }
    }
}
