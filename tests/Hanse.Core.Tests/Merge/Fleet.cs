using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Estimate;
using Hanse.Core.Identity;
using Hanse.Core.Machine;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Merge;

/// <summary>A book with what its hub decided, and the returns of its nodes, drawn from one seed from few
/// values near borders.</summary>
internal sealed class Fleet
{
    public const uint Nodes = 4;

    private const long Tonne = 1_000_000;

    private readonly Prng _seed;

    private Prng _prng;

    public Fleet(ulong seed)
    {
        _seed = Prng.For(seed, "fleet");
        _prng = _seed;
        Book = Empty();
        Decide();
        for (uint node = 0; node < Nodes; node++)
        {
            ulong size = 0;
            for (long stretch = 0; stretch < 1 + Below(2); stretch++)
            {
                NodeReturn theirs = Draw(node, size);
                size = theirs.Size;
                Returns.Add(theirs);
            }
        }
    }

    public MergeBook Book { get; }

    public List<MergeFact> Facts { get; } = [];

    public List<NodeReturn> Returns { get; } = [];

    public List<Conflict> Conflicts { get; } = [];

    /// <summary>Nodes that validation has put into quarantine: one in four.</summary>
    public static Standing StandingOf(NodeReturn theirs) =>
        (Standing)(1 + (StableHash.Of(theirs.Node.Value, theirs.Size) % 4 % 3));

    /// <summary>What is known of every cargo sensor: one that reads 5 % too much.</summary>
    public static BiasEstimate Cargo { get; } = BiasEstimate.Prior(CalibrationRules.Measured) with
    {
        Mean = 50_000,
        Variance = 25_000_000,
        Scatter = 100_000_000,
        Count = 16,
    };

    public MergeBook Empty()
    {
        MergeBook? book = null;
        book = new MergeBook(fact =>
        {
            Facts.Add(Snapshot.Read<MergeFact>(Snapshot.Of(fact)));
            book!.Apply(fact);
        });
        return book;
    }

    /// <summary>Merges all returns, in an order drawn from a number, each until it is merged, some
    /// repeated.</summary>
    public void MergeAll(ulong order)
    {
        var prng = new Prng(order);
        List<NodeReturn> left = [.. Returns];
        while (left.Count > 0)
        {
            NodeReturn theirs = left[(int)prng.Below(left.Count)];
            MergeOutcome outcome = Book.Merge(theirs, StandingOf(theirs), Cargo);
            Conflicts.AddRange(outcome.Conflicts);
            if (outcome.Verdict != MergeVerdict.OtherBase)
            {
                Assert.Equal(MergeVerdict.Merged, outcome.Verdict);
                _ = left.Remove(theirs);
                NodeReturn again = Returns[(int)prng.Below(Returns.Count)];
                if (!left.Contains(again))
                {
                    byte[] before = Snapshot.Of(Book.Shape);
                    Assert.Equal(MergeVerdict.Repeated, Book.Merge(again, StandingOf(again), Cargo).Verdict);
                    Assert.Equal(before, Snapshot.Of(Book.Shape));
                }
            }
        }
    }

    /// <summary>What must hold of any book: nothing lost, nothing twice.</summary>
    public static void Check(MergeBook book)
    {
        Credits paid = Credits.Zero;
        foreach ((BountyId _, BountyLine line) in book.Deliveries.Bounties)
        {
            Assert.True(line.Open >= Grams.Zero && line.UnderContract >= Grams.Zero);
            Assert.True(line.Left >= Credits.Zero && line.Promised >= Credits.Zero);
            paid += line.Paid;
        }

        Assert.Equal(paid.Micro, book.Deliveries.Earned.Sum(earned => earned.Value.Micro));
        Docking[] dockings = [.. book.Deliveries.Dockings.Select(entry => entry.Value)];
        Assert.Equal(paid.Micro, dockings.Sum(docking => docking.Paid.Micro));
        Assert.Equal(
            book.Deliveries.Bounties.Sum(bounty => bounty.Value.Delivered.Value),
            dockings.Sum(docking => docking.Counted.Value));
        Assert.All(dockings, docking => Assert.True(docking.Counted <= docking.Weighing.Mass));
        Docking[] counted = [.. dockings.Where(docking => docking.IsCounted)];
        Assert.Distinct(counted.Select(docking => docking.Weighing.Docking));
        Assert.Distinct(counted.Select(docking => docking.Weighing.Contract));
        foreach ((QuotaId _, Quota quota) in book.Quotas.Quotas)
        {
            Assert.Equal(quota.Total, quota.Free + quota.Spent
                + book.Quotas.Rights.Sum(right => right.Value.Amount - right.Value.Spent));
        }

        foreach ((NodeId node, NodeLine line) in book.Nodes)
        {
            foreach (Commodity commodity in new[] { Commodity.Nickel, Commodity.Iron })
            {
                // What its journal told, by the scale where it weighed it, summed here without the index.
                long given = book.Deliveries.Told
                    .Where(told => told.Key.Node == node && told.Value.Commodity == commodity)
                    .Sum(told => (book.Deliveries.Find(told.Key.Docking, node)?.Weighing.Mass
                        ?? told.Value.Mass).Value);
                Assert.Equal(given, book.Deliveries.Outflow(node, commodity).Value);
            }

            Assert.All(line.Stocks, stock => Assert.Equal(
                stock.Gained, stock.Given + stock.Level + stock.Unexplained));
        }
    }

