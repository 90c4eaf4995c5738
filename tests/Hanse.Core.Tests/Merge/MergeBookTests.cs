using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Merge;

/// <summary>Returns of many nodes, merged with what their hub decided meanwhile.</summary>
public sealed class MergeBookTests
{
    [Fact]
    public void Returns_in_any_order_give_the_same_bytes() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample(
            (seed, order) =>
            {
                var one = new Fleet(seed);
                var other = new Fleet(seed);
                one.MergeAll(1);
                other.MergeAll(order);
                Assert.Equal(one.Region.Bytes, other.Region.Bytes);
                Assert.Equal(one.Book.Settle(), other.Book.Settle());
                Assert.Equal(one.Region.Bytes, other.Region.Bytes);
                Assert.Equal(one.Book.Contradictions(), other.Book.Contradictions());
            },
            iter: 2_000);

    [Fact]
    public void Nothing_is_lost_and_nothing_counts_twice() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample(
            (seed, order) =>
            {
                var fleet = new Fleet(seed);
                fleet.Region.Check();
                fleet.MergeAll(order);
                fleet.Region.Check();
                _ = fleet.Book.Settle();
                fleet.Region.Check();
                byte[] settled = fleet.Region.Bytes;
                Assert.Empty(fleet.Book.Settle());
                Assert.Equal(settled, fleet.Region.Bytes);
            },
            iter: 2_000);

    [Fact]
    public void Replay_and_snapshot_give_equal_books() =>
        Gen.ULong.Sample(
            seed =>
            {
                var fleet = new Fleet(seed);
                fleet.MergeAll(seed);
                _ = fleet.Book.Settle();
                Region replayed = fleet.Region.Replayed();
                Assert.Equal(fleet.Region.Bytes, replayed.Bytes);
                Region restored = fleet.Region.Restored();
                Assert.Equal(fleet.Region.Bytes, restored.Bytes);
                Weighing late = At(9, 1, 3, 1);
                Assert.Equal(
                    replayed.Book.Deliveries.Weigh(late), restored.Book.Deliveries.Weigh(late));
                Assert.Equal(replayed.Book.Settle(), restored.Book.Settle());
                Assert.Equal(replayed.Bytes, restored.Bytes);
            },
            iter: 500);

    [Fact]
    public void A_book_is_as_large_as_what_happened_between_two_returns_however_old_it_is() =>
        Gen.ULong.Sample(
            seed =>
            {
                var prng = new Prng(seed);
                var region = new Region();
                var docking = new uint[4];
                var told = new uint[4];
                var size = new ulong[4];
                int young = 0;
                for (int round = 0; round < 400; round++)
                {
                    // A node wins, or not; docks, in time or late; and comes home now and then.
                    ulong bounty = 1 + (ulong)(round / 4);
                    uint node = (uint)(round % 4);
                    if (round % 4 == 0)
                    {
                        region.Post(bounty, 10);
                    }

                    Contract? work = region.Award(bounty, node, 2, Credits.FromWhole(5), 50 + round);
                    if (work is not null && prng.Below(3) == 0)
                    {
                        region.Recall(work.Id.Value);
                    }

                    docking[node]++;
                    _ = region.Book.Deliveries.Weigh(Docked(node, docking[node], work, round));
                    _ = region.Book.Settle();
                    if (prng.Below(4) == 0)
                    {
                        var claims = new List<DeliveryClaim>();
                        while (told[node] < docking[node])
                        {
                            told[node]++;
                            claims.Add(Claim(told[node], 0, 2) with { Receipt = default });
                        }

                        NodeReturn theirs = Return(node, size[node], ++size[node]);
                        _ = Merge(region, theirs with { Deliveries = [.. claims] });
                    }

                    region.Forget(1 + (ulong)Math.Max(0, round - 20));
                    young = round == 100 ? Snapshot.Of(region.Book.Shape).Length : young;
                }

                region.Check();
                for (uint node = 0; node < 4; node++)
                {
                    Assert.Null(region.Book.Deliveries.Told(new DockingId(new NodeId(node), told[node])));
                }

                Assert.Equal(
                    docking.Zip(told, (all, heard) => (int)(all - heard)).Sum(),
                    region.Book.Deliveries.Count);
                Assert.True(Snapshot.Of(region.Book.Shape).Length < young + 4_000);
            },
            iter: 50);

