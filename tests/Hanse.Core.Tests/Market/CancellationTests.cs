using System;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>Corners of cancelling that random sequences seldom reach.</summary>
public sealed class CancellationTests
{
    private readonly MarketModel _model = new();

    private Auctioneer Market => _model.Market;

    [Fact]
    public void What_was_paid_for_stopping_is_not_paid_for_delivering_even_if_it_is_wanted_again()
    {
        Open(20);
        ContractTerms kept = Hold(1, 8);
        ContractTerms stopped = Hold(2, 5);
        Assert.True(_model.Reduce(new BountyId(1), new Grams(8)));
        Assert.Equal(CancelState.Asked, Market.Find(stopped.Contract)!.Cancel);
        Assert.Equal(CancelState.None, Market.Find(kept.Contract)!.Cancel);
        Answer(2, stopped, CancelAnswer.Stopped);
        Credits paid = Market.Bounties[new BountyId(1)].Paid;
        Assert.True(paid > Credits.Zero);

        // The other gives back, so there is work again, which the one that stopped brings all the same.
        Assert.True(Market.Release(new NodeId(1), kept.Contract, kept.Epoch));
        Assert.Equal(8, Market.Bounties[new BountyId(1)].Open.Value);
        WeighingResult result = Market.Weigh(
            new NodeId(2), stopped.Contract, stopped.Epoch, Commodity.Nickel, new Grams(5));
        Assert.Equal(new WeighingResult(WeighingVerdict.Late, Grams.Zero, Credits.Zero), result);
        Assert.Equal(paid, Market.Bounties[new BountyId(1)].Paid);
        Assert.False(Market.Recognise(new NodeId(2), stopped.Contract, new Grams(5)));
        _model.Check();
    }

    [Fact]
    public void When_one_goes_on_another_is_asked_in_its_place()
    {
        Open(20);
        ContractTerms first = Hold(1, 6);
        ContractTerms second = Hold(2, 6);
        Assert.True(_model.Reduce(new BountyId(1), new Grams(6)));
        ContractTerms asked = Market.Find(first.Contract)!.Cancel == CancelState.Asked ? first : second;
        ContractTerms other = asked == first ? second : first;
        Assert.Equal(CancelState.None, Market.Find(other.Contract)!.Cancel);
        Answer(asked == first ? 1U : 2U, asked, CancelAnswer.Kept);
        Assert.Equal(CancelState.Kept, Market.Find(asked.Contract)!.Cancel);
        Assert.Equal(CancelState.Asked, Market.Find(other.Contract)!.Cancel);
        _model.Check();
    }

    [Fact]
    public void A_successor_honours_what_is_not_wanted_any_more_and_asks_to_stop()
    {
        Open(20);
        _ = Hold(1, 5);
        Assert.True(_model.Reduce(new BountyId(1), default));
        ContractTerms late = Hold(2, 8);
        Assert.Equal(CancelState.Asked, Market.Find(late.Contract)!.Cancel);
        WeighingResult result = Market.Weigh(
            new NodeId(2), late.Contract, late.Epoch, Commodity.Nickel, new Grams(8));
        Assert.Equal((WeighingVerdict.Settled, 8), (result.Verdict, result.Counted.Value));
        _model.Check();
    }

    [Fact]
    public void What_stopping_has_cost_is_promised_to_nobody()
    {
        // Work is brought and stopped again and again: in the end what is left covers no more of it.
        // One has all that is wanted aboard, and is not asked.
        Open(20);
        uint loaded = 0;
        while (Terms(loaded, 3).Contract.Value % 7 > 0)
        {
            loaded++;
        }

        _ = Hold(loaded, 3);
        Assert.True(_model.Reduce(new BountyId(1), new Grams(3)));
        int stopped = 0;
        for (uint node = 100; node < 140; node++)
        {
            ContractTerms terms = Terms(node, 9);
            if (terms.Contract.Value % 7 > 0 && Market.Honour(_model.Now, new NodeId(node), terms))
            {
                Answer(node, terms, CancelAnswer.Stopped);
                stopped++;
            }

            _model.Check();
        }

        Assert.InRange(stopped, 1, 10);
        Assert.InRange(Market.Bounties[new BountyId(1)].Room.Value, 0, 8);
    }

    [Fact]
    public void A_backup_is_asked_for_until_the_rest_is_there_and_then_stopped_and_compensated()
    {
        Open(20, backup: 8);
        ContractTerms first = Hold(1, 6);
        ContractTerms second = Hold(2, 6);
        ContractTerms spare = Hold(3, 8);
        Assert.Equal(0, Market.Bounties[new BountyId(1)].Open.Value);
        _ = Market.Weigh(new NodeId(1), first.Contract, first.Epoch, Commodity.Nickel, new Grams(6));
        Market.CloseBounties(_model.Now);
        Assert.Equal(CancelState.None, Market.Find(spare.Contract)!.Cancel);

        // The second gives back: what is in hand suffices, and what is asked for is the backup.
        Assert.True(Market.Release(new NodeId(2), second.Contract, second.Epoch));
        Assert.Equal(6, Market.Bounties[new BountyId(1)].Open.Value);
        ContractTerms late = Hold(4, 6);
        _ = Market.Weigh(new NodeId(3), spare.Contract, spare.Epoch, Commodity.Nickel, new Grams(8));
        Market.CloseBounties(_model.Now);
        Assert.Equal(CancelState.Asked, Market.Find(late.Contract)!.Cancel);
        Assert.Equal(12, Market.Bounties[new BountyId(1)].Wanted.Value);
        Answer(4, late, CancelAnswer.Stopped);
        Assert.Empty(Market.Bounties); // Filled, with fourteen of twelve.
        _model.Check();
    }

    private void Open(long total, long backup = 0)
    {
        _model.Now = Instant.Epoch + TimeSpan.FromSeconds(10);
        Market.Wake(_model.Now);
        _model.Open(new Bounty(
            new BountyId(1), Commodity.Nickel, new DepotId(1), new Grams(total), new Grams(1),
            new Credits(700), _model.Now.CeilingSecond + TimeSpan.FromSeconds(200))
        {
            Backup = new Grams(backup),
        });
    }

    private ContractTerms Hold(uint node, long quantity)
    {
        ContractTerms terms = Terms(node, quantity);
        Assert.True(Market.Honour(_model.Now, new NodeId(node), terms));
        return terms;
    }

    private ContractTerms Terms(uint node, long quantity) => new(
        ContractId.After(new RegionId(1), node), new Epoch(node + 1), new BountyId(1), new Grams(quantity),
        new Credits(600), _model.Now.CeilingSecond + TimeSpan.FromSeconds(100));

    private void Answer(uint node, ContractTerms terms, CancelAnswer answer) =>
        Assert.True(Market.Answer(_model.Now, new NodeId(node), terms.Contract, terms.Epoch, answer));
}
