using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using CsCheck;
using Hanse.Core.Estimate;
using Hanse.Core.Hub;
using Hanse.Core.Identity;
using Hanse.Core.Intake;
using Hanse.Core.Links;
using Hanse.Core.Machine;
using Hanse.Core.Market;
using Hanse.Core.Messages;
using Hanse.Core.Reconcile;
using Hanse.Core.Time;
using Hanse.Core.Units;
using Hanse.Core.Wire;
using Hanse.IO.Tests.Wire.Independent;
using Hanse.IO.Wire;
using Xunit;

namespace Hanse.IO.Tests.Wire;

/// <summary>Frames that are valid and yet nonsense, before a hub at work.</summary>
/// <remarks>
/// The decoder vouches for the form of a frame and not for its sense. So everything that may be decoded is
/// fed to a hub, from parties it knows and parties it does not, in any order, early, late and twice.
/// HANSE_SEED and HANSE_FRESH_SEED as in <see cref="HostileInputTests"/>.
/// </remarks>
public sealed class HostileFramesAtHubTests
{
    private const int Hubs = 60;
    private const int Steps = 250;

    private static readonly WorkKind[] _kinds = Enum.GetValues<WorkKind>();

    private static readonly Party _hub = Party.Of(new RegionId(4));

    private static readonly HubSpec _spec = new()
    {
        Region = new RegionId(4),
        PublicKey = new byte[32],
        Core = default,
        Depots = [new DepotId(1), new DepotId(2)],
        NodeContacts = new ContactRule(
            TimeSpan.FromHours(6), TimeSpan.FromHours(6), 1_000, TimeSpan.FromSeconds(2)),
        NeighbourContacts = new ContactRule(
            TimeSpan.FromHours(6), TimeSpan.FromHours(6), 1_000, TimeSpan.FromMinutes(9)),
        NeighbourDepots = [new DepotId(3)],
        AdoptionGrace = TimeSpan.FromDays(1),
        StrategyContacts = new ContactPlan
        {
            Phase = Instant.Epoch,
            Period = TimeSpan.FromDays(1),
            Length = TimeSpan.FromHours(20),
            BytesPerSecond = 1_000,
            LightTime = TimeSpan.FromMinutes(8),
        },
        RosterMax = 3,
        Intake = new IntakeRules
        {
            ValidationShare = PartsPerMillion.FromPercent(1),
            BurstMax = TimeSpan.FromMinutes(1),
            QueueMax = 2,
            AdmittedMax = 1,
            UploadBytesMax = 1 << 23,
            ValueAtRiskMax = Credits.FromWhole(10),
            AgeingPerDay = Credits.FromWhole(1),
            SilenceMax = TimeSpan.FromDays(1),
        },
        ValidationCost = ValidationCost.Measured,
        Returns = new ReturnRules
        {
            BlocksMax = 100,
            SegmentsMax = 1,
            ResendsMax = 1,
            UploadTime = TimeSpan.FromDays(1),
            AuditTime = TimeSpan.FromDays(1),
            AuditUnit = AuditUnit.Block,
            ClockErrorMax = TimeSpan.FromSeconds(10),
            ClockStepsMax = 1,
            Resources = [.. Enumerable.Repeat(new ResourceRule(1_000_000, 1_000, default, default), 4)],
            Rates = [],
            Channels = [],
            ReadingFaultsMax = default,
            ReadingFaultsMin = 1,
            Calibration = CalibrationRules.Measured,
            Unproven = new TrustRule(PartsPerMillion.FromPercent(5), PartsPerMillion.FromPercent(1), 1_000),
            Proven = new TrustRule(PartsPerMillion.FromPercent(5), PartsPerMillion.FromPercent(1), 1_000),
            ReturnsToProve = 1,
            HighStake = Credits.FromWhole(1),
        },
        Approvals = [],
        ScaleSigma = new PartsPerMillion(1_000),
        Faces = (3, 1),
        Rules = new MissionRules
        {
            ArePricedFaces = true,
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
            MilestoneWindows = 2,
            ExtensionMax = TimeSpan.FromDays(1),
            BondShare = PartsPerMillion.FromPercent(1),
            Work = new WorkRules
            {
                SurveyTime = TimeSpan.FromHours(1),
                SurveySigma = PartsPerMillion.FromPercent(90),
                SurveyHeldShare = PartsPerMillion.FromPercent(50),
                SurveyHold = TimeSpan.FromHours(5),
                RepairTime = TimeSpan.FromHours(2),
                RepairSpares = new Grams(500),
                RepairRelief = PartsPerMillion.FromPercent(20),
                RepairConsent = TimeSpan.FromDays(4),
                RepairHold = TimeSpan.FromDays(1),
            },
        },
    };

