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

/// <summary>A market with joint work, one batch after the other; rebuilt after each.</summary>
/// <param name="hold">Share of the nodes that may be held back.</param>
/// <param name="batches">Through so many batches.</param>
internal sealed class JointTrial(int hold = 0, int batches = 0) : MarketTrial(MarketModel.Rules with
{
    BondShare = default,
    JointHoldShare = PartsPerMillion.FromPercent(hold),
    JointHoldBatches = batches,
})
{
    private int _crashes;
    private uint _busy = 1_000;

    public Instant Start { get; } = Instant.Epoch + TimeSpan.FromSeconds(100);

    public List<MarketFact.Awarded> Awarded { get; } = [];

    public SortedDictionary<NodeId, BidSheet> Sheets { get; } = [];

    public List<(uint Work, ulong Bounty)> Left { get; } = [];

    public List<uint> Broken { get; } = [];

    public List<(ulong Bounty, BountyOutcome Outcome)> Closed { get; } = [];

    public Credits Paid { get; private set; }

    public IEnumerable<(ulong Bounty, uint Node)> Awards =>
        Awarded.Select(award => (award.Winner.Bounty.Value, award.Winner.Node.Value));

    public void Open(
        ulong id, long total, JointWork joint, long value = 1_000, int seconds = 1_000,
        bool isTaken = true)
    {
        Bounty bounty = Bounty(id, total, joint, value) with
        {
            Deadline = (Start + TimeSpan.FromSeconds(seconds)).CeilingSecond,
        };
        Assert.Equal(isTaken, Market.Open(Now, bounty));
    }

    public void Adopt(ulong id, long total, JointWork joint, long delivered, uint epoch) =>
        Assert.True(Market.Adopt(
            new BountyAssigned(
                Bounty(id, total, joint, 1_000), new Grams(delivered),
                new Credits(1_000 * delivered / total), new Epoch(epoch), new TransferId(1)),
            Now));

    /// <summary>Who is held back, batch by batch; nobody in one that holds nobody.</summary>
    public List<(uint Work, uint[] Nodes)> Held { get; } = [];

    public List<uint> HoldsEnded { get; } = [];

    public void Bid(uint node, params (ulong Bounty, long Quantity, long Price)[] offers) =>
        BidFor(600, node, offers);

    /// <summary>Offers to be there so many seconds after the batch.</summary>
    public void BidFor(
        int seconds, uint node, params (ulong Bounty, long Quantity, long Price)[] offers) => Assert.Equal(
        SheetVerdict.Taken,
        Market.Take(Now, new NodeId(node), new BidSheet(Market.Cycle, NoBidReason.None,
        [
            .. offers.Select(offer => new Bid(new BountyId(offer.Bounty), NoBidReason.None,
                [
                    new BidStep(
                        new Grams(offer.Quantity), new Credits(offer.Price),
                        (Market.Closes + TimeSpan.FromSeconds(seconds)).CeilingSecond, TimeSpan.Zero),
                ])),
        ])));

    public ContractId ContractOf(uint node) =>
        Awarded.Last(award => award.Winner.Node.Value == node).Contract;

    public void Release(uint node)
    {
        MarketFact.Awarded award = Awarded.Last(one => one.Winner.Node.Value == node);
        Assert.True(Market.Release(new NodeId(node), award.Contract, award.Epoch));
    }

    public void NextCycle()
    {
        Advance(Market.Closes - Now);
        Crash(isFromFacts: _crashes++ % 2 == 0);
    }

    /// <summary>What the node holds is delivered.</summary>
    public void Deliver(uint node)
    {
        MarketFact.Awarded award = Awarded.Last(one => one.Winner.Node.Value == node);
        WeighingResult result = Market.Weigh(
            new NodeId(node), award.Contract, award.Epoch, Commodity.Nickel, award.Winner.Quantity);
        Assert.Equal(WeighingVerdict.Settled, result.Verdict);
        Market.CloseBounties(Now);
    }

    /// <summary>The next cycle; in this one three others take work of the fourth bounty that is done soon.
    /// They offer the first as well, for more than is paid.</summary>
    public void NextBusy()
    {
        for (int i = 0; i < 3; i++)
        {
            BidFor(70, _busy++, (1, 10, 1_001), (4, 10, 100));
        }

        NextCycle();
    }

    protected override void See(MarketFact fact)
    {
        switch (fact)
        {
            case MarketFact.SheetTaken(var node, var sheet):
                Sheets.Add(node, sheet);
                break;
            case MarketFact.Awarded awarded:
                Awarded.Add(awarded);
                break;
            case MarketFact.JointLeft(var work, var bounty, _):
                Left.Add((work, bounty.Value));
                break;
            case MarketFact.JointHeld(var hold):
                Held.Add((hold.Work, [.. hold.Nodes.Select(node => node.Value)]));
                break;
            case MarketFact.JointHoldEnded(var work):
                HoldsEnded.Add(work);
                break;
            case MarketFact.JointBroken(var work):
                Broken.Add(work);
                break;
            case MarketFact.Cancelled(_, var paid):
                Paid += paid;
                break;
            case MarketFact.BountyClosed closed:
                Closed.Add((closed.Bounty.Value, closed.Outcome));
                break;
            case MarketFact.CycleOpened:
                Sheets.Clear();
                break;
            default:
                break;
        }
    }

    private static Bounty Bounty(ulong id, long total, JointWork joint, long value) => new(
        new BountyId(id), Commodity.Nickel, new DepotId(1), new Grams(total), new Grams(10),
        new Credits(value), Instant.Epoch + TimeSpan.FromSeconds(1_100))
    {
        Joint = joint,
    };
}
