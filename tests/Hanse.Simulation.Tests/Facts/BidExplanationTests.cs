using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Links;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.IO.Facts;
using Xunit;

namespace Hanse.Simulation.Tests.Facts;

public class BidExplanationTests
{
    private static readonly Party _hub = Party.Of(new RegionId(1));
    private static readonly Grams _lot = Grams.FromTonnes(1);
    private static readonly Instant _deadline = Days(9);

    [Fact]
    public void Every_batch_that_asked_is_told_with_every_award_and_payment()
    {
        IReadOnlyList<FactStep> steps = FactsRun.Shared.Steps;
        LedgerAudit audit = FactsRun.Audit(steps);
        foreach ((BountyId id, AuditedBounty money) in audit.Bounties)
        {
            BountyStory story = Explain(steps, id)!;
            MarketFact[] market =
            [
                .. steps.SelectMany(step => step.Hub).OfType<HubFact.Market>().Select(fact => fact.Fact),
            ];
            int asked = market.Count(fact => fact is MarketFact.CycleOpened cycle
                && cycle.Requests.Any(request => request.Bounty == id));
            Assert.InRange(story.Batches.Count, Math.Max(0, asked - 1), asked); // The last may not be opened.
            Assert.Equal(
                market.Count(fact => fact is MarketFact.Awarded awarded && awarded.Winner.Bounty == id),
                story.Batches.Sum(batch => batch.Fates.Count(fate => fate.Outcome == BidOutcome.Awarded)));
            Assert.Equal(money.Paid.Micro, story.Contracts.Sum(contract => contract.Paid.Micro));
            Assert.Equal(money.ClosedAt, story.Closed);
        }
    }

    [Fact]
    public void Every_price_is_covered_by_the_bids()
    {
        IReadOnlyList<FactStep> steps = FactsRun.Shared.Steps;
        int batches = 0;
        foreach (BountyId id in FactsRun.Audit(steps).Bounties.Keys)
        {
            foreach (BountyBatch batch in Explain(steps, id)!.Batches.Where(batch => batch.Price is not null))
            {
                batches++;
                Assert.True(batch.Price <= batch.Request.Reserve);
                Assert.True(batch.PriceSetBy is null || batch.Fates.Any(fate =>
                    fate.Node == batch.PriceSetBy && fate.Outcome != BidOutcome.Awarded));
            }
        }

        Assert.True(batches > 5);
    }

    // Ten nodes, a batch that asks for two tonnes for bounty 1 and one for bounty 2, and a fate for each
    // node.
    [Fact]
    public void Every_node_of_a_batch_has_its_reason()
    {
        BountyStory story = Explain([.. Batch()], new BountyId(1))!;
        BountyBatch batch = Assert.Single(story.Batches);
        (BidOutcome, NoBidReason)[] fates =
        [
            (BidOutcome.Awarded, NoBidReason.None),
            (BidOutcome.LostDraw, NoBidReason.None),
            (BidOutcome.Awarded, NoBidReason.None),
            (BidOutcome.Outbid, NoBidReason.None),
            (BidOutcome.AboveReserve, NoBidReason.None),
            (BidOutcome.AfterDeadline, NoBidReason.None),
            (BidOutcome.TookOther, NoBidReason.None),
            (BidOutcome.NoBid, NoBidReason.NoProfit),
            (BidOutcome.NoBid, NoBidReason.Worn),
            (BidOutcome.NotHeard, NoBidReason.None),
            (BidOutcome.NoAnswer, NoBidReason.None),
        ];
        Assert.Equal(fates, batch.Fates.Select(fate => (fate.Outcome, fate.Reason)));
        Assert.Equal(Price(5), batch.Price);
        Assert.Equal(new NodeId(2), batch.PriceSetBy);
        Assert.Equal(Price(5), story.Contracts[0].Paid);
        Assert.Equal(ContractOutcome.Settled, story.Contracts[0].Outcome);
        Assert.Null(story.Contracts[1].Outcome);

        BountyStory other = Explain([.. Batch()], new BountyId(2))!;
        Assert.Equal(BidOutcome.Awarded, other.Batches[0].Fates[6].Outcome);
        Assert.Null(other.Batches[0].PriceSetBy);
    }

    [Fact]
    public void Of_an_ask_it_is_told_what_is_for_hours()
    {
        FactStep[] steps = [Step(0, 1, new MarketFact.HourPosted(new Credits(10_000))), .. Batch()];
        BountyBatch batch = Assert.Single(Explain(steps, new BountyId(1))!.Batches);
        Credits fourDays = new(4 * 24 * 10_000);
        Assert.Equal(fourDays, batch.Fates[0].ForHours);
        Assert.Equal(Price(1), batch.Fates[5].ForHours); // Nine days, of an ask for less than that.
        Assert.Equal(Credits.Zero, batch.Fates[8].ForHours); // It did not bid.
        Assert.All(
            Assert.Single(Explain([.. Batch()], new BountyId(1))!.Batches).Fates,
            fate => Assert.Equal(Credits.Zero, fate.ForHours));
    }

