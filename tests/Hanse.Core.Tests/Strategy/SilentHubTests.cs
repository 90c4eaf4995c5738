using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using CsCheck;
using Hanse.Core.Identity;
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

/// <summary>Regions that are given up since their hubs are silent, and those that are not.</summary>
public class SilentHubTests
{
    private static readonly RegionId _one = new(1);
    private static readonly RegionId _two = new(2);
    private static readonly RegionId _three = new(3);

    [Fact]
    public void A_hub_that_could_have_called_for_the_stated_time_is_given_up_and_the_reason_is_kept()
    {
        var rig = new Rig(3, days: 5);
        rig.Live(10);
        Assert.Empty(rig.GivenUp);
        rig.Dead.Add(_one);
        rig.Live(4.5);
        Assert.Empty(rig.GivenUp);
        rig.Live(1);
        StrategyFact.Abandoned why = Assert.Single(rig.GivenUp);
        Assert.Equal((_one, _two), (why.Region, why.Successor));
        Assert.InRange((rig.Now - why.Silence.Heard).TotalDays, 5, 6.3);
        Assert.True(why.Silence.Silent >= TimeSpan.FromDays(5));
        RegionStanding stands = rig.Layer.StandingOf(_one)!;
        Assert.Equal((true, _two, why.Silence), (stands.IsEnded, stands.Successor!.Value, stands.Abandoned));

        // The cause before what follows from it.
        int at = rig.Facts.FindIndex(fact => fact is StrategyFact.Abandoned);
        Assert.Equal(
            at + 2, rig.Facts.FindIndex(fact => fact is StrategyFact.Succeeded(var lost, _) && lost == _one));

        // Back again, it is told, and given up once.
        rig.Dead.Clear();
        rig.Live(30);
        Assert.Single(rig.GivenUp);
        Assert.Contains(new CharterEnded(new Epoch(1), _two), rig.Hubs[0].Heard);
    }

    [Fact]
    public void Without_a_stated_time_nobody_is_looked_after()
    {
        var rig = new Rig(3, days: 0);
        rig.Dead.Add(_one);
        rig.Live(400);
        Assert.Empty(rig.GivenUp);
        Assert.Null(rig.Layer.NextWake);
        Assert.DoesNotContain(rig.Facts, fact => fact is StrategyFact.Watched);
    }

    [Fact]
    public void A_hub_behind_the_sun_is_not_silent_until_it_could_have_called_again()
    {
        var rig = new Rig(3, days: 5, outage: (10, 50));
        rig.Live(8);
        rig.Dead.Add(_one); // All three of them are out of reach, and this one for good.
        rig.Live(44);
        Assert.Empty(rig.GivenUp); // Two days before, and two after.
        rig.Live(2);
        Assert.Equal(_one, Assert.Single(rig.GivenUp).Region);
    }

    [Fact]
    public void When_none_is_heard_it_is_the_strategic_layer_that_is_cut_off()
    {
        var rig = new Rig(5, days: 5);
        rig.Live(10);
        rig.Dead.UnionWith(rig.Regions);
        rig.Live(60);
        Assert.Empty(rig.GivenUp);

        // Most are back, and the last of them three days later; nobody's absence before that counts.
        rig.Dead.RemoveWhere(region => region != _one);
        rig.Live(3);
        rig.Dead.Clear();
        rig.Live(10);
        Assert.Empty(rig.GivenUp);
    }

    // Nor does time in which nobody woke it, whoever called when it was there again.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Time_in_which_the_strategic_layer_was_not_running_does_not_count(bool hears)
    {
        var rig = new Rig(3, days: 5);
        rig.Live(10);
        rig.Dead.Add(_one);
        rig.Live(2);
        (rig.IsOff, rig.IsAsleep) = (!hears, true);
        rig.Live(60);
        (rig.IsOff, rig.IsAsleep) = (false, false);
        rig.Live(2);
        Assert.Empty(rig.GivenUp);
        rig.Live(2.5);
        Assert.Equal(_one, Assert.Single(rig.GivenUp).Region);
    }

