using System;
using System.Linq;
using System.Threading.Tasks;
using Hanse.Core.Decisions;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Messages;
using Hanse.Core.Skills;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Xunit;
using CoreFunction = Hanse.Core.Messages.SkillFunction;

namespace Hanse.Skills.Tests;

/// <summary>The slots of a machine over the real sandbox: whatever a release is, the machine decides, and as
/// the core would unless the release is sound.</summary>
public class SandboxSkillsTests
{
    private static readonly Instant _start = new(86_400_000_000);

    [Fact]
    public Task A_sound_release_decides_with_the_bits_of_the_core() => On(Shipped.Module("extraction"), rig =>
    {
        Assert.Equal(SkillState.Active, rig.State);
        for (long tonnes = 1; tonnes < 9; tonnes++)
        {
            byte[] question = Rig.Ask(Grams.FromTonnes(tonnes));
            (Digest skill, byte[] output) = rig.Bay.Decide(rig.Now, CoreFunction.Extraction, question);
            Assert.Equal(Rig.Release, skill);
            Assert.Equal(SkillContract.Own(CoreFunction.Extraction, question), output);
        }
    });

    [Theory]
    [InlineData("trap", "unreachable", SkillReason.NoAnswer)]
    [InlineData("loop", "(loop $l br $l) i64.const 0", SkillReason.TooSlow)]
    [InlineData("abstain", "i64.const -1", SkillReason.NoAnswer)]
    [InlineData("nothing", "i64.const 0", SkillReason.NoAnswer)]
    [InlineData("not its memory", "i64.const 0x7fffffff00000010", SkillReason.NoAnswer)]
    [InlineData("echo", "(i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) "
        + "(i64.extend_i32_u (local.get $length)))", SkillReason.NoAnswer)]
    [InlineData("more than the hold takes", "(i64.store (i32.const 2048) (i64.const 0xffffff7f1b81)) "
        + "i64.const 0x0000080000000009", SkillReason.NoAnswer)]
    public Task An_unsound_release_never_decides(string what, string decide, SkillReason reason) =>
        On(Wat.Deciding(decide), rig =>
        {
            Assert.True(rig.State == SkillState.Refused, what);
            Assert.Equal(reason, rig.Bay.Of(CoreFunction.Extraction)!.Reason);
            byte[] question = Rig.Ask(Grams.FromTonnes(3));
            (Digest skill, byte[] output) = rig.Bay.Decide(rig.Now, CoreFunction.Extraction, question);
            Assert.Equal(BuiltInDecisions.Extraction, skill);
            Assert.Equal(SkillContract.Own(CoreFunction.Extraction, question), output);
        });

    // Sound for what it is asked in the shadow, and then not: on probation that is the end of it.
    [Fact]
    public Task A_release_that_traps_later_is_let_go_in_the_same_step() => On(
        Shipped.Module("extraction"), rig =>
        {
            Assert.Equal(SkillState.Active, rig.State);
            rig.Sandbox.Unload(Rig.Release); // As if its compiled code were gone.
            byte[] question = Rig.Ask(Grams.FromTonnes(3));
            Assert.Equal(
                BuiltInDecisions.Extraction,
                rig.Bay.Decide(rig.Now, CoreFunction.Extraction, question).Skill);
            Assert.Equal(SkillState.RolledBack, rig.State);
        });

    [Fact]
    public Task Sound_prices_are_asked_with_the_bits_of_the_core() => On(
        Shipped.Module("pricing"), CoreFunction.Pricing, rig =>
        {
            Assert.Equal(SkillState.Active, rig.State);
            SkillRound round = rig.Bay.Open(CoreFunction.Pricing, 1)!;
            for (long tonnes = 1; tonnes < 60; tonnes++)
            {
                byte[] question = Rig.Trip(Grams.FromTonnes(tonnes));
                Assert.Equal(SkillContract.Own(CoreFunction.Pricing, question), round.Ask(question));
            }

            Assert.Equal(Rig.Release, round.Skill);
            rig.Bay.Close(rig.Now, round);
            Assert.Equal(SkillState.Active, rig.State);
        });

