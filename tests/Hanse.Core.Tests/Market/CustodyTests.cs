using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using CsCheck;
using Hanse.Core.Identity;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Market;

/// <summary>Transports at a market, against a bookkeeper: whatever is asked for, docked and forgotten in
/// whatever order, stores never fall below zero, no more is paid for than was handed out, custody ends once,
/// and whoever loses goods pays for them in full.</summary>
public sealed class CustodyTests
{
    [Fact]
    public void Goods_are_on_a_scale_or_charged_in_full()
    {
        int taken = 0;
        int delivered = 0;
        int lost = 0;
        int gone = 0;
        int back = 0;
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 7], Gen.Int[0, 11]).Array[20, 80].Sample(
            steps =>
            {
                var market = new Books();
                foreach ((int what, int which, int how) in steps)
                {
                    market.Do(what, which, how);
                    market.Check();
                }

                market.Finish();
                _ = Interlocked.Add(ref taken, market.Taken);
                _ = Interlocked.Add(ref delivered, market.Delivered);
                _ = Interlocked.Add(ref lost, market.Lost);
                _ = Interlocked.Add(ref gone, market.Gone);
                _ = Interlocked.Add(ref back, market.Back);
            },
            iter: 1_500);
        Assert.True(
            taken > 700 && delivered > 500 && lost > 300 && gone > 100 && back > 60,
            $"{taken} taken, {delivered} delivered, {lost} lost in part, {gone} gone, {back} back");
    }

    [Theory]
    [InlineData(1_000_000, 1_003_000, 0)] // A scale that shows more.
    [InlineData(1_000_000, 1_000_000, 0)]
    [InlineData(1_000_000, 994_344, 0)] // As much as two scales of 0.1 % err by at four sigma.
    [InlineData(1_000_000, 994_343, 5_657)] // A gram more, and all of it is missing.
    [InlineData(1_000_000, 0, 1_000_000)]
    [InlineData(3, 2, 1)]
    public void What_scales_cannot_have_erred_is_lost(long handed, long weighed, long lost)
    {
        var custody = new Custody(
            new NodeId(1), new DepotId(1), Commodity.Iron, new Grams(handed), new Grams(1_000_000),
            new Credits(500));
        Assert.Equal(new Grams(lost), custody.Lost(new Grams(weighed), new PartsPerMillion(5_656)));
        Assert.Equal(new Credits(lost * 500 / 1_000_000), custody.ChargeFor(new Grams(lost)));
    }

    private sealed class Books : MarketTrial
    {
        private const int Load = 1_000;

        private static readonly MissionRules _rules = MarketModel.Rules with
        {
            FillTolerance = PartsPerMillion.FromPercent(1),
            MilestoneWindows = 2,
            ExtensionMax = TimeSpan.Zero,
            BondShare = default,
            Work = new WorkRules
            {
                CustodyTolerance = new PartsPerMillion(5_656),
                LossCharge = PartsPerMillion.FromPercent(150),
            },
        };

        private readonly Dictionary<BountyId, Bounty> _bounties = [];
        private readonly Dictionary<ContractId, MarketFact.Awarded> _awards = [];
        private readonly Dictionary<uint, long> _stores = [];
        private readonly Dictionary<ContractId, Custody> _custody = [];
        private readonly Dictionary<ContractId, long> _handed = [];
        private readonly Dictionary<NodeId, long> _balances = [];
        private ulong _last;

        public Books()
            : base(_rules)
        {
            for (uint node = 1; node <= 8; node++)
            {
                _balances[new NodeId(node)] = 700 * node; // The first of them can answer for little.
            }

            Stock();
        }

        public int Taken { get; private set; }

        public int Delivered { get; private set; }

        public int Lost { get; private set; }

        public int Gone { get; private set; }

        public int Back { get; private set; }

        public void Do(int what, int which, int how)
        {
            var node = new NodeId(1 + (uint)which);
            switch (what)
            {
                case 0 or 1:
                    Open(which, how);
                    break;
                case 2 or 3 when Market.Requests.Length > 0:
                    BountyId asked = Market.Requests[how % Market.Requests.Length].Bounty;
                    _ = Market.Take(Now, node, new BidSheet(Market.Cycle, NoBidReason.None, [
                        new Bid(asked, NoBidReason.None, [
                            Step(Load / 4, 600 + how, how), Step(Load, 500 + how, how)])]));
                    break;
                case 4 or 5 when Awards.Length > 0:
                    HandOut(Awards[which % Awards.Length], how);
                    break;
                case 6 or 7 when Awards.Length > 0:
                    Dock(Awards[which % Awards.Length], how);
                    break;
                case 8:
                    Crash(isFromFacts: how % 2 == 0);
                    break;
                case 9 when how == 0:
                    _balances[node] /= 2; // It buys something.
                    if (Market.HasCustody(node))
                    {
                        _balances[node] *= 2; // But not while it carries.
                    }

                    break;
                default:
                    Advance(TimeSpan.FromSeconds(5 + (15 * how)));
                    break;
            }
        }

        public void Check()
        {
            foreach (uint depot in _stores.Keys)
            {
                Assert.InRange(_stores[depot], 0, long.MaxValue);
                Assert.Equal(
                    _stores[depot], Market.Stored(new DepotId(depot), Commodity.Nickel).Value);
            }

            Assert.Equal(_custody.OrderBy(c => c.Key), Market.InCustody.OrderBy(c => c.Key));
            Assert.Distinct(_custody.Values.Select(custody => custody.Node));
            Assert.All(_custody.Values, custody => Assert.True(
                custody.ChargeFor(custody.Mass).Micro <= _balances[custody.Node], "it could not pay"));
        }

        public void Finish()
        {
            for (int i = 0; i < 40; i++)
            {
                Advance(TimeSpan.FromSeconds(120));
            }

            Assert.Empty(Market.Bounties);
            Assert.Empty(_custody);
        }

        private BidStep Step(long grams, long price, int how) => new(
            new Grams(grams), new Credits(price),
            (Market.Closes + TimeSpan.FromSeconds(60 + (40 * how))).CeilingSecond, TimeSpan.FromSeconds(1));

        // Deliveries fill the store of the first depot, transports go between the two.
        private void Open(int which, int how)
        {
            _last++;
            bool isDelivery = how % 4 == 0;
            bool isBack = how == 1;
            var bounty = new Bounty(
                new BountyId(_last), Commodity.Nickel, new DepotId(isDelivery || isBack ? 1U : 2U),
                new Grams(Load * (1 + (which % 3))), new Grams(Load), new Credits(1_001),
                (Now + TimeSpan.FromSeconds(900)).CeilingSecond)
            {
                Kind = isDelivery ? WorkKind.Deliver : WorkKind.Transport,
                From = new DepotId(isDelivery ? 0U : isBack ? 2U : 1U),
            };
            Assert.True(bounty.IsSound);
            _bounties.Add(bounty.Id, bounty);
            Assert.True(Market.Open(Now, bounty));
        }

        // That something may still become of.
        private MarketFact.Awarded[] Awards =>
        [
            .. _awards.Values.Where(award => _custody.ContainsKey(award.Contract)
                || Market.Find(award.Contract) is { Status: not ContractStatus.Settled }),
        ];

        // Something is in store when it begins: eight loads of deliveries.
        private void Stock()
        {
            Open(2, 0);
            Open(2, 0);
            Open(1, 0);
            for (int node = 0; node < 8; node++)
            {
                Do(2, node, node);
            }

            Advance(TimeSpan.FromSeconds(70));
            foreach (MarketFact.Awarded award in Awards)
            {
                Dock(award, 11);
            }
        }

        private void HandOut(MarketFact.Awarded award, int how)
        {
            Bounty bounty = _bounties[award.Winner.Bounty];
            Epoch epoch = how == 9 ? new Epoch(99) : award.Epoch;
            NodeId node = how == 8 ? new NodeId(77) : award.Winner.Node;
            DepotId depot = how == 7 ? bounty.Depot : bounty.From;
            int before = Taken;
            Grams given = Market.HandOut(
                node, depot, award.Contract, epoch, award.Winner.Quantity + new Grams(10));
            Assert.Equal(given > Grams.Zero, Taken > before);
            Assert.False(given > Grams.Zero && how is 7 or 8 or 9, "handed to whom it is not for");
        }

        // As a hub does: what is weighed is settled, and then whoever carries goods is free of them.
        private void Dock(MarketFact.Awarded award, int how)
        {
            NodeId node = award.Winner.Node;
            Bounty bounty = _bounties[award.Winner.Bounty];
            long aboard = _custody.GetValueOrDefault(award.Contract)?.Mass.Value
                ?? (bounty.Kind == WorkKind.Deliver ? award.Winner.Quantity.Value : 0);
            var weighed = new Grams(how switch
            {
                0 => aboard / 2,
                1 => 0,
                2 => Math.Max(0, aboard - 4),
                3 => aboard + 3,
                _ => aboard,
            });
            DepotId depot = how is 4 or 5 ? new DepotId(3 - bounty.Depot.Value) : bounty.Depot;
            ContractId contract = how is 5 or 6 ? default : award.Contract;
            if (contract != default && Market.EndsAt(contract, depot))
            {
                _ = Market.Weigh(node, contract, award.Epoch, Commodity.Nickel, weighed);
            }

            Market.EndCustody(node, depot, contract, Commodity.Nickel, weighed);
            Assert.False(Market.HasCustody(node));
            Market.CloseBounties(Now);
        }

        protected override Credits CreditOf(NodeId node) => new(_balances.GetValueOrDefault(node));

        protected override void See(MarketFact fact)
        {
            switch (fact)
            {
                case MarketFact.Awarded awarded:
                    _awards.Add(awarded.Contract, awarded);
                    break;
                case MarketFact.CustodyTaken(var contract, var custody):
                    Taken++;
                    Winner winner = _awards[contract].Winner;
                    Bounty taken = _bounties[winner.Bounty];
                    Assert.True(Market.Find(contract)!.IsLive);
                    Assert.Equal((winner.Node, taken.From), (custody.Node, custody.From));
                    Assert.InRange(
                        custody.Mass.Value, 1, Bounty.Countable(winner.Quantity, winner.Quantity).Value);
                    Assert.Equal(new Credits(1_501), custody.ChargePerLot); // 150 % of 1,001, rounded down.
                    Assert.True(_custody.TryAdd(contract, custody), "handed out twice");
                    _handed[contract] = custody.Mass.Value;
                    Move(custody.From, -custody.Mass.Value);
                    break;
                case MarketFact.Delivered delivered:
                    Deliver(delivered);
                    break;
                case MarketFact.CustodyEnded ended:
                    End(ended);
                    break;
                case MarketFact.Forgotten(var contract):
                    Assert.DoesNotContain(contract, _custody.Keys);
                    break;
                default:
                    break;
            }
        }

        private void Deliver(MarketFact.Delivered delivered)
        {
            Winner winner = _awards[delivered.Contract].Winner;
            Bounty bounty = _bounties[winner.Bounty];
            _balances[winner.Node] += delivered.Paid.Micro;
            if (bounty.Kind == WorkKind.Deliver)
            {
                // Of a bounty that is over it is nobody's business.
                _ = Market.Bounties.ContainsKey(bounty.Id) && Move(bounty.Depot, delivered.Weighed.Value);
                return;
            }

            Delivered++;
            long handed = _custody.ContainsKey(delivered.Contract) ? _handed[delivered.Contract] : 0;
            Assert.InRange(delivered.Counted.Value, 0, Math.Min(handed, delivered.Weighed.Value));
        }

        private void End(MarketFact.CustodyEnded ended)
        {
            Assert.True(_custody.Remove(ended.Contract, out Custody? custody), "custody ends twice");
            long missing = Math.Max(0, custody.Mass.Value - ended.Weighed.Value);
            bool isLost = missing > custody.Mass.Value * 5_656L / 1_000_000;
            Assert.Equal(isLost ? missing : 0, ended.Lost.Value);
            Assert.Equal(custody.ChargeFor(ended.Lost), ended.Charge); // In full, whoever it is.
            _balances[custody.Node] -= ended.Charge.Micro;
            Assert.InRange(_balances[custody.Node], 0, long.MaxValue);
            Lost += isLost ? 1 : 0;
            Gone += ended.At.Value == 0 ? 1 : 0;
            Back += ended.At == custody.From && ended.Weighed > Grams.Zero ? 1 : 0;
            _ = ended.At.Value > 0 && Move(ended.At, ended.Weighed.Value);
        }

        private bool Move(DepotId depot, long mass)
        {
            _stores[depot.Value] = _stores.GetValueOrDefault(depot.Value) + mass;
            return true;
        }
    }
}