    [Fact]
    public void Operators_keep_a_region_and_let_it_go_again()
    {
        var rig = new Rig(3, days: 5);
        rig.Tell(new StrategyInput.AdoptionForbidden(_one, IsForbidden: true));
        rig.Tell(new StrategyInput.AdoptionForbidden(_one, IsForbidden: true));
        Assert.Single(rig.Facts, fact => fact is StrategyFact.AdoptionForbidden);
        rig.Live(2);
        rig.Dead.Add(_one);
        rig.Live(30);
        Assert.Empty(rig.GivenUp);
        Assert.True(rig.Layer.StandingOf(_one)!.IsKept);
        Assert.True(rig.Layer.StandingOf(_one)!.Silent > TimeSpan.FromDays(25));
        rig.Tell(new StrategyInput.AdoptionForbidden(_one, IsForbidden: false));
        rig.Live(0.5);
        Assert.Equal(_one, Assert.Single(rig.GivenUp).Region);
        rig.Tell(new StrategyInput.AdoptionForbidden(new RegionId(9), IsForbidden: true));
        Assert.Contains(Refusal.UnknownRegion, rig.Refusals);
    }

    [Fact]
    public void Of_two_that_are_lost_at_once_neither_succeeds_the_other()
    {
        var rig = new Rig(5, days: 5);
        rig.Live(3);
        rig.Dead.UnionWith([_one, _two]);
        rig.Live(8);
        Assert.Equal([_one, _two], rig.GivenUp.Select(why => why.Region));
        Assert.DoesNotContain(rig.GivenUp, why => rig.Dead.Contains(why.Successor));

        // One at a look.
        Assert.True(rig.GivenUp[1].At - rig.GivenUp[0].At >= StrategicLayer.WatchPeriod);
    }

    [Fact]
    public void Who_has_missed_a_window_takes_nobody_over()
    {
        var rig = new Rig(3, days: 5);
        rig.Live(3);
        rig.Dead.Add(_one);
        rig.Live(4.4);
        rig.Dead.Add(_two);
        rig.Live(0.8);
        Assert.Equal((_one, _three), (Assert.Single(rig.GivenUp).Region, rig.GivenUp[0].Successor));
    }

    [Fact]
    public void Where_nobody_can_take_over_it_waits_and_says_so()
    {
        var rig = new Rig(3, days: 5);
        rig.Live(3);
        rig.Tell(new StrategyInput.CharterOrdered(_two, IsGranted: false));
        rig.Tell(new StrategyInput.CharterOrdered(_three, IsGranted: false));
        rig.Dead.Add(_one);
        rig.Live(9);
        Assert.Empty(rig.GivenUp);
        Assert.Contains(Refusal.NoSuccessor, rig.Refusals);
        rig.Tell(new StrategyInput.CharterOrdered(_three, IsGranted: true));
        rig.Live(1);
        Assert.Equal(_three, Assert.Single(rig.GivenUp).Successor);
    }

    [Fact]
    public void An_order_may_come_first_and_then_nothing_follows()
    {
        var rig = new Rig(3, days: 5);
        rig.Live(3);
        rig.Dead.Add(_one);
        rig.Live(2);
        rig.Tell(new StrategyInput.AdoptionOrdered(_one, _three));
        rig.Live(20);
        Assert.Empty(rig.GivenUp);
        Assert.Null(rig.Layer.StandingOf(_one)!.Abandoned);
        Assert.Equal(_three, rig.Layer.StandingOf(_one)!.Successor);
    }

