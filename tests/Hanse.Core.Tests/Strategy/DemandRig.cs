using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Ledger;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Strategy;
using Hanse.Core.Tests.Hub;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>A strategic layer and regions that are deliberately dumb: they say any curve, deliver, give lots
/// back and close at random, over links that lose, double, delay and reorder frames. The layer is rebuilt
/// from its facts or its bytes now and then.</summary>
internal sealed class DemandRig
{
    private static readonly ContactPlan _contacts = new()
    {
        Phase = Instant.Epoch,
        Period = TimeSpan.FromHours(6),
        Length = TimeSpan.FromHours(6),
        BytesPerSecond = 1_000_000,
        LightTime = TimeSpan.FromMinutes(8),
    };

    private readonly StrategySpec _spec;
    private readonly List<StrategyFact> _facts = [];
    private readonly List<DumbRegion> _regions = [];
    private readonly List<(Instant At, Frame Frame)> _space = [];
    private readonly List<LotsReturned> _heard = [];
    private readonly int _trouble;
    private Prng _prng;

    public DemandRig(ulong seed, SplitRule split)
    {
        _prng = new Prng(seed * 7919);
        _trouble = (int)_prng.Below(4);
        int count = 2 + (int)_prng.Below(3);
        ImmutableSortedDictionary<RegionId, RegionSpec> specs =
            ImmutableSortedDictionary<RegionId, RegionSpec>.Empty;
        for (uint r = 1; r <= count; r++)
        {
            specs = specs.Add(
                new RegionId(r), new RegionSpec { Contacts = _contacts, PublicKey = new byte[32] });
            _regions.Add(new DumbRegion(new RegionId(r), _contacts, seed));
        }

        _spec = new StrategySpec
        {
            Rules = TestHub.Spec.Rules,
            Regions = specs,
            Returns = CaseRules.Rules,
            Approvals = [],
            Split = split,
        };
        Layer = new StrategicLayer(_spec);
    }

    public StrategicLayer Layer { get; private set; }

    public Instant Now { get; private set; } = Instant.Epoch + TimeSpan.FromHours(1);

    public bool IsHealed { get; set; }

    public IReadOnlyList<StrategyFact> Facts => _facts;

    public IReadOnlyList<DumbRegion> Regions => _regions;

    public int Recalls => _facts.Count(fact => fact is StrategyFact.LotsCalled);

    public Demand Draw(ulong id)
    {
        var places = ImmutableArray.CreateBuilder<DemandPlace>();
        foreach (DumbRegion region in _regions)
        {
            if (places.Count == 0 || _prng.Below(4) > 0)
            {
                places.Add(new DemandPlace(
                    region.Id, new DepotId(region.Id.Value), new Credits(_prng.Below(3))));
            }
        }

        return new Demand(
            new DemandId(id), (Commodity)(1 + _prng.Below(2)), 1 + (int)_prng.Below(30),
            new Grams(10 * (1 + _prng.Below(2))), new Credits(4 + _prng.Below(10)),
            (Now + TimeSpan.FromDays(5 + _prng.Below(40))).CeilingSecond, places.ToImmutable());
    }

    public void Step(StrategyInput input)
    {
        var outbox = new Outbox<StrategyFact, StrategyEffect>();
        Layer.Step(Now, input, outbox);
        _facts.AddRange(outbox.Facts);
        _heard.AddRange(outbox.Facts.OfType<StrategyFact.LotsBack>().Select(back => back.Returned));
        if (!IsHealed && _prng.Below(200) < _trouble)
        {
            Rebuild(); // And what it meant to send is lost.
            return;
        }

        foreach (StrategyEffect effect in outbox.Effects)
        {
            if (effect is StrategyEffect.Transmit(var frame))
            {
                Send(frame);
            }
        }
    }

    /// <summary>Six hours: everybody does something.</summary>
    public void Live()
    {
        Instant end = Now + TimeSpan.FromHours(6);
        foreach (DumbRegion region in _regions)
        {
            region.Live(Now);
            Send(region.Call(Now));
        }

        while (_space.Count > 0 && _space.Min(sent => sent.At) is var next && next <= end)
        {
            int at = _space.FindIndex(sent => sent.At == next);
            Frame frame = _space[at].Frame;
            _space.RemoveAt(at);
            Now = Instant.Max(Now, next);
            if (frame.To == Party.Strategy)
            {
                Step(new StrategyInput.FrameArrived(frame));
            }
            else
            {
                Send(_regions[(int)frame.To.Number - 1].Take(Now, frame));
            }

            Check();
        }

        Now = end;
        if (Layer.NextWake is { } wake && wake <= Now)
        {
            Step(new StrategyInput.Woken());
        }

        Check();
    }

