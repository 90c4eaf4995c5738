using System;
using System.Collections.Generic;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Xunit;

namespace Hanse.Core.Tests.Skills;

/// <summary>What a machine does with images of the core, whatever they do, and wherever it crashes.</summary>
/// <remarks>The machine here is the bay, its memory, and a model of what starts images: one that counts the
/// starts of an unproven image before each and goes back after three.</remarks>
public class CoreBayTests
{
    private const int Length = 7_000;

    private static readonly Digest _old = Digest.Of([1]);
    private static readonly Digest _new = Digest.Of([2]);
    private static readonly SkillTrial _trial = new(
        0, default, TimeSpan.FromDays(10), TimeSpan.FromHours(6));

    /// <summary>What is wrong with an image.</summary>
    public enum Flaw
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>Nobody vouches for it.</summary>
        Unsigned,

        /// <summary>It makes something else of the machine's memory.</summary>
        Differs,

        /// <summary>It never comes up.</summary>
        NeverStarts,

        /// <summary>It comes up and crashes after a day.</summary>
        Crashes,

        /// <summary>It decides, and no hub ever answers it.</summary>
        Deaf,
    }

    public static TheoryData<Flaw, SkillState, SkillReason> Ends => new()
    {
        { Flaw.None, SkillState.Settled, SkillReason.None },
        { Flaw.Unsigned, SkillState.Refused, SkillReason.NotAdmitted },
        { Flaw.Differs, SkillState.Refused, SkillReason.Diverges },
        { Flaw.NeverStarts, SkillState.Refused, SkillReason.NotStarted },
        { Flaw.Crashes, SkillState.RolledBack, SkillReason.NotStarted },
        { Flaw.Deaf, SkillState.RolledBack, SkillReason.Unheard },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public void A_good_image_comes_to_decide_and_any_other_ends_with_the_one_before(
        Flaw flaw, SkillState state, SkillReason reason)
    {
        var machine = new Machine { Flaw = flaw };
        machine.Live();
        Assert.Equal((state, reason), (machine.Slot.State, machine.Slot.Reason));
        Digest expected = flaw == Flaw.None ? _new : _old;
        Assert.Equal((expected, expected, expected), (machine.Runs, machine.Slot.Active, machine.Proven));
    }

    // At the end of the same life, wherever it was cut.
    [Theory]
    [MemberData(nameof(Ends))]
    public void A_machine_that_crashed_anywhere_comes_to_the_same_end(
        Flaw flaw, SkillState state, SkillReason reason)
    {
        var whole = new Machine { Flaw = flaw };
        whole.Live();
        Assert.InRange(whole.Cuts, 5, 200);
        for (int cut = 0; cut < whole.Cuts; cut++)
        {
            var machine = new Machine { Flaw = flaw, CrashesAt = cut };
            machine.Live();
            Assert.True(
                (state, reason) == (machine.Slot.State, machine.Slot.Reason),
                $"{flaw}, cut {cut}: {machine.Slot.State}, {machine.Slot.Reason}");
            Assert.Equal(
                (whole.Runs, whole.Slot.Active, whole.Proven),
                (machine.Runs, machine.Slot.Active, machine.Proven));
        }
    }

    [Fact]
    public void What_no_hub_answers_goes_back_within_its_probation_by_its_own_clock_with_nobody_telling_it()
    {
        var machine = new Machine { Flaw = Flaw.Deaf };
        machine.Live(until: SkillState.Active);
        Instant begun = machine.Slot.Since;
        machine.Live(until: SkillState.RolledBack);
        Assert.Equal(SkillReason.Unheard, machine.Slot.Reason);
        TimeSpan took = machine.Slot.Since - begun;
        Assert.InRange(took, _trial.Probation, _trial.Probation + TimeSpan.FromHours(1));
    }

    [Fact]
    public void What_nobody_confirms_in_time_goes_back_and_may_come_again()
    {
        var machine = new Machine { Until = Day(15) };
        machine.Live();
        Assert.Equal(
            (SkillState.RolledBack, SkillReason.Lapsed), (machine.Slot.State, machine.Slot.Reason));
        Assert.Equal(_old, machine.Runs);
        machine.Order(_new, SkillOrder.Forever);
        machine.Live();
        Assert.Equal((SkillState.Settled, _new), (machine.Slot.State, machine.Runs));
    }

    [Theory]
    [InlineData(SkillState.Fetching, SkillState.Refused)]
    [InlineData(SkillState.Active, SkillState.RolledBack)]
    [InlineData(SkillState.Settled, SkillState.RolledBack)]
    public void What_is_called_back_goes_at_once(SkillState when, SkillState then)
    {
        var machine = new Machine();
        machine.Live(until: when);
        machine.Order(_new, SkillOrder.Forever, isWithdrawn: true);
        Assert.Equal((then, SkillReason.Withdrawn), (machine.Slot.State, machine.Slot.Reason));
        Assert.Equal((_old, _old), (machine.Runs, machine.Proven));
    }

    [Fact]
    public void A_later_image_takes_the_place_of_one_that_is_on_trial_and_goes_back_to_the_proven_one()
    {
        var machine = new Machine { Until = Day(60) };
        machine.Live(until: SkillState.Active);
        Assert.Equal(_new, machine.Runs);
        var third = Digest.Of([3]);
        machine.Order(third, SkillOrder.Forever, rollout: 2);
        Assert.Equal((_old, _old), (machine.Runs, machine.Slot.Active));
        machine.Live();
        Assert.Equal((SkillState.Settled, third, _old), (
            machine.Slot.State, machine.Runs, machine.Slot.Previous));
    }

    [Fact]
    public void One_that_is_written_for_another_launcher_or_is_here_already_is_not_fetched()
    {
        var machine = new Machine { Abi = CoreBay.Abi + 1 };
        machine.Live();
        Assert.Equal(
            (SkillState.Refused, SkillReason.AbiUnsupported), (machine.Slot.State, machine.Slot.Reason));
        var same = new Machine();
        same.Order(_old, SkillOrder.Forever);
        Assert.Equal(SkillState.Settled, same.Slot.State);
        same.Live();
        Assert.Equal((SkillState.Settled, _old), (same.Slot.State, same.Runs));
    }

    [Fact]
    public void Answers_that_come_twice_or_late_or_of_another_image_change_nothing()
    {
        var machine = new Machine();
        machine.Live(until: SkillState.Active);
        SkillSlot slot = machine.Slot;
        foreach (CoreAct act in Enum.GetValues<CoreAct>())
        {
            machine.Tell(bay => bay.Hear(machine.Now, _new, act, SkillReason.NotAdmitted));
            machine.Tell(bay => bay.Hear(machine.Now, _old, act, SkillReason.None));
        }

        machine.Tell(bay => bay.Held(machine.Now, _new, Length));
        Assert.Equal(slot, machine.Slot);
    }

    private static Instant Day(int day) => Instant.Epoch + TimeSpan.FromDays(day);

    /// <summary>A machine with two slots, and what starts them.</summary>
    private sealed class Machine
    {
        private const int StartsMax = 3;

        private readonly List<SkillSlot> _memory = [];
        private readonly List<SkillSlot> _facts = [];
        private readonly List<object> _effects = [];
        private readonly Queue<Action<CoreBay>> _inputs = [];

        // What starts images keeps these on its disk.
        private Digest _on;
        private Digest _failed;
        private Digest _before;
        private int _starts;
        private int _held;
        private Digest _staged;

        private CoreBay _bay = null!;
        private Instant _begun;
        private Instant _heard;
        private bool _isOrdered;

        public Machine()
        {
            Proven = _old;
            Start();
        }

        public Flaw Flaw { get; init; }

        public int Abi { get; init; } = CoreBay.Abi;

        public Instant Until { get; init; } = SkillOrder.Forever;

        /// <summary>At which cut it crashes: a cut is before the facts of a step, and after each effect.
        /// </summary>
        public int CrashesAt { get; init; } = -1;

        /// <summary>Cuts so far.</summary>
        public int Cuts { get; private set; }

        public Instant Now { get; private set; } = Instant.Epoch + TimeSpan.FromDays(1);

        /// <summary>What is started from, when nothing is on trial.</summary>
        public Digest Proven { get; private set; }

        /// <summary>What runs.</summary>
        public Digest Runs { get; private set; }

        public SkillSlot Slot => _bay.Slot!;

        public void Order(Digest image, Instant until, uint rollout = 1, bool isWithdrawn = false)
        {
            _isOrdered = true;
            var order = new SkillOrder(
                rollout, Now.FloorSecond, SkillFunction.Core, Abi, image.ToArray(), Length, isWithdrawn,
                until, _trial);
            do
            {
                Tell(bay => bay.Take(Now, order)); // Lost by a crash, a link says it again.
            }
            while (_bay.Slot?.Order.At != order.At);

            Now += TimeSpan.FromSeconds(1);
        }

        /// <summary>Lets it live for 40 days, or until something has become of the image.</summary>
        public void Live(SkillState? until = null)
        {
            if (!_isOrdered)
            {
                Order(_new, Until);
            }

            for (int hour = 0; hour < 40 * 24 && Slot.State != until; hour++)
            {
                Now += TimeSpan.FromHours(1);
                bool isCrashing = Flaw == Flaw.Crashes && Runs == _new
                    && Now >= _begun + TimeSpan.FromDays(1);
                if (isCrashing)
                {
                    Start();
                    continue;
                }

                // A window every two days: bytes come, and what was told is acknowledged.
                if (hour % 48 == 0 && !(Flaw == Flaw.Deaf && Runs == _new))
                {
                    _heard = Now;
                    while (_bay.Asks is { } asked)
                    {
                        var part = new SkillBytes(
                            asked.Release, asked.From, new byte[Math.Min(3_000, Length - asked.From)]);
                        Tell(bay => bay.Take(part));
                    }
                }

                Tell(bay => bay.Wake(Now));
            }
        }

        public void Tell(Action<CoreBay> input)
        {
            _inputs.Enqueue(input);
            while (_inputs.TryDequeue(out Action<CoreBay>? next))
            {
                Step(next);
            }
        }

        private void Step(Action<CoreBay> input)
        {
            _facts.Clear();
            _effects.Clear();
            input(_bay);
            if (_facts.Count == 0 && _effects.Count == 0)
            {
                return;
            }

            object[] effects = [.. _effects];
            if (Cut())
            {
                return; // Before its facts.
            }

            _memory.AddRange(_facts);
            foreach (object effect in effects)
            {
                Digest ran = Runs;
                CoreBay bay = _bay;
                CarryOut(effect);
                if (!ReferenceEquals(bay, _bay) || ran != Runs || Cut())
                {
                    return; // It has ended.
                }
            }
        }

        private bool Cut()
        {
            if (Cuts++ != CrashesAt)
            {
                return false;
            }

            Start();
            return true;
        }

        // What starts images: counts before it starts, and goes back after so many.
        private void Start()
        {
            _inputs.Clear();
            while (true)
            {
                if (_on != default && _starts == StartsMax)
                {
                    GiveUp();
                }

                Runs = _on == default ? Proven : _on;
                _starts += _on == default ? 0 : 1;
                if (Flaw != Flaw.NeverStarts || Runs != _new)
                {
                    break;
                }
            }

            _begun = Now;
            _bay = new CoreBay(
                Runs,
                slot => _heard > slot.Since,
                slot =>
                {
                    _facts.Add(slot);
                    _bay.Apply(slot);
                },
                _effects.Add, _effects.Add);
            _memory.ForEach(_bay.Apply);
            Step(bay => bay.Start(Now));
        }

        private void GiveUp()
        {
            _failed = _on;
            (_on, _starts) = (default, 0);
        }

        private void CarryOut(object effect)
        {
            switch (effect)
            {
                case PackageWork { Act: PackageAct.Drop }:
                    _held = 0;
                    break;
                case PackageWork work:
                    _held += work.Act == PackageAct.Keep && work.From == _held ? work.Bytes.Length : 0;
                    _inputs.Enqueue(bay => bay.Held(Now, work.Release, _held));
                    break;
                case CoreWork { Act: CoreAct.Stage } work:
                    Assert.Equal(Length, _held);
                    (_staged, _failed) = (work.Image, default);
                    _inputs.Enqueue(bay => bay.Hear(
                        Now, work.Image, CoreAct.Stage,
                        Flaw == Flaw.Unsigned ? SkillReason.NotAdmitted : SkillReason.None));
                    break;
                case CoreWork { Act: CoreAct.Replay } work:
                    Assert.Equal(_staged, work.Image);
                    _inputs.Enqueue(bay => bay.Hear(
                        Now, work.Image, CoreAct.Replay,
                        Flaw == Flaw.Differs ? SkillReason.Diverges : SkillReason.None));
                    break;
                case CoreWork { Act: CoreAct.Switch } work when work.Image == _failed:
                    _inputs.Enqueue(bay => bay.Hear(
                        Now, work.Image, CoreAct.Switch, SkillReason.NotStarted));
                    break;
                case CoreWork { Act: CoreAct.Switch } work:
                    Assert.Equal(_staged, work.Image);
                    (_on, _starts) = (work.Image, 0);
                    Start();
                    break;
                case CoreWork { Act: CoreAct.Settle } work when work.Image == _on:
                    (_before, Proven, _on) = (Proven, _on, default);
                    break;
                case CoreWork { Act: CoreAct.Revert } work when work.Image == _on:
                    GiveUp();
                    Start();
                    break;
                case CoreWork { Act: CoreAct.Revert } work when work.Image == Proven && _before != default:
                    (_failed, Proven, _before) = (Proven, _before, default);
                    Start();
                    break;
                default:
                    break;
            }
        }
    }
}
