using Hanse.Core.Identity;
using System;
using System.Collections.Generic;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;

namespace Hanse.Core.Tests.Skills;

/// <summary>What a machine does with releases, whatever they do and whatever becomes of its orders.</summary>
public class SkillBayTests
{
    private const int Length = 10_000;

    private static readonly SkillTrial _trial = new(
        4, PartsPerMillion.FromPercent(5), TimeSpan.FromDays(7), TimeSpan.FromHours(6));

    private readonly Machine _machine = new();

    [Fact]
    public void A_good_release_is_fetched_tried_and_kept()
    {
        _machine.Order(Good, Day(20));
        Assert.Equal([PackageAct.Look], _machine.Acts);
        _machine.Bay.Held(_machine.Now, Good, 0);
        Assert.Equal(0, _machine.Bay.Asks!.From);
        _machine.Bay.Take(new SkillBytes(Good.ToArray(), 0, new byte[3_000]));
        _machine.Bay.Held(_machine.Now, Good, 3_000);
        Assert.Equal(3_000, _machine.Bay.Asks!.From);
        _machine.Bay.Held(_machine.Now, Good, Length);
        Assert.Null(_machine.Bay.Asks);
        Assert.Equal([PackageAct.Look, PackageAct.Keep, PackageAct.Admit], _machine.Acts);
        _machine.Bay.Judged(_machine.Now, Good, isAdmitted: true);
        Assert.Equal(SkillState.Shadowing, _machine.Slot.State);
        Assert.Equal(BuiltInDecisions.Extraction, _machine.Decide().Skill);
        _machine.Pass(TimeSpan.FromHours(24));
        Assert.Equal(SkillState.Active, _machine.Slot.State);
        Assert.Equal(Good, _machine.Decide().Skill);
        _machine.Pass(TimeSpan.FromDays(8));
        Assert.Equal(SkillState.Active, _machine.Slot.State); // Nobody has said that it is for good.
        _machine.Order(Good, SkillOrder.Forever);
        Assert.Equal(SkillState.Settled, _machine.Slot.State);
        Assert.Equal(Good, _machine.Slot.Active);
    }

    [Theory]
    [InlineData(SkillOutcome.NoAnswer, SkillReason.NoAnswer)]
    [InlineData(SkillOutcome.TooSlow, SkillReason.TooSlow)]
    public void The_first_fault_on_probation_ends_it_and_costs_no_decision(
        SkillOutcome outcome, SkillReason reason)
    {
        _machine.Activate(Good, Day(20));
        _machine.Outcome[Good] = outcome;
        (Digest skill, byte[] output) = _machine.Decide();
        Assert.Equal(BuiltInDecisions.Extraction, skill);
        Assert.Equal(SkillContract.Own(SkillFunction.Extraction, _machine.Question), output);
        Assert.Equal((SkillState.RolledBack, reason), (_machine.Slot.State, _machine.Slot.Reason));
        Assert.Equal(default, _machine.Slot.Active);
    }

    [Fact]
    public void A_fault_is_found_by_a_pulse_on_a_machine_that_has_nothing_to_decide()
    {
        _machine.Activate(Good, Day(20));
        _machine.Outcome[Good] = SkillOutcome.NoAnswer;
        Instant broken = _machine.Now;
        _machine.Pass(TimeSpan.FromDays(2));
        Assert.Equal(SkillState.RolledBack, _machine.Slot.State);
        Assert.True(_machine.Slot.Since - broken <= _trial.Pulse);
    }

    [Fact]
    public void It_goes_back_to_the_release_before_and_not_to_the_core()
    {
        _machine.Activate(Good, SkillOrder.Forever);
        _machine.Pass(TimeSpan.FromDays(8));
        Assert.Equal(SkillState.Settled, _machine.Slot.State);
        _machine.Activate(Other, Day(40), rollout: 2);
        Assert.Equal((Other, Good), (_machine.Slot.Active, _machine.Slot.Previous));
        _machine.Outcome[Other] = SkillOutcome.NoAnswer;
        _ = _machine.Decide();
        Assert.Equal(Good, _machine.Slot.Active);
        Assert.Equal(Good, _machine.Decide().Skill);
    }