    private readonly ITestOutputHelper _output;

    public HostileFramesAtHubTests(ITestOutputHelper output) => _output = output;

    [Fact]
    public void No_valid_frame_breaks_a_hub_and_a_refused_frame_changes_nothing()
    {
        ulong seed = HostileInputTests.Seed();
        _output.WriteLine($"HANSE_SEED={seed}");
        var random = new PCG(2, seed);
        Frame[] frames =
            [.. Enumerable.Range(0, 1_000).Select(_ => Samples.Frames.Generate(random, null, out Size _))];
        var mutator = new Mutator(random, frames.Select(frame => FrameCodec.Encode(Near(random, frame))));
        var seen = new Dictionary<string, int>();
        for (int hub = 0; hub < Hubs; hub++)
        {
            var trial = new Trial(random, seen);
            for (int step = 0; step < Steps; step++)
            {
                try
                {
                    trial.Step(mutator);
                }
                catch (Exception thrown)
                {
                    throw new InvalidOperationException(
                        $"HANSE_SEED={seed}, hub {hub}, step {step}: {trial.Last}", thrown);
                }
            }
        }

        foreach ((string what, int count) in seen.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            _output.WriteLine($"{count,6} {what}");
        }

        // Else the hub hardly came to work.
        Assert.True(seen.ContainsKey("fact Awarded") && seen.ContainsKey("fact Delivered"));
    }

    // Addresses that are sometimes the right ones, and sequences that a link may be waiting for.
    private static Frame Near(PCG random, Frame frame)
    {
        Party from = random.Next(3) switch
        {
            0 => Party.Strategy,
            1 => Party.Of(new NodeId(random.Next(5))),
            _ => frame.From,
        };
        ulong floor = 1 + random.Next(3);
        return frame with
        {
            From = from,
            To = random.Next(8) == 0 ? frame.To : _hub,
            Floor = floor,
            AckThrough = random.Next(4),
            AckBeyond = [],
            Envelopes =
            [
                .. frame.Envelopes.Select(
                    (envelope, i) => envelope with { Sequence = random.Next(2) * (floor + (ulong)i) }),
            ],
        };
    }

    private sealed class Trial
    {
        private static readonly IndependentDecoder _independent = new(ProtocolFolder.Path);

        private static readonly byte[] _accepted =
            CborWriter.Bytes(AcceptedState.Enrolled(new byte[32], [0, 0, 0, 0]));

        private readonly RegionalHub _machine = new(_spec);
        private readonly Outbox<HubFact, HubEffect> _outbox = new();
        private readonly PCG _random;
        private readonly Dictionary<string, int> _seen;
        private Instant _now;

        internal Trial(PCG random, Dictionary<string, int> seen)
        {
            _random = random;
            _seen = seen;
            Take(new HubInput.Woken());

            // A hub at work: chartered, with a bounty on its market and a node on its roster.
            Plan idle = new(1, default, default, []);
            Take(new HubInput.FrameArrived(new Frame(Party.Strategy, _hub, false, 1, 0, [], [
                new Envelope(1, new Charter(new Epoch(1), new TransferId(1), Credits.FromWhole(100))),
                new Envelope(2, new BountyPosted(
                    new Bounty(
                        new BountyId(1),
                        Commodity.Nickel,
                        new DepotId(1),
                        Grams.FromTonnes(100),
                        Grams.FromTonnes(10),
                        Credits.FromWhole(5),
                        Samples.At(5_000_000)),
                    new TransferId(2)))])));
            Take(new HubInput.FrameArrived(new Frame(Party.Of(new NodeId(1)), _hub, true, 1, 0, [], [
                new Envelope(1, new Enrol(new byte[32], 1, 1, Grams.FromTonnes(40), idle))])));
        }

        internal string Last { get; private set; } = "";

