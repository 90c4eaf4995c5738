using System;
using System.Collections.Generic;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Simulation.Fleet;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

public class PaymentCheckTests
{
    private static readonly ContractId _contract = ContractId.After(new RegionId(1), 0);
    private static readonly NodeId _node = new(3);

    private readonly List<string> _broken = [];
    private readonly PaymentCheck _check;

    public PaymentCheckTests()
    {
        _check = new PaymentCheck((holds, claim) => _broken.AddRange(holds ? [] : [claim]));
        var bounty = new Bounty(
            new BountyId(7), Commodity.Nickel, new DepotId(1), Grams.FromTonnes(10), Grams.FromTonnes(5),
            Credits.FromWhole(10), new Instant(1_000_000_000));
        See(new MarketFact.BountyOpened(bounty, default));
        See(new MarketFact.Awarded(
            _contract, new Epoch(1), new Winner(bounty.Id, _node, Grams.FromTonnes(2), Credits.FromWhole(5),
                new Instant(0), TimeSpan.Zero, Credits.FromWhole(4)), new Instant(0), new Instant(0)));
    }

    [Fact]
    public void A_delivery_that_is_paid_at_once_and_once_is_in_order()
    {
        Deliver(Grams.FromTonnes(2), Credits.FromWhole(2));
        Pay(Credits.FromWhole(2));
        _check.DemandPaid(0);
        Assert.Empty(_broken);
    }

    [Fact]
    public void A_second_payment_is_found()
    {
        Deliver(Grams.FromTonnes(2), Credits.FromWhole(2));
        Pay(Credits.FromWhole(2));
        Pay(Credits.FromWhole(2));
        Assert.Equal(
            ["nothing leaves an escrow for a node but what a delivery or stopping is paid, once"], _broken);
    }

    [Fact]
    public void A_delivery_that_is_not_paid_is_found()
    {
        Deliver(Grams.FromTonnes(2), Credits.FromWhole(2));
        _check.DemandPaid(0);
        Assert.Equal(["nothing is delivered unpaid"], _broken);
    }

    [Fact]
    public void Cargo_in_time_that_does_not_count_is_found()
    {
        Deliver(Grams.FromTonnes(1), Credits.FromWhole(1));
        Assert.Equal(["what is delivered in time counts"], _broken);
    }

    [Fact]
    public void Another_price_is_found()
    {
        Deliver(Grams.FromTonnes(2), Credits.FromWhole(3));
        Assert.Equal(["a delivery is paid what counts of it, at the contract's price"], _broken);
    }

    [Fact]
    public void More_recognised_than_was_weighed_is_found()
    {
        Deliver(Grams.FromTonnes(2), Credits.FromWhole(2));
        Pay(Credits.FromWhole(2));
        See(new MarketFact.Recognised(_contract, new Grams(1), new Credits(1)));
        Assert.Equal(["no more counts than was weighed, whoever lets it count"], _broken);
    }

    // Two tonnes are on the scale, as contracted.
    private void Deliver(Grams counted, Credits paid) => See(new MarketFact.Delivered(
        _contract, ContractOutcome.Settled, Grams.FromTonnes(2), counted, paid));

    private void Pay(Credits amount) => _check.See(0, new HubFact.Posted(new Posting(
        new AccountId(AccountKind.Escrow, 7), new AccountId(AccountKind.Balance, _node.Value), amount)));

    private void See(MarketFact fact) => _check.See(0, new HubFact.Market(fact));
}