    [Fact]
    public void What_nobody_confirms_is_let_go_in_the_middle_of_a_silence_and_may_come_again()
    {
        _machine.Activate(Good, Day(10));
        _machine.Pass(TimeSpan.FromDays(30));
        Assert.Equal(
            (SkillState.RolledBack, SkillReason.Lapsed), (_machine.Slot.State, _machine.Slot.Reason));
        Assert.True(_machine.Slot.Since >= Day(10) && _machine.Slot.Since <= Day(10) + TimeSpan.FromHours(6));
        _machine.Order(Good, _machine.Now + TimeSpan.FromDays(10));
        Assert.Equal(SkillState.Fetching, _machine.Slot.State);
    }

    [Fact]
    public void What_was_let_go_for_a_fault_does_not_come_again_in_its_rollout()
    {
        _machine.Activate(Good, Day(20));
        _machine.Outcome[Good] = SkillOutcome.NoAnswer;
        _ = _machine.Decide();
        _machine.Order(Good, Day(60));
        Assert.Equal(SkillState.RolledBack, _machine.Slot.State);
    }

    [Fact]
    public void A_withdrawal_ends_it_at_once_and_one_that_is_older_than_the_order_does_not()
    {
        _machine.Activate(Good, Day(20));
        _machine.Bay.Take(_machine.Now, _machine.Slot.Order with
        {
            At = _machine.Slot.Order.At - TimeSpan.FromSeconds(1),
            IsWithdrawn = true,
        });
        Assert.Equal(SkillState.Active, _machine.Slot.State);
        _machine.Order(Good, Day(20), isWithdrawn: true);
        Assert.Equal(
            (SkillState.RolledBack, SkillReason.Withdrawn), (_machine.Slot.State, _machine.Slot.Reason));
    }

    [Fact]
    public void A_settled_release_is_forgiven_two_faults()
    {
        _machine.Activate(Good, SkillOrder.Forever);
        _machine.Pass(TimeSpan.FromDays(8));
        _machine.Outcome[Good] = SkillOutcome.NoAnswer;
        for (int fault = 1; fault <= SkillBay.FaultsMax; fault++)
        {
            Assert.Equal(SkillState.Settled, _machine.Slot.State);
            Assert.Equal(BuiltInDecisions.Extraction, _machine.Decide().Skill);
        }

        Assert.Equal(SkillState.RolledBack, _machine.Slot.State);
    }

    [Fact]
    public void An_answer_outside_the_envelope_is_never_acted_on()
    {
        // A sensor that shows a thousandth too much shows a full hold as that much more.
        var most = new Grams(_machine.Room.Value * 1_001 / 1_000);
        foreach (Grams target in (Grams[])[Grams.Zero, most + new Grams(1)])
        {
            _machine.Reset();
            _machine.Activate(Good, Day(20));
            _machine.Answer[Good] = CborWriter.Bytes(new ExtractionAnswer(target));
            (Digest skill, byte[] output) = _machine.Decide();
            Assert.Equal(BuiltInDecisions.Extraction, skill);
            Assert.Equal(SkillContract.Own(SkillFunction.Extraction, _machine.Question), output);
            Assert.Equal(SkillReason.OutsideEnvelope, _machine.Slot.Reason);
        }

        foreach (byte[] noise in (byte[][])[[], [0xFF], [.. Enumerable.Repeat((byte)0, 5_000)]])
        {
            _machine.Reset();
            _machine.Activate(Good, Day(20));
            _machine.Answer[Good] = noise;
            Assert.Equal(BuiltInDecisions.Extraction, _machine.Decide().Skill);
            Assert.Equal(SkillReason.NoAnswer, _machine.Slot.Reason);
        }
    }

