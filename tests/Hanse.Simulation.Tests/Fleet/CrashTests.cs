using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Hanse.Core.Decisions;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Journal;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Node;
using Hanse.Core.Skills;
using Hanse.Core.Strategy;
using Hanse.Core.Wire;
using Hanse.Simulation.Fleet;
using Hanse.Simulation.Runs;
using Hanse.Simulation.Scenarios;
using Hanse.Simulation.World;
using Xunit;

namespace Hanse.Simulation.Tests.Fleet;

/// <summary>Crash between any two effects and replay equals never having crashed, for all three
/// machines.</summary>
/// <remarks>
/// A run records what every machine was given. Then, for each machine and for cuts all over its life (before
/// the facts of a step are durable, and after them, whichever of its effects were carried out), a machine is
/// rebuilt from the bytes of its facts, told so, given what it had not made durable again, and led through
/// the rest of its life. Its state must be the same byte for byte, and everything it did the first time must
/// have been done: effects lost with the crash are repeated, or wait in its links' queues, which are part of
/// that state.
/// </remarks>
public class CrashTests
{
    // A seed whose machines break down, nearly all of them.
    private const ulong Broken = 21;

    // A seed whose machines wait for each other at one face.
    private const ulong Crowded = 22;

    // A seed in which releases of skills are rolled out.
    private const ulong Rolled = 24;

    // A seed whose machines are held back for joint work.
    private const ulong Held = 23;

    // A seed in which loads and prices are decided by releases at the same time.
    private const ulong Priced = 25;

    // A seed in which nodes change their keys.
    private const ulong Rekeyed = 26;

    // A seed in which a hub is lost, nobody orders anything, and it is back.
    private const ulong Lost = 27;

    private static readonly ulong[] _seeds =
        [11, 12, 13, Broken, Crowded, Held, Rolled, Priced, Rekeyed, Lost];

    // Each is played once, whoever looks at it.
    private static readonly Dictionary<ulong, Lazy<Recording>> _recordings =
        _seeds.ToDictionary(seed => seed, seed => new Lazy<Recording>(() => Record(Options(seed))));

    public static TheoryData<ulong> Seeds => [.. _seeds];

    private static IEnumerable<object> Facts => _recordings.Values
        .SelectMany(recording => recording.Value.Steps.Values)
        .SelectMany(steps => steps).SelectMany(step => step.Facts);

