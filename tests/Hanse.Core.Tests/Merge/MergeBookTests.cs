using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
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
                Assert.Equal(Snapshot.Of(one.Book.Shape), Snapshot.Of(other.Book.Shape));
                Assert.Equal(one.Book.Settle(), other.Book.Settle());
                Assert.Equal(Snapshot.Of(one.Book.Shape), Snapshot.Of(other.Book.Shape));
                Assert.Equal(one.Book.Contradictions(), other.Book.Contradictions());
            },
            iter: 2_000);

    [Fact]
    public void Nothing_is_lost_and_nothing_counts_twice() =>
        Gen.Select(Gen.ULong, Gen.ULong).Sample(
            (seed, order) =>
            {
                var fleet = new Fleet(seed);
                Fleet.Check(fleet.Book);
                fleet.MergeAll(order);
                Fleet.Check(fleet.Book);
                _ = fleet.Book.Settle();
                Fleet.Check(fleet.Book);
                byte[] settled = Snapshot.Of(fleet.Book.Shape);
                Assert.Empty(fleet.Book.Settle());
                Assert.Equal(settled, Snapshot.Of(fleet.Book.Shape));
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
                byte[] bytes = Snapshot.Of(fleet.Book.Shape);
                List<MergeFact> facts = [.. fleet.Facts];
                MergeBook replayed = fleet.Empty();
                facts.ForEach(replayed.Apply);
                Assert.Equal(bytes, Snapshot.Of(replayed.Shape));
                MergeBook restored = fleet.Empty();
                Snapshot.Into(bytes, restored.Shape);
                Assert.Equal(bytes, Snapshot.Of(restored.Shape));
                Weighing late = At(9, 1, 3, 1);
                Assert.Equal(replayed.Deliveries.Weigh(late), restored.Deliveries.Weigh(late));
                Assert.Equal(replayed.Settle(), restored.Settle());
            },
            iter: 500);

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
        MergeBook book = Market();
        Assert.True(book.Intend(new NodeId(1), 5, new ContractId(2)));
        MergeOutcome outcome = Merge(book, Return(1, 0, 1) with
        {
            Running = new ContractId(1),
            IntentHeard = 3,
        });
        Assert.Empty(outcome.Conflicts);
        NodeLine line = book.Of(new NodeId(1));
        Assert.Equal((1ul, 5u, 2ul), (line.Running.Value, line.Intent, line.Intended.Value));
        Assert.False(book.Intend(new NodeId(1), 5, new ContractId(3)));

        // A hub that was thought dead had given a later intent.
        _ = Merge(book, Return(1, 1, 2) with { Running = new ContractId(1), IntentHeard = 8 });
        Assert.False(book.Intend(new NodeId(1), 8, new ContractId(3)));
        Assert.True(book.Intend(new NodeId(1), 9, new ContractId(3)));
    }

    [Fact]
    public void Work_that_was_given_to_another_stops()
    {
        MergeBook book = Market();
        book.Deliveries.Recall(new ContractId(1));
        MergeOutcome outcome = Merge(book, Return(1, 0, 1) with { Running = new ContractId(1) });
        Conflict conflict = Assert.Single(outcome.Conflicts);
        Assert.Equal((ConflictKind.StaleLease, MergeRule.EpochFences), (conflict.Kind, conflict.Rule));
        Assert.Equal(default, book.Of(new NodeId(1)).Running);
    }

    [Fact]
    public void A_late_delivery_gets_what_is_open_and_never_what_another_holds()
    {
        // Ten tonnes; node 1 had six and lost them; node 2 was given eight of the ten. Two are open.
        MergeBook book = Market();
        book.Deliveries.Recall(new ContractId(1));
        Assert.True(book.Deliveries.Allot(Work(2, 2, 8, 60)));
        MergeOutcome outcome = Merge(book, Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.Contains(outcome.Conflicts, conflict => conflict.Kind == ConflictKind.LateDelivery);
        _ = book.Deliveries.Weigh(At(2, 2, 2, 8));
        Assert.Equal(ConflictKind.LateDelivery, Assert.Single(book.Settle()).Kind);
        Docking late = book.Deliveries.Find(new DockingId(new DepotId(1), 1), new NodeId(1))!;
        Assert.Equal((2_000_000, 10_000_000), (late.Counted.Value, late.Paid.Micro)); // A third of 30 credits.
        Assert.Equal((10_000_000, 0), Line(book));

        // The same again, by the depot's own word and by a second journal: nothing more.
        Assert.Equal(WeighVerdict.Repeated, book.Deliveries.Weigh(late.Weighing));
        MergeOutcome twice = Merge(book, Return(1, 1, 2) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.Equal(ConflictKind.CountedTwice, Assert.Single(twice.Conflicts).Kind);
        Assert.Empty(book.Settle());
        Fleet.Check(book);

        static (long, long) Line(MergeBook book)
        {
            BountyLine line = book.Deliveries.Bounties.Single().Value;
            return (line.Delivered.Value, line.UnderContract.Value);
        }
    }

    [Fact]
    public void Of_two_late_deliveries_the_earlier_docking_is_served_first_whoever_came_home_first()
    {
        foreach (bool isSwapped in new[] { false, true })
        {
            MergeBook book = Market();
            Assert.True(book.Deliveries.Allot(Work(2, 2, 4, 20)));
            book.Deliveries.Recall(new ContractId(1));
            book.Deliveries.Recall(new ContractId(2));
            Assert.True(book.Deliveries.Allot(Work(3, 3, 7, 20)));
            NodeReturn[] returns =
            [
                Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] },
                Return(2, 0, 1) with { Deliveries = [Claim(2, 2, 4) with { At = new Instant(1) }] },
            ];
            foreach (NodeReturn theirs in isSwapped ? returns.Reverse() : returns)
            {
                _ = Merge(book, theirs);
            }

            _ = book.Settle();
            Assert.Equal(0, Counted(book, 1, 1)); // Docked at 10.
            Assert.Equal(3_000_000, Counted(book, 2, 2)); // Docked at 1; three tonnes were open.
        }
    }

    [Fact]
    public void Two_nodes_that_claim_one_docking_are_paid_for_one()
    {
        MergeBook book = Market();
        Assert.True(book.Deliveries.Allot(Work(2, 2, 4, 20)));
        _ = Merge(book, Return(2, 0, 1) with { Deliveries = [Claim(1, 2, 4) with { At = new Instant(20) }] });
        _ = Merge(book, Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] });
        Conflict twice = Assert.Single(book.Settle());
        Assert.Equal((ConflictKind.CountedTwice, 2u), (twice.Kind, twice.Theirs.Node.Value));
        Assert.Equal(0, Counted(book, 1, 2));
        Conflict standing = Assert.Single(book.Contradictions());
        Assert.Equal((ConflictKind.CountedTwice, false), (standing.Kind, standing.IsSettled));
    }

    [Fact]
    public void A_delivery_nobody_weighed_is_not_paid_until_somebody_does()
    {
        MergeBook book = Market();
        MergeOutcome outcome = Merge(book, Return(1, 0, 1) with
        {
            Deliveries = [Claim(1, 1, 6) with { Receipt = Grams.Zero }],
        });
        Conflict conflict = Assert.Single(outcome.Conflicts);
        Assert.Equal((ConflictKind.StockMismatch, MergeRule.ScaleCounts), (conflict.Kind, conflict.Rule));
        Assert.Empty(book.Settle());
        Assert.Empty(book.Deliveries.Earned);
        _ = book.Deliveries.Weigh(At(1, 1, 1, 5));
        Assert.Equal(5_000_000, book.Deliveries.Outflow(new NodeId(1), Commodity.Nickel).Value);
        Assert.Empty(book.Settle());
        Assert.Equal(25_000_000, book.Deliveries.Earned.Single().Value.Micro); // Five sixths of 30 credits.
    }

    [Fact]
    public void A_level_is_corrected_and_one_that_does_not_add_up_is_the_lesser()
    {
        MergeBook book = Market();

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
        MergeBook book = Market();
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
        Assert.Equal(30_000_000, book.Deliveries.Earned.Single().Value.Micro);
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
        MergeBook book = Market();
        Assert.Equal((MergeVerdict.OtherBase, 0ul), Seen(Merge(book, Return(1, 2, 4))));
        Assert.Equal((MergeVerdict.Merged, 2ul), Seen(Merge(book, Return(1, 0, 2))));
        Assert.Equal((MergeVerdict.Repeated, 2ul), Seen(Merge(book, Return(1, 0, 2))));
        Assert.Equal((MergeVerdict.OtherBase, 2ul), Seen(Merge(book, Return(1, 1, 4))));

        static (MergeVerdict, ulong) Seen(MergeOutcome outcome) => (outcome.Verdict, outcome.Size);
    }

    [Fact]
    public void History_is_not_paid_again()
    {
        MergeBook book = Market();
        _ = Merge(book, Return(1, 0, 1) with { Deliveries = [Claim(1, 1, 6)] });
        book.Deliveries.Prune(new DepotId(1), 1);
        Assert.NotNull(book.Deliveries.Find(new DockingId(new DepotId(1), 1), new NodeId(1)));
        _ = book.Settle();
        book.Deliveries.Prune(new DepotId(1), 1);
        Assert.Null(book.Deliveries.Find(new DockingId(new DepotId(1), 1), new NodeId(1)));
        Assert.Equal(WeighVerdict.History, book.Deliveries.Weigh(At(1, 1, 1, 6)));
        MergeOutcome again = Merge(book, Return(1, 1, 2) with { Deliveries = [Claim(1, 1, 6)] });
        Assert.Equal(ConflictKind.CountedTwice, Assert.Single(again.Conflicts).Kind);
        Assert.Equal(6_000_000, book.Deliveries.Outflow(new NodeId(1), Commodity.Nickel).Value);
    }

    // One bounty of ten tonnes; node 1 has six of them for 30 credits.
    private static MergeBook Market()
    {
        MergeBook? book = null;
        book = new MergeBook(fact => book!.Apply(fact));
        book.Deliveries.Post(new BountyId(1), new Grams(10_000_000), Credits.FromWhole(100));
        Assert.True(book.Deliveries.Allot(Work(1, 1, 6, 30)));
        return book;
    }

    private static Allotment Work(ulong contract, uint node, long tonnes, long credits) => new(
        new ContractId(contract), new Epoch((uint)contract), new BountyId(1), new NodeId(node),
        new Grams(tonnes * 1_000_000), Credits.FromWhole(credits), AllotmentStatus.Live);

    private static MergeOutcome Merge(MergeBook book, NodeReturn theirs) =>
        book.Merge(theirs, Standing.Trusted, Fleet.Cargo);

    private static long Counted(MergeBook book, ulong docking, uint node) =>
        book.Deliveries.Find(new DockingId(new DepotId(1), docking), new NodeId(node))!.Counted.Value;

    private static StockClaim Stock(long gainedKilograms, long levelKilograms) => new(
        Commodity.Nickel, new Grams(gainedKilograms * 1_000), new Grams(levelKilograms * 1_000));

    private static DeliveryClaim Claim(ulong docking, ulong contract, long tonnes) => new()
    {
        Docking = new DockingId(new DepotId(1), docking),
        Contract = new ContractId(contract),
        Epoch = new Epoch((uint)contract),
        Commodity = Commodity.Nickel,
        Claimed = new Grams(tonnes * 1_000_000),
        Receipt = new Grams(tonnes * 1_000_000),
        At = new Instant(10),
    };

    private static Weighing At(ulong docking, ulong contract, uint node, long tonnes) => new()
    {
        Docking = new DockingId(new DepotId(1), docking),
        Node = new NodeId(node),
        Contract = new ContractId(contract),
        Epoch = new Epoch((uint)contract),
        Commodity = Commodity.Nickel,
        Mass = new Grams(tonnes * 1_000_000),
        At = new Instant(10),
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
