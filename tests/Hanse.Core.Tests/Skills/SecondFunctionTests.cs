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

/// <summary>Two functions of one machine: each has its own release, trial and way back, and prices are asked
/// in rounds.</summary>
public class SecondFunctionTests
{
    private const int Length = 10_000;

    private static readonly SkillTrial _trial = new(
        4, PartsPerMillion.FromPercent(5), TimeSpan.FromDays(7), TimeSpan.FromHours(6));

    private readonly Machine _machine = new();

    private static Digest Loads { get; } = Digest.Of([1]);

    private static Digest Prices { get; } = Digest.Of([2]);

    private static Digest More { get; } = Digest.Of([3]);

    [Fact]
    public void Two_releases_are_fetched_one_after_the_other_and_decide_side_by_side()
    {
        _machine.Order(SkillFunction.Pricing, Prices);
        _machine.Order(SkillFunction.Extraction, Loads);
        Assert.Equal(Loads, Digest.From(_machine.Bay.Asks!.Release)); // By their numbers.
        _machine.Bay.Held(_machine.Now, Prices, 700); // What is there counts, whoever is asked for first.
        _machine.Bay.Held(_machine.Now, Loads, Length);
        Assert.Equal((Prices, 700), (Digest.From(_machine.Bay.Asks!.Release), _machine.Bay.Asks.From));
        _machine.Bay.Held(_machine.Now, Prices, Length);
        Assert.Null(_machine.Bay.Asks);
        _machine.Bay.Judged(_machine.Now, Loads, isAdmitted: true);
        _machine.Bay.Judged(_machine.Now, Prices, isAdmitted: true);
        _machine.Pass(TimeSpan.FromDays(2));
        Assert.Equal([Loads, Prices], _machine.Bay.Deciding());
        Assert.Equal(Loads, _machine.Decide().Skill);
        Assert.Equal(Prices, _machine.Sheet(9).Skill);
    }

    [Fact]
    public void A_fault_of_one_release_is_no_affair_of_the_other()
    {
        _machine.Activate(SkillFunction.Extraction, Loads);
        _machine.Activate(SkillFunction.Pricing, Prices);
        SkillSlot loads = _machine.Of(SkillFunction.Extraction);
        _machine.Outcome[Prices] = SkillOutcome.NoAnswer;
        Assert.Equal(default, _machine.Sheet(9).Skill);
        Assert.Equal(SkillState.RolledBack, _machine.Of(SkillFunction.Pricing).State);
        Assert.Same(loads, _machine.Of(SkillFunction.Extraction));
        Assert.Equal([Loads], _machine.Bay.Deciding());
        _machine.Bay.FallShort(_machine.Now, SkillFunction.Extraction);
        Assert.Equal(SkillState.RolledBack, _machine.Of(SkillFunction.Extraction).State);
        Assert.Empty(_machine.Bay.Deciding());
    }

    [Fact]
    public void A_release_is_not_for_two_functions()
    {
        _machine.Activate(SkillFunction.Extraction, Loads);
        _machine.Acts.Clear();
        _machine.Order(SkillFunction.Pricing, Loads);
        SkillSlot slot = _machine.Of(SkillFunction.Pricing);
        Assert.Equal((SkillState.Refused, SkillReason.NotAdmitted), (slot.State, slot.Reason));
        Assert.Empty(_machine.Acts); // Nothing of the one that decides is thrown away.
        Assert.Equal(Loads, _machine.Decide().Skill);
    }

    [Fact]
    public void A_machine_without_a_release_of_prices_keeps_nothing_and_runs_nothing()
    {
        Assert.Null(_machine.Bay.Open(SkillFunction.Pricing, 1));
        _machine.Activate(SkillFunction.Extraction, Loads);
        Assert.Null(_machine.Bay.Open(SkillFunction.Pricing, 1));
        _machine.Activate(SkillFunction.Pricing, Prices);
        _machine.Outcome[Prices] = SkillOutcome.TooSlow;
        _ = _machine.Sheet(1);
        Assert.Null(_machine.Bay.Open(SkillFunction.Pricing, 1)); // It was let go.
    }

