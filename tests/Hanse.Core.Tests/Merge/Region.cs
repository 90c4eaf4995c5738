using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Merge;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Merge;

/// <summary>A market and the merge that asks it, with one journal, as a hub has them.</summary>
internal sealed class Region
{
    private static readonly MissionRules _rules = new()
    {
        ClockErrorMax = TimeSpan.Zero,
        CyclePeriod = TimeSpan.FromSeconds(60),
        AcceptDelayMax = TimeSpan.FromSeconds(60),
        DueSlack = TimeSpan.Zero,
        DeadBands = [1, 1, 1, 1],
        PropellantPerTonne = Credits.Zero,
        SparesPerLife = Credits.Zero,
        HourlyCost = Credits.Zero,
        Margin = default,
        SeedPerNode = Credits.Zero,
        ReserveStart = PartsPerMillion.FromPercent(100),
        HoardCeiling = Credits.FromWhole(1_000),
        FillTolerance = default,
        LateDeliveryMax = TimeSpan.FromSeconds(120),
        MilestoneWindows = 0,
        ExtensionMax = TimeSpan.Zero,
        BondShare = default,
    };

    private ulong _contracts;

    public Region()
    {
        Market = new Auctioneer(new RegionId(0), _rules, TimeSpan.Zero, fact =>
        {
            Facts.Add(Snapshot.Read<MarketFact>(Snapshot.Of(fact)));
            Market!.Apply(fact);
        });
        Book = new MergeBook(new MarketAwards(Market), fact =>
        {
            Facts.Add(Snapshot.Read<MergeFact>(Snapshot.Of(fact)));
            Book!.Apply(fact);
        });
    }

    public Auctioneer Market { get; private set; }

    public MergeBook Book { get; private set; }

    /// <summary>Everything that was remembered, in order: facts of both.</summary>
    public List<object> Facts { get; } = [];

    /// <summary>All of both, as bytes.</summary>
    public byte[] Bytes => [.. Snapshot.Of(Market.Shape), .. Snapshot.Of(Book.Shape)];

    public IEnumerable<MarketFact.Delivered> Delivered => Facts.OfType<MarketFact.Delivered>();

    public IEnumerable<DeliveryFact> Deliveries =>
        Facts.OfType<MergeFact.OfDeliveries>().Select(fact => fact.Fact);

    public IEnumerable<DeliveryFact.Settled> Settled => Deliveries.OfType<DeliveryFact.Settled>();

    public long Paid => Settled.Sum(settled => settled.Paid.Micro);

    /// <summary>The same region from its facts.</summary>
    public Region Replayed()
    {
        var replayed = new Region { _contracts = _contracts };
        foreach (object fact in Facts)
        {
            replayed.Facts.Add(fact);
            if (fact is MarketFact market)
            {
                replayed.Market.Apply(market);
            }
            else
            {
                replayed.Book.Apply((MergeFact)fact);
            }
        }

        return replayed;
    }

    /// <summary>The same region from its snapshots.</summary>
    public Region Restored()
    {
        var restored = new Region { _contracts = _contracts };
        Snapshot.Into(Snapshot.Of(Market.Shape), restored.Market.Shape);
        Snapshot.Into(Snapshot.Of(Book.Shape), restored.Book.Shape);
        return restored;
    }

    /// <summary>A bounty of nickel at ten credits a tonne.</summary>
    public void Post(ulong bounty, long tonnes) => Assert.True(Market.Open(Instant.Epoch, new Bounty(
        new BountyId(bounty), Commodity.Nickel, new DepotId(1), Grams.FromTonnes(tonnes),
        Grams.FromTonnes(1), Credits.FromWhole(10), Instant.Epoch + TimeSpan.FromDays(36_500))));

    /// <summary>Awards part of a bounty, due at a second; its epoch is the count of the bounty's
    /// awards.</summary>
    /// <returns>The contract; null when the node holds one already, or so much is not open.</returns>
    public Contract? Award(ulong bounty, uint node, long tonnes, Credits pricePerTonne, long due = 50)
    {
        OpenBounty open = Market.Bounties[new BountyId(bounty)];
        if (Market.IsHeldBy(new NodeId(node)) || Grams.FromTonnes(tonnes) > open.Open)
        {
            return null;
        }

        Instant arrives = Instant.Epoch + TimeSpan.FromSeconds(due);
        var winner = new Winner(
            new BountyId(bounty), new NodeId(node), Grams.FromTonnes(tonnes), pricePerTonne, arrives,
            TimeSpan.Zero, pricePerTonne);
        Put(new MarketFact.Awarded(
            new ContractId(++_contracts), new Epoch((uint)open.Awards + 1), winner, arrives, arrives));
        return Market.Find(new ContractId(_contracts));
    }