    /// <summary>Every lot is in one place: waiting, live or done in one region, or on its way back.</summary>
    public void Check()
    {
        foreach (DemandBook book in Layer.Demands.Values)
        {
            long there = 0;
            foreach (DumbRegion region in _regions)
            {
                there += region.Lots.Where(lots => lots.Key.Demand == book.Demand.Id)
                    .Sum(lots => lots.Value.Count);
                there += region.Returned.Where(lots => lots.Bounty.Demand == book.Demand.Id
                        && !_heard.Contains(lots))
                    .Sum(lots => lots.Quantity.Value / book.Demand.Lot.Value);
            }

            long live = _regions.Sum(region => region.Lots.Where(lots =>
                lots.Key.Demand == book.Demand.Id && !region.Over.Contains(lots.Key))
                    .Sum(lots => lots.Value.Count));
            Assert.True(live + book.Waiting <= book.Demand.Lots, "a lot is live and waits");
            Assert.True(live + book.Settled <= book.Demand.Lots, "a lot is live and settled");
            Assert.True(there <= book.Demand.Lots + Back(book), "there are more lots than were ever placed");
        }
    }

    /// <summary>Rebuilt from its facts it is the same; and from its bytes.</summary>
    public void Rebuild()
    {
        var replayed = new StrategicLayer(_spec);
        _facts.ForEach(replayed.Apply);
        Assert.Equal(Snapshot.Of(Layer.Shape), Snapshot.Of(replayed.Shape));
        var restored = new StrategicLayer(_spec);
        Snapshot.Into(Snapshot.Of(Layer.Shape), restored.Shape);
        Assert.Equal(Snapshot.Of(Layer.Shape), Snapshot.Of(restored.Shape));
        Layer = _prng.Below(2) == 0 ? replayed : restored;
        Step(new StrategyInput.Restarted());
    }

    /// <summary>When all is over: what was minted is in the budget but for what was paid.</summary>
    public void CheckMoney()
    {
        long minted = -Layer.Books[new AccountId(AccountKind.Mint, 0)].Micro;
        long paid = _regions.Sum(region => region.Paid);
        Assert.Equal(minted, Layer.Books[new AccountId(AccountKind.Budget, 0)].Micro + paid);
        foreach (DumbRegion region in _regions)
        {
            Assert.Equal(
                region.Paid, Layer.Books[new AccountId(AccountKind.Correspondent, region.Id.Value)].Micro);
        }
    }

    private long Back(DemandBook book) => _heard.Where(lots => lots.Bounty.Demand == book.Demand.Id)
        .Sum(lots => lots.Quantity.Value / book.Demand.Lot.Value)
        + _regions.Sum(region => region.Over.Where(over => over.Demand == book.Demand.Id)
            .Sum(over => (long)region.Lots[over].Count));

    private void Send(Frame? frame)
    {
        if (frame is null || (!IsHealed && _prng.Below(10) < _trouble))
        {
            return;
        }

        int copies = !IsHealed && _prng.Below(10) < _trouble ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            long late = IsHealed ? 0 : _prng.Below(1 + (_trouble * 3_000));
            _space.Add((Now + TimeSpan.FromSeconds(480 + late), frame));
        }
    }
}

/// <summary>A region without nodes that does at random what regions may do.</summary>
internal sealed class DumbRegion
{
    private readonly LinkEnd _link;
    private readonly Dictionary<BountyId, uint> _recalls = [];
    private Prng _prng;
    private ulong _lastTransfer;
    private bool _hasAsked;

    public DumbRegion(RegionId id, ContactPlan contacts, ulong seed)
    {
        Id = id;
        _prng = new Prng((seed * 31) + id.Value);
        _link = new LinkEnd(
            Party.Of(id), Party.Strategy, contacts, TimeSpan.FromSeconds(1), fact => _link!.Apply(fact));
    }

    public RegionId Id { get; }

    /// <summary>Its lots, those that are over as well: how many, what was delivered and paid.</summary>
    public Dictionary<BountyId, (Bounty Bounty, long Count, long Delivered, long Paid)> Lots { get; } = [];

    public HashSet<BountyId> Over { get; } = [];

    public List<LotsReturned> Returned { get; } = [];

    public long Paid { get; private set; }

    public long Delivered(DemandId demand) =>
        Lots.Where(lots => lots.Key.Demand == demand).Sum(lots => lots.Value.Delivered);

    public Frame? Call(Instant now) => _link.Call(now, TimeSpan.Zero);

