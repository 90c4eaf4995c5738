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

    // The last docking told, by node.
    private readonly uint[] _dockings = new uint[Nodes];

    private Prng _prng;

    public Fleet(ulong seed)
    {
        _seed = Prng.For(seed, "fleet");
        _prng = _seed;
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

    public Region Region { get; } = new();

    public MergeBook Book => Region.Book;

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
                    byte[] before = Region.Bytes;
                    Assert.Equal(MergeVerdict.Repeated, Book.Merge(again, StandingOf(again), Cargo).Verdict);
                    Assert.Equal(before, Region.Bytes);
                }
            }
        }
    }

    private long Below(long bound) => _prng.Below(bound);

    // Two bounties of ten tonnes; up to ten contracts, some taken back, given to others or forgotten; a site,
    // a berth and a corridor leased in turn; a quota given out; some weighings heard from the depots.
    private void Decide()
    {
        Region.Post(1, 10);
        Region.Post(2, 10);
        for (ulong contract = 1; contract <= 10; contract++)
        {
            _ = Region.Award(
                1 + (contract % 2), (uint)Below(Nodes), 2 + Below(4), Credits.FromWhole(4 + Below(6)));
            if (Below(3) > 0)
            {
                Region.Recall(1 + (ulong)Below((long)contract));
            }

            if (Below(4) == 0)
            {
                Region.Forget(1 + (ulong)Below((long)contract));
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

        for (int i = 0; i < 4; i++)
        {
            uint node = (uint)Below(Nodes);
            DeliveryClaim claim = Delivery(node, 1 + (uint)Below(6));
            _ = Book.Deliveries.Weigh(new Weighing
            {
                Docking = new DockingId(new NodeId(node), claim.Docking),
                Contract = claim.Contract,
                Epoch = claim.Epoch,
                Commodity = claim.Commodity,
                Mass = new Grams((1 + Below(4)) * Tonne),
                At = claim.At,
            });
        }
    }

    // Mostly for a contract that the node holds or held, and mostly under its epoch.
    private DeliveryClaim Delivery(uint node, uint docking)
    {
        ContractId[] own = [.. Enumerable.Range(1, 10).Select(id => new ContractId((ulong)id))
            .Where(id => Region.Market.Find(id)?.Winner.Node == new NodeId(node))];
        ContractId contract = own.Length == 0 || Below(6) == 0
            ? new ContractId((ulong)Below(12)) : own[Below(own.Length)];
        Epoch epoch = Region.Market.Find(contract)?.Epoch ?? new Epoch(1);
        return new DeliveryClaim
        {
            Docking = docking,
            Contract = contract,
            Epoch = Below(8) == 0 ? epoch.Next : epoch,
            Commodity = Commodity.Nickel,
            Claimed = new Grams((1 + Below(4)) * Tonne),
            Receipt = new Grams(Below(4) * Tonne),
            At = new Instant(Below(5)),
        };
    }

    // Dockings rise along a journal; now and then one is told again.
    private IEnumerable<DeliveryClaim> Deliveries(uint node)
    {
        foreach (int _ in Many(4))
        {
            _dockings[node] += Below(5) == 0 ? 0 : 1 + (uint)Below(2);
            yield return Delivery(node, _dockings[node]);
        }
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
            new LeaseSubject((LeaseKind)(1 + Below(4)), 1 + (ulong)(Below(12) / 8 * 10)),
            new NodeId(node), new Epoch((uint)(1 + Below(4))),
            new Instant(Below(6) * 10), new Instant(60 + (Below(3) * 10))))],
        Deliveries = [.. Deliveries(node)],
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
