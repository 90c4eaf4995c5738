using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>Screens on batches so small that one sees who did what.</summary>
public sealed class CollusionScreenTests
{
    private const long Reserve = 100_000;

    // One request for two loads of a tonne; ten nodes, whose models say 50,000 and a hundred more each.
    private const int Nodes = 10;

    [Fact]
    public void Honest_nodes_that_err_by_a_tenth_are_not_flagged() =>
        Gen.Long[-1_000, 1_000].Array[Nodes * 30].Sample(
            errors =>
            {
                var screen = new CollusionScreen(new ScreenRules());
                for (int batch = 0; batch < 30; batch++)
                {
                    Add(screen, batch, node =>
                        Model(node) * (10_000 + errors[(batch * Nodes) + node]) / 10_000);
                }

                Assert.DoesNotContain(screen.Findings(), f => f.Reason != ScreenReason.LosesTogether);
            },
            iter: 50);

    [Fact]
    public void A_ring_that_asks_more_than_its_class_is_flagged_after_four_batches_and_named_as_a_group()
    {
        var screen = new CollusionScreen(new ScreenRules());
        for (int batch = 0; batch < 4; batch++)
        {
            Assert.Empty(screen.Findings());
            Add(screen, batch, node => node < 4 ? Model(node) * 13 / 10 : Model(node));
        }

        ScreenFinding[] above =
            [.. screen.Findings().Where(f => f.Reason == ScreenReason.ClaimsAboveClass)];
        Assert.Equal([1U, 2U, 3U, 4U], above.Select(finding => finding.Node.Value));
        Assert.All(above, finding => Assert.InRange(finding.Measure, 1_295_000, 1_305_000));
        ScreenGroup group = Assert.Single(CollusionScreen.Groups([.. above]));
        Assert.Equal((ScreenReason.ClaimsAboveClass, new DepotId(1), 4),
            (group.Reason, group.Depot, group.Nodes.Length));
    }

    [Fact]
    public void A_class_that_errs_as_a_whole_is_not_flagged()
    {
        var screen = new CollusionScreen(new ScreenRules());
        for (int batch = 0; batch < 8; batch++)
        {
            Add(screen, batch, node => Model(node) * 14 / 10);
        }

        Assert.DoesNotContain(screen.Findings(), f => f.Reason == ScreenReason.ClaimsAboveClass);
    }

    [Fact]
    public void Losers_that_bid_alike_and_far_from_the_winners_are_covering()
    {
        var screen = new CollusionScreen(new ScreenRules());
        for (int batch = 0; batch < 4; batch++)
        {
            Add(screen, batch, node => node < 2 ? Model(node) : 95_000 + node);
        }

        ScreenFinding[] covering = [.. screen.Findings().Where(f => f.Reason == ScreenReason.CoverBids)];
        Assert.Equal(Nodes - 2, covering.Length);
        Assert.All(covering, finding => Assert.True(finding.Node.Value > 2));
    }

    [Fact]
    public void Two_that_win_by_turns_are_flagged_and_two_that_win_as_chance_has_it_are_not()
    {
        var screen = new CollusionScreen(new ScreenRules());
        for (int batch = 0; batch < 48; batch++)
        {
            // Nodes 1 and 2 by turns, with 3 and 4 by what is no turn of theirs.
            Add(screen, batch, node => node switch
            {
                0 or 1 => batch % 2 == node ? 40_000 : 60_000,
                2 or 3 => batch % 4 / 2 == node - 2 ? 41_000 : 61_000,
                _ => 90_000 + (1_000 * node),
            });
        }

        NodeId[] turns = [.. screen.Findings().Where(f => f.Reason == ScreenReason.WinsInTurns)
            .Select(finding => finding.Node)];
        Assert.Equal([1U, 2U, 3U, 4U], turns.Select(node => node.Value));
        Assert.Equal([1_000_000L], screen.Findings().Where(f => f.Reason == ScreenReason.WinsInTurns)
            .Select(finding => finding.Measure).Distinct());
    }

    [Fact]
    public void Those_that_never_win_what_they_would_gain_by_lose_together()
    {
        var screen = new CollusionScreen(new ScreenRules());
        for (int batch = 0; batch < 24; batch++)
        {
            Add(screen, batch, node => node < 3 ? 80_000 : 60_000 + (100 * node));
        }

        NodeId[] losing = [.. screen.Findings().Where(f => f.Reason == ScreenReason.LosesTogether)
            .Select(finding => finding.Node)];
        Assert.Contains(new NodeId(1), losing);
        Assert.Contains(new NodeId(3), losing);
        Assert.DoesNotContain(new NodeId(4), losing);
    }

    [Fact]
    public void A_batch_that_was_taken_is_not_taken_again_and_one_long_ago_is_forgotten()
    {
        var screen = new CollusionScreen(new ScreenRules());
        for (int batch = 0; batch < 4; batch++)
        {
            Add(screen, 0, node => node < 4 ? Model(node) * 2 : Model(node));
        }

        Assert.Empty(screen.Findings());
        Add(screen, 1_000, Model);
        Assert.Empty(screen.Findings());
    }

    [Fact]
    public void A_snapshot_finds_what_it_would_have_found() =>
        Gen.Long[0, 3].Array[Nodes * 12].Sample(
            drawn =>
            {
                var screen = new CollusionScreen(new ScreenRules());
                var restored = new CollusionScreen(new ScreenRules());
                for (int batch = 0; batch < 12; batch++)
                {
                    Snapshot.Into(Snapshot.Of(screen.Shape), restored.Shape);
                    foreach (CollusionScreen one in new[] { screen, restored })
                    {
                        Add(one, batch * 7, node => 45_000 + (15_000 * drawn[(batch * Nodes) + node]));
                    }
                }

                Assert.Equal(Snapshot.Of(screen.Shape), Snapshot.Of(restored.Shape));
                Assert.Equal(screen.Findings(), restored.Findings());
            },
            iter: 50);

    private static long Model(int node) => 50_000 + (100 * node);

    private static void Add(CollusionScreen screen, int batch, Func<int, long> claim)
    {
        var cycle = new CycleNumber((uint)batch + 1);
        ImmutableArray<Request> requests =
        [
            new Request(new BountyId(1), Commodity.Nickel, new DepotId(1), Grams.FromTonnes(2),
                Grams.FromTonnes(1), new Credits(Reserve), At(10)),
        ];
        var sheets = new SortedDictionary<NodeId, BidSheet>();
        for (int node = 0; node < Nodes; node++)
        {
            var step = new BidStep(Grams.FromTonnes(1), new Credits(claim(node)), At(5), TimeSpan.Zero);
            sheets[new NodeId((uint)node + 1)] = new BidSheet(cycle, NoBidReason.None,
                [new Bid(new BountyId(1), NoBidReason.None, [step])]);
        }

        ClearingResult result = new WinnerDetermination().Run(cycle, Instant.Epoch, requests, sheets);
        screen.Add(cycle, requests, sheets, result, _ => new DesignClass(1),
            (node, _, _) => new Credits(Model((int)node.Value - 1)));
    }

    private static Instant At(int hour) => Instant.Epoch + TimeSpan.FromHours(hour);
}