    // Sixty prices are one run, one entry of what is kept, and one fault at most.
    [Fact]
    public void A_sheet_is_one_decision()
    {
        _machine.Order(SkillFunction.Pricing, Prices);
        _machine.Bay.Held(_machine.Now, Prices, Length);
        _machine.Bay.Judged(_machine.Now, Prices, isAdmitted: true);
        int kept = _machine.Kept;
        int runs = _machine.Of(SkillFunction.Pricing).Runs;
        Assert.Equal(default, _machine.Sheet(60).Skill);
        Assert.Equal((kept + 1, runs + 1), (_machine.Kept, _machine.Of(SkillFunction.Pricing).Runs));
        Assert.Equal(SkillState.Shadowing, _machine.Of(SkillFunction.Pricing).State);
        _machine.Pass(TimeSpan.FromDays(1));
        runs = _machine.Of(SkillFunction.Pricing).Runs;
        Assert.Equal(Prices, _machine.Sheet(60).Skill);
        Assert.Equal((kept + 2, runs + 1), (_machine.Kept, _machine.Of(SkillFunction.Pricing).Runs));
        Assert.Equal(default, _machine.Sheet(0).Skill);
        Assert.Equal(kept + 2, _machine.Kept);
    }

    [Fact]
    public void A_settled_release_is_forgiven_two_sheets_and_no_price_of_them_is_its_own()
    {
        _machine.Activate(SkillFunction.Pricing, Prices, SkillOrder.Forever);
        _machine.Pass(TimeSpan.FromDays(8));
        Assert.Equal(SkillState.Settled, _machine.Of(SkillFunction.Pricing).State);
        _machine.Outcome[Prices] = SkillOutcome.NoAnswer;
        for (int fault = 1; fault <= SkillBay.FaultsMax; fault++)
        {
            Assert.Equal(SkillState.Settled, _machine.Of(SkillFunction.Pricing).State);
            Assert.Equal(default, _machine.Sheet(60).Skill);
        }

        Assert.Equal(SkillState.RolledBack, _machine.Of(SkillFunction.Pricing).State);
    }

    // Nothing in the world says what a price should have been, so probation does not end the comparison.
    [Fact]
    public void A_price_that_goes_astray_on_probation_ends_it_by_a_sheet_or_by_a_pulse()
    {
        foreach (bool isAsked in (bool[])[true, false])
        {
            _machine.Reset();
            _machine.Activate(SkillFunction.Pricing, Prices);
            _machine.Factor[Prices] = 1.04;
            Assert.Equal(Prices, _machine.Sheet(9).Skill);
            _machine.Factor[Prices] = 1.06;
            _ = isAsked ? _machine.Sheet(9) : default;
            _machine.Pass(isAsked ? TimeSpan.Zero : _trial.Pulse);
            SkillSlot slot = _machine.Of(SkillFunction.Pricing);
            Assert.Equal((SkillState.RolledBack, SkillReason.Diverges), (slot.State, slot.Reason));
        }
    }

    [Fact]
    public void A_price_below_propellant_and_spares_is_never_asked()
    {
        _machine.Activate(SkillFunction.Pricing, Prices);
        _machine.Factor[Prices] = 0.005;
        Assert.Equal(default, _machine.Sheet(9).Skill);
        Assert.Equal(SkillReason.OutsideEnvelope, _machine.Of(SkillFunction.Pricing).Reason);
    }

    [Fact]
    public void A_better_pricing_is_held_against_the_one_before_and_goes_back_to_it()
    {
        _machine.Activate(SkillFunction.Pricing, Prices, SkillOrder.Forever);
        _machine.Pass(TimeSpan.FromDays(8));
        _machine.Factor[Prices] = 1.5; // Settled: what it asks is its own affair.
        Assert.Equal(Prices, _machine.Sheet(9).Skill);
        _machine.Factor[More] = 1.52;
        _machine.Activate(SkillFunction.Pricing, More, rollout: 2);
        Assert.Equal(More, _machine.Sheet(9).Skill);
        _machine.Factor[More] = 1;
        Assert.Equal(default, _machine.Sheet(9).Skill);
        Assert.Equal(Prices, _machine.Of(SkillFunction.Pricing).Active);
        Assert.Equal(Prices, _machine.Sheet(9).Skill);
    }

