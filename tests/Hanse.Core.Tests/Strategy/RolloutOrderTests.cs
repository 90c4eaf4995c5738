using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Tests.Hub;
using Hanse.Core.Tests.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Xunit;

namespace Hanse.Core.Tests.Strategy;

/// <summary>Which orders of rollouts are taken: those that enough operators have signed.</summary>
public class RolloutOrderTests
{
    private static readonly byte[] _ada = TestJournal.KeyOf(1);
    private static readonly byte[] _ben = TestJournal.KeyOf(2);
    private static readonly byte[] _cleo = TestJournal.KeyOf(3);
    private static readonly byte[] _mallory = TestJournal.KeyOf(4);

    private readonly Desk _desk = new(new OperatorKeys([_ada, _ben, _cleo], 1, 2));

    public static TheoryData<string> Respects =>
    [
        "canary", "canaryMin", "exposure", "canaryTime", "wave", "waveTime", "errors", "gate", "quorum",
        "quorumEach", "patience",
    ];

    [Fact]
    public void One_signature_is_enough_for_the_usual_lane_and_two_are_for_a_faster_one()
    {
        _desk.Order(Usual(1), _ada);
        _desk.Order(Faster(2), _ada);
        _desk.Order(Faster(3), _ada, _cleo);
        _desk.Order(Usual(4));
        Assert.Equal([1U, 3U], _desk.Taken);
        Assert.Equal(RolloutRefusal.TooFewSignatures, _desk.Machine.RefusedRollouts[2]);
        Assert.Equal(RolloutRefusal.TooFewSignatures, _desk.Machine.RefusedRollouts[4]);
        Assert.Equal(2, _desk.Facts.Count(fact => fact is StrategyFact.RolloutRefused));
        Assert.Equal([Refusal.RolloutNotSigned, Refusal.RolloutNotSigned], _desk.Refusals);
        _desk.IsRebuilt();

        // The second operator signs too.
        _desk.Order(Faster(2), _ada, _ben);
        Assert.Equal([1U, 2U, 3U], _desk.Taken);
        Assert.False(_desk.Machine.RefusedRollouts.ContainsKey(2));
        _desk.IsRebuilt();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_image_of_the_core_takes_two_operators_however_slow_it_is(bool isFast)
    {
        Rollout Core(uint id) => (isFast ? Faster(id) : Usual(id)) with
        {
            Function = SkillFunction.Core,
            Rules = isFast ? RolloutRules.Expedited : RolloutRules.Core,
        };
        _desk.Order(Core(1), _ada);
        _desk.Order(Core(2), _ada, _ada);
        _desk.Order(Core(3), _ada, _mallory);
        _desk.Order(Core(4));
        Assert.Empty(_desk.Taken);
        Assert.Equal(RolloutRefusal.TooFewSignatures, _desk.Machine.RefusedRollouts[1]);
        Assert.Equal(RolloutRefusal.TooFewSignatures, _desk.Machine.RefusedRollouts[2]);
        Assert.Equal(RolloutRefusal.UnknownKey, _desk.Machine.RefusedRollouts[3]);
        _desk.Order(Core(1), _ada, _ben);
        Assert.Equal([1U], _desk.Taken);
        _desk.IsRebuilt();

        // Also where one is enough for all else, and where nobody is asked about anything else.
        foreach (OperatorKeys keys in (OperatorKeys[])[new([_ada, _ben], 1, 1), OperatorKeys.None])
        {
            var desk = new Desk(keys);
            desk.Order(Core(1), _ada);
            desk.Order(Core(2));
            Assert.Empty(desk.Taken);
            desk.Order(Core(1), _ada, _ben);
            Assert.Equal(keys.IsAsked, desk.Taken.Length == 1);
            desk.IsRebuilt();
        }
    }

    [Fact]
    public void One_key_is_one_operator_however_often_it_signs()
    {
        _desk.Order(Faster(1), _ada, _ada, _ada);
        Assert.Empty(_desk.Taken);
        Assert.Equal(RolloutRefusal.TooFewSignatures, _desk.Machine.RefusedRollouts[1]);
    }

    [Theory]
    [MemberData(nameof(Respects))]
    public void What_is_faster_in_any_respect_is_faster(string respect)
    {
        RolloutRules rules = RolloutRules.Standard;
        RolloutRules faster = Change(rules, respect, 1);
        RolloutRules slower = Change(rules, respect, -1);
        Assert.True(faster.IsFasterThan(rules));
        Assert.False(slower.IsFasterThan(rules));
        Assert.False(rules.IsFasterThan(rules));

        // Slower in all others makes up for nothing.
        foreach (string other in Respects.Select(row => row.Data).Where(other => other != respect))
        {
            faster = Change(faster, other, -1);
        }

        Assert.True(faster.IsFasterThan(rules));
        _desk.Order(Usual(1) with { Rules = faster }, _ada);
        Assert.Empty(_desk.Taken);
        _desk.Order(Usual(2) with { Rules = slower }, _ada);
        Assert.Equal([2U], _desk.Taken);
    }

    [Fact]
    public void The_lanes_are_what_they_say()
    {
        Assert.True(RolloutRules.Expedited.IsFasterThan(RolloutRules.Standard));
        Assert.True(RolloutRules.Monolithic.IsFasterThan(RolloutRules.Standard));
        Assert.True((RolloutRules.Standard with { Quorum = null }).IsFasterThan(RolloutRules.Standard));
    }

    [Fact]
    public void A_signature_that_does_not_hold_and_one_of_a_stranger_spoil_the_order()
    {
        _desk.Order(Usual(1), [Signature(Usual(1), _ada), new OperatorSignature(_ben, new byte[64])]);
        Assert.Equal(RolloutRefusal.BadSignature, _desk.Machine.RefusedRollouts[1]);
        _desk.Order(Usual(2), _ada, _mallory);
        Assert.Equal(RolloutRefusal.UnknownKey, _desk.Machine.RefusedRollouts[2]);
        Assert.Empty(_desk.Taken);
        Assert.Empty(_desk.Pending);
        _desk.IsRebuilt();
    }

    // Every field is signed, and what it is for.
    [Fact]
    public void A_signature_is_of_one_order_and_no_other()
    {
        Rollout signed = Usual(1);
        Rollout[] others =
        [
            signed with { Id = 2 },
            signed with { Abi = 2 },
            signed with { Release = Digest.Of([9]) },
            signed with { Size = 101 },
            signed with { Classes = [1] },
            signed with { Trial = signed.Trial with { ShadowRuns = 0 } },
            signed with { Rules = signed.Rules with { Authority = TimeSpan.FromDays(1) } },
            signed with { Rules = signed.Rules with { Lead = TimeSpan.FromDays(1) } },
            signed with { Rules = signed.Rules with { Strain = PartsPerMillion.FromPercent(9) } },
        ];
        foreach (Rollout other in others)
        {
            _desk.Order(other, [Signature(signed, _ada)]);
            Assert.Equal(RolloutRefusal.BadSignature, _desk.Machine.RefusedRollouts[other.Id]);
        }

        byte[] bare = Snapshot.Of(signed);
        _desk.Order(signed, [new OperatorSignature(_ada, TestJournal.Sign(_ada, bare))]);
        Assert.Empty(_desk.Taken);
    }

    [Fact]
    public void The_same_order_again_is_the_same_and_another_under_its_number_is_refused()
    {
        _desk.Order(Usual(1), _ada);
        int facts = _desk.Facts.Count;
        _desk.Order(Usual(1), _ada);
        _desk.Order(Usual(1), _ben);
        _desk.Order(Usual(1));
        Assert.Equal(facts, _desk.Facts.Count);
        Assert.Empty(_desk.Refusals);
        Rollout other = Usual(1) with { Release = Digest.Of([9]) };
        _desk.Order(other, _ada, _ben);
        Assert.Equal(RolloutRefusal.AnotherOrder, _desk.Machine.RefusedRollouts[1]);
        Assert.Equal(Usual(1).Release, _desk.Machine.Rollouts[1].Rollout.Release);
        Assert.Equal([Refusal.RolloutNotTaken], _desk.Refusals);

        // A flood of them is no flood of facts.
        facts = _desk.Facts.Count;
        _desk.Order(other, _ada);
        _desk.Order(other, _ada);
        Assert.Equal(facts, _desk.Facts.Count);

        // Called back it stays: the order again does not begin it anew.
        _desk.Step(new StrategyInput.RolloutCommanded(1, RolloutCommand.Abort));
        _desk.Order(Usual(1), _ada);
        Assert.All(_desk.Machine.Rollouts[1].Classes, one => Assert.Equal(ClassState.Stopped, one.State));
        _desk.IsRebuilt();
    }

    [Fact]
    public void While_signatures_are_verified_the_number_is_taken()
    {
        _desk.IsHoldingBack = true;
        _desk.Order(Faster(1), _ada, _ben);
        Assert.Equal(2, _desk.Pending.Count);
        _desk.Order(Faster(1), _ada, _ben);
        Assert.Equal(2, _desk.Pending.Count);
        _desk.Order(Faster(1) with { Size = 7 }, _ada, _ben);
        Assert.Equal(RolloutRefusal.AnotherOrder, _desk.Machine.RefusedRollouts[1]);
        ulong first = _desk.Pending[0].Request;
        _desk.Answer(0);
        Assert.Empty(_desk.Taken);
        _desk.Step(new StrategyInput.Verified(default, first, IsGood: true)); // Twice.
        _desk.Step(new StrategyInput.Verified(default, first, IsGood: false));
        Assert.Empty(_desk.Taken);
        _desk.IsRebuilt();

        // A crash: what is not answered is asked again, and nothing else.
        ulong second = Assert.Single(_desk.Pending).Request;
        _desk.Pending.Clear();
        _desk.Step(new StrategyInput.Restarted());
        StrategyEffect.Verify again = Assert.Single(_desk.Pending);
        Assert.Equal(second, again.Request);
        _desk.Answer(0);
        Assert.Equal([1U], _desk.Taken);
        Assert.Equal(100, _desk.Machine.Rollouts[1].Rollout.Size);
        _desk.IsRebuilt();
    }

    [Fact]
    public void Answers_to_questions_that_nobody_asked_order_nothing()
    {
        _desk.Step(new StrategyInput.Verified(default, 1, IsGood: true));
        _desk.Order(Faster(1), _ada);
        _desk.Step(new StrategyInput.Verified(default, 1, IsGood: true));
        _desk.Step(new StrategyInput.Verified(default, 2, IsGood: false));
        Assert.Empty(_desk.Taken);
    }

    [Fact]
    public void There_is_an_end_to_orders_that_wait_and_to_refusals_that_are_remembered()
    {
        _desk.IsHoldingBack = true;
        for (uint id = 1; id <= StrategicLayer.RolloutsMax + 5; id++)
        {
            _desk.Order(Usual(id), _ada);
        }

        Assert.Equal(StrategicLayer.RolloutsMax, _desk.Pending.Count);
        Assert.Equal(5, _desk.Refusals.Count(reason => reason == Refusal.TooMuch));
        for (uint id = 1_000; id < 1_200; id++)
        {
            _desk.Order(Usual(id));
        }

        var few = new Desk(new OperatorKeys([_ada], 1, 1));
        for (uint id = 1; id < 200; id++)
        {
            few.Order(Usual(id));
        }

        Assert.Equal(StrategicLayer.RefusedMax, few.Machine.RefusedRollouts.Count);
        few.IsRebuilt();
    }

    [Fact]
    public void Where_no_keys_are_configured_nobody_is_asked()
    {
        var desk = new Desk(OperatorKeys.None);
        desk.Order(Faster(1));
        Assert.Equal([1U], desk.Taken);
        Assert.False(new OperatorKeys([_ada], 1, 2).IsSound);
        Assert.False(new OperatorKeys([_ada], 0, 1).IsSound);
        Assert.False(new OperatorKeys([_ada, _ben], 2, 1).IsSound);
    }

    private static RolloutRules Change(RolloutRules rules, string respect, int faster) => respect switch
    {
        "canary" => rules with { Canary = new PartsPerMillion(rules.Canary.Value + faster) },
        "canaryMin" => rules with { CanaryMin = rules.CanaryMin + faster },
        "exposure" => rules with { Exposure = new PartsPerMillion(rules.Exposure.Value + faster) },
        "canaryTime" => rules with { CanaryTime = rules.CanaryTime - TimeSpan.FromSeconds(faster) },
        "wave" => rules with { Wave = new PartsPerMillion(rules.Wave.Value + faster) },
        "waveTime" => rules with { WaveTime = rules.WaveTime - TimeSpan.FromSeconds(faster) },
        "errors" => rules with { Errors = new PartsPerMillion(rules.Errors.Value + faster) },
        "gate" => rules with { Gate = new PartsPerMillion(rules.Gate.Value - faster) },
        "quorum" => rules with
        {
            Quorum = rules.Quorum! with
            {
                Share = new PartsPerMillion(rules.Quorum.Share.Value - faster),
            },
        },
        "quorumEach" => rules with
        {
            Quorum = rules.Quorum! with { Each = rules.Quorum.Each - TimeSpan.FromSeconds(faster) },
        },
        "patience" => rules with
        {
            Quorum = rules.Quorum! with { Patience = rules.Quorum.Patience - TimeSpan.FromSeconds(faster) },
        },
        _ => throw new ArgumentException(respect),
    };

    private static Rollout Usual(uint id) => new(
        id, SkillFunction.Extraction, 1, Digest.Of([1]), 100, [1, 2],
        new SkillTrial(4, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6)), RolloutRules.Standard);