        internal void Step(Mutator mutator)
        {
            _now += _random.Next(4) == 0 ? TimeSpan.FromSeconds(_random.Next(40_000)) : TimeSpan.Zero;
            (string name, byte[] bytes) =
                _random.Next(2) == 0 ? mutator.Next() : ("plausible", FrameCodec.Encode(Plausible()));
            if (!FrameCodec.TryDecode(bytes, out Frame? frame, out _))
            {
                return;
            }

            if (_random.Next(8) == 0)
            {
                Take(Docking());
            }

            // What is due is done first, and what became due by that: a batch may award what has lapsed
            // already.
            for (int wakes = 0; wakes == 0 || _outbox.Facts.Count > 0; wakes++)
            {
                Assert.InRange(wakes, 0, 3);
                Take(new HubInput.Woken());
            }

            byte[] before = Snapshot(_machine);
            Take(new HubInput.FrameArrived(frame));
            Last = $"{name}: {Text.Of(frame)}";
            byte[] after = Snapshot(_machine);
            Last += $"; facts: {string.Join(' ', _outbox.Facts.Select(Text.Of))}";
            bool isRefused = _outbox.Effects.Any(effect => effect is HubEffect.Refuse { Kind: 0 });
            if (isRefused || _outbox.Facts.Count == 0)
            {
                Assert.Equal(before, after);
            }

            if (_random.Next(16) == 0)
            {
                Assert.Equal(after, Snapshot(Restored(after)));
            }
        }

        // What the hub might hear at this moment, more or less: few identities, so that they meet.
        private Frame Plausible()
        {
            bool isNode = _random.Next(3) > 0;
            Party from = isNode ? Party.Of(new NodeId(1 + _random.Next(4))) : Party.Strategy;
            Message message = isNode ? OfNode() : OfStrategy();
            return new Frame(from, _hub, true, 1, _random.Next(20), [], [new Envelope(0, message)]);
        }

        private Message OfNode()
        {
            ContractId contract = ContractId.After(new RegionId(3 + _random.Next(2)), _random.Next(5));
            var epoch = new Epoch(_random.Next(3));
            var cargo = new Track(Variable.Cargo, [new Knot(Seconds(), 9)]);
            Plan plan = new(_random.Next(5), contract, Seconds(), [cargo]);
            var terms = new ContractTerms(
                contract, epoch, new BountyId(1 + _random.Next(3)), new Grams(1 + Border(Grams.ValueMax - 1)),
                new Credits(Border(Credits.MicroMax)), Seconds());
            switch (_random.Next(23))
            {
                case 6:
                    return new Arrived(epoch, plan, _random.Next(2) == 0 ? null : terms);
                case 0:
                    return new Enrol(new byte[32], 1, 1, Grams.FromTonnes(40), plan);
                case 1:
                    return new AwardAccepted(contract, epoch, Milestones(), plan);
                case 7:
                    return new ExtensionAsked(contract, epoch, Seconds());
                case 8:
                    return new PlanRevised(plan);
                case 9:
                    return new CancelAnswered(contract, epoch, (CancelAnswer)(1 + _random.Next(4)));
                case 10:
                    return new SurveyTold(contract, epoch, new Finding(
                        new SiteId(_random.Next(3)), Commodity.Nickel,
                        new PartsPerMillion((int)_random.Next(1_000_001)),
                        new PartsPerMillion(1 + (int)_random.Next(1_000_000))));
                case 11:
                    return new HelpAsked(
                        1 + _random.Next(3), (FaultClass)(1 + _random.Next(4)),
                        new DepotId(1 + _random.Next(3)), new SiteId(_random.Next(3)), Commodity.Nickel,
                        new Grams(1 + Border(1_000)), new PartsPerMillion((int)_random.Next(1_000_001)),
                        new Credits(Border(Credits.MicroMax)), Seconds());
                case 12:
                    return new HelpEnded(
                        1 + _random.Next(3), (HelpOutcome)(1 + _random.Next(4)), contract);
                case 13:
                    return new Mended(
                        contract, epoch, new PartsPerMillion((int)_random.Next(1_000_001)),
                        new PartsPerMillion((int)_random.Next(1_000_001)));
                case 14:
                    return new RepairTold(contract, epoch);
                case 15:
                    return new SiteVisits(default, [Visit(1), Visit(2 + _random.Next(3))]);
                case 16:
                    return new SiteVisits(contract, [Visit(1 + _random.Next(3))]);
                case 19:
                    return new SkillReport(
                        1 + _random.Next(3), Seconds(), (SkillState)(1 + _random.Next(7)),
                        (SkillReason)_random.Next(13), Seconds(), (int)_random.Next(50));
                case 21:
                    return new BirthAsked(
                        1 + _random.Next(3), (int)_random.Next(3), (int)_random.Next(3),
                        1 + _random.Next(16));
                case 20:
                    return new SkillBytesAsked(new byte[32], (int)_random.Next(4_000));
                case 2:
                    return new ContractReleased(contract, epoch, ReleaseReason.Unable);
                case 3:
                    return new DeviationReport(
                        _random.Next(5), [new Deviation(Variable.Cargo, Seconds(), 77)]);
                default:
                    uint behind = _random.Next(8) == 0 ? 1U : 0U;
                    var cycle = new CycleNumber(_machine.Market.Cycle.Value - behind);
                    return new BidSheet(cycle, NoBidReason.None, [.. Enumerable.Range(1, 3).Select(Offer)]);
            }
        }