    // Whatever happens in whatever order: of each function what decides was admitted for it, every answer is
    // one that may be acted on, and what one function goes through leaves the other as it was.
    [Fact]
    public void No_order_of_events_mixes_two_functions()
    {
        var decided = new SortedDictionary<SkillFunction, int>();
        for (int seed = 0; seed < 1_500; seed++)
        {
            var random = new Random(seed);
            _machine.Reset();
            for (int step = 0; step < 60; step++)
            {
                string where = $"seed {seed}, step {step}";
                var function = (SkillFunction)(1 + random.Next(2));
                Digest release = random.Next(3) switch { 0 => Loads, 1 => Prices, _ => More };
                switch (random.Next(9))
                {
                    case 0:
                        Instant until = random.Next(3) == 0
                            ? SkillOrder.Forever : _machine.Now + TimeSpan.FromDays(random.Next(20));
                        _machine.Pass(TimeSpan.FromMinutes(1)); // What is due was done.
                        SkillSlot? other = _machine.Bay.Of((SkillFunction)(3 - (int)function));
                        _machine.Order(
                            function, release, until.FloorSecond, (uint)(1 + random.Next(3)),
                            random.Next(5) == 0, TimeSpan.Zero);
                        Assert.True(
                            ReferenceEquals(other, _machine.Bay.Of((SkillFunction)(3 - (int)function))),
                            where);
                        break;
                    case 1:
                        _machine.Bay.Held(_machine.Now, release, random.Next(2) == 0 ? Length : 5_000);
                        break;
                    case 2:
                        _machine.Bay.Judged(_machine.Now, release, random.Next(4) > 0);
                        break;
                    case 3:
                        _machine.Outcome[release] = (SkillOutcome)(1 + random.Next(3));
                        break;
                    case 4:
                        _machine.Factor[release] = random.Next(3) == 0 ? random.NextDouble() * 3 : 1;
                        break;
                    case 5:
                        _machine.Bay.FallShort(_machine.Now, function);
                        break;
                    case 6:
                        _machine.Bay.Repeat();
                        break;
                    default:
                        _machine.Pass(TimeSpan.FromHours(random.Next(40)));
                        break;
                }

                Digest load = _machine.Decide().Skill;
                Digest price = _machine.Sheet(random.Next(4)).Skill;
                Assert.True(load != price, where);
                Count(SkillFunction.Extraction, load != BuiltInDecisions.Extraction);
                Count(SkillFunction.Pricing, price != default);
                foreach (SkillSlot slot in _machine.Bay.Slots.Values)
                {
                    Assert.True(
                        slot.Active == default || !_machine.Bay.Slots.Values.Any(one =>
                            one.Function != slot.Function && one.Active == slot.Active),
                        where);
                }

                ReadBack(where);
            }
        }

        Assert.All(decided.Values, times => Assert.True(times > 100, $"{times}"));
        Assert.Equal(2, decided.Count);

        void Count(SkillFunction function, bool isDecided) =>
            decided[function] = decided.GetValueOrDefault(function) + (isDecided ? 1 : 0);
    }

    // What is written of a bay is read back as it was.
    private void ReadBack(string where)
    {
        byte[] bytes = Snapshot.Of((ref CborWriter codec) => _machine.Bay.Shape(ref codec));
        SkillBay read = _machine.NewBay();
        Snapshot.Into(bytes, (ref CborReader codec) => read.Shape(ref codec));
        byte[] again = Snapshot.Of((ref CborWriter codec) => read.Shape(ref codec));
        Assert.True(bytes.AsSpan().SequenceEqual(again), where);
    }

    private sealed class Machine : ISkills
    {
        private int _asked;

        public Machine() => Reset();

        public SkillBay Bay { get; private set; } = null!;

        public Instant Now { get; private set; }

        public List<PackageAct> Acts { get; } = [];

        public Dictionary<Digest, SkillOutcome> Outcome { get; } = [];

        // What a release asks, as a multiple of what it should; loads are always right.
        public Dictionary<Digest, double> Factor { get; } = [];

        public int Kept { get; private set; }

        public int Abi => 4;

        public void Reset()
        {
            Now = new Instant(86_400_000_000);
            Acts.Clear();
            Outcome.Clear();
            Factor.Clear();
            Kept = 0;
            Bay = NewBay();
        }

