using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Journal;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Strategy;
using Hanse.Core.Tests.Hub;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>A strategic layer and one hub over a perfect link: authority that is given, ended and given
/// again.</summary>
public class CharterTests
{
    private static readonly RegionId _region = new(1);
    private static readonly AccountId _budget = new(AccountKind.Budget, 0);

    [Fact]
    public void A_region_without_authority_asks_for_nothing_and_sends_its_escrow_home()
    {
        var pair = new Pair();
        pair.Pass(1);
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(1, 20)));
        pair.Pass(1);
        Assert.Single(pair.Hub.Market.Requests);

        pair.Order(new StrategyInput.CharterOrdered(_region, IsGranted: false));
        pair.Order(new StrategyInput.CharterOrdered(_region, IsGranted: false));
        pair.Pass(2);
        Assert.Empty(pair.Hub.Market.Requests);
        pair.CheckReplay();
        Assert.True(pair.Reception.Books.IsRelieved);
        Assert.Single(pair.Hub.Market.Bounties);

        // Nothing new, until it has an authority again.
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(2, 30)));
        Assert.Contains(pair.Refusals, refusal => refusal == Refusal.NotChartered);
        pair.Pass(25);
        Assert.Empty(pair.Hub.Market.Bounties);
        Assert.Empty(pair.Reception.Books.Bounties);

        pair.Order(new StrategyInput.CharterOrdered(_region, IsGranted: true));
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(3, 60)));
        pair.Pass(3);
        Assert.Single(pair.Hub.Market.Requests);
        Assert.Equal((2U, 2U), (pair.Hub.Epoch.Value, pair.Reception.Books.Charter.Value));
        Assert.False(pair.Reception.IsQuarantined);
        Assert.Equal(pair.Hub.Log.Received, pair.Reception.Accepted.Head.Size);
        Assert.True(pair.Reception.Accepted.Head.Size > 3);
        pair.CheckReplay();
    }

    [Fact]
    public void A_bounty_that_is_withdrawn_comes_home_whether_or_not_its_region_had_it()
    {
        var pair = new Pair();
        pair.Pass(1);
        pair.Order(new StrategyInput.ReductionOrdered(new BountyId(1), default));
        Assert.Contains(pair.Refusals, refusal => refusal == Refusal.BountyNotTaken);

        // The order overtakes the bounty, and waits for word that it has come.
        pair.IsDark = true;
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(1, 20)));
        pair.Order(new StrategyInput.ReductionOrdered(new BountyId(1), default));
        pair.CheckReplay();
        pair.IsDark = false;
        pair.Pass(2);
        Assert.Empty(pair.Hub.Market.Bounties);
        Assert.Equal(0, pair.Strategy.OpenBounties);
        Assert.Equal(Bounty(1, 20).Worth, pair.Strategy.Books[_budget]);

        // And one that is on the market, in two steps.
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(2, 20)));
        pair.Pass(1);
        Assert.Single(pair.Hub.Market.Requests);
        var half = new Grams(Bounty(2, 20).Total.Value / 2);
        pair.Order(new StrategyInput.ReductionOrdered(new BountyId(2), half));
        pair.Pass(1);
        Assert.Equal(half, Assert.Single(pair.Hub.Market.Bounties).Value.Wanted);
        Assert.Equal(half, Assert.Single(pair.Hub.Market.Requests).Open);
        Assert.Equal(half, Assert.Single(pair.Reception.Records.Reduced).Value.Total);
        pair.CheckReplay();
        pair.Order(new StrategyInput.ReductionOrdered(new BountyId(2), default));
        pair.Pass(3);
        Assert.Empty(pair.Hub.Market.Bounties);
        Assert.Empty(pair.Hub.Market.Requests);
        Assert.Equal(Bounty(2, 20).Worth, pair.Strategy.Books[_budget]);
        Assert.Empty(pair.Reception.Records.Reduced);
        Assert.False(pair.Reception.IsQuarantined);
        pair.CheckReplay();
    }

    [Fact]
    public void A_hub_in_the_dark_goes_on_and_its_journal_comes_home_afterwards()
    {
        var pair = new Pair();
        pair.Pass(1);
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(1, 5)));
        pair.Pass(1);
        ulong before = pair.Reception.Accepted.Head.Size;
        pair.IsDark = true;
        pair.Pass(30);
        Assert.Empty(pair.Hub.Market.Bounties); // Its deadline passed.
        Assert.Equal(before, pair.Reception.Accepted.Head.Size);
        pair.IsDark = false;
        pair.Pass(2);
        Assert.Empty(pair.Reception.Books.Bounties);
        Assert.Empty(pair.Reception.Records.Reports);
        Assert.False(pair.Hub.Log.HasNews);
    }

    [Fact]
    public void A_quarantined_region_gets_no_new_bounties_until_an_operator_has_looked()
    {
        var pair = new Pair { IsForged = true };
        pair.Pass(2);
        Assert.True(pair.Reception.IsQuarantined);
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(1, 20)));
        Assert.Contains(pair.Refusals, refusal => refusal == Refusal.RegionQuarantined);
        Assert.Equal(0, pair.Strategy.OpenBounties);
        pair.CheckReplay();

        pair.IsForged = false;
        pair.Order(new StrategyInput.RegionReviewed(_region, IsAccepted: true));
        pair.Order(new StrategyInput.BountyOrdered(_region, Bounty(1, 20)));
        pair.Pass(3);
        Assert.Equal(1, pair.Strategy.OpenBounties);
        Assert.True(pair.Reception.Accepted.Head.Size > 0);
    }

    private static Bounty Bounty(ulong id, int day) => new(
        new BountyId(id), Commodity.Iron, new DepotId(1), new Grams(1_000_000), new Grams(100_000),
        Credits.FromWhole(1), Instant.Epoch + TimeSpan.FromDays(day));

    private sealed class Pair
    {
        private static readonly byte[] _key = new byte[32];

        private static readonly ContactPlan _contacts = new()
        {
            Phase = Instant.Epoch,
            Period = TimeSpan.FromHours(6),
            Length = TimeSpan.FromHours(6),
            BytesPerSecond = 1_000,
            LightTime = TimeSpan.FromMinutes(8),
        };

        private static readonly MissionRules _rules = Rules();
        private readonly HubSpec _hubSpec;
        private readonly StrategySpec _strategySpec;
        private readonly List<HubFact> _hubFacts = [];
        private readonly List<StrategyFact> _strategyFacts = [];
        private readonly Queue<HubInput> _toHub = [];
        private readonly Queue<StrategyInput> _toStrategy = [];
        private Instant _now = new(1_000_000_000);

        public Pair()
        {
            _hubSpec = TestHub.Spec with
            {
                Region = _region,
                PublicKey = _key,
                Core = default,
                Rules = _rules,
                NodeContacts = new ContactRule(
                    TimeSpan.FromHours(6), TimeSpan.FromHours(6), 1_000, TimeSpan.FromSeconds(2)),
                StrategyContacts = _contacts,
                Approvals = [],
                RosterMax = 10,
            };
            _strategySpec = new StrategySpec
            {
                Rules = _rules,
                Regions = ImmutableSortedDictionary<RegionId, RegionSpec>.Empty.Add(
                    _region, new RegionSpec { Contacts = _contacts, PublicKey = _key }),
                Returns = CaseRules.Rules,
                Approvals = [new Approval(SoftwareClass.Core, default, Instant.Epoch, Instant.Never)],
            };
            Hub = new RegionalHub(_hubSpec);
            Strategy = new StrategicLayer(_strategySpec);
        }

        public RegionalHub Hub { get; }

        public StrategicLayer Strategy { get; }

        public RegionReception Reception => Strategy.Receptions[_region];

        public List<Refusal> Refusals { get; } = [];

        public bool IsDark { get; set; }

        public bool IsForged { get; set; }

        public void Order(StrategyInput order)
        {
            _toStrategy.Enqueue(order);
            Settle();
        }

        public void Pass(int days)
        {
            for (Instant end = _now + TimeSpan.FromDays(days); _now < end;)
            {
                _toHub.Enqueue(new HubInput.Woken());
                Settle();
                _now = Instant.Max(_now + TimeSpan.FromMinutes(1), Hub.NextWake ?? end);
            }
        }

        /// <summary>Machines rebuilt from their facts, or from their bytes, are the same.</summary>
        public void CheckReplay()
        {
            var hub = new RegionalHub(_hubSpec);
            _hubFacts.ForEach(hub.Apply);
            Assert.Equal(Snapshot.Of(Hub.Shape), Snapshot.Of(hub.Shape));
            var restoredHub = new RegionalHub(_hubSpec);
            Snapshot.Into(Snapshot.Of(Hub.Shape), restoredHub.Shape);
            Assert.Equal(Snapshot.Of(Hub.Shape), Snapshot.Of(restoredHub.Shape));
            var strategy = new StrategicLayer(_strategySpec);
            _strategyFacts.ForEach(strategy.Apply);
            Assert.Equal(Snapshot.Of(Strategy.Shape), Snapshot.Of(strategy.Shape));
            var restored = new StrategicLayer(_strategySpec);
            Snapshot.Into(Snapshot.Of(Strategy.Shape), restored.Shape);
            Assert.Equal(Snapshot.Of(Strategy.Shape), Snapshot.Of(restored.Shape));
        }

        private void Settle()
        {
            while (_toHub.Count + _toStrategy.Count > 0)
            {
                if (_toHub.TryDequeue(out HubInput? hub))
                {
                    var outbox = new Outbox<HubFact, HubEffect>();
                    Hub.Step(_now, hub, outbox);
                    _hubFacts.AddRange(outbox.Facts);
                    foreach (HubEffect effect in outbox.Effects)
                    {
                        CarryOut(effect);
                    }
                }

                if (_toStrategy.TryDequeue(out StrategyInput? input))
                {
                    var outbox = new Outbox<StrategyFact, StrategyEffect>();
                    Strategy.Step(_now, input, outbox);
                    _strategyFacts.AddRange(outbox.Facts);
                    foreach (StrategyEffect effect in outbox.Effects)
                    {
                        CarryOut(effect);
                    }
                }
            }
        }

        private void CarryOut(HubEffect effect)
        {
            if (effect is HubEffect.Transmit(var frame) && !IsDark)
            {
                _toStrategy.Enqueue(new StrategyInput.FrameArrived(frame));
            }
            else if (effect is HubEffect.Sign(var blocks, _))
            {
                _toHub.Enqueue(new HubInput.Signed(blocks, new byte[64]));
            }
        }

        private void CarryOut(StrategyEffect effect)
        {
            switch (effect)
            {
                case StrategyEffect.Transmit(var frame) when !IsDark:
                    _toHub.Enqueue(new HubInput.FrameArrived(frame));
                    break;
                case StrategyEffect.Verify verify:
                    _toStrategy.Enqueue(
                        new StrategyInput.Verified(verify.Region, verify.Request, !IsForged));
                    break;
                case StrategyEffect.Refuse refuse:
                    Refusals.Add(refuse.Reason);
                    break;
                default:
                    break; // Lost in the dark.
            }
        }

        private static MissionRules Rules() => new()
        {
            ClockErrorMax = TimeSpan.FromSeconds(5),
            CyclePeriod = TimeSpan.FromHours(12),
            AcceptDelayMax = TimeSpan.FromHours(18),
            DueSlack = TimeSpan.FromHours(12),
            DeadBands = [50_000, 20_000, 1_000, 100_000],
            PropellantPerTonne = Credits.FromWhole(2),
            SparesPerLife = Credits.FromWhole(500),
            HourlyCost = new Credits(100_000),
            Margin = PartsPerMillion.FromPercent(5),
            SeedPerNode = Credits.FromWhole(10),
            ReserveStart = PartsPerMillion.FromPercent(100),
            HoardCeiling = Credits.FromWhole(1_000),
            FillTolerance = PartsPerMillion.FromPercent(1),
            LateDeliveryMax = TimeSpan.FromDays(20),
            MilestoneWindows = 0,
            ExtensionMax = TimeSpan.Zero,
            BondShare = default,
        };
    }
}