    public Frame? Take(Instant now, Frame frame)
    {
        foreach (Message message in _link.Take(now, frame))
        {
            switch (message)
            {
                case Charter charter:
                    Send(new CreditsReceived(charter.Transfer));
                    break;
                case BountyPosted(var bounty, var transfer):
                    Assert.True(
                        Lots.TryAdd(bounty.Id, (bounty, bounty.Total.Value / bounty.Lot.Value, 0, 0)),
                        "lots are placed once");
                    Send(new CreditsReceived(transfer));
                    break;
                case Sounding sounding:
                    Tell(now, sounding);
                    break;
                case LotsRecalled(var id, var epoch, var count) when Lots.ContainsKey(id)
                    && !Over.Contains(id) && epoch.Value > _recalls.GetValueOrDefault(id):
                    _recalls[id] = epoch.Value;
                    GiveBack(id, count, LotsReason.Recalled);
                    break;
                default:
                    break;
            }
        }

        return _link.Compose(now, hail: false, frame.Envelopes.Length > 0);
    }

    public void Live(Instant now)
    {
        if (!_hasAsked)
        {
            _hasAsked = true;
            Send(new HubEnrol(10));
        }

        foreach (BountyId id in Lots.Keys.Where(id => !Over.Contains(id)).ToArray())
        {
            (Bounty bounty, long count, long delivered, long paid) = Lots[id];
            long open = (count * bounty.Lot.Value) - delivered;
            if (now >= bounty.Deadline || open == 0)
            {
                Close(id, open == 0);
            }
            else if (_prng.Below(12) == 0)
            {
                // Any mass, at any price that is not above the reserve.
                long mass = 1 + _prng.Below(open);
                long price = _prng.Below(bounty.ValuePerLot.Micro + 1) * mass / bounty.Lot.Value;
                Lots[id] = (bounty, count, delivered + mass, paid + price);
                Paid += price;
            }
            else if (_prng.Below(15) == 0)
            {
                GiveBack(id, 1 + (int)_prng.Below(8), (LotsReason)(2 + _prng.Below(2)));
                if (!Over.Contains(id) && _prng.Below(4) == 0)
                {
                    Close(id, isFilled: false); // Whatever for: before its deadline, too.
                }
            }
        }
    }

    private void GiveBack(BountyId id, int most, LotsReason reason)
    {
        (Bounty bounty, long count, long delivered, long paid) = Lots[id];
        long open = ((count * bounty.Lot.Value) - delivered) / bounty.Lot.Value;
        long lots = Math.Min(open, most);
        if (lots == 0)
        {
            return;
        }

        Lots[id] = (bounty, count - lots, delivered, paid);
        var returned = new LotsReturned(
            id, new Grams(lots * bounty.Lot.Value), new Credits(_prng.Below(20)), reason,
            new TransferId(++_lastTransfer), new Credits(lots * bounty.ValuePerLot.Micro));
        Returned.Add(returned);
        if (count == lots)
        {
            _ = Over.Add(id);
        }

        Send(returned);
    }

    private void Close(BountyId id, bool isFilled)
    {
        (Bounty bounty, long count, long delivered, long paid) = Lots[id];
        _ = Over.Add(id);
        BountyOutcome outcome = isFilled ? BountyOutcome.Filled
            : delivered > 0 ? BountyOutcome.PartlyFilled : BountyOutcome.Unfilled;
        Send(new BountyReport(
            id, outcome, new Grams(delivered), new Credits(paid), default, new TransferId(++_lastTransfer),
            new Credits((count * bounty.ValuePerLot.Micro) - paid)));
    }

    private void Tell(Instant now, Sounding sounding)
    {
        if (_prng.Below(5) == 0)
        {
            return; // Silent.
        }

        var curves = ImmutableArray.CreateBuilder<SupplyCurve>();
        foreach (Inquiry inquiry in sounding.Inquiries)
        {
            var steps = ImmutableArray.CreateBuilder<SupplyStep>();
            long price = _prng.Below(8);
            for (long step = _prng.Below(4); step > 0; step--)
            {
                steps.Add(new SupplyStep(new Grams(1 + _prng.Below(150)), new Credits(price)));
                price += 1 + _prng.Below(4);
            }

            long held = Lots.Where(lots => lots.Key.Demand == inquiry.Demand && !Over.Contains(lots.Key))
                .Sum(lots => lots.Value.Delivered);
            curves.Add(new SupplyCurve(inquiry.Demand, new Grams(held), steps.ToImmutable()));
        }

        Send(new SupplyTold(
            sounding.Number, now.CeilingSecond, new Grams(_prng.Below(600)), curves.ToImmutable()));
    }

    // At any priority, so that one message overtakes another.
    private void Send(Message message) =>
        _ = _link.Queue(message, (Priority)_prng.Below(3), Instant.Never);
}
