using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>An auctioneer with its journal, and a bookkeeper who believes only what he saw.</summary>
internal sealed class MarketModel
{
    private static readonly MissionRules _rules = new()
    {
        ClockErrorMax = TimeSpan.FromSeconds(2),
        CyclePeriod = TimeSpan.FromSeconds(60),
        AcceptDelayMax = TimeSpan.FromSeconds(60),
        DueSlack = TimeSpan.FromSeconds(10),
        DeadBands = [1, 1, 1, 1],
        PropellantPerTonne = Credits.Zero,
        SparesPerLife = Credits.Zero,
        HourlyCost = Credits.Zero,
        Margin = default,
        SeedPerNode = Credits.Zero,
        ReserveStart = PartsPerMillion.FromPercent(100),
        HoardCeiling = Credits.FromWhole(1_000),
        FillTolerance = PartsPerMillion.FromPercent(10),
        LateDeliveryMax = TimeSpan.FromSeconds(120),
    };

    private readonly List<byte[]> _journal = [];

    // What the bookkeeper saw, bounty by bounty: paid, counted; and contracts that were ever paid or counted.
    private readonly Dictionary<BountyId, (Bounty Bounty, long Counted, long Paid)> _books = [];
    private readonly Dictionary<ContractId, MarketFact.Awarded> _awards = [];
    private readonly HashSet<ContractId> _delivered = [];
    private readonly Dictionary<NodeId, BidSheet> _sheets = [];
    private int _ranked;

    public MarketModel() => Market = Empty();

    public Auctioneer Market { get; private set; }

    public Instant Now { get; set; }

    public IReadOnlyCollection<MarketFact.Awarded> Awards => _awards.Values;

    public void Open(Bounty bounty)
    {
        // Identities are never reused: the strategic layer counts them.
        bool isOpen = Market.Bounties.ContainsKey(bounty.Id);
        bool isNew = _books.TryAdd(bounty.Id, (bounty, 0, 0));
        if (isNew || isOpen)
        {
            Assert.Equal(isNew, Market.Open(Now, bounty));
        }
    }

    /// <summary>Whether answers were ranked higher than they asked.</summary>
    public bool HasRanked => _ranked > 0;

    /// <summary>Deliveries of another hub's contracts that were counted.</summary>
    public int Recounted { get; private set; }

    /// <summary>A bounty comes from another hub, with some of it done.</summary>
    public void Adopt(Bounty bounty, int choice)
    {
        if (!_books.ContainsKey(bounty.Id))
        {
            var counted = new Grams(choice % (int)(bounty.Total.Value + 1));
            Credits paid = bounty.ValuePerLot.ForPart(counted, bounty.Lot);
            _books.Add(bounty.Id, (bounty, counted.Value, paid.Micro));
            var assigned = new BountyAssigned(bounty, counted, paid, new Epoch(2), new TransferId(1));
            Assert.True(Market.Adopt(assigned, Now + TimeSpan.FromSeconds(choice % 50)));
        }
    }

    /// <summary>Dies and comes back from its facts, equal to what it was.</summary>
    public void Replay()
    {
        byte[] before = Snapshot.Of(Market.Shape);
        Market = Empty();
        foreach (byte[] fact in _journal)
        {
            Market.Apply(Snapshot.Read<MarketFact>(fact));
        }

        Assert.Equal(before, Snapshot.Of(Market.Shape));
    }

    /// <summary>Dies and comes back from a snapshot, equal in what it shows and in what it will do
    /// next.</summary>
    public void Restore()
    {
        byte[] before = Snapshot.Of(Market.Shape);
        Instant wake = Market.NextWake;
        int live = Market.LiveContracts;
        Market = Empty();
        Snapshot.Into(before, Market.Shape);
        Assert.Equal(before, Snapshot.Of(Market.Shape));
        Assert.Equal((wake, live), (Market.NextWake, Market.LiveContracts));
    }

    /// <summary>What must hold after every step.</summary>
    public void Check()
    {
        foreach ((BountyId id, OpenBounty open) in Market.Bounties)
        {
            (Bounty bounty, long counted, long paid) = _books[id];
            long held = _awards.Values
                .Where(award => award.Winner.Bounty == id && Market.Find(award.Contract) is { IsLive: true })
                .Sum(award => award.Winner.Quantity.Value);
            Assert.Equal(counted, open.Delivered.Value);
            Assert.Equal(held, open.UnderContract.Value);
            Assert.Equal(bounty.Total.Value - counted - held, open.Open.Value);
            Assert.InRange(open.Open.Value, 0, bounty.Total.Value);
            Assert.Equal(paid, open.Paid.Micro);
        }

        foreach ((Bounty bounty, long counted, long paid) in _books.Values)
        {
            Assert.InRange(counted, 0, bounty.Total.Value);
            Assert.InRange(paid, 0, bounty.Worth.Micro);
        }

        IEnumerable<Contract> live = _awards.Keys.Select(Market.Find).OfType<Contract>().Where(c => c.IsLive);
        Assert.Distinct(live.Select(contract => contract.Winner.Node));
        Assert.Equal(Market.LiveContracts, live.Count());
        Assert.All(live, contract => Assert.True(Market.IsHeldBy(contract.Winner.Node)));
    }