    [Fact]
    public void What_differs_too_much_never_decides()
    {
        _machine.Answer[Good] = CborWriter.Bytes(new ExtractionAnswer(new Grams(1_000)));
        _machine.Admit(Good, Day(20));
        Assert.Equal((SkillState.Refused, SkillReason.Diverges), (_machine.Slot.State, _machine.Slot.Reason));
        Assert.Equal(BuiltInDecisions.Extraction, _machine.Decide().Skill);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3, true)]
    [InlineData(2, true)]
    [InlineData(1, false)]
    [InlineData(5, false)]
    public void A_core_speaks_its_own_version_and_two_before(int abi, bool isTaken)
    {
        _machine.Order(Good, Day(20), abi: abi);
        Assert.Equal(isTaken ? SkillState.Fetching : SkillState.Refused, _machine.Slot.State);
        Assert.Equal(isTaken ? SkillReason.None : SkillReason.AbiUnsupported, _machine.Slot.Reason);
    }

    [Fact]
    public void A_package_that_is_not_admitted_never_runs()
    {
        _machine.Order(Good, Day(20));
        _machine.Bay.Held(_machine.Now, Good, Length);
        _machine.Bay.Judged(_machine.Now, Good, isAdmitted: false);
        Assert.Equal(
            (SkillState.Refused, SkillReason.NotAdmitted), (_machine.Slot.State, _machine.Slot.Reason));
        Assert.Equal(0, _machine.Runs);
    }

    [Fact]
    public void Stories_of_other_packages_change_nothing()
    {
        _machine.Order(Good, Day(20));
        SkillSlot before = _machine.Slot;
        _machine.Bay.Held(_machine.Now, Other, 100);
        _machine.Bay.Held(_machine.Now, Good, -1);
        _machine.Bay.Judged(_machine.Now, Good, isAdmitted: true); // It was not asked to be admitted yet.
        _machine.Bay.Take(new SkillBytes(Other.ToArray(), 0, [1]));
        _machine.Bay.Take(new SkillBytes(Good.ToArray(), 7, [1]));
        _machine.Bay.Take(new SkillBytes(Good.ToArray(), 0, new byte[Length + 1]));
        Assert.Same(before, _machine.Slot);
        Assert.Equal([PackageAct.Look], _machine.Acts);
    }

    // Whatever happens in whatever order: what decides is the core, or a release that was admitted and stood
    // its shadow, every decision is one that may be acted on, and nothing lapsed decides.
    [Fact]
    public void No_order_of_events_lets_anything_decide_that_may_not()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            _machine.Reset();
            for (int step = 0; step < 60; step++)
            {
                Digest release = random.Next(2) == 0 ? Good : Other;
                switch (random.Next(9))
                {
                    case 0:
                        Instant until = random.Next(3) == 0
                            ? SkillOrder.Forever : _machine.Now + TimeSpan.FromDays(random.Next(20));
                        _machine.Order(
                            release, until.FloorSecond, random.Next(5) == 0, 3, (uint)(1 + random.Next(3)));
                        break;
                    case 1:
                        _machine.Bay.Held(_machine.Now, release, random.Next(2) == 0 ? Length : 5_000);
                        break;
                    case 2:
                        _machine.Judge(release, random.Next(4) > 0);
                        break;
                    case 3:
                        _machine.Outcome[release] = (SkillOutcome)(1 + random.Next(3));
                        break;
                    case 4:
                        _machine.Answer[release] = random.Next(3) == 0
                            ? CborWriter.Bytes(new ExtractionAnswer(new Grams(random.NextInt64(1L << 40))))
                            : null;
                        break;
                    case 5:
                        _machine.Bay.FallShort(_machine.Now, SkillFunction.Extraction);
                        break;
                    case 6:
                        _machine.Bay.Repeat();
                        break;
                    case 7:
                        _machine.Pass(TimeSpan.FromHours(random.Next(40)));
                        break;
                    default:
                        break;
                }

                (Digest skill, byte[] output) = _machine.Decide();
                Assert.True(
                    SkillContract.Judge(SkillFunction.Extraction, _machine.Question, output)
                        == SkillReason.None,
                    $"seed {seed}, step {step}");
                Assert.True(
                    skill == BuiltInDecisions.Extraction || _machine.Admitted.Contains(skill),
                    $"seed {seed}, step {step}");
                if (_machine.Bay.Of(SkillFunction.Extraction) is { State: SkillState.Active } slot)
                {
                    _machine.Bay.Wake(_machine.Now);
                    Assert.True(
                        _machine.Slot.State != SkillState.Active || _machine.Now < slot.Order.Until,
                        $"seed {seed}, step {step}");
                }
            }
        }
    }

    // The first release, the second, the first again: it is what is gone back to and on trial at once.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_bytes_of_what_decides_or_may_be_gone_back_to_are_kept(bool isAdmittedAgain)
    {
        _machine.Activate(Good, SkillOrder.Forever, rollout: 1);
        _machine.Pass(TimeSpan.FromDays(8));
        _machine.Activate(Other, SkillOrder.Forever, rollout: 2);
        _machine.Pass(TimeSpan.FromDays(8));
        _machine.Acts.Clear();
        if (isAdmittedAgain)
        {
            _machine.Activate(Good, SkillOrder.Forever, rollout: 3);
            Assert.Equal((Good, Other), (_machine.Slot.Active, _machine.Slot.Previous));
        }
        else
        {
            _machine.Order(Good, SkillOrder.Forever, rollout: 3);
            _machine.Bay.Held(_machine.Now, Good, Length);
            _machine.Judge(Good, isAdmitted: false);
            Assert.Equal((Other, Good), (_machine.Slot.Active, _machine.Slot.Previous));
        }

        Assert.DoesNotContain(PackageAct.Drop, _machine.Acts);
    }

    private static Digest Good { get; } = Digest.Of([1]);

    private static Digest Other { get; } = Digest.Of([2]);

    private static Instant Day(double day) => new((long)(day * 86_400) * 1_000_000);

    private sealed class Machine : ISkills
    {
        public Machine() => Reset();

        public SkillBay Bay { get; private set; } = null!;

        public Instant Now { get; private set; }

        public List<PackageAct> Acts { get; } = [];

        public Dictionary<Digest, SkillOutcome> Outcome { get; } = [];

        public Dictionary<Digest, byte[]?> Answer { get; } = [];

        public HashSet<Digest> Admitted { get; } = [];

        public int Runs { get; private set; }

        public int Abi => 4;

        public Grams Room { get; } = Grams.FromTonnes(5);

        public byte[] Question => Ask(Grams.FromTonnes(4));

        public SkillSlot Slot => Bay.Of(SkillFunction.Extraction)!;

        public void Reset()
        {
            Now = Day(1);
            Acts.Clear();
            Outcome.Clear();
            Answer.Clear();
            Admitted.Clear();
            Bay = new SkillBay(
                this,
                new MachineKind(1, 1),
                (_, number) => Ask(new Grams(1 + (long)(number % 5_000_000))),
                slot => Bay.Apply(slot),
                (function, question) => Bay.Apply(function, question),
                work => Acts.Add(work.Act));
        }

        public SkillAnswer Run(
            Digest release, SkillFunction function, MachineKind kind, ReadOnlyMemory<byte> question)
        {
            Runs++;
            SkillOutcome outcome = Outcome.GetValueOrDefault(release, SkillOutcome.Answered);
            return new SkillAnswer(
                outcome,
                outcome != SkillOutcome.Answered ? []
                    : Answer.GetValueOrDefault(release) ?? SkillContract.Own(function, question));
        }

        public void Order(
            Digest release, Instant until, bool isWithdrawn = false, int abi = 3, uint rollout = 1)
        {
            Now += TimeSpan.FromMinutes(1);
            Bay.Take(Now, new SkillOrder(
                rollout, Now.FloorSecond, SkillFunction.Extraction, abi, release.ToArray(), Length,
                isWithdrawn, until, _trial));
        }

        public void Admit(Digest release, Instant until, uint rollout = 1)
        {
            Order(release, until, rollout: rollout);
            Bay.Held(Now, release, Length);
            Judge(release, isAdmitted: true);
        }

        public void Judge(Digest release, bool isAdmitted)
        {
            if (isAdmitted)
            {
                _ = Admitted.Add(release);
            }

            Bay.Judged(Now, release, isAdmitted);
        }

        public void Activate(Digest release, Instant until, uint rollout = 1)
        {
            Admit(release, until, rollout);
            Pass(TimeSpan.FromHours(24));
            Assert.Equal((SkillState.Active, release), (Slot.State, Slot.Active));
        }

        public (Digest Skill, byte[] Output) Decide() => Bay.Decide(Now, SkillFunction.Extraction, Question);

        // Its alarms go off in time.
        public void Pass(TimeSpan time)
        {
            Instant end = Now + time;
            while (Bay.NextWake <= end)
            {
                Now = Instant.Max(Now, Bay.NextWake);
                Bay.Wake(Now);
            }

            Now = end;
        }

        private byte[] Ask(Grams wanted) =>
            CborWriter.Bytes(new ExtractionQuestion(wanted, Room, 1_000, 10_000));
    }
}