    private static Rollout Faster(uint id) => Usual(id) with { Rules = RolloutRules.Expedited };

    private static OperatorSignature Signature(Rollout rollout, byte[] key) =>
        new(key, TestJournal.Sign(key, rollout.ToSign()));

    /// <summary>A strategic layer, its facts, and whoever verifies signatures.</summary>
    private sealed class Desk
    {
        private readonly StrategySpec _spec;

        public Desk(OperatorKeys operators)
        {
            _spec = new StrategySpec
            {
                Rules = TestHub.Spec.Rules,
                Regions = ImmutableSortedDictionary<RegionId, RegionSpec>.Empty.Add(
                    new RegionId(1),
                    new RegionSpec { Contacts = TestHub.Spec.StrategyContacts, PublicKey = new byte[32] }),
                Returns = CaseRules.Rules,
                Approvals = [],
                Operators = operators,
            };
            Machine = new StrategicLayer(_spec);
        }

        public StrategicLayer Machine { get; }

        public List<StrategyFact> Facts { get; } = [];

        public List<Refusal> Refusals { get; } = [];

        public List<StrategyEffect.Verify> Pending { get; } = [];

        public bool IsHoldingBack { get; set; }

        public uint[] Taken => [.. Machine.Rollouts.Keys];

        public void Order(Rollout rollout, params byte[][] keys) =>
            Order(rollout, [.. keys.Select(key => Signature(rollout, key))]);