    [Fact]
    public void A_node_that_never_comes_home_or_tells_of_dockings_that_never_were_fills_no_book()
    {
        var region = new Region();
        for (uint docking = 1; docking <= 1_000; docking++)
        {
            Assert.Equal(
                WeighVerdict.Taken, region.Book.Deliveries.Weigh(Docked(1, docking, null, docking)));
            _ = region.Book.Settle();
        }

        Assert.Equal(DeliveryBook.DockingsMax, region.Book.Deliveries.Count);
        _ = Merge(region, Return(2, 0, 1) with
        {
            Deliveries = [.. Enumerable.Range(1, 1_000).Select(
                docking => Claim((uint)docking, 0, 1) with { Receipt = default })],
        });
        Assert.Equal(2 * DeliveryBook.DockingsMax, region.Book.Deliveries.Count);
    }

    [Fact]
    public void Every_kind_of_conflict_is_met() =>
        Assert.Equal(
            Enum.GetValues<ConflictKind>(),
            Enumerable.Range(0, 300).SelectMany(seed =>
            {
                var fleet = new Fleet((ulong)seed);
                fleet.MergeAll(7);
                return fleet.Conflicts.Concat(fleet.Book.Settle()).Concat(fleet.Book.Contradictions());
            }).Select(conflict => conflict.Kind).Distinct().Order());

    [Fact]
    public void Running_work_is_not_replaced_and_a_newer_intent_is_not_reverted()
    {
        Region region = Market();
        MergeBook book = region.Book;
        Assert.True(book.Intend(new NodeId(1), 5, new ContractId(2)));
        MergeOutcome outcome = Merge(region, Return(1, 0, 1) with
        {
            Running = new ContractId(1),
            IntentHeard = 3,
        });
        Assert.Empty(outcome.Conflicts);
        NodeLine line = book.Of(new NodeId(1));
        Assert.Equal((1ul, 5u, 2ul), (line.Running.Value, line.Intent, line.Intended.Value));
        Assert.False(book.Intend(new NodeId(1), 5, new ContractId(3)));

        // A hub that was thought dead had given a later intent.
        _ = Merge(region, Return(1, 1, 2) with { Running = new ContractId(1), IntentHeard = 8 });
        Assert.False(book.Intend(new NodeId(1), 8, new ContractId(3)));
        Assert.True(book.Intend(new NodeId(1), 9, new ContractId(3)));
    }

    [Fact]
    public void Work_that_was_given_to_another_stops()
    {
        Region region = Market();
        MergeBook book = region.Book;
        region.Recall(1);
        MergeOutcome outcome = Merge(region, Return(1, 0, 1) with { Running = new ContractId(1) });
        Conflict conflict = Assert.Single(outcome.Conflicts);
        Assert.Equal((ConflictKind.StaleLease, MergeRule.EpochFences), (conflict.Kind, conflict.Rule));
        Assert.Equal(default, book.Of(new NodeId(1)).Running);
    }