        public SkillBay NewBay()
        {
            SkillBay? bay = null;
            bay = new SkillBay(
                this,
                new MachineKind(1, 1),
                (function, number) => function == SkillFunction.Pricing ? Trip((long)(number % 5_000_000))
                    : Load(new Grams(1 + (long)(number % 5_000_000))),
                slot => bay!.Apply(slot),
                (function, question) =>
                {
                    Kept++;
                    bay!.Apply(function, question);
                },
                work => Acts.Add(work.Act));
            return bay;
        }

        public SkillSlot Of(SkillFunction function) => Bay.Of(function)!;

        public SkillAnswer Run(
            Digest release, SkillFunction function, MachineKind kind, ReadOnlyMemory<byte> question)
        {
            SkillOutcome outcome = Outcome.GetValueOrDefault(release, SkillOutcome.Answered);
            byte[] own = SkillContract.Own(function, question);
            if (function == SkillFunction.Pricing)
            {
                PricingAnswer price = PricingRecord.Read(own);
                double factor = Factor.GetValueOrDefault(release, 1);
                own = PricingRecord.Of(price with
                {
                    PricePerLot = new Credits((long)(price.PricePerLot.Micro * factor)),
                });
            }

            return new SkillAnswer(outcome, outcome == SkillOutcome.Answered ? own : []);
        }

        public void Order(
            SkillFunction function, Digest release, Instant? until = null, uint rollout = 1,
            bool isWithdrawn = false, TimeSpan? after = null)
        {
            Now += after ?? TimeSpan.FromMinutes(1);
            Bay.Take(Now, new SkillOrder(
                rollout, Now.FloorSecond, function, 3, release.ToArray(), Length, isWithdrawn,
                until ?? (Now + TimeSpan.FromDays(20)).FloorSecond, _trial));
        }

        public void Activate(
            SkillFunction function, Digest release, Instant? until = null, uint rollout = 1)
        {
            Order(function, release, until, rollout);
            Bay.Held(Now, release, Length);
            Bay.Judged(Now, release, isAdmitted: true);
            Pass(TimeSpan.FromHours(24));
            Assert.Equal((SkillState.Active, release), (Of(function).State, Of(function).Active));
        }

        public (Digest Skill, byte[] Output) Decide() =>
            Bay.Decide(Now, SkillFunction.Extraction, Load(Grams.FromTonnes(4)));

        // Whose prices a sheet is of; nobody's when it is the core's.
        public (Digest Skill, int Prices) Sheet(int prices)
        {
            if (Bay.Open(SkillFunction.Pricing, (ulong)_asked) is not { } round)
            {
                return default;
            }

            int answered = 0;
            for (int i = 0; i < prices; i++)
            {
                byte[] question = Trip(++_asked % 5_000_000);
                if (round.Ask(question) is { } output)
                {
                    answered++;
                    Assert.Equal(
                        SkillReason.None, SkillContract.Judge(SkillFunction.Pricing, question, output));
                }
            }

            bool isIts = round.Failure == SkillReason.None && answered > 0;
            Assert.True(!isIts || answered == prices);
            Assert.Equal(isIts, round.Failure == SkillReason.None && round.SampleOutput is not null);
            Bay.Close(Now, round);
            return (isIts ? round.Skill : default, prices);
        }

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

        private static byte[] Load(Grams wanted) => CborWriter.Bytes(
            new ExtractionQuestion(wanted, Grams.FromTonnes(5), 1_000, 10_000));

        private static byte[] Trip(long draw) => PricingRecord.Of(new PricingInput
        {
            Quantity = new Grams(1_000 + draw),
            Lot = Grams.FromTonnes(1),
            Propellant = new Grams(draw / 2),
            PropellantPerTonne = new Credits(120_000),
            WearBefore = new PartsPerMillion(200_000),
            Wear = new PartsPerMillion(9_000),
            SparesPerLife = Credits.FromWhole(1),
            Minutes = 4_200 + (draw % 1_000),
            HourlyCost = new Credits(9_000),
            Toll = new Credits(1_000),
            Hazard = new HazardLaw(3, new PartsPerMillion(1_500_000), Credits.FromWhole(20)),
            Margin = new PartsPerMillion(80_000),
            HourlyWorth = new Credits(500),
        });
    }
}