    [Fact]
    public void A_node_that_holds_work_is_not_asked()
    {
        FactStep[] steps =
        [
            .. Batch(),
            Step(20, 4, Cycle(3, Request(1, 1))),
            Step(21, 5, new MarketFact.Delivered(Contract(2), ContractOutcome.Settled, _lot, _lot, Price(5))),
            Step(22, 6, new MarketFact.Cleared(new CycleNumber(3), [0])),
        ];
        BountyBatch last = Explain(steps, new BountyId(1))!.Batches[^1];
        Assert.Equal(BidOutcome.Leased, last.Fates[2].Outcome); // Until after it was last heard.
        Assert.Equal(BidOutcome.Leased, last.Fates[6].Outcome); // Of another bounty, still.
        Assert.Equal(BidOutcome.NotHeard, last.Fates[0].Outcome);
    }

    [Fact]
    public void A_bounty_that_was_never_posted_has_no_story() =>
        Assert.Null(Explain(FactsRun.Shared.Steps, new BountyId(999_999)));

    private static BountyStory? Explain(IReadOnlyList<FactStep> steps, BountyId bounty)
    {
        var explanation = new BidExplanation(bounty);
        foreach (FactStep step in steps)
        {
            explanation.Take(step);
        }

        return explanation.Story;
    }

    private static IEnumerable<FactStep> Batch()
    {
        yield return new FactStep(Party.Strategy, 1, Days(0), [],
        [
            new StrategyFact.BountyPosted(new RegionId(1), Bounty(1, 2)),
            new StrategyFact.BountyPosted(new RegionId(1), Bounty(2, 1)),
        ]);
        yield return new FactStep(_hub, 1, new Instant(1), [.. Roster(11)], []);
        yield return Step(
            2,
            2,
            new MarketFact.BountyOpened(Bounty(1, 2), new Instant(2)),
            new MarketFact.BountyOpened(Bounty(2, 1), new Instant(2)),
            Cycle(2, Request(1, 2), Request(2, 1)));
        var heard = Enumerable.Range(1, 11).Where(node => node != 10).Select(node => new HubFact.NodeLink(
            new NodeId((uint)node), new LinkFact.Taken(new Instant(3), 0, [], [])));
        MarketFact[] sheets =
        [
            Offer(1, 3), Offer(2, 5), Offer(3, 5), Offer(4, 6), Offer(5, 11), Offer(6, 1, late: true),
            Sheet(7, Bid(1, 9), Bid(2, 1)),
            Sheet(8, Core.Messages.Bid.None(new BountyId(1), NoBidReason.NoProfit)),
            new MarketFact.SheetTaken(new NodeId(9), new BidSheet(new CycleNumber(2), NoBidReason.Worn, [])),
        ];
        yield return new FactStep(
            _hub, 3, new Instant(4), [.. heard, .. sheets.Select(sheet => new HubFact.Market(sheet))], []);
        yield return Step(
            10,
            4,
            new MarketFact.Cleared(new CycleNumber(2), [5, 0]),
            Award(1, 1, 1, 5),
            Award(2, 1, 3, 5),
            Award(3, 2, 7, 10),
            Cycle(3, Request(1, 1)));
        yield return Step(11, 5, new MarketFact.Delivered(
            Contract(1), ContractOutcome.Settled, _lot, _lot, Price(5)));
    }

    private static FactStep Step(long at, ulong number, params MarketFact[] facts) =>
        new(_hub, number, new Instant(at), [.. facts.Select(fact => new HubFact.Market(fact))], []);

    // Nodes as if they had come from another region: an enrolment needs a plan.
    private static IEnumerable<HubFact> Roster(int count) => Enumerable.Range(1, count)
        .Select(node => (HubFact)new HubFact.NodeArrived(new NodeId((uint)node), new Instant(1)));

    private static Bounty Bounty(ulong id, int lots) => new(
        new BountyId(id), Commodity.Nickel, new DepotId(1), Grams.FromTonnes(lots), _lot, Price(10),
        _deadline);

    private static Request Request(ulong id, int lots) => new(
        new BountyId(id), Commodity.Nickel, new DepotId(1), Grams.FromTonnes(lots), _lot, Price(10),
        _deadline);

    private static MarketFact Cycle(uint number, params Request[] requests) =>
        new MarketFact.CycleOpened(new CycleNumber(number), Days(1), [.. requests]);

    private static MarketFact Offer(uint node, long price, bool late = false) =>
        Sheet(node, Bid(1, price, late));

    private static Bid Bid(ulong bounty, long price, bool late = false) => new(
        new BountyId(bounty),
        NoBidReason.None,
        [new BidStep(_lot, Price(price), late ? Days(10) : Days(5), TimeSpan.Zero)]);

    private static MarketFact Sheet(uint node, params Bid[] bids) => new MarketFact.SheetTaken(
        new NodeId(node), new BidSheet(new CycleNumber(2), NoBidReason.None, [.. bids]));

    private static MarketFact Award(ulong contract, ulong bounty, uint node, long price) =>
        new MarketFact.Awarded(
        Contract(contract),
        new Epoch(1),
        new Winner(
            new BountyId(bounty), new NodeId(node), _lot, Price(price), Days(5), TimeSpan.Zero, Price(price)),
        Days(2),
        Days(6));

    private static ContractId Contract(ulong count) => ContractId.After(new RegionId(1), count - 1);

    private static Credits Price(long credits) => Credits.FromWhole(credits);

    private static Instant Days(int days) => new(days * 86_400_000_000L);
}