        // In no order, and never mind when.
        private ImmutableArray<Milestone> Milestones() =>
        [
            .. Enumerable.Range(1, (int)_random.Next(5)).Select(_ =>
                new Milestone((ContractStage)(1 + _random.Next(4)), Seconds())),
        ];

        private SiteVisit Visit(uint bounty) => new(
            new BountyId(bounty), new SiteId(1 + _random.Next(4)), Seconds(),
            TimeSpan.FromSeconds(1 + _random.Next(5_184_000)));

        private Bid Offer(int bounty) => new(
            _random.Next(3) == 0
                ? BountyId.Help(new NodeId(1 + _random.Next(4)), 1 + _random.Next(3))
                : new BountyId((ulong)bounty),
            NoBidReason.None,
            [
                .. Enumerable.Range(0, 1 + (int)_random.Next(Bid.StepsMax))
                    .Select(_ => new BidStep(
                        new Grams(1 + Border(Grams.ValueMax - 1)),
                        new Credits(Border(Credits.MicroMax)),
                        Seconds(),
                        TimeSpan.FromMilliseconds(Border(315_360_000_000))))
                    .DistinctBy(step => step.Quantity)
                    .OrderBy(step => step.Quantity),
            ]);

        // One transfer a bounty: a strategic layer that pays twice for one is not what is tried here.
        private Message OfStrategy()
        {
            var transfer = new TransferId(1 + _random.Next(60));
            var bounty = new BountyId(1 + _random.Next(3));
            var node = new NodeId(1 + _random.Next(4));
            switch (_random.Next(13))
            {
                case 3:
                    return new NodeRecalled(node, new RegionId(3 + _random.Next(3)));
                case 4:
                    return new NodeAssigned(
                        node, new Epoch(_random.Next(4)), 1, 1, _random.Next(4) == 0 ? [1] : _accepted,
                        new TransferId(100 + _random.Next(9)), new Credits(Border(Credits.MicroMax / 9)),
                        null);
                case 5:
                    return new BountyAssigned(
                        new Bounty(
                            bounty, Commodity.Nickel, new DepotId(3), new Grams(10_000), new Grams(100),
                            new Credits(_random.Next(100)), Seconds()),
                        new Grams(_random.Next(10_000)), new Credits(_random.Next(9_000)),
                        new Epoch(_random.Next(20)), new TransferId(200 + _random.Next(9)));
                case 6:
                    return new CargoTold(
                        node,
                        new ContractTerms(
                            ContractId.After(new RegionId(3), _random.Next(5)), new Epoch(_random.Next(3)),
                            bounty, new Grams(1 + Border(Grams.ValueMax - 1)),
                            new Credits(Border(Credits.MicroMax)),
                            Seconds()),
                        Commodity.Nickel,
                        new Grams(Border(Grams.ValueMax)));
                case 12:
                    return new RolloutTold(
                        1 + _random.Next(3), 1 + _random.Next(9), Seconds(),
                        (SkillFunction)(1 + _random.Next(3)), 1,
                        new byte[32], 100, TimeSpan.FromDays(_random.Next(50)),
                        new PartsPerMillion(1 + (int)_random.Next(1_000_000)),
                        new SkillTrial(1, new PartsPerMillion(0), TimeSpan.Zero, TimeSpan.FromHours(1)),
                        [
                            new RolloutClass(
                                1, (uint)Border(uint.MaxValue), (ClassState)(1 + _random.Next(4))),
                        ]);
                case 7:
                    return new BountyReduced(
                        bounty, new Grams(_random.Next(3) == 0 ? 0 : Border(Grams.ValueMax)));
                case 0:
                    return new Charter(
                        new Epoch(_random.Next(4)), transfer, new Credits(Border(Credits.MicroMax)));
                case 1:
                case 2 when _machine.Market.Bounties.ContainsKey(bounty):
                    return new CreditsReceived(transfer);
                default:
                    long lot = 1 + Border(Grams.ValueMax - 1);
                    long total = 1 + Border(Grams.ValueMax - 1);
                    return new BountyPosted(
                        new Bounty(
                            bounty,
                            Commodity.Nickel,
                            new DepotId(1 + _random.Next(3)),
                            new Grams(total),
                            new Grams(Math.Max(lot, (total + Bounty.LotsMax - 1) / Bounty.LotsMax)),
                            new Credits(Border(Credits.MicroMax / Bounty.LotsMax)),
                            Seconds())
                        {
                            Kind = _random.Next(4) > 0 ? WorkKind.Deliver
                                : _kinds[_random.Next((uint)_kinds.Length)],
                            Site = new SiteId(_random.Next(3)),
                            Backup = new Grams(_random.Next(3) > 0 ? 0 : total / 3),
                            Joint = _random.Next(3) > 0
                                ? default : new JointWork(1 + _random.Next(3), 2 + (int)_random.Next(2)),
                            From = new DepotId(_random.Next(8) == 0 ? _random.Next(3) : 0),
                        },
                        transfer);
            }
        }