    /// <summary>Takes a contract back, if it is live.</summary>
    public void Recall(ulong contract)
    {
        if (Market.Find(new ContractId(contract)) is { IsLive: true })
        {
            Put(new MarketFact.Returned(new ContractId(contract), ContractOutcome.Expired));
        }
    }

    /// <summary>Forgets a contract, if it is over.</summary>
    public void Forget(ulong contract)
    {
        if (Market.Find(new ContractId(contract)) is { IsLive: false })
        {
            Put(new MarketFact.Forgotten(new ContractId(contract)));
        }
    }

    public void Close(ulong bounty) => Put(new MarketFact.BountyClosed(
        new BountyId(bounty), BountyOutcome.Filled, default, default, default));

    /// <summary>What must hold at any time: nothing lost, nothing twice, one set of books.</summary>
    public void Check()
    {
        foreach (OpenBounty bounty in Market.Bounties.Values)
        {
            Assert.True(bounty.Open >= Grams.Zero && bounty.UnderContract >= Grams.Zero);
            Assert.True(bounty.Paid <= bounty.Bounty.Worth);
        }

        // The market counted and paid what the merge settled, once for each docking and contract.
        DeliveryFact.Settled[] counted =
            [.. Settled.Where(settled => settled.As is SettledAs.InTime or SettledAs.Late)];
        Assert.Equal(
            Delivered.Select(delivered => (delivered.Counted, delivered.Paid)),
            counted.Select(settled => (settled.Counted, settled.Paid)));
        Assert.All(counted, settled =>
        {
            // By the scale's last word, and for work that was this node's under that epoch.
            Weighing word = Deliveries.OfType<DeliveryFact.Weighed>()
                .Last(fact => fact.Weighing.Docking == settled.Docking).Weighing;
            MarketFact.Awarded award = Facts.OfType<MarketFact.Awarded>()
                .Single(fact => fact.Contract == word.Contract);
            Assert.Equal(
                (settled.Docking.Node, word.Epoch), (award.Winner.Node, award.Epoch));
            Grams most = Bounty.Countable(award.Winner.Quantity, new Grams(Grams.ValueMax));
            Assert.True(settled.Counted <= Grams.Min(word.Mass, most));
        });
        Assert.Distinct(Settled.Select(settled => settled.Docking));
        Assert.Distinct(Delivered.Select(delivered => delivered.Contract));
        foreach ((QuotaId _, Quota quota) in Book.Quotas.Quotas)
        {
            Assert.Equal(quota.Total, quota.Free + quota.Spent
                + Book.Quotas.Rights.Sum(right => right.Value.Amount - right.Value.Spent));
        }

        // What each journal told, by the scale where it weighed it, summed here without the index.
        var weighed = new Dictionary<DockingId, Grams>();
        foreach (DeliveryFact.Weighed word in Deliveries.OfType<DeliveryFact.Weighed>())
        {
            weighed[word.Weighing.Docking] = word.Weighing.Mass;
        }

        foreach (IGrouping<(NodeId, Commodity), DeliveryFact.Told> told in
            Deliveries.OfType<DeliveryFact.Told>().GroupBy(t => (t.Docking.Node, t.Cargo.Commodity)))
        {
            Assert.Equal(
                told.Sum(t => weighed.GetValueOrDefault(t.Docking, t.Cargo.Mass).Value),
                Book.Deliveries.Outflow(told.Key.Item1, told.Key.Item2).Value);
        }

        foreach ((NodeId _, NodeLine line) in Book.Nodes)
        {
            Assert.All(line.Stocks, stock => Assert.Equal(
                stock.Gained, stock.Given + stock.Level + stock.Unexplained));
        }
    }

    private void Put(MarketFact fact)
    {
        Facts.Add(fact);
        Market.Apply(fact);
    }
}
