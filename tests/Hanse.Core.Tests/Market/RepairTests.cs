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

/// <summary>Calls for help at a market, against a bookkeeper: whatever patients and repairers say in whatever
/// order, a repair is paid for once, by whom it was done to, and only when the patient said so or was seen to
/// move.</summary>
public sealed class RepairTests
{
    private const uint Patient = 1;
    private const uint Repairer = 2;

    private readonly Clinic _clinic = new();

    private Auctioneer Market => _clinic.Market;

    [Fact]
    public void A_repair_is_paid_once_out_of_what_was_set_aside_or_never()
    {
        int paid = 0;
        int borneOut = 0;
        int refuted = 0;
        int refused = 0;
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 5], Gen.Int[0, 9]).Array[10, 80].Sample(
            steps =>
            {
                var clinic = new Clinic();
                foreach ((int what, int which, int how) in steps)
                {
                    clinic.Do(what, which, how);
                    clinic.Check();
                }

                clinic.Finish();
                _ = Interlocked.Add(ref paid, clinic.Paid);
                _ = Interlocked.Add(ref borneOut, clinic.BorneOut);
                _ = Interlocked.Add(ref refuted, clinic.Refuted);
                _ = Interlocked.Add(ref refused, clinic.Refused);
            },
            iter: 2_000);
        Assert.True(
            paid > 200 && borneOut > 100 && refuted > 100 && refused > 300,
            $"{paid} paid, {borneOut} borne out, {refuted} refuted, {refused} refused");
    }

    [Fact]
    public void A_call_is_taken_once_and_for_no_more_than_its_patient_owns()
    {
        Assert.Equal(HelpVerdict.Taken, _clinic.Ask(Patient, 1, offer: long.MaxValue / 8));
        Assert.Equal(Clinic.Purse, Market.Bounties[BountyId.Help(new NodeId(Patient), 1)].Bounty.Worth.Micro);
        Assert.Equal(HelpVerdict.AlreadyOpen, _clinic.Ask(Patient, 1));
        Assert.Equal(HelpVerdict.AlreadyOpen, _clinic.Ask(Patient, 2));
        Assert.Equal(SheetVerdict.Immobile, _clinic.Bid(Patient, BountyId.Help(new NodeId(7), 1)));
    }

    [Fact]
    public void A_call_without_sense_is_refused()
    {
        Assert.Equal(HelpVerdict.Unsound, _clinic.Ask(Patient, 1, offer: 0));
        Assert.Equal(HelpVerdict.Unsound, _clinic.Ask(Patient, 1, spares: 6));
        Assert.Equal(HelpVerdict.Unsound, _clinic.Ask(Patient, 1, seconds: 30));
        Assert.Equal(HelpVerdict.Unsound, _clinic.Ask(Patient, 1, seconds: 2_001));
        _ = _clinic.Ask(Patient, 1);
        ContractId held = _clinic.Award(Repairer, 1);
        Assert.Equal(HelpVerdict.Leased, _clinic.Ask(Repairer, 1));
        Assert.True(Market.Release(new NodeId(Repairer), held, new Epoch(1)));
        Assert.Equal(HelpVerdict.Taken, _clinic.Ask(Repairer, 1));
    }

    [Fact]
    public void No_more_calls_are_taken_than_there_may_be()
    {
        for (uint node = 1; node <= Auctioneer.HelpsMax; node++)
        {
            Assert.Equal(HelpVerdict.Taken, _clinic.Ask(node, 1));
        }

        Assert.Equal(HelpVerdict.TooMany, _clinic.Ask(Auctioneer.HelpsMax + 1, 1));
    }

    [Fact]
    public void Mended_is_said_of_a_contract_of_the_own_call_once()
    {
        _ = _clinic.Ask(Patient, 1);
        _ = _clinic.Ask(3, 1);
        ContractId contract = _clinic.Award(Repairer, 1);
        Assert.False(_clinic.Mended(3, contract)); // Somebody else's.
        Assert.False(_clinic.Mended(Patient, ContractId.After(new RegionId(0), 77)));
        Assert.False(_clinic.Mended(Patient, contract, epoch: 9));
        Assert.True(_clinic.Mended(Patient, contract));
        Assert.False(_clinic.Mended(Patient, contract));
        Assert.False(_clinic.Claim(Repairer, contract));
        Assert.Equal(1, _clinic.Paid);
    }

    // Else it would be paid where it is no more: its patient may say so after the lease is over.
    [Fact]
    public void A_repairer_that_gave_back_is_bound_until_the_call_is_over()
    {
        _ = _clinic.Ask(Patient, 1);
        ContractId contract = _clinic.Award(Repairer, 1);
        Assert.True(Market.Release(new NodeId(Repairer), contract, new Epoch(1)));
        Assert.True(Market.IsBoundByRepair(new NodeId(Repairer)));
        Assert.False(Market.IsBoundByRepair(new NodeId(7)));
        Assert.True(_clinic.Mended(Patient, contract));
        Assert.Equal(1, _clinic.Paid);
        Assert.False(Market.IsBoundByRepair(new NodeId(Repairer)));
    }

    [Fact]
    public void Who_says_nothing_and_moves_has_been_mended()
    {
        _ = _clinic.Ask(Patient, 1);
        ContractId contract = _clinic.Award(Repairer, 1);
        Assert.True(_clinic.Claim(Repairer, contract));
        Assert.False(Market.IsHeldBy(new NodeId(Repairer))); // It may work on.
        Assert.Equal(0, _clinic.Paid);
        Market.SeeMoving(_clinic.Now, new NodeId(Patient), isAtDepot: true);
        Assert.Equal((1, 1), (_clinic.Paid, _clinic.BorneOut));
        Assert.Empty(Market.Helps);
    }

    [Fact]
    public void Who_moves_before_its_repairer_is_heard_pays_when_it_is()
    {
        _ = _clinic.Ask(Patient, 1);
        ContractId contract = _clinic.Award(Repairer, 1);
        Assert.True(Market.WithdrawHelp(_clinic.Now, new NodeId(Patient), 1));
        _ = _clinic.Bid(Patient, new BountyId(9)); // It offers work: it can fly.
        Assert.Equal(HelpState.Moved, Market.Helps[new NodeId(Patient)].State);
        Assert.True(_clinic.Claim(Repairer, contract));
        Assert.Equal(1, _clinic.Paid);
    }

    [Fact]
    public void Of_a_patient_at_the_depot_a_docking_says_nothing()
    {
        _ = _clinic.Ask(Patient, 1, site: 0);
        ContractId contract = _clinic.Award(Repairer, 1);
        Assert.True(_clinic.Claim(Repairer, contract));
        Market.SeeMoving(_clinic.Now, new NodeId(Patient), isAtDepot: true);
        Assert.Equal(HelpState.Open, Market.Helps[new NodeId(Patient)].State);
    }

    [Fact]
    public void While_a_word_is_held_nobody_else_is_sent_and_then_somebody_is()
    {
        _ = _clinic.Ask(Patient, 1);
        Assert.True(_clinic.Claim(Repairer, _clinic.Award(Repairer, 1)));
        BountyId call = BountyId.Help(new NodeId(Patient), 1);
        _clinic.Advance(70);
        Assert.True(Market.Requests.Find(call) < 0, "asked for while a word is held");
        _clinic.Advance(400); // Nobody bears it out.
        Assert.Equal((0, 1), (_clinic.Paid, _clinic.Refuted));
        Assert.True(Market.Requests.Find(call) >= 0, "not asked for again");
    }

    [Fact]
    public void What_is_not_mended_in_time_pays_nothing()
    {
        _ = _clinic.Ask(Patient, 1);
        _clinic.Finish();
        Assert.Equal(0, _clinic.Paid);
        Assert.Equal(HelpVerdict.AlreadyOpen, _clinic.Ask(Patient, 1)); // The name was used.
        Assert.Equal(HelpVerdict.Taken, _clinic.Ask(Patient, 2));
    }

    [Fact]
    public void The_strategic_layer_asks_for_no_repair()
    {
        var bounty = new Bounty(
            new BountyId(1), Commodity.Nickel, new DepotId(1), new Grams(1), new Grams(1), new Credits(9),
            _clinic.Now.CeilingSecond + TimeSpan.FromSeconds(500));
        Assert.False(Market.Open(_clinic.Now, bounty with { Kind = WorkKind.Repair, Site = new SiteId(2) }));
        Assert.False(Market.Open(_clinic.Now, bounty with { Id = BountyId.Help(new NodeId(1), 1) }));
        Assert.False((bounty with { Kind = WorkKind.Repair, Site = new SiteId(2) }).IsSound);
        Assert.True(Market.Open(_clinic.Now, bounty));
    }

    [Fact]
    public void Spares_come_out_of_the_store_and_are_asked_for_when_it_has_them()
    {
        _ = _clinic.Ask(Patient, 1, spares: 5);
        BountyId call = BountyId.Help(new NodeId(Patient), 1);
        _clinic.Advance(61);
        Assert.True(Market.Requests.Find(call) < 0, "asked for without spares");
        _clinic.Fill(5);
        ContractId contract = _clinic.Award(Repairer, 1, quantity: 5);
        Assert.Equal(
            new Grams(5),
            Market.HandOut(new NodeId(Repairer), new DepotId(1), contract, new Epoch(1), new Grams(9)));
        Assert.Equal(Grams.Zero, Market.Stored(new DepotId(1), Commodity.Nickel));
        Assert.True(_clinic.Mended(Patient, contract));
        Assert.Empty(Market.PartsOut);
    }

    // A market with its journal, and what patients and repairers were seen to say.
    private sealed class Clinic : MarketTrial
    {
        public const long Purse = 5_000;

        private static readonly MissionRules _rules = MarketModel.Rules with
        {
            MilestoneWindows = 0,
            ExtensionMax = TimeSpan.Zero,
            BondShare = default,
            Work = new WorkRules
            {
                RepairTime = TimeSpan.FromSeconds(10),
                RepairSpares = new Grams(5),
                RepairRelief = PartsPerMillion.FromPercent(20),
                RepairConsent = TimeSpan.FromSeconds(1_000),
                RepairHold = TimeSpan.FromSeconds(300),
            },
        };

        private readonly Dictionary<BountyId, (Bounty Bounty, long Paid, bool IsOver)> _calls = [];
        private readonly Dictionary<ContractId, MarketFact.Awarded> _awards = [];
        private readonly Dictionary<NodeId, uint> _numbers = [];
        private readonly HashSet<BountyId> _said = [];
        private readonly HashSet<BountyId> _moved = [];
        private readonly HashSet<ContractId> _claimed = [];

        public Clinic()
            : base(_rules)
        {
        }

        public int Paid { get; private set; }

        public int BorneOut { get; private set; }

        public int Refuted { get; private set; }

        public int Refused { get; private set; }

        public HelpVerdict Ask(
            uint node, uint number, long offer = 900, long spares = 1, int seconds = 1_000, uint site = 3) =>
            Market.AskHelp(Now, new NodeId(node), new HelpAsked(
                number, FaultClass.Drive, new DepotId(1), new SiteId(site), Commodity.Nickel,
                new Grams(spares), default, new Credits(offer),
                (Now + TimeSpan.FromSeconds(seconds)).FloorSecond));

        public SheetVerdict Bid(uint node, BountyId call, long quantity = 1, int how = 0) => Market.Take(
            Now, new NodeId(node), new BidSheet(Market.Cycle, NoBidReason.None, [
                new Bid(call, NoBidReason.None, [new BidStep(
                    new Grams(quantity), new Credits(100 + how),
                    (Market.Closes + TimeSpan.FromSeconds(30 + (20 * how))).CeilingSecond,
                    TimeSpan.FromSeconds(1))])]));

        /// <summary>A node is given the first call of the patient.</summary>
        public ContractId Award(uint node, uint number, long quantity = 1)
        {
            BountyId call = BountyId.Help(new NodeId(Patient), number);
            Advance(61);
            Assert.Equal(SheetVerdict.Taken, Bid(node, call, quantity));
            Advance(61);
            return _awards.Values.Last(award => award.Winner.Bounty == call).Contract;
        }

        public void Fill(long grams)
        {
            var bounty = new Bounty(
                new BountyId(1), Commodity.Nickel, new DepotId(1), new Grams(grams), new Grams(1),
                new Credits(700), Now.CeilingSecond + TimeSpan.FromSeconds(900));
            Assert.True(Market.Open(Now, bounty));
            Advance(61);
            Assert.Equal(SheetVerdict.Taken, Bid(50, bounty.Id, grams));
            Advance(61);
            ContractId contract = Market.HeldBy(new NodeId(50))!.Id;
            _ = Market.Weigh(new NodeId(50), contract, new Epoch(1), Commodity.Nickel, new Grams(grams));
        }

        public bool Mended(uint node, ContractId contract, uint epoch = 1)
        {
            if (Market.Find(contract) is { } found)
            {
                _ = found.Winner.Bounty.Patient.Value == node && _said.Add(found.Winner.Bounty);
            }

            bool isTaken = Market.HearMended(
                Now, new NodeId(node), contract, new Epoch(epoch), PartsPerMillion.FromPercent(90));
            Refused += isTaken ? 0 : 1;
            return isTaken;
        }

        public bool Claim(uint node, ContractId contract, uint epoch = 1)
        {
            bool isTaken = Market.Claim(Now, new NodeId(node), contract, new Epoch(epoch));
            Refused += isTaken ? 0 : 1;
            return isTaken;
        }

        public void Do(int what, int which, int how)
        {
            var node = new NodeId(1 + (uint)which);
            ContractId contract = _awards.Count == 0
                ? default : _awards.Keys.ElementAt(how * 7 % _awards.Count);
            Winner? winner = _awards.GetValueOrDefault(contract)?.Winner;
            uint epoch = Market.Find(contract)?.Epoch.Value ?? 1;
            switch (what)
            {
                case 0:
                    uint number = _numbers.GetValueOrDefault(node) + (how == 0 ? 0U : 1U);
                    if (Ask(node.Value, Math.Max(1, number), offer: how * 900, site: (uint)(how % 2))
                        == HelpVerdict.Taken)
                    {
                        _numbers[node] = number;
                    }

                    break;
                case 1 or 2 or 3:
                    var patient = new NodeId(1 + (uint)(how % 6));
                    _ = Bid(node.Value, BountyId.Help(
                        patient, Math.Max(1, _numbers.GetValueOrDefault(patient))), how: how);
                    break;
                case 4 when winner is not null:
                    _ = Mended(how % 5 == 0 ? node.Value : winner.Bounty.Patient.Value, contract, epoch);
                    break;
                case 5 or 6 when winner is not null:
                    _ = Claim(how % 5 == 0 ? node.Value : winner.Node.Value, contract, epoch);
                    break;
                case 7 when how == 0:
                    _ = Market.WithdrawHelp(Now, node, _numbers.GetValueOrDefault(node));
                    break;
                case 7 when how < 4:
                    Market.SeeMoving(Now, node, isAtDepot: how % 2 == 0);
                    break;
                case 8 when winner is not null && how == 1:
                    _ = Market.Release(winner.Node, contract, new Epoch(epoch));
                    break;
                case 9 when how < 2:
                    Crash(isFromFacts: how == 0);
                    break;
                default:
                    Advance(5 + (12 * how));
                    break;
            }
        }

        public void Check()
        {
            foreach ((NodeId patient, Help help) in Market.Helps)
            {
                (Bounty bounty, long paid, bool isOver) = _calls[help.Bounty];
                Assert.Equal(patient, help.Bounty.Patient);
                Assert.False(isOver);
                Assert.Equal(paid, Market.Bounties[help.Bounty].Paid.Micro);
                Assert.InRange(paid, 0, bounty.Worth.Micro);
                Assert.False(
                    help.State == HelpState.Open && Market.IsHeldBy(patient), "a patient holds work");
            }

            Assert.All(Market.Claims.Values, claim => Assert.True(claim.Until > Now, "the time is over"));
            Assert.Distinct(Market.Claims.Values.Select(claim => claim.Bounty));
        }

        public void Finish()
        {
            for (int i = 0; i < 40; i++)
            {
                Advance(100);
            }

            Assert.Empty(Market.Helps);
            Assert.Empty(Market.Claims);
            Assert.Empty(Market.Bounties);
            Assert.All(_calls.Values, call => Assert.True(call.IsOver));
        }

        public void Advance(int seconds)
        {
            Now += TimeSpan.FromSeconds(seconds);
            Market.Wake(Now);
        }

        protected override Credits CreditOf(NodeId node) => new(Purse);

        protected override void See(MarketFact fact)
        {
            switch (fact)
            {
                case MarketFact.HelpOpened(var bounty, _):
                    Assert.InRange(bounty.Worth.Micro, 1, Purse);
                    _calls.Add(bounty.Id, (bounty, 0, false));
                    break;
                case MarketFact.Awarded awarded:
                    _awards.Add(awarded.Contract, awarded);
                    Assert.NotEqual(awarded.Winner.Bounty.Patient, awarded.Winner.Node);
                    Assert.DoesNotContain(Market.Claims.Values, c => c.Bounty == awarded.Winner.Bounty);
                    break;
                case MarketFact.HelpChanged(var call, HelpState.Moved):
                    _ = _moved.Add(call);
                    break;
                case MarketFact.RepairClaimed(var contract, var claim):
                    Assert.Equal(_awards[contract].Winner.Node, claim.Node);
                    Assert.True(_claimed.Add(contract), "claimed twice");
                    break;
                case MarketFact.ClaimEnded(var contract, var claim, var isPaid):
                    BorneOut += isPaid ? 1 : 0;
                    Refuted += isPaid ? 0 : 1;
                    Pay(contract, isPaid ? claim.Pay.Micro : 0);
                    break;
                case MarketFact.Delivered delivered when _awards[delivered.Contract].Winner.Bounty.IsHelp:
                    Pay(delivered.Contract, delivered.Paid.Micro);
                    break;
                case MarketFact.BountyClosed { Bounty.IsHelp: true } closed:
                    (Bounty over, long paid, bool isOver) = _calls[closed.Bounty];
                    Assert.False(isOver);
                    Assert.Equal(paid, closed.Paid.Micro);
                    _calls[closed.Bounty] = (over, paid, true);
                    break;
                default:
                    break;
            }
        }

        // Once a call, at the contract's price, and not unless the patient said or showed it.
        private void Pay(ContractId contract, long amount)
        {
            if (amount == 0)
            {
                return;
            }

            Paid++;
            Winner winner = _awards[contract].Winner;
            (Bounty bounty, long paid, bool isOver) = _calls[winner.Bounty];
            Assert.Equal((0, false), (paid, isOver));
            Assert.Equal(winner.PricePerLot.Micro, amount);
            Assert.True(
                _said.Contains(winner.Bounty) || _moved.Contains(winner.Bounty), "paid without a word");
            _calls[winner.Bounty] = (bounty, amount, false);
        }
    }
}