    private long Below(long bound) => _prng.Below(bound);

    // Two bounties of ten tonnes; eight contracts, some taken back and given to others; a site, a berth and a
    // corridor leased in turn; a quota given out; some weighings heard from the depots.
    private void Decide()
    {
        for (ulong bounty = 1; bounty <= 2; bounty++)
        {
            Book.Deliveries.Post(new BountyId(bounty), new Grams(10 * Tonne), Credits.FromWhole(100));
        }

        for (ulong contract = 1; contract <= 8; contract++)
        {
            _ = Book.Deliveries.Allot(new Allotment(
                new ContractId(contract), new Epoch((uint)contract), new BountyId(1 + (contract % 2)),
                new NodeId((uint)(contract % Nodes)), new Grams((2 + Below(3)) * Tonne),
                Credits.FromWhole(10 + Below(20)), AllotmentStatus.Live));
            if (Below(2) == 0)
            {
                Book.Deliveries.Recall(new ContractId(1 + (ulong)Below((long)contract)));
            }

            var subject = new LeaseSubject((LeaseKind)(1 + Below(3)), 1);
            _ = Book.Leases.Grant(new Lease(
                subject, new NodeId((uint)Below(Nodes)), Book.Leases.NextEpoch(subject),
                new Instant(Below(6) * 10), new Instant(60 + (Below(3) * 10))));
            if (Below(3) == 0)
            {
                Book.Leases.Revoke(subject, new Epoch((uint)Below(4)));
            }
        }

        _ = Book.Quotas.Open(new QuotaId(1), 20);
        for (uint node = 0; node < Nodes; node++)
        {
            _ = Book.Quotas.Give(new QuotaId(1), new NodeId(node), 1 + Below(4));
            _ = Book.Intend(new NodeId(node), (uint)(1 + Below(3)), new ContractId((ulong)Below(4)));
        }

        for (int i = 0; i < 3; i++)
        {
            DeliveryClaim claim = Delivery((uint)Below(Nodes));
            _ = Book.Deliveries.Weigh(new Weighing
            {
                Docking = claim.Docking,
                Node = new NodeId((uint)Below(Nodes)),
                Contract = claim.Contract,
                Epoch = claim.Epoch,
                Commodity = claim.Commodity,
                Mass = new Grams((1 + Below(4)) * Tonne),
                At = claim.At,
            });
        }
    }

    private DeliveryClaim Delivery(uint node)
    {
        ulong contract = Below(5) == 0 ? (ulong)Below(9) : (node == 0 ? 4 : node) + ((ulong)Below(2) * 4);
        return new DeliveryClaim
        {
            Docking = new DockingId(new DepotId(1), 1 + (ulong)Below(8)),
            Contract = new ContractId(contract),
            Epoch = new Epoch((uint)contract),
            Commodity = Commodity.Nickel,
            Claimed = new Grams((1 + Below(4)) * Tonne),
            Receipt = new Grams(Below(4) * Tonne),
            At = new Instant(Below(5)),
        };
    }

    private NodeReturn Draw(uint node, ulong start) => new()
    {
        Node = new NodeId(node),
        Base = start,
        Size = start + 1 + (ulong)Below(3),
        At = new Instant(100),
        Stocks =
        [
            new StockClaim(Commodity.Nickel, new Grams(Below(12) * Tonne), new Grams(Below(6) * Tonne)),
            new StockClaim(Commodity.Iron, new Grams(Tonne), new Grams(Below(3) * Tonne)),
        ],
        Propellant = new Grams(Below(3) * Tonne),
        Wear = new PartsPerMillion((int)Below(5) * 1_000),
        Repaired = new PartsPerMillion((int)Below(2) * 1_000),
        Leases = [.. Many(3).Select(_ => new Lease(
            new LeaseSubject((LeaseKind)(1 + Below(3)), 1), new NodeId(node), new Epoch((uint)(1 + Below(4))),
            new Instant(Below(6) * 10), new Instant(60 + (Below(3) * 10))))],
        Deliveries = [.. Many(4).Select(_ => Delivery(node))],
        Spent = [.. Many(2).Select(_ => new SpendClaim(
            new QuotaId(1), new Epoch(node + (uint)Below(2)), Below(6), Below(2) == 0))],
        Sites = [.. Many(2).Select(_ => new SiteClaim(new SiteId(1), new Grams(Below(3) * Tonne)))],
        Maps = [.. Many(2).Select(_ => new MapClaim(
            (ulong)Below(2), new Belief([Below(3) * 100, 0], [1 + Below(20), 5])))],
        Running = new ContractId((ulong)Below(9)),
        IntentHeard = (uint)Below(5),
    };

    private IEnumerable<int> Many(int most) => Enumerable.Range(0, (int)Below(most + 1)).ToImmutableArray();
}