    // Hubs that are lost for a while or for good, and a strategic layer that is cut off or not running, at
    // random: nobody is given up who called within the stated time, and everybody who is lost for long enough
    // is, while most are heard.
    [Fact]
    public void Whoever_called_in_time_is_kept_and_whoever_is_lost_for_good_is_given_up() =>
        Gen.ULong[1, 1_000_000].Sample(
            seed =>
            {
                var prng = new Prng(seed);
                int count = 3 + (int)prng.Below(4);
                var rig = new Rig(count, days: 4, seed: seed, isRebuilt: true);
                rig.Live(2);
                var lost = new RegionId(1 + (uint)prng.Below(count));
                for (int spell = 0; spell < 6; spell++)
                {
                    if (prng.Below(3) == 0)
                    {
                        rig.IsOff = prng.Below(2) == 0;
                        rig.Dead.UnionWith(rig.IsOff ? [] : rig.Regions);
                    }
                    else
                    {
                        rig.Dead.Add(new RegionId(1 + (uint)prng.Below(count)));
                    }

                    rig.Live(prng.Below(20) / 2.0);
                    rig.Dead.Clear();
                    rig.IsOff = false;
                    rig.Live(1 + prng.Below(4));
                }

                foreach (StrategyFact.Abandoned why in rig.GivenUp)
                {
                    Assert.True(why.At - rig.LastCalled(why.Region, why.At) >= TimeSpan.FromDays(4));
                    Assert.True(why.At - rig.LastCalled(why.Successor, why.At) < TimeSpan.FromDays(1));
                }

                rig.Dead.Add(lost);
                rig.Live(9);
                Assert.True(
                    rig.Layer.StandingOf(lost)!.Successor is not null
                        || rig.GivenUp.Count == count - 1); // Everybody else was.
            },
            iter: 60);

    // Hubs that do nothing but call, and a strategic layer.
    private sealed class Rig
    {
        private static readonly TimeSpan _light = TimeSpan.FromMinutes(20);
        private readonly StrategySpec _spec;
        private readonly List<(Instant At, Frame Frame)> _space = [];
        private readonly List<(RegionId Region, Instant At)> _calls = [];
        private readonly bool _isRebuilt;
        private Prng _prng;

        public Rig(
            int count, double days, (int From, int To)? outage = null, ulong seed = 1, bool isRebuilt = false)
        {
            _prng = new Prng(seed);
            _isRebuilt = isRebuilt;
            var plan = new ContactPlan
            {
                Phase = Instant.Epoch,
                Period = TimeSpan.FromHours(8),
                Length = TimeSpan.FromHours(2),
                BytesPerSecond = 1_000_000,
                LightTime = _light,
                Outages = outage is not { } gap ? [] : [new Outage(At(gap.From), At(gap.To))],
            };
            ImmutableSortedDictionary<RegionId, RegionSpec> specs =
                ImmutableSortedDictionary<RegionId, RegionSpec>.Empty;
            for (uint number = 1; number <= count; number++)
            {
                var region = new RegionId(number);
                ContactPlan own = plan with { Phase = plan.Phase + TimeSpan.FromMinutes(30 * number) };
                specs = specs.Add(region, new RegionSpec { Contacts = own, PublicKey = new byte[32] });
                Hubs.Add(new Caller(region, own));
            }

            _spec = new StrategySpec
            {
                Rules = TestHub.Spec.Rules,
                Regions = specs,
                Returns = CaseRules.Rules,
                Approvals = [],
                Adoption = new AdoptionRule { After = TimeSpan.FromDays(days) },
            };
            Layer = new StrategicLayer(_spec);
        }

        public StrategicLayer Layer { get; private set; }

        public List<Caller> Hubs { get; } = [];

        public List<StrategyFact> Facts { get; } = [];

        public List<Refusal> Refusals { get; } = [];

        public HashSet<RegionId> Dead { get; } = [];

        public bool IsOff { get; set; }

        public bool IsAsleep { get; set; }

        public Instant Now { get; private set; } = Instant.Epoch;

        public IEnumerable<RegionId> Regions => _spec.Regions.Keys;