    private Auctioneer Empty()
    {
        Auctioneer? market = null;
        market = new Auctioneer(new RegionId(0), _rules, TimeSpan.FromSeconds(3), fact =>
        {
            _journal.Add(Snapshot.Of(fact));
            See(fact);
            market!.Apply(fact);
        }, RatioOf);
        return market;
    }

    // Node three is known to claim a fifth too little.
    private static PartsPerMillion RatioOf(NodeId node) => new(node.Value == 3 ? 1_250_000 : 1_000_000);

    private void See(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.SheetTaken(var node, var sheet):
                _sheets[node] = sheet;
                break;
            case MarketFact.Ranked(var node, var ratio):
                Assert.Equal(RatioOf(node), ratio);
                Assert.NotEqual(new PartsPerMillion(1_000_000), ratio);
                _ranked++;
                break;
            case MarketFact.Awarded awarded:
                Credits asked = _sheets[awarded.Winner.Node].Bids
                    .Single(bid => bid.Bounty == awarded.Winner.Bounty)
                    .Steps[0].PricePerLot;
                Assert.Equal(asked, awarded.Winner.Asked);
                Assert.True(
                    awarded.Winner.PricePerLot.Micro * 1_000_000L
                        >= asked.Micro * (long)RatioOf(awarded.Winner.Node).Value,
                    "paid less than it was ranked at");
                Assert.True(_awards.TryAdd(awarded.Contract, awarded),
                    "a contract's identity was used again");
                Assert.True(awarded.Due <= _books[awarded.Winner.Bounty].Bounty.Deadline);
                Assert.All(
                    _awards.Values.Where(a => a.Winner.Bounty == awarded.Winner.Bounty && a != awarded),
                    earlier => Assert.True(earlier.Epoch.Value < awarded.Epoch.Value,
                        "an epoch does not fence"));
                break;
            case MarketFact.Honoured(var contract, var epoch, var winner, var due):
                Assert.NotEqual(new RegionId(0), contract.Region);
                Assert.True(winner.PricePerLot <= _books[winner.Bounty].Bounty.ValuePerLot);
                _awards.Add(contract, new MarketFact.Awarded(contract, epoch, winner, due, due));
                break;
            case MarketFact.Recounted(var contract, var epoch, var winner, var due, var more, var pays):
                Recounted++;
                Assert.True(_delivered.Add(contract), "a contract was delivered twice");
                Assert.InRange(more.Value, 0, winner.Quantity.Value);
                (Bounty of, long already, long spentAlready) = _books[winner.Bounty];
                Assert.Equal(more.Value * winner.PricePerLot.Micro / of.Lot.Value, pays.Micro);
                _books[of.Id] = (of, already + more.Value, spentAlready + pays.Micro);
                _awards.Add(contract, new MarketFact.Awarded(contract, epoch, winner, due, due));
                break;
            case MarketFact.Delivered delivered:
                Assert.True(_delivered.Add(delivered.Contract), "a contract was delivered twice");
                MarketFact.Awarded award = _awards[delivered.Contract];
                (Bounty bounty, long counted, long paid) = _books[award.Winner.Bounty];
                Assert.InRange(
                    delivered.Counted.Value, 0, Math.Min(award.Winner.Quantity.Value,
                        delivered.Weighed.Value));
                Assert.Equal(
                    delivered.Counted.Value * award.Winner.PricePerLot.Micro / bounty.Lot.Value,
                    delivered.Paid.Micro);
                _books[bounty.Id] = (bounty, counted + delivered.Counted.Value, paid + delivered.Paid.Micro);
                break;
            case MarketFact.Returned(var contract, ContractOutcome.Expired):
                // Not before the node, by its own wrong clock, must have stopped; and light on top.
                Assert.True(Now >= _awards[contract].Due + TimeSpan.FromSeconds(2 + 3),
                    "re-awarded too early");
                break;
            case MarketFact.BountyClosed closed:
                (Bounty over, long total, long spent) = _books[closed.Bounty];
                Assert.Equal((total, spent), (closed.Total.Value, closed.Paid.Micro));
                bool isFilled = over.Total.Value - total <= over.Total.Value / 10;
                Assert.True(isFilled || Now >= over.Deadline, "closed before its time");
                Assert.Equal(
                    isFilled ? BountyOutcome.Filled : total > 0 ? BountyOutcome.PartlyFilled
                        : BountyOutcome.Unfilled,
                    closed.Outcome);
                break;
            default:
                break;
        }
    }
}