    [Fact]
    public void Among_what_is_crashed_are_contracts_that_are_cancelled()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is StrategyFact.BountyReduced);
        Assert.Contains(facts, fact => fact is HubFact.Market { Fact: MarketFact.CancelAsked });
        Assert.Contains(facts, fact => fact is HubFact.Market { Fact: MarketFact.Cancelled });
    }

    [Fact]
    public void Among_what_is_crashed_are_regions_that_are_given_up_without_an_order()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is StrategyFact.Abandoned);
        Assert.Contains(facts, fact => fact is HubFact.NodeArrived);
        Assert.Contains(facts, fact => fact is HubFact.Relieved(_, { Value: > 0 }));
    }

    [Fact]
    public void Among_what_is_crashed_are_nodes_that_are_held_back() => Assert.Contains(
        Facts, fact => fact is HubFact.Market { Fact: MarketFact.JointHeld });

    [Fact]
    public void Among_what_is_crashed_are_sites_that_have_given_out()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is NodeFact.SiteGaveOut);
        Assert.Contains(facts, fact => fact is HubFact.SiteTold { Ratio.IsOver: true });
        Assert.Contains(
            facts, fact => fact is NodeFact.SitesHeard heard && heard.Ratios.Any(ratio => ratio.IsOver));
    }

    [Fact]
    public void Among_what_is_crashed_are_goods_in_custody_and_goods_that_are_lost()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is HubFact.Market { Fact: MarketFact.CustodyTaken });
        Assert.Contains(facts, fact =>
            fact is HubFact.Market { Fact: MarketFact.CustodyEnded { Lost.Value: > 0 } });
        Assert.Contains(facts, fact =>
            fact is HubFact.Market { Fact: MarketFact.CustodyEnded { Lost.Value: 0 } });
    }

    [Fact]
    public void Among_what_is_crashed_are_machines_that_break_down_and_are_mended()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is NodeFact.BrokeDown);
        Assert.Contains(facts, fact => fact is NodeFact.Mended);
        Assert.Contains(facts, fact => fact is NodeFact.RepairAttested);
        Assert.Contains(facts, fact => fact is HubFact.Market { Fact: MarketFact.HelpOpened });
        Assert.Contains(facts, fact => fact is HubFact.Market { Fact: MarketFact.Mended });
    }

    [Fact]
    public void Among_what_is_crashed_are_hours_that_have_a_worth()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is HubFact.Market { Fact: MarketFact.HourPosted });
        Assert.Contains(facts, fact => fact is NodeFact.HourHeard);
    }

    [Fact]
    public void Among_what_is_crashed_are_machines_that_wait_for_a_face_and_pay_for_it()
    {
        object[] facts = [.. Facts];
        Assert.Contains(facts, fact => fact is HubFact.VisitsHeard);
        Assert.Contains(facts, fact =>
            fact is HubFact.CrowdsShown shown && shown.Prices.Any(p => p.Place.Kind == PlaceKind.Site));
        Assert.Contains(facts, fact => fact is HubFact.FaceBooked { Booking.Toll.Micro: > 0 });
        Assert.Contains(facts, fact => fact is HubFact.FaceTolled { Amount.Micro: > 0 });
        Assert.Contains(
            _recordings[Crowded].Value.Steps.Values.SelectMany(steps => steps),
            step => step.Input is NodeInput.FaceTaken);
    }

    [Fact]
    public void Among_what_is_crashed_are_releases_that_are_fetched_tried_kept_and_let_go()
    {
        object[] facts = [.. Facts];
        SkillSlot[] slots = [.. facts.OfType<NodeFact.SkillMoved>().Select(moved => moved.Slot)];
        foreach (SkillState state in Enum.GetValues<SkillState>().Where(one => one != SkillState.Settled))
        {
            Assert.Contains(slots, slot => slot.State == state);
        }

        Assert.Contains(slots, slot => slot is { State: SkillState.Fetching, Held: > 0 });
        Assert.Contains(slots, slot => slot.Reason == SkillReason.Lapsed);
        Assert.Contains(slots, slot => slot.Reason is SkillReason.NoAnswer or SkillReason.TooSlow);
        Assert.Contains(facts, fact => fact is HubFact.SkillReported);
        Assert.Contains(facts, fact => fact is StrategyFact.RolloutHeard);
        Assert.Contains(facts, fact => fact is StrategyFact.SignatureHolds);
        Assert.Contains(facts, fact => fact is StrategyFact.RolloutRefused);
        Assert.Contains(
            facts, fact => fact is StrategyFact.RolloutMoved moved
                && moved.Book.Classes.Any(one => one.State == ClassState.Stopped));
    }

    [Fact]
    public void Among_what_is_crashed_are_nodes_whose_prices_and_loads_are_decided_by_two_releases()
    {
        object[] facts = [.. Facts];
        Assert.Contains(
            facts, fact => fact is NodeFact.QuestionKept { Function: SkillFunction.Pricing });
        Assert.Contains(facts, fact => fact is NodeFact.Log(LogFact.Attested(_, Entry.Decided decided))
            && decided.Input.Length == PricingRecord.Bytes && decided.Output.Length > 0);
        int built = BuiltInDecisions.All.Length;
        Assert.Contains(facts, fact => fact is NodeFact.Log(LogFact.Attested(_, Entry.Booted booted))
            && booted.Skills.Length == built + 2);
    }

    [Fact]
    public void Among_what_is_crashed_are_nodes_whose_keys_change()
    {
        RecordedStep[] steps = [.. _recordings[Rekeyed].Value.Steps.Values.SelectMany(steps => steps)];
        Assert.Contains(steps, step => step.Effects.Any(effect => effect is NodeEffect.SignBy));
        Assert.Contains(steps, step => step.Effects.Any(effect => effect is NodeEffect.KeySettled));
        Assert.Contains(
            steps.SelectMany(step => step.Facts),
            fact => fact is NodeFact.Log(LogFact.Attested(_, Entry.KeyChanged)));
    }

    [Fact]
    public void Among_what_is_crashed_are_parents_and_children()
    {
        object[] facts = [.. _recordings[Rolled].Value.Steps.Values
            .SelectMany(steps => steps).SelectMany(step => step.Facts)];
        Assert.Contains(facts, fact => fact is NodeFact.Birth { Fact: NodeBirthFact.Lent });
        Assert.Contains(facts, fact => fact is NodeFact.Birth { Fact: NodeBirthFact.Signed });
        Assert.Contains(facts, fact => fact is HubFact.Birth { Fact: BirthFact.Leased });
        Assert.Contains(facts, fact => fact is HubFact.Birth { Fact: BirthFact.ProbationBegan });
        Assert.Contains(facts, fact => fact is StrategyFact.QuotaSignatureHolds);
        BirthCertificate child = BornIn(_recordings[Rolled].Value).First();
        Assert.True(_recordings[Rolled].Value.Steps[Party.Of(child.Child)].Count > 10);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_node_that_crashed_anywhere_ends_as_one_that_never_did(ulong seed)
    {
        RunOptions options = Options(seed);
        Recording recording = _recordings[seed].Value;
        var plan = new Blueprint(options.Scenario, options.Seed);
        foreach (BirthCertificate born in BornIn(recording))
        {
            plan.Bear(
                Array.FindIndex(plan.Nodes, spec => spec.PublicKey.AsSpan().SequenceEqual(born.PublicKey)),
                born.Child);
        }

        foreach (NodeSpec spec in plan.Nodes)
        {
            if (!recording.Steps.TryGetValue(Party.Of(spec.Node), out List<RecordedStep>? steps))
            {
                continue; // It was not born any more.
            }

            // A liar lies again.
            IPricing pricing = plan.Conducts.Pricing(plan.PlaceOf(spec.Node), BuiltInPricing.Instance);
            CrashEverywhere<NodeInput, NodeFact, NodeEffect>(
                steps, () => new NodeAgent(spec, pricing, plan.Releases.Skills), new NodeInput.Restarted(),
                effect => effect is NodeEffect.Act or NodeEffect.Bear
                    or NodeEffect.Package { Work.Act: PackageAct.Admit });
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_hub_that_crashed_anywhere_ends_as_one_that_never_did(ulong seed)
    {
        RunOptions options = Options(seed);
        Recording recording = _recordings[seed].Value;
        var plan = new Blueprint(options.Scenario, options.Seed);
        foreach (RegionBlueprint region in plan.Regions)
        {
            List<RecordedStep> steps = recording.Steps[Party.Of(region.Id)];
            CrashEverywhere<HubInput, HubFact, HubEffect>(
                steps, () => new RegionalHub(region.Hub, plan.Releases.Skills), new HubInput.Restarted(),
                    // A stranger is let go with nothing, and nothing is remembered of it: its depot asks
                    // again.
                    effect => effect is HubEffect.Issue or HubEffect.Serve { Propellant.Value: > 0 });
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_strategic_layer_that_crashed_anywhere_ends_as_one_that_never_did(ulong seed)
    {
        RunOptions options = Options(seed);
        Recording recording = _recordings[seed].Value;
        var plan = new Blueprint(options.Scenario, options.Seed);
        CrashEverywhere<StrategyInput, StrategyFact, StrategyEffect>(
            recording.Steps[Party.Strategy],
            () => new StrategicLayer(plan.Strategy),
            new StrategyInput.Restarted(),
            effect => effect is StrategyEffect.Verify { Region.Value: 0 });
    }

    // Of eight machines two are born during the run, of the second generation.
    private static readonly GrowthSection _growth = new()
    {
        DoublingDays = 30,
        GenerationDays = 6,
        Generations = 2,
        AgeDays = 0,
        Commissions = 1,
        BornPercent = 100,
    };

    private static ImmutableArray<NamedRollout> Releases =>
    [
        Release("good", 0.2, RolloutLane.Expedited, ReleaseFault.None),
        Release("traps", 4, RolloutLane.Standard, ReleaseFault.Crash) with { FaultPercent = 90 },
        Release("slow", 5, RolloutLane.Standard, ReleaseFault.Slow) with { Groups = RolloutSplit.Strain },
        Release("hasty", 5.5, RolloutLane.Expedited, ReleaseFault.None) with { Signatures = 1 },
        Release("wrong", 6, RolloutLane.Expedited, ReleaseFault.Wrong),
        Release("late", 7.5, RolloutLane.Expedited, ReleaseFault.None) with
        {
            CalledBackDay = 9.5,
            StrainPercent = 60,
            Groups = RolloutSplit.Generation,
        },
    ];

    private static ImmutableArray<NamedRollout> TwoFunctions =>
    [
        Release("loads", 0.2, RolloutLane.Expedited, ReleaseFault.None) with { AuthorityDays = 8 },
        Release("prices", 0.2, RolloutLane.Expedited, ReleaseFault.None) with
        {
            Function = SkillFunction.Pricing,
            AuthorityDays = 8,
        },
        Release("prices that trap", 7, RolloutLane.Expedited, ReleaseFault.Crash) with
        {
            Function = SkillFunction.Pricing,
        },
    ];

    private static NamedRollout Release(
        string name, double day, RolloutLane lane, ReleaseFault fault) => new()
        {
            Name = name,
            Function = SkillFunction.Extraction,
            Day = day,
            Kilobytes = 8,
            Lane = lane,
            AuthorityDays = 2,
            DivergencePercent = 10,
            Fault = fault,
            FaultClass = 0,
            FaultPercent = 4,
            CalledBackDay = 0,
            StrainPercent = 0,
            Signatures = 2,
        };

    private static RunOptions Options(ulong seed)
    {
        RunOptions drawn = Swarm.Draw(seed, null);
        RunOptions options = drawn with
        {
            HealAfter = null,
            Scenario = drawn.Scenario with
            {
                Days = 12,
                Growth = seed == Rolled ? _growth : GrowthSection.None,
                Fleet = drawn.Scenario.Fleet with { Nodes = 8 },
                Regions = drawn.Scenario.Regions with { Count = 2, Depots = 2 },
                Work = drawn.Scenario.Work with
                {
                    TransportsPer30Days = 40,
                    TransportLossPercent = 40,
                    LossChargePercent = 100,
                },
                Stream = drawn.Scenario.Stream with
                {
                    TonnesPerNodeDay = 1,
                    CancelPercent = 60,
                    JointPercent = seed == 12 ? 50 : 0,
                },
                Rollouts = seed == Rolled ? Releases : [],
                Market = drawn.Scenario.Market with { HourWorth = (int)(seed % 2), JointHoldPercent = 0 },
                Faults = drawn.Scenario.Faults with { CrashesPer30Days = 0 },
                Sites = new SiteSection { Faces = 0, Tonnes = 0 },
            },
        };
        if (seed == Lost)
        {
            Scenario calm = Calm.Fleet(seed);
            return options with
            {
                Scenario = calm with
                {
                    Days = 13,
                    Fleet = calm.Fleet with { Nodes = 8 },
                    Regions = calm.Regions with { AdoptAfterDays = 1.5 },
                    Returns = calm.Returns with { RawLeavesPerDay = 0 },
                    Stream = Calm.SmallAndUrgent(calm.Stream) with { TonnesPerNodeDay = 1 },
                    Faults = calm.Faults with
                    {
                        LostHubDay = 4,
                        LostHubDays = 5,
                        LostHubGoesOn = 0,
                        LostHubAdoptedDays = 3_000,
                    },
                },
            };
        }

        if (seed == Held)
        {
            Scenario calm = Calm.Fleet(seed);
            return options with
            {
                Scenario = calm with
                {
                    Days = 14,
                    Fleet = calm.Fleet with { Nodes = 12 },
                    Regions = calm.Regions with { Count = 1, Anchors = ["Kalliope"] },
                    Sites = calm.Sites with { Tonnes = 100 },
                    Returns = calm.Returns with { RawLeavesPerDay = 0 },
                    Market = calm.Market with
                    {
                        FillTolerancePercent = 2,
                        JointHoldPercent = 100,
                        JointHoldBatches = 8,
                    },
                    Stream = Calm.SmallAndUrgent(calm.Stream) with
                    {
                        TonnesPerNodeDay = 1,
                        SmallestTonnes = 4,
                        LargestTonnes = 8,
                        JointPercent = 80,
                    },
                },
            };
        }

        if (seed == Priced)
        {
            // Most have no work, and are asked for prices in every cycle.
            Scenario calm = Calm.Fleet(seed);
            return options with
            {
                Scenario = calm with
                {
                    Days = 14,
                    Fleet = calm.Fleet with { Nodes = 8 },
                    Regions = calm.Regions with { Count = 1, Anchors = ["Kalliope"] },
                    Returns = calm.Returns with { RawLeavesPerDay = 0 },
                    Stream = Calm.SmallAndUrgent(calm.Stream) with { TonnesPerNodeDay = 0.3 },
                    Rollouts = TwoFunctions,
                },
            };
        }

        if (seed == Crowded)
        {
            return options with
            {
                Scenario = options.Scenario with
                {
                    Conduct = Calm.Honest,
                    Fleet = options.Scenario.Fleet with { Nodes = 16 },
                    Regions = options.Scenario.Regions with { Count = 1, Sites = 1 },
                    Sites = new SiteSection { Faces = 1, Tonnes = 0 },
                    Market = options.Scenario.Market with { FacePrices = 1, SeedCredits = 3 },
                },
            };
        }

        return seed != Broken ? options : options with
        {
            Scenario = options.Scenario with
            {
                Market = options.Scenario.Market with { SeedCredits = 3 },
                Work = drawn.Scenario.Work with { RepairHours = 3, RepairSparesTonnes = 0 },
                Faults = options.Scenario.Faults with { BreakdownsPercentPer30Days = 95 },
            },
        };
    }

    private static IEnumerable<BirthCertificate> BornIn(Recording recording) => recording.Steps
        .Where(steps => steps.Key.Kind == PartyKind.Hub).SelectMany(steps => steps.Value)
        .SelectMany(step => step.Facts).OfType<HubFact.Birth>().Select(fact => fact.Fact)
        .OfType<BirthFact.Born>().Select(born => born.Certificate);

    private static Recording Record(RunOptions options)
    {
        var recording = new Recording();
        WorldTwist? twist = options.Seed == Rekeyed ? new WorldTwist(KeyChangeHours: 30) : null;
        using var simulation = new FleetSimulation(options, twist, recording);
        _ = simulation.Play();
        return recording;
    }

    private static void CrashEverywhere<TInput, TFact, TEffect>(
        List<RecordedStep> steps,
        Func<IMachine<TInput, TFact, TEffect>> build,
        TInput restarted,
        Func<TEffect, bool> mustBeRepeated)
        where TInput : class, IShaped<TInput>
        where TFact : class, IShaped<TFact>
        where TEffect : class, IShaped<TEffect>
    {
        byte[] calm = Live(build(), steps, 0);
        var journal = new Journal<TFact>();
        int durable = 0;

        // Every step at the beginning of a life, then ever fewer: the whole life is led again for each cut.
        int stride = Math.Max(1, steps.Count / 60);
        for (int at = 0; at < steps.Count; at += at < 10 ? 1 : stride)
        {
            // Before the facts of the step, and after them. Cut after some of its effects, a machine is
            // rebuilt from the same bytes at the same time, and less is lost: whatever is so when all
            // effects are lost is so then.
            RecordedStep step = steps[at];
            foreach (bool isDurable in (bool[])[false, true])
            {
                for (; durable < at + (isDurable ? 1 : 0); durable++)
                {
                    foreach (object fact in steps[durable].Facts)
                    {
                        journal.Append((TFact)fact);
                    }
                }

                IMachine<TInput, TFact, TEffect> machine = build();
                journal.Restore(machine);
                var outbox = new Outbox<TFact, TEffect>();
                machine.Step(step.Now, restarted, outbox);
                Assert.Empty(outbox.Facts); // A crash is no occasion to decide anything.
                if (isDurable)
                {
                    foreach (TEffect lost in step.Effects.Cast<TEffect>().Where(mustBeRepeated))
                    {
                        Assert.Contains(Text(lost), outbox.Effects.Select(Text));
                    }
                }

                byte[] after = Live(machine, steps, durable);
                Assert.True(calm.AsSpan().SequenceEqual(after),
                    $"differs after a crash {(isDurable ? "after" : "before")} the facts of step {at}");
            }
        }
    }

    private static byte[] Live<TInput, TFact, TEffect>(
        IMachine<TInput, TFact, TEffect> machine, List<RecordedStep> steps, int from)
        where TInput : class, IShaped<TInput>
        where TFact : class, IShaped<TFact>
        where TEffect : class, IShaped<TEffect>
    {
        var outbox = new Outbox<TFact, TEffect>();
        for (int at = from; at < steps.Count; at++)
        {
            RecordedStep step = steps[at];
            outbox.Clear();
            machine.Step(step.Now, (TInput)step.Input, outbox);
            if (step.Facts.Length != outbox.Facts.Count || step.Effects.Length != outbox.Effects.Count)
            {
                Assert.Fail($"other facts or effects in step {at}, led again from step {from}");
            }
        }

        return MachineMemory.SnapshotOf((IShapedState)machine);
    }

    private static string Text<T>(T record)
        where T : class, IShaped<T>
    {
        var buffer = new ByteBuffer();
        TraceText.Append(buffer, record);
        return System.Text.Encoding.ASCII.GetString(buffer.Written);
    }
}
