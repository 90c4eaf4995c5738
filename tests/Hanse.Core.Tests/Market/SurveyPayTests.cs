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

/// <summary>Surveys at a market, against a bookkeeper: whatever is told, dug and said in whatever order, a
/// survey is paid its part once, and the rest once or never, out of an escrow that has it.</summary>
public sealed class SurveyPayTests
{
    private static readonly SiteId _site = new(3);

    [Fact]
    public void The_rest_is_paid_once_when_the_time_is_over_or_never()
    {
        int stood = 0;
        int refuted = 0;
        int refused = 0;
        Gen.Select(Gen.Int[0, 8], Gen.Int[0, 7], Gen.Int[0, 9]).Array[10, 60].Sample(
            steps =>
            {
                var market = new Books();
                foreach ((int what, int which, int how) in steps)
                {
                    market.Do(what, which, how);
                    market.Check();
                }

                market.Finish();
                _ = Interlocked.Add(ref stood, market.Stood);
                _ = Interlocked.Add(ref refuted, market.Refuted);
                _ = Interlocked.Add(ref refused, market.Refused);
            },
            iter: 1_500);
        Assert.True(
            stood > 300 && refuted > 100 && refused > 300,
            $"{stood} stood, {refuted} were refuted, {refused} reports were refused");
    }

    [Theory]
    [InlineData(100_000, 5_000, 110_000, 8_000, false)] // 1.1 sigma of both
    [InlineData(100_000, 5_000, 136_000, 8_000, false)] // 3.8
    [InlineData(100_000, 5_000, 138_000, 8_000, true)] // 4.03, and the bound is 3.89
    [InlineData(100_000, 5_000, 62_000, 8_000, true)]
    [InlineData(0, 200, 0, 200, false)]
    public void A_survey_is_contradicted_by_what_chance_does_once_in_ten_thousand(
        int grade, int sigma, int dug, int dugSigma, bool isContradicted)
    {
        var kept = new KeptPay(
            new BountyId(1), new NodeId(1), new Epoch(1), new Grams(1), new Credits(1), default,
            Found(grade, sigma));
        Assert.Equal(isContradicted, kept.IsContradictedBy(Found(dug, dugSigma)));
        Assert.False(kept.IsContradictedBy(Found(dug, dugSigma) with { Site = new SiteId(4) }));
        Assert.False(kept.IsContradictedBy(Found(dug, dugSigma) with { Commodity = Commodity.Iron }));
    }

    private static Finding Found(int grade, int sigma) =>
        new(_site, Commodity.Nickel, new PartsPerMillion(grade), new PartsPerMillion(sigma));

    private sealed class Books : MarketTrial
    {
        private static readonly MissionRules _rules = MarketModel.Rules with
        {
            FillTolerance = PartsPerMillion.FromPercent(1),
            MilestoneWindows = 0,
            ExtensionMax = TimeSpan.Zero,
            BondShare = default,
            Work = new WorkRules
            {
                SurveyTime = TimeSpan.FromSeconds(20),
                SurveySigma = PartsPerMillion.FromPercent(5),
                SurveyHeldShare = PartsPerMillion.FromPercent(30),
                SurveyHold = TimeSpan.FromSeconds(400),
            },
        };

        private readonly Dictionary<BountyId, (Bounty Bounty, long Paid, bool IsOver)> _bounties = [];
        private readonly Dictionary<ContractId, MarketFact.Awarded> _awards = [];
        private readonly Dictionary<ContractId, long> _paid = [];
        private readonly Dictionary<ContractId, KeptPay> _kept = [];
        private readonly HashSet<ContractId> _told = [];
        private ulong _last;

        public Books()
            : base(_rules)
        {
        }

        public int Stood { get; private set; }

        public int Refuted { get; private set; }

        public int Refused { get; private set; }

        public void Do(int what, int which, int how)
        {
            var node = new NodeId(1 + (uint)which);
            switch (what)
            {
                case 0:
                    _last++;
                    var bounty = new Bounty(
                        new BountyId(_last), Commodity.Nickel, new DepotId(1),
                        new Grams(10 * (1 + (which % 3))),
                        new Grams(10), new Credits(1_001), (Now + TimeSpan.FromSeconds(900)).CeilingSecond)
                    {
                        Kind = WorkKind.Survey,
                        Site = _site,
                    };
                    _bounties.Add(bounty.Id, (bounty, 0, false));
                    Assert.True(Market.Open(Now, bounty));
                    break;
                case 1 or 2:
                    var asked = new BountyId(1 + ((ulong)how % Math.Max(1, _last)));
                    _ = Market.Take(Now, node, new BidSheet(Market.Cycle, NoBidReason.None, [
                        new Bid(asked, NoBidReason.None, [new BidStep(
                            new Grams(10), new Credits(500 + how),
                            (Market.Closes + TimeSpan.FromSeconds(30 + (40 * how))).CeilingSecond,
                            TimeSpan.FromSeconds(1))])]));
                    break;
                case 3 or 4 when _awards.Count > 0:
                    Tell(which, how);
                    break;
                case 5:
                    // One in ten digs elsewhere than everybody says, and one something else.
                    Market.Contradict(node, how switch
                    {
                        0 => Found(300_000, 8_000),
                        1 => Found(300_000, 8_000) with { Commodity = Commodity.Water },
                        _ => Found(101_000, 8_000),
                    });
                    break;
                case 6 when how == 0:
                    Market.EndHoldsOf(Now, node);
                    Assert.DoesNotContain(Market.Kept.Values, kept => kept.Node == node);
                    break;
                case 7:
                    Crash(isFromFacts: how % 2 == 0);
                    break;
                default:
                    Advance(TimeSpan.FromSeconds(5 + (15 * how)));
                    break;
            }
        }