        // Now and then with what it holds, where that is wanted: else next to nothing would be delivered.
        private HubInput.Docked Docking()
        {
            var node = new NodeId(1 + _random.Next(4));
            Contract? held = _random.Next(2) == 0 ? _machine.Market.HeldBy(node) : null;
            return new HubInput.Docked(
                held is null ? new DepotId(1 + _random.Next(3))
                    : _machine.Market.Bounties[held.Winner.Bounty].Bounty.Depot,
                node,
                1 + _random.Next(20),
                held?.Id ?? ContractId.After(_spec.Region, _random.Next(5)),
                held?.Epoch ?? new Epoch(_random.Next(3)),
                (Commodity)(1 + _random.Next(2)),
                new Grams(Border(Grams.ValueMax)),
                new Grams(Border(Grams.ValueMax)),
                new PartsPerMillion((int)Border(1_000_000)),
                Seconds());
        }

        private long Border(long max) => _random.Next(6) switch
        {
            0 => max,
            1 => 0,
            2 => max / 1_000_000,
            3 => 1,
            4 => max / 2,
            _ => _random.Next(1_000) * (max / 1_000_000_000),
        };

        // Soon, or at the end of time.
        private Instant Seconds() => _random.Next(8) == 0
            ? Samples.At(10_000_000_000)
            : (_now + TimeSpan.FromSeconds(_random.Next(4_000_000))).FloorSecond;

        private void Take(HubInput input)
        {
            Last = Text.Of(input);
            _outbox.Clear();
            _machine.Step(_now, input, _outbox);
            foreach (HubFact fact in _outbox.Facts)
            {
                object what = fact is HubFact.Market(var market) ? market : fact;
                Count($"fact {what.GetType().Name}");
            }

            foreach (HubEffect effect in _outbox.Effects)
            {
                Count(effect is HubEffect.Refuse refused
                    ? $"refused {refused.Reason}"
                    : $"effect {effect.GetType().Name}");
                if (effect is HubEffect.Transmit(var sent))
                {
                    Assert.Null(_independent.Refusal(FrameCodec.Encode(sent)));
                }
            }
        }

        private void Count(string what) => _seen[what] = _seen.GetValueOrDefault(what) + 1;

        private static RegionalHub Restored(byte[] snapshot)
        {
            var hub = new RegionalHub(_spec);
            var reader = new CborReader(snapshot);
            hub.Shape(ref reader);
            Assert.Null(reader.Error);
            Assert.True(reader.IsAtEnd);
            return hub;
        }

        private static byte[] Snapshot(RegionalHub hub)
        {
            var buffer = new ByteBuffer();
            var writer = new CborWriter(buffer);
            hub.Shape(ref writer);
            return buffer.Written.ToArray();
        }
    }
}