    [Fact]
    public void A_late_delivery_gets_what_is_open_and_never_what_another_holds()
    {
        // Ten tonnes; node 1 had six and lost them; node 2 was given eight of the ten. Two are open.
        Region region = Market();
        MergeBook book = region.Book;
        region.Recall(1);
        Assert.NotNull(region.Award(1, 2, 8, Credits.FromWhole(7)));
        MergeOutcome outcome = Merge(region, Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.Contains(outcome.Conflicts, conflict => conflict.Kind == ConflictKind.LateDelivery);
        _ = book.Deliveries.Weigh(At(2, 2, 2, 8));
        Assert.Equal(ConflictKind.LateDelivery, Assert.Single(book.Settle()).Kind);
        DeliveryFact.Settled late = Assert.Single(region.Settled, s => s.Docking == Docking(1, 1));

        // A third of 30 credits.
        Assert.Equal((2_000_000, 10_000_000), (late.Counted.Value, late.Paid.Micro));
        OpenBounty bounty = region.Market.Bounties.Values.Single();
        Assert.Equal((10_000_000, 0), (bounty.Delivered.Value, bounty.UnderContract.Value));

        // The same again, by the depot's own word and by a second journal: nothing more.
        Assert.Equal(WeighVerdict.History, book.Deliveries.Weigh(At(1, 1, 1, 6)));
        MergeOutcome twice = Merge(region, Return(1, 1, 2) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.Equal(ConflictKind.StockMismatch, Assert.Single(twice.Conflicts).Kind);
        Assert.Empty(book.Settle());
        region.Check();
    }

    [Fact]
    public void Of_two_late_deliveries_the_earlier_docking_is_served_first_whoever_came_home_first()
    {
        foreach (bool isSwapped in new[] { false, true })
        {
            Region region = Market();
            MergeBook book = region.Book;
            Assert.NotNull(region.Award(1, 2, 4, Credits.FromWhole(5)));
            region.Recall(1);
            region.Recall(2);
            Assert.NotNull(region.Award(1, 3, 7, Credits.FromWhole(3)));
            NodeReturn[] returns =
            [
                Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] },
                Return(2, 0, 1) with { Deliveries = [Claim(2, 2, 4) with { At = new Instant(1) }] },
            ];
            foreach (NodeReturn theirs in isSwapped ? returns.Reverse() : returns)
            {
                _ = Merge(region, theirs);
            }

            _ = book.Settle();
            Assert.Equal(0, Counted(region, 1, 1)); // Docked at 10.
            Assert.Equal(3_000_000, Counted(region, 2, 2)); // Docked at 1; three tonnes were open.
        }
    }