    [Theory]
    [InlineData("trap", "unreachable", SkillReason.NoAnswer)]
    [InlineData("loop", "(loop $l br $l) i32.const 1", SkillReason.TooSlow)]
    [InlineData("abstain", "i32.const 0", SkillReason.NoAnswer)]
    [InlineData("nothing", "(i64.store offset=8 (local.get $at) (i64.const 0)) i32.const 1",
        SkillReason.OutsideEnvelope)]
    [InlineData("less than nothing", "(i64.store offset=8 (local.get $at) (i64.const -1)) i32.const 1",
        SkillReason.OutsideEnvelope)]
    [InlineData("dear", "(i64.store offset=8 (local.get $at) (i64.const 1000000000000)) i32.const 1",
        SkillReason.Diverges)]
    public Task Unsound_prices_are_never_asked(string what, string bid, SkillReason reason) => On(
        Wat.Module($"""(func (export "bid") (param $at i32) (result i32) {bid})"""), CoreFunction.Pricing,
        rig =>
        {
            Assert.True(rig.State == SkillState.Refused, what);
            Assert.Equal(reason, rig.Bay.Of(CoreFunction.Pricing)!.Reason);
            Assert.Null(rig.Bay.Open(CoreFunction.Pricing, 1));
        });

    [Theory]
    [InlineData("pricing", CoreFunction.Extraction)]
    [InlineData("extraction", CoreFunction.Pricing)]
    public Task A_release_for_another_function_than_it_has_never_decides(
        string module, CoreFunction function) => On(Shipped.Module(module), function, rig =>
        {
            Assert.Equal(SkillState.Refused, rig.State);
            Assert.Equal(SkillReason.NoAnswer, rig.Bay.Of(function)!.Reason);
        });

    private static Task On(byte[] module, Action<Rig> test) => On(module, CoreFunction.Extraction, test);

    private static async Task On(byte[] module, CoreFunction function, Action<Rig> test)
    {
        using var engine = new SkillEngine();
        using Skill skill = Wat.Load(engine, module);
        using var workers = new SkillWorkers(1);
        _ = await workers.Run(() =>
        {
            test(new Rig(skill, function));
            return 0;
        });
    }

    private sealed class Rig
    {
        private readonly CoreFunction _function;

        public Rig(Skill skill, CoreFunction function)
        {
            _function = function;
            Sandbox.Load(Release, skill);
            Bay = new SkillBay(
                Sandbox, new MachineKind(1, 1),
                (_, number) => Asks(new Grams(1_000 + (long)(number % 5_000_000))),
                slot => Bay!.Apply(slot), (kept, question) => Bay!.Apply(kept, question), _ => { });
            Bay.Take(Now, new SkillOrder(
                1, Now, function, 1, Release.ToArray(), 100, IsWithdrawn: false,
                Now + TimeSpan.FromDays(40),
                new SkillTrial(6, default, TimeSpan.FromDays(7), TimeSpan.FromHours(6))));
            Bay.Held(Now, Release, 100);
            Bay.Judged(Now, Release, isAdmitted: true);
            while (Bay.Of(function) is { State: SkillState.Shadowing })
            {
                Now += TimeSpan.FromHours(6);
                Bay.Wake(Now);
            }
        }

        public static Digest Release { get; } = Digest.Of([1]);

        public SandboxSkills Sandbox { get; } = new(SkillBudget.Decision);

        public SkillBay Bay { get; }

        public Instant Now { get; private set; } = _start;

        public SkillState State => Bay.Of(_function)!.State;

        public static byte[] Ask(Grams wanted) =>
            CborWriter.Bytes(new ExtractionQuestion(wanted, Grams.FromTonnes(5), 1_000, 10_000));

        public static byte[] Trip(Grams quantity) => PricingRecord.Of(new PricingInput
        {
            Quantity = quantity,
            Lot = Grams.FromTonnes(1),
            Propellant = Grams.FromTonnes(1),
            PropellantPerTonne = new Credits(120_000),
            WearBefore = new PartsPerMillion(200_000),
            Wear = new PartsPerMillion(9_000),
            SparesPerLife = Credits.FromWhole(9),
            Minutes = 4_200,
            HourlyCost = new Credits(2_000),
            Toll = new Credits(1_000),
            Hazard = new HazardLaw(3, new PartsPerMillion(1_500_000), Credits.FromWhole(20)),
            Margin = new PartsPerMillion(80_000),
            HourlyWorth = new Credits(500),
        });

        private byte[] Asks(Grams wanted) => _function == CoreFunction.Pricing ? Trip(wanted) : Ask(wanted);
    }
}
