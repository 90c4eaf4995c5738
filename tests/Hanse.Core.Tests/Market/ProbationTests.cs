using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Tests.Hub;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>What a node on probation may win: no more than it may lose, and nothing that others' work hangs
/// on.</summary>
public sealed class ProbationTests
{
    private static readonly NodeId _young = new(7);
    private static readonly NodeId _proven = new(8);

    private readonly List<MarketFact> _facts = [];
    private readonly Auctioneer _market;

    public ProbationTests()
    {
        Auctioneer? market = null;
        market = new Auctioneer(
            new RegionId(1), TestHub.Spec.Rules, TimeSpan.Zero,
            fact =>
            {
                _facts.Add(fact);
                market!.Apply(fact);
            },
            worthMaxOf: node => node == _young ? new Credits(500) : null);
        _market = market;

        // 100 grams, 10 credits a gram.
        Open(Bounty(1));
        Open(Bounty(2) with { Backup = new Grams(20) });
        Open(Bounty(3) with { Joint = new JointWork(5, 2) });
        Open(Bounty(4) with { Joint = new JointWork(5, 2) });
        _market.Wake(Instant.Epoch);
    }

    [Fact]
    public void Bids_for_more_than_it_may_lose_are_struck_and_those_that_others_rely_on()
    {
        BidSheet sheet = Sheet();
        Assert.Equal(SheetVerdict.Taken, _market.Take(Instant.Epoch, _young, sheet));
        BidSheet taken = _facts.OfType<MarketFact.SheetTaken>().Last().Sheet;

        // At the reserve of the first request 50 grams are worth 500, and 51 more.
        Assert.Equal([20, 50], Of(taken, 1).Steps.Select(step => step.Quantity.Value));
        foreach (ulong bounty in (ulong[])[2, 3, 4])
        {
            Assert.False(Of(taken, bounty).IsOffer);
            Assert.Equal(NoBidReason.NoBond, Of(taken, bounty).Reason);
        }
    }

    [Fact]
    public void Of_others_nothing_is_struck()
    {
        BidSheet sheet = Sheet();
        Assert.Equal(SheetVerdict.Taken, _market.Take(Instant.Epoch, _proven, sheet));
        Assert.Equal(Snapshot.Of(sheet), Snapshot.Of(_facts.OfType<MarketFact.SheetTaken>().Last().Sheet));
    }

    private static Bounty Bounty(ulong id) => new(
        new BountyId(id), Commodity.Iron, new DepotId(1), new Grams(100), new Grams(1), new Credits(10),
        Instant.Epoch + TimeSpan.FromDays(100));

    private static Bid Of(BidSheet sheet, ulong bounty) =>
        sheet.Bids.Single(bid => bid.Bounty == new BountyId(bounty));

    private void Open(Bounty bounty) => Assert.True(_market.Open(Instant.Epoch, bounty));

    private BidSheet Sheet() => new(
        _market.Cycle, NoBidReason.None,
        [
            .. _market.Requests.OrderBy(request => request.Bounty.Value).Select(request => new Bid(
                request.Bounty, NoBidReason.None,
                [
                    .. ((int[])[20, 50, 51]).Select(grams => new BidStep(
                        new Grams(grams), new Credits(1), _market.Closes + TimeSpan.FromDays(1),
                        TimeSpan.FromHours(1))),
                ])),
        ]);
}