    [Fact]
    public void Nodes_count_their_own_dockings_and_a_contract_is_paid_once_however_often_it_docks()
    {
        Region region = Market();
        MergeBook book = region.Book;
        Assert.NotNull(region.Award(1, 2, 4, Credits.FromWhole(5)));
        _ = Merge(region, Return(2, 0, 1) with { Deliveries = [Claim(1, 2, 4)] });
        _ = Merge(region, Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 3), Claim(2, 1, 3)] });
        Conflict twice = Assert.Single(book.Settle());
        Assert.Equal((ConflictKind.CountedTwice, 1u), (twice.Kind, twice.Theirs.Node.Value));
        Assert.Equal((4_000_000, 3_000_000), (Counted(region, 1, 2), Counted(region, 1, 1)));
        Assert.Equal(0, Counted(region, 2, 1));
        Assert.Equal(1ul, book.Met[(ConflictKind.CountedTwice, false)]);
        region.Check();
    }

    [Fact]
    public void A_contract_is_judged_by_the_market_and_one_that_it_has_forgotten_is_settled()
    {
        Region region = Market();
        region.Recall(1);
        Assert.NotNull(region.Award(1, 2, 4, Credits.FromWhole(5)));
        (ConflictKind Kind, bool IsSettled)[] Met(uint node, ulong contract, uint epoch, long until)
        {
            ulong size = region.Book.Of(new NodeId(node)).Size;
            var subject = new LeaseSubject(LeaseKind.Contract, contract);
            var lease = new Lease(
                subject, new NodeId(node), new Epoch(epoch), new Instant(1),
                Instant.Epoch + TimeSpan.FromSeconds(until));
            return [.. Merge(region, Return(node, size, size + 1) with { Leases = [lease] })
                .Conflicts.Select(conflict => (conflict.Kind, conflict.IsSettled))];
        }

        Assert.Empty(Met(1, 1, 1, 50)); // It was its own until it was due, though it has run out since.
        Assert.Equal([(ConflictKind.StaleLease, true)], Met(1, 1, 1, 51));
        Assert.Empty(Met(2, 2, 2, 50));
        Assert.Equal([(ConflictKind.DoubleAllocation, false)], Met(1, 2, 2, 50));
        Assert.Equal([(ConflictKind.DoubleAllocation, false)], Met(2, 2, 1, 50));
        Assert.Equal([(ConflictKind.StaleLease, false)], Met(2, 3, 3, 50));
        region.Forget(1);
        Assert.Equal([(ConflictKind.StaleLease, true)], Met(1, 1, 1, 50));
    }

    [Fact]
    public void A_delivery_nobody_weighed_is_not_paid_until_somebody_does()
    {
        Region region = Market();
        MergeBook book = region.Book;
        MergeOutcome outcome = Merge(region, Return(1, 0, 1) with
        {
            Deliveries = [Claim(1, 1, 6) with { Receipt = Grams.Zero }],
        });
        Conflict conflict = Assert.Single(outcome.Conflicts);
        Assert.Equal((ConflictKind.StockMismatch, MergeRule.ScaleCounts), (conflict.Kind, conflict.Rule));
        Assert.Empty(book.Settle());
        Assert.Equal(0, region.Paid);
        _ = book.Deliveries.Weigh(At(1, 1, 1, 5));
        Assert.Equal(5_000_000, book.Deliveries.Outflow(new NodeId(1), Commodity.Nickel).Value);
        Assert.Empty(book.Settle());
        Assert.Equal(25_000_000, region.Paid); // Five sixths of 30 credits.
    }

    [Fact]
    public void A_level_is_corrected_and_one_that_does_not_add_up_is_the_lesser()
    {
        Region region = Market();
        MergeBook book = region.Book;

        // It reads 5 % too much, so 10.5 t gained are 10 t, and so are 10.5 t aboard.
        MergeOutcome fits = book.Merge(Return(1, 0, 1) with { Stocks = [Stock(10_500, 10_500)] },
            Standing.Corrected, Fleet.Cargo);
        Assert.Empty(fits.Conflicts);
        Assert.Equal(10_000_000, book.Of(new NodeId(1)).StockOf(Commodity.Nickel).Level.Value);

        // Nothing more gained and five tonnes more aboard is a story.
        MergeOutcome story = book.Merge(Return(1, 1, 2) with { Stocks = [Stock(0, 15_750)] },
            Standing.Corrected, Fleet.Cargo);
        Conflict conflict = Assert.Single(story.Conflicts);
        Assert.Equal((ConflictKind.StockMismatch, MergeRule.LesserStands), (conflict.Kind, conflict.Rule));
        Assert.Equal(10_000_000, book.Of(new NodeId(1)).StockOf(Commodity.Nickel).Level.Value);
    }

    [Fact]
    public void A_quarantined_node_delivers_and_spends_but_is_not_believed_until_an_operator_looks()
    {
        Region region = Market();
        MergeBook book = region.Book;
        _ = book.Quotas.Open(new QuotaId(1), 10);
        Epoch epoch = book.Quotas.Give(new QuotaId(1), new NodeId(1), 5)!.Value;
        NodeReturn theirs = Return(1, 0, 1) with
        {
            Deliveries = [Claim(1, 1, 6)],
            Stocks = [Stock(7_000, 1_000)],
            Spent = [new SpendClaim(new QuotaId(1), epoch, 7, true)],
            Sites = [new SiteClaim(new SiteId(1), Grams.Zero)],
            Maps = [new MapClaim(1, Belief.Of(1, 1))],
            Wear = new PartsPerMillion(9),
        };
        MergeOutcome outcome = book.Merge(theirs, Standing.Quarantined, Fleet.Cargo);
        Assert.Equal(
            ConflictKind.OverSpentQuota, Assert.Single(outcome.Conflicts, c => !c.IsSettled).Kind);
        Assert.Empty(book.Settle());
        Assert.Equal(30_000_000, region.Paid);
        Assert.Equal(5, book.Quotas.Find(new QuotaId(1))!.Spent);
        Assert.Null(book.Maps.Fused(1));
        Assert.Null(book.Remaining(new SiteId(1)));
        NodeLine line = book.Of(new NodeId(1));
        Assert.Equal((0, 0L), (line.Wear.Value, line.StockOf(Commodity.Nickel).Gained.Value));

        // It stays so, whatever validation says of its next return, until somebody has looked.
        _ = book.Merge(Return(1, 1, 2), Standing.Trusted, Fleet.Cargo);
        Assert.Equal(Standing.Quarantined, book.Of(new NodeId(1)).Standing);
        book.Rehabilitate(new NodeId(1));
        line = book.Of(new NodeId(1));
        Assert.Equal(Standing.Corrected, line.Standing);
        Assert.Equal(6_666_667, line.StockOf(Commodity.Nickel).Gained.Value);
    }

    [Fact]
    public void A_return_cut_from_another_base_is_asked_for_again_from_where_the_book_is()
    {
        Region region = Market();
        MergeBook book = region.Book;
        Assert.Equal((MergeVerdict.OtherBase, 0ul), Seen(Merge(region, Return(1, 2, 4))));
        Assert.Equal((MergeVerdict.Merged, 2ul), Seen(Merge(region, Return(1, 0, 2))));
        Assert.Equal((MergeVerdict.Repeated, 2ul), Seen(Merge(region, Return(1, 0, 2))));
        Assert.Equal((MergeVerdict.OtherBase, 2ul), Seen(Merge(region, Return(1, 1, 4))));

        static (MergeVerdict, ulong) Seen(MergeOutcome outcome) => (outcome.Verdict, outcome.Size);
    }

    [Fact]
    public void Of_two_words_about_one_docking_the_lesser_stands_whichever_came_first()
    {
        Weighing[] words = [At(1, 1, 1, 6), At(1, 1, 1, 4), At(1, 1, 1, 5)];
        byte[]? first = null;
        foreach (int[] order in new int[][] { [0, 1, 2], [1, 0, 2], [2, 1, 0], [2, 0, 1] })
        {
            Region region = Market();
            MergeBook book = region.Book;
            DeliveryClaim told = Claim(1, 1, 6) with { Receipt = default };
            _ = Merge(region, Return(1, 0, 1) with { Deliveries = [told] });
            Assert.Equal(
                [WeighVerdict.Taken, WeighVerdict.Contradicted, WeighVerdict.Contradicted],
                order.Select(word => book.Deliveries.Weigh(words[word])));
            Assert.Equal(4_000_000, book.Deliveries.Outflow(new NodeId(1), Commodity.Nickel).Value);
            first ??= region.Bytes;
            Assert.Equal(first, region.Bytes);
            _ = book.Settle();
            Assert.Equal(4_000_000, Counted(region, 1, 1));

            // Once settled it never changes.
            Assert.Equal(WeighVerdict.History, book.Deliveries.Weigh(At(1, 1, 1, 3)));
            Assert.Empty(book.Settle());
            Assert.Equal(4_000_000, Counted(region, 1, 1));
        }
    }

    [Fact]
    public void A_tile_keeps_the_same_words_in_whatever_order_too_many_came()
    {
        var forth = new MapBook();
        var back = new MapBook();
        for (uint node = 0; node < 100; node++)
        {
            forth.Apply(3, new NodeId(node), Belief.Of(node, 5));
            back.Apply(3, new NodeId(99 - node), Belief.Of(99 - node, 5));
        }

        Assert.Equal(Snapshot.Of(forth.Shape), Snapshot.Of(back.Shape));
        back.Forget(new NodeId(0));
        for (uint node = 1; node < 100; node++)
        {
            back.Forget(new NodeId(node));
        }

        Assert.Null(back.Fused(3));
    }

    [Fact]
    public void A_docking_that_is_settled_and_told_is_forgotten_and_never_paid_again()
    {
        Region region = Market();
        MergeBook book = region.Book;
        _ = Merge(region, Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.NotNull(book.Deliveries.Find(Docking(1, 1)));
        _ = book.Settle();
        Assert.Equal(0, book.Deliveries.Count);
        Assert.Equal(WeighVerdict.History, book.Deliveries.Weigh(At(1, 1, 1, 6)));
        MergeOutcome again = Merge(region, Return(1, 1, 2) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.Equal(ConflictKind.StockMismatch, Assert.Single(again.Conflicts, c => !c.IsSettled).Kind);
        Assert.Equal(6_000_000, book.Deliveries.Outflow(new NodeId(1), Commodity.Nickel).Value);

        // A docking that the journal passed over, and one that the scale reports after it was told.
        _ = book.Deliveries.Weigh(At(2, 0, 1, 1));
        _ = book.Settle();
        _ = Merge(region, Return(1, 2, 3) with
        {
            Deliveries =
                [Claim(3, 0, 2) with { Receipt = default }, Claim(4, 0, 2) with { Receipt = default }],
        });
        Assert.Equal(2, book.Deliveries.Count);
        Assert.Equal(WeighVerdict.Taken, book.Deliveries.Weigh(At(4, 0, 1, 2)));
        Assert.Equal(WeighVerdict.Taken, book.Deliveries.Weigh(At(3, 0, 1, 2)));
        Assert.Empty(book.Settle()); // For no contract: nothing was awarded, nothing is contested.
        Assert.Equal(0, book.Deliveries.Count);
    }

    // One bounty of ten tonnes; node 1 has six of them at five credits each.
    private static Region Market()
    {
        var region = new Region();
        region.Post(1, 10);
        Assert.NotNull(region.Award(1, 1, 6, Credits.FromWhole(5)));
        return region;
    }

    private static DockingId Docking(uint node, uint number) => new(new NodeId(node), number);

    private static MergeOutcome Merge(Region region, NodeReturn theirs) =>
        region.Book.Merge(theirs, Standing.Trusted, Fleet.Cargo);

    private static long Counted(Region region, uint docking, uint node) =>
        region.Settled.Single(settled => settled.Docking == Docking(node, docking)).Counted.Value;

    private static StockClaim Stock(long gainedKilograms, long levelKilograms) => new(
        Commodity.Nickel, new Grams(gainedKilograms * 1_000), new Grams(levelKilograms * 1_000));

    private static DeliveryClaim Claim(uint docking, ulong contract, long tonnes) => new()
    {
        Docking = docking,
        Contract = new ContractId(contract),
        Epoch = new Epoch((uint)contract),
        Commodity = Commodity.Nickel,
        Claimed = new Grams(tonnes * 1_000_000),
        Receipt = new Grams(tonnes * 1_000_000),
        At = new Instant(10),
    };

    private static Weighing At(uint docking, ulong contract, uint node, long tonnes) => new()
    {
        Docking = Docking(node, docking),
        Contract = new ContractId(contract),
        Epoch = new Epoch((uint)contract),
        Commodity = Commodity.Nickel,
        Mass = new Grams(tonnes * 1_000_000),
        At = new Instant(10),
    };

    private static Weighing Docked(uint node, uint docking, Contract? work, long at) => new()
    {
        Docking = Docking(node, docking),
        Contract = work?.Id ?? default,
        Epoch = work?.Epoch ?? default,
        Commodity = Commodity.Nickel,
        Mass = new Grams(2_000_000),
        At = new Instant(at),
    };

    private static NodeReturn Return(uint node, ulong start, ulong size) => new()
    {
        Node = new NodeId(node),
        Base = start,
        Size = size,
        At = new Instant(100),
        Stocks = [],
        Propellant = default,
        Wear = default,
        Repaired = default,
        Leases = [],
        Deliveries = [],
        Spent = [],
        Sites = [],
        Maps = [],
        Running = default,
        IntentHeard = 0,
    };
}