        public void Order(Rollout rollout, ImmutableArray<OperatorSignature> signatures)
        {
            Step(new StrategyInput.RolloutOrdered(rollout, signatures));
            while (!IsHoldingBack && Pending.Count > 0)
            {
                Answer(0);
            }
        }

        public void Answer(int place)
        {
            StrategyEffect.Verify ask = Pending[place];
            Assert.Equal(0U, ask.Region.Value);
            Pending.RemoveAt(place);
            Step(new StrategyInput.Verified(
                ask.Region, ask.Request,
                TestJournal.Sign(ask.PublicKey, ask.Message).AsSpan().SequenceEqual(ask.Signature)));
        }

        public void Step(StrategyInput input)
        {
            var outbox = new Outbox<StrategyFact, StrategyEffect>();
            Machine.Step(
                Instant.Epoch + TimeSpan.FromDays(1), Snapshot.Read<StrategyInput>(Snapshot.Of(input)),
                outbox);
            Facts.AddRange(outbox.Facts);
            foreach (StrategyEffect effect in outbox.Effects)
            {
                if (effect is StrategyEffect.Verify ask)
                {
                    Pending.Add(ask);
                }
                else if (effect is StrategyEffect.Refuse refused)
                {
                    Refusals.Add(refused.Reason);
                }
            }
        }

        /// <summary>Demands that a layer made of the facts, and one made of a snapshot, are the same to the
        /// byte.</summary>
        public void IsRebuilt()
        {
            byte[] bytes = Snapshot.Of(Machine.Shape);
            var replayed = new StrategicLayer(_spec);
            Facts.ForEach(fact => replayed.Apply(Snapshot.Read<StrategyFact>(Snapshot.Of(fact))));
            Assert.Equal(bytes, Snapshot.Of(replayed.Shape));
            var restored = new StrategicLayer(_spec);
            Snapshot.Into(bytes, restored.Shape);
            Assert.Equal(bytes, Snapshot.Of(restored.Shape));
        }
    }
}