        public void Check()
        {
            foreach ((BountyId id, OpenBounty open) in Market.Bounties)
            {
                (Bounty bounty, long paid, bool isOver) = _bounties[id];
                long held = _kept.Values.Where(kept => kept.Bounty == id).Sum(kept => kept.Kept.Micro);
                Assert.False(isOver);
                Assert.Equal(paid, open.Paid.Micro);
                Assert.InRange(open.Open.Value, 0, bounty.Total.Value);

                // What is promised, held back or open is in the escrow.
                long promised = bounty.ValuePerLot.ForPart(open.Open + open.UnderContract, bounty.Lot).Micro;
                Assert.InRange(paid + held + promised, 0, bounty.Worth.Micro);
            }

            Assert.Equal(_kept.Keys.Order(), Market.Kept.Keys);
            Assert.All(_kept.Values, kept => Assert.True(kept.Until > Now, "the time is over"));
        }

        public void Finish()
        {
            for (int i = 0; i < 30; i++)
            {
                Advance(TimeSpan.FromSeconds(120));
            }

            Assert.Empty(Market.Bounties);
            Assert.Empty(_kept);
        }

        private void Tell(int which, int how)
        {
            MarketFact.Awarded award = _awards.Values.ElementAt(which % _awards.Count);
            Epoch epoch = how == 9 ? new Epoch(99) : award.Epoch;
            NodeId node = how == 8 ? new NodeId(77) : award.Winner.Node;
            Finding finding = how switch
            {
                7 => Found(100_000, 5_000) with { Site = new SiteId(9) },
                6 => Found(100_000, 50_000), // Of whom nobody could ever say that it is wrong.
                _ => Found(100_000, 5_000),
            };
            bool couldBe = how < 6 && !_told.Contains(award.Contract)
                && Market.Find(award.Contract) is not null
                && Market.Bounties.ContainsKey(award.Winner.Bounty);
            bool isTaken = Market.Report(Now, node, award.Contract, epoch, finding);
            Assert.Equal(couldBe, isTaken);
            Refused += isTaken ? 0 : 1;
        }

        protected override void See(MarketFact fact)
        {
            switch (fact)
            {
                case MarketFact.Awarded awarded:
                    Assert.Equal(new Grams(10), awarded.Winner.Quantity);
                    _awards.Add(awarded.Contract, awarded);
                    break;
                case MarketFact.Kept(var contract, var kept):
                    Assert.True(_kept.TryAdd(contract, kept));
                    break;
                case MarketFact.Delivered delivered:
                    Assert.True(_told.Add(delivered.Contract), "a survey is told twice");
                    Winner winner = _awards[delivered.Contract].Winner;
                    bool counts = delivered.Counted == winner.Quantity;
                    long whole = counts ? winner.PricePerLot.Micro : 0;
                    long back = whole * 30 / 100;
                    Assert.Equal(back, _kept.GetValueOrDefault(delivered.Contract)?.Kept.Micro ?? 0);
                    Pay(delivered.Contract, winner.Bounty, delivered.Paid, whole - back);
                    break;
                case MarketFact.KeptPaid(var contract, var kept):
                    Stood++;
                    Assert.True(_kept.Remove(contract));
                    long rest = _awards[contract].Winner.PricePerLot.Micro - _paid[contract];
                    Pay(contract, kept.Bounty, kept.Kept, rest);
                    break;
                case MarketFact.Falsified(var contract, _, var dug):
                    Refuted++;
                    Assert.Equal(300_000, dug.Grade.Value);
                    Assert.True(_kept.Remove(contract), "what was paid is refuted");
                    break;
                case MarketFact.BountyClosed closed:
                    Assert.DoesNotContain(_kept.Values, kept => kept.Bounty == closed.Bounty);
                    _bounties[closed.Bounty] = _bounties[closed.Bounty] with { IsOver = true };
                    break;
                default:
                    break;
            }
        }

        private void Pay(ContractId contract, BountyId bounty, Credits paid, long expected)
        {
            Assert.Equal(expected, paid.Micro);
            _paid[contract] = _paid.GetValueOrDefault(contract) + paid.Micro;
            _bounties[bounty] = _bounties[bounty] with { Paid = _bounties[bounty].Paid + paid.Micro };
        }
    }
}