        public List<StrategyFact.Abandoned> GivenUp => [.. Facts.OfType<StrategyFact.Abandoned>()];

        public Instant LastCalled(RegionId region, Instant before) =>
            _calls.Where(call => call.Region == region && call.At <= before).Max(call => call.At);

        public void Live(double days)
        {
            for (Instant end = Now + TimeSpan.FromDays(days); Now < end;)
            {
                Now += TimeSpan.FromMinutes(10);
                foreach (Caller hub in Hubs.Where(hub => !Dead.Contains(hub.Region)))
                {
                    if (hub.Call(Now) is { } call)
                    {
                        _space.Add((Now + _light, call));
                    }
                }

                foreach ((Instant at, Frame frame) in _space.ToArray())
                {
                    if (at <= Now)
                    {
                        _ = _space.Remove((at, frame));
                        Deliver(frame);
                    }
                }

                if (!IsOff && !IsAsleep && Layer.NextWake <= Now)
                {
                    Tell(new StrategyInput.Woken());
                }
            }
        }

        public void Tell(StrategyInput input)
        {
            var outbox = new Outbox<StrategyFact, StrategyEffect>();
            Layer.Step(Now, Snapshot.Read<StrategyInput>(Snapshot.Of(input)), outbox);
            Facts.AddRange(outbox.Facts.Select(fact => Snapshot.Read<StrategyFact>(Snapshot.Of(fact))));
            Refusals.AddRange(outbox.Effects.OfType<StrategyEffect.Refuse>().Select(one => one.Reason));
            _space.AddRange(outbox.Effects.OfType<StrategyEffect.Transmit>()
                .Select(one => (Now + _light, one.Frame)));
            if (_isRebuilt && _prng.Below(50) == 0)
            {
                Rebuild();
            }
        }

        private static Instant At(int days) => Instant.Epoch + TimeSpan.FromDays(days);

        private void Deliver(Frame frame)
        {
            if (frame.To == Party.Strategy && !IsOff)
            {
                _calls.Add((new RegionId(frame.From.Number), Now));
                Tell(new StrategyInput.FrameArrived(frame));
            }
            else if (frame.To != Party.Strategy && !Dead.Contains(new RegionId(frame.To.Number)))
            {
                Hubs[(int)frame.To.Number - 1].Take(Now, frame);
            }
        }

        private void Rebuild()
        {
            var replayed = new StrategicLayer(_spec);
            Facts.ForEach(replayed.Apply);
            Assert.Equal(Snapshot.Of(Layer.Shape), Snapshot.Of(replayed.Shape));
            var restored = new StrategicLayer(_spec);
            Snapshot.Into(Snapshot.Of(Layer.Shape), restored.Shape);
            Assert.Equal(Snapshot.Of(Layer.Shape), Snapshot.Of(restored.Shape));
            Layer = _prng.Below(2) == 0 ? replayed : restored;
        }
    }

    /// <summary>A hub that says once that it is there, and calls in every window.</summary>
    private sealed class Caller
    {
        private readonly LinkEnd _link;
        private Instant _next;

        public Caller(RegionId region, ContactPlan plan)
        {
            Region = region;
            _link = new LinkEnd(
                Party.Of(region), Party.Strategy, plan, TimeSpan.FromSeconds(1), fact => _link!.Apply(fact));
            _ = _link.Queue(new HubEnrol(10), Priority.Contract, Instant.Never);
        }

        public RegionId Region { get; }

        public List<Message> Heard { get; } = [];

        public Frame? Call(Instant now)
        {
            if (now < _next || !_link.Plan.IsOpen(now))
            {
                return null;
            }

            _next = now + TimeSpan.FromMinutes(50);
            return _link.Call(now, TimeSpan.Zero);
        }

        public void Take(Instant now, Frame frame) => Heard.AddRange(_link.Take(now, frame));
    }
}
